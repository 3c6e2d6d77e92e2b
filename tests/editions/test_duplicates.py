"""Near-duplicates of a library: the same groups as by comparing every pair, however much is the same."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.editions.duplicates import Duplicates, Printed, duplicates, printed_of
from bot.editions.stories import near_duplicates
from bot.model import Article
from tests.editions.conftest import MakeArticle, make_article

PARAGRAPHS = [
    " ".join(random.Random(number).choices([f"w{word}" for word in range(4_000)], k=40)) for number in range(60)
]


def ids_of(found: list[Duplicates]) -> set[frozenset[int]]:
    return {frozenset([one.oldest.article_id, *(copy.printed.article_id for copy in one.others)]) for one in found}


def by_every_pair(articles: list[Article]) -> set[frozenset[int]]:
    return {frozenset(one.id for one in copies) for copies in near_duplicates(articles) if len(copies) > 1}


def test_the_oldest_leads_and_what_is_most_alike_follows(article: MakeArticle) -> None:
    whole, half = "\n\n".join(PARAGRAPHS[:8]), "\n\n".join([*PARAGRAPHS[:5], *PARAGRAPHS[20:23]])
    made = [
        article(half, "Half", published="2026-03-04", outlet="Post"),
        article(whole + " Once more.", "Nearly", published="2026-03-03"),
        article(whole, "First", published="2026-03-02", outlet="Wire"),
        article("\n\n".join(PARAGRAPHS[30:38]), "Other"),
    ]
    (found,) = duplicates(printed_of(made))
    assert found.oldest.title == "First"
    assert [copy.printed.title for copy in found.others] == ["Nearly", "Half"]
    assert found.others[0].common > 0.98
    assert 0.4 < found.others[1].common < 0.5


def test_without_a_date_the_day_it_was_added_counts(article: MakeArticle) -> None:
    late = article(PARAGRAPHS[0], "Late", added_at=datetime(2026, 5, 1, tzinfo=UTC))
    early = article(PARAGRAPHS[0] + " So.", "Early", added_at=datetime(2026, 4, 1, tzinfo=UTC))
    (found,) = duplicates(printed_of([late, early]))
    assert found.oldest.title == "Early"


def test_there_are_none_in_nothing_and_in_one(article: MakeArticle) -> None:
    assert duplicates([]) == duplicates(printed_of([article("Text.")])) == []
    assert duplicates(printed_of([article("..."), article("!!!")])) == []


@given(st.lists(st.lists(st.integers(0, 11), min_size=1, max_size=6), max_size=30))
def test_they_are_those_found_by_comparing_every_pair(made: list[list[int]]) -> None:
    articles = [make_article(at + 1, "\n\n".join(PARAGRAPHS[one] for one in text)) for at, text in enumerate(made)]
    found = ids_of(duplicates(printed_of(articles)))
    wanted = by_every_pair(articles)
    # What more than sixteen share joins them in a row: of a text that many have, no copy is left out.
    assert found == wanted or all(any(group <= other for other in wanted) for group in found)
    if len(articles) <= 16:
        assert found == wanted


def test_a_text_copied_many_times_is_one_group() -> None:
    text = "\n\n".join(PARAGRAPHS[:6])
    articles = [make_article(at + 1, f"{text} Edition {at}.") for at in range(200)]
    assert ids_of(duplicates(printed_of(articles))) == {frozenset(range(1, 201))}


def test_a_footer_that_all_print_makes_no_duplicates_and_takes_no_time() -> None:
    """Comparing every pair of two thousand articles with one footer would count two million pairs for each shingle."""
    dice = random.Random(2)
    words = [f"x{word}" for word in range(30_000)]
    articles = [
        make_article(at + 1, " ".join(dice.choices(words, k=120)) + "\n\n" + PARAGRAPHS[0]) for at in range(2_000)
    ]
    printed: list[Printed] = printed_of(articles)
    begun = time.process_time()
    assert duplicates(printed) == []
    assert time.process_time() - begun < 5
