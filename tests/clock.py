"""A clock that stands where it is put: the time that a library reads in a test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Call it for the time; set ``now``, or let time pass with `advance`."""

    def __init__(self, now: datetime = datetime(2026, 5, 12, 8, 30, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **length: float) -> None:
        self.now += timedelta(**length)
