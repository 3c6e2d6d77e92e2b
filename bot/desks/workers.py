"""Processes beside this one for what takes long to compute: as many as there are cores to spare.

They are started anew (spawned), never forked from a process with threads and open files, and end with this one, however
it ends. The event loop never waits for them.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from multiprocessing import resource_tracker
from typing import Final, ParamSpec, TypeVar

from bot.errors import NewsdeskError
from bot.process import cores

P = ParamSpec("P")
T = TypeVar("T")

_MOST: Final = 8


class WorkersEnded(NewsdeskError):
    """A process that computes was ended from outside, for want of memory most likely."""

    def __init__(self) -> None:
        super().__init__("A process that reads articles was ended by the system: make memory free and start again.")


class Workers:
    """Get one from `workers`. Nothing is started before the first call."""

    def __init__(self, pool: ProcessPoolExecutor, count: int) -> None:
        self._pool = pool
        self.count = count

    async def call(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """``work``, a function of a module, done in one of the processes. Raises `WorkersEnded`, and what it raises."""
        try:
            future = await asyncio.to_thread(self._submit, partial(work, *arguments, **named))
            return await asyncio.wrap_future(future)
        except BrokenProcessPool as error:
            raise WorkersEnded from error

    def _submit(self, work: Callable[[], T]) -> Future[T]:
        """Blocks: this may start a process, which takes some milliseconds.

        Ctrl+C reaches a terminal's every process. One that has only begun to start keeps it waiting, by the mask it has
        from this thread, until it ignores it.
        """
        resource_tracker.ensure_running()  # starting it later would set the mask back
        with _held_back(signal.SIGINT):
            return self._pool.submit(work)


@asynccontextmanager
async def workers() -> AsyncIterator[Workers]:
    """Processes for what is done in the block; what none of them has begun when it ends is dropped."""
    count = max(1, min(_MOST, cores() - 1))
    pool = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), initializer=_begin)
    try:
        yield Workers(pool, count)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _held_back(number: signal.Signals) -> Iterator[None]:
    """Keep a signal from this thread, and from the processes it starts, where the system can."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {number})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    """First thing in a process: Ctrl+C is for the one that started it, and it must not outlive that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)
