"""Dates as documents give them and as people type them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dates import PartialDate, parse_day, read_days
from bot.errors import Refused
from tests.strangeness import any_partial_date, any_text

TODAY = date(2026, 5, 13)  # a Wednesday


def days(first: str, last: str | None = None) -> tuple[date, date]:
    return date.fromisoformat(first), date.fromisoformat(last or first)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2025", days("2025-01-01", "2025-12-31")),
        ("2024-02", days("2024-02-01", "2024-02-29")),
        ("2025-5-2", days("2025-05-02")),
        ("May 2025", days("2025-05-01", "2025-05-31")),
        ("12 May 2025", days("2025-05-12")),
        ("12th of may, 2025", days("2025-05-12")),
        ("May 12, 2025", days("2025-05-12")),
        (" Sept.  1  2025 ", days("2025-09-01")),
        ("today", days("2026-05-13")),
        ("Yesterday", days("2026-05-12")),
        ("this week", days("2026-05-11", "2026-05-17")),
        ("last week", days("2026-05-04", "2026-05-10")),
        ("this month", days("2026-05-01", "2026-05-31")),
        ("last month", days("2026-04-01", "2026-04-30")),
        ("this year", days("2026-01-01", "2026-12-31")),
        ("last year", days("2025-01-01", "2025-12-31")),
        ("3 days ago", days("2026-05-10")),
        ("two weeks ago", days("2026-04-29")),
        ("a month ago", days("2026-04-13")),
        ("2 years ago", days("2024-05-13")),
        ("last 10 days", days("2026-05-03", "2026-05-13")),
        ("the past three months", days("2026-02-13", "2026-05-13")),
        ("past week", days("2026-05-06", "2026-05-13")),
        ("wednesday", days("2026-05-13")),
        ("monday", days("2026-05-11")),
        ("thu", days("2026-05-07")),
        ("last wednesday", days("2026-05-06")),
        ("last friday", days("2026-05-08")),
        ("May", days("2026-05-01", "2026-05-31")),
        ("March", days("2026-03-01", "2026-03-31")),
        ("june", days("2025-06-01", "2025-06-30")),
        ("last may", days("2025-05-01", "2025-05-31")),
        ("13 May", days("2026-05-13")),
        ("May 14th", days("2025-05-14")),
        ("29 February", days("2024-02-29")),
    ],
)
def test_a_day_is_read_as_it_is_meant(typed: str, meant: tuple[date, date]) -> None:
    assert parse_day(typed, TODAY) == meant


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "the other day", "spring", "next week", "tomorrow", "0000", "0", "20255", "2025-13", "2025-00"),
        *("2025-02-31", "31 February 2025", "31 April", "0 May 2025", "2025-05-12T10:00", "12.5.2025", "-2025"),
        *("٢٠٢٥", "२०२५-०५", "２０２５", "last ٣ days", "٣ days ago", "ſept 2025", "Aprıl 2025", "Aprİl"),
        *("99999 days ago", "9999 years ago", "last 9999 years", "40000 months ago", "last", "ago", "last last week"),
        *("2025\0", "\ud800", "may " * 5_000, "2025-05-12 " * 2),
    ],
)
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="is not a date I can read") as refused:
        parse_day(typed, TODAY)
    assert len(str(refused.value)) < 160
    assert str(refused.value).isprintable()


def test_the_last_of_a_longer_month_is_the_last_of_a_shorter_one_a_month_before() -> None:
    assert parse_day("a month ago", date(2026, 3, 31)) == days("2026-02-28")


def test_last_week_begins_a_week_back_or_more_on_any_day() -> None:
    for back in range(7):
        today = TODAY - timedelta(days=back)
        first, last = parse_day("last week", today)
        assert first <= today - timedelta(days=7)
        assert last < today


def test_the_first_and_last_years_there_are_can_be_asked_for() -> None:
    assert parse_day("9999", TODAY) == days("9999-01-01", "9999-12-31")
    assert parse_day("0001", TODAY)[0] == date.min


@given(
    any_text(max_size=60) | st.from_regex(r"(last|past) \w{1,5} (day|week|month|year)s?", fullmatch=True), st.dates()
)
def test_any_text_is_days_in_order_or_none(typed: str, today: date) -> None:
    found = read_days(typed, today)
    assert found is None or found[0] <= found[1]


@given(any_partial_date())
def test_a_date_is_read_back_from_what_is_written(when: PartialDate) -> None:
    assert PartialDate.parse(str(when)) == when
    if when.year >= 1000:
        assert PartialDate.parse(when.written) == when


def test_a_month_or_day_of_zero_is_none() -> None:
    for parts in ((2025, 0), (2025, 5, 0), (0,)):
        with pytest.raises(ValueError, match=r"is out of range|must be in"):
            PartialDate(*parts)
