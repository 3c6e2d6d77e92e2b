"""What /privacy says: every word on what is kept comes from `bot.corpus.holdings`, which tests hold to the schema."""

from __future__ import annotations

from typing import Final

from bot.corpus import HOLDINGS, KEEP_AFTER_LEAVING, KEEP_ANSWERS, KEEP_BACKUPS
from bot.discord_app.cards import Card

_NOT_KEPT: Final = f"""\
**Not kept**
Messages and members: I read no channel, and ask Discord for no list of you. A message you pick from its menu is read \
to answer you, and what you asked is kept {KEEP_ANSWERS.days} days. No outside service gets anything."""

_WHO_AND_HOW: Final = f"""\
**Who else can see it**
No other server. The bot's host, who keeps the database and copies of it. What is deleted here stays in the backups I \
make each day until they go, after as many weeks as the host chose; the copy I keep from before an update or a restore \
goes after {KEEP_BACKUPS.days} days.

**When I am removed from a server**
Its data rests, and is deleted {KEEP_AFTER_LEAVING.days} days later; if I am back before, everything is as it was.

**To have it, or be rid of it**
`/data export` and `/data delete`: your own in this server, for everybody; the server's library, for its admins. Your \
name is then taken from what you added, too. For servers you have left, ask the bot's host."""


def privacy_card() -> Card:
    """What is stored, about whom, how long, who sees it, how to get it deleted."""
    lines = [f"• {holding.what}\n-# seen by {holding.seen_by} · kept {holding.kept}" for holding in HOLDINGS]
    card = Card().text("### What I keep\n" + "\n".join(lines))
    return card.rule().text(_NOT_KEPT).text(_WHO_AND_HOW)
