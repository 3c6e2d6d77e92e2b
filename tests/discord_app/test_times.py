"""When a daily digest is due: local time, time zones, the nights when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from bot.discord_app.times import day_start, latest_due, next_due, parse_time, parse_zone, zones
from bot.errors import Refused


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


def test_the_latest_due_time_is_today_once_it_has_come() -> None:
    assert latest_due(time(8, 30), "Europe/Berlin", utc(2025, 6, 2, 6, 30)) == (
        date(2025, 6, 2),
        utc(2025, 6, 2, 6, 30),
    )
    assert latest_due(time(8, 30), "Europe/Berlin", utc(2025, 6, 2, 6, 29))[0] == date(2025, 6, 1)


def test_the_local_date_is_the_zones_own() -> None:
    assert latest_due(time(8, 0), "Asia/Tokyo", utc(2025, 6, 1, 23, 30))[0] == date(2025, 6, 2)


def test_a_time_that_clocks_skip_is_due_once_right_after() -> None:
    # Berlin, 30 March 2025: 02:00 becomes 03:00.
    assert latest_due(time(2, 30), "Europe/Berlin", utc(2025, 3, 30, 12))[1] == utc(2025, 3, 30, 1, 30)


def test_a_time_that_comes_twice_is_due_the_first_time() -> None:
    # Berlin, 26 October 2025: 03:00 becomes 02:00 again.
    day, due = latest_due(time(2, 30), "Europe/Berlin", utc(2025, 10, 26, 1, 45))
    assert (day, due) == (date(2025, 10, 26), utc(2025, 10, 26, 0, 30))


def test_the_next_due_time_is_a_day_after_the_latest() -> None:
    assert next_due(time(8, 30), "UTC", utc(2025, 6, 2, 9)) == utc(2025, 6, 3, 8, 30)
    assert next_due(time(8, 30), "UTC", utc(2025, 6, 2, 8)) == utc(2025, 6, 2, 8, 30)


def test_a_day_begins_at_the_zones_midnight() -> None:
    assert day_start("America/New_York", utc(2025, 6, 2, 3)) == utc(2025, 6, 1, 4)
