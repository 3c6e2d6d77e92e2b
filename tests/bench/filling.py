"""A library of synthetic articles, written straight into the tables: as `bot.corpus` would leave them, in minutes.

Storing a million passages one article at a time, each durable, would take an hour and measure nothing new. The counts
are those of `bot.language.counting`; `newsdesk doctor` finds nothing wrong with the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, create_engine, insert

from bot.corpus import schema
from bot.language.analysis import ANALYSIS_VERSION
from bot.language.counting import Counted
from bot.language.counting import count as count_terms
from bot.language.normal import fingerprint
from bot.model import Document, Kind, Passage, Span
from bot.tallies import pack

_ARTICLES_AT_ONCE = 500
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Library:
    """One library in the making: its numbers and its vocabulary."""

    def __init__(self, library: int) -> None:
        self.id = library
        self.numbers = count(1)
        self.ids: dict[str, int] = {}
        self.articles = 0

    def number(self, counted: Counted) -> tuple[bytes, list[dict[str, Any]]]:
        """The packed tally of an article, and the rows of the terms that are new."""
        self.articles += 1
        new = [place for place, term in enumerate(counted.terms) if term not in self.ids]
        rows = []
        for place in new:
            term = counted.terms[place]
            self.ids[term] = len(self.ids)
            spelled = {"word": counted.words[place], "name_key": counted.name_keys[place], "changed": self.articles}
            rows.append({"library": self.id, "term": term, "id": self.ids[term], **spelled})
        ids = np.array([self.ids[term] for term in counted.terms], np.int32)
        return pack(replace(counted.tally, terms=ids[counted.tally.terms])), rows

    @property
    def row(self) -> dict[str, int]:
        taken = {"next_number": self.articles + 1, "revision": self.articles, "terms": len(self.ids)}
        return {"id": self.id, "stamp": 1, **taken}


def fill(path: Path, articles: Iterator[tuple[int, Document]]) -> None:
    """Write articles, each with its library, into the new database at ``path``, which `Corpus.open` has made."""
    libraries: dict[int, Library] = {}
    ids = count(1)
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        while some := list(islice(articles, _ARTICLES_AT_ONCE)):
            _write(connection, libraries, [(next(ids), *one) for one in some])
        connection.execute(insert(schema.library), [library.row for library in libraries.values()])
    engine.dispose()


def _write(
    connection: Connection, libraries: dict[int, Library], articles: Sequence[tuple[int, int, Document]]
) -> None:
    rows: dict[str, list[dict[str, Any]]] = {"article": [], "passage": [], "tally": [], "vocabulary": []}
    for article_id, of, document in articles:
        library = libraries.setdefault(of, Library(of))
        passages = list(_paragraphs(document.text))
        counts, terms = library.number(count_terms(document.title, document.text, passages))
        rows["article"].append(_article(article_id, library, document))
        rows["passage"] += [_passage(article_id, position, passage) for position, passage in enumerate(passages)]
        rows["tally"].append({"article_id": article_id, "version": ANALYSIS_VERSION, "counts": counts})
        rows["vocabulary"] += terms
    for table, its in rows.items():
        connection.execute(insert(schema.metadata.tables[table]), its)


def _paragraphs(text: str) -> Iterator[Passage]:
    start = 0
    for paragraph in text.split("\n\n"):
        yield Passage(Span(start, start + len(paragraph)), Kind.PROSE)
        start += len(paragraph) + 2


def _article(article_id: int, library: Library, document: Document) -> dict[str, Any]:
    published = document.published
    if published is None:
        raise ValueError("synthetic articles have dates")
    return {
        "id": article_id,
        "library": library.id,
        "number": next(library.numbers),
        "title": document.title,
        "outlet": document.outlet,
        "authors": document.authors,
        "published": str(published),
        "filed": published.last_day.isoformat(),
        "added_at": _NOW,
        "source_id": document.source_id,
        "words": len(document.text.split()),
        "fingerprint": fingerprint(document.text),
        "text": document.text,
        "changed": library.articles,
    }


def _passage(article_id: int, position: int, passage: Passage) -> dict[str, Any]:
    span = {"start_char": passage.span.start, "end_char": passage.span.end}
    return {"article_id": article_id, "position": position, "kind": passage.kind.value, **span}
