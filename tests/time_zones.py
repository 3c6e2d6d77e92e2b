"""Time zones as clocks go in them: those that do not differ in a stretch of time stand for each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from bot.discord_app.times import zones

_DAY, _HALF_HOUR = timedelta(days=1), timedelta(minutes=30)


@cache
def unlike(since: datetime, days: int) -> dict[str, tuple[datetime, ...]]:
    """One zone of all whose clocks show the same throughout the ``days`` after ``since``, and when they are changed.

    No zone changes its clocks but on a half hour, nor twice in 24 hours. For what goes by local time alone, and does
    not look beyond those days, the zones that are left out are the same zones under other names.
    """
    found: dict[object, tuple[str, tuple[datetime, ...]]] = {}
    for name in zones():
        zone = ZoneInfo(name)
        changes = tuple(_changes(zone, since, days))
        shown = tuple(moment.astimezone(zone).utcoffset() for moment in (since, *changes))
        found.setdefault((shown, changes), (name, changes))
    return dict(found.values())


def _changes(zone: ZoneInfo, since: datetime, days: int) -> Iterator[datetime]:
    """The instants from which clocks show another time than in the half hour before."""
    before = since.astimezone(zone).utcoffset()
    for number in range(days):
        day = since + number * _DAY
        after = (day + _DAY).astimezone(zone).utcoffset()
        if after != before:
            halves = (day + number * _HALF_HOUR for number in range(1, 49))
            yield next(half for half in halves if half.astimezone(zone).utcoffset() == after)
        before = after
