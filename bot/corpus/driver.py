"""aiosqlite with one trip to the connection's thread for a statement, instead of four.

SQLAlchemy makes a cursor, executes, fetches all rows and closes the cursor, and with aiosqlite each of these waits for
the thread, some 80 microseconds a time: more than SQLite takes for what Newsdesk asks of it. Here the thread does all
of it at once. Nothing else of the driver is changed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Self

import aiosqlite


class Connection(aiosqlite.Connection):
    """A connection whose cursors are `Cursor`s. Open one as any of aiosqlite: ``await connect(path)``."""

    def cursor(self) -> Cursor:  # type: ignore[override] # aiosqlite's needs the thread to make one
        return Cursor(self)

    async def run(self, statement: str, parameters: Any, *, many: bool) -> _Done:
        """Execute a statement in the connection's thread and fetch what it returns."""
        done: _Done = await self._execute(  # type: ignore[no-untyped-call] # aiosqlite's way into its thread
            _run, self._conn, statement, parameters, many
        )
        return done


def connect(path: str, **options: Any) -> Connection:
    """As `aiosqlite.connect`."""
    connection = Connection(lambda: sqlite3.connect(path, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does: it must not keep a process from ending
    return connection


class _Done:
    """What a statement left behind."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self.description: Any = cursor.description
        self.rows: list[Any] = cursor.fetchall() if cursor.description else []
        self.lastrowid = cursor.lastrowid
        self.rowcount = cursor.rowcount


class Cursor:
    """The part of a cursor that SQLAlchemy uses. Rows are there once ``execute`` returns."""

    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._done: _Done | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Any = ()) -> Self:
        self._done = await self._connection.run(statement, parameters, many=False)
        return self

    async def executemany(self, statement: str, parameters: Iterable[Any]) -> Self:
        self._done = await self._connection.run(statement, parameters, many=True)
        return self

    async def fetchall(self) -> Sequence[Any]:
        return self._done.rows if self._done else []

    async def close(self) -> None:
        """The thread has closed it already."""

    @property
    def description(self) -> Any:
        return self._done.description if self._done else None

    @property
    def lastrowid(self) -> int | None:
        return self._done.lastrowid if self._done else None

    @property
    def rowcount(self) -> int:
        return self._done.rowcount if self._done else -1


def _run(connection: sqlite3.Connection, statement: str, parameters: Any, many: bool) -> _Done:
    cursor = connection.cursor()
    try:
        execute = cursor.executemany if many else cursor.execute
        return _Done(execute(statement, parameters))
    finally:
        cursor.close()
