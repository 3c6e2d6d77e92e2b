"""Counting: what stands in the tally of an article and of each of its passages, and how its words are spelled."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.desks.preparing import prepare
from bot.language.counting import Counted, count
from bot.language.tokens import terms
from bot.model import Document, Kind, Passage, Span
from bot.tallies import Tally

WORDS = st.sampled_from(["ferry", "Ferries", "the", "Kyiv", "U.S.", "cease-fire", "1,000", "Zelenskyy", "élan", "停戦"])
MARKS = st.sampled_from([" ", ". ", "\n\n", "’s ", ", ", " “", "” "])
NEWSLIKE = st.lists(st.tuples(WORDS, MARKS), max_size=40).map(lambda pairs: "".join(map("".join, pairs)))
ANY_TEXT = NEWSLIKE | st.text(max_size=120)


def units(counted: Counted) -> list[Counter[str]]:
    """The terms of each unit, with their frequencies."""
    return [_unit(counted, number) for number in range(len(counted.tally.sizes))]


def _unit(counted: Counted, number: int) -> Counter[str]:
    unit: Tally = counted.tally.unit(number)
    return Counter({counted.terms[i]: n for i, n in zip(unit.terms.tolist(), unit.frequencies.tolist(), strict=True)})


def known(counted: Counted) -> dict[str, tuple[str, str | None]]:
    """The spelling and the name key of each term."""
    return dict(zip(counted.terms, zip(counted.words, counted.name_keys, strict=True), strict=True))


def passage(text: str, part: str, question: str | None = None) -> Passage:
    start = text.index(part)
    asked = None if question is None else Span(text.index(question), text.index(question) + len(question))
    return Passage(Span(start, start + len(part)), Kind.PROSE, question=asked)


def test_the_words_of_a_title_are_counted_with_the_article_and_with_no_passage() -> None:
    text = "The ferry sails."
    whole, only = units(count("Harbour ferry", text, [passage(text, text)]))
    assert whole == Counter({"ferri": 2, "harbour": 1, "sail": 1})
    assert only == Counter({"ferri": 1, "sail": 1})


def test_a_title_that_stands_in_the_text_is_counted_once() -> None:
    text = "Lighthouse lit again\n\nIt shone over the bay."
    inside = prepare(Document("a.txt", "Lighthouse lit again", text, title_in_text=True)).analysis.counted
    beside = prepare(Document("a.txt", "Lighthouse lit again", text, title_in_text=False)).analysis.counted
    assert units(inside)[0]["lighthous"] == 1
    assert units(beside)[0]["lighthous"] == 2


def test_a_passage_counts_the_terms_inside_its_span_and_no_others() -> None:
    text = "The ferry sails at dawn. The ferry and the freight wait."
    counted = count("", text, [passage(text, "The ferry sails at dawn."), passage(text, "freight")])
    assert units(counted)[1:] == [Counter({"ferri": 1, "sail": 1, "dawn": 1}), Counter({"freight": 1})]


def test_the_words_of_a_question_are_counted_on_the_first_passage_of_its_answer_only() -> None:
    text = "Why the harbour? We like boats. We like gulls. Which tide? Any tide."
    parts = [
        passage(text, "We like boats.", "Why the harbour?"),
        passage(text, "We like gulls.", "Why the harbour?"),
        passage(text, "Any tide.", "Which tide?"),
    ]
    _, first, second, third = units(count("", text, parts))
    assert first == Counter({"like": 1, "boat": 1, "harbour": 1})
    assert second == Counter({"like": 1, "gull": 1})
    assert third == Counter({"tide": 2})


def test_a_term_is_a_name_where_it_always_begins_with_a_capital() -> None:
    text = "In Kyiv a march began. They march. March is cold. Zelenskyy spoke."
    found = known(count("", text, []))
    assert found["kyiv"] == ("Kyiv", "kiev")
    assert found["zelenskyy"] == ("Zelenskyy", "zelenski")
    assert found["march"] == ("march", None)


def test_a_word_is_kept_as_it_is_spelled_most_often() -> None:
    text = "NATO met. Nato met. NATO left. Running and runs, then runs."
    found = known(count("", text, []))
    assert found["nato"][0] == "NATO"
    assert found["run"][0] == "runs"


def test_a_word_that_is_no_name_is_kept_in_small_letters() -> None:
    assert known(count("SUBMARINE", "Boats are boats.", []))["submarin"] == ("submarine", None)
    assert known(count("", "Boats are boats.", []))["boat"] == ("boats", None)


def test_terms_are_numbered_from_0_in_the_order_they_come() -> None:
    counted = count("Harbour", "The ferry and the harbour gulls.", [])
    assert counted.terms == ("harbour", "ferri", "gull")
    assert counted.tally.terms.tolist() == [0, 1, 2]


def test_an_empty_article_has_one_empty_unit() -> None:
    counted = count("", "", [])
    assert (counted.terms, units(counted)) == ((), [Counter()])


@given(title=ANY_TEXT, text=ANY_TEXT)
def test_the_article_counts_the_terms_of_title_and_text(title: str, text: str) -> None:
    counted = count(title, text, [])
    assert units(counted) == [Counter(terms(title) + terms(text))]
    assert len(set(counted.terms)) == len(counted.terms) == len(counted.words) == len(counted.name_keys)


@given(text=ANY_TEXT, data=st.data())
def test_a_passage_counts_the_tokens_that_begin_in_it_and_those_of_its_question(text: str, data: st.DataObject) -> None:
    # Passages and questions begin and end where words do.
    edges = [0, *(i for i, mark in enumerate(text) if mark.isspace()), len(text)]
    edge = st.sampled_from(edges)
    span = st.tuples(edge, edge).map(sorted).map(lambda pair: Span(*pair))
    parts = data.draw(st.lists(st.builds(Passage, span, st.just(Kind.ANSWER), st.none(), st.none() | span), max_size=5))
    found = units(count("", text, parts))[1:]
    previous = None
    for part, unit in zip(parts, found, strict=True):
        asked = part.question if part.question != previous else None
        previous = part.question
        assert unit == Counter(terms(part.span.of(text)) + (terms(asked.of(text)) if asked else []))
