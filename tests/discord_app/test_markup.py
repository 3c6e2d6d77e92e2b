"""Article text reaches Discord as written, and nothing in it is formatting, a mention or a link."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.discord_app.limits import ELLIPSIS, chars, size
from bot.discord_app.markup import escape, excerpt, passage
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
    started = time.process_time()
    escape("[" * 1_000_000)
    assert time.process_time() - started < 5


MARKDOWN = st.text("ab *_`~|[](<@#:>\\-+1.\n", max_size=60)
SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)), max_size=6)
_BOLD = re.compile(r"\*\*((?:\\.|[^\\*])+)\*\*(?!\*)", re.DOTALL)  # as Discord's clients read it, less what is escaped


def read(markdown: str) -> tuple[str, set[int]]:
    """What Discord shows, and which of its characters are bold; fails on an asterisk that is neither."""
    plain, bold, at = "", set[int](), 0
    while at < len(markdown):
        if match := _BOLD.match(markdown, at):
            inner = shown(match[1])
            assert inner == inner.strip() != ""
            bold |= set(range(len(plain), len(plain) + len(inner)))
            plain, at = plain + inner, match.end()
            assert not markdown.startswith("**", at), "two bold runs touch"
        elif markdown[at] == "\\":
            plain, at = plain + markdown[at + 1], at + 2
        else:
            assert markdown[at] != "*"
            plain, at = plain + markdown[at], at + 1
    return plain, bold


@given(text=MARKDOWN | st.text(max_size=60), wanted=SPANS)
@example(text="a  b*_", wanted=[(1, 5)])
@example(text="a b ", wanted=[(1, 3), (2, 0)])
def test_bold_is_read_as_it_was_meant_whatever_the_text_holds(text: str, wanted: list[tuple[int, int]]) -> None:
    spans = [Span(min(at, len(text)), min(at + length, len(text))) for at, length in wanted]
    plain, bold = read(excerpt(text, Span(0, len(text)), spans, 1_000))
    flat = text.replace("\n", " ").replace("\t", " ")
    assert plain == flat.strip()
    cut = len(flat) - len(flat.lstrip())
    meant = {at for span in spans for at in range(span.start, span.end)}
    assert {at + cut for at in bold} <= meant
    assert all(flat[at].isspace() for at in meant - {at + cut for at in bold})


@given(
    text=MARKDOWN | st.text(max_size=300),
    wanted=SPANS,
    max_chars=st.integers(12, 80),
    max_bytes=st.integers(30, 200),
)
def test_an_excerpt_keeps_its_limits_and_is_a_part_of_the_text_between_ellipses(
    text: str, wanted: list[tuple[int, int]], max_chars: int, max_bytes: int
) -> None:
    spans = [Span(min(at, len(text)), min(at + length, len(text))) for at, length in wanted]
    cut = excerpt(text, Span(0, len(text)), spans, max_chars, max_bytes)
    assert chars(cut) <= max_chars
    assert size(cut) <= max_bytes
    plain, _ = read(cut)
    flat = text.replace("\n", " ").replace("\t", " ")
    assert plain == flat.strip() or plain.removeprefix(ELLIPSIS).removesuffix(ELLIPSIS) in flat


def test_a_long_passage_is_shown_where_the_words_are_and_says_so_on_both_sides() -> None:
    text = "Nothing of note was said. " * 20 + "The *ferry* sails. " + "Nothing of note was said. " * 20
    at = text.index("ferry")
    shown_part = excerpt(text, Span(0, len(text)), [Span(at, at + 5)], 80)
    assert shown_part.startswith("…Nothing")
    assert r"The \***ferry**\* sails." in shown_part
    assert shown_part.endswith("…")


@pytest.mark.parametrize("windows", [1, 6])
def test_a_word_among_what_must_be_escaped_is_shown(windows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.discord_app.markup._MOST_WINDOWS", windows)
    text = "* " * 500 + "ferry" + " *" * 500
    cut = excerpt(text, Span(0, len(text)), [Span(1_000, 1_005)], 100)
    assert cut.startswith(ELLIPSIS)
    assert cut.endswith(ELLIPSIS)
    assert chars(cut) <= 100
    assert "**ferry**" in cut


def test_an_excerpt_of_a_megabyte_is_made_at_once() -> None:
    text = "*_[" * 330_000
    started = time.thread_time()
    assert excerpt(text, Span(0, len(text)), [Span(5_000, 5_001)], 1_800, 4_800)
    assert time.thread_time() - started < 1
