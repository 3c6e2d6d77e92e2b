"""Hearing of changes that other processes make: which libraries changed, within a second.

On PostgreSQL each change says so in its own transaction (NOTIFY), and whoever listens hears it when that is committed.
Elsewhere the libraries' stamps are compared each second.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.corpus import postgresql
from bot.corpus.database import Database, finish
from bot.corpus.fixed import FixedQuery
from bot.corpus.postgresql import CHANNEL, driver_of, engine, explain
from bot.corpus.postgresql_database import PostgresqlDatabase
from bot.corpus.schema import library
from bot.errors import CorpusAway, CorpusDamaged, CorpusError

_log = logging.getLogger(__name__)

POLL_SECONDS: Final = 1.0
SILENT_SECONDS: Final = 5.0
"""After which a connection on which nothing is heard is tried: a network that is gone says nothing of it."""
_STAMPS = FixedQuery(select(library.c.id, library.c.stamp))


async def heard(database: Database) -> AsyncGenerator[set[int], None]:
    """The libraries that changed, whoever changed them, again and again; those that change meanwhile come together.

    Where the database is away for a time, what changed then comes when it is back. Raises `CorpusDamaged`.
    """
    known = await _stamps(database, {})
    while True:
        try:
            if isinstance(database, PostgresqlDatabase):
                async for changed in _listened(database, known):
                    yield changed
            else:
                await asyncio.sleep(POLL_SECONDS)
            before, known = known, await _stamps(database, known)
            if changed := {id_ for id_, stamp in known.items() if before.get(id_) != stamp}:
                yield changed
        except CorpusDamaged:
            raise
        except CorpusError as error:
            _log.warning("changes of others are heard of later: %s", error)
            await asyncio.sleep(POLL_SECONDS)


async def _stamps(database: Database, otherwise: dict[int, int]) -> dict[int, int]:
    try:
        return {row.id: row.stamp for row in await database.look(_STAMPS.rows)}
    except CorpusDamaged:
        raise
    except CorpusError:
        return otherwise


async def _listened(database: PostgresqlDatabase, known: dict[int, int]) -> AsyncGenerator[set[int], None]:
    """What is heard on one connection, until that is lost; at first what changed before it was there."""
    waiting: asyncio.Queue[int | None] = asyncio.Queue()
    of = engine(database.at, size=1, writes=False)
    connection = of.connect()
    try:
        await finish(connection.start())
        driver = await driver_of(connection)
        driver.add_termination_listener(lambda _: waiting.put_nowait(None))
        await finish(driver.add_listener(CHANNEL, lambda *said: waiting.put_nowait(_library(said[-1]))))
        now = await _stamps(database, known)
        if missed := {id_ for id_, stamp in now.items() if known.get(id_) != stamp}:
            known.update(now)
            yield missed
        while (changed := await _next(waiting, driver)) is not None:
            together: set[int] = {changed}
            while not waiting.empty():
                if (more := waiting.get_nowait()) is None:
                    return
                together.add(more)
            yield together
    except Exception as error:
        known_fault = CorpusAway() if isinstance(error, OSError) else explain(error, database.at)
        if known_fault is None:
            raise
        raise known_fault from error
    finally:
        await finish(_given_up(connection, of))


async def _next(waiting: asyncio.Queue[int | None], driver: Any) -> int | None:
    """What is heard next. A connection on which nothing is heard is asked now and then whether it leads anywhere."""
    while True:
        try:
            async with asyncio.timeout(SILENT_SECONDS):
                return await waiting.get()
        except TimeoutError:
            await driver.execute("SELECT 1", timeout=postgresql.BEGIN_SECONDS)


async def _given_up(connection: AsyncConnection, of: AsyncEngine) -> None:
    """The connection is not kept for others: it listens."""
    if connection.sync_connection is not None:
        (await driver_of(connection)).terminate()
        await connection.invalidate()
        await connection.close()
    await of.dispose()


def _library(said: str) -> int | None:
    return int(said)
