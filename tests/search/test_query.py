"""A query: what is asked of the index, from any text and options."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Refused
from bot.language.normal import clean
from bot.language.tokens import terms
from bot.search.query import MOST_CHARS, MOST_EXCLUSIONS, MOST_PHRASES, MOST_TERMS, Phrase, Query
from tests.search.hostile import hostile_queries
from tests.strangeness import any_text

TODAY = date(2026, 5, 13)


def ask(text: str = "", **options: str | None) -> Query:
    return Query.of(text, today=TODAY, **options)


def test_plain_words_are_the_terms_of_the_text() -> None:
    assert ask(" peace talks and Peace ").terms == ("peac", "talk", "peac")
    assert ask(" peace talks and Peace ").text == "peace talks and Peace"


def test_a_phrase_is_searched_by_its_terms_in_their_place_and_compared_by_its_words() -> None:
    asked = ask('Istanbul "the Peace-Talks" again? ceasefire')
    assert asked.terms == ("istanbul", "peac", "talk", "ceasefir")
    assert asked.phrases == (Phrase(("the", "peace", "talks"), ("peac", "talk")),)


def test_what_is_excluded_is_no_term() -> None:
    asked = ask('talks -football -"cup final" -peace-keeping')
    assert asked.terms == ("talk",)
    assert [phrase.words for phrase in asked.excluded] == [("football",), ("cup", "final"), ("peace", "keeping")]
    assert asked.excluded[0].terms == ("footbal",)


def test_a_stop_word_is_not_excluded_but_a_phrase_of_stop_words_is() -> None:
    assert [phrase.words for phrase in ask('talks -the -"to be"').excluded] == [("to", "be")]


def test_exclusions_alone_or_stop_words_alone_have_no_terms() -> None:
    for text in ("-football", '-"cup final"', '"to be or not to be"', "the of and", '""', "-", "🗞", "-the"):
        asked = ask(text)
        assert asked.terms == ()
        assert not asked.by_chance


def test_limits_alone_ask_for_a_quote_by_chance() -> None:
    assert ask("").by_chance
    assert ask("  ", source="Reuters").by_chance
    assert ask("speaker:Rubio since:2025").by_chance
    assert not ask("speaker:Rubio visa").by_chance


def test_options_win_over_what_is_typed() -> None:
    asked = ask(
        "talks source:AP speaker:Rubio since:2024 until:2024",
        source="Reuters",
        speaker="Lula",
        since="2025",
        until="2025",
    )
    assert asked.limits == {"source": "Reuters", "speaker": "Lula", "since": "2025-01-01", "until": "2025-12-31"}
    assert asked.terms == ("talk",)


def test_blank_options_are_none() -> None:
    assert ask("talks", source=" ", speaker="", since=" ", until="").limits == {}


@pytest.mark.parametrize("option", ["since", "until"])
def test_an_option_that_is_no_date_is_refused_whatever_is_typed(option: str) -> None:
    with pytest.raises(Refused, match="“the other day” is not a date I can read"):
        ask(f"{option}:2025", **{option: "the other day"})


def test_limits_given_again_as_options_mean_the_same() -> None:
    asked = ask('source:"New York Times" speaker:Rubio since:"last week" until:yesterday')
    again = Query.of("", today=date(2030, 1, 1), **asked.limits)
    assert (again.source, again.speaker, again.since, again.until) == (
        asked.source,
        asked.speaker,
        asked.since,
        asked.until,
    )


def test_what_is_sought_leaves_out_operators_and_exclusions() -> None:
    assert ask("Visas “for students” -tourists source:AP now").sought == "Visas for students now"


def test_so_many_distinct_terms_are_kept_with_their_repetitions() -> None:
    many = " ".join(f"w{number}" for number in range(MOST_TERMS + 50))
    asked = ask(f"{many} w0 w{MOST_TERMS} w0")
    assert len(set(asked.terms)) == MOST_TERMS
    assert asked.terms[-2:] == ("w0", "w0")


def test_phrases_beyond_the_first_are_words_and_exclusions_beyond_the_first_nothing() -> None:
    quoted = " ".join(f'"w{number} x"' for number in range(MOST_PHRASES + 1))
    asked = ask(quoted)
    assert len(asked.phrases) == MOST_PHRASES
    assert f"w{MOST_PHRASES}" in asked.terms
    left_out = ask("y " + " ".join(f"-w{number}" for number in range(MOST_EXCLUSIONS + 1)))
    assert (len(left_out.excluded), left_out.terms) == (MOST_EXCLUSIONS, ("y",))


def test_of_a_document_given_as_a_question_the_beginning_is_read() -> None:
    assert len(ask("word " * 300_000).text) <= MOST_CHARS


def test_characters_that_no_document_keeps_do_not_part_the_words_of_a_question() -> None:
    assert ask("cease\u00adfire \u202etalks\u202c").terms == ask("ceasefire talks").terms


def test_the_table_of_hostile_queries_is_as_large_and_long_as_it_says() -> None:
    queries = hostile_queries()
    assert len(set(queries)) == len(queries) >= 500
    assert max(map(len, queries)) == 6_000


@pytest.mark.many
def test_every_hostile_query_is_read() -> None:
    for text in hostile_queries():
        assert_sound(ask(text))


@given(any_text(surrogates=True), st.none() | any_text(max_size=100, surrogates=True))
def test_any_text_is_a_query(text: str, name: str | None) -> None:
    assert_sound(ask(text, source=name, speaker=name))


_SYNTAX = [
    '"',
    "“",
    "”",
    "„",
    "«",
    "»",
    "-",
    "–",
    "−",
    " ",
    ":",
    "(",
    "source:",
    "speaker:",
    "since:",
    "before:",
    "2025",
]
_SYNTAX += ["last week", "peace", "talks", "the", "\n", "'", "Reuters", "May", "12", ","]


@given(st.lists(st.sampled_from(_SYNTAX), max_size=30).map("".join))
def test_any_string_of_operators_is_a_query(text: str) -> None:
    assert_sound(ask(text))


@given(st.text(st.characters(exclude_characters='"＂“”„‟〝〞〟❝❞«»‹›「」『』-‐–−﹣－:：'), max_size=200))
def test_text_without_operators_is_searched_as_it_is(text: str) -> None:
    asked = ask(text)
    assert list(asked.terms) == terms(clean(text))
    assert not asked.phrases
    assert not asked.excluded
    assert not asked.has_limits


def assert_sound(asked: Query) -> None:
    """What every query is, whatever was typed."""
    assert len(set(asked.terms)) <= MOST_TERMS
    assert len(asked.phrases) <= MOST_PHRASES
    assert len(asked.excluded) <= MOST_EXCLUSIONS
    assert all(phrase.words and all(phrase.words) for phrase in (*asked.phrases, *asked.excluded))
    asked.text.encode()
    str(asked.limits).encode()
    if asked.by_chance:
        assert (asked.terms, asked.phrases, asked.excluded, asked.sought) == ((), (), (), "")
