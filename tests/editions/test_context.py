"""What can be read without the sentence before it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.editions.context import (
    asks_alone,
    has_slug,
    is_question,
    is_unfinished,
    leans_back,
    points_at_picture,
    stands_inside_quotation_after,
)


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


@pytest.mark.parametrize(
    "sentence",
    [
        "Anna Lund (pictured) closed the harbour.",
        "Anna Lund (left) and Erik Moe (right) at the pier.",
        "Anna Lund, pictured, closed the harbour.",
        "Above, the crane that lifts the wrecks.",
        "The pier (pictured in 2019) is closed.",
        "Erik Moe, pictured above with Anna Lund, asked for a pier.",
    ],
)
def test_a_sentence_of_a_picture_is_known(sentence: str) -> None:
    assert points_at_picture(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "She pictured the harbour without a wreck.",
        "The ship was pictured with its crew in 1990.",
        "The ferry turned left, then right.",
        "The party (the left) lost.",
        "Prices rose above, and then fell below, the line.",
    ],
)
def test_a_sentence_of_sides_and_pictures_is_not_of_one(sentence: str) -> None:
    assert not points_at_picture(sentence)


def test_a_slug_is_told_from_a_speaker_and_from_a_list() -> None:
    assert has_slug("Landmark: The old pier of Hvaler in May.")
    assert has_slug("‘Too late’: Anna Lund at the harbour.")
    assert not has_slug("Lund said: “The pier is closed.”")
    assert not has_slug("The council of Lillesand, the mayor and the fishermen agree on one thing: The pier is old.")
    assert not has_slug("The pier has one use: it keeps the waves out.")


@given(st.text())
def test_any_text_can_be_asked(text: str) -> None:
    assert leans_back(text) in {True, False}
    assert asks_alone(text) in {True, False}
    assert is_unfinished(text) in {True, False}
    assert points_at_picture(text) in {True, False}
    assert has_slug(text) in {True, False}
