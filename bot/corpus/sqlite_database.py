"""The corpus in a file of SQLite's: one writer, a few readers.

Every write is one `BEGIN IMMEDIATE` transaction on the only writing connection, so that writers never meet; reads are
snapshots on connections that cannot write.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from concurrent.futures import Executor
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from typing_extensions import override

from bot.corpus import sqlite
from bot.corpus.database import Database, Transaction, Work, finish
from bot.corpus.direct import Direct, Inline
from bot.errors import CorpusError

READERS = 4

T = TypeVar("T")
# Faults of this program, not of the file: as SQLAlchemy calls them, and as the driver does.
_OURS = (IntegrityError, ProgrammingError, DataError)
_OURS_DIRECTLY = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError)


class SqliteDatabase(Database):
    """The open file. Of one to ``inspect``, no byte is changed.

    Where the process is only ``answering``, its looks are done in the event loop, on the file mapped into memory.
    """

    is_exclusive = True

    def __init__(self, path: Path, *, inspect: bool = False, answering: bool = False) -> None:
        super().__init__(path)
        writer: sqlite.Role = "inspector" if inspect else "writer"
        reader: sqlite.Role = "inspector" if inspect else "mapper" if answering else "reader"
        looking = Inline if answering else Direct
        self._writer = sqlite.engine(path, writer, size=1)
        self._reader = sqlite.engine(path, reader, size=READERS)
        self._changing = Direct(path, writer)
        self._looking = looking(path, reader)
        # Tasks wait for their turn here, where waiting can be cancelled safely, and never inside the pool.
        self._write_turn = asyncio.Semaphore(1)
        self._read_turn = asyncio.Semaphore(READERS)

    @override
    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        async with self._write_turn, self._noted(), transaction(self._writer, self.path) as begun:
            yield begun

    @override
    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        async with self._read_turn, self._noted(), transaction(self._reader, self.path) as begun:
            yield begun

    @override
    async def change(self, work: Work[T]) -> T:
        async with self._write_turn:
            return await self._directly(finish(self._changing.run(work)))

    @override
    async def look(self, work: Work[T]) -> T:
        return await self._directly(self._looking.run(work))

    @property
    @override
    def thread(self) -> Executor:
        return self._looking

    async def _directly(self, doing: Awaitable[T]) -> T:
        async with self._noted():
            try:
                return await doing
            except _OURS_DIRECTLY:
                raise
            except sqlite3.DatabaseError as error:
                raise sqlite.explain(error, self.path) from error

    @override
    async def repeat(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        return await work()  # there is one writer: nothing comes between

    @override
    async def wipe(self) -> None:
        """Leave nothing in the file, nor in its log, that was deleted: afterwards every byte is of what is there.

        Raises `CorpusError` where another process keeps it from being done, or the disk is full.
        """
        await self.rewrite()
        if not await self.truncate_log():
            raise CorpusError(f"{self.path.name} is read by another program: try again.")

    @override
    async def rewrite(self) -> None:
        """Write the file anew; writers wait meanwhile. Raises `CorpusError`."""
        try:
            async with self._write_turn:
                await finish(sqlite.rewrite(self._writer))
        except sqlite3.DatabaseError as error:
            raise sqlite.explain(error, self.path) from error

    @override
    async def truncate_log(self) -> bool:
        """Fold the write-ahead log into the file and cut it to nothing, so that no page is left in it.

        Waits for what is being read and written here, and for nobody else: False where another process reads just now.
        """
        async with AsyncExitStack() as turns:
            for turn in (self._write_turn, *[self._read_turn] * READERS):
                await turns.enter_async_context(turn)
            return await finish(self._looking.between(partial(sqlite.fold, self.path)))

    @override
    async def stored_revision(self) -> str | None:
        return await asyncio.to_thread(sqlite.stored_revision, self.path)

    @override
    async def problems(self) -> list[str]:
        async with self.read() as begun:
            return await finish(begun.connection.run_sync(sqlite.problems))

    @override
    async def size_bytes(self) -> int:
        """The file, and its write-ahead log."""
        return await asyncio.to_thread(sqlite.size_bytes, self.path)

    @override
    async def check(self) -> None:
        async with self.write(), self.read():
            pass

    @override
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
