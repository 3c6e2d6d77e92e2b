"""From the archive: an article for a day on which nothing came in.

days of a library's articles -> **archive** -> digests. What was published on the same day of an earlier year comes
first, then of an earlier month; on other days it is the next article in turn. It is the same all day, and another than
on the day before, as long as nothing comes in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

Dated = tuple[int, date | None]
"""An article's row id, and the day it was published where that is known."""
Pick = tuple[int, str]
"""An article's row id, and why it was picked."""

_LOOKED_BACK: Final = 30  # days: whether yesterday's pick gave way to that of the day before
_DAY = timedelta(days=1)


def pick(articles: Sequence[Dated], day: date) -> Pick | None:
    """The article for ``day`` (as whoever reads it counts days); ``articles`` in a lasting order. None without any."""
    if not articles:
        return None
    dated: defaultdict[int, list[tuple[int, date]]] = defaultdict(list)
    for id_, published in articles:
        if published is not None:
            dated[published.day].append((id_, published))
    chosen: Pick | None = None
    for back in range(_LOOKED_BACK, -1, -1):
        choices = list(_choices(articles, dated, day - back * _DAY))
        chosen = next((choice for choice in choices if chosen is None or choice[0] != chosen[0]), choices[0])
    return chosen


def _choices(articles: Sequence[Dated], dated: Mapping[int, Sequence[tuple[int, date]]], day: date) -> Iterator[Pick]:
    """What may be picked for a day, best first; of several that are as good, each year another comes first."""
    earlier = [(id_, then) for id_, then in dated.get(day.day, ()) if (then.year, then.month) < (day.year, day.month)]
    for same in (_years_ago(earlier, day), _months_ago(earlier, day)):
        yield from (same[(day.year + number) % len(same)] for number in range(len(same)))
    many, turn = len(articles), day.toordinal()
    for place in (turn, turn + (many + 1) // 2):  # the second is far from tomorrow's first
        yield articles[place % many][0], f"today's pick of {_count(many, 'article')}"


def _years_ago(earlier: Sequence[tuple[int, date]], day: date) -> list[Pick]:
    years = [(day.year - then.year, id_) for id_, then in earlier if then.month == day.month]
    return [(id_, f"published on this day {_count(ago, 'year')} ago") for ago, id_ in years]


def _months_ago(earlier: Sequence[tuple[int, date]], day: date) -> list[Pick]:
    """Those of the latest earlier month that has any."""
    months = [(12 * (day.year - then.year) + day.month - then.month, id_) for id_, then in earlier]
    last = min((ago for ago, _ in months), default=0)
    return [(id_, f"published {_count(last, 'month')} ago to the day") for ago, id_ in months if ago == last]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + "s" * (number != 1)
