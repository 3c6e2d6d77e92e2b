"""Where quotation marks open and close."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.quotations import quotations
from bot.model import Span
from tests.sizes import some


def quoted(text: str) -> list[str]:
    return [quote.of(text) for quote in quotations(text, Span(0, len(text)))]


@pytest.mark.parametrize("marks", ["“”", '""', "«»", "„“", "„”", "»«", '“"', '"”'])
def test_each_style_of_marks_is_known_mixed_ones_too(marks: str) -> None:
    assert quoted(f"Vale said {marks[0]}no deal{marks[1]} on Monday.") == ["no deal"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“She told me ‘never’ and left,” he said.", ["She told me ‘never’ and left,"]),
        ("\"She said 'never' to me,\" he said.", ["She said 'never' to me,"]),
        ('"They call it “freedom” there," he said.', ["They call it “freedom” there,"]),
        ('“They call it "freedom" there,” he said.', ['They call it "freedom" there,']),
    ],
)
def test_a_quotation_holds_those_nested_in_it(text: str, expected: list[str]) -> None:
    assert quoted(text) == expected


def test_a_paragraph_may_open_with_a_closing_mark() -> None:
    assert quoted("”No deal,” Vale said.") == ["No deal,"]
    assert quoted("Vale said no,” and left.”") == []


def test_a_quotation_that_is_not_closed_runs_to_the_end_of_its_paragraph() -> None:
    assert quoted("“We will talk. We will go on.") == ["We will talk. We will go on."]
    assert quoted('"We will talk. We will go on.') == ["We will talk. We will go on."]


@pytest.mark.parametrize("text", ['a 6" pipe', 'href="x.html"', "the boys’ and girls’ teams", "„", "“”"])
def test_other_uses_of_the_marks_quote_nothing(text: str) -> None:
    assert quoted(text) == []


@given(data=st.data())
def test_quotations_of_any_text_are_in_order_and_apart(any_text: st.SearchStrategy[str], data: st.DataObject) -> None:
    text = data.draw(any_text)
    position = 0
    for quote in quotations(text, Span(0, len(text))):
        assert position <= quote.start < quote.end <= len(text)
        position = quote.end


@pytest.mark.many
@pytest.mark.parametrize("mark", some(["“", '"', "»", "«", "„", ' "', "”", "“a ", ' "a'], few=3))
def test_a_megabyte_of_one_mark_takes_no_time(mark: str) -> None:
    text = mark * (1_000_000 // len(mark))
    assert len(quotations(text, Span(0, len(text)))) <= len(text)
