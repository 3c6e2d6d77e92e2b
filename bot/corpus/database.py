"""Transactions on the database file: one writer, a few readers, and no way to leave one half done.

Every write is one `BEGIN IMMEDIATE` transaction on the only writing connection; reads are snapshots on connections that
cannot write. A statement, a commit or a rollback that has begun always ends, also when the task that waits for it is
cancelled: the cancellation takes effect right after it. So a connection is never abandoned in the middle of something,
and a cancelled task has stored all of its transaction or nothing. (Sharing one connection without this loses and
halves rows: the tests of this module find both.)
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from sqlalchemy import CursorResult, Executable, Table, insert
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.corpus import sqlite
from bot.corpus.direct import Direct, Work
from bot.errors import CorpusDamaged, CorpusError

READERS = 4

_Result = TypeVar("_Result")
# Faults of this program, not of the file: as SQLAlchemy calls them, and as the driver does.
_OURS = (IntegrityError, ProgrammingError, DataError)
_OURS_DIRECTLY = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError)


async def finish(work: Awaitable[_Result]) -> _Result:
    """Run ``work`` to its end whatever happens to the caller; a cancellation that came meanwhile is raised then."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        if not task.cancelled():
            task.exception()  # retrieved, so that asyncio does not report it as forgotten
        raise cancelled
    return task.result()


class Transaction:
    """What a query is run on. ``execute`` never leaves a statement half run."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def execute(
        self, statement: Executable, parameters: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None
    ) -> CursorResult[Any]:
        """Run a statement, for each of ``parameters`` where there are several."""
        return await finish(self.connection.execute(statement, parameters))

    async def insert(self, table: Table, values: Mapping[str, Any]) -> int:
        """Insert one row and return the row id it was given."""
        key = (await self.execute(insert(table), values)).inserted_primary_key
        return int(key[0]) if key else 0

    async def insert_all(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Insert rows and return the row ids they were given, in their order."""
        query = insert(table).returning(table.c.id, sort_by_parameter_order=True)
        return [int(key) for key in (await self.execute(query, rows)).scalars()]


class Database:
    """The open file; make it inside a running event loop.

    ``read`` and ``write`` are the ways to it, and ``look`` and ``change`` the same in one trip for what is short.

    Of one to ``inspect``, no byte is changed: what writes raises `CorpusError`.
    """

    def __init__(self, path: Path, *, inspect: bool = False) -> None:
        self.path = path
        writer: sqlite.Role = "inspector" if inspect else "writer"
        reader: sqlite.Role = "inspector" if inspect else "reader"
        self._writer = sqlite.engine(path, writer, size=1)
        self._reader = sqlite.engine(path, reader, size=READERS)
        self._changing = Direct(path, writer)
        self._looking = Direct(path, reader)
        # Tasks wait for their turn here, where waiting can be cancelled safely, and never inside the pool.
        self._write_turn = asyncio.Semaphore(1)
        self._read_turn = asyncio.Semaphore(READERS)
        self._damage: asyncio.Future[CorpusDamaged] = asyncio.get_running_loop().create_future()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """A transaction that is committed, to the disk, when the block ends, and rolled back when it raises.

        Raises `CorpusError` where the file cannot be written.
        """
        async with self._write_turn, self._noted(), transaction(self._writer, self.path) as begun:
            yield begun

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """A snapshot: everything read in the block is as of one moment. It does not wait for writers."""
        async with self._read_turn, self._noted(), transaction(self._reader, self.path) as begun:
            yield begun

    async def change(self, work: Work[_Result]) -> _Result:
        """As `write`, in one trip to a thread: for a few rows. ``work`` runs there, and nothing else writes meanwhile.

        Raises `CorpusError`, and what ``work`` raises.
        """
        async with self._write_turn:
            return await self._directly(finish(self._changing.run(work)))

    async def look(self, work: Work[_Result]) -> _Result:
        """As `read`, in one trip to a thread that all share: for what takes a millisecond or less.

        Raises `CorpusError`, and what ``work`` raises.
        """
        return await self._directly(self._looking.run(work))

    @property
    def thread(self) -> ThreadPoolExecutor:
        """The thread of all looks."""
        return self._looking.thread

    async def _directly(self, doing: Awaitable[_Result]) -> _Result:
        async with self._noted():
            try:
                return await doing
            except _OURS_DIRECTLY:
                raise
            except sqlite3.DatabaseError as error:
                raise sqlite.explain(error, self.path) from error

    async def damaged(self) -> NoReturn:
        """Wait until a transaction meets damage in the file, and raise that `CorpusDamaged`."""
        raise await asyncio.shield(self._damage)

    @asynccontextmanager
    async def _noted(self) -> AsyncIterator[None]:
        try:
            yield
        except CorpusDamaged as error:
            if not self._damage.done():
                self._damage.set_result(error)
            raise

    async def wipe(self) -> None:
        """Leave nothing in the file, nor in its log, that was deleted: afterwards every byte is of what is there.

        Raises `CorpusError` where another process keeps it from being done, or the disk is full.
        """
        await self.rewrite()
        if not await self.truncate_log():
            raise CorpusError(f"{self.path.name} is read by another program: try again.")

    async def rewrite(self) -> None:
        """Write the file anew; writers wait meanwhile. Raises `CorpusError`."""
        try:
            async with self._write_turn:
                await finish(sqlite.rewrite(self._writer))
        except sqlite3.DatabaseError as error:
            raise sqlite.explain(error, self.path) from error

    async def truncate_log(self) -> bool:
        """Fold the write-ahead log into the file and cut it to nothing, so that no page is left in it.

        Waits for what is being read and written here, and for nobody else: False where another process reads just now.
        """
        async with AsyncExitStack() as turns:
            for turn in (self._write_turn, *[self._read_turn] * READERS):
                await turns.enter_async_context(turn)
            return await finish(self._looking.between(partial(sqlite.fold, self.path)))

    async def check(self) -> None:
        """Raise `CorpusError` where the file cannot be written and read: better at the start than at the first use."""
        async with self.write(), self.read():
            pass

    async def close(self) -> None:
        """Close every connection, the writer last: the last one to close folds the write-ahead log into the file."""
        await finish(self._dispose())

    async def _dispose(self) -> None:
        await self._looking.close()
        await self._reader.dispose()
        await self._changing.close()
        await self._writer.dispose()


@asynccontextmanager
async def transaction(engine: AsyncEngine, path: Path) -> AsyncIterator[Transaction]:
    """A transaction on a connection of ``engine`` that always gets back to its pool."""
    connection = engine.connect()
    try:
        try:
            await finish(_begin(connection))
            yield Transaction(connection)
        except BaseException:
            await finish(_end(connection, commit=False))
            raise
        await finish(_end(connection, commit=True))
    except _OURS:
        raise
    except (DatabaseError, UnicodeDecodeError) as error:
        raise sqlite.explain(error, path) from error


async def _begin(connection: AsyncConnection) -> None:
    await connection.start()
    await connection.begin()


async def _end(connection: AsyncConnection, *, commit: bool) -> None:
    if connection.sync_connection is None:  # it never began
        return
    try:
        await (connection.commit() if commit else connection.rollback())
    finally:
        await connection.close()
