"""Partial dates: what a document says of its day, and no more.

A newspaper cutting may say "May 2025" and not which day. ``PartialDate`` keeps just what is known, in the ISO 8601
reduced form YYYY[-MM[-DD]], and answers the questions search and stories ask of it.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from bot.errors import Refused

_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$")
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_MONTH_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WRITTEN = (
    re.compile(
        rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+)?(?P<month>{_MONTH_NAME})\.?,?\s+(?P<year>\d{{4}})$", re.IGNORECASE
    ),
    re.compile(
        rf"(?P<month>{_MONTH_NAME})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})$", re.IGNORECASE
    ),
)


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A year, a month or a day. Ordered by first day, a coarser date before a finer one within it."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.month is None and self.day is not None:
            raise ValueError("a day needs a month")
        date(self.year, self.month or 1, self.day or 1)

    def __str__(self) -> str:
        parts = [f"{self.year:04}"] + [f"{part:02}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)

    @property
    def first_day(self) -> date:
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last_day(self) -> date:
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    @property
    def written(self) -> str:
        """For people: "12 May 2025", "May 2025" or "2025"."""
        month = calendar.month_name[self.month] if self.month else None
        return " ".join(str(part) for part in (self.day, month, self.year) if part is not None)

    @classmethod
    def of(cls, day: date) -> PartialDate:
        return cls(day.year, day.month, day.day)

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """Read "2025", "2025-05", "2025-05-12", "12 May 2025", "May 12, 2025" or "May 2025".

        Raises `Refused` with what is accepted.
        """
        text = " ".join(text.split())
        try:
            if match := _ISO.match(text):
                return cls(*(int(part) if part else None for part in match.groups()))  # type: ignore[arg-type]
            for form in _WRITTEN:
                if match := form.match(text):
                    day = match["day"]
                    return cls(int(match["year"]), _MONTHS[match["month"].lower()], int(day) if day else None)
        except ValueError:
            pass
        shown = text if len(text) <= 40 else text[:40] + "…"
        raise Refused(f"“{shown}” is not a date I can read: write 2025, 2025-05, 2025-05-12 or 12 May 2025.")


def parse_day(text: str, today: date) -> tuple[date, date]:
    """The first and last day of what a person wrote after *since* or *until*.

    Takes every form of `PartialDate.parse`, and "today", "yesterday", "last week", "last month". Raises `Refused`.
    """
    word = " ".join(text.lower().split())
    if word == "today":
        return today, today
    if word == "yesterday":
        return today - timedelta(days=1), today - timedelta(days=1)
    if word in {"last week", "week"}:
        return today - timedelta(days=7), today
    if word in {"last month", "month"}:
        return today - timedelta(days=30), today
    when = PartialDate.parse(text)
    return when.first_day, when.last_day
