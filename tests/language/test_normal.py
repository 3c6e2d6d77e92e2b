"""The stored form of a text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.normal import clean, fingerprint, places

ANY_TEXT = st.text(st.characters(codec=None), max_size=200)


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("one\r\ntwo\rthree\u2028four\u2029five\u0085six", "one\ntwo\nthree\nfour\nfive\nsix"),
        ("a\x00b\x07c\x9fd\te", "abcd\te"),
        ("page\fpage", "page\npage"),
        ("lone \ud800 half", "lone \ufffd half"),
        ("\ufeffab\u200bc \u202eleft\u202c \u2066x\u2069\u200e\u061c", "abc left x"),
        ("e\u0301", "é"),
        (
            "family \U0001f468\u200d\U0001f469 क्\u200dष \u0646\u200c\u0645",
            "family \U0001f468\u200d\U0001f469 क्\u200dष \u0646\u200c\u0645",
        ),
        ("x" + "\u0336" * 50 + "y", "x" + "\u0336" * 4 + "y"),
        ("trailing  \nblanks\t\n", "trailing\nblanks"),
        ("a\n\n\nb\n\n\n\n\nc", "a\n\n\nb\n\nc"),
        ("\n\n  indented\n\n", "  indented"),
    ],
)
def test_clean_gives_the_stored_form(raw: str, stored: str) -> None:
    assert clean(raw) == stored


@given(ANY_TEXT)
def test_cleaning_twice_changes_nothing_and_leaves_plain_text(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in cleaned)


@given(st.text(alphabet="a\u0301\u0323\u0327\u0342\u0345\u05b0\u0653\u0627é \n\r", max_size=60))
def test_cleaning_is_final_for_marks_that_compose(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.many
def test_a_megabyte_of_marks_is_cleaned_in_linear_time() -> None:
    assert len(clean("a" + "\u0301\u0323" * 500_000)) <= 6


def test_fingerprint_ignores_wrapping_and_nothing_else() -> None:
    assert fingerprint("One two\nthree.\n") == fingerprint("One  two three.\r\n\r\n")
    assert fingerprint("One two three.") != fingerprint("One two three")


@given(ANY_TEXT)
def test_every_character_of_a_cleaned_text_has_its_place_in_the_text_it_was(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    cleaned = clean(text)
    found = places(text, cleaned)
    assert found == sorted(found)
    assert len(found) == len(cleaned) + 1
    if unicodedata.normalize("NFC", cleaned) == cleaned and "\ufffd" not in cleaned:
        assert all(text[at] == mark or mark == "\n" for at, mark in zip(found, cleaned, strict=False) if at < len(text))


def test_places_count_what_cleaning_left_out() -> None:
    text = "\n\n  One.  \r\n\u200bTwo."
    assert [text[at] for at in places(text, clean(text))[:-1] if not text[at].isspace()] == list("One.Two.")
