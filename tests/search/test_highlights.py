"""The query's words are found in the original text, and the part of a passage that shows most of them."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.tokens import terms
from bot.model import Span
from bot.search.highlights import MARKED_CHARS, holds, matches, occurrences, window
from bot.search.query import Phrase, Query

ANY_TEXT = st.text(st.characters(codec=None), max_size=120) | st.text("ab. \n*市", max_size=80)


def phrase(text: str) -> Phrase:
    return Phrase.of(text)


def asked(text: str) -> Query:
    return Query.of(text, today=date(2026, 5, 12))


def whole(text: str) -> Span:
    return Span(0, len(text))


def marked(text: str, query: str, variants: dict[str, set[str]] | None = None) -> list[str]:
    return [span.of(text) for span in matches(text, whole(text), asked(query), variants or {})]


def test_words_are_found_by_their_stem_as_they_are_written() -> None:
    assert marked("He *Negotiated*; they negotiate.", "negotiations") == ["Negotiated", "negotiate"]


def test_variants_of_a_word_are_found() -> None:
    text = "Zelenskyy met Zelensky."
    assert marked(text, "zelensky", {"zelenski": {"zelenskyy"}}) == ["Zelenskyy", "Zelensky"]
    assert marked(text, "zelensky") == ["Zelensky"]


def test_a_phrase_is_marked_as_a_whole_and_its_words_nowhere_else() -> None:
    text = "Peace now: the peace of the brave, said Marsh."
    assert marked(text, '"peace of the brave" marsh') == ["peace of the brave", "Marsh"]


def test_a_word_asked_for_beside_the_phrase_that_holds_it_is_marked_everywhere() -> None:
    assert marked("Peace now: the peace talks.", '"peace talks" peace') == ["Peace", "peace talks"]


def test_the_words_of_a_phrase_that_does_not_occur_are_marked_alone() -> None:
    assert marked("Talks on peace", '"peace talks"') == ["Talks", "peace"]


def test_only_what_stands_inside_the_span_is_marked() -> None:
    text = "vote vote vote"
    assert matches(text, Span(5, 9), asked("vote")) == (Span(5, 9),)


def test_excluded_words_are_not_marked() -> None:
    assert marked("vote and strike", "vote -strike") == ["vote"]


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("To be, or not to be.", "to be", ["To be", "to be"]),
        ("The U.S. cease-fire’s end", "us ceasefire's end", ["U.S. cease-fire’s end"]),
        ("peace-talks", "peace talks", ["peace-talks"]),
        ("a a a b", "a a b", ["a a b"]),
        ("a a a a", "a a", ["a a", "a a"]),
        ("talking of peace", "talks of peace", []),
        ("talking of talk", "talks", ["talking", "talk"]),
        ("市長は辞任した", "辞任", ["辞任"]),
        ("anything", "", []),
    ],
)
def test_a_phrase_occurs_where_its_words_stand_in_a_row(text: str, words: str, found: list[str]) -> None:
    assert [span.of(text) for span in occurrences(text, whole(text), phrase(words))] == found
    assert holds(text, whole(text), phrase(words)) == bool(found)


@given(st.lists(st.sampled_from("ab"), max_size=30), st.lists(st.sampled_from("ab"), min_size=2, max_size=5))
def test_occurrences_are_those_of_a_plain_search(words: list[str], wanted: list[str]) -> None:
    text = " ".join(f"{word}x" for word in words)
    row = " ".join(f"{word}x" for word in wanted)
    assert len(occurrences(text, whole(text), phrase(row))) == text.count(row)


@given(ANY_TEXT, ANY_TEXT)
def test_the_matches_of_any_text_are_in_order_and_apart(text: str, query: str) -> None:
    end = 0
    for span in matches(text, whole(text), asked(query)):
        assert end <= span.start < span.end <= len(text)
        end = span.end


def shown(text: str, query: str, max_chars: int) -> str:
    return window(text, whole(text), matches(text, whole(text), asked(query)), max_chars).of(text)


FILLER = "Nothing of note was said in the hall that morning. "


def test_a_passage_that_fits_is_its_own_window() -> None:
    assert window("vote", whole("vote"), (), 4) == Span(0, 4)


def test_without_a_match_the_window_is_the_beginning() -> None:
    assert FILLER * 10 != shown(FILLER * 10, "zeppelin", 120) == (FILLER * 2).strip()


def test_the_window_is_where_most_different_words_are() -> None:
    text = "The vote, the vote, the vote. " + FILLER * 8 + "The ferry vote was lost. " + FILLER * 8
    assert "ferry vote" in shown(text, "ferry vote", 100)


def test_of_places_as_good_the_first_is_shown() -> None:
    text = FILLER * 5 + "The first ferry sailed. " + FILLER * 5 + "The second ferry sailed. " + FILLER
    assert "first ferry" in shown(text, "ferry", 100)


def test_the_window_is_whole_sentences_where_they_fit() -> None:
    text = FILLER * 5 + "The ferry vote was lost. " + FILLER * 5
    part = shown(text, "ferry", 130)
    assert part.startswith("Nothing")
    assert part.endswith(".")


def test_no_match_is_given_up_to_begin_with_a_sentence() -> None:
    text = "word and " * 60 + "the ferry left. The vote was lost. " + FILLER * 5
    part = shown(text, "ferry vote", 60)
    assert "ferry" in part
    assert "vote" in part


def test_the_window_of_an_endless_sentence_is_whole_words_with_some_before_the_match() -> None:
    text = "word and " * 60 + "ferry " + "word and " * 60
    part = shown(text, "ferry", 90)
    assert set(part.split()) == {"word", "and", "ferry"}
    assert part.index("ferry") >= 15


def test_a_script_without_blanks_is_cut_anywhere() -> None:
    text = "新聞" * 300 + "市長" + "新聞" * 300
    part = shown(text, "市長", 100)
    assert "市長" in part
    assert 90 <= len(part) <= 100


@given(text=ANY_TEXT, query=st.text("ab市 ", max_size=6), max_chars=st.integers(1, 60), cut=st.integers(0, 20))
def test_a_window_is_never_longer_than_its_room_nor_outside_the_span(
    text: str, query: str, max_chars: int, cut: int
) -> None:
    span = Span(min(cut, len(text)), len(text))
    found = matches(text, span, asked(query))
    part = window(text, span, found, max_chars)
    assert span.holds(part)
    assert len(part) <= max_chars
    if len(span) <= max_chars:
        assert part == span


@given(
    words=st.lists(st.sampled_from(["ferry", "vote", "hall", "said", "and.", "So"]), min_size=10, max_size=60),
    max_chars=st.integers(12, 80),
)
def test_no_window_of_the_size_shows_more_different_words(words: list[str], max_chars: int) -> None:
    text = " ".join(words)
    found = matches(text, whole(text), asked("ferry vote hall"))
    part = window(text, whole(text), found, max_chars)

    def distinct(span: Span) -> int:
        return len({tuple(terms(match.of(text))) for match in found if span.holds(match)})

    assert distinct(part) == max(distinct(Span(at, at + max_chars)) for at in range(len(text)))


@pytest.mark.parametrize("piece", ["a ", "a", "市", "a. ", "\n", "*", "a.b", "\u0301"])
def test_a_megabyte_is_marked_and_windowed_at_once(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    started = time.thread_time()
    found = matches(text, whole(text), asked('a 市 "a a a a a b" "b"'))
    assert all(span.end <= MARKED_CHARS for span in found)
    window(text, whole(text), found, 1_800)
    assert time.thread_time() - started < 5  # hours, were it not linear
