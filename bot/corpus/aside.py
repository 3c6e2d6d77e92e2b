"""A thread with an event loop of its own, for work that waits for a server and computes in between.

What runs there never holds the bot's event loop, and much of it can wait for the server at once. It is an executor,
too, whose calls take turns with that work: so what computes with the same data has one thread, as beside SQLite.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future
from threading import Thread
from typing import Any, ParamSpec, TypeVar

from typing_extensions import override

from bot.tasks import end

P = ParamSpec("P")
T = TypeVar("T")


class Aside(Executor):
    """Started at once. `close` it at the end, when nothing is under way."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> asyncio.Future[T]:
        """Do ``work`` there; awaited in the loop that calls this."""
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    @override
    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future, call = promised(fn, *args, **kwargs)
        self._loop.call_soon_threadsafe(call)
        return future

    async def close(self) -> None:
        """End the thread, and what the driver of the database still has under way there."""
        await self.run(_end_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)
        self._loop.close()


def promised(fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> tuple[Future[T], Callable[[], None]]:
    """A call for another thread to make, and what will come of it."""
    future: Future[T] = Future()

    def call() -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - it is for whoever waits
            future.set_exception(error)

    return future, call


async def _end_all() -> None:
    await end([task for task in asyncio.all_tasks() if task is not asyncio.current_task()])
