"""Article text reaches Discord as written, and nothing in it is formatting, a mention or a link."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord_app.limits import ELLIPSIS, chars, size
from bot.discord_app.markup import escape, passage
from bot.model import Span


def shown(markdown: str) -> str:
    """What Discord shows of escaped Markdown: each backslash gives way to the character behind it."""
    return re.sub(r"\\(.)", r"\1", markdown, flags=re.DOTALL)


@given(st.text(max_size=300))
def test_what_is_shown_is_what_was_written(text: str) -> None:
    assert shown(escape(text)) == text.replace("\n", " ").replace("\t", " ")


@pytest.mark.parametrize(
    "hostile",
    [
        "@everyone", "<@1234>", "<#1234>", "<t:1:R>", "<:emoji:1>", ":smile:", "[safe](https://evil.example)",
        "https://evil.example", "# heading", "> quoted", "**bold**", "~~gone~~", "||hidden||", "`code`", "```code```",
        "- item", "+ item", "-# small", "1. one", "_under_",
    ],
)  # fmt: skip
def test_no_markdown_of_an_article_is_live(hostile: str) -> None:
    live = re.compile(r"(?<!\\)[`*_~|<>\[\]()#@:]|^\s*[-+]|^\d+\.")
    assert live.search(escape(hostile)) is None


@given(st.text(max_size=400), st.integers(8, 120), st.integers(12, 300))
def test_a_passage_keeps_within_characters_and_bytes(text: str, max_chars: int, max_bytes: int) -> None:
    cut = passage(text, Span(0, len(text)), (), max_chars, max_bytes)
    assert chars(cut) <= max_chars
    assert size(cut) <= max_bytes


@given(st.text(alphabet="abc *_\\[:é🗞", max_size=80), st.integers(8, 40))
def test_a_cut_never_leaves_half_an_escape(text: str, max_chars: int) -> None:
    cut = passage(text, Span(0, len(text)), (), max_chars)
    kept = cut.removesuffix(ELLIPSIS)
    assert (len(kept) - len(kept.rstrip("\\"))) % 2 == 0


def test_matched_words_are_bold_in_the_original_text() -> None:
    text = "He called it *unfair* to vote now."
    bold = [Span(text.index("vote"), text.index("vote") + 4)]
    assert passage(text, Span(0, len(text)), bold, 200) == r"He called it \*unfair\* to **vote** now."


def test_bold_that_does_not_fit_is_left_out_whole() -> None:
    text = "We will vote tomorrow"
    cut = passage(text, Span(0, len(text)), [Span(8, 12)], 14)
    assert cut.count("**") % 2 == 0
    assert cut.endswith(ELLIPSIS)


def test_escaping_is_linear_on_hostile_text() -> None:
    started = time.perf_counter()
    escape("[" * 1_000_000)
    assert time.perf_counter() - started < 5
