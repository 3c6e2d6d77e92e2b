"""Where in an article a claim stands, word by word: the best alignment, whatever was left out, added or changed.

    claim, folded article -> windows that share rare words and pairs of words -> `Alignment`

A word matched counts for it; one changed, added or left out counts against it, and so does a jump to another place of
the article, however far, so that two sentences spliced together are found as such; at an ellipsis a jump is free. The
best sum is found by dynamic programming (Smith and Waterman 1981, with a flat cost for long gaps), a claim's word a
row, over the columns of the windows only: work is bounded by the square of the claim's length.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from bot.language.tokens import STOP_WORDS
from bot.search.claims import Claim
from bot.search.folding import BREAK, Folded
from bot.search.index import Floats
from bot.search.literal import MOST_PLACES
from bot.tallies import Ints

_BETWEEN = "\0"  # stands in no word, as a blank may: U+FDFA folds to four words
CONTENT: Final = 1.0
STOP: Final = 0.5  # what it counts that a word of this kind is matched
_CHANGED, _ADDED, _LEFT_OUT = 0.7, 0.6, 0.35
_JUMP, _JUMP_BACK, _JUMP_AT_GAP = 2.5, 3.5, 0.1
_NEVER = -1e9
_MOST_WINDOWS = 4
_LEAST_OF_WEIGHT = 0.05  # a further window holds so much of the claim's weight that no other holds
_PAD_WORDS = 8


@dataclass(frozen=True, slots=True)
class Pair:
    """A word of the claim, by number, and the article's word it is set against; None: it was added."""

    claimed: int
    stored: int | None


@dataclass(frozen=True, slots=True)
class Alignment:
    """``pairs`` has every word of the claim in order. ``score`` is 1 where all are matched in a row; it may be below 0.

    ``same`` of the claim's words are matched.
    """

    pairs: tuple[Pair, ...]
    score: float
    same: int


@dataclass(frozen=True, slots=True, eq=False)
class Sought:
    """A claim ready to be looked for: made once, and held against many articles."""

    words: tuple[str, ...]
    gaps: frozenset[int]
    numbers: Mapping[str, int]  # of its distinct words, from 1 on
    ids: Ints  # of its words
    worth: Floats  # of its words, if matched
    weights: Floats  # by number, what finding it says about a place; 0 for number 0
    couples: Floats  # by number of a word and of the next one: what finding them side by side says

    @classmethod
    def of(cls, claim: Claim, rarity: Mapping[str, float]) -> Sought:
        """``rarity`` is by folded word; a word without one counts as a stop word."""
        found = tuple(word.term for word in claim.words)
        numbers = {word: number for number, word in enumerate(dict.fromkeys(found), 1)}
        ids = np.array([numbers[word] for word in found])
        weights = np.array([0.0, *(max(rarity.get(word, 0.0), 0.1) for word in numbers)])
        couples = np.zeros((len(weights), len(weights)))
        for one, other in pairwise(ids.tolist()):
            couples[one, other] = weights[one] + weights[other]
        worth = np.array([STOP if word in STOP_WORDS else CONTENT for word in found])
        gaps = frozenset(gap.before for gap in claim.gaps)
        return cls(found, gaps, numbers, ids, worth, weights, couples)


def in_a_row(folded: Folded, sought: Sought) -> Iterator[tuple[Pair, ...]]:
    """Where the words of the claim stand with nothing between: the first `MOST_PLACES`."""
    words, text = _in_line(sought.words), _in_line(folded.words)
    at = text.find(words)
    for _ in range(MOST_PLACES):
        if at < 0:
            return
        first = text.count(_BETWEEN, 0, at)
        yield tuple(Pair(number, first + number) for number in range(len(sought.words)))
        at = text.find(words, at + len(words) - 1)


def _in_line(words: Sequence[str]) -> str:
    """Words one after the other, each between two marks: `_BETWEEN` counts them."""
    return f"{_BETWEEN}{_BETWEEN.join(words)}{_BETWEEN}"


def windows(folded: Folded, sought: Sought) -> tuple[list[tuple[int, int]], float]:
    """The parts of an article that may hold the claim, and which share of its weight they hold."""
    ids = np.array([sought.numbers.get(word, 0) for word in folded.words], np.int64)
    if not len(ids):
        return [], 0.0
    found: list[tuple[int, int]] = []
    left, held = sought.weights.copy(), 0.0
    width = len(sought.words) + max(4, len(sought.words) // 4)
    total = float(sought.weights.sum())
    while len(found) < _MOST_WINDOWS:
        start = _densest(_promise(ids, left, sought.couples), width)
        fresh = np.unique(ids[start : start + width])
        gained = float(left[fresh].sum())
        if gained <= 0 or (found and gained < _LEAST_OF_WEIGHT * total):
            break
        left[fresh] = 0.0
        held += gained
        found.append((max(0, start - _PAD_WORDS), min(len(ids), start + width + _PAD_WORDS)))
    return _merged(found), held / total


def _promise(ids: Ints, left: Floats, couples: Floats) -> Floats:
    """What each word of the article says about the claim standing there, as far as its words are not found yet."""
    promise = 0.5 * left[ids]
    side_by_side = couples[ids[:-1], ids[1:]] * ((left[ids[:-1]] > 0) | (left[ids[1:]] > 0))
    promise[:-1] += side_by_side
    return promise


def _densest(promise: Floats, width: int) -> int:
    """Where the window begins that promises most."""
    sums = np.concatenate(([0.0], np.cumsum(promise)))
    if len(promise) <= width:
        return 0
    return int(np.argmax(sums[width:] - sums[:-width]))


def _merged(found: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def align(folded: Folded, sought: Sought, parts: Sequence[tuple[int, int]]) -> Alignment:
    """The best alignment of the claim with the words of ``parts``, of which there is at least one."""
    numbered = [place for start, end in parts for place in range(start, end) if folded.words[place] != BREAK]
    ids = np.array([sought.numbers.get(folded.words[place], 0) for place in numbered], np.int64)
    table = _Table(sought, ids, np.array(numbered))
    pairs = table.trace()
    same = sum(pair.stored is not None and folded.words[pair.stored] == sought.words[pair.claimed] for pair in pairs)
    return Alignment(tuple(pairs), table.score / float(sought.worth.sum()), same)


class _Table:
    """``ending[i, j]`` is the best sum of the first i + 1 words of the claim whose last counterpart is column j."""

    def __init__(self, sought: Sought, ids: Ints, places: Ints) -> None:
        self._sought, self._places = sought, places
        size = len(sought.words), len(places)
        self._ending = np.full(size, _NEVER)
        self._paired = np.zeros(size, np.bool_)  # whether word i itself is set against column j there
        self._gain = np.full(size, -_CHANGED)
        for row, number in enumerate(sought.ids.tolist()):
            self._gain[row][ids == number] = sought.worth[row]
            self._fill(row)
        self.score = float(self._ending[-1].max())

    def _fill(self, row: int) -> None:
        reached = self._gain[row] + self._before(row)
        kept = self._ending[row - 1] - _ADDED if row else np.full(len(reached), _NEVER)
        self._paired[row] = reached >= kept
        self._ending[row] = np.maximum(reached, kept)

    def _before(self, row: int) -> Floats:
        """By column, the best sum of the words before ``row`` from which to go on there."""
        start = -_ADDED * row
        best = np.full(len(self._places), start)
        if row:
            ending, jump = self._ending[row - 1], self._jump(row)
            ahead = np.maximum.accumulate(ending)[:-1]
            near = np.maximum.accumulate(ending + _LEFT_OUT * self._places)[:-1]
            best[1:] = np.maximum(best[1:], np.maximum(ahead - jump, near - _LEFT_OUT * (self._places[1:] - 1)))
            best = np.maximum(best, ending.max() - _JUMP_BACK)
        return best

    def _jump(self, row: int) -> float:
        return _JUMP_AT_GAP if row in self._sought.gaps else _JUMP

    def trace(self) -> list[Pair]:
        """The best alignment, read off backwards."""
        pairs: list[Pair] = []
        column: int | None = int(np.argmax(self._ending[-1]))
        for row in range(len(self._sought.words) - 1, -1, -1):
            if column is None or not self._paired[row, column]:
                pairs.append(Pair(row, None))
                continue
            pairs.append(Pair(row, int(self._places[column])))
            column = self._previous(row, column)
        return pairs[::-1]

    def _previous(self, row: int, column: int) -> int | None:
        """The column the words before ``row`` end in; None where they all were added."""
        if not row:
            return None
        ending = self._ending[row - 1]
        skipped = _LEFT_OUT * (self._places[column] - 1 - self._places[:column])
        ahead = ending[:column] - np.minimum(skipped, self._jump(row))
        from_ahead = float(ahead.max(initial=_NEVER))
        from_back = float(ending.max()) - _JUMP_BACK
        if -_ADDED * row >= max(from_ahead, from_back):
            return None
        if from_ahead >= from_back:
            return column - 1 - int(np.argmax(ahead[::-1]))  # the nearest of equal ones
        return int(np.argmax(ending))
