"""A connection with a thread of its own, where a transaction is one trip: for what questions read and write.

`bot.corpus.database` uses one for short reads and one for short writes, beside SQLAlchemy's connections, where each
statement is a trip and a hundred microseconds of the event loop.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from bot.corpus.sqlite import BEGIN, Role, connect

T = TypeVar("T")

Work = Callable[[sqlite3.Connection], T]


class Direct:
    """Opened on first use. `close` it at the end, when nothing is under way."""

    def __init__(self, path: Path, role: Role) -> None:
        self._path = path
        self._role: Role = role
        self.thread = ThreadPoolExecutor(1, f"corpus {role}")
        self._connection: sqlite3.Connection | None = None

    def run(self, work: Work[T]) -> asyncio.Future[T]:
        """Do ``work`` in a transaction, which is committed when it returns and rolled back when it raises.

        It goes on to its end where whoever waits is cancelled. ``work`` runs in the thread and must not keep the
        connection.
        """
        return self.between(partial(self._in_transaction, work))

    def between(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Do ``work`` in the thread, where no transaction is under way meanwhile."""
        return asyncio.get_running_loop().run_in_executor(self.thread, work)

    def _in_transaction(self, work: Work[T]) -> T:
        connection = self._connection = self._connection or connect(self._path, self._role)
        connection.execute(BEGIN[self._role])
        try:
            done = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return done

    async def close(self) -> None:
        """Close the connection, in its own thread, and end that."""
        await self.between(self._close)
        self.thread.shutdown()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
