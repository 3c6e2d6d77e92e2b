"""Leaving: what is kept of a server or a person is deleted for good; servers that were left are remembered until then.

    left -> `library.left_at` -> 30 days -> `delete_server`        returned before that -> as it was

Deleting goes in batches, each a transaction of a few milliseconds, so that nobody waits for it. It may end anywhere: a
row of the audit says that it began, and whoever calls `delete_server` again goes on. SQLite overwrites what it deletes
(secure_delete); what is left of it in the write-ahead log goes with the log, which is folded into the file at the end.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Delete,
    Select,
    Table,
    Update,
    delete,
    exists,
    func,
    insert,
    not_,
    select,
    tuple_,
    union,
    update,
)

from bot.corpus import schema
from bot.corpus.database import Database, Transaction, repeatable
from bot.corpus.holdings import HOLDINGS
from bot.corpus.schema import article, audit, delivery, feed, feed_entry, library, notice, schedule, watch
from bot.model import SHARED
from bot.tallies import next_history

_log = logging.getLogger(__name__)

BEGUN: Final = "library deletion begun"
DELETED: Final = "library deleted"
JOINED: Final = "server joined"

_FIRST_BATCH, _MOST_BATCH = 8, 2_000
_SHORT_SECONDS, _LONG_SECONDS = 0.006, 0.012  # a batch that takes less is followed by a larger one, and the reverse
_FOLD_TRIES, _FOLD_PAUSE_SECONDS = 300, 0.1

Rows = tuple[Table, ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows were a person's own and are gone, by table, and how many no longer say who did it."""

    own: dict[str, int]
    signed: int


class Leaving:
    """Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # Servers that left

    async def servers(self) -> dict[int, datetime | None]:
        """Every server of which anything is kept, and when the bot was removed from it; None: it was not."""
        owned = [table for table in schema.metadata.sorted_tables if {"library", "guild"} & set(table.c.keys())]
        kept = union(*(_having(table) for table in owned if table is not audit))
        async with self._database.read() as begun:
            found = set((await begun.execute(kept)).scalars()) - {SHARED}
            rows = await begun.execute(select(library.c.id, library.c.left_at).where(library.c.left_at.is_not(None)))
            left = {row.id: row.left_at for row in rows}
        return {guild: left.get(guild) for guild in sorted(found | set(left))}

    @repeatable
    async def note_left(self, guild: int, *, now: datetime) -> None:
        """Remember when the bot was removed from a server; the first time counts until it returns."""
        async with self._database.write() as begun:
            known = (await begun.execute(select(library.c.id).where(library.c.id == guild))).first()
            if known is None:
                await begun.execute(insert(library), {"id": guild, "next_number": 1, "revision": 0, "left_at": now})
            here = (library.c.id == guild, library.c.left_at.is_(None))
            await begun.execute(update(library).where(*here).values(left_at=now))

    @repeatable
    async def note_returned(self, guild: int, *, now: datetime) -> bool:
        """Everything is as it was, but what fell due meanwhile is not owed. False where it had not left."""
        left = (library.c.id == guild, library.c.left_at.is_not(None))
        async with self._database.read() as begun:
            if (await begun.execute(select(library.c.id).where(*left))).first() is None:
                return False
        async with self._database.write() as begun:
            if (await begun.execute(update(library).where(*left).values(left_at=None))).rowcount == 0:
                return False
            await begun.execute(update(schedule).where(schedule.c.guild == guild).values(since=now))
            return True

    async def owed(self, left_before: datetime) -> list[int]:
        """The servers that left before then, to be deleted."""
        left = select(library.c.id).where(library.c.left_at < left_before, library.c.id != SHARED)
        async with self._database.read() as begun:
            return sorted((await begun.execute(left)).scalars())

    async def unfinished(self) -> list[int]:
        """The servers whose deletion has begun and not ended."""
        async with self._database.read() as begun:
            return sorted(set((await begun.execute(select(audit.c.library).where(audit.c.what == BEGUN))).scalars()))

    @repeatable
    async def note_joined(self, guild: int, *, now: datetime) -> bool:
        """Note that the bot came to a server. False where it was there before, as far as anything is kept of it."""
        async with self._database.write() as begun:
            for table in (audit, library):
                known = select(func.count()).select_from(table).where(_server_of(table) == guild)
                if (await begun.execute(known)).scalar_one():
                    return False
            joined = {"at": now, "library": guild, "who": None, "what": JOINED, "subject": ""}
            await begun.execute(insert(audit), joined)
            return True

    # Deleting

    async def delete_server(self, guild: int, *, now: datetime) -> None:
        """Delete all that is kept of a server but one line: that it was deleted, and when.

        Its schedules and feeds stop first. Its articles' numbers are not used again, as old messages name them.
        """
        if guild == SHARED:
            raise ValueError("the shared library is no server's")
        await self._stop(guild, now)
        while not await self._end(guild, now):
            for table, rows in _kept_of(guild):
                await self._empty(table, rows)
        await self.fold()

    async def delete_person(self, user_id: int, *, guild: int | None) -> Erased:
        """Delete what is a person's own, and let nothing say any more that it was them; in one server, or in all."""
        own: dict[str, int] = {}
        for column in (column for holding in HOLDINGS for column in holding.own):
            of_them = column == user_id
            rows = of_them if guild is None else of_them & (_server_of(column.table) == guild)
            own[column.table.name] = await self._empty(column.table, rows)
        signed = 0
        for column in (column for holding in HOLDINGS for column in holding.signed):
            signed += await self._unsign(column.table, column.name, user_id, guild)
        await self._unname(user_id, guild)
        await self.fold()
        return Erased(own, signed)

    async def fold(self) -> None:
        """Write the file anew and empty its log: what was deleted may still be read in them."""
        await self._database.rewrite()
        for _ in range(_FOLD_TRIES):
            if await self._database.truncate_log():
                return
            await asyncio.sleep(_FOLD_PAUSE_SECONDS)  # somebody reads a state from before
        _log.warning("what was deleted stays in the write-ahead log until the bot is stopped: another program reads it")

    @repeatable
    async def _stop(self, guild: int, now: datetime) -> None:
        async with self._database.write() as begun:
            for table in (schedule, feed):
                living = (table.c.guild == guild, table.c.deleted_at.is_(None))
                await begun.execute(update(table).where(*living).values(deleted_at=now))
            noted = select(audit.c.id).where(audit.c.library == guild, audit.c.what == BEGUN)
            if (await begun.execute(noted)).first() is None:
                row = {"at": now, "library": guild, "who": None, "what": BEGUN, "subject": ""}
                await begun.execute(insert(audit), row)

    @repeatable
    async def _end(self, guild: int, now: datetime) -> bool:
        """Close the deletion; False, and nothing changed, where something is left: it may have come in meanwhile."""
        async with self._database.write() as begun:
            for table, rows in _kept_of(guild):
                if (await begun.execute(select(1).select_from(table).where(rows).limit(1))).first() is not None:
                    return False
            await _begin_anew(begun, guild)
            noted = (audit.c.library == guild, audit.c.what == BEGUN)
            await begun.execute(update(audit).where(*noted).values(what=DELETED, at=now))
            return True

    async def _empty(self, table: Table, rows: ColumnElement[bool]) -> int:
        """Delete these rows of a table, a batch at a time; how many they were."""
        key = list(table.primary_key.columns)
        of_key = key[0] if len(key) == 1 else tuple_(*key)
        total, batch = 0, _FIRST_BATCH
        while True:
            some = delete(table).where(of_key.in_(select(*key).where(rows).limit(batch)))
            gone, seconds = await self._timed(some)
            total += gone
            if gone < batch:
                return total
            batch = _next_batch(batch, seconds)

    async def _unsign(self, table: Table, name: str, user_id: int, guild: int | None) -> int:
        theirs = [table.c[name] == user_id]
        if guild is not None:
            theirs.append(_server_of(table) == guild)
        return await self._each(update(table).values({name: None}), table, await self._ids(table, theirs))

    async def _unname(self, user_id: int, guild: int | None) -> None:
        """Where a digest that was planned, or one that somebody else was shown, names who added articles."""
        mention, answer = f"<@{user_id}>", schema.answer
        naming = [delivery.c.payload.contains(mention)]
        shown = [answer.c.payload.contains(str(user_id))]
        if guild is not None:
            naming.append(delivery.c.schedule_id.in_(select(schedule.c.id).where(schedule.c.guild == guild)))
            shown.append(answer.c.guild == guild)
        unnamed = update(delivery).values(payload=func.replace(delivery.c.payload, mention, "somebody"))
        await self._each(unnamed, delivery, await self._ids(delivery, naming))
        await self._each(delete(answer), answer, await self._ids(answer, shown))

    async def _each(self, statement: Update | Delete, table: Table, ids: Sequence[Any]) -> int:
        """Run a statement on these rows, a batch at a time; how many they are."""
        done, batch = 0, _FIRST_BATCH
        while some := ids[done : done + batch]:
            _, seconds = await self._timed(statement.where(table.c.id.in_(some)))
            done, batch = done + len(some), _next_batch(batch, seconds)
        return done

    @repeatable
    async def _timed(self, statement: Update | Delete) -> tuple[int, float]:
        """Run a statement in a transaction of its own: how many rows it changed, and how long others were kept out."""
        async with self._database.write() as begun:
            since = time.perf_counter()
            rows = (await begun.execute(statement)).rowcount
        return rows, time.perf_counter() - since

    async def _ids(self, table: Table, conditions: Sequence[ColumnElement[bool]]) -> list[Any]:
        async with self._database.read() as begun:
            return list((await begun.execute(select(table.c.id).where(*conditions))).scalars())


async def _begin_anew(begun: Transaction, guild: int) -> None:
    """Let whoever follows a library's changes see that nothing of it is there any more; its numbers go on."""
    at = (await begun.execute(select(library.c.revision).where(library.c.id == guild))).scalar_one_or_none()
    if at is not None:
        anew = {"revision": next_history(at), "stamp": secrets.randbits(62), "terms": 0, "left_at": None}
        await begun.execute(update(library).where(library.c.id == guild).values(anew))
        await begun.tells_of(guild)


def _next_batch(batch: int, seconds: float) -> int:
    if seconds < _SHORT_SECONDS:
        return min(batch * 2, _MOST_BATCH)
    return max(batch // 2, 1) if seconds > _LONG_SECONDS else batch


def _server_of(table: Table) -> ColumnElement[Any]:
    """The column of a table that says whose it is."""
    if table is library:
        return library.c.id
    return table.c["library"] if "library" in table.c else table.c["guild"]


def _having(table: Table) -> Select[Any]:
    """The servers that have rows in a table. Where there are hundreds of them for each, one is looked for."""
    if "library" not in table.c:
        return select(_server_of(table))
    return select(library.c.id).where(exists().where(table.c["library"] == library.c.id))


def _kept_of(guild: int) -> Iterator[Rows]:
    """All rows that are a server's, in an order in which they can be deleted: nothing before what refers to it."""
    articles = select(article.c.id).where(article.c.library == guild)
    schedules = select(schedule.c.id).where(schedule.c.guild == guild)
    yield notice, notice.c.watch_id.in_(select(watch.c.id).where(watch.c.guild == guild))
    for table in (watch, schema.visit, schema.answer):
        yield table, table.c.guild == guild
    yield feed_entry, feed_entry.c.feed_id.in_(select(feed.c.id).where(feed.c.guild == guild))
    yield feed, feed.c.guild == guild
    yield delivery, delivery.c.schedule_id.in_(schedules)
    owing = select(delivery.c.schedule_id).where(delivery.c.schedule_id.in_(schedules))
    yield schedule, (schedule.c.guild == guild) & schedule.c.id.not_in(owing)  # one may have been planned meanwhile
    for table in (notice, schema.speech, schema.passage, schema.tally):
        yield table, table.c.article_id.in_(articles)
    yield article, article.c.library == guild
    for table in (schema.correction, schema.alias, schema.vocabulary):
        yield table, table.c.library == guild
    yield audit, (audit.c.library == guild) & not_(audit.c.what.in_((BEGUN, DELETED)))
