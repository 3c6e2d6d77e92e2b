"""Inflow: what came into a library when, from which outlets, and who added it.

articles of a period -> **inflow** -> digests, and from there a chart. An article counts on the day it was added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from bot.model import SHARED, Article, Contribution, Inflow

MOST_OUTLETS: Final = 4
"""Told apart in a chart; the rest is one more."""
OTHERS: Final = "others"
_UNKNOWN = "no outlet"
_MOST_DAYS, _MOST_MONTHS = 31, 24  # side by side, to be read on a phone
_FEWEST_DAYS = 3
_FEWEST_COLUMNS = 2  # with articles: one alone says no more than a number
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days as whoever asks counts them: ``today`` began at ``day_start``, the period (None: it has no beginning) at
    ``since``.
    """

    today: date
    day_start: datetime
    since: datetime | None = None

    def day_of(self, when: datetime) -> date:
        """The local day of a moment, for who asks."""
        return self.today + (when - self.day_start) // _DAY * _DAY


def contributions(articles: Iterable[Article]) -> tuple[Contribution, ...]:
    """Who added how many: people first, who added most first. Nobody is named for the shared library."""
    counts = Counter((None if one.library == SHARED else one.added_by, one.library == SHARED) for one in articles)
    made = (Contribution(user_id, is_shared, count) for (user_id, is_shared), count in counts.items())
    return tuple(sorted(made, key=lambda one: (one.user_id is None, -one.articles, one.user_id or 0, one.is_shared)))


def inflow(articles: Sequence[Article], calendar: Calendar) -> Inflow | None:
    """How many came in a day, a month or a year, by outlet; None where a chart would say no more than the total."""
    outlets = _outlets(articles)
    days = Counter((calendar.day_of(one.added_at), outlets[_key(one)]) for one in articles)
    names = Counter(outlets[_key(one)] for one in articles)
    if not days or len(names) < 2:
        return None
    first = calendar.day_of(calendar.since) if calendar.since else min(day for day, _ in days)
    last = max(calendar.today, *(day for day, _ in days))
    if (last - first).days + 1 < _FEWEST_DAYS:
        return None
    unit, columns, label = _columns(first, last)
    shown = sorted(names, key=lambda name: (-names[name], name))
    kept = shown if len(shown) <= MOST_OUTLETS + 1 else shown[:MOST_OUTLETS]
    counts: Counter[tuple[str, str]] = Counter()
    for (day, name), count in days.items():
        counts[label(day), name if name in kept else OTHERS] += count
    if len({column for column, _ in counts}) < _FEWEST_COLUMNS:
        return None
    told = (*kept, OTHERS) if len(kept) < len(shown) else tuple(kept)
    return Inflow(unit, told, tuple((column, tuple(counts[column, name] for name in told)) for column in columns))


def _key(article: Article) -> str:
    return " ".join((article.outlet or "").split()).casefold()


def _outlets(articles: Iterable[Article]) -> dict[str, str]:
    """Each outlet, case aside, as it is written most often."""
    written = Counter(" ".join((one.outlet or "").split()) for one in articles)
    names: dict[str, str] = {}
    for name in sorted(written, key=lambda name: (-written[name], name)):
        names.setdefault(name.casefold(), name or _UNKNOWN)
    return names


def _columns(first: date, last: date) -> tuple[str, list[str], Callable[[date], str]]:
    """The unit of time, the labels of all its columns in order, and the label of a day."""
    every = [first + _DAY * number for number in range((last - first).days + 1)]
    if len(every) <= _MOST_DAYS:
        unit, label = "day", _day
    elif (last.year - first.year) * 12 + last.month - first.month < _MOST_MONTHS:
        unit, label = "month", _month
    else:
        unit, label = "year", _year
    return unit, list(dict.fromkeys(map(label, every))), label


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _month(day: date) -> str:
    return f"{day:%b %Y}"


def _year(day: date) -> str:
    return str(day.year)
