"""Words that several commands share: of their options, and of their answer when there is none."""

from __future__ import annotations

from bot.dates import PartialDate
from bot.discord_app.cards import Card, note
from bot.discord_app.markup import escape_within
from bot.newsdesk import Newsdesk
from bot.search.query import Query

QUERY_DESCRIBED = 'Words, "an exact phrase", -word to leave out; also source:, speaker:, since:, until:'
LIMITS_DESCRIBED = {
    "source": "Only from this outlet",
    "speaker": "Only what this person says; part of the name will do",
    "since": "Not before this date: 2025, 2025-05, 12 May 2025, March, last week, 10 days ago",
    "until": "Not after this date; until last week ends with its Sunday",
}
PUBLIC_DESCRIBED = "Show the answer to everyone in the channel"

_QUERY_CHARS, _LIMIT_CHARS = 120, 60


async def nothing_found(newsdesk: Newsdesk, library: int, asked: Query) -> Card:
    """No result: say why, and what would have one."""
    if not (await newsdesk.counts(library)).articles:
        return note("The library is empty. An admin can add articles with `/article add` or `/article upload`.")
    if not asked.terms and not asked.by_chance:
        return note(nothing_to_look_for(asked))
    nearest = await newsdesk.suggest(library, asked) if asked.terms else []
    what = "Nothing to quote" if asked.by_chance else f"Nothing in the library matches {_typed(asked)}"
    within = f" within those limits: {_limits(asked)}" if asked.has_limits else ""
    return note(" ".join([f"{what}{within}.", *_ways_out(asked, nearest)]))


def nothing_to_look_for(asked: Query) -> str:
    """Why a query without a word to look for finds nothing."""
    nothing = f"There is nothing to look for in {_typed(asked)}"
    if asked.excluded and not asked.sought:
        return f"{nothing}: it only says what to leave out. Add a word to look for, as in `peace -talks`."
    return f"{nothing}: its words are too common, or none. Add a name or a rarer word."


def _ways_out(asked: Query, nearest: list[str]) -> list[str]:
    """What may bring a result, a sentence each."""
    ways = []
    if asked.has_limits:
        ways.append("Widen the limits or leave one out.")
    if asked.phrases:
        ways.append("What is in quotation marks must occur word for word: without them, its words are looked for.")
    if asked.excluded:
        ways.append("Try without the words that have a minus.")
    if nearest:
        ways.append(f"The nearest words in it: {', '.join(f'**{escape_within(word, 40)}**' for word in nearest)}.")
    return ways or ["Try other words, or `/quote` without any for a quote by chance."]


def _typed(asked: Query) -> str:
    return f"“{escape_within(asked.text, _QUERY_CHARS)}”"


def _limits(asked: Query) -> str:
    names = {"source": asked.source, "speaker": asked.speaker}
    days = {"since": asked.since, "until": asked.until}
    return ", ".join(
        [
            *(f"{limit} “{escape_within(name, _LIMIT_CHARS)}”" for limit, name in names.items() if name),
            *(f"{limit} {PartialDate.of(day).written}" for limit, day in days.items() if day),
        ]
    )
