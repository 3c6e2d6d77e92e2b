"""Partial dates: what a document says of its day, and no more; and the days a person means by "last week".

A newspaper cutting may say "May 2025" and not which day. ``PartialDate`` keeps just what is known, in the ISO 8601
reduced form YYYY[-MM[-DD]], and answers the questions search and stories ask of it. ``read_days`` reads what is typed
after *since* and *until*, which may also be relative to today.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import MINYEAR, date, timedelta
from typing import TypeAlias

from bot.errors import Refused

# ASCII throughout: `int` would take the digits of any script, and case-blind "s" and "i" match the letters "ſ" and "ı".
_FLAGS = re.IGNORECASE | re.ASCII
_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$", _FLAGS)
_MONTH_NAMES = tuple(calendar.month_name)  # each of which is written anew whenever it is asked for there
_MONTHS = {name.lower(): number for number, name in enumerate(_MONTH_NAMES) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_MONTH_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DAY_FIRST = rf"{_DAY}\s+(?:of\s+)?(?P<month>{_MONTH_NAME})\.?"
_MONTH_FIRST = rf"(?P<month>{_MONTH_NAME})\.?\s+{_DAY}"
_WRITTEN = (
    re.compile(rf"{_DAY_FIRST},?\s+(?P<year>\d{{4}})$", _FLAGS),
    re.compile(rf"{_MONTH_FIRST},?\s+(?P<year>\d{{4}})$", _FLAGS),
    re.compile(rf"(?P<day>)(?P<month>{_MONTH_NAME})\.?,?\s+(?P<year>\d{{4}})$", _FLAGS),
)
# Without a year: the latest there was.
_YEARLESS = (
    re.compile(rf"{_DAY_FIRST}$", _FLAGS),
    re.compile(rf"{_MONTH_FIRST}$", _FLAGS),
    re.compile(rf"(?P<day>)(?P<month>{_MONTH_NAME})\.?$", _FLAGS),
)
_LEAP_CYCLE_YEARS = 8  # between two 29 Februaries at most: 1896 and 1904
_WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
_WEEKDAYS |= {name.lower(): number for number, name in enumerate(calendar.day_abbr)}
_WEEKDAYS |= {"tues": 1, "thur": 3, "thurs": 3}
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_NUMBERS |= {"nine": 9, "ten": 10, "eleven": 11, "twelve": 12}
_UNIT = "(?P<unit>day|week|month|year)"
_NUMBER = rf"(?P<number>\d{{1,4}}|{'|'.join(_NUMBERS)})"
_AGO = re.compile(rf"{_NUMBER} {_UNIT}s? ago$", re.ASCII)
_ROLLING = re.compile(rf"(?:the )?(?:last|past) {_NUMBER} {_UNIT}s?$", re.ASCII)
_PAST = re.compile(rf"(?:the )?past {_UNIT}$", re.ASCII)
_PERIOD = re.compile(rf"(?:(?P<which>this|last|previous) )?{_UNIT}$", re.ASCII)
_LONGEST_CHARS = 40


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A year, a month or a day. Ordered by first day, a coarser date before a finer one within it."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.month is None and self.day is not None:
            raise ValueError("a day needs a month")
        date(self.year, 1 if self.month is None else self.month, 1 if self.day is None else self.day)

    def __str__(self) -> str:
        parts = [f"{self.year:04}"] + [f"{part:02}" for part in (self.month, self.day) if part is not None]
        return "-".join(parts)

    @property
    def first_day(self) -> date:
        """The first day that it may be."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last_day(self) -> date:
        """The last day that it may be."""
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    @property
    def written(self) -> str:
        """For people: "12 May 2025", "May 2025" or "2025"."""
        month = _MONTH_NAMES[self.month] if self.month else None
        return " ".join(str(part) for part in (self.day, month, self.year) if part is not None)

    @classmethod
    def of(cls, day: date) -> PartialDate:
        """The partial date of which all is known."""
        return cls(day.year, day.month, day.day)

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """Read "2025", "2025-05", "2025-05-12", "12 May 2025", "May 12, 2025" or "May 2025".

        Raises `Refused` with what is accepted.
        """
        if (when := cls.read(text)) is None:
            raise Refused(f"{_shown(text)} is not a date I can read: write 2025, 2025-05, 2025-05-12 or 12 May 2025.")
        return when

    @classmethod
    def read(cls, text: str) -> PartialDate | None:
        """As `parse`; None where ``text`` is no such date."""
        text = " ".join(text.split())
        try:
            if match := _ISO.match(text):
                return cls(*(int(part) if part else None for part in match.groups()))  # type: ignore[arg-type]
            for form in _WRITTEN:
                if match := form.match(text):
                    day = match["day"]
                    return cls(int(match["year"]), _MONTHS[match["month"].lower()], int(day) if day else None)
        except ValueError:  # a month 13, a 31 February
            pass
        return None


Days: TypeAlias = tuple[date, date]
"""The first and the last day that are meant, both included."""


def parse_day(text: str, today: date) -> Days:
    """The first and last day of what a person gave as *since* or *until*: see `read_days`. Raises `Refused`."""
    if (days := read_days(text, today)) is None:
        forms = "2025, 2025-05, 12 May 2025, March, last week or 10 days ago"
        raise Refused(f"{_shown(text)} is not a date I can read: write {forms}.")
    return days


def read_days(text: str, today: date) -> Days | None:
    """The first and last day a person means, seen from ``today``; None where it is no date.

    - Every form of `PartialDate.parse`: "2025", "2025-05", "2025-05-12", "12 May 2025", "May 2025".
    - "March", "12 May", "monday": the latest that has begun, today's included. "last March", "last monday": the
      latest that is over.
    - "today", "yesterday", "3 days ago", "two weeks ago": that one day.
    - "this week", "last month", "last year": the whole week (Monday to Sunday), month or year of the calendar, so that
      *since* "last week" begins at its Monday and *until* "last week" ends at its Sunday.
    - "last 10 days", "past week": so far back, and up to today.
    """
    word = " ".join(text.lower().split())
    if not word or len(word) > _LONGEST_CHARS:
        return None
    try:
        return _near(word, today) or _written(word) or _latest(word, today)
    except (ValueError, OverflowError):  # further back than the year 1
        return None


def _near(word: str, today: date) -> Days | None:
    """Days named by how far they are from today."""
    if word in ("today", "yesterday"):
        day = today - timedelta(days=word == "yesterday")
        return day, day
    if match := _AGO.match(word):
        day = _before(today, _number(match["number"]), match["unit"])
        return day, day
    if match := _ROLLING.match(word):
        return _before(today, _number(match["number"]), match["unit"]), today
    if match := _PAST.match(word):
        return _before(today, 1, match["unit"]), today
    if match := _PERIOD.match(word):
        return _period(match["unit"], today, back=match["which"] in ("last", "previous"))
    return None


def _written(word: str) -> Days | None:
    when = PartialDate.read(word)
    return (when.first_day, when.last_day) if when else None


def _latest(word: str, today: date) -> Days | None:
    """The latest weekday, month or day of a month; after "last" the latest that is over."""
    name = word.removeprefix("last ")
    over = name != word
    if (weekday := _WEEKDAYS.get(name)) is not None:
        back = (today.weekday() - weekday) % 7
        day = today - timedelta(days=7 if over and not back else back)
        return day, day
    for form in _YEARLESS:
        if match := form.match(name):
            number = int(match["day"]) if match["day"] else None
            return _latest_of_year(_MONTHS[match["month"]], number, today, over=over)
    return None


def _latest_of_year(month: int, day: int | None, today: date, *, over: bool) -> Days | None:
    for year in range(today.year, max(0, today.year - _LEAP_CYCLE_YEARS - 1), -1):
        try:
            when = PartialDate(year, month, day)
        except ValueError:  # 29 February in a common year
            continue
        if (when.last_day < today) if over else (when.first_day <= today):
            return when.first_day, when.last_day
    return None


def _number(word: str) -> int:
    return _NUMBERS.get(word) or int(word)


def _before(day: date, number: int, unit: str) -> date:
    """``number`` days, weeks, months or years earlier; a 31st becomes the last day of a shorter month."""
    if unit in ("day", "week"):
        return day - timedelta(days=number * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 - number * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    if year < MINYEAR:
        raise OverflowError
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _period(unit: str, today: date, *, back: bool) -> Days:
    """The week, month or year of the calendar that ``today`` is in, or with ``back`` the one before."""
    day = _before(today, 1, unit) if back else today
    if unit == "day":
        return day, day
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    when = PartialDate(day.year, day.month if unit == "month" else None)
    return when.first_day, when.last_day


def _shown(text: str) -> str:
    """``text`` quoted for an error's sentence: on one line, short, without characters that cannot be printed."""
    line = "".join(character if character.isprintable() else "\ufffd" for character in " ".join(text[:400].split()))
    return f"“{line if len(line) <= _LONGEST_CHARS else line[:_LONGEST_CHARS] + '…'}”"
