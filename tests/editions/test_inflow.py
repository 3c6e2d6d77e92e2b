"""What came in when, from which outlets, and who added it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.editions.inflow import MOST_OUTLETS, OTHERS, Calendar, contributions, inflow
from bot.model import Article, Contribution
from tests.editions.conftest import make_article

START = datetime(2026, 3, 10, tzinfo=UTC)
WEEK = Calendar(date(2026, 3, 10), START, START + timedelta(hours=9) - timedelta(days=7))
EVER = Calendar(date(2026, 3, 10), START)
_numbers = count(1)


def _added(days_ago: float, outlet: str | None = "Posten") -> Article:
    return make_article(next(_numbers), "We sail.", outlet=outlet, added_at=START + timedelta(hours=8, days=-days_ago))


def test_a_week_has_a_column_for_each_of_its_days() -> None:
    made = inflow([_added(0), _added(0, "Bladet"), _added(2), _added(2), _added(6.9, "Bladet")], WEEK)
    assert made is not None
    assert (made.unit, made.outlets, made.totals) == ("day", ("Posten", "Bladet"), (3, 2))
    assert [label for label, _ in made.columns] == [f"{day} Mar" for day in range(3, 11)]
    assert dict(made.columns)["8 Mar"] == (2, 0)
    assert dict(made.columns)["10 Mar"] == (1, 1)
    assert dict(made.columns)["5 Mar"] == (0, 0)


@pytest.mark.parametrize(
    ("ages", "outlets", "calendar"),
    [
        ([], [], WEEK),
        ([0, 1, 2], ["Posten"] * 3, WEEK),  # one outlet
        ([0, 1, 2], ["Posten", "POSTEN", " posten "], WEEK),  # however it is written
        ([0, 0, 0], ["Posten", "Bladet", "Avisa"], WEEK),  # all on one day
        ([0, 1, 1], ["Posten", "Bladet", "Avisa"], EVER),  # two days
    ],
)
def test_there_is_no_chart_where_it_says_no_more_than_words(
    ages: list[float], outlets: list[str], calendar: Calendar
) -> None:
    assert inflow([_added(age, outlet) for age, outlet in zip(ages, outlets, strict=True)], calendar) is None


def test_small_outlets_are_one_beside_the_four_largest() -> None:
    large = [_added(day, f"Outlet {number}") for number in range(MOST_OUTLETS) for day in range(3)]
    made = inflow([*large, _added(0, "Small"), _added(1, "Smaller"), _added(1, None)], WEEK)
    assert made is not None
    assert made.outlets == ("Outlet 0", "Outlet 1", "Outlet 2", "Outlet 3", OTHERS)
    assert made.totals == (3, 3, 3, 3, 3)


def test_five_outlets_have_a_name_each() -> None:
    made = inflow([_added(day, name) for day in range(3) for name in ("A", "B", "C", "D", None)], WEEK)
    assert made is not None
    assert made.outlets == ("A", "B", "C", "D", "no outlet")


@pytest.mark.parametrize(
    ("days", "unit", "columns"),
    [(30, "day", 31), (31, "month", 2), (365, "month", 13), (800, "year", 4)],
)
def test_a_long_time_is_told_in_months_or_years(days: int, unit: str, columns: int) -> None:
    made = inflow([_added(0), _added(days, "Bladet")], EVER)
    assert made is not None
    assert (made.unit, len(made.columns), sum(made.totals)) == (unit, columns, 2)


def test_a_day_is_that_of_whoever_asks() -> None:
    midnight = datetime(2026, 3, 10, tzinfo=ZoneInfo("America/New_York"))
    calendar = Calendar(date(2026, 3, 10), midnight)
    assert calendar.day_of(midnight) == date(2026, 3, 10)
    assert calendar.day_of(midnight - timedelta(microseconds=1)) == date(2026, 3, 9)
    assert calendar.day_of(datetime(2026, 3, 10, 3, 59, tzinfo=UTC)) == date(2026, 3, 9)


@given(
    st.lists(st.tuples(st.integers(0, 900), st.sampled_from(["Posten", "POSTEN", "Bladet", None])), max_size=20),
    st.randoms(),
)
def test_every_article_is_in_one_column_and_the_order_makes_no_difference(
    given_: list[tuple[int, str | None]], chance: object
) -> None:
    articles = [_added(age, outlet) for age, outlet in given_]
    made = inflow(articles, EVER)
    chance.shuffle(articles)  # type: ignore[attr-defined]
    assert inflow(articles, EVER) == made
    assert made is None or sum(made.totals) == len(articles)


def test_who_added_most_comes_first_and_the_host_last() -> None:
    own = [replace(_added(0), library=5, added_by=user) for user in (7, 8, 8, None)]
    shared = [replace(_added(0), added_by=user) for user in (None, 9)]
    assert contributions([*own, *shared]) == (
        Contribution(8, False, 2),
        Contribution(7, False, 1),
        Contribution(None, True, 2),
        Contribution(None, False, 1),
    )
