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
        at = _runs(starts, sizes)
        return Tally(sizes, self.terms.take(at), self.frequencies.take(at))

    def as_tally(self) -> Tally:
        """The tally that it was made of."""
        return Tally(np.diff(self.starts), self.terms, self.frequencies)


class Entries(NamedTuple):
    """What documents hold: terms and how often, those of a document in a row, ``sizes`` of them.

    Documents are in no order that means anything: ``places`` says which each is of those that were asked for.
    """

    terms: Ints
    frequencies: Ints
    places: Ints
    sizes: Ints

    @classmethod
    def join(cls, some: Sequence[Entries]) -> Entries:
        """All of these, which are of parts of the same documents."""
        if not some:
            return cls(NOTHING.terms, NOTHING.frequencies, np.zeros(0, np.intp), NOTHING.sizes)
        if len(some) == 1:
            return some[0]
        return cls(*map(np.concatenate, zip(*some, strict=True)))

    def owners(self) -> Ints:
        """Of each term the place of its document."""
        return np.repeat(self.places, self.sizes)

    def among(self, places: Ints) -> Entries:
        """Those of the documents at these places alone, in this order."""
        rows = np.empty(len(self.places), np.intp)
        rows[self.places] = np.arange(len(rows))
        wanted = rows[places]
        sizes = self.sizes[wanted]
        at = _runs(np.cumsum(self.sizes)[wanted] - sizes, sizes)
        return Entries(self.terms.take(at), self.frequencies.take(at), np.arange(len(places)), sizes)


def _runs(starts: Ints, sizes: Ints) -> Ints:
    """So many numbers from each of ``starts`` on as ``sizes`` says, one run after the other."""
    firsts: Ints = np.repeat(starts - (np.cumsum(sizes) - sizes), sizes)
    return firsts + np.arange(len(firsts))


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

    def entries(self, numbers: Ints) -> Entries:
        """What these documents hold."""
        sources = np.searchsorted(self.firsts, numbers, "right") - 1
        found = []
        for source in np.unique(sources).tolist():
            places = np.flatnonzero(sources == source)
            units = self.chunks[source].units(numbers[places] - self.firsts[source])
            found.append(Entries(units.terms, units.frequencies, places, units.sizes))
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
