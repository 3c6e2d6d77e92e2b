"""What an article is made of in the database: its passages and its speech, written and read with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, and_, delete, insert, select

from bot.corpus import schema
from bot.corpus.database import Transaction
from bot.corpus.dialects import tuples
from bot.corpus.fixed import FixedQuery, Raw
from bot.dates import PartialDate
from bot.language.analysis import Analysis
from bot.model import Confidence, Kind, Method, Passage, Span, Speech, SpeechKind, StoredPassage

T = TypeVar("T")

BATCH = 100
"""Articles read at once. A thousand passages hold the event loop some 15 ms (measured), and SQLite takes no more than
32,766 variables in a statement."""


def in_batches(ids: Collection[T], size: int = BATCH) -> Iterator[list[T]]:
    """``ids`` without repetition, in lists of at most ``size``."""
    left = iter(dict.fromkeys(ids))
    while some := list(islice(left, size)):
        yield some


async def insert_parts(begun: Transaction, of: Sequence[tuple[int, Analysis]]) -> None:
    """Store the passages and the speech of articles, given by their row ids."""
    passages = [row for article_id, analysis in of for row in _passage_rows(article_id, analysis.passages)]
    if passages:
        await begun.execute(insert(schema.passage), passages)
    speeches = [row for article_id, analysis in of for row in _speech_rows(article_id, analysis.speeches)]
    if speeches:
        await begun.execute(insert(schema.speech), speeches)


def _passage_rows(article_id: int, passages: Sequence[Passage]) -> Iterator[dict[str, Any]]:
    for position, passage in enumerate(passages):
        yield {
            "article_id": article_id,
            "position": position,
            "start_char": passage.span.start,
            "end_char": passage.span.end,
            "kind": passage.kind.value,
            "speaker": passage.speaker,
            **_span_columns("question", passage.question),
        }


def _speech_rows(article_id: int, speeches: Sequence[Speech]) -> Iterator[dict[str, Any]]:
    for position, speech in enumerate(speeches):
        yield {
            "article_id": article_id,
            "position": position,
            "start_char": speech.span.start,
            "end_char": speech.span.end,
            "kind": speech.kind.value,
            "confidence": speech.confidence.value,
            "method": speech.method and speech.method.value,
            "speaker": speech.speaker,
            **_span_columns("mention", speech.mention),
            **_span_columns("cue", speech.cue),
            **_span_columns("evidence", speech.evidence),
        }


async def delete_parts(begun: Transaction, article_id: int) -> None:
    """Delete the passages and the speech of an article, to store them anew."""
    for table in (schema.passage, schema.speech):
        await begun.execute(delete(table).where(table.c.article_id == article_id))


async def passages(begun: Transaction, article_ids: Collection[int]) -> dict[int, list[StoredPassage]]:
    """The passages of articles, by article and in document order."""
    table = schema.passage
    found: dict[int, list[StoredPassage]] = {}
    for some in in_batches(article_ids):
        query = select(table).where(table.c.article_id.in_(some)).order_by(table.c.article_id, table.c.position)
        for row in await begun.execute(query):
            found.setdefault(row.article_id, []).append(StoredPassage(row.id, row.article_id, _passage(row)))
    return found


_PLACES = tuples("places", 2)
_PASSAGES_AT = FixedQuery(
    select(schema.passage).where(schema.passage.c.article_id == _PLACES[0], schema.passage.c.position == _PLACES[1])
)


def passages_at(connection: Raw, places: Collection[tuple[int, int]]) -> dict[tuple[int, int], Passage]:
    """Passages by the row id of their article and their position in it."""
    rows = _PASSAGES_AT.rows(connection, places=list(places))
    return {(row.article_id, row.position): _passage(row) for row in rows}


async def speeches(begun: Transaction, article_ids: Collection[int]) -> dict[int, list[Speech]]:
    """The direct quotations of articles that were not removed, by article and in document order."""
    found: dict[int, list[Speech]] = {}
    for some in in_batches(article_ids):
        for row in await begun.execute(_speeches(schema.speech.c.article_id.in_(some))):
            found.setdefault(row.article_id, []).append(as_speech(row))
    return found


def _speeches(here: ColumnElement[bool]) -> Select[Any]:
    table = schema.speech
    live = select(table).select_from(table.join(schema.article)).where(schema.article.c.deleted_at.is_(None))
    return live.where(here).order_by(table.c.article_id, table.c.position)


_SPANS = tuples("places", 3)
_SPEECHES_WITHIN = FixedQuery(
    _speeches(
        and_(
            schema.speech.c.article_id == _SPANS[0],
            schema.speech.c.start_char < _SPANS[2],
            schema.speech.c.end_char > _SPANS[1],
        )
    ).distinct()
)


def speeches_within(connection: Raw, places: Collection[tuple[int, Span]]) -> dict[int, list[Speech]]:
    """The same, of those alone that stand at least partly at a place: the row id of an article and a span there."""
    found: dict[int, list[Speech]] = {}
    for row in _SPEECHES_WITHIN.rows(connection, places=[(id_, span.start, span.end) for id_, span in places]):
        found.setdefault(row.article_id, []).append(as_speech(row))
    return found


def partial_date(stored: str | None) -> PartialDate | None:
    """The date that is stored as YYYY, YYYY-MM or YYYY-MM-DD."""
    return None if stored is None else PartialDate(*(int(part) for part in stored.split("-")))


def _passage(row: Row[Any]) -> Passage:
    return Passage(
        span=Span(row.start_char, row.end_char),
        kind=Kind(row.kind),
        speaker=row.speaker,
        question=_span(row.question_start_char, row.question_end_char),
    )


def as_speech(row: Row[Any]) -> Speech:
    """The speech that a row of its table holds."""
    return Speech(
        span=Span(row.start_char, row.end_char),
        kind=SpeechKind(row.kind),
        confidence=Confidence(row.confidence),
        method=row.method and Method(row.method),
        speaker=row.speaker,
        mention=_span(row.mention_start_char, row.mention_end_char),
        cue=_span(row.cue_start_char, row.cue_end_char),
        evidence=_span(row.evidence_start_char, row.evidence_end_char),
    )


def _span(start: int | None, end: int | None) -> Span | None:
    return None if start is None or end is None else Span(start, end)


def _span_columns(name: str, span: Span | None) -> dict[str, int | None]:
    """The two columns of a span that may be missing."""
    start, end = (None, None) if span is None else (span.start, span.end)
    return {f"{name}_start_char": start, f"{name}_end_char": end}
