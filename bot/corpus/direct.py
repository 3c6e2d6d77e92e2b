"""A connection with a thread of its own, where a transaction is one trip: for what questions read and write.

`bot.corpus.database` uses one for short reads and one for short writes, beside SQLAlchemy's connections, where each
statement is a trip and a hundred microseconds of the event loop.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final, ParamSpec, TypeVar

from typing_extensions import override

from bot.corpus.aside import promised
from bot.corpus.sqlite import BEGIN, Role, connect

P = ParamSpec("P")
T = TypeVar("T")

_Done = tuple[asyncio.Future[Any], Any, BaseException | None]

TOGETHER_SECONDS: Final = 0.004
"""For so long what waits is done before those who wait are told, all at once: each telling wakes the event loop, which
costs both threads most when there is most to do."""


class Direct(Executor):
    """Opened on first use. `close` it at the end, when nothing is under way.

    As an executor it takes calls that have their turn among the transactions. One of `concurrent.futures` costs a
    third more of the processor for each, and wakes its thread later.
    """

    def __init__(self, path: Path, role: Role) -> None:
        self._path = path
        self._role: Role = role
        self._thread = Thread(target=self._serve, name=f"corpus {role}", daemon=True)
        self._calls = SimpleQueue[Callable[[], object] | None]()
        self._connection: sqlite3.Connection | None = None
        self._waiting: deque[tuple[Callable[[], Any], asyncio.Future[Any]]] = deque()
        self._is_working = False

    def run(self, work: Callable[[sqlite3.Connection], T]) -> asyncio.Future[T]:
        """Do ``work`` in a transaction, which is committed when it returns and rolled back when it raises.

        It goes on to its end where whoever waits is cancelled. ``work`` runs in the thread and must not keep the
        connection.
        """
        return self.between(partial(self._in_transaction, work))

    def between(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Do ``work`` in the thread, where no transaction is under way meanwhile."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.append((work, future))
        if not self._is_working:
            self._is_working = True
            self._call(partial(self._work, loop))
        return future

    @override
    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future, call = promised(fn, *args, **kwargs)
        self._call(call)
        return future

    def _call(self, call: Callable[[], object]) -> None:
        if not self._thread.ident:
            self._thread.start()
        elif not self._thread.is_alive():
            raise RuntimeError("the library is closed")  # as of an executor: nobody waits for what is never done
        self._calls.put(call)

    def _serve(self) -> None:
        """The thread."""
        while (call := self._calls.get()) is not None:
            call()

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        """In the thread: some of what waits. Whatever else is given to the thread has its turn after that."""
        done: list[_Done] = []
        until = time.perf_counter() + TOGETHER_SECONDS
        while self._waiting and time.perf_counter() < until:
            work, future = self._waiting.popleft()
            try:
                done.append((future, work(), None))
            except BaseException as error:  # noqa: BLE001 - it is for whoever waits
                done.append((future, None, error))
        loop.call_soon_threadsafe(self._tell, done, loop)

    def _tell(self, done: Sequence[_Done], loop: asyncio.AbstractEventLoop) -> None:
        """In the event loop: what came of some of the work, and the rest of it given to the thread."""
        if self._waiting:
            self._call(partial(self._work, loop))
        else:
            self._is_working = False
        for future, made, error in done:
            if future.done():  # nobody waits for it any more
                continue
            if error is None:
                future.set_result(made)
            else:
                future.set_exception(error)

    def _in_transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
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
        self._calls.put(None)
        self._thread.join()  # it has nothing left to do

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Inline(Direct):
    """The same without a thread, for a process whose event loop has nothing better to do: each call is done at once."""

    @override
    def between(self, work: Callable[[], T]) -> asyncio.Future[T]:
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is for whoever waits
            future.set_exception(error)
        return future

    @override
    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future, call = promised(fn, *args, **kwargs)
        call()
        return future

    @override
    async def close(self) -> None:
        self._close()
