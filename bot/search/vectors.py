"""The terms of each article, by article: what feedback from the first results reads. Postings, the other way round.

Immutable, as `Postings` are: what is added is a chunk of its own until `compacted` makes one of all.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Self

import numpy as np

from bot.tallies import NOTHING, Ints, Tally, narrowed


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Documents in a row: of the ``i``-th, ``terms[starts[i]:starts[i + 1]]`` with ``frequencies``."""

    starts: Ints
    terms: Ints
    frequencies: Ints

    @classmethod
    def of(cls, tally: Tally) -> Self:
        """The vectors of a tally."""
        starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(tally.sizes, dtype=np.int64)))
        return cls(starts, tally.terms, narrowed(tally.frequencies))

    def as_tally(self) -> Tally:
        """The tally that it was made of."""
        return Tally(np.diff(self.starts), self.terms, self.frequencies)


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """Terms and frequencies by document number; ``firsts`` are the numbers that the chunks begin with."""

    chunks: tuple[Chunk, ...]
    firsts: tuple[int, ...]

    @classmethod
    def of(cls, chunk: Chunk) -> Self:
        """The vectors of one chunk."""
        return cls((chunk,), (0,))

    @classmethod
    def empty(cls) -> Self:
        """The vectors of nothing."""
        return cls.of(Chunk.of(NOTHING))

    def added(self, tally: Tally, first: int) -> Self:
        """With a document for each unit of ``tally``, numbered from ``first``: all that are there come before."""
        return type(self)((*self.chunks, Chunk.of(tally)), (*self.firsts, first))

    def get(self, number: int) -> tuple[Ints, Ints]:
        """The terms of a document and how often each stands in it."""
        place = bisect_right(self.firsts, number) - 1
        chunk, number = self.chunks[place], number - self.firsts[place]
        part = slice(chunk.starts[number], chunk.starts[number + 1])
        return chunk.terms[part], chunk.frequencies[part]

    def compacted(self) -> Self:
        """The same vectors in one chunk."""
        if len(self.chunks) == 1:
            return self
        return self.of(Chunk.of(Tally.join([chunk.as_tally() for chunk in self.chunks])))

    def catch_up(self, begun: Self, now: Self) -> Self:
        """``now``, with this compaction of ``begun``."""
        seen = len(begun.chunks)
        return type(self)((*self.chunks, *now.chunks[seen:]), (*self.firsts, *now.firsts[seen:]))
