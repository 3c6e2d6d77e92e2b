"""A heartbeat in the event loop: how long everybody else in the bot would have had to wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

MOST_SECONDS = 0.1
_BEAT_SECONDS = 0.005


@dataclass(slots=True)
class Heart:
    """``lag_seconds`` is the longest that a beat came late."""

    lag_seconds: float = 0.0


@asynccontextmanager
async def beating() -> AsyncIterator[Heart]:
    """Beats until it ends."""
    heart = Heart()

    async def beat() -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(_BEAT_SECONDS)
            heart.lag_seconds = max(heart.lag_seconds, time.perf_counter() - begun - _BEAT_SECONDS)

    task = asyncio.create_task(beat())
    await asyncio.sleep(0)
    try:
        yield heart
    finally:
        await asyncio.sleep(2 * _BEAT_SECONDS)
        task.cancel()
