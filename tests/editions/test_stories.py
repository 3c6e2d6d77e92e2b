"""Which articles are one story."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.dates import PartialDate
from bot.editions.stories import group, may_join, near_duplicates

if TYPE_CHECKING:
    from tests.editions.conftest import MakeArticle

FERRY = (
    "The ferry Nordlys ran aground off Hvaler on Monday with 120 people aboard. Captain Erik Moe said the engine had "
    "failed near the Torbjornskjaer light. All passengers were taken to Fredrikstad by lifeboat."
)
FERRY_AGAIN = (
    "All 120 passengers of the ferry Nordlys were safe in Fredrikstad on Tuesday after it ran aground off Hvaler. "
    "The engine failed, said captain Erik Moe. Lifeboats reached the Torbjornskjaer light within the hour."
)
MUSEUM = (
    "The town museum of Lillesand opens a hall for whaling photographs in June. Curator Siri Dahl found 900 glass "
    "plates in an attic. Admission stays free for children."
)


def test_reports_on_one_event_are_one_story(article: MakeArticle) -> None:
    stories = group([article(FERRY), article(MUSEUM), article(FERRY_AGAIN)])
    assert [{a.id for a in story} for story in stories] == [{1, 3}, {2}]


def test_no_articles_are_no_stories() -> None:
    assert group([]) == []


def test_one_article_is_one_story(article: MakeArticle) -> None:
    only = article(FERRY)
    assert group([only]) == [[only]]


def test_articles_without_words_stay_alone(article: MakeArticle) -> None:
    assert len(group([article(""), article("…"), article("\x00")])) == 3


def test_the_order_of_the_articles_makes_no_difference(article: MakeArticle) -> None:
    articles = [article(text) for text in (FERRY, MUSEUM, FERRY_AGAIN, FERRY, MUSEUM)]
    stories = group(articles)
    random.Random(1).shuffle(articles)
    assert group(articles) == stories


def test_articles_of_one_event_weeks_apart_are_two_stories(article: MakeArticle) -> None:
    stories = group([article(FERRY, published="2026-01-05"), article(FERRY_AGAIN, published="2026-01-20")])
    assert len(stories) == 2


def test_articles_of_one_event_days_apart_are_one_story(article: MakeArticle) -> None:
    stories = group([article(FERRY, published="2026-01-05"), article(FERRY_AGAIN, published="2026-01-08")])
    assert len(stories) == 1


def test_an_article_between_does_not_join_two_that_are_too_far_apart(article: MakeArticle) -> None:
    days = ["2026-01-05", "2026-01-08", "2026-01-11"]
    stories = group([article(FERRY, published=day) for day in days])
    assert sorted(len(story) for story in stories) == [1, 2]


@pytest.mark.parametrize(
    ("first", "second", "joins"),
    [
        ("2026-01-05", "2026-01-09", True),
        ("2026-01-05", "2026-01-10", False),
        ("2026-01", "2026-02-04", True),
        ("2026-01", "2026-02-05", False),
        ("2026-01", "2026-01", True),
        ("2026", "2026-01-05", False),
        ("2026", "2026", False),
    ],
)
def test_dates_decide_whether_articles_may_join(first: str, second: str, joins: bool) -> None:
    assert may_join(PartialDate.parse(first), PartialDate.parse(second)) is joins
    assert may_join(PartialDate.parse(second), PartialDate.parse(first)) is joins


def test_an_article_without_a_date_may_join_any() -> None:
    assert may_join(None, PartialDate(2026))


def test_copies_dated_by_the_same_year_are_one_story(article: MakeArticle) -> None:
    assert len(group([article(FERRY, published="2026"), article(FERRY + " More soon.", published="2026")])) == 1


def test_copies_of_a_text_are_found_whatever_their_date(article: MakeArticle) -> None:
    articles = [article(FERRY, published="2020"), article(MUSEUM), article(FERRY + " Reporting by our staff.")]
    assert [{a.id for a in copies} for copies in near_duplicates(articles)] == [{1, 3}, {2}]


def test_two_tellings_of_an_event_are_not_copies(article: MakeArticle) -> None:
    assert len(near_duplicates([article(FERRY), article(FERRY_AGAIN)])) == 2


def test_the_four_documents_are_four_stories(documents_dir: Path, article: MakeArticle) -> None:
    dates = ["2026", "2025", "2025-05", "2025-02"]
    texts = [path.read_text(encoding="utf-8") for path in sorted(documents_dir.glob("*.txt"))]
    articles = [article(text, published=day) for text, day in zip(texts, dates, strict=True)]
    assert len(group(articles)) == 4
