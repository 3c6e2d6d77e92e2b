"""Where paragraphs begin and end: the first thing that is read off a stored text, for blocks and sentences alike.

Documents come in two habits: one paragraph a line, or paragraphs wrapped over several lines with blank lines between.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from bot.model import Span

_LINE = re.compile(r"\S[^\n]*")
_BLANK_LINE = re.compile(r"\n[^\S\n]*+\n")
_FIRST_WORD = re.compile(r"\S++")
LIST_MARKER: Final = re.compile(r"(?:[-*•◦▪‣·–]|\d{1,3}[.)])(?=\s|$)[^\S\n]*+")
"""A bullet or a number that opens a list item, with the blanks after it."""
_OPENS_UNIT = re.compile(rf"(?:{LIST_MARKER.pattern}|#{{1,6}}\s|>)")
_SENTENCE_ENDS = (".", "!", "?", ":", "…", "”", '"', "’", "。")

# Widths to which people and programs wrap lines; a longer line is a paragraph of its own.
_NARROWEST_WRAP_CHARS, _WIDEST_WRAP_CHARS = 45, 132
# A line wrapped by a program has no room for the next word; by hand it comes near.
_FULL = 0.85


def paragraphs(text: str, span: Span | None = None) -> list[Span]:
    """The paragraphs of ``text`` (or of its part ``span``) in order, without the white space around them.

    A line is a paragraph, unless it and its neighbours between two blank lines look like one paragraph wrapped. List
    items and Markdown headings always begin a new one.
    """
    start, end = (span.start, span.end) if span else (0, len(text))
    if text.find("\n", start, end) < 0:
        return _trimmed(text, start, end)
    found: list[Span] = []
    for first, last in _between_blank_lines(text, start, end):
        lines = _lines(text, first, last)
        found.extend(_units(text, lines) if _wrapped(text, lines) else lines)
    return found


def _trimmed(text: str, start: int, end: int) -> list[Span]:
    part = text[start:end]
    inner = part.strip()
    start += len(part) - len(part.lstrip())
    return [Span(start, start + len(inner))] if inner else []


def _between_blank_lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    parts = []
    for blank in _BLANK_LINE.finditer(text, start, end):
        parts.append((start, blank.start()))
        start = blank.end()
    return [*parts, (start, end)]


def _lines(text: str, start: int, end: int) -> list[Span]:
    return [Span(line.start(), line.start() + len(line[0].rstrip())) for line in _LINE.finditer(text, start, end)]


def _wrapped(text: str, lines: list[Span]) -> bool:
    """Whether ``lines`` are paragraphs broken to a width: no line but the last of each had room for one more word."""
    width = max(map(len, lines), default=0)
    if len(lines) < 2 or not _NARROWEST_WRAP_CHARS <= width <= _WIDEST_WRAP_CHARS:
        return False
    broken_inside = False
    for line, following in pairwise(lines):
        if _OPENS_UNIT.match(text, following.start):
            continue
        word = _FIRST_WORD.match(text, following.start, following.end)
        if len(line) + 1 + len(word[0] if word else "") <= _FULL * width:
            return False
        broken_inside |= not text.endswith(_SENTENCE_ENDS, line.start, line.end)
    return broken_inside


def _units(text: str, lines: list[Span]) -> list[Span]:
    units = lines[:1]
    for line in lines[1:]:
        if _OPENS_UNIT.match(text, line.start):
            units.append(line)
        else:
            units[-1] = Span(units[-1].start, line.end)
    return units
