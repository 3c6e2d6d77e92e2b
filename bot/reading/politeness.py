"""Taking turns at a host: one request at a time, and a pause after each, whoever asks for it.

bot.desks.feeds -> **politeness** -> fetching
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

GAP_SECONDS: Final = 2.0
_MOST_REMEMBERED = 500  # hosts; those whose pause is over are forgotten then


@dataclass(slots=True)
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    free_at: float = 0.0  # by the performance counter, which a simulated Discord leaves alone


class HostTurns:
    """Whose turn it is at which host."""

    def __init__(self, gap_seconds: float = GAP_SECONDS) -> None:
        self._gap_seconds = gap_seconds
        self._turns: dict[str, _Turn] = {}

    @asynccontextmanager
    async def of(self, url: str) -> AsyncIterator[None]:
        """Wait until the host of ``url`` may be asked; nobody else asks it in the block."""
        turn = self._turns.setdefault(host_of(url), _Turn())
        turn.waiting += 1
        try:
            async with turn.lock:
                await asyncio.sleep(max(0.0, turn.free_at - time.perf_counter()))
                try:
                    yield
                finally:
                    turn.free_at = time.perf_counter() + self._gap_seconds
        finally:
            turn.waiting -= 1
            self._forget()

    def _forget(self) -> None:
        if len(self._turns) > _MOST_REMEMBERED:
            now = time.perf_counter()
            self._turns = {host: turn for host, turn in self._turns.items() if turn.waiting or turn.free_at > now}


def host_of(url: str) -> str:
    """The host that is asked for ``url``; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
