"""Where a claim stands word for word, found in the texts themselves: the quick way, before words are folded.

What it finds is compared properly afterwards. What it misses (accents, "cease-fire" for "ceasefire") alignment finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from bot.model import Span
from bot.search.claims import Claim

MOST_PLACES = 5
"""Of one article, where it holds a claim more than once."""
_MOST_ANCHORS = 50  # occurrences of its rarest word looked at
_SLACK = 1.5  # a claim may be printed in so many times the characters: with marks, in wider blanks


class Literal:
    """A claim ready to be looked for word for word in many texts."""

    def __init__(self, claim: Claim, rarity: Mapping[str, float], *, anchored: bool = True) -> None:
        """``anchored``: look only around the word that ``rarity`` says most of, which must stand there as it is."""
        found = [word.term for word in claim.words]
        ending = r"(?:['’]\w{1,2})?"
        joint = rf"{ending}[\W_]+"
        self._pattern = re.compile(joint.join(map(_loosely, found)) + rf"{ending}(?!\w)", re.IGNORECASE)
        self._anchor = max(found, key=lambda word: rarity.get(word, 0.0)) if anchored else None
        self._reach = int(len(claim.span) * _SLACK) + 20

    def find(self, text: str) -> Iterator[Span]:
        """Where the words stand in a row, from left to right: the first `MOST_PLACES`."""
        return islice(self._near_anchor(text) if self._anchor else self._everywhere(text, 0, len(text)), MOST_PLACES)

    def _near_anchor(self, text: str) -> Iterator[Span]:
        lower = text.lower()
        if len(lower) != len(text):  # a letter whose small form is two characters: places would not be the same
            yield from self._everywhere(text, 0, len(text))
            return
        at, passed = -1, 0
        for _ in range(_MOST_ANCHORS):
            at = lower.find(self._anchor or "", at + 1)
            if at < 0:
                return
            if at >= passed:
                for span in self._everywhere(text, max(passed, at - self._reach), min(len(text), at + self._reach)):
                    passed = span.end
                    yield span

    def _everywhere(self, text: str, start: int, end: int) -> Iterator[Span]:
        for match in self._pattern.finditer(text, start, end):
            if match.start() == 0 or not text[match.start() - 1].isalnum():
                yield Span(*match.span())


def _loosely(word: str) -> str:
    """A pattern for a folded word as it may be printed: "dont" for "don't", "us" for "U.S."."""
    return "[.,'’-]?".join(map(re.escape, word))
