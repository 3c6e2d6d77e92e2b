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

from bot.editions.wording import counted

Dated = tuple[int, date | None]
"""An article's row id, and the day it was published where that is known."""
Pick = tuple[int, str]
"""An article's row id, and why it was picked."""

_EPOCH: Final = date(2020, 1, 1)  # no bot ran before
_DAY = timedelta(days=1)


def pick(articles: Sequence[Dated], day: date) -> Pick | None:
    """The article for ``day`` (as whoever reads it counts days); ``articles`` in a lasting order. None without any.

    It is the best choice of the day, or the second where that was the pick of the day before: which is looked up as far
    back as it matters, in a library of any size a day or two.
    """
    if not articles:
        return None
    dated: defaultdict[int, list[tuple[int, date]]] = defaultdict(list)
    for id_, published in articles:
        if published is not None:
            dated[published.day].append((id_, published))
    chain = [_two(articles, dated, day)]
    while len(chain[-1]) == 2 and day > _EPOCH:
        day -= _DAY
        before = _two(articles, dated, day)
        if chain[-1][0][0] not in dict(before):
            break
        chain.append(before)
    chosen = chain.pop()[0]
    for first, second in reversed(chain):
        chosen = second if first[0] == chosen[0] else first
    return chosen


def _two(articles: Sequence[Dated], dated: Mapping[int, Sequence[tuple[int, date]]], day: date) -> list[Pick]:
    """The two best choices of a day, or the one there is."""
    distinct: dict[int, str] = {}
    for id_, why in _choices(articles, dated, day):
        distinct.setdefault(id_, why)
        if len(distinct) == 2:
            break
    return list(distinct.items())


def _choices(articles: Sequence[Dated], dated: Mapping[int, Sequence[tuple[int, date]]], day: date) -> Iterator[Pick]:
    """What may be picked for a day, best first; of several that are as good, each year another comes first.

    There are two different ones among them where there are two articles.
    """
    earlier = [(id_, then) for id_, then in dated.get(day.day, ()) if (then.year, then.month) < (day.year, day.month)]
    for same in (_years_ago(earlier, day), _months_ago(earlier, day)):
        yield from (same[(day.year + number) % len(same)] for number in range(len(same)))
    many, turn, tomorrow = len(articles), day.toordinal(), (day + _DAY).day
    in_turn = [articles[place % many] for place in (turn, turn + (many + 1) // 2)]  # the second is far from tomorrow's
    for id_, _ in sorted(in_turn, key=lambda one: one[1] is not None and one[1].day == tomorrow):
        yield id_, f"picked for today from {counted(many, 'article')}"


def _years_ago(earlier: Sequence[tuple[int, date]], day: date) -> list[Pick]:
    years = [(day.year - then.year, id_) for id_, then in earlier if then.month == day.month]
    return [(id_, f"published on this day {counted(ago, 'year')} ago") for ago, id_ in years]


def _months_ago(earlier: Sequence[tuple[int, date]], day: date) -> list[Pick]:
    """Those of the latest earlier month that has any."""
    months = [(12 * (day.year - then.year) + day.month - then.month, id_) for id_, then in earlier]
    last = min((ago for ago, _ in months), default=0)
    return [(id_, f"published {counted(last, 'month')} ago to the day") for ago, id_ in months if ago == last]
