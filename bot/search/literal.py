"""Where a claim may stand word for word, found in the texts themselves: the quick way, before whole texts are folded.

What it finds is compared properly afterwards. What it misses ("cease-fire" for "ceasefire") alignment finds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice

from bot.language.tokens import fold
from bot.model import Span
from bot.search.claims import Claim

MOST_PLACES = 5
"""Of one article, where it holds a claim more than once."""
_MOST_ANCHORS = 12  # occurrences of its rarest word looked at
_NEEDED = 3  # of its rarest words, to be in a text at all
_FIRST_WORDS = 8  # of a claim without rare words are looked for; a longer pattern takes long to compile
_SLACK = 1.5  # a claim may be printed in so many times the characters: with marks, in wider blanks
_ENDING = r"(?:['’]\w{1,2})?"


class Literal:
    """A claim ready to be looked for word for word in many texts."""

    def __init__(self, claim: Claim, rarity: Mapping[str, float], *, anchored: bool = True) -> None:
        """``anchored``: look only around the word that ``rarity`` says most of, which stands there but for accents."""
        found = dict.fromkeys(word.term for word in claim.words)
        self._rarest = sorted(found, key=lambda word: -rarity.get(word, 0.0))[:_NEEDED] if anchored else []
        first = [] if anchored else [_loosely(word.term) for word in claim.words[:_FIRST_WORDS]]
        self._pattern = re.compile(rf"{_ENDING}[\W_]+".join(first) + rf"{_ENDING}(?!\w)", re.IGNORECASE)
        self._reach = int(len(claim.span) * _SLACK) + 20

    def find(self, text: str) -> Iterator[Span]:
        """The parts of ``text`` in which the words may stand in a row, apart, from left to right."""
        return self._around_rarest(text) if self._rarest else islice(self._matches(text), MOST_PLACES)

    def _around_rarest(self, text: str) -> Iterator[Span]:
        lower = text.lower()
        if not self._are_in(lower) and not self._are_in(lower := _plainly(lower)):
            return
        if len(lower) != len(text):  # a letter whose small form is two characters: places would not be the same
            yield Span(0, len(text))
            return
        held: Span | None = None
        for at in islice(_places(lower, self._rarest[0]), _MOST_ANCHORS):
            part = Span(max(0, at - self._reach), min(len(text), at + self._reach))
            if held is not None and part.start > held.end:
                yield held
                held = None
            held = part if held is None else Span(held.start, part.end)
        if held is not None:
            yield held

    def _are_in(self, text: str) -> bool:
        return all(word in text for word in self._rarest)

    def _matches(self, text: str) -> Iterator[Span]:
        plain = _plainly(text)
        if len(plain) != len(text):  # the same
            yield Span(0, len(text))
            return
        for match in self._pattern.finditer(plain):
            if match.start() == 0 or not text[match.start() - 1].isalnum():
                yield Span(match.start(), min(len(text), max(match.end(), match.start() + self._reach)))


def _plainly(text: str) -> str:
    """``text`` sign by sign as its words are folded; of another length where a sign becomes none or several."""
    return text if text.isascii() else text.translate({ord(sign): _plain(sign) for sign in set(text)})


@lru_cache(maxsize=10_000)
def _plain(sign: str) -> str:
    return fold(sign) if unicodedata.category(sign)[0] in "LMN" else sign


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _loosely(word: str) -> str:
    """A pattern for a folded word as it may be printed: "dont" for "don't", "us" for "U.S."."""
    return "[.,'’-]?".join(map(re.escape, word))
