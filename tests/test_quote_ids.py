"""Quotation ids: short, stable, and never of other words than they were given to."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import SHARED, Article, Span
from bot.quote_ids import parse_quote_id, quote_id

HERE = 7


def article(text: str, library: int = SHARED, number: int = 12) -> Article:
    when = datetime(2026, 5, 12, tzinfo=UTC)
    return Article(1, library, number, "Ferry", None, (), None, None, when, None, None, 3, text)


def test_an_id_names_its_article_and_can_be_said_aloud() -> None:
    made = quote_id(article("The ferry sails. The ferry sinks."), Span(17, 33))
    assert re.fullmatch(r"q-s12-h[0-9a-hjkmnp-tv-z]{3}", made)


def test_the_same_words_elsewhere_in_the_text_have_another_id() -> None:
    text = "It sails. It sails."
    assert quote_id(article(text), Span(0, 9)) != quote_id(article(text), Span(10, 19))


@given(st.text(min_size=1, max_size=200), st.data(), st.sampled_from([SHARED, HERE]))
def test_an_id_is_read_back(text: str, data: st.DataObject, library: int) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    made = quote_id(article(text, library), Span(start, end))
    read = parse_quote_id(made, HERE)
    assert read is not None
    assert (read.library, read.number, read.start) == (library, 12, start)
    assert read.names(text[start:end])


@pytest.mark.parametrize("typed", ["Q-S12-H0AB", " q-s12-h0ab ", "`q-s12-h0ab`", "q-s12-hoab", "qs12-h0ab"])
def test_it_may_be_typed_as_people_type(typed: str) -> None:
    read = parse_quote_id(typed, HERE)
    assert read is not None
    assert (read.library, read.number, read.start, read.check) == (SHARED, 12, 17, "0ab")


@pytest.mark.parametrize(
    "typed", ["", "q", "q-", "s12", "q-s12", "q-s12-", "q-x12-h0ab", "q-s12-h_ab", "q-s12-" + "9" * 40]
)
def test_anything_else_is_no_id(typed: str) -> None:
    assert parse_quote_id(typed, HERE) is None


@given(st.text())
def test_any_text_is_read_or_not(typed: str) -> None:
    parse_quote_id(typed, HERE)


def test_an_id_does_not_name_changed_words() -> None:
    read = parse_quote_id(quote_id(article("The ferry sails."), Span(0, 16)), HERE)
    assert read is not None
    assert not read.names("The ferry sinks.")
