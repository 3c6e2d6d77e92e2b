"""Who said what: by article, by name, and how often each name is quoted; as the reader has corrected it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, Text, bindparam, func, select

from bot.corpus import parts
from bot.corpus.corrections import are_any, corrected_articles, corrected_speeches
from bot.corpus.database import Database, Transaction
from bot.corpus.dialects import listed
from bot.corpus.fixed import FixedQuery
from bot.corpus.parts import as_speech, in_batches, partial_date
from bot.corpus.schema import article, speech
from bot.corpus.visibility import Reader, seen_from
from bot.model import Confidence, Span, Speech, Statement

_ATTRIBUTED = speech.c.confidence != Confidence.UNATTRIBUTED.value
MOST_STATEMENTS = 2_000
"""Of one person, the newest: some 400 kB of text."""


class Speeches:
    """Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, reader: int, article_ids: Collection[int]) -> dict[int, list[Speech]]:
        """The speech of articles, by row id and in document order; an article without any has no entry."""
        async with self._database.read() as begun:
            return await corrected_speeches(begun, reader, await parts.speeches(begun, article_ids))

    async def within(self, reader: int, places: Collection[tuple[int, Span]]) -> dict[int, list[Speech]]:
        """The same, of the speech alone that stands at least partly at a place: an article's row id and a span."""
        found, is_corrected = await self._database.look(
            lambda connection: (parts.speeches_within(connection, places), are_any(connection, reader))
        )
        if not is_corrected:
            return found
        async with self._database.read() as begun:
            return await corrected_speeches(begun, reader, found)

    async def names(self, reader: int) -> Counter[str]:
        """Every name that ``reader`` finds speech of, and how often it is quoted."""
        query = (
            select(speech.c.speaker, func.count().label("uses"))
            .join_from(speech, article)
            .where(seen_from(reader), speech.c.speaker.is_not(None), _ATTRIBUTED)
            .group_by(speech.c.speaker)
        )
        async with self._database.read() as begun:
            other = await corrected_articles(begun, reader)
            rows = await begun.execute(query.where(article.c.id.not_in(other)) if other else query)
            counts = Counter({row.speaker: row.uses for row in rows})
            again = await corrected_speeches(begun, reader, await parts.speeches(begun, other)) if other else {}
        counts.update(one.speaker for said in again.values() for one in said if one.speaker)
        return counts

    async def said_by(self, reader: int, names: Collection[str]) -> list[Statement]:
        """What ``reader`` finds said under these names, newest first: at most `MOST_STATEMENTS`."""
        wanted = set(names)
        found, is_corrected = await self._database.look(
            lambda connection: (
                _SAID_BY.rows(connection, reader=reader, names=sorted(wanted)),
                are_any(connection, reader),
            )
        )
        other: set[int] = set()
        again: list[Statement] = []
        if is_corrected:
            async with self._database.read() as begun:
                other = await corrected_articles(begun, reader)
                for some in in_batches(other):
                    again += await _corrected(begun, reader, some, wanted)
        said = [*(_statement(row, as_speech(row)) for row in found if row.article_id not in other), *again]
        said.sort(key=lambda one: (one.filed, one.article_id, -one.speech.span.start), reverse=True)
        return said[:MOST_STATEMENTS]


def _statements(reader: Reader) -> Select[Any]:
    """Speech with its words and what is needed of its article."""
    words = func.substr(article.c.text, speech.c.start_char + 1, speech.c.end_char - speech.c.start_char)
    return (
        select(speech, article.c.filed, article.c.published, article.c.outlet, words.label("words"))
        .join_from(speech, article)
        .where(seen_from(reader))
        .order_by(article.c.filed.desc(), speech.c.article_id.desc(), speech.c.position)
        .limit(MOST_STATEMENTS)
    )


_SAID_BY = FixedQuery(_statements(bindparam("reader")).where(speech.c.speaker.in_(listed("names", Text)), _ATTRIBUTED))


async def _corrected(begun: Transaction, reader: int, ids: Collection[int], wanted: set[str]) -> list[Statement]:
    """The statements under the wanted names in articles whose speech ``reader`` has corrected."""
    rows = (await begun.execute(_statements(reader).where(speech.c.article_id.in_(ids)))).all()
    read: dict[int, list[Speech]] = {}
    for row in rows:
        read.setdefault(row.article_id, []).append(as_speech(row))
    known = await corrected_speeches(begun, reader, read)
    by_span = {(id_, one.span): one for id_, said in known.items() for one in said}
    found = [_statement(row, by_span[row.article_id, as_speech(row).span]) for row in rows]
    return [one for one in found if one.speech.speaker in wanted]


def _statement(row: Row[Any], said: Speech) -> Statement:
    published = partial_date(row.published)
    return Statement(row.article_id, date.fromisoformat(row.filed), published, row.outlet, said, row.words)
