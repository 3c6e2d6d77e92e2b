"""When a digest is due: local time, time zones, the nights when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord_app.times import Timetable, day_start, parse_days, parse_time, parse_zone, written_days, zones
from bot.errors import Refused
from tests.sizes import some
from tests.time_zones import unlike


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("08:30", time(8, 30)), ("8.30", time(8, 30)), ("8:30 pm", time(20, 30)), ("8 PM", time(20)), ("12 am", time(0))],
)
def test_a_time_of_day_is_read_as_people_write_it(text: str, expected: time) -> None:
    assert parse_time(text) == expected


@pytest.mark.parametrize("text", ["", "25:00", "8:60", "13 pm", "0 am", "noon", "8", "٣:٣٠x", "08:30:15"])
def test_what_is_no_time_of_day_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Refused, match="08:30"):
        parse_time(text)


def test_a_zone_is_found_whatever_its_case_and_a_wrong_one_refused() -> None:
    assert parse_zone("europe/berlin").key == "Europe/Berlin"
    assert parse_zone("America/New York").key == "America/New_York"
    with pytest.raises(Refused, match="Europe/Berlin"):
        parse_zone("Middle Earth")
    assert {"UTC", "Europe/Kyiv"} <= set(zones())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("every day", "0123456"),
        ("Daily", "0123456"),
        ("weekdays", "01234"),
        ("weekends", "56"),
        ("mon", "0"),
        ("Mondays", "0"),
        ("Mon, Wed and Fri", "024"),
        ("mon-fri", "01234"),
        ("Fri–Mon", "0456"),
        ("sat to sun", "56"),
        ("every tuesday, thu", "13"),
        ("sun - sat", "0123456"),
    ],
)
def test_days_are_read_as_people_write_them(text: str, expected: str) -> None:
    assert parse_days(text) == frozenset(map(int, expected))


@pytest.mark.parametrize("text", ["", "noday", "t", "s", "mon tue xyz", "-", "1", "month"])
def test_what_are_no_days_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Refused, match="weekdays"):
        parse_days(text)


@given(st.frozensets(st.integers(0, 6), min_size=1))
def test_days_are_written_as_they_are_read(days: frozenset[int]) -> None:
    assert parse_days(written_days(days)) == days


def test_the_latest_due_time_is_today_once_it_has_come() -> None:
    table = Timetable(time(8, 30), "Europe/Berlin")
    assert table.latest_due(utc(2025, 6, 2, 6, 30)) == (date(2025, 6, 2), utc(2025, 6, 2, 6, 30))
    assert table.latest_due(utc(2025, 6, 2, 6, 29))[0] == date(2025, 6, 1)


def test_the_local_date_is_the_zones_own() -> None:
    assert Timetable(time(8, 0), "Asia/Tokyo").latest_due(utc(2025, 6, 1, 23, 30))[0] == date(2025, 6, 2)


def test_only_the_days_of_the_week_are_due() -> None:
    table = Timetable(time(8), "UTC", frozenset({0, 4}))
    assert table.latest_due(utc(2025, 6, 5, 12)) == (date(2025, 6, 2), utc(2025, 6, 2, 8))
    assert table.next_due(utc(2025, 6, 2, 8)) == utc(2025, 6, 6, 8)
    assert [day.day for day, _ in table.dues(None, utc(2025, 6, 1), utc(2025, 6, 12))] == [2, 6, 9]
    assert [day.day for day, _ in table.dues(date(2025, 6, 2), utc(2025, 6, 1), utc(2025, 6, 12))] == [6, 9]
    assert table.dues(date(2025, 6, 20), utc(2025, 6, 1), utc(2025, 6, 12)) == []


def test_a_time_that_clocks_skip_is_due_once_right_after() -> None:
    # Berlin, 30 March 2025: 02:00 becomes 03:00.
    assert Timetable(time(2, 30), "Europe/Berlin").latest_due(utc(2025, 3, 30, 12))[1] == utc(2025, 3, 30, 1, 30)


def test_a_time_that_comes_twice_is_due_the_first_time() -> None:
    # Berlin, 26 October 2025: 03:00 becomes 02:00 again.
    day, due = Timetable(time(2, 30), "Europe/Berlin").latest_due(utc(2025, 10, 26, 1, 45))
    assert (day, due) == (date(2025, 10, 26), utc(2025, 10, 26, 0, 30))


def test_a_date_that_a_country_left_out_is_not_due() -> None:
    # Samoa went from 29 to 31 December 2011, to the other side of the date line.
    dues = Timetable(time(8, 30), "Pacific/Apia").dues(None, utc(2011, 12, 29), utc(2012, 1, 2))
    assert [day.day for day, _ in dues] == [29, 31, 1, 2]
    assert len({due for _, due in dues}) == 4


def test_a_time_before_midnight_that_clocks_skip_belongs_to_its_date() -> None:
    # Nuuk, 30 March 2024: 23:00 becomes midnight.
    dues = Timetable(time(23, 30), "America/Nuuk").dues(None, utc(2024, 3, 29, 12), utc(2024, 4, 1, 12))
    assert [day.isoformat() for day, _ in dues] == ["2024-03-29", "2024-03-30", "2024-03-31"]


def test_the_next_due_time_is_a_day_after_the_latest() -> None:
    table = Timetable(time(8, 30), "UTC")
    assert table.next_due(utc(2025, 6, 2, 9)) == utc(2025, 6, 3, 8, 30)
    assert table.next_due(utc(2025, 6, 2, 8)) == utc(2025, 6, 2, 8, 30)


@pytest.mark.many
@pytest.mark.parametrize("zone", some(unlike(utc(2022, 12, 30), 751), few=20))
def test_every_local_date_of_every_zone_is_due_exactly_once(zone: str) -> None:
    """Two years in which some zones changed their rules, around the hours in which clocks are changed."""
    for at in (time(0), time(0, 30), time(2, 30), time(23, 45)):
        table, start = Timetable(at, zone), utc(2022, 12, 31, 12)
        dues = table.dues(None, start, start + timedelta(days=731))
        days = [day for day, _ in dues]
        assert days == [days[0] + timedelta(days=ahead) for ahead in range(len(days))]
        assert len(days) in (730, 731, 732)
        assert all(earlier < later for (_, earlier), (_, later) in pairwise(dues))
        assert all(table.latest_due(due) == (day, due) for day, due in dues[::60])
        assert all(table.next_due(due) == later for (_, due), (_, later) in islice(pairwise(dues), 0, None, 60))


def test_a_day_begins_at_the_zones_midnight() -> None:
    assert day_start("America/New_York", utc(2025, 6, 2, 3)) == utc(2025, 6, 1, 4)
