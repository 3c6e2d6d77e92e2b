"""The bot in this process, from its start to its clean end: what tests that look into it run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import commands
from bot.discord_app import app
from bot.newsdesk import Newsdesk
from tests.wire.double import PATIENCE_SECONDS, TOKEN


@asynccontextmanager
async def served(newsdesk: Newsdesk, **options: Any) -> AsyncIterator[asyncio.Task[None]]:
    """`app.serve`, which is told to stop at the end of the block, whatever came of that, and awaited.

    A block in which the bot is to end by itself waits for the `end_of` it.
    """
    stop = asyncio.Event()
    task = asyncio.create_task(app.serve(newsdesk, commands.ALL, TOKEN, stop, **options), name="bot")
    try:
        yield task
    finally:
        if not task.done():
            stop.set()
            await end_of(task)


async def end_of(bot: asyncio.Task[None]) -> None:
    """Wait until the bot has ended. Raises what it ends with."""
    await asyncio.wait({bot}, timeout=PATIENCE_SECONDS)
    assert bot.done(), "the bot does not end; waited for:\n" + "\n".join(_waiting())
    bot.result()


def _waiting() -> Iterator[str]:
    """What each task stands at, from the outermost coroutine to the innermost."""
    for task in asyncio.all_tasks():
        yield task.get_name()
        waits: Any = task.get_coro()
        while waits is not None:
            if (frame := getattr(waits, "cr_frame", None)) is not None:
                yield f"    {waits.__qualname__} ({frame.f_code.co_filename}:{frame.f_lineno})"
            waits = getattr(waits, "cr_await", None)
