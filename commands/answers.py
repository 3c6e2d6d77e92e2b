"""Words that several commands share: of their options, and of their answer when there is none."""

from __future__ import annotations

from bot.discord_app.cards import Card, note
from bot.discord_app.markup import escape_within
from bot.newsdesk import Newsdesk
from bot.search.query import Query

LIMITS_DESCRIBED = {
    "source": "Only from this outlet",
    "since": "Not before this date: 2025, 2025-05, 2025-05-12, last week",
    "until": "Not after this date",
}
PUBLIC_DESCRIBED = "Show the answer to everyone in the channel"


async def nothing_found(newsdesk: Newsdesk, library: int, asked: Query) -> Card:
    """No result: say why, and what would have one."""
    if not (await newsdesk.counts(library)).articles:
        return note("The library is empty. An admin can add articles with `/article add` or `/article upload`.")
    what = f"Nothing in the library matches “{escape_within(asked.text, 120)}”" if asked.text else "Nothing to quote"
    if asked.has_limits:
        return note(f"{what} within those limits. Try without `source`, `since` or `until`.")
    if asked.text and not asked.terms:
        return note(f"{what}: its words are too common, or none. Add a name or a rarer word.")
    nearest = await newsdesk.suggest(library, asked)
    if nearest:
        words = ", ".join(f"**{escape_within(word, 40)}**" for word in nearest)
        return note(f"{what}. The nearest words in it: {words}.")
    return note(f"{what}. Try other words, or `/quote` without any for a quote by chance.")
