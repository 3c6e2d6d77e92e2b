"""What search counts, read: the changes of a library since a revision, and articles read anew when rules changed.

An index is brought up to date from here after every change, whoever made it: this bot, or a CLI verb beside it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

import numpy as np
from sqlalchemy import Row, Select, Subquery, Text, case, cast, func, or_, select, update

from bot.corpus import parts
from bot.corpus.database import Database, Transaction, repeatable
from bot.corpus.dialects import listed
from bot.corpus.fixed import FixedQuery, Raw
from bot.corpus.hearing import heard
from bot.corpus.parts import in_batches, partial_date
from bot.corpus.schema import article, library, passage, tally, vocabulary
from bot.corpus.vocabularies import replace_tally, touch
from bot.language.analysis import ANALYSIS_VERSION, Analysis
from bot.model import SHARED, Passage
from bot.tallies import Changes, Filed, Ints, unpack_entries

_EVERYTHING = -1
_ENTRIES_AT_ONCE = 20_000
_TALLIES_AT_ONCE = 500  # five megabytes of tallies, unpacked in a thread
_REREAD_AT_ONCE = 50

_REVISIONS = FixedQuery(
    select(library.c.id, library.c.revision, library.c.stamp).where(library.c.id.in_(listed("libraries")))
)

Analyse = Callable[[str, str], Analysis]


@dataclass(frozen=True, slots=True)
class Sampled:
    """An article as its counts were made of it; ``title`` is empty where the text holds it."""

    title: str
    text: str
    passages: tuple[Passage, ...]
    filed: Filed


@dataclass(frozen=True, slots=True)
class Sample:
    """Some articles of a library, and all of its vocabulary, packed."""

    articles: list[Sampled]
    entries: list[str]

    @property
    def terms(self) -> dict[int, str]:
        """The terms of the sample by their ids in the vocabulary."""
        return {entry.id: entry.term for packed in self.entries for entry in unpack_entries(packed)}

    def as_changes(self) -> Changes:
        """The changes that bring these articles to an empty shelf."""
        filed = [one.filed for one in self.articles]
        return Changes(1, 0, np.zeros(0, np.int64), filed, self.entries)


class LibraryChanges:
    """Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def revisions(self, libraries: Sequence[int]) -> dict[int, tuple[int, int]]:
        """The (revision, stamp) of these libraries; one that was never written to has none."""
        return await self._database.look(partial(revisions, libraries=libraries))

    async def largest(self) -> int:
        """How many articles the largest library has been given so far."""
        async with self._database.read() as begun:
            given = (await begun.execute(select(func.max(library.c.next_number) - 1))).scalar_one()
        return int(given or 0)

    def heard(self) -> AsyncGenerator[set[int], None]:
        """As `hearing.heard`."""
        return heard(self._database)

    async def state(self, reader: int) -> tuple[int, int]:
        """Two numbers that change with every change of what ``reader`` sees."""
        states = await self.revisions([SHARED, reader])
        return states.get(SHARED, (0, 0))[1], states.get(reader, (0, 0))[1]

    async def since(self, of: int, revision: int) -> AsyncGenerator[Changes, None]:
        """What changed in library ``of`` after ``revision``, in instalments; -1: everything that is in it."""
        async with self._database.read() as begun:
            now = (await begun.execute(select(library).where(library.c.id == of))).one_or_none()
            if now is None:
                yield Changes(0, 0, np.zeros(0, np.int64), (), ())
                return
            changed, living = await _changed(begun, of, revision)
            entries = await _entries(begun, of, revision)
            batches = list(in_batches(living.tolist(), _TALLIES_AT_ONCE)) or [[]]
            for some in batches:
                yield Changes(now.revision, now.stamp, changed, await _filed(begun, some), entries)
                changed, entries = changed[:0], []

    async def words(self, libraries: Sequence[int], terms: Sequence[str]) -> dict[str, str]:
        """How these libraries spell ``terms``; the last one's spelling counts."""
        columns = (vocabulary.c.term, vocabulary.c.word)
        query = select(*columns).where(vocabulary.c.library.in_(libraries), vocabulary.c.term.in_(terms))
        async with self._database.read() as begun:
            return {row.term: row.word for row in await begun.execute(query.order_by(vocabulary.c.library))}

    async def libraries(self) -> list[int]:
        """Every library that was ever written to."""
        async with self._database.read() as begun:
            return list((await begun.execute(select(library.c.id).order_by(library.c.id))).scalars())

    async def sample(self, of: int, most: int, chance: random.Random) -> Sample:
        """At most ``most`` of the articles that are there in library ``of``."""
        async with self._database.read() as begun:
            _, living = await _changed(begun, of, _EVERYTHING)
            ids = chance.sample(living.tolist(), min(most, len(living)))
            entries = await _entries(begun, of, _EVERYTHING)
            stored = await parts.passages(begun, ids)
            filed = [one for some in in_batches(ids, _TALLIES_AT_ONCE) for one in await _filed(begun, some)]
            columns = (article.c.id, article.c.title, article.c.title_in_text, article.c.text)
            rows = [
                row
                for some in in_batches(ids)
                for row in await begun.execute(select(*columns).where(article.c.id.in_(some)))
            ]
        texts = {row.id: ("" if row.title_in_text else row.title, row.text) for row in rows}
        passages = {id_: tuple(one.passage for one in stored.get(id_, ())) for id_ in ids}
        return Sample([Sampled(*texts[one.article_id], passages[one.article_id], one) for one in filed], entries)

    @repeatable
    async def outdate(self) -> None:
        """Make every article one that `reread` reads anew."""
        async with self._database.write() as begun:
            await begun.execute(update(tally).values(version=0))

    async def outdated(self) -> int:
        """How many articles were not read by the rules of this version."""
        async with self._database.read() as begun:
            articles = (await begun.execute(select(func.count()).select_from(article))).scalar_one()
            current = select(func.count()).select_from(tally).where(tally.c.version == ANALYSIS_VERSION)
            return int(articles - (await begun.execute(current)).scalar_one())

    async def reread(self, analyse: Analyse) -> AsyncIterator[int]:
        """Read the articles that `outdated` counts, in batches: yields how many each had. It may be broken off."""
        last = 0
        while rows := await self._next_outdated(last):
            last = rows[-1].id
            made = [await asyncio.to_thread(analyse, "" if row.title_in_text else row.title, row.text) for row in rows]
            await self._replace(rows, made)
            yield len(rows)

    @repeatable
    async def _replace(self, rows: Sequence[Row[Any]], made: Sequence[Analysis]) -> None:
        async with self._database.write() as begun:
            for row, analysis in zip(rows, made, strict=True):
                await replace_analysis(begun, row.library, row.id, analysis)

    async def _next_outdated(self, after: int) -> Sequence[Row[Any]]:
        outdated = or_(tally.c.version.is_(None), tally.c.version != ANALYSIS_VERSION)
        columns = (article.c.id, article.c.library, article.c.title, article.c.title_in_text, article.c.text)
        query = (
            select(*columns)
            .outerjoin_from(article, tally)
            .where(outdated, article.c.id > after)
            .order_by(article.c.id)
            .limit(_REREAD_AT_ONCE)
        )
        async with self._database.read() as begun:
            return (await begun.execute(query)).all()


def revisions(connection: Raw, libraries: Sequence[int]) -> dict[int, tuple[int, int]]:
    """The (revision, stamp) of these libraries; one that was never written to has none."""
    rows = _REVISIONS.rows(connection, libraries=list(libraries))
    return {row.id: (row.revision, row.stamp) for row in rows}


async def replace_analysis(begun: Transaction, of: int, article_id: int, analysis: Analysis) -> None:
    """Store what an article of library ``of`` is made of anew."""
    touched = await touch(begun, of)
    await parts.delete_parts(begun, article_id)
    await parts.insert_parts(begun, [(article_id, analysis)])
    await replace_tally(begun, of, article_id, analysis.counted, touched.revision)
    await begun.execute(update(article).where(article.c.id == article_id).values(changed=touched.revision))


async def _changed(begun: Transaction, of: int, since: int) -> tuple[Ints, Ints]:
    """The row ids of the articles that changed after ``since``, and of those among them that are there."""
    signed = case((article.c.deleted_at.is_(None), article.c.id), else_=-article.c.id)
    joined = func.aggregate_strings(cast(signed, Text), ",")
    query = select(joined).where(article.c.library == of, article.c.changed > since)
    ids = np.fromstring((await begun.execute(query)).scalar_one() or "", np.int64, sep=",")
    return np.abs(ids), np.sort(ids[ids > 0])


async def _entries(begun: Transaction, of: int, since: int) -> list[str]:
    """The entries of the vocabulary that came after ``since``, packed by the database: a row each takes far longer."""
    known = select(vocabulary).where(vocabulary.c.library == of)
    if since >= 0:
        new = (await begun.execute(packed_entries(known.where(vocabulary.c.changed > since).subquery()))).one()
        return [new.packed] if new.packed else []
    found: list[str] = []
    last = ""
    while True:
        rest = known.where(vocabulary.c.term > last).order_by(vocabulary.c.term).limit(_ENTRIES_AT_ONCE)
        row = (await begun.execute(packed_entries(rest.subquery()))).one()
        if not row.packed:
            return found
        found.append(row.packed)
        if row.number < _ENTRIES_AT_ONCE:
            return found
        last = row.last


def packed_entries(entries: Subquery) -> Select[Any]:
    """Entries as `bot.tallies.unpack_entries` takes them, the last of their terms, and how many they are."""
    columns = (entries.c.term, cast(entries.c.id, Text), func.coalesce(entries.c.name_key, ""))
    packed: Any = func.aggregate_strings(columns[0] + "\t" + columns[1] + "\t" + columns[2], "\n")
    return select(packed.label("packed"), func.max(entries.c.term).label("last"), func.count().label("number"))


FILED = (
    select(article.c.id, article.c.outlet, article.c.published, article.c.filed, article.c.fingerprint, tally.c.counts)
    .join_from(article, tally)
    .order_by(article.c.id)
)
"""Articles as the index takes them."""
SPEAKING = select(passage.c.article_id, passage.c.position, passage.c.speaker).where(passage.c.speaker.is_not(None))
"""The passages that have a speaker."""


async def _filed(begun: Transaction, ids: Sequence[int]) -> list[Filed]:
    if not ids:
        return []
    speakers = by_article(await begun.execute(SPEAKING.where(passage.c.article_id.in_(ids))))
    return [as_filed(row, speakers) for row in await begun.execute(FILED.where(article.c.id.in_(ids)))]


def as_filed(row: Row[Any], speakers: Mapping[int, Mapping[int, str]]) -> Filed:
    """The article in a row of `FILED`; ``speakers`` are those of some articles."""
    days = partial_date(row.published), date.fromisoformat(row.filed)
    return Filed(row.id, row.outlet, *days, row.fingerprint, row.counts, speakers.get(row.id, {}))


def by_article(rows: Iterable[Row[Any]]) -> dict[int, dict[int, str]]:
    """Rows of `SPEAKING`: the speaker by position, by article."""
    found: dict[int, dict[int, str]] = {}
    for row in rows:
        found.setdefault(row.article_id, {})[row.position] = row.speaker
    return found
