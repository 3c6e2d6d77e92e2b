"""What the index knows of one library: postings of its articles and of their passages, and a card for each.

changes of the library (`bot.tallies.Changes`) -> `Shelf`. A shelf never changes; `Shelf.after` gives the next one. It
holds no text: terms and frequencies, dates, and the names of outlets and speakers.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import NamedTuple, Self, TypeAlias

import numpy as np

from bot.search.names import name_key
from bot.search.postings import Postings
from bot.search.vectors import Chunk, Vectors
from bot.search.vocabulary import Vocabulary
from bot.tallies import ARTICLE_UNIT, Changes, Filed, Ints, Tally, unpack, unpack_entries

NO_NAME = -1

Spoken: TypeAlias = Mapping[int, Mapping[int, str | None]]
"""Whose words passages are, by article row id and position in it."""
NOTHING_CORRECTED: Spoken = MappingProxyType({})


class Known(NamedTuple):
    """A name that a library knows: how often it is used, and as names are compared (`bot.search.names`)."""

    name: str
    key: str
    uses: int


class Names:
    """Outlets or speakers, numbered from 0 as they come. Only ever added to, as a `Vocabulary` is."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._numbers = {name: number for number, name in enumerate(names)}
        self._keys: list[str] = []
        self._turn = threading.Lock()

    def __len__(self) -> int:
        return len(self._numbers)

    def all(self) -> list[str]:
        """Every name, by its number."""
        return list(self._numbers.copy())

    def keys(self) -> list[str]:
        """The key of every name, by its number; each is made once, whichever threads ask."""
        with self._turn:
            self._keys += map(name_key, self.all()[len(self._keys) :])
            return list(self._keys)

    def number(self, name: str | None) -> int:
        """The number of a name, given to it now where it has none."""
        return NO_NAME if name is None else self._numbers.setdefault(name, len(self._numbers))


@dataclass(frozen=True, slots=True, eq=False)
class Cards:
    """By article number: what limits and results need. Days are ordinals (`date.toordinal`)."""

    ids: Ints  # row ids
    filed: Ints
    first_day: Ints  # of the partial date; 0 without one
    last_day: Ints
    outlet: Ints  # number of its name
    fingerprint: Ints  # 60 bits of it

    @classmethod
    def of(cls, filed: Sequence[Filed], outlets: Names) -> Self:
        """The cards of what is filed, in its order."""
        dates = [one.published for one in filed]
        return cls(
            ids=np.array([one.article_id for one in filed], np.int64),
            filed=np.array([one.filed.toordinal() for one in filed], np.int32),
            first_day=np.array([day.first_day.toordinal() if day else 0 for day in dates], np.int32),
            last_day=np.array([day.last_day.toordinal() if day else 0 for day in dates], np.int32),
            outlet=np.array([outlets.number(one.outlet) for one in filed], np.int32),
            fingerprint=np.array([int(one.fingerprint[:15], 16) for one in filed], np.int64),
        )

    def followed_by(self, more: Self) -> Self:
        """These cards and then those of ``more``."""
        names = [field.name for field in fields(self)]
        return type(self)(*(np.concatenate((getattr(self, name), getattr(more, name))) for name in names))


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """The index of one library as of a revision. An article's passages have consecutive numbers."""

    revision: int
    stamp: int
    vocabulary: Vocabulary
    outlets: Names
    speakers: Names
    cards: Cards
    articles: Postings
    vectors: Vectors  # of the articles
    passages: Postings
    owners: Ints  # by passage number: the number of its article
    speaking: Ints  # by passage number: the number of its speaker's name

    @classmethod
    def empty(cls) -> Self:
        """A shelf without articles."""
        outlets, none = Names(), np.zeros(0, np.int32)
        cards = Cards.of((), outlets)
        postings = Postings.empty()
        return cls(0, 0, Vocabulary(), outlets, Names(), cards, postings, Vectors.empty(), postings, none, none)

    def after(self, changes: Changes) -> Self:
        """The shelf with the changes that came after its revision, or with an instalment of them."""
        if len(self.vocabulary):
            self.vocabulary.add(entry for packed in changes.entries for entry in unpack_entries(packed))
        else:
            self.vocabulary.fill(changes.entries)
        kept = self.without(changes.changed) if len(changes.changed) else self
        grown = kept.including(changes.filed) if changes.filed else kept
        return replace(grown, revision=changes.revision, stamp=changes.stamp)

    @property
    def size_bytes(self) -> int:
        """What its postings and vectors take; names and words, which are a few percent, are not counted."""
        parts: tuple[Postings | Chunk, ...] = (self.articles, self.passages, *self.vectors.chunks)
        arrays = (getattr(part, field.name) for part in parts for field in fields(part))
        return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))

    @property
    def is_mostly_new(self) -> bool:
        """Whether most of it came in since it was last put in order."""
        return self.articles.is_mostly_new or self.passages.is_mostly_new

    @property
    def needs_compaction(self) -> bool:
        """Whether so much was added or removed that it is worth putting in order."""
        return self.articles.needs_compaction or self.passages.needs_compaction

    def compacted(self) -> Self:
        """The same shelf, faster to ask. Takes a tenth of a second for three million postings: use a thread."""
        return replace(
            self,
            articles=self.articles.compacted(),
            vectors=self.vectors.compacted(),
            passages=self.passages.compacted(),
        )

    def continues(self, begun: Self) -> bool:
        """Whether this shelf is ``begun`` with what came later behind it, and was not compacted or read anew since."""
        same = (
            self.articles.documents is begun.articles.documents,
            self.passages.documents is begun.passages.documents,
        )
        return all(same) and self.vectors.chunks[0] is begun.vectors.chunks[0]

    def catch_up(self, begun: Self, now: Self) -> Self:
        """``now``, which continues ``begun``, with this compaction of ``begun``."""
        return replace(
            now,
            articles=self.articles.catch_up(begun.articles, now.articles),
            vectors=self.vectors.catch_up(begun.vectors, now.vectors),
            passages=self.passages.catch_up(begun.passages, now.passages),
        )

    def without_articles(self, numbers: Ints) -> Self:
        """Without the articles of these numbers and their passages."""
        if not len(numbers):
            return self
        gone = np.zeros(self.articles.documents_ever, np.bool_)
        gone[numbers] = True
        passages = np.flatnonzero(gone[self.owners])
        return replace(self, articles=self.articles.removed(numbers), passages=self.passages.removed(passages))

    def without(self, ids: Ints) -> Self:
        """Without the articles of these row ids, as far as they are there."""
        return self.without_articles(np.flatnonzero(np.isin(self.cards.ids, ids) & self.articles.living))

    def with_speakers(self, spoken: Spoken) -> Self:
        """With other speakers of the passages of these articles, as far as they are here."""
        speaking = self.speaking.copy() if spoken else self.speaking
        for article_id, names in spoken.items():
            for number in np.flatnonzero((self.cards.ids == article_id) & self.articles.living).tolist():
                first = int(np.searchsorted(self.owners, number))
                for position, name in names.items():
                    speaking[first + position] = self.speakers.number(name)
        return replace(self, speaking=speaking) if spoken else self

    def including(self, filed: Sequence[Filed]) -> Self:
        """With these articles behind those that are there."""
        tallies = [unpack(one.counts) for one in filed]
        counts = np.array([len(tally.sizes) - 1 for tally in tallies])
        first = self.articles.documents_ever
        cards = Cards.of(filed, self.outlets)
        owners = np.repeat(np.arange(first, first + len(filed), dtype=np.int32), counts)
        speaking = np.full(len(owners), NO_NAME, np.int32)
        for one, start in zip(filed, (np.cumsum(counts) - counts).tolist(), strict=True):
            for position, name in one.speakers.items():
                speaking[start + position] = self.speakers.number(name)
        whole = Tally.join([tally.unit(ARTICLE_UNIT) for tally in tallies])
        return replace(
            self,
            cards=self.cards.followed_by(cards),
            articles=self.articles.added(whole),
            vectors=self.vectors.added(whole, first),
            passages=self.passages.added(Tally.join([tally.rest() for tally in tallies])),
            owners=np.concatenate((self.owners, owners)),
            speaking=np.concatenate((self.speaking, speaking)),
        )
