"""Which articles are one story."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dates import PartialDate
from bot.editions.bags import Vectors, bag
from bot.editions.stories import ALIKE, copied, gather, group, may_join, near_duplicates, sources
from bot.model import Article
from tests.events import reports

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


def _day(*, events: int = 6) -> list[Article]:
    """Invented reports: some events told by one, some by several, on two days or on none that is known."""
    days = ["2026-03-02", "2026-03-07", None]
    documents = [one for event in range(events) for one in reports(event % 4, 1 + event % 3, days[event % 3])]
    added = datetime(2026, 3, 1, tzinfo=UTC)
    return [
        Article(n, 0, n, one.title, one.outlet, (), None, one.published, added, None, None, len(one.text), one.text)
        for n, one in enumerate(documents, start=1)
    ]


@given(st.permutations(_day()))
def test_what_is_together_hangs_neither_on_order_nor_on_numbers(came: list[Article]) -> None:
    numbered = [replace(article, id=number) for number, article in enumerate(came, start=1)]
    made = {frozenset((a.text, a.published) for a in story) for story in group(numbered)}
    assert made == {frozenset((a.text, a.published) for a in story) for story in group(_day())}


def test_linking_what_is_connected_is_linking_everything() -> None:
    """Average link over all pairs at once, as the textbook has it, against ours."""
    bags = sorted(map(bag, _day(events=12)), key=lambda one: one.order)
    vectors, copies = Vectors.among(bags), copied([one.shingles for one in bags])
    alike = np.array([vectors.cosines(place) for place in range(len(bags))])
    for a, b in product(range(len(bags)), repeat=2):
        if not may_join(bags[a].published, bags[b].published):
            alike[a, b] = -np.inf
        elif (min(a, b), max(a, b)) in copies:
            alike[a, b] = 1
    clusters = [[place] for place in range(len(bags))]
    while len(clusters) > 1:
        links = {
            (-float(np.mean(alike[np.ix_(one, other)])), one[0], other[0]): (one, other)
            for one, other in product(clusters, repeat=2)
            if one < other
        }
        best = min(links)
        if -best[0] < ALIKE:
            break
        one, other = links[best]
        clusters = [cluster for cluster in clusters if cluster not in (one, other)] + [sorted(one + other)]
    assert sorted(map(sorted, gather(bags, vectors))) == sorted(clusters)
    assert 1 < max(map(len, clusters)) < len(bags)


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


def test_reports_of_two_outlets_are_two_sources(article: MakeArticle) -> None:
    assert sources([article(FERRY, outlet="Posten"), article(FERRY_AGAIN, outlet="Bladet")]) == 2


def test_a_wire_copy_in_five_outlets_is_one_source(article: MakeArticle) -> None:
    assert sources([article(f"{FERRY} Seen by outlet {n}.", outlet=f"Outlet {n}") for n in range(5)]) == 1


def test_five_reports_of_one_outlet_are_one_source(article: MakeArticle) -> None:
    assert (
        sources([article(text, outlet=name) for text in (FERRY, FERRY_AGAIN) for name in ("Posten", " posten ")]) == 1
    )
    assert sources([article(FERRY), article(FERRY_AGAIN)]) == 1  # of one outlet, nobody knows which


def test_an_outlet_with_a_report_of_its_own_besides_the_wire_copy_is_a_source(article: MakeArticle) -> None:
    wire = [article(FERRY, outlet=name) for name in ("Avisen", "Bladet", "Posten")]
    assert sources([*wire, article(FERRY_AGAIN, outlet="Avisen")]) == 2
    assert sources([wire[0], article(FERRY_AGAIN, outlet="Avisen")]) == 1


def test_one_article_is_one_source(article: MakeArticle) -> None:
    assert sources([article(FERRY)]) == 1
    assert sources([]) == 0


@pytest.mark.many
def test_many_copies_are_grouped_at_once(article: MakeArticle) -> None:
    assert len(group([article(f"{FERRY * 20} {n}") for n in range(300)])) == 1


def test_the_four_documents_are_four_stories(documents_dir: Path, article: MakeArticle) -> None:
    dates = ["2026", "2025", "2025-05", "2025-02"]
    texts = [path.read_text(encoding="utf-8") for path in sorted(documents_dir.glob("*.txt"))]
    articles = [article(text, published=day) for text, day in zip(texts, dates, strict=True)]
    assert len(group(articles)) == 4
