"""Articles: stored whole, in one transaction each, in the library of one server or in the shared one.

Everything here names a library, and reads that library and, where a server reads it too, the shared one: never another
server's. Removed articles keep their row, their number and their passages, and are left out of every answer. So are the
texts that an article had before it was revised (`bot.corpus.revisions`), which have no number that people know.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, distinct, func, or_, select, update

from bot.corpus import parts
from bot.corpus.arriving import insert_articles
from bot.corpus.audit import record
from bot.corpus.corrections import are_any, speakers_of
from bot.corpus.database import Database, Transaction, repeatable
from bot.corpus.dialects import listed
from bot.corpus.fixed import FixedQuery, Raw
from bot.corpus.parts import BATCH, in_batches, partial_date
from bot.corpus.schema import article, passage, speech
from bot.corpus.schema import library as libraries
from bot.corpus.visibility import seen_from
from bot.corpus.vocabularies import touch
from bot.dates import PartialDate
from bot.language.prepared import Prepared, check_storable
from bot.model import SHARED, Article, Passage
from bot.tallies import Changes


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

    @property
    def is_there(self) -> bool:
        """Whether the article can be read now."""
        return self.outcome is not Outcome.REMOVED


class Stored(NamedTuple):
    """What became of several documents, in their order, and what the new ones changed together."""

    added: list[Added]
    changes: Changes | None


@dataclass(frozen=True, slots=True)
class Heading:
    """An article without its text: what lists and autocomplete show."""

    library: int
    number: int
    title: str
    outlet: str | None
    published: PartialDate | None
    added_at: datetime
    id: int = 0
    filed: str = ""  # the day it is listed under
    fingerprint: str = ""

    @property
    def ref(self) -> str:
        """As `Article.ref`."""
        return f"S{self.number}" if self.library == SHARED else str(self.number)


class HeadingChanges(NamedTuple):
    """What changed in a library up to ``state`` (revision and stamp): row ids, and the headings of what is there."""

    state: tuple[int, int]
    changed: Sequence[int]
    headings: Sequence[Heading]


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a reader sees."""

    articles: int
    passages: int
    speeches: int
    words: int
    outlets: int


HIDDEN: Final = 1_000_000_000
"""Numbers from here on are those of earlier texts of articles: `bot.model.parse_ref` reads none of them."""

COLUMNS = (
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
_PUBLISHED: Final = COLUMNS.index(article.c.published)
LIVE: Final = article.c.deleted_at.is_(None)
REMOVED: Final = and_(article.c.deleted_at.is_not(None), article.c.number < HIDDEN, article.c.text != "")
"""Taken out, and neither purged nor an earlier text."""

_HEADING_COLUMNS = (
    *("library", "number", "title", "outlet", "published", "added_at", "id", "filed", "fingerprint"),
    "deleted_at",
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
        stored = await self.add_all(library, [prepared], added_by=added_by, now=now, restore=restore)
        return stored.added[0]._replace(changes=stored.changes)

    @repeatable
    async def add_all(
        self, library: int, prepared: Sequence[Prepared], *, added_by: int | None, now: datetime, restore: bool = True
    ) -> Stored:
        """The same for several in one transaction: all are durable when this returns, or none is stored."""
        for one in prepared:
            check_storable(one.document)
        texts = [one.fingerprint for one in prepared]
        by_text = {one.fingerprint: one for one in reversed(prepared)}  # of the same text, the first
        async with self._database.write() as begun:
            known = await _known(begun, library, texts)
            new = [by_text[text] for text in dict.fromkeys(texts) if text not in known]
            stored, changes = await insert_articles(begun, library, new, added_by, now) if new else ({}, None)
            outcomes = {text: Added(article_, Outcome.ADDED) for text, article_ in stored.items()}
            for text, row in known.items():
                if row.deleted_at is not None and restore:
                    back = await _set_deleted(begun, row, None, who=added_by, now=now)
                    outcomes[text] = Added(back, Outcome.RESTORED)
                else:
                    outcomes[text] = _found(row)
        return Stored(_one_by_one(texts, outcomes), changes)

    async def by_text(self, library: int, fingerprints: Sequence[str]) -> dict[str, Added]:
        """What adding these texts would find there already, by fingerprint: `Outcome.UNCHANGED` or `REMOVED`."""
        async with self._database.read() as begun:
            known = await _known(begun, library, fingerprints)
        return {text: _found(row) for text, row in known.items()}

    async def is_untouched(self, library: int) -> bool:
        """Whether no article was ever in ``library``."""
        query = select(libraries.c.next_number).where(libraries.c.id == library)
        async with self._database.read() as begun:
            return (await begun.execute(query)).scalar_one_or_none() in (None, 1)

    async def find(self, library: int, number: int) -> Article | None:
        """The article people of that very library call ``number``; None where there is none or it was removed."""
        rows = await self._database.look(lambda connection: _NUMBERED.rows(connection, library=library, number=number))
        return as_article(rows[0]) if rows else None

    async def by_link(self, library: int, url_key: str) -> Article | None:
        """The newest article somebody in ``library`` can read whose link has this key, its own before a shared one."""
        own_first = (article.c.library != library, article.c.id.desc())
        query = _select_articles().where(article.c.url_key == url_key, seen_from(library)).order_by(*own_first).limit(1)
        async with self._database.read() as begun:
            row = (await begun.execute(query)).one_or_none()
        return None if row is None else as_article(row)

    @repeatable
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
        found: dict[int, Article] = {}
        for some in in_batches(ids):
            found |= await self._database.look(partial(by_id, ids=some))
        return found

    async def visible(self, library: int, *, limit: int | None = None, offset: int = 0) -> list[Article]:
        """What somebody in ``library`` can read, its own and the shared articles, newest first."""
        query = _select_articles().where(seen_from(library)).order_by(*_NEWEST_FIRST)
        return await self._articles(query.limit(limit).offset(offset))

    async def in_portions(self, library: int) -> AsyncGenerator[list[Article], None]:
        """All of `visible`, in the order they came in and some at once: nobody waits for them."""
        last = 0
        while True:
            query = _select_articles().where(seen_from(library), article.c.id > last).order_by(article.c.id)
            some = await self._articles(query.limit(BATCH))
            if not some:
                return
            last = some[-1].id
            yield some

    async def added_between(self, library: int, since: datetime | None, until: datetime | None) -> list[Article]:
        """Visible articles that were added from ``since`` on and before ``until`` (None: no bound), newest first."""
        query = _select_articles().where(seen_from(library)).order_by(*_NEWEST_FIRST)
        if since is not None:
            query = query.where(article.c.added_at >= since)
        if until is not None:
            query = query.where(article.c.added_at < until)
        return await self._articles(query)

    async def heading_changes(self, library: int, revision: int) -> HeadingChanges:
        """The articles of ``library`` alone that changed after ``revision``, without their text; 0: all there are."""
        columns = [article.c[name] for name in _HEADING_COLUMNS]
        query = select(*columns).where(article.c.library == library)
        query = query.where(article.c.changed > revision if revision else article.c.deleted_at.is_(None))
        changed: list[int] = []
        headings: list[Heading] = []
        async with self._database.read() as begun:
            state = select(libraries.c.revision, libraries.c.stamp).where(libraries.c.id == library)
            now = (await begun.execute(state)).one_or_none()
            for rows in (await begun.execute(query)).partitions(_HEADINGS_AT_ONCE):
                changed += [row.id for row in rows]
                headings += [_heading(row) for row in rows if row.deleted_at is None]
                await asyncio.sleep(0)
        return HeadingChanges((0, 0) if now is None else (now.revision, now.stamp), changed, headings)

    @repeatable
    async def remove(self, library: int, number: int, *, by: int | None, now: datetime) -> Article | None:
        """Take an article out of every answer, and return it; None where there is none. `restore` undoes it."""
        async with self._database.write() as begun:
            row = await numbered(begun, library, number, LIVE)
            return None if row is None else await _set_deleted(begun, row, now, who=by, now=now)

    @repeatable
    async def restore(
        self, library: int, number: int, *, by: int | None, now: datetime, since: datetime | None = None
    ) -> Article | None:
        """Undo `remove`, and return the article; None where no article of that number was removed (after ``since``)."""
        removed = REMOVED if since is None else and_(REMOVED, article.c.deleted_at > since)
        async with self._database.write() as begun:
            row = await numbered(begun, library, number, removed)
            return None if row is None else await _set_deleted(begun, row, None, who=by, now=now)

    async def total(self) -> int:
        """How many articles there are in all libraries together."""
        async with self._database.read() as begun:
            query = select(func.count()).select_from(article).where(article.c.deleted_at.is_(None))
            return int((await begun.execute(query)).scalar_one())

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

        def looked(connection: Raw) -> tuple[dict[int, Article], dict[tuple[int, int], Passage], bool]:
            articles = by_id(connection, [article_id for article_id, _ in places])
            return articles, parts.passages_at(connection, places), are_any(connection, reader)

        articles, passages, is_corrected = await self._database.look(looked)
        if not is_corrected:
            return articles, passages
        async with self._database.read() as begun:
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
        return [as_article(row) for row in rows]


def _select_articles() -> Select[Any]:
    return select(*COLUMNS).where(article.c.deleted_at.is_(None))


_NUMBERED = FixedQuery(
    _select_articles().where(article.c.library == bindparam("library"), article.c.number == bindparam("number"))
)
_BY_ID = FixedQuery(_select_articles().where(article.c.id.in_(listed("ids"))))


def by_id(connection: Raw, ids: Collection[int]) -> dict[int, Article]:
    """Articles by row id, without those that were removed or never were."""
    return {row.id: as_article(row) for row in _BY_ID.rows(connection, ids=list(ids))}


async def numbered(begun: Transaction, library: int, number: int, state: ColumnElement[bool]) -> Row[Any] | None:
    """The row of an article that is in ``state``; None where there is none."""
    query = select(*COLUMNS).where(article.c.library == library, article.c.number == number, state)
    return (await begun.execute(query)).one_or_none()


async def _known(begun: Transaction, library: int, fingerprints: Collection[str]) -> dict[str, Row[Any]]:
    """The articles that have these texts, or had them before they were revised: one that can be read here before one
    that was removed here."""
    query = (
        select(*COLUMNS, article.c.fingerprint, article.c.deleted_at)
        .where(
            article.c.library.in_({SHARED, library}),
            or_(article.c.library == library, article.c.deleted_at.is_(None)),
        )
        .order_by(article.c.deleted_at.is_not(None), article.c.library != library)
    )
    found: dict[str, Row[Any]] = {}
    for some in in_batches(fingerprints):
        for row in await begun.execute(query.where(article.c.fingerprint.in_(some))):
            found.setdefault(row.fingerprint, row)
    missing = [text for text in fingerprints if text not in found]
    if missing and await _has_revisions(begun, library):
        for fingerprint in missing:
            if (before := await _known_before(begun, library, fingerprint)) is not None:
                found[fingerprint] = before
    return found


async def _has_revisions(begun: Transaction, library: int) -> bool:
    query = select(article.c.id).where(article.c.library == library, article.c.number >= HIDDEN).limit(1)
    return (await begun.execute(query)).first() is not None


async def _known_before(begun: Transaction, library: int, fingerprint: str) -> Row[Any] | None:
    """The article of this very library that had this text, as it reads now; see `earlier_fingerprint`."""
    before = and_(article.c.fingerprint > f"{fingerprint}.", article.c.fingerprint < f"{fingerprint}/")
    query = select(article.c.id).where(article.c.library == library, article.c.number >= HIDDEN, before).limit(1)
    row_id = (await begun.execute(query)).scalar_one_or_none()
    found = None
    while row_id is not None:
        later = select(*COLUMNS, article.c.deleted_at).where(article.c.library == library, article.c.revises == row_id)
        found = (await begun.execute(later)).one_or_none() or found
        row_id = None if found is None or found.number < HIDDEN else found.id
    return found


def earlier_fingerprint(fingerprint: str, row_id: int) -> str:
    """What an earlier text is known by, so that another article, or a later text of its own, may have its words."""
    return f"{fingerprint}.{row_id}"


def _found(row: Row[Any]) -> Added:
    """An article that was there, left as it is."""
    return Added(as_article(row), Outcome.UNCHANGED if row.deleted_at is None else Outcome.REMOVED)


def _one_by_one(texts: Iterable[str], outcomes: Mapping[str, Added]) -> list[Added]:
    """What became of each text: one that comes again in the same transaction is there by then."""
    left = dict(outcomes)
    added = []
    for text in texts:
        added.append(left[text])
        if left[text].outcome is not Outcome.REMOVED:
            left[text] = left[text]._replace(outcome=Outcome.UNCHANGED)
    return added


async def _set_deleted(
    begun: Transaction, row: Row[Any], deleted_at: datetime | None, *, who: int | None, now: datetime
) -> Article:
    touched = await touch(begun, row.library)
    changed = {"deleted_at": deleted_at, "changed": touched.revision}
    await begun.execute(update(article).where(article.c.id == row.id).values(changed))
    found = as_article(row)
    what = "article restored" if deleted_at is None else "article removed"
    await record(begun, found.library, what, found.ref, who=who, at=now)
    return found


def _heading(row: Row[Any]) -> Heading:
    about = (row.library, row.number, row.title, row.outlet, partial_date(row.published), row.added_at)
    return Heading(*about, row.id, row.filed, row.fingerprint)


def as_article(row: Row[Any]) -> Article:
    """The article of a row that begins with `COLUMNS`, which are in the order of its fields."""
    values = list(row[: len(COLUMNS)])
    values[_PUBLISHED] = partial_date(values[_PUBLISHED])
    return Article(*values)
