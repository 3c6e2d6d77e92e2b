"""How watches and what they found look: the list, and the message that tells what came in.

notices -> `Told` -> `notice_card` -> a channel, or a person in private. In a channel nobody is named: what is shown
there is what is watched, not by whom.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.corpus import Watch
from bot.corpus.watches import Amount
from bot.discord_app import markup
from bot.discord_app.cards import Card, byline, link_text, note
from bot.discord_app.pages import article_button
from bot.editions.wording import counted
from bot.model import Article, Span

MOST_SHOWN: Final = 5
"""Passages in one message; of what is left over it says how much there is."""
_PASSAGE_CHARS, _PASSAGE_BYTES = 380, 1_200
_TITLE_CHARS = 120
_QUERY_CHARS, _REASON_CHARS, _SERVER_CHARS = 70, 100, 60
_MOST_REASONS = 3
_MOST_SEARCHES = 3


@dataclass(frozen=True, slots=True)
class Told:
    """An article with the passage that watches found in it, and the words they look for there."""

    article: Article
    span: Span
    marked: tuple[Span, ...]
    watches: tuple[Watch, ...]


def notice_card(shown: Sequence[Told], rest: Sequence[Sequence[Watch]], server: str | None) -> Card:
    """The message: at most `MOST_SHOWN` articles with a passage each, and how many there are in ``rest``.

    ``rest`` are the watches of each article that is not shown. ``server`` is the name of the server where it is told
    in private, None where it is told in a channel of it.
    """
    count = len(shown) + len(rest)
    where = f" in {markup.escape_within(server, _SERVER_CHARS)}" if server is not None else ""
    watched = "you watch for" if server is not None else "watched for here"
    card = Card().text(f"### {_count(count)} {watched} came in{where}")
    for one in shown:
        link = link_text(one.article)
        source = byline(one.article, max_chars=_TITLE_CHARS) + (f" · {link}" if link else "")
        passage = markup.excerpt(one.article.text, one.span, one.marked, _PASSAGE_CHARS, _PASSAGE_BYTES)
        card.rule().text(f"{source}\n> {passage}\n-# {_why(one.watches, private=server is not None)}")
    if rest:
        card.rule().text(_left_over(rest))
    # In private a button could not tell which server's article is meant.
    return card if server is not None else card.buttons(*(article_button(one.article) for one in shown))


def watch_line(watch: Watch) -> str:
    """What is watched and where it is told, and below it why it is not, where that is so."""
    where = "told in private" if watch.channel_id is None else f"told in <#{watch.channel_id}>"
    line = f"**{watch.number}.** {sought(watch)} · {where}"
    if watch.disabled_reason:
        reason = markup.escape_within(watch.disabled_reason, _REASON_CHARS)
        return f"{line}\n-# Stopped: {reason}. Mend that, then `/watch resume`."
    return f"{line}\n-# Paused: `/watch resume` goes on" if watch.paused_at else line


def list_card(watches: Sequence[Watch], amount: Amount | None) -> Card:
    """What somebody watches; ``amount`` is that of the whole server, for those who may know."""
    lines = [watch_line(watch) for watch in watches]
    if not lines:
        lines = ["You watch for nothing here. `/watch add` tells you when something comes in."]
    if amount is not None:
        people = "1 person" if amount.people == 1 else f"{amount.people:,} people"
        lines.append(f"-# In this server: {amount.watches:,} of {people}, seen by admins alone")
    return note("\n".join(lines), title="What you watch for")


def sought(watch: Watch) -> str:
    """What a watch looks for, as it would be typed."""
    return _as_typed(watch, _QUERY_CHARS)


def _as_typed(watch: Watch, max_chars: int) -> str:
    """In a code span, which a backtick would end; whatever else stands in one is shown as it is."""
    limits = {"speaker": watch.speaker, "source": watch.source}
    parts = [watch.query, *(f'{name}:"{value}"' for name, value in limits.items() if value)]
    typed = " ".join(" ".join(filter(None, parts)).split()).replace("`", "'")
    return f"`{typed if len(typed) <= max_chars else typed[: max_chars - 1] + '…'}`"


def _why(watches: Sequence[Watch], *, private: bool) -> str:
    named = [f"{sought(watch)} (`/watch remove {watch.number}`)" if private else sought(watch) for watch in watches]
    named = list(dict.fromkeys(named))
    more = f" and {len(named) - _MOST_REASONS} more" if len(named) > _MOST_REASONS else ""
    listed = ", ".join(named[:_MOST_REASONS]) + more
    return f"because you watch {listed}" if private else f"because {listed} is watched in this channel: `/watch list`"


def _left_over(rest: Sequence[Sequence[Watch]]) -> str:
    """How much more there is, and how to find it."""
    counts = Counter(_as_typed(watch, 200) for watches in rest for watch in watches)
    searches = [f"`/search` {typed}" for typed, _ in counts.most_common(_MOST_SEARCHES)]
    return f"-# and {len(rest):,} more: {', '.join(searches)}"


def _count(number: int) -> str:
    return "An article" if number == 1 else counted(number, "article")
