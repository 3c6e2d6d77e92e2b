"""Shelves made of term lists, without a database: what the tests of search put things into."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from bot.dates import PartialDate
from bot.search import snapshots
from bot.search.index import Index, Part
from bot.search.shelf import Shelf
from bot.search.vocabulary import Vocabulary
from bot.tallies import Changes, Entry, Filed, Tally, pack, pack_entries

Terms = Sequence[str]


class Writer:
    """A library as the corpus would number it: makes the changes that a shelf is given."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.articles = 0
        self.revision = 0

    def added(self, *articles: Sequence[Terms], names: dict[str, str] | None = None, **fields: object) -> Changes:
        """Changes that bring these articles, each given as its passages; ``names`` are terms with a variant key."""
        known = len(self.ids)
        filed = [self._file(passages, fields) for passages in articles]
        entries = [Entry(term, number, (names or {}).get(term)) for term, number in self.ids.items() if number >= known]
        self.revision += 1
        ids = np.array([one.article_id for one in filed])
        return Changes(self.revision, self.revision * 7, ids, filed, [pack_entries(entries)])

    def removed(self, *article_ids: int) -> Changes:
        self.revision += 1
        return Changes(self.revision, self.revision * 7, np.array(article_ids), [], [])

    def _file(self, passages: Sequence[Terms], fields: dict[str, object]) -> Filed:
        self.articles += 1
        whole = [term for passage in passages for term in passage]
        values: dict[str, object] = {
            "article_id": self.articles,
            "outlet": None,
            "published": PartialDate(2026, 5),
            "filed": date(2026, 5, 31),
            "fingerprint": hashlib.sha256(repr(passages).encode()).hexdigest(),
            "counts": pack(self._tally([whole, *passages])),
            "speakers": {},
        }
        return Filed(**{**values, **fields})  # type: ignore[arg-type]

    def _tally(self, units: Sequence[Terms]) -> Tally:
        counts = [Counter(unit) for unit in units]
        ids = [self.ids.setdefault(term, len(self.ids)) for unit in counts for term in unit]
        frequencies = [frequency for unit in counts for frequency in unit.values()]
        return Tally(np.array([len(unit) for unit in counts]), np.array(ids, np.int32), np.array(frequencies, np.int32))


@dataclass
class Collection:
    """A shelf with the documents it should hold, an article each, changed step by step."""

    writer: Writer = field(default_factory=Writer)
    shelf: Shelf = field(default_factory=Shelf.empty)
    documents: dict[int, Terms] = field(default_factory=dict)

    @property
    def vocabulary(self) -> Vocabulary:
        return self.shelf.vocabulary

    def do(self, change: str, value: object) -> None:
        getattr(self, f"_{change.replace(' ', '_')}")(value)

    def living(self) -> list[Terms]:
        return list(self.documents.values())

    def part(self) -> Part:
        return Part(self.shelf.vocabulary, self.shelf.passages)

    def index(self) -> Index:
        return Index([self.part()])

    def _add(self, documents: Sequence[Terms]) -> None:
        for document in documents:
            self.shelf = self.shelf.after(self.writer.added([document]))
            self.documents[self.writer.articles] = document

    def _remove(self, number: int) -> None:
        if self.documents:
            article = list(self.documents)[number % len(self.documents)]
            self.shelf = self.shelf.after(self.writer.removed(article))
            del self.documents[article]

    def _compact(self, _: None) -> None:
        self.shelf = self.shelf.compacted()

    def _compact_beside(self, _: None) -> None:
        """A compaction during which an article comes and another goes."""
        begun = self.shelf
        compacted = begun.compacted()
        self._add([["peace", "line", "line"]])
        self._remove(0)
        self.shelf = compacted.catch_up(begun, self.shelf)

    def _settle(self, _: None) -> None:
        self.shelf.vocabulary.settle()

    def _reopen(self, _: None) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "0.snapshot"
            snapshots.save(path, 0, self.shelf)
            opened = snapshots.load(path, 0, self.shelf.revision, self.shelf.stamp)
            assert opened is not None
            self.shelf = opened
