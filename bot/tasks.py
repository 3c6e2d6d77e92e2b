"""Tasks and their owners: who begins a task ends it, and waits until it has ended.

`background`, `first_of` -> `end` <- whoever keeps a task
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final

_CANCEL_AGAIN_SECONDS: Final = 0.5  # long enough for what a task does at its end


@asynccontextmanager
async def background(work: Coroutine[Any, Any, None], name: str) -> AsyncIterator[None]:
    """Do ``work`` beside the block, and end it with that. What it raises is its own to tell."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        await end([task])


async def first_of(*tasks: asyncio.Task[Any]) -> None:
    """Wait for the first of ``tasks`` to end, then end and await the others. Raises what the first one raised."""
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await end(tasks)


async def end(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel ``tasks`` until they have ended: one cancellation may be lost.

    `asyncio.wait_for`, which discord.py connects with, forgets it before Python 3.12 where it comes in the moment in
    which what is waited for is there (https://github.com/python/cpython/issues/86296).
    """
    ending = {task for task in tasks if not task.done()}
    while ending:
        for task in ending:
            task.cancel()
        _, ending = await asyncio.wait(ending, timeout=_CANCEL_AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)  # whatever they raised is known
