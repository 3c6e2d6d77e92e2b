"""Where untrusted documents are parsed: in a child process with limits, never in the bot's own.

    run(function, *args) -> a thread -> a child (`bot.reading.confined`) over a pipe -> its result, or what was wrong

A child holds nothing of the bot's: no socket, no environment, no database. It is kept for the next document while all
goes well, and killed and replaced when a document took too much, failed in it, or was given up on. Threads and not the
loop's own subprocesses: those belong to one loop, and a kept child outlives a cancelled task.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar, cast

from bot.errors import UnreadableDocument
from bot.reading.children import IDLE_SECONDS, Call, Children

LANES = 3  # documents at a time

P = ParamSpec("P")
R = TypeVar("R")

_children = Children()
_threads = ThreadPoolExecutor(LANES, thread_name_prefix="sandbox")


async def run(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The result of ``function``, a module-level one of bot.reading, of these arguments, computed in a child.

    Raises `UnreadableDocument` where the function does, and where the child was ended or failed.
    """
    return cast("R", await run_named(f"{function.__module__}:{function.__qualname__}", *args, **kwargs))


async def run_named(function: str, *args: object, **kwargs: object) -> object:
    """`run` for a function given as ``"module:name"``: what it needs is loaded in the child alone."""
    call = _call(function, args, kwargs)
    job = _threads.submit(_children.answer, call)
    try:
        return await asyncio.shield(asyncio.wrap_future(job))
    except asyncio.CancelledError:
        if not job.cancel():
            call.give_up()
            await _ended(job)
        raise
    finally:
        asyncio.get_running_loop().call_later(IDLE_SECONDS + 1, _threads.submit, _children.dismiss_idle)


def wait_for(function: str, *args: object, **kwargs: object) -> object:
    """`run_named` for a thread that reads one document after the other: it waits for the child itself."""
    return _children.answer(_call(function, args, kwargs))


def _call(function: str, args: tuple[object, ...], kwargs: dict[str, object]) -> Call:
    name = next((arg for arg in (*args, *kwargs.values()) if isinstance(arg, str)), "the document")
    return Call(name, function, args, kwargs)


async def _ended(job: Future[object]) -> None:
    """Wait until the child of a ``job`` that was given up is gone."""
    try:
        await asyncio.wrap_future(job)
    except UnreadableDocument:
        return
