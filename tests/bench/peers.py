"""The peers: each search library behind the same few calls, given the same tokens and asked the same queries.

rank-bm25 is the yardstick: its scores are the ones to be had, its speed the one to be beaten. Each peer is used as its
documentation says and in its favour where there is a choice: no positions or stored texts where they can be left out,
no look-up of what an answer's number stands for.
"""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

LIMIT = 10

Terms = Sequence[str]
Found = list[tuple[int, float]]


class Peer(ABC):
    """An index of numbered documents. ``build`` comes first; ``open`` then opens anew what ``build`` left on disk."""

    name: ClassVar[str]
    packages: ClassVar[Sequence[str]]
    rank_bm25_formula: ClassVar[bool] = False  # the same scores as rank-bm25, and so the same best ten up to ties
    opens: ClassVar[bool] = False
    adds: ClassVar[bool] = False
    build_kb: ClassVar[float] = 0.5  # memory that building takes, in kB a passage: measured at a million, and half more

    def __init__(self, folder: Path) -> None:
        """``folder`` is empty and its own."""
        self.folder = folder

    def load(self) -> None:  # noqa: B027 - some have nothing to import
        """Import what the peer needs, so that it is not counted as memory of the index."""

    @abstractmethod
    def build(self, documents: Iterable[list[str]]) -> None: ...

    def open(self) -> None:  # noqa: B027 - some keep nothing on disk
        """Open what ``build`` wrote, as a process that starts does."""

    @abstractmethod
    def search(self, terms: Terms) -> Any:
        """The ten best, best first, as the library gives them."""

    @abstractmethod
    def numbered(self, found: Any) -> Found:
        """What ``search`` gave as numbers of documents and scores, without documents that do not match."""

    def add(self, documents: Iterable[list[str]]) -> None:
        """Add documents; searched, and as durable as the peer makes them, when this returns."""
        raise NotImplementedError

    def close(self) -> None:  # noqa: B027 - some have nothing to close
        """Let go of the files."""


def _best(scores: np.ndarray) -> Found:
    """The ten highest by argpartition."""
    limit = min(LIMIT, len(scores))
    chosen = np.argpartition(-scores, limit - 1)[:limit]
    chosen = chosen[np.argsort(-scores[chosen], kind="stable")]
    return [(int(number), float(scores[number])) for number in chosen]


class RankBm25(Peer):
    """rank-bm25's `BM25Okapi`, its scores of all documents and the ten best of them."""

    name = "rank-bm25"
    packages = ("rank-bm25",)
    rank_bm25_formula = True
    build_kb = 1.0

    def load(self) -> None:
        self._library: Any = import_module("rank_bm25")

    def build(self, documents: Iterable[list[str]]) -> None:
        self._index: Any = self._library.BM25Okapi(documents)

    def search(self, terms: Terms) -> Any:
        return _best(self._index.get_scores(terms))

    def numbered(self, found: Any) -> Found:
        return [(number, score) for number, score in found if score != 0]


class Newsdesk(Peer):
    """`bot.search.index.Index`. Opening and adding belong to the product: see `tests.bench.store`."""

    name = "newsdesk"
    packages = ("newsdesk", "numpy")
    rank_bm25_formula = True
    build_kb = 3.5

    def load(self) -> None:
        self._library: Any = import_module("bot.search.index")

    def build(self, documents: Iterable[list[str]]) -> None:
        self.index: Any = self._library.Index.of(documents)

    def search(self, terms: Terms) -> Any:
        return self.index.best(terms, LIMIT)

    def numbered(self, found: Any) -> Found:
        return list(found)


class Bm25sNumpy(Peer):
    """bm25s with rank-bm25's formula (ATIRE with Robertson's idf); scores are stored as float32."""

    name = "bm25s-numpy"
    packages: ClassVar[Sequence[str]] = ("bm25s",)
    rank_bm25_formula = True
    opens = True
    build_kb = 2.0
    backend = "numpy"

    def load(self) -> None:
        self._library: Any = import_module("bm25s")

    def build(self, documents: Iterable[list[str]]) -> None:
        formula = {"method": "atire", "idf_method": "robertson", "k1": 1.5, "b": 0.75}
        self._index: Any = self._library.BM25(**formula, backend=self.backend)
        self._index.index(list(documents), show_progress=False)
        self._index.save(self.folder, show_progress=False)

    def open(self) -> None:
        self._index = self._library.BM25.load(self.folder, show_progress=False)
        self._index.backend = self.backend

    def search(self, terms: Terms) -> Any:
        limit = min(LIMIT, self._index.scores["num_docs"])
        return self._index.retrieve([list(terms)], k=limit, show_progress=False)

    def numbered(self, found: Any) -> Found:
        pairs = zip(found.documents[0].tolist(), found.scores[0].tolist(), strict=True)
        return [(number, score) for number, score in pairs if score != 0]


class Bm25sNumba(Bm25sNumpy):
    """bm25s compiled by numba: the first query compiles, which is counted as opening."""

    name = "bm25s-numba"
    packages = ("bm25s", "numba")
    backend = "numba"


class Tantivy(Peer):
    """tantivy, with its own BM25 (k1 1.2); one writing thread, no positions, the queries as terms without parsing."""

    name = "tantivy"
    packages = ("tantivy",)
    opens = True
    adds = True

    _writer: Any = None

    def load(self) -> None:
        self._library: Any = import_module("tantivy")

    def build(self, documents: Iterable[list[str]]) -> None:
        schema = self._library.SchemaBuilder()
        schema.add_unsigned_field("number", stored=True)
        schema.add_text_field("body", index_option="freq")
        self._library.Index(schema.build(), str(self.folder))
        self._count = 0
        self.open()
        self.add(documents)
        self.close()
        self.open()

    def open(self) -> None:
        self._index: Any = self._library.Index.open(str(self.folder))
        self._schema = self._index.schema
        self._searcher: Any = self._index.searcher()

    def search(self, terms: Terms) -> Any:
        query, should = self._library.Query, self._library.Occur.Should
        either = [(should, query.term_query(self._schema, "body", term, index_option="freq")) for term in terms]
        return self._searcher.search(query.boolean_query(either), LIMIT, count=False).hits

    def numbered(self, found: Any) -> Found:
        return [(int(self._searcher.doc(address)["number"][0]), float(score)) for score, address in found]

    def add(self, documents: Iterable[list[str]]) -> None:
        if self._writer is None:
            self._writer = self._index.writer(num_threads=1)
        for terms in documents:
            self._writer.add_document(self._library.Document(number=self._count, body=" ".join(terms)))
            self._count += 1
        self._writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.wait_merging_threads()  # ends the writer
            self._writer = None


class Fts5(Peer):
    """SQLite's FTS5 with its own bm25() (k1 1.2): a file, without the texts, as durable as Newsdesk's."""

    name = "sqlite-fts5"
    packages = ()
    opens = True
    adds = True
    build_kb = 0.1

    def build(self, documents: Iterable[list[str]]) -> None:
        self._count = 0
        self.open()
        self._database.execute("CREATE VIRTUAL TABLE passage USING fts5(body, content='', tokenize='ascii')")
        self.add(documents)
        with self._database:
            self._database.execute("INSERT INTO passage(passage) VALUES ('optimize')")
        self.close()
        self.open()

    def open(self) -> None:
        self._database = sqlite3.connect(self.folder / "passages.db")
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")

    def search(self, terms: Terms) -> Any:
        either = " OR ".join(f'"{term}"' for term in terms)
        chosen = "SELECT rowid, rank FROM passage WHERE passage MATCH ? ORDER BY rank LIMIT ?"
        return self._database.execute(chosen, (either, LIMIT)).fetchall()

    def numbered(self, found: Any) -> Found:
        return [(number, -rank) for number, rank in found]

    def add(self, documents: Iterable[list[str]]) -> None:
        with self._database:
            self._database.executemany("INSERT INTO passage(rowid, body) VALUES (?, ?)", self._rows(documents))

    def _rows(self, documents: Iterable[list[str]]) -> Iterator[tuple[int, str]]:
        for terms in documents:
            yield self._count, " ".join(terms)
            self._count += 1

    def close(self) -> None:
        self._database.close()


PEERS: dict[str, type[Peer]] = {peer.name: peer for peer in (RankBm25, Newsdesk, Bm25sNumpy, Bm25sNumba, Tantivy, Fts5)}
"""In the order of the table."""
