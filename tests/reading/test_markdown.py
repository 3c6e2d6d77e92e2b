"""Inline Markdown is taken off what is stored; the words and the blocks stay."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading.documents import read_document
from bot.reading.markdown import plain


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("She said **no** and *meant* it", "She said no and meant it"),
        ("__no__ and _meant_", "no and meant"),
        ("a snake_case_name and 2 * 3 * 4", "a snake_case_name and 2 * 3 * 4"),
        ("[the report](https://example.org/a_b_c) says", "the report says"),
        ("![a photo](x.png)Kyiv", "Kyiv"),
        ("<https://example.org>", "https://example.org"),
        ("`code` and **a *nested* one**", "code and **a nested one**"),
        (r"\*not emphasis\* and \[not a link\](x)", "*not emphasis* and [not a link](x)"),
        ("# Heading\n\n- **Kyiv:** one\n- two\n\n> quoted", "# Heading\n\n- Kyiv: one\n- two\n\n> quoted"),
        ("**Name:** an answer", "Name: an answer"),
        ("5 * 3 and * 2", "5 * 3 and * 2"),
    ],
)
def test_marks_go_and_words_stay(markdown: str, words: str) -> None:
    assert plain(markdown) == words


@given(st.text(alphabet="ab *_[]()`\\<>!\n", max_size=200))
def test_no_letter_is_added_and_lines_stay_lines(markdown: str) -> None:
    assert plain(markdown).count("\n") == markdown.count("\n")
    assert len(plain(markdown)) <= len(markdown)


@pytest.mark.parametrize("hostile", ["[" * 200_000, "**" * 100_000, "_a" * 100_000, "![](" * 50_000, "`" * 200_001])
def test_hostile_text_takes_linear_time(hostile: str) -> None:
    started = time.process_time()
    plain(hostile)
    assert time.process_time() - started < 5


def test_only_a_markdown_file_is_read_as_markdown() -> None:
    text = b"The minister called it **unfair** on Monday, and the vote went on."
    assert "**" not in read_document("a.md", text).text
    assert "**unfair**" in read_document("a.txt", text).text
