"""The inverted index of one collection of documents: which documents hold a term, and how often.

Immutable: adding and removing give a new one that shares what did not change, so a question that is being answered in
a thread keeps reading what it began with. What is added goes to a short unsorted tail; what is removed is only marked;
`compacted` sorts the tail in and drops the postings of removed documents. Documents keep their number for good.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from bot.tallies import Ints, Tally, narrowed

_LONG_TAIL = 50_000  # postings; looking for a term in so long a tail takes some 20 microseconds


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """Of term ``t``: ``documents[starts[t]:starts[t + 1]]``, ascending, with ``frequencies``, and what the tail has.

    ``lengths`` is tokens a document; ``living`` is False for removed ones, whose postings may still be there.
    ``document_frequencies`` counts living documents by term.
    """

    starts: Ints
    documents: Ints
    frequencies: Ints
    tail_terms: Ints
    tail_documents: Ints
    tail_frequencies: Ints
    lengths: Ints
    living: npt.NDArray[np.bool_]
    document_frequencies: Ints
    size: int  # living documents
    total_length: int  # tokens in them
    dead_postings: int

    @classmethod
    def empty(cls) -> Self:
        """Postings of nothing."""
        none, few = np.zeros(0, np.int32), np.zeros(0, np.uint8)
        return cls(np.zeros(1, np.int64), none, few, none, none, few, none, np.zeros(0, np.bool_), none, 0, 0, 0)

    @property
    def documents_ever(self) -> int:
        """One more than the highest number given."""
        return len(self.lengths)

    def of(self, term: int) -> Iterator[tuple[Ints, Ints]]:
        """The documents of a term with its frequency in each, in pieces; removed documents may be among them."""
        if 0 <= term < len(self.starts) - 1:
            start, end = self.starts[term], self.starts[term + 1]
            if end > start:
                yield self.documents[start:end], self.frequencies[start:end]
        if len(self.tail_terms):
            late = np.flatnonzero(self.tail_terms == term)
            if len(late):
                yield self.tail_documents[late], self.tail_frequencies[late]

    def document_frequency(self, term: int) -> int:
        """In how many documents a term is; 0 for one that is not known."""
        return int(self.document_frequencies[term]) if 0 <= term < len(self.document_frequencies) else 0

    def added(self, tally: Tally) -> Self:
        """With a document for each unit of ``tally`` (ids of the library's vocabulary) after those that are there."""
        lengths = tally.lengths()
        numbers = np.arange(self.documents_ever, self.documents_ever + len(lengths), dtype=np.int32)
        return replace(
            self,
            tail_terms=np.concatenate((self.tail_terms, tally.terms)),
            tail_documents=np.concatenate((self.tail_documents, np.repeat(numbers, tally.sizes))),
            tail_frequencies=np.concatenate((self.tail_frequencies, tally.frequencies)),
            lengths=np.concatenate((self.lengths, lengths.astype(np.int32))),
            living=np.concatenate((self.living, np.ones(len(lengths), np.bool_))),
            document_frequencies=_counted(self.document_frequencies, tally.terms),
            size=self.size + len(lengths),
            total_length=self.total_length + int(lengths.sum()),
        )

    def removed(self, numbers: Ints) -> Self:
        """Without these documents, which must be living ones."""
        gone = np.zeros(self.documents_ever, np.bool_)
        gone[numbers] = True
        terms = np.concatenate(
            (self._terms_at(np.flatnonzero(gone[self.documents])), self.tail_terms[gone[self.tail_documents]])
        )
        return replace(
            self,
            living=self.living & ~gone,
            document_frequencies=self.document_frequencies - _counts(terms, len(self.document_frequencies)),
            size=self.size - int(gone.sum()),
            total_length=self.total_length - int(self.lengths[gone].sum(dtype=np.int64)),
            dead_postings=self.dead_postings + len(terms),
        )

    @property
    def is_mostly_new(self) -> bool:
        """Whether the tail has come to be longer than all that is sorted: while much is read in."""
        return len(self.tail_terms) > max(_LONG_TAIL, len(self.documents))

    @property
    def needs_compaction(self) -> bool:
        """Whether questions are slowed down by a long tail or by the postings of removed documents."""
        return len(self.tail_terms) > _LONG_TAIL or self.dead_postings > _LONG_TAIL + len(self.documents) // 5

    def compacted(self) -> Self:
        """The same documents without a tail and without postings of removed ones. Half a second at 30 million."""
        if not len(self.tail_terms) and not self.dead_postings:
            return self
        kept = self._without_dead()
        late = np.flatnonzero(self.living[self.tail_documents])
        late = late[_stable_order(self.tail_terms[late])]
        terms = self.tail_terms[late]
        many = max(len(kept.starts) - 1, len(self.document_frequencies))
        starts = np.concatenate((kept.starts, np.full(many + 1 - len(kept.starts), kept.starts[-1])))
        at = starts[terms + 1]  # behind the term's other postings: numbers ascend
        starts[1:] += np.cumsum(_counts(terms, many), dtype=np.int64)
        return replace(
            self,
            starts=starts,
            documents=_inserted(kept.documents, at, self.tail_documents[late]),
            frequencies=_inserted(kept.frequencies, at, narrowed(self.tail_frequencies[late])),
            tail_terms=np.zeros(0, np.int32),  # not an empty view, which would keep the whole tail in memory
            tail_documents=np.zeros(0, np.int32),
            tail_frequencies=np.zeros(0, np.uint8),
            dead_postings=0,
        )

    def catch_up(self, begun: Self, now: Self) -> Self:
        """``now``, with this compaction of ``begun`` instead of compacting all again.

        What was added to ``begun`` since is the end of the tail of ``now``; what was removed since is marked there.
        """
        seen = len(begun.tail_terms)
        return replace(
            now,
            starts=self.starts,
            documents=self.documents,
            frequencies=self.frequencies,
            tail_terms=now.tail_terms[seen:].copy(),
            tail_documents=now.tail_documents[seen:].copy(),
            tail_frequencies=now.tail_frequencies[seen:].copy(),
            dead_postings=now.dead_postings - begun.dead_postings,
        )

    def _without_dead(self) -> Self:
        if not self.dead_postings:
            return self
        alive = self.living[self.documents]
        gone = _counts(self._terms_at(np.flatnonzero(~alive)), len(self.starts) - 1)
        starts = self.starts.copy()
        starts[1:] -= np.cumsum(gone, dtype=np.int64)
        return replace(self, starts=starts, documents=self.documents[alive], frequencies=self.frequencies[alive])

    def _terms_at(self, places: Ints) -> Ints:
        """The terms whose postings stand at these places outside the tail."""
        return np.searchsorted(self.starts, places, "right").astype(np.int32) - 1


def _counts(terms: Ints, many: int) -> Ints:
    return np.bincount(terms, minlength=many).astype(np.int32)


def _counted(frequencies: Ints, terms: Ints) -> Ints:
    """``frequencies`` by term with one more for each of ``terms``."""
    if not len(terms):
        return frequencies
    counted = _counts(terms, len(frequencies))
    counted[: len(frequencies)] += frequencies
    return counted


def _stable_order(terms: Ints) -> Ints:
    """The order that sorts ``terms`` and keeps equal ones as they are.

    By the lower 16 bits, then by the upper: numpy sorts so short numbers by radix, and is twice as fast with both.
    """
    by_lower = np.argsort((terms & 0xFFFF).astype(np.uint16), kind="stable")
    upper = (terms >> 16).astype(np.uint16)[by_lower]
    return np.asarray(by_lower[np.argsort(upper, kind="stable")] if upper.any() else by_lower)


def _inserted(values: Ints, at: Ints, late: Ints) -> Ints:
    """As `numpy.insert`, as wide as both need."""
    if not len(values):
        return late
    wide = np.promote_types(values.dtype, late.dtype)
    return np.insert(values.astype(wide, copy=False), at, late)
