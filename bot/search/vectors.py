"""The terms of each article, by article: what feedback from the first results reads. Postings, the other way round.

Immutable, as `Postings` are: what is added is a chunk of its own until `compacted` makes one of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

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

    def units(self, numbers: Ints) -> Tally:
        """The vectors of these documents, in this order."""
        starts = self.starts[numbers]
        sizes = self.starts[numbers + 1] - starts
        ends = np.cumsum(sizes)
        at = np.arange(int(sizes.sum())) + np.repeat(starts - (ends - sizes), sizes)
        return Tally(sizes, self.terms[at], self.frequencies[at])

    def as_tally(self) -> Tally:
        """The tally that it was made of."""
        return Tally(np.diff(self.starts), self.terms, self.frequencies)


class Entries(NamedTuple):
    """What documents hold: terms, how often, and of which document, by its place among the so many ``documents``.

    In no order that means anything, but that the terms of a document stand in a row.
    """

    terms: Ints
    frequencies: Ints
    owners: Ints
    documents: int

    @classmethod
    def join(cls, some: Sequence[Entries]) -> Entries:
        """All of these, which are of parts of the same documents."""
        if not some:
            return cls(NOTHING.terms, NOTHING.frequencies, np.zeros(0, np.intp), 0)
        if len(some) == 1:
            return some[0]
        terms, frequencies, owners, documents = zip(*some, strict=True)
        return cls(np.concatenate(terms), np.concatenate(frequencies), np.concatenate(owners), documents[0])

    def among(self, places: Ints) -> Entries:
        """Those of the documents at these places alone."""
        renumbered = np.full(self.documents, -1)
        renumbered[places] = np.arange(len(places))
        owners = renumbered[self.owners]
        kept = np.flatnonzero(owners >= 0)
        return Entries(self.terms[kept], self.frequencies[kept], owners[kept], len(places))


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
        return cls.of(Chunk(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.uint8)))

    def added(self, tally: Tally, first: int) -> Self:
        """With a document for each unit of ``tally``, numbered from ``first``: all that are there come before."""
        return type(self)((*self.chunks, Chunk.of(tally)), (*self.firsts, first))

    def entries(self, numbers: Ints) -> Entries:
        """What these documents hold."""
        sources = np.searchsorted(self.firsts, numbers, "right") - 1
        found = []
        for source in np.unique(sources).tolist():
            places = np.flatnonzero(sources == source)
            units = self.chunks[source].units(numbers[places] - self.firsts[source])
            found.append(Entries(units.terms, units.frequencies, np.repeat(places, units.sizes), len(numbers)))
        return Entries.join(found)

    def compacted(self) -> Self:
        """The same vectors in one chunk."""
        if len(self.chunks) == 1:
            return self
        return self.of(Chunk.of(Tally.join([chunk.as_tally() for chunk in self.chunks])))

    def catch_up(self, begun: Self, now: Self) -> Self:
        """``now``, with this compaction of ``begun``."""
        seen = len(begun.chunks)
        return type(self)((*self.chunks, *now.chunks[seen:]), (*self.firsts, *now.firsts[seen:]))
