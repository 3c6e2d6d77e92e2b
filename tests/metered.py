"""A meter that remembers what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.metering import FetchOutcome, Meter, Outcome, Readings


@dataclass
class Remembering:
    """Everything in order. Call it in one event loop."""

    is_read: bool = True
    answers: list[tuple[str, Outcome]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    searches: list[str] = field(default_factory=list)
    fetches: list[tuple[str, FetchOutcome]] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    beats: list[float] = field(default_factory=list)
    readings: list[Readings] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, holds: Callable[[], object], seconds: float = 30.0) -> None:
        """Wait until what it was told makes ``holds`` true."""
        async with asyncio.timeout(seconds):
            while not holds():
                self._news.clear()
                await self._news.wait()

    def answered(self, command: str, outcome: Outcome, seconds: float) -> None:
        self.answers.append((command, outcome))
        self.seconds.append(seconds)
        self._news.set()

    def searched(self, kind: str, seconds: float) -> None:
        self.searches.append(kind)
        self._news.set()

    def fetched(self, kind: str, outcome: FetchOutcome) -> None:
        self.fetches.append((kind, outcome))
        self._news.set()

    def lagged(self, seconds: float) -> None:
        self.lags.append(seconds)
        self._news.set()

    def beat(self, at: float) -> None:
        self.beats.append(at)
        self._news.set()

    def read(self, readings: Readings) -> None:
        self.readings.append(readings)
        self._news.set()


_: Meter = Remembering()
