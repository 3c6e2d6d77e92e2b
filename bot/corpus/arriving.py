"""New articles into the tables, any number of them in one transaction: rows, passages, speech and counts.

`articles` decides what is new and calls this; nothing else stores an article.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from sqlalchemy import select

from bot.corpus import parts
from bot.corpus.audit import record_all
from bot.corpus.database import Transaction
from bot.corpus.schema import article, library
from bot.corpus.vocabularies import Touched, insert_tallies, touch
from bot.dates import PartialDate
from bot.language.prepared import Prepared
from bot.model import Article, Document
from bot.tallies import Changes, Filed, pack_entries


async def insert_articles(
    begun: Transaction, into: int, new: Sequence[Prepared], added_by: int | None, now: datetime
) -> tuple[dict[str, Article], Changes]:
    """Store new articles, of different texts; returns them by fingerprint, and what they changed in their library."""
    numbers, taken = await _numbers(begun, into, new)
    touched = await touch(begun, into, numbers=taken)
    if numbers is None:
        numbers = list(range(touched.number, touched.number + len(new)))
    stored, changes = await write_articles(begun, into, new, numbers, touched, added_by=added_by, at=now)
    await record_all(begun, into, "article added", [one.ref for one in stored], who=added_by, at=now)
    return {one.fingerprint: article_ for one, article_ in zip(new, stored, strict=True)}, changes


async def write_articles(
    begun: Transaction,
    into: int,
    new: Sequence[Prepared],
    numbers: Sequence[int],
    touched: Touched,
    *,
    added_by: int | None,
    at: datetime,
    **more: Any,
) -> tuple[list[Article], Changes]:
    """The rows of articles under these numbers, which are free, with all that is made of their texts.

    ``more`` are columns that a new article leaves empty.
    """
    rows = [
        _row(into, one, number, added_by, at, touched.revision) | more for one, number in zip(new, numbers, strict=True)
    ]
    await begun.adds_articles()
    ids = await begun.insert_all(article, rows)
    analyses = [one.analysis for one in new]
    await parts.insert_parts(begun, list(zip(ids, analyses, strict=True)))
    counted = [(id_, analysis.counted) for id_, analysis in zip(ids, analyses, strict=True)]
    tallied = await insert_tallies(begun, into, counted, touched.revision)
    stored = [_stored(id_, row, one.document) for id_, row, one in zip(ids, rows, new, strict=True)]
    filed = list(map(_filed, ids, rows, new, tallied.counts))
    entries = [pack_entries(tallied.entries)] if tallied.entries else []
    return stored, Changes(touched.revision, touched.stamp, np.array(ids), filed, entries)


async def _numbers(begun: Transaction, into: int, new: Sequence[Prepared]) -> tuple[list[int] | None, int]:
    """The numbers for new articles (None: the next ones), and by how much the library's count rises.

    An article of an export keeps its number where that one and all after it are free.
    """
    if all(one.document.origin is None for one in new):
        return None, len(new)
    query = select(library.c.next_number).where(library.c.id == into)
    first = following = (await begun.execute(query)).scalar_one_or_none() or 1
    numbers = []
    for one in new:
        origin = one.document.origin
        numbers.append(max(origin.number, following) if origin else following)
        following = numbers[-1] + 1
    return numbers, following - first


def filed_on(published: PartialDate | None, added_at: datetime) -> date:
    """The day an article is listed under."""
    return published.last_day if published else added_at.astimezone(UTC).date()


def _row(
    into: int, prepared: Prepared, number: int, added_by: int | None, now: datetime, revision: int
) -> dict[str, Any]:
    """The row of an article; what an export says of who added it and when holds if it keeps its number."""
    document = prepared.document
    origin = document.origin if document.origin and document.origin.number == number else None
    added_at = (origin.added_at if origin else now).astimezone(UTC)
    return {
        "library": into,
        "number": number,
        "title": document.title,
        "outlet": document.outlet,
        "authors": document.authors,
        "url": document.url,
        "published": None if document.published is None else str(document.published),
        "filed": filed_on(document.published, added_at).isoformat(),
        "added_at": added_at,
        "added_by": origin.added_by if origin else added_by,
        "source_id": document.source_id,
        "words": prepared.words,
        "fingerprint": prepared.fingerprint,
        "text": document.text,
        "title_in_text": int(document.title_in_text),
        "changed": revision,
        "url_key": prepared.url_key,
    }


def _filed(id_: int, row: dict[str, Any], prepared: Prepared, counts: bytes) -> Filed:
    speakers = {at: passage.speaker for at, passage in enumerate(prepared.analysis.passages) if passage.speaker}
    published, day = prepared.document.published, date.fromisoformat(row["filed"])
    return Filed(id_, row["outlet"], published, day, prepared.fingerprint, counts, speakers)


_SHOWN = frozenset(field.name for field in fields(Article))


def _stored(id_: int, row: dict[str, Any], document: Document) -> Article:
    shown = {name: value for name, value in row.items() if name in _SHOWN}
    return Article(**{**shown, "id": id_, "published": document.published})
