"""Tallies: how often each term stands in each part of an article, as it is stored and as the index takes it.

text -> `bot.language.counting` -> `Tally` -> bytes in the database -> `bot.search.shelf`. Nothing that is searched is
tokenised again: opening an index reads tallies and no text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bot.dates import PartialDate

Ints = npt.NDArray[np.integer]
"""Whole numbers of any width."""

ARTICLE_UNIT: Final = 0
"""The first unit of an article's tally is the whole article, title and text; the others are its passages in order."""

HISTORY: Final = 1 << 24
"""Revisions of a library count on from a multiple of this once everything in it was deleted."""

_MAGIC: Final = {1: b"t1", 4: b"t4"}  # by the width of a frequency in bytes


def next_history(revision: int) -> int:
    """The revision of a library at ``revision`` after all of it was deleted, which leaves no change of an article."""
    return (revision // HISTORY + 1) * HISTORY


def is_another_history(known: int, now: int) -> bool:
    """Whether nothing that is known of a library at revision ``known`` can be kept: it was deleted, or set back."""
    return known >= now or known // HISTORY != now // HISTORY


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Units of text one after the other: ``sizes[i]`` distinct terms each, their ids and their frequencies in a row.

    In a unit a term stands once. An id is a position in a vocabulary: the article's own, or its library's.
    """

    sizes: Ints
    terms: Ints
    frequencies: Ints

    @classmethod
    def join(cls, tallies: Sequence[Tally]) -> Tally:
        """The units of all of ``tallies``, one after the other."""
        if not tallies:
            return NOTHING
        return cls(
            np.concatenate([tally.sizes for tally in tallies]),
            np.concatenate([tally.terms for tally in tallies]),
            np.concatenate([tally.frequencies for tally in tallies]),
        )

    def unit(self, number: int) -> Tally:
        """One unit alone."""
        start = int(self.sizes[:number].sum())
        end = start + int(self.sizes[number])
        return Tally(self.sizes[number : number + 1], self.terms[start:end], self.frequencies[start:end])

    def rest(self) -> Tally:
        """The units after the first: an article's passages."""
        start = int(self.sizes[0])
        return Tally(self.sizes[1:], self.terms[start:], self.frequencies[start:])

    def lengths(self) -> Ints:
        """Tokens in each unit."""
        ends = np.cumsum(self.sizes)
        totals = np.concatenate(([0], np.cumsum(self.frequencies, dtype=np.int64)))
        return np.asarray(totals[ends] - totals[ends - self.sizes])


NOTHING: Final = Tally(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.uint8))


def narrowed(frequencies: Ints) -> Ints:
    """The same numbers in a byte each, or as few as all of them fit in."""
    most = int(frequencies.max(initial=0))
    return frequencies.astype(np.min_scalar_type(most), copy=False)


def pack(tally: Tally) -> bytes:
    """A tally as bytes: little-endian, five bytes a term unless one occurs more than 255 times in a unit."""
    width = 1 if not len(tally.frequencies) or int(tally.frequencies.max()) < 256 else 4
    return b"".join(
        (
            _MAGIC[width],
            len(tally.sizes).to_bytes(4, "little"),
            tally.sizes.astype("<u4").tobytes(),
            tally.terms.astype("<u4").tobytes(),
            tally.frequencies.astype(f"<u{width}").tobytes(),
        )
    )


def unpack(packed: bytes) -> Tally:
    """The inverse of `pack`. Raises `ValueError` for anything else."""
    width = next((width for width, magic in _MAGIC.items() if packed.startswith(magic)), 0)
    units = int.from_bytes(packed[2:6], "little")
    if not width or len(packed) < 6 + 4 * units:
        raise ValueError("these bytes are no tally")
    sizes = np.frombuffer(packed, "<u4", units, 6).astype(np.int32)
    if units and sizes.min() < 0:
        raise ValueError("this tally is damaged")
    count = int(sizes.sum())
    start = 6 + 4 * units
    if len(packed) != start + count * (4 + width):
        raise ValueError("this tally is cut or damaged")
    terms = np.frombuffer(packed, "<i4", count, start)
    return Tally(sizes, terms, np.frombuffer(packed, f"<u{width}", count, start + 4 * count))


class Entry(NamedTuple):
    """A term as its library numbers it. ``name_key`` is set where the library knows it as a name."""

    term: str
    id: int
    name_key: str | None = None


def pack_entries(entries: Iterable[Entry]) -> str:
    """A line an entry: term, id and key, parted by tabs. No term holds a tab or a line feed."""
    return "\n".join(f"{entry.term}\t{entry.id}\t{entry.name_key or ''}" for entry in entries)


def unpack_entries(packed: str) -> Iterator[Entry]:
    """The inverse of `pack_entries`."""
    for line in packed.split("\n") if packed else ():
        term, number, name_key = line.split("\t")
        yield Entry(term, int(number), name_key or None)


@dataclass(frozen=True, slots=True)
class Filed:
    """An article as the index keeps it: what limits and results need, and its packed tally. No text."""

    article_id: int
    outlet: str | None
    published: PartialDate | None
    filed: date  # the last day it may be of; the day it was added where it has no date
    fingerprint: str
    counts: bytes
    speakers: Mapping[int, str]  # by position, of passages that have one


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened in a library up to ``revision``: articles that were changed, and which of them are there now.

    ``stamp`` was drawn by chance with the last change: a revision that is counted twice, as after a backup was put
    back, has another stamp.
    """

    revision: int
    stamp: int
    changed: Ints  # row ids, those that are gone too
    filed: Sequence[Filed]
    entries: Sequence[str]  # new in the vocabulary, or newly known as names: packed, in pieces
