"""aiosqlite with one trip to the connection's thread for a statement, instead of four, and none for nothing.

SQLAlchemy makes a cursor, executes, fetches all rows and closes the cursor, and with aiosqlite each of these waits for
the thread, some 80 microseconds a time: more than SQLite takes for what Newsdesk asks of it. Here the thread does all
of it at once. ``BEGIN``, which does nothing in SQLite before the first statement, goes with that statement; ending a
transaction that is not there, as the pool does with every connection it gets back, is no trip at all. A read of one
statement is so two trips instead of four. Nothing else of the driver is changed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import aiosqlite
from typing_extensions import override

_BEGIN = "BEGIN"


class Connection(aiosqlite.Connection):
    """A connection whose cursors are `Cursor`s. Open one as any of aiosqlite: ``await connect(opening)``."""

    _begins_with_the_next = False

    @override
    def cursor(self) -> Cursor:  # type: ignore[override] # aiosqlite's needs the thread to make one
        return Cursor(self)

    async def run(self, statement: str, parameters: Any, *, many: bool) -> _Done:
        """Execute a statement in the connection's thread and fetch what it returns."""
        if statement == _BEGIN:
            self._begins_with_the_next = True
            return _Done()
        begin, self._begins_with_the_next = self._begins_with_the_next, False
        done: _Done = await self._execute(  # type: ignore[no-untyped-call] # aiosqlite's way into its thread
            _run, self._conn, statement, parameters, many, begin
        )
        return done

    @override
    async def commit(self) -> None:
        if self._is_in_transaction():
            await super().commit()

    @override
    async def rollback(self) -> None:
        if self._is_in_transaction():
            await super().rollback()

    def _is_in_transaction(self) -> bool:
        """Asked when a transaction ends: nothing runs in the thread then, and nothing waits for the next statement."""
        self._begins_with_the_next = False
        return bool(self._conn.in_transaction)


def connect(opening: Callable[[], sqlite3.Connection]) -> Connection:
    """As `aiosqlite.connect`; the connection's thread does all of ``opening`` in one trip."""
    connection = Connection(opening, iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does: it must not keep a process from ending
    return connection


class _Done:
    """What a statement left behind; without a cursor, nothing."""

    def __init__(self, cursor: sqlite3.Cursor | None = None) -> None:
        self.description: Any = cursor.description if cursor else None
        self.rows: list[Any] = cursor.fetchall() if cursor and cursor.description else []
        self.lastrowid = cursor.lastrowid if cursor else None
        self.rowcount = cursor.rowcount if cursor else -1


class Cursor:
    """The part of a cursor that SQLAlchemy uses. Rows are there once ``execute`` returns."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._done: _Done | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Any = ()) -> Self:
        """Run one statement; its rows are there when this returns."""
        self._done = await self._connection.run(statement, parameters, many=False)
        return self

    async def executemany(self, statement: str, parameters: Iterable[Any]) -> Self:
        """Run a statement once for each of ``parameters``."""
        self._done = await self._connection.run(statement, parameters, many=True)
        return self

    async def fetchall(self) -> Sequence[Any]:
        """All rows of the statement, which are here already."""
        return self._done.rows if self._done else []

    async def close(self) -> None:
        """The thread has closed it already."""

    @property
    def description(self) -> Any:
        """What DB-API tells of the columns; None where there are none."""
        return self._done.description if self._done else None

    @property
    def lastrowid(self) -> int | None:
        """The row id that the last insert gave."""
        return self._done.lastrowid if self._done else None

    @property
    def rowcount(self) -> int:
        """How many rows were changed; -1 before any statement."""
        return self._done.rowcount if self._done else -1


def _run(connection: sqlite3.Connection, statement: str, parameters: Any, many: bool, begin: bool) -> _Done:
    cursor = connection.cursor()
    try:
        if begin:
            cursor.execute(_BEGIN)
        execute = cursor.executemany if many else cursor.execute
        return _Done(execute(statement, parameters))
    finally:
        cursor.close()
