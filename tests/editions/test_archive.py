"""The article from the archive for a quiet day: on this day before, else the next in turn, never two days the same."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.editions.archive import pick

DAY = date(2026, 5, 12)


def test_an_empty_library_has_nothing_to_offer() -> None:
    assert pick([], DAY) is None


def test_the_same_day_of_an_earlier_year_comes_first() -> None:
    articles = [(1, None), (2, date(2026, 4, 12)), (3, date(2023, 5, 12)), (4, date(2024, 5, 13))]
    assert pick(articles, DAY) == (3, "published on this day 3 years ago")
    assert pick([(3, date(2025, 5, 12))], DAY) == (3, "published on this day 1 year ago")


def test_then_the_same_day_of_the_latest_earlier_month() -> None:
    articles = [(1, None), (2, date(2026, 3, 12)), (3, date(2025, 4, 12)), (4, date(2026, 4, 30))]
    assert pick(articles, DAY) == (2, "published 2 months ago to the day")


def test_what_is_dated_later_was_not_published_before() -> None:
    picked = pick([(1, date(2027, 5, 12)), (2, date(2026, 5, 12)), (3, date(2026, 6, 12))], DAY)
    assert picked is not None
    assert picked[1] == "picked for today from 3 articles"


def test_of_several_of_one_day_each_year_another_comes_first() -> None:
    others = [(number, None) for number in range(4, 30)]
    articles = [(1, date(2020, 5, 12)), (2, date(2021, 5, 12)), (3, date(2022, 5, 12)), *others]
    picked = [pick(articles, date(year, 5, 12)) for year in (2026, 2027, 2028)]
    assert sorted(one[0] for one in picked if one) == [1, 2, 3]


def test_a_month_of_quiet_days_shows_a_month_of_articles() -> None:
    articles = [(number, None) for number in range(1, 41)]
    picked = [pick(articles, DAY + timedelta(days=day)) for day in range(40)]
    assert {one[0] for one in picked if one} == set(range(1, 41))


@given(
    days=st.lists(st.none() | st.dates(date(2024, 1, 1), date(2026, 12, 31)), min_size=2, max_size=12),
    day=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)
def test_no_article_is_picked_two_days_in_a_row(days: list[date | None], day: date) -> None:
    articles = list(enumerate(days))
    today, tomorrow = pick(articles, day), pick(articles, day + timedelta(days=1))
    assert today is not None
    assert tomorrow is not None
    assert today[0] != tomorrow[0]


@given(
    days=st.lists(st.none() | st.dates(date(2024, 1, 1), date(2026, 12, 31)), min_size=1, max_size=12),
    day=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)
def test_the_pick_of_a_day_is_an_article_and_the_same_all_day(days: list[date | None], day: date) -> None:
    articles = list(enumerate(days))
    assert pick(articles, day) == pick(list(articles), day)
    assert (pick(articles, day) or (-1, ""))[0] in range(len(days))
