"""Ranking: rank-bm25's Okapi function over inverted postings instead of a walk through every document.

`Index` is `rank_bm25.BM25Okapi` with another memory: the same scores on the same terms, over the documents of one or
more collections read as one (a server's own library and the shared one). It never changes; `Postings` do not either.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Self, TypeAlias

import numpy as np
import numpy.typing as npt
from rank_bm25 import BM25Okapi

from bot.search.joint import Joint, Link
from bot.search.postings import Postings
from bot.search.vectors import Entries, Vectors
from bot.search.vocabulary import Vocabulary
from bot.tallies import Entry, Ints, Tally

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

Piece: TypeAlias = tuple[Ints, Ints]
"""Some postings of a term: documents, ascending, and its frequency in each."""
Spellings: TypeAlias = tuple[str, ...]
Asked: TypeAlias = Sequence[str] | Mapping[Spellings, float]
"""Terms, each as often as it counts; or with a weight, where several terms count as one (the spellings of a name)."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The documents of one collection, and the vocabulary that their postings count in."""

    vocabulary: Vocabulary
    postings: Postings
    vectors: Vectors = field(default_factory=Vectors.empty)  # for `Index.vectors` alone


class Matches(NamedTuple):
    """Documents that share a term with a query, by number, and their scores; each at most ``repeats`` times.

    A document is named once for each term it holds: to make each one only would take as long as scoring does.
    """

    numbers: Ints
    scores: Floats
    repeats: int = 1

    def pairs(self) -> list[tuple[int, float]]:
        """Each number with its score, best first."""
        return list(zip(self.numbers.tolist(), self.scores.tolist(), strict=True))


class Weighted(NamedTuple):
    """Terms by the ids that an `Index` gives them in `DocumentVectors`, and what each counts."""

    ids: Ints
    weights: Floats


class DocumentVectors(NamedTuple):
    """Documents as vectors: term ids, what they weigh, and the place of the document of each, as in `Entries`.

    ``lengths`` are those of the documents as vectors, Euclidean.
    """

    ids: Ints
    weights: Floats
    owners: Ints
    lengths: Floats

    def units(self) -> Floats:
        """The weights, each document brought to length 1."""
        return self.weights / self.lengths[self.owners]


class Index(BM25Okapi):  # type: ignore[misc] # the library has no types
    """``BM25Okapi`` (k1 1.5, b 0.75, epsilon 0.25: its own defaults) over the documents of parts, without its traps.

    - An empty collection, or one of empty documents, scores nothing; ``BM25Okapi`` divides by zero there.
    - A match is a document that shares a term with the query, whatever its score: in a small collection the idf of a
      common word is negative, so that a true match may score 0 or less.
    - ``best`` never returns documents without a match; ``get_top_n`` does.

    A document's number is its position in its part's postings, behind all documents of the parts before it.
    """

    def __init__(self, parts: Sequence[Part], links: Sequence[Link] = ()) -> None:
        """``links`` hold the vocabulary of each part after the first against that of the first."""
        # Not BM25Okapi's own: it would count every document.
        self.k1, self.b, self.epsilon, self.tokenizer = 1.5, 0.75, 0.25, None
        self.parts = tuple(parts)
        self._links = links or [Link(parts[0].vocabulary, part.vocabulary) for part in parts[1:]]
        self.corpus_size = sum(part.postings.size for part in parts)
        length = sum(part.postings.total_length for part in parts)
        self.avgdl = length / self.corpus_size if self.corpus_size else 0.0
        sizes = [part.postings.documents_ever for part in parts]
        self.offsets = tuple(sum(sizes[:number]) for number in range(len(sizes)))
        self.documents_ever = sum(sizes)

    @classmethod
    def of(cls, documents: Iterable[Sequence[str]]) -> Self:
        """An index of these documents alone."""
        ids: dict[str, int] = {}
        tallies = [Counter(ids.setdefault(term, len(ids)) for term in document) for document in documents]
        counts = np.fromiter((count for tally in tallies for count in tally.values()), np.int32)
        sizes = np.fromiter((len(tally) for tally in tallies), np.int32, len(tallies))
        terms = np.fromiter((term for tally in tallies for term in tally), np.int32, len(counts))
        vocabulary = Vocabulary()
        vocabulary.add(Entry(term, number) for term, number in ids.items())
        return cls([Part(vocabulary, Postings.empty().added(Tally(sizes, terms, counts)).compacted())])

    @cached_property
    def average_idf(self) -> float:
        """The mean idf of all terms, before the floor: what the floor of a common term is a quarter of."""
        counts = np.bincount(self._joint.frequencies)
        counts[:1] = 0  # terms that no living document holds
        frequencies = np.flatnonzero(counts)
        if not len(frequencies):
            return 0.0
        idfs = self._unfloored_idfs(frequencies)
        return float((idfs * counts[frequencies]).sum() / counts[frequencies].sum())

    def _unfloored_idfs(self, frequencies: Ints) -> Floats:
        """The idf of terms that so many documents hold, as `idf_of` before its floor."""
        return np.asarray(np.log(self.corpus_size - frequencies + 0.5) - np.log(frequencies + 0.5), np.float64)

    @cached_property
    def _joint(self) -> Joint:
        """The terms of all parts as one vocabulary: that of the first part, and behind it what only another has."""
        frequencies = self.parts[0].postings.document_frequencies
        ids: list[Ints] = [np.arange(len(frequencies), dtype=np.int32)]
        for link, part in zip(self._links, self.parts[1:], strict=True):
            more = part.postings.document_frequencies
            linked = link.ids()[: len(more)].copy()
            is_new = (linked < 0) | (linked >= len(ids[0]))
            linked[is_new] = len(frequencies) + np.arange(int(is_new.sum()))
            frequencies = np.concatenate((frequencies, np.zeros(int(is_new.sum()), frequencies.dtype)))
            frequencies[linked] += more
            ids.append(linked)
        return Joint(ids, frequencies)

    @property
    def terms(self) -> int:
        """How many terms have an id in `DocumentVectors`."""
        return len(self._joint.frequencies)

    def document_frequency(self, term: str) -> int:
        """In how many documents ``term`` stands."""
        return sum(part.postings.document_frequency(_id(part, term)) for part in self.parts)

    def counted(self, place: int, ids: Ints) -> tuple[Ints, Ints]:
        """Terms by their ids in a part's vocabulary: their numbers over all parts, and how many documents hold each.

        -1, and the id of a term that came after this index was made, are in no document and have one number.
        """
        known, frequencies = self._joint.ids[place], self._joint.frequencies
        is_known = (ids >= 0) & (ids < len(known))
        numbers = np.full(len(ids), len(frequencies))
        numbers[is_known] = known[ids[is_known]]
        counts = np.zeros(len(ids), np.int64)
        counts[is_known] = frequencies[numbers[is_known]]
        return numbers, counts

    def idf_of(self, term: str) -> float:
        """rank-bm25's idf: log((N - n + 0.5) / (n + 0.5)), or a quarter of the mean where that is negative."""
        return self._idf(self.document_frequency(term))

    def _idf(self, frequency: int) -> float:
        if not frequency:
            return 0.0
        idf = math.log(self.corpus_size - frequency + 0.5) - math.log(frequency + 0.5)
        return idf if idf >= 0 else self.epsilon * self.average_idf

    def get_scores(self, query: Sequence[str]) -> Floats:
        """The score of every living document, in order; the scores of ``BM25Okapi.get_scores``."""
        return self.all_scores(query)[self.living]

    def get_batch_scores(self, query: Sequence[str], doc_ids: Sequence[int]) -> list[float]:
        """The scores of the living documents at these places."""
        return list(self.get_scores(query)[list(doc_ids)])

    def all_scores(self, asked: Asked) -> Floats:
        """The score of every document ever by its number, also of removed ones and of those that match nothing."""
        return self._scores(self._groups(asked))[1]

    def scores_among(self, asked: Asked, numbers: Ints) -> Floats:
        """As `all_scores`, of these documents alone: for so few that looking each up in the postings is less work."""
        scores, norms = np.zeros(len(numbers)), self._norms[numbers]
        for factor, pieces in self._groups(asked):
            for documents, frequencies in pieces:
                places = np.minimum(places_in(documents, numbers), len(documents) - 1)
                counts = np.where(documents[places] == numbers, frequencies[places], 0.0)
                scores += factor * counts / (counts + norms)
        return scores

    def holding(self, term: str) -> Bools:
        """By number, whether a document holds ``term``; a removed one may be said to."""
        held = np.zeros(self.documents_ever, np.bool_)
        for part, offset in zip(self.parts, self.offsets, strict=True):
            for documents, _ in part.postings.of(_id(part, term)):
                held[documents + offset] = True
        return held

    def vectors(self, numbers: Ints, idfs: Callable[[Ints], Floats] | None = None) -> DocumentVectors:
        """These documents as vectors of BM25 weights, with rank-bm25's idf or with ``idfs``; of parts with `Vectors`.

        A weight times k1 + 1 is the score of the document for the term.
        """
        return self.weighed(self.entries(numbers), numbers, idfs)

    def weighed(self, entries: Entries, numbers: Ints, idfs: Callable[[Ints], Floats] | None = None) -> DocumentVectors:
        """The same, where it is known what the documents hold."""
        counts, owners = entries.frequencies.astype(np.float64), entries.owners()
        weights = self._idfs.take(entries.terms) if idfs is None else idfs(entries.terms)
        weights = weights * counts / (counts + self._norms[numbers][owners])
        lengths = np.sqrt(np.bincount(owners, weights * weights, minlength=len(numbers)))
        return DocumentVectors(entries.terms, weights, owners, np.maximum(lengths, 1e-9))

    def scores_of(self, asked: Weighted, entries: Entries, numbers: Ints) -> Floats:
        """The score for terms by id of these documents, of which it is known what they hold."""
        factors = np.zeros(self.terms)
        factors[asked.ids] = asked.weights * self._idfs[asked.ids] * (self.k1 + 1)
        weights = factors.take(entries.terms)
        found = np.flatnonzero(weights != 0)  # of booleans it is faster
        counts, owners = entries.frequencies[found].astype(np.float64), entries.owners()[found]
        scores = weights[found] * counts / (counts + self._norms[numbers][owners])
        return np.bincount(owners, scores, len(numbers)).astype(np.float64, copy=False)

    def entries(self, numbers: Ints) -> Entries:
        """What these documents hold, terms by the ids of `DocumentVectors`; of parts with `Vectors`."""
        sources, found = self._parts_of(numbers), []
        for source in np.unique(sources).tolist():
            places = np.flatnonzero(sources == source)
            own = self.parts[source].vectors.entries(numbers[places] - self.offsets[source])
            # By 32-bit numbers three times as fast as indexing; those of the first part are the same in both.
            terms = self._joint.ids[source].take(own.terms) if source else own.terms
            found.append(Entries(terms, own.frequencies, places[own.places], own.sizes))
        return Entries.join(found)

    def _parts_of(self, numbers: Ints) -> Ints:
        return np.searchsorted(self.offsets, numbers, "right") - 1

    def alike(self, number: int, numbers: Ints) -> Floats:
        """How alike these documents are to one: cosines of (1 + log frequency) log(1 + documents / document frequency).

        Unlike BM25's idf this one is no less than log 2, so that a library on one thing alone is no exception.
        """
        entries = self.entries(np.concatenate((np.array([number]), numbers)))
        ids, owners, documents = entries.terms, entries.owners(), len(numbers) + 1
        idf = np.log1p(self.corpus_size / np.maximum(self._joint.frequencies.take(ids), 1))
        weights = (1 + np.log(entries.frequencies.astype(np.float64))) * idf
        weights /= np.sqrt(np.bincount(owners, weights * weights, minlength=documents))[owners]
        own, first = np.zeros(self.terms), owners == 0
        own[ids[first]] = weights[first]
        return np.asarray(np.round(np.bincount(owners, weights * own.take(ids), documents)[1:], 9), np.float64)

    def rarities(self, ids: Ints) -> Floats:
        """log((N + 1) / (n + 0.5)) of terms by id: an idf that is above 0 in the smallest library."""
        return np.asarray(np.log((self.corpus_size + 1) / (self._joint.frequencies[ids] + 0.5)), np.float64)

    def held(self, asked: Weighted) -> Floats:
        """By number, what the terms by id that a document holds weigh together; a removed one may weigh something."""
        sums = np.zeros(self.documents_ever)
        for part, offset, known in zip(self.parts, self.offsets, self._joint.known, strict=True):
            for term, weight in zip(known[asked.ids].tolist(), asked.weights.tolist(), strict=True):
                for documents, _ in part.postings.of(term):
                    sums[documents + offset] += weight
        return sums

    def uses(self, numbers: Ints) -> Ints:
        """By the ids of `DocumentVectors`, in how many of these documents a term stands."""
        return np.bincount(self.entries(numbers).terms, minlength=self.terms)  # a term stands in a unit once

    def named(self, ids: Ints) -> list[str]:
        """The terms of these ids."""
        found: dict[int, str] = {}
        for part, known in zip(self.parts, self._joint.known, strict=True):
            own = {int(known[id_]): int(id_) for id_ in ids.tolist() if id_ not in found and known[id_] >= 0}
            found |= {own[number]: term for number, term in part.vocabulary.named(own)}
        return [found[id_] for id_ in ids.tolist()]

    @cached_property
    def _idfs(self) -> Floats:
        """`idf_of` every term by id; of one that stands in no living document it says nothing."""
        idfs = self._unfloored_idfs(self._joint.frequencies)
        return np.where(idfs >= 0, idfs, self.epsilon * self.average_idf)

    def matches(self, asked: Asked, accepted: Bools | None = None) -> Matches:
        """Every document that shares a term with the query, among those ``accepted`` (by number)."""
        groups = self._groups(asked)
        found, scores = self._scores(groups)
        if any(part.postings.dead_postings for part in self.parts):
            found = found[self.living[found]]
        if accepted is not None:
            found = found[accepted[found]]
        return Matches(found, scores[found], len(groups))

    def best(self, asked: Asked, limit: int) -> list[tuple[int, float]]:
        """The ``limit`` best matches, best first, ties by number."""
        return top(self.matches(asked), limit).pairs()

    def _groups(self, asked: Asked) -> list[_Group]:
        """What is asked for with its postings and the factor of its scores: weight x idf x (k1 + 1)."""
        weights = asked if isinstance(asked, Mapping) else {(term,): float(n) for term, n in Counter(asked).items()}
        groups = []
        for spellings, weight in weights.items():
            frequency, pieces = 0, list[Piece]()
            for part, offset in zip(self.parts, self.offsets, strict=True):
                ids = [_id(part, term) for term in spellings]
                found = _postings(part, ids)
                frequency += _frequency(part, ids, found)
                pieces += [(documents + offset, frequencies) for documents, frequencies in found] if offset else found
            groups.append(_Group(weight * self._idf(frequency) * (self.k1 + 1), pieces))
        return groups

    def _scores(self, groups: Iterable[_Group]) -> tuple[Ints, Floats]:
        """The documents that hold a term of the query, once for each, and the score of every document by number."""
        pieces = [(factor, *piece) for factor, pieces in groups for piece in pieces]
        if not pieces:
            return np.zeros(0, np.intp), np.zeros(self.documents_ever)
        # A term has postings in two pieces of a part at most, each of other documents.
        factors, found, frequencies = zip(*pieces, strict=True)
        documents = np.concatenate(found, dtype=np.intp)  # once: indexing would do it each time
        counts = np.concatenate(frequencies, dtype=np.float64)
        weights = np.repeat(factors, [len(some) for some in found])
        scores = weights * counts / (counts + self._norms[documents])
        return documents, np.bincount(documents, scores, self.documents_ever).astype(np.float64, copy=False)

    @cached_property
    def living(self) -> Bools:
        """By number, whether a document is there and not removed."""
        return np.concatenate([part.postings.living for part in self.parts])

    @cached_property
    def _norms(self) -> Floats:
        """k1 (1 - b + b length / mean length) of each document, by number."""
        lengths = np.concatenate([part.postings.lengths for part in self.parts])
        return np.asarray(self.k1 * (1 - self.b + self.b / (self.avgdl or 1.0) * lengths))


class _Group(NamedTuple):
    factor: float
    pieces: list[Piece]  # by the numbers of the index


def top(matches: Matches, limit: int, newest: Callable[[Ints], Ints] = np.zeros_like) -> Matches:
    """The ``limit`` highest scores, highest first; equal ones by what ``newest`` says of them, then by number."""
    numbers, scores, repeats = matches
    most = limit * repeats  # entries that hold at least the documents wanted
    sample = math.isqrt(len(scores) * most)
    for some in (scores[:: len(scores) // sample] if sample > most else scores[:0], None):
        # First those that are as good as the best of a sample, which are few; then the best of them.
        tried = scores if some is None else some
        if len(tried) > most:
            least = np.partition(tried, len(tried) - most)[len(tried) - most]
            kept = np.flatnonzero(scores >= least)
            numbers, scores = numbers[kept], scores[kept]
    if repeats > 1:
        numbers, first = np.unique(numbers, return_index=True)
        scores = scores[first]
    order = np.lexsort((numbers, -newest(numbers), -scores))[:limit]
    return Matches(numbers[order], scores[order])


def places_in(ascending: Ints, numbers: Ints) -> Ints:
    """Where each of ``numbers`` stands, or would, in what ascends."""
    # In the type of what is searched: numpy would copy all of that to compare it with wider numbers.
    return ascending.searchsorted(numbers.astype(ascending.dtype))


def _frequency(part: Part, terms: Sequence[int], postings: Sequence[Piece]) -> int:
    """In how many living documents of a part a term stands that has these ids in it, several where it is a name."""
    if len(terms) == 1:
        return part.postings.document_frequency(terms[0])
    return sum(int(part.postings.living[documents].sum()) for documents, _ in postings)


def _postings(part: Part, terms: Sequence[int]) -> list[Piece]:
    """The postings of a term in pieces, or those of several spellings added up in one piece."""
    found = [piece for term in terms for piece in part.postings.of(term)]
    if len(terms) == 1 or len(found) < 2:
        return found
    documents, places = np.unique(np.concatenate([documents for documents, _ in found]), return_inverse=True)
    counts = np.bincount(places, weights=np.concatenate([frequencies for _, frequencies in found]))
    return [(documents, counts)]


def _id(part: Part, term: str) -> int:
    known = part.vocabulary.id_of(term)
    return -1 if known is None else known
