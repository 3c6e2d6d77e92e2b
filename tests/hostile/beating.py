"""A heartbeat in the event loop: how long everybody else in the bot would have had to wait.

Tests run where others are at work, too: what a thread of ours waited for a processor (Linux says) is no fault of ours.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

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
            begun, waited = time.perf_counter(), _waited_seconds()
            await asyncio.sleep(_BEAT_SECONDS)
            late = time.perf_counter() - begun - _BEAT_SECONDS
            if late > heart.lag_seconds:
                heart.lag_seconds = max(heart.lag_seconds, late - (_waited_seconds() - waited))

    task = asyncio.create_task(beat())
    await asyncio.sleep(0)
    try:
        yield heart
    finally:
        await asyncio.sleep(2 * _BEAT_SECONDS)
        task.cancel()


def _waited_seconds() -> float:
    """How long the threads of this process have been ready to run and had no processor, together."""
    waited = 0
    for thread in Path("/proc/self/task").glob("*/schedstat"):
        with suppress(OSError, ValueError, IndexError):
            waited += int(thread.read_text().split()[1])
    return waited / 1e9
