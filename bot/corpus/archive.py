"""A library taken out as a whole, and what admins have said brought back in: for `newsdesk export` and its import."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, func, insert, select

from bot.corpus.audit import record
from bot.corpus.database import Database, Transaction, repeatable
from bot.corpus.parts import partial_date
from bot.corpus.schema import alias, article, correction
from bot.corpus.vocabularies import touch
from bot.model import Document, Origin, Span

_AT_ONCE = 200


class Corrected(NamedTuple):
    """Whose words those at ``span`` of the text with this fingerprint are; None: the article does not say whose."""

    fingerprint: str
    span: Span
    speaker: str | None


class Archive:
    """Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, library: int) -> int:
        """How many articles `articles` gives."""
        query = select(func.count()).where(article.c.library == library, article.c.deleted_at.is_(None))
        async with self._database.read() as begun:
            return int((await begun.execute(query)).scalar_one())

    async def articles(self, library: int) -> AsyncGenerator[list[tuple[Document, Origin]], None]:
        """The library's own articles in the order of their numbers, as of one moment; none that was removed."""
        query = (
            select(article)
            .where(article.c.library == library, article.c.deleted_at.is_(None))
            .order_by(article.c.number)
            .limit(_AT_ONCE)
        )
        last = 0
        async with self._database.read() as begun:
            while rows := (await begun.execute(query.where(article.c.number > last))).all():
                last = rows[-1].number
                yield [(_document(row), Origin(row.number, row.added_at, row.added_by)) for row in rows]

    async def said(self, library: int) -> tuple[dict[str, str], list[Corrected]]:
        """The library's own joined names, each with its person, and its corrected speakers."""
        async with self._database.read() as begun:
            names = await begun.execute(select(alias.c.name, alias.c.person).where(alias.c.library == library))
            joined = {row.name: row.person for row in names}
            rows = await begun.execute(select(correction).where(correction.c.library == library))
            return joined, [Corrected(*_key(row), row.speaker) for row in rows]

    @repeatable
    async def bring_in(
        self, library: int, names: Mapping[str, str], corrections: Iterable[Corrected], *, now: datetime
    ) -> None:
        """Add joined names and corrected speakers, where nothing else is said of the same name or words there."""
        async with self._database.write() as begun:
            joined, corrected = await _missing(begun, library, names, corrections)
            if not joined and not corrected:
                return
            await touch(begun, library)
            if joined:
                await begun.execute(insert(alias), joined)
            if corrected:
                await begun.execute(insert(correction), corrected)
            what = f"{len(joined)} names, {len(corrected)} speakers"
            await record(begun, library, "corrections imported", what, who=None, at=now)


async def _missing(
    begun: Transaction, library: int, names: Mapping[str, str], corrections: Iterable[Corrected]
) -> tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]]:
    """The rows of what is not there yet."""
    there = set((await begun.execute(select(alias.c.name).where(alias.c.library == library))).scalars())
    known = {_key(row) for row in await begun.execute(select(correction).where(correction.c.library == library))}
    new = {(one.fingerprint, one.span): one for one in corrections if (one.fingerprint, one.span) not in known}
    joined = [
        {"library": library, "name": name, "person": person} for name, person in names.items() if name not in there
    ]
    corrected = [
        {
            "library": library,
            "fingerprint": one.fingerprint,
            "start_char": one.span.start,
            "end_char": one.span.end,
            "speaker": one.speaker,
        }
        for one in new.values()
    ]
    return joined, corrected


def _key(row: Row[Any]) -> tuple[str, Span]:
    return row.fingerprint, Span(row.start_char, row.end_char)


def _document(row: Row[Any]) -> Document:
    return Document(
        name=f"{row.number}",
        title=row.title,
        text=row.text,
        outlet=row.outlet,
        authors=row.authors,
        url=row.url,
        published=partial_date(row.published),
        source_id=row.source_id,
        title_in_text=bool(row.title_in_text),
    )
