"""What can be read without the sentence before it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.editions.context import asks_alone, is_question, is_unfinished, leans_back, stands_inside_quotation_after


@pytest.mark.parametrize(
    "sentence",
    [
        "He left the room.",
        "“He wants peace,” the minister wrote.",
        "But the harbour stayed closed.",
        "That was the plan.",
        "However, the bridge held.",
        "In response, the council voted.",
        "In his evening address, he named a date.",
        "“We will rebuild,” she said.",
        "“The ferry is late.”",
        "The ferry is late,” Ms Lund said.",
        "(The figure is an estimate.)",
        "and the rest went home.",
        "Yes.",
        "The two met in Oslo.",
        "I support that.",
        "When they call, Let’s sail!, we sail.",
        "Any harbour will do for her.",
        "Feelings, he says, are not the point.",
        "The harbour office says no.",
        "Later that day, the port opened.",
        "…",
        "",
    ],
)
def test_a_sentence_that_needs_another_leans(sentence: str) -> None:
    assert leans_back(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The mayor said he would resign.",
        "After his call on Monday, Ms Lund named a date.",
        "“We will rebuild the pier,” Ms Lund said.",
        "Ferries were late because they had no crew.",
        "Anna Lund opened the pier in 2024.",
        "In Oslo, she said, the talks would go on.",
        "Two hundred people came to the harbour.",
        "Thatcher visited the yard in 1984.",
    ],
)
def test_a_sentence_that_explains_itself_stands_alone(sentence: str) -> None:
    assert not leans_back(sentence)


@pytest.mark.parametrize("question", ["How so?", "What did he say to Ms Lund?", "What does that tell you about Oslo?"])
def test_a_question_about_what_was_just_said_does_not_stand_alone(question: str) -> None:
    assert not asks_alone(question)


def test_a_question_that_names_its_matter_stands_alone() -> None:
    assert asks_alone("When will the new pier be opened?")


def test_a_question_is_one_inside_quotation_marks_too() -> None:
    assert is_question("“Why now?”")
    assert not is_question("“Why now?” Ms Lund asked.")


@pytest.mark.parametrize("sentence", ["Several problems remain:", "“The pier is new.", 'He said: "The pier'])
def test_a_sentence_cut_before_its_end_is_unfinished(sentence: str) -> None:
    assert is_unfinished(sentence)


def test_a_quotation_is_followed_from_its_first_sentence_to_its_last() -> None:
    inside = [False]
    for sentence in ["“The pier is new.", "The ferry is old.", "The crew is tired,” Ms Lund said.", "Rain fell."]:
        inside.append(stands_inside_quotation_after(sentence, inside[-1]))
    assert inside == [False, True, True, False, False]


@given(st.text())
def test_any_text_can_be_asked(text: str) -> None:
    assert leans_back(text) in {True, False}
    assert asks_alone(text) in {True, False}
    assert is_unfinished(text) in {True, False}
