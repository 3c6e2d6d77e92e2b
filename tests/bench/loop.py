"""How long the event loop is held: a heartbeat that should come so often, and how late it comes.

While something holds the loop (or the interpreter's lock) no other user gets an answer. asyncio rounds what it waits
up to the next millisecond, so that beats of an idle loop are late by up to one too: see the scenario "idle".
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.bench.measure import Figure, percentile

BEAT_SECONDS = 0.001


@dataclass(frozen=True)
class Lag:
    """How late beats came in milliseconds while ``scenario`` went on."""

    scenario: str
    beats: int
    p99_ms: Figure
    max_ms: Figure


class Heartbeat(AbstractAsyncContextManager["Heartbeat"]):
    """Beats in the running loop until its block ends; ``late_ms`` is how late each beat came."""

    def __init__(self, every_seconds: float = BEAT_SECONDS) -> None:
        """Where the loop has much to do, a beat each millisecond is a good part of it: let them be fewer there.

        A hold between two beats is then found to be shorter by up to ``every_seconds``.
        """
        self.late_ms: list[float] = []
        self._every = every_seconds

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._next_beat()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._due.cancel()
        if (late := self._loop.time() - self._due.when()) > 0:  # held to the end: this beat never came
            self.late_ms.append(late * 1000)

    def lag(self, scenario: str) -> Lag:
        return Lag(scenario, len(self.late_ms), percentile(self.late_ms, 99), max(self.late_ms, default=None))

    def _next_beat(self) -> None:
        self._due = self._loop.call_later(self._every, self._beat)

    def _beat(self) -> None:
        self.late_ms.append(max(0.0, self._loop.time() - self._due.when()) * 1000)
        self._next_beat()
