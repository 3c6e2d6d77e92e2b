"""An article as folded words, as far as a claim can stand in it: what alignment compares.

A long text is taken in pieces, and only those are folded that hold rare words of the claim, which `str` finds forty
times faster than words are folded. Pieces end at white space, so that words are those of the whole text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.language.tokens import Token, folded, words
from bot.model import Span

PIECE_CHARS = 1_200
MOST_PIECES = 8
"""Of one article, the most telling; each is kept with its neighbours. The longest claim has some 1,800 characters."""
_LEAST_OF_BEST = 0.35
_LONGEST_WORD_CHARS = 80  # how far white space is looked for
BREAK = "\n"
"""Stands for what was left out between two pieces; no word is it."""


@dataclass(slots=True)
class Folded:
    """``words`` are the folded words of the pieces that were kept, with a `BREAK` for what is left out between."""

    text: str
    pieces: list[Span]
    words: list[str]
    _firsts: list[int]  # the number of the first word of each piece
    _tokens: dict[int, list[Token]] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, rarity: Mapping[str, float]) -> Folded:
        """``rarity`` is what each rare word of the claim, folded, says about where it stands."""
        pieces = _telling(text, _pieces(text), rarity)
        found: list[str] = []
        firsts: list[int] = []
        for number, piece in enumerate(pieces):
            if number and pieces[number - 1].end != piece.start:
                found.append(BREAK)
            firsts.append(len(found))
            found += folded(piece.of(text))
        return cls(text, pieces, found, firsts)

    @classmethod
    def at(cls, text: str, span: Span) -> Folded:
        """The words at a place of a text, and some around it."""
        before, after = max(0, span.start - _LONGEST_WORD_CHARS), span.end + _LONGEST_WORD_CHARS
        start = max(text.rfind(" ", before, span.start), text.rfind("\n", before, span.start))
        ends = [end for end in (text.find(" ", span.end, after), text.find("\n", span.end, after)) if end >= 0]
        piece = Span(start if start >= 0 else before, min([*ends, after, len(text)]))
        return cls(text, [piece], folded(piece.of(text)), [0])

    def token(self, number: int) -> Token:
        """A word with its place in the text."""
        piece = bisect_right(self._firsts, number) - 1
        if piece not in self._tokens:
            self._tokens[piece] = _words_of(self.text, self.pieces[piece])
        return self._tokens[piece][number - self._firsts[piece]]

    def span(self, first: int, end: int) -> Span:
        """From word ``first`` to the one before ``end``."""
        return Span(self.token(first).span.start, self.token(end - 1).span.end)


def _words_of(text: str, piece: Span) -> list[Token]:
    """The words of a piece by itself, as they were counted: beside what stands before it they may be others."""
    return [
        Token(token.term, Span(piece.start + token.span.start, piece.start + token.span.end))
        for token in words(piece.of(text))
    ]


def _pieces(text: str) -> list[Span]:
    """The text in pieces of some `PIECE_CHARS`, cut at white space."""
    pieces, start = [], 0
    while len(text) - start > PIECE_CHARS * 1.5:
        end = max(text.rfind(" ", start, start + PIECE_CHARS), text.rfind("\n", start, start + PIECE_CHARS))
        end = start + PIECE_CHARS if end <= start else end
        pieces.append(Span(start, end))
        start = end
    return [*pieces, Span(start, len(text))]


def _telling(text: str, pieces: list[Span], rarity: Mapping[str, float]) -> list[Span]:
    """The pieces that hold most of the rare words, and those that hold what these lack, with their neighbours."""
    if len(pieces) <= 3:
        return pieces
    lower = [piece.of(text).lower() for piece in pieces]
    scores = [_score(piece, rarity) for piece in lower]
    best = sorted(range(len(pieces)), key=lambda number: -scores[number])[: MOST_PIECES // 2]
    chosen = [number for number in best if scores[number] >= scores[best[0]] * _LEAST_OF_BEST]
    left = {word: weight for word, weight in rarity.items() if word not in lower[best[0]]}
    for _ in range(MOST_PIECES // 2):
        if not left:
            break
        number = max(range(len(pieces)), key=lambda number: _score(lower[number], left))
        chosen.append(number)
        left = {word: weight for word, weight in left.items() if word not in lower[number]}
    kept = {near for number in chosen for near in (number - 1, number, number + 1)}
    return [piece for number, piece in enumerate(pieces) if number in kept]


def _score(text: str, rarity: Mapping[str, float]) -> float:
    return sum(weight for word, weight in rarity.items() if word in text)
