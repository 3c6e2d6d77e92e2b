"""Sentence boundaries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.sentences import sentences
from bot.model import Span


@pytest.mark.parametrize(
    "marked",
    [
        "Mr. Vale met Sen. Ruiz at 9 a.m. Friday.| They talked.",
        "“Will it hold?” she asked.| No one knew.",
        "“Never!” President Ruiz declared on Monday.| Then he left.",
        "“We won.| We are glad,” said Ruiz.",
        "He paused … and left.| “So…”| Nobody spoke.",
        "It is the No. 1 issue in the U.S. Senate.| It rose 2.5 percent.",
        "He was born in 1971. [3]| She was not.",
        "会談は終わった。|次は来週だ。",
        "1. The first point stands.| It is short.",
        "Gen. A. B. Marsh and John Q. Orlov agreed.| So did I.| Rain fell.",
    ],
)
def test_boundaries_stand_where_marked(marked: str) -> None:
    text = marked.replace("|", "")
    assert [span.of(text) for span in sentences(text)] == [part.strip() for part in marked.split("|")]


def test_a_line_without_a_full_stop_is_a_sentence() -> None:
    text = "A short headline\nThe first paragraph."
    assert [span.of(text) for span in sentences(text)] == text.split("\n")


def test_a_wrapped_paragraph_is_not_broken_at_its_lines() -> None:
    text = (
        "The two sides agreed on Tuesday to hold another round of talks in\n"
        "Geneva next month, and both called the first one useful. Neither\n"
        "Ruiz nor Vale would say more.\n\nA second paragraph follows."
    )
    assert len(sentences(text)) == 3


def test_wrapped_list_items_are_parted_at_their_markers() -> None:
    text = (
        "- the first point, which is long enough to need a second line of\n"
        "  text in the source\n- the second point, which is not"
    )
    assert [span.of(text)[:13] for span in sentences(text)] == ["- the first p", "- the second "]


def test_a_part_of_a_text_keeps_the_text_s_offsets() -> None:
    text = "One. Two. Three."
    assert sentences(text, Span(5, 16)) == [Span(5, 9), Span(10, 16)]


@given(data=st.data())
def test_sentences_are_ordered_trimmed_and_hold_all_that_is_not_blank(
    any_text: st.SearchStrategy[str], data: st.DataObject
) -> None:
    text = data.draw(any_text)
    position = 0
    for span in sentences(text):
        assert text[position : span.start].strip() == ""
        assert span.of(text).strip() == span.of(text) != ""
        position = span.end
    assert text[position:].strip() == ""
