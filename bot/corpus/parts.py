"""What an article is made of in the database: its passages and its speech, written and read with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Row, insert, select

from bot.corpus import schema
from bot.corpus.database import Transaction
from bot.dates import PartialDate
from bot.model import Kind, Method, Passage, Span, Speech, StoredPassage

T = TypeVar("T")

BATCH = 100
"""Articles read at once. A thousand passages hold the event loop some 15 ms (measured), and SQLite takes no more than
32,766 variables in a statement."""


def in_batches(ids: Collection[T], size: int = BATCH) -> Iterator[list[T]]:
    """``ids`` without repetition, in lists of at most ``size``."""
    left = iter(dict.fromkeys(ids))
    while some := list(islice(left, size)):
        yield some


async def insert_passages(begun: Transaction, article_id: int, passages: Sequence[Passage]) -> None:
    rows = [
        {
            "article_id": article_id,
            "position": position,
            "start_char": passage.span.start,
            "end_char": passage.span.end,
            "kind": passage.kind.value,
            "speaker": passage.speaker,
            "question_start_char": None if passage.question is None else passage.question.start,
            "question_end_char": None if passage.question is None else passage.question.end,
        }
        for position, passage in enumerate(passages)
    ]
    if rows:
        await begun.execute(insert(schema.passage), rows)


async def insert_speeches(begun: Transaction, article_id: int, speeches: Sequence[Speech]) -> None:
    rows = [
        {
            "article_id": article_id,
            "position": position,
            "start_char": speech.span.start,
            "end_char": speech.span.end,
            "speaker": speech.speaker,
            "method": speech.method.value,
            "evidence_start_char": speech.evidence.start,
            "evidence_end_char": speech.evidence.end,
        }
        for position, speech in enumerate(speeches)
    ]
    if rows:
        await begun.execute(insert(schema.speech), rows)


async def passages(begun: Transaction, article_ids: Collection[int]) -> dict[int, list[StoredPassage]]:
    """The passages of articles, by article and in document order."""
    table = schema.passage
    found: dict[int, list[StoredPassage]] = {}
    for some in in_batches(article_ids):
        query = select(table).where(table.c.article_id.in_(some)).order_by(table.c.article_id, table.c.position)
        for row in await begun.execute(query):
            found.setdefault(row.article_id, []).append(StoredPassage(row.id, row.article_id, _passage(row)))
    return found


async def passages_at(begun: Transaction, places: Collection[tuple[int, int]]) -> dict[tuple[int, int], Passage]:
    """Passages by the row id of their article and their position in it."""
    table = schema.passage
    found: dict[tuple[int, int], Passage] = {}
    for some in in_batches(places):
        # More than is wanted where several articles are: SQLite has no index for pairs in a list.
        articles, positions = {article for article, _ in some}, {position for _, position in some}
        query = select(table).where(table.c.article_id.in_(articles), table.c.position.in_(positions))
        rows = {(row.article_id, row.position): row for row in await begun.execute(query)}
        found |= {place: _passage(rows[place]) for place in some if place in rows}
    return found


async def speeches(begun: Transaction, article_ids: Collection[int]) -> dict[int, list[Speech]]:
    """The direct quotations of articles that were not removed, by article and in document order."""
    table = schema.speech
    live = table.join(schema.article)
    found: dict[int, list[Speech]] = {}
    for some in in_batches(article_ids):
        query = (
            select(table)
            .select_from(live)
            .where(table.c.article_id.in_(some), schema.article.c.deleted_at.is_(None))
            .order_by(table.c.article_id, table.c.position)
        )
        for row in await begun.execute(query):
            found.setdefault(row.article_id, []).append(_speech(row))
    return found


def partial_date(stored: str | None) -> PartialDate | None:
    return None if stored is None else PartialDate(*(int(part) for part in stored.split("-")))


def _passage(row: Row[Any]) -> Passage:
    asked = row.question_start_char
    return Passage(
        span=Span(row.start_char, row.end_char),
        kind=Kind(row.kind),
        speaker=row.speaker,
        question=None if asked is None else Span(asked, row.question_end_char),
    )


def _speech(row: Row[Any]) -> Speech:
    return Speech(
        span=Span(row.start_char, row.end_char),
        speaker=row.speaker,
        method=Method(row.method),
        evidence=Span(row.evidence_start_char, row.evidence_end_char),
    )
