"""When a schedule is due: wall-clock arithmetic with IANA time zones, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot.errors import Refused

EVERY_DAY: Final = frozenset(range(7))
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NAMED_DAYS: Final = {
    "every day": EVERY_DAY,
    "daily": EVERY_DAY,
    "weekdays": frozenset(range(5)),
    "weekends": frozenset({5, 6}),
    "weekend": frozenset({5, 6}),
}
_DAY = timedelta(days=1)
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})\s*(am|pm)?|(\d{1,2})\s*(am|pm)", re.IGNORECASE)


def parse_time(text: str) -> time:
    """Read "08:30", "8.30", "8:30 pm" or "8 pm". Raises `Refused`."""
    if match := _TIME.fullmatch(text.strip()):
        hour, minute = int(match[1] or match[4]), int(match[2] or 0)
        half = (match[3] or match[5] or "").lower()
        if not half and hour < 24 and minute < 60:
            return time(hour, minute)
        if half and 1 <= hour <= 12 and minute < 60:
            return time(hour % 12 + (12 if half == "pm" else 0), minute)
    raise Refused(f"“{text.strip()[:20]}” is not a time of day I can read: write 08:30 or 8:30 pm.")


@cache
def zones() -> tuple[str, ...]:
    """Every IANA zone a person may choose, sorted, with UTC first."""
    regions = sorted(
        zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))
    )
    return ("UTC", *regions)


def parse_zone(text: str) -> ZoneInfo:
    """The time zone of that IANA name, whatever its case. Raises `Refused`."""
    wanted = text.strip().casefold().replace(" ", "_")
    for name in zones():
        if name.casefold() == wanted:
            return ZoneInfo(name)
    raise Refused(f"“{text.strip()[:40]}” is not a time zone I know: pick one from the list, such as Europe/Berlin.")


def parse_days(text: str) -> frozenset[int]:
    """Read "every day", "weekdays", "weekends", "Mon, Wed and Fri" or "mon-fri": Monday is 0. Raises `Refused`."""
    words = re.findall(r"[^\W\d_]+|[-–]", text.casefold())
    if " ".join(words) in _NAMED_DAYS:
        return _NAMED_DAYS[" ".join(words)]
    days: list[int] = []
    through = False
    for word in words:
        if word in ("-", "–", "to", "till", "through"):
            through = bool(days)
        elif word not in ("and", "on", "every"):
            day = _day(word, text)
            first = days[-1] + 1 if through else day
            days += [at % 7 for at in range(first, (day if day >= first else day + 7) + 1)]
            through = False
    if not days:
        raise _no_days(text)
    return frozenset(days)


def _day(word: str, text: str) -> int:
    named = [at for at, day in enumerate(DAYS) if len(word) > 1 and day.casefold().startswith(word.removesuffix("s"))]
    if len(named) != 1:
        raise _no_days(text)
    return named[0]


def _no_days(text: str) -> Refused:
    return Refused(
        f"“{text.strip()[:40]}” are not days I can read: write every day, weekdays, mon-fri or mon, wed, fri."
    )


def written_days(days: frozenset[int]) -> str:
    """The days as `parse_days` reads them: "every day", "weekdays", "Mon, Wed"."""
    named = next((name for name, these in _NAMED_DAYS.items() if these == days), None)
    return named or ", ".join(DAYS[day][:3] for day in sorted(days))


@dataclass(frozen=True, slots=True)
class Timetable:
    """``at`` in ``zone`` (an IANA name) on the ``days`` of the week (Monday is 0)."""

    at: time
    zone: str
    days: frozenset[int] = EVERY_DAY

    def due(self, day: date) -> datetime:
        """When it is due on a local date, in UTC, whatever its day of the week."""
        return instant(day, self.at, self.zone)

    def latest_due(self, now: datetime) -> tuple[date, datetime]:
        """The last local date on which it was due at or before ``now``, and that instant."""
        return next((day, due) for day, due in self._near(now, -1) if due <= now)

    def next_due(self, now: datetime) -> datetime:
        """The first instant after ``now`` at which it is due."""
        return next(due for _, due in self._near(now, 1) if due > now)

    def dues(self, after: date | None, since: datetime, now: datetime) -> list[tuple[date, datetime]]:
        """The dates after ``after`` on which it was due from ``since`` to ``now``, each with its instant, in order."""
        first = since.astimezone(_zone(self.zone)).date() - _DAY
        first = first if after is None else max(first, after + _DAY)
        last, _ = self.latest_due(now)
        days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
        return [(day, due) for day, due in self._on(days) if since <= due <= now]

    def _near(self, now: datetime, step: int) -> Iterator[tuple[date, datetime]]:
        """The due dates around ``now``, going forward or back. A due time can fall on the day after its date."""
        today = now.astimezone(_zone(self.zone)).date()
        return self._on(today + timedelta(days=step * ahead) for ahead in range(-1, 16))

    def _on(self, days: Iterable[date]) -> Iterator[tuple[date, datetime]]:
        return ((day, self.due(day)) for day in days if day.weekday() in self.days and _exists(day, self.zone))


def _exists(day: date, zone: str) -> bool:
    """Whether a local date happened: Samoa had no 30 December 2011."""
    return instant(day, time(), zone) < instant(day + _DAY, time(), zone)


def day_start(zone: str, now: datetime) -> datetime:
    """When the local day of ``now`` began in ``zone``, told in that zone."""
    return instant(now.astimezone(_zone(zone)).date(), time(), zone).astimezone(_zone(zone))


def instant(day: date, at: time, zone: str) -> datetime:
    """A local time as an instant. Of a time that comes twice the first is taken; one that is skipped falls after."""
    return datetime.combine(day, at, tzinfo=_zone(zone)).astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
