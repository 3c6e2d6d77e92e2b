"""What each paragraph of an article is: prose, list item, heading, interview turn or boilerplate.

Second step after `normal.clean`: text -> blocks -> speech and passages. Blocks decide what may be quoted, and as whose
words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.language.boilerplate import is_boilerplate, opens_highlights
from bot.language.paragraphs import LIST_MARKER, paragraphs
from bot.language.turns import Label, Turns, find_turns
from bot.model import Block, Kind, Span

_BARE_MARKER = re.compile(r"(?:[-*•◦▪‣·–]|\d{1,3}[.)])\s*$")
_MARKED_HEADING = re.compile(r"#{1,6}\s+(?=\S)")
_CLOSING_MARKS = re.compile(r"\s#+$")
_RULE = re.compile(r"(?:[-*_=~]\s?){3,}$|\W$")
_LONGEST_HEADING_CHARS, _MOST_HEADING_WORDS = 110, 16


def blocks(text: str) -> list[Block]:
    """The blocks of a cleaned text in order; lines that are only a rule or a lone sign belong to none."""
    parts = _parts(text)
    turns = find_turns(text, [part.span for part in parts if not (part.marked or is_boilerplate(part.span.of(text)))])
    reader = _Reader(text, turns)
    for number, part in enumerate(parts):
        reader.read(part, first=number == 0, last=number == len(parts) - 1)
    return reader.found


@dataclass(frozen=True, slots=True)
class _Part:
    """A paragraph without its list marker."""

    span: Span
    marked: bool


def _parts(text: str) -> list[_Part]:
    """The paragraphs, list markers taken off; a marker alone on its line marks the next paragraph."""
    parts = []
    pending = False
    for span in paragraphs(text):
        if _BARE_MARKER.match(text, span.start, span.end):
            pending = True
            continue
        if _RULE.match(text, span.start, span.end):
            pending = False
            continue
        marker = LIST_MARKER.match(text, span.start, span.end)
        start = marker.end() if marker else span.start
        parts.append(_Part(Span(start, span.end), marked=pending or marker is not None))
        pending = False
    return parts


@dataclass(slots=True)
class _Reader:
    """Reads parts in order and remembers whose turn it is."""

    text: str
    turns: Turns
    found: list[Block] = field(default_factory=list)
    label: Label | None = None
    question: Span | None = None
    in_highlights: bool = False

    def read(self, part: _Part, *, first: bool, last: bool) -> None:
        if label := self.turns.labels.get(part.span.start):
            self._turn(label, part.span.end)
            return
        kind, span = self._kind(part, first=first, last=last)
        if kind in (Kind.HEADING, Kind.BOILERPLATE) or self._narrates(span):
            self.label = None
        if self.label is None:
            self.found.append(Block(span, kind))
        else:
            self._say(self.label, span)

    def _kind(self, part: _Part, *, first: bool, last: bool) -> tuple[Kind, Span]:
        words = part.span.of(self.text)
        self.in_highlights = opens_highlights(words) or (self.in_highlights and part.marked)
        if self.in_highlights or is_boilerplate(words.strip("*_ ")):
            return Kind.BOILERPLATE, part.span
        if part.marked:
            return Kind.ITEM, part.span
        if heading := _marked_heading(self.text, part.span):
            return Kind.HEADING, heading
        if not last and _looks_like_heading(words, first=first):
            return Kind.HEADING, part.span
        return Kind.PROSE, part.span

    def _turn(self, label: Label, end: int) -> None:
        self.label = label
        if self.turns.asks(label) and not (self.found and self.found[-1].kind is Kind.QUESTION):
            self.question = None
        self._say(label, Span(label.text_start, end))

    def _say(self, label: Label, span: Span) -> None:
        speaker = self.turns.speaker(label)
        if self.turns.asks(label):
            self.question = Span(self.question.start, span.end) if self.question else span
            self.found.append(Block(span, Kind.QUESTION, speaker))
        else:
            self.found.append(Block(span, Kind.ANSWER, speaker, self.question))

    def _narrates(self, span: Span) -> bool:
        """Whether a paragraph without a label tells of the one who spoke last, and so is not their words."""
        speaker = self.turns.speaker(self.label) if self.label else None
        if not speaker:
            return False
        surname = speaker.split()[-1]
        return re.search(rf"\b{re.escape(surname)}\b", self.text[span.start : span.end]) is not None


def _marked_heading(text: str, span: Span) -> Span | None:
    """The words of a Markdown heading: after ``#``, or a line all in bold."""
    if mark := _MARKED_HEADING.match(text, span.start, span.end):
        words = _CLOSING_MARKS.sub("", text[mark.end() : span.end])
        return Span(mark.end(), mark.end() + len(words))
    words = span.of(text)
    bold = len(words) > 4 and words[:2] == words[-2:] and words[:2] in ("**", "__")
    if bold and "\n" not in words and len(words) <= _LONGEST_HEADING_CHARS and words[2:-2].strip() == words[2:-2]:
        inner = words[2:-2]
        return None if inner.endswith((".", ":", "?")) or words[:2] in inner else Span(span.start + 2, span.end - 2)
    return None


def _looks_like_heading(words: str, *, first: bool) -> bool:
    """A short line that does not end as a sentence does; a first line may be a headline that asks or shouts."""
    if "\n" in words or len(words) > _LONGEST_HEADING_CHARS or len(words.split()) > _MOST_HEADING_WORDS:
        return False
    if not (words[0].isupper() or words[0].isdigit() or words[0] in "“‘\"'¿¡"):
        return False
    ending = words.rstrip("”’\"')»*_ ")
    if ending.endswith(("?", "!")) and first:
        return words[0] not in '“"'
    return (
        bool(ending)
        and not ending.endswith((".", "!", "?", ":", ";", ",", "…", "。", "-", "—", "–"))
        and any(map(str.isalpha, words))
    )
