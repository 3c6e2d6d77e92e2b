"""Documents as articles that are not stored: what `newsdesk stories PATH` tells the stories of.

files -> reading -> **loose articles** -> editions. They are read as `newsdesk import` reads them, but for one thing:
the same text twice is two articles, since who prints a text is what is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from bot.desks.preparing import cleaned
from bot.errors import Refused, UnreadableDocument
from bot.model import SHARED, Article, Document
from bot.reading.files import read_file
from bot.reading.known import KnownDocuments


@dataclass(frozen=True, slots=True)
class Loose:
    """A document by its ``name``, as an article or with the ``fault`` that keeps it from being one."""

    name: str
    article: Article | None = None
    fault: str | None = None


def loose_articles(files: Iterable[Path], known: KnownDocuments, now: datetime) -> Iterator[Loose]:
    """Every document in ``files``, in order: articles have ids from 1, a bad document is reported in its place."""
    ids = count(1)
    for path in files:
        for document in read_file(path, known):
            if isinstance(document, UnreadableDocument):
                yield Loose(document.name, fault=document.reason)
                continue
            try:
                yield Loose(document.name, _article(next(ids), cleaned(document), now))
            except Refused as error:
                yield Loose(document.name, fault=str(error))


def _article(number: int, document: Document, now: datetime) -> Article:
    return Article(
        id=number,
        library=SHARED,
        number=number,
        title=document.title,
        outlet=document.outlet,
        authors=document.authors,
        url=document.url,
        published=document.published,
        added_at=now,
        added_by=None,
        source_id=document.source_id,
        words=len(document.text.split()),
        text=document.text,
    )
