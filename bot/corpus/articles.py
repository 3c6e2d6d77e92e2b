"""Articles: stored whole, in one transaction each, in the library of one server or in the shared one.

Everything here names a library, and reads that library and, where a server reads it too, the shared one: never another
server's. Removed articles keep their row, their number and their passages, and are left out of every answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, Row, Select, bindparam, distinct, func, or_, select, update

from bot.corpus import parts
from bot.corpus.audit import record
from bot.corpus.corrections import speakers_of
from bot.corpus.database import Database, Transaction
from bot.corpus.parts import in_batches, partial_date
from bot.corpus.schema import article, passage, speech
from bot.corpus.visibility import seen_from
from bot.corpus.vocabularies import insert_tally, touch
from bot.dates import PartialDate
from bot.errors import Refused
from bot.language.analysis import Analysis
from bot.model import SHARED, Article, Document, Passage
from bot.tallies import Changes, Filed, pack_entries


@dataclass(frozen=True, slots=True)
class Prepared:
    """What language made of a document. ``fingerprint`` is the same for texts that count as the same article.

    ``url_key`` is the same for links that lead to the same page; None where the document has none.
    """

    document: Document
    fingerprint: str
    words: int
    analysis: Analysis
    url_key: str | None = None


class Outcome(StrEnum):
    """What became of a document that was to be added."""

    ADDED = "added"
    UNCHANGED = "unchanged"  # the same text can be read in this library already, its own or the shared one
    RESTORED = "restored"  # it had been removed here and is back, under its old number
    REMOVED = "removed"  # it had been removed here and was left so


class Added(NamedTuple):
    """What became of a document; ``changes`` is what a new article changed in its library, for the index."""

    article: Article
    outcome: Outcome
    changes: Changes | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """An article without its text: what lists and autocomplete show."""

    library: int
    number: int
    title: str
    outlet: str | None
    published: PartialDate | None
    added_at: datetime
    key: str = ""  # folded title, outlet and ref: what a person may type to find it

    @property
    def ref(self) -> str:
        """As `Article.ref`."""
        return f"S{self.number}" if self.library == SHARED else str(self.number)


@dataclass(frozen=True, slots=True)
class Counts:
    articles: int
    passages: int
    speeches: int
    words: int
    outlets: int


_COLUMNS = (
    article.c.id,
    article.c.library,
    article.c.number,
    article.c.title,
    article.c.outlet,
    article.c.authors,
    article.c.url,
    article.c.published,
    article.c.added_at,
    article.c.added_by,
    article.c.source_id,
    article.c.words,
    article.c.text,
)
_HEADINGS_AT_ONCE = 250  # making so many holds the event loop some 2 ms
_NEWEST_FIRST = (article.c.filed.desc(), article.c.id.desc())


class Articles:
    """The articles of every library. Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, library: int, prepared: Prepared, *, added_by: int | None, now: datetime, restore: bool = True
    ) -> Added:
        """Store an article with its passages and speech, unless its text is there already; durable when this returns.

        A text that was removed from this library comes back under its old number, or is left out if ``restore`` is
        False (a starter document that an admin removed stays removed). Raises `Refused` for text that is not valid
        Unicode.
        """
        _check_storable(prepared.document)
        async with self._database.write() as begun:
            known = await _known(begun, library, prepared.fingerprint)
            if known is None:
                stored, changes = await _insert(begun, library, prepared, added_by, now)
                await record(begun, library, "article added", stored.ref, who=added_by, at=now)
                return Added(stored, Outcome.ADDED, changes)
            if known.deleted_at is None:
                return Added(_article(known), Outcome.UNCHANGED)
            if not restore:
                return Added(_article(known), Outcome.REMOVED)
            return Added(await _set_deleted(begun, known, None, who=added_by, now=now), Outcome.RESTORED)

    async def find(self, library: int, number: int) -> Article | None:
        """The article people of that very library call ``number``; None where there is none or it was removed."""
        async with self._database.read() as begun:
            row = await _numbered(begun, library, number, article.c.deleted_at.is_(None))
        return None if row is None else _article(row)

    async def by_link(self, library: int, url_key: str) -> Article | None:
        """The newest article somebody in ``library`` can read whose link has this key, its own before a shared one."""
        own_first = (article.c.library != library, article.c.id.desc())
        query = _select_articles().where(article.c.url_key == url_key, seen_from(library)).order_by(*own_first).limit(1)
        async with self._database.read() as begun:
            row = (await begun.execute(query)).one_or_none()
        return None if row is None else _article(row)

    async def key_links(self, key: Callable[[str], str]) -> int:
        """Give every link that has no key the one that ``key`` makes of it; returns how many had none."""
        query = select(article.c.id, article.c.url).where(article.c.url.is_not(None), article.c.url_key.is_(None))
        async with self._database.write() as begun:
            rows = (await begun.execute(query)).all()
            if rows:
                keyed = update(article).where(article.c.id == bindparam("row")).values(url_key=bindparam("made"))
                await begun.execute(keyed, [{"row": row.id, "made": key(row.url)} for row in rows])
        return len(rows)

    async def get(self, ids: Collection[int]) -> dict[int, Article]:
        """Articles by row id (`Article.id`), without those that were removed or never were."""
        async with self._database.read() as begun:
            return await _by_id(begun, ids)

    async def visible(self, library: int, *, limit: int | None = None, offset: int = 0) -> list[Article]:
        """What somebody in ``library`` can read, its own and the shared articles, newest first."""
        query = _select_articles().where(seen_from(library)).order_by(*_NEWEST_FIRST)
        return await self._articles(query.limit(limit).offset(offset))

    async def added_between(self, library: int, since: datetime | None, until: datetime | None) -> list[Article]:
        """Visible articles that were added from ``since`` on and before ``until`` (None: no bound), newest first."""
        query = _select_articles().where(seen_from(library)).order_by(*_NEWEST_FIRST)
        if since is not None:
            query = query.where(article.c.added_at >= since)
        if until is not None:
            query = query.where(article.c.added_at < until)
        return await self._articles(query)

    async def headings(self, library: int) -> list[Heading]:
        """All visible articles without their text, newest first."""
        fields = ("library", "number", "title", "outlet", "published", "added_at")
        query = select(*(article.c[name] for name in fields)).where(seen_from(library)).order_by(*_NEWEST_FIRST)
        headings: list[Heading] = []
        async with self._database.read() as begun:
            for rows in (await begun.execute(query)).partitions(_HEADINGS_AT_ONCE):
                headings += map(_heading, rows)
                await asyncio.sleep(0)
        return headings

    async def remove(self, library: int, number: int, *, by: int | None, now: datetime) -> Article | None:
        """Take an article out of every answer, and return it; None where there is none. `restore` undoes it."""
        async with self._database.write() as begun:
            row = await _numbered(begun, library, number, article.c.deleted_at.is_(None))
            return None if row is None else await _set_deleted(begun, row, now, who=by, now=now)

    async def restore(self, library: int, number: int, *, by: int | None, now: datetime) -> Article | None:
        """Undo `remove`, and return the article; None where no removed article has that number."""
        async with self._database.write() as begun:
            row = await _numbered(begun, library, number, article.c.deleted_at.is_not(None))
            return None if row is None else await _set_deleted(begun, row, None, who=by, now=now)

    async def counts(self, library: int) -> Counts:
        """How much somebody in ``library`` can read."""
        seen = seen_from(library)
        totals = select(
            func.count().label("articles"),
            func.coalesce(func.sum(article.c.words), 0).label("words"),
            func.count(distinct(article.c.outlet)).label("outlets"),
        ).where(seen)
        async with self._database.read() as begun:
            total = (await begun.execute(totals)).mappings().one()
            passages, speeches = [
                (await begun.execute(select(func.count()).select_from(table.join(article)).where(seen))).scalar_one()
                for table in (passage, speech)
            ]
        return Counts(passages=passages, speeches=speeches, **total)

    async def quoted(
        self, reader: int, places: Collection[tuple[int, int]]
    ) -> tuple[dict[int, Article], dict[tuple[int, int], Passage]]:
        """The articles of ``places`` (row id and position of a passage), as `get`, and the passages there.

        Their speakers are those that ``reader`` knows: see `bot.corpus.corrections`.
        """
        async with self._database.read() as begun:
            articles = await _by_id(begun, [article_id for article_id, _ in places])
            passages = await parts.passages_at(begun, places)
            spoken = await speakers_of(begun, reader, articles)
        for (id_, position), found in passages.items():
            if id_ in spoken:
                passages[id_, position] = replace(found, speaker=spoken[id_].get(position))
        return articles, passages

    async def passages(self, reader: int, article_id: int) -> list[Passage]:
        """The passages of one article in document order, with the speakers that ``reader`` knows."""
        async with self._database.read() as begun:
            stored = (await parts.passages(begun, [article_id])).get(article_id, [])
            spoken = (await speakers_of(begun, reader, [article_id])).get(article_id)
        passages = [one.passage for one in stored]
        if spoken is None:
            return passages
        return [replace(found, speaker=spoken[position]) for position, found in enumerate(passages)]

    async def _articles(self, query: Select[Any]) -> list[Article]:
        async with self._database.read() as begun:
            rows = (await begun.execute(query)).all()
        return [_article(row) for row in rows]


def _check_storable(document: Document) -> None:
    said = (document.title, document.text, document.outlet, document.url, document.source_id, *document.authors)
    try:
        "".join(part for part in said if part).encode()
    except UnicodeEncodeError as error:
        raise Refused(f"{document.name} holds half a character (a lone surrogate): save it as UTF-8 again.") from error


def _select_articles() -> Select[Any]:
    return select(*_COLUMNS).where(article.c.deleted_at.is_(None))


async def _by_id(begun: Transaction, ids: Collection[int]) -> dict[int, Article]:
    query = _select_articles()
    rows = [row for some in in_batches(ids) for row in await begun.execute(query.where(article.c.id.in_(some)))]
    return {row.id: _article(row) for row in rows}


async def _numbered(begun: Transaction, library: int, number: int, state: ColumnElement[bool]) -> Row[Any] | None:
    query = select(*_COLUMNS).where(article.c.library == library, article.c.number == number, state)
    return (await begun.execute(query)).one_or_none()


async def _known(begun: Transaction, library: int, fingerprint: str) -> Row[Any] | None:
    """The article that has this text: one that can be read here before one that was removed here."""
    query = (
        select(*_COLUMNS, article.c.deleted_at)
        .where(
            article.c.library.in_({SHARED, library}),
            article.c.fingerprint == fingerprint,
            or_(article.c.library == library, article.c.deleted_at.is_(None)),
        )
        .order_by(article.c.deleted_at.is_not(None), article.c.library != library)
        .limit(1)
    )
    return (await begun.execute(query)).one_or_none()


async def _insert(
    begun: Transaction, into: int, prepared: Prepared, added_by: int | None, now: datetime
) -> tuple[Article, Changes]:
    """Store a new article, and say what that changed in its library."""
    document = prepared.document
    published = document.published
    touched = await touch(begun, into, numbers=1)
    values: dict[str, Any] = {
        "library": into,
        "number": touched.number,
        "title": document.title,
        "outlet": document.outlet,
        "authors": document.authors,
        "url": document.url,
        "published": None if published is None else str(published),
        "added_at": now.astimezone(UTC),
        "added_by": added_by,
        "source_id": document.source_id,
        "words": prepared.words,
        "text": document.text,
    }
    filed = published.last_day if published else now.astimezone(UTC).date()
    private = {
        "fingerprint": prepared.fingerprint,
        "filed": filed.isoformat(),
        "title_in_text": int(document.title_in_text),
        "changed": touched.revision,
        "url_key": prepared.url_key,
    }
    article_id = await begun.insert(article, {**values, **private})
    analysis = prepared.analysis
    await parts.insert_passages(begun, article_id, analysis.passages)
    await parts.insert_speeches(begun, article_id, analysis.speeches)
    tallied = await insert_tally(begun, into, article_id, analysis.counted, touched.revision)
    stored = Article(id=article_id, **{**values, "published": published})
    speakers = {i: passage.speaker for i, passage in enumerate(analysis.passages) if passage.speaker}
    card = Filed(article_id, stored.outlet, published, filed, prepared.fingerprint, tallied.counts, speakers)
    entries = [pack_entries(tallied.entries)] if tallied.entries else []
    return stored, Changes(touched.revision, touched.stamp, np.array([article_id]), [card], entries)


async def _set_deleted(
    begun: Transaction, row: Row[Any], deleted_at: datetime | None, *, who: int | None, now: datetime
) -> Article:
    touched = await touch(begun, row.library)
    changed = {"deleted_at": deleted_at, "changed": touched.revision}
    await begun.execute(update(article).where(article.c.id == row.id).values(changed))
    found = _article(row)
    what = "article restored" if deleted_at is None else "article removed"
    await record(begun, found.library, what, found.ref, who=who, at=now)
    return found


def _heading(row: Row[Any]) -> Heading:
    heading = Heading(row.library, row.number, row.title, row.outlet, partial_date(row.published), row.added_at)
    return replace(heading, key=f"{heading.title} {heading.outlet or ''} #{heading.ref}".casefold())


def _article(row: Row[Any]) -> Article:
    values: dict[str, Any] = {column.name: getattr(row, column.name) for column in _COLUMNS}
    return Article(**{**values, "published": partial_date(row.published)})
