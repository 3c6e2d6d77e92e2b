"""When a schedule is due: wall-clock arithmetic with IANA time zones, and nothing else."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from bot.errors import Refused

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


def latest_due(at: time, zone: str, now: datetime) -> tuple[date, datetime]:
    """The last occurrence of ``at`` in ``zone`` at or before ``now``: its local date and its instant in UTC."""
    local = now.astimezone(_zone(zone))
    day = local.date()
    if instant(day, at, zone) > now:
        day -= timedelta(days=1)
    return day, instant(day, at, zone)


def next_due(at: time, zone: str, now: datetime) -> datetime:
    """The first occurrence of ``at`` in ``zone`` after ``now``, in UTC."""
    day, _ = latest_due(at, zone, now)
    return instant(day + timedelta(days=1), at, zone)


def day_start(zone: str, now: datetime) -> datetime:
    """When the local day of ``now`` began in ``zone``, in UTC."""
    return instant(now.astimezone(_zone(zone)).date(), time(), zone)


def instant(day: date, at: time, zone: str) -> datetime:
    """A local time as an instant. Of a time that comes twice the first is taken; one that is skipped falls after."""
    return datetime.combine(day, at, tzinfo=_zone(zone)).astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
