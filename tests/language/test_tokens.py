"""One tokeniser for what is printed and what is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.tokens import STOP_WORDS, places, terms, tokenize, words
from bot.model import Span


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("U.S.", "US"),
        ("cease-fire", "ceasefires"),
        ("re-election", "reelection"),
        ("1,000,000", "1000000"),
        ("the minister’s", "minister's"),
        ("O’Brien", "o'brien"),
        ("Zürich Łódź", "zurich lodz"),
        ("Ｎews ﬁsh", "news fish"),
        ("Straße", "STRASSE"),
        ("e\u0301tude", "étude"),
        ("negotiating", "negotiated"),
        ("peace-talks", "peace talks"),
        ("30-day", "30 day"),
        ("U.S.-backed", "US backed"),
    ],
)
def test_spellings_of_one_thing_give_the_same_terms(one: str, other: str) -> None:
    assert terms(one) == terms(other) != []


def test_decimals_stay_whole() -> None:
    assert terms("3.4 percent") == ["3.4", "percent"]


def test_a_text_of_stop_words_has_no_terms() -> None:
    assert terms("to be or not to be") == terms("") == terms("— … !") == []


def test_the_united_states_is_no_stop_word() -> None:
    assert "us" not in STOP_WORDS


def test_scripts_without_spaces_are_searched_by_character_and_marks_are_kept() -> None:
    assert terms("停戦だ") == ["停", "戦", "だ"]
    assert terms("हिन्दी") == ["हिन्दी"]


def test_tokens_know_their_place_in_the_whole_text() -> None:
    text = "Peace talks in the U.S. resumed."
    found = tokenize(text, Span(6, len(text)))
    assert [(token.term, token.span.of(text)) for token in found] == [
        ("talk", "talks"),
        ("us", "U.S"),
        ("resum", "resumed"),
    ]


@given(st.text(st.characters(codec=None), max_size=200))
def test_any_text_gives_tokens_in_order_and_in_range(text: str) -> None:
    found = tokenize(text)
    assert [token.term for token in found] == terms(text)
    ends = [0]
    for token in found:
        assert ends[-1] <= token.span.start < token.span.end <= len(text)
        assert token.term
        ends.append(token.span.end)


def test_words_are_folded_but_neither_stemmed_nor_left_out() -> None:
    text = "The U.S. “Peace-Talks” weren't re-opened in Łódź by 1,000 envoys"
    assert [word.term for word in words(text)] == [
        *("the", "us", "peace", "talks", "werent", "reopened", "in", "lodz", "by", "1000", "envoys")
    ]


def test_words_know_their_place_in_the_whole_text() -> None:
    text = "All of the talks resumed."
    assert [word.span.of(text) for word in words(text, Span(4, len(text)))] == ["of", "the", "talks", "resumed"]


@given(st.text(st.characters(codec=None), max_size=200))
def test_every_term_stands_where_a_word_stands(text: str) -> None:
    """What differs is that words are not stemmed and stop words are among them."""
    places = {word.span: word.term for word in words(text)}
    assert all(word and len(word) <= 64 for word in places.values())
    found = {token.span: token.term for token in tokenize(text)}
    assert found.keys() <= places.keys()
    assert {places[span] for span in places.keys() - found.keys()} <= STOP_WORDS


def test_a_word_without_end_is_cut_as_its_term_is() -> None:
    assert [len(word.term) for word in words("x" * 500)] == [64]


@given(st.text(), st.sampled_from(["ferry", "u", "us", "peac", "3.4"]))
def test_places_are_those_of_the_tokens_that_are_wanted(text: str, term: str) -> None:
    text = f"{text} The ferries of the U.S., peace-talks; 3.4 {text}"
    span = Span(1, len(text) - 1)
    assert list(places(text, span, {term})) == [token.span for token in tokenize(text, span) if token.term == term]
