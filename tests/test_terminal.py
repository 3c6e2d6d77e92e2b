"""Quotes and hits as lines: the part of a long passage that answers, bold only where a person looks on."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest

from bot.model import Article, Hit, Kind, Passage, Quote, Span
from bot.terminal import hit_lines, quote_json, quote_lines

SHORT = "The *ferry*\nvote was lost."
LONG = "we met, " * 300 + "the ferry vote was lost, " + "and we left, " * 300
NOW = datetime(2026, 5, 12, tzinfo=UTC)


def quote(text: str, *words: str) -> Quote:
    article = Article(1, 0, 1, "Ferry", None, (), None, None, NOW, None, None, 9, text)
    found = tuple(Span(text.index(word), text.index(word) + len(word)) for word in words)
    return Quote(article, Passage(Span(0, len(text)), Kind.PROSE), 1.0, found)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_a_pipe_gets_plain_text_on_one_line() -> None:
    assert quote_lines(quote(SHORT, "ferry")).split("\n")[0] == "  The *ferry* vote was lost."


@pytest.mark.usefixtures("terminal")
def test_a_terminal_shows_matched_words_in_bold() -> None:
    assert "The *\x1b[1mferry\x1b[0m* \x1b[1mvote\x1b[0m was" in quote_lines(quote(SHORT, "ferry", "vote"))


@pytest.mark.usefixtures("terminal")
def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in quote_lines(quote(SHORT, "ferry"))


@pytest.mark.parametrize("words", [("ferry", "vote"), ()])
def test_a_long_passage_is_cut_to_the_part_that_answers(words: tuple[str, ...]) -> None:
    found = quote(LONG, *words)
    for lines in (quote_lines(found), hit_lines(Hit(found.article, 1.0, found))):
        assert ("the ferry vote was lost" in lines) == bool(words)
        assert lines.count("…") == (2 if words else 1)
        assert len(lines) < 1_000


def test_a_program_gets_the_whole_passage() -> None:
    assert quote_json(quote(LONG, "ferry"))["text"] == LONG
