"""Did you mean: near words of the library, the likeliest first, and nothing where nothing is near."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.tokens import terms
from bot.search.suggestions import nearest

WORDS = "ceasefire committee government kennedy minister negotiations parliament president talks tanks walks war was"
FREQUENCIES = {term: number for number, term in enumerate(terms(WORDS), 1)}
VOCABULARY = sorted(FREQUENCIES)
COUNTS = [FREQUENCIES[term] for term in VOCABULARY]


def suggested(word: str, limit: int = 3) -> list[str]:
    return nearest(word, VOCABULARY, COUNTS, limit)


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("minsiter", "minister"),
        ("kenedy", "kennedy"),
        ("cennedy", "kennedy"),
        ("goverment", "government"),
        ("committtee", "committee"),
        ("comitee", "committee"),
        ("rpesident", "president"),
        ("negotiatiobs", "negotiations"),
        ("parlaiment", "parliament"),
        ("paarlament", "parliament"),
    ],
)
def test_a_slip_is_undone_wherever_it_is(slip: str, meant: str) -> None:
    assert suggested(slip)[:1] == terms(meant)


def test_of_words_as_near_the_one_with_the_same_first_letter_comes_first_and_then_the_more_frequent() -> None:
    assert nearest("tals", ["tal", "tali", "talk", "walk"], [0, 3, 9, 99], 3) == ["talk", "tali"]
    assert nearest("calk", ["calc", "talk", "walk"], [1, 5, 9], 3) == ["calc", "walk", "talk"]


def test_a_word_that_is_not_visible_here_is_never_suggested() -> None:
    assert nearest("kenedy", ["kennedi"], [0], 3) == []


def test_short_words_may_have_one_slip_and_long_ones_two() -> None:
    assert nearest("tolkz", ["talk"], [1], 3) == []
    assert nearest("zepelinn", ["zeppelin"], [1], 3) == ["zeppelin"]
    assert nearest("zzeppeiln", ["zeppelin"], [1], 3) == ["zeppelin"]
    assert nearest("zepelnni", ["zeppelin"], [1], 3) == []


@pytest.mark.parametrize(
    "word", ["", "a", "wa", "1963", "1,963", "3.4", "zeppelin", "新聞社", "\ud800ab", "a" * 10_000]
)
def test_what_has_no_near_word_gets_no_suggestion(word: str) -> None:
    assert suggested(word) == []


def test_no_more_are_suggested_than_asked_for() -> None:
    assert len(suggested("wars", 2)) <= 2
    assert suggested("kenedy", 0) == []


@given(
    word=st.text(st.characters(codec=None), max_size=60) | st.text("abct ", max_size=9),
    vocabulary=st.sets(st.text("abct新é", min_size=1, max_size=6)),
)
def test_any_word_gets_only_visible_words_of_the_vocabulary(word: str, vocabulary: set[str]) -> None:
    ordered = sorted(vocabulary)
    counts = [position % 3 for position in range(len(ordered))]
    found = nearest(word, ordered, counts, 5)
    assert len(found) == len(set(found)) <= 5
    assert all(counts[ordered.index(term)] for term in found)


def test_half_a_million_terms_are_searched_at_once() -> None:
    vocabulary = sorted(
        f"{first}{second}{number:05}ing" for first in "abcdefghij" for second in "ab" for number in range(25_000)
    )
    started = time.thread_time()
    assert nearest("aa00001nigg", vocabulary, range(1, len(vocabulary) + 1), 3)
    assert time.thread_time() - started < 5  # a minute, were every term compared with every slip
