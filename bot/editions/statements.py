"""What one person said, in time order: near-repeats folded, with the first and the latest day and how much when.

statements of a person, newest first -> `Record` -> card, lines in a terminal
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from bot.editions.repeats import grouped
from bot.model import Person, Statement

MOST_BARS: Final = 24
"""Months side by side that can still be read; where there are more, the bars are years."""

Bars = tuple[tuple[str, int], ...]
"""A label and a number each, in order of time."""


@dataclass(frozen=True, slots=True)
class Record:
    """What ``person`` said, newest first. ``quoted`` counts the quotations before near-repeats were folded."""

    person: Person
    statements: tuple[Statement, ...]
    quoted: int
    bars: Bars

    @property
    def first(self) -> Statement:
        """The oldest."""
        return self.statements[-1]

    @property
    def latest(self) -> Statement:
        """The newest."""
        return self.statements[0]


def record(person: Person, said: Sequence[Statement]) -> Record:
    """The record of ``said``, which is in time order, newest first."""
    return Record(person, tuple(folded(said)), len(said), bars(said))


def folded(said: Sequence[Statement]) -> list[Statement]:
    """``said`` with near-repeats as one, the fullest, at its own place; ``repeats`` are the other articles."""
    groups = grouped([one.text for one in said])
    also: dict[int, set[int]] = {}
    for place, group in enumerate(groups):
        also.setdefault(group, set()).add(said[place].article_id)
    return [
        replace(one, repeats=tuple(sorted(also[place] - {one.article_id})))
        for place, one in enumerate(said)
        if groups[place] == place
    ]


def about(said: Iterable[Statement], wanted: Sequence[Callable[[str], bool]]) -> list[Statement]:
    """The statements that satisfy all of ``wanted``; where none does, those that satisfy any."""
    satisfied = [(one, sum(is_wanted(one.text) for is_wanted in wanted)) for one in said]
    most = max((count for _, count in satisfied), default=0)
    return [one for one, count in satisfied if count and (most < len(wanted) or count == most)]


def between(said: Iterable[Statement], since: date | None, until: date | None) -> list[Statement]:
    """The statements of articles that may be of a day from ``since`` to ``until``; None: no bound."""
    return [one for one in said if (since is None or _last(one) >= since) and (until is None or _first(one) <= until)]


def bars(said: Iterable[Statement]) -> Bars:
    """How many of them are of each month up to the latest, or of each of the last years; no month known, no bar."""
    days = [one.filed for one in said if one.published is None or one.published.month]
    if not days:
        return ()
    months = Counter(day.year * 12 + day.month - 1 for day in days)
    first, last = min(months), max(months)
    if last - first < MOST_BARS:
        return tuple((date(at // 12, at % 12 + 1, 1).strftime("%b %Y"), months[at]) for at in range(first, last + 1))
    years = Counter(day.year for day in days)
    latest = max(years)
    return tuple((str(year), years[year]) for year in range(max(min(years), latest - MOST_BARS + 1), latest + 1))


def _first(one: Statement) -> date:
    return one.published.first_day if one.published else one.filed


def _last(one: Statement) -> date:
    return one.published.last_day if one.published else one.filed
