"""What is counted and timed of a running bot, as those say it who do it. `bot.metrics` keeps it for Prometheus.

what happens -> **Meter** -> nobody, or `bot.metrics.Metrics`. No call takes the id of a server, a person or an article.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol


class Outcome(StrEnum):
    """What became of a command or the press of a button."""

    ANSWERED = "answered"
    REFUSED = "refused"  # with a sentence that says what the person can do
    ERROR = "error"  # of the bot or of the connection
    SHED = "shed"  # too much was asked at the time


class FetchOutcome(StrEnum):
    """What became of a request to a web site."""

    READ = "read"
    UNCHANGED = "unchanged"  # since the last time it was asked
    REFUSED = "refused"  # the site answered that it does not give it
    FAILED = "failed"  # not public, no answer, too much, too late


@dataclass(frozen=True, slots=True)
class Readings:
    """How things stand. Sizes in bytes, times in seconds since 1970; None: not known."""

    libraries: int  # whose index is in memory
    passages: int  # in those
    index_bytes: int
    articles: int  # in every library
    database_bytes: int
    disk_free_bytes: int
    digests: Mapping[str, int] = field(default_factory=dict)  # of the last day, by state
    backup_at: float | None = None  # 0 before the first one
    is_connected: bool = False  # with every shard of this process
    shards: int = 1  # of this process
    shards_down: int = 0  # of these, not connected
    processes: int = 1  # on this database
    latency_seconds: float | None = None


class Meter(Protocol):
    """Takes note of what happens. Its calls are cheap, from any thread, and raise nothing."""

    @property
    def is_read(self) -> bool:
        """Whether anybody reads it: if not, nothing is measured for it alone."""

    def answered(self, command: str, outcome: Outcome, seconds: float) -> None:
        """A command, or what else a person did, was dealt with ``seconds`` after it came in."""

    def searched(self, kind: str, seconds: float) -> None:
        """A library was searched for quotes or for articles."""

    def fetched(self, kind: str, outcome: FetchOutcome) -> None:
        """A feed or an article was asked for."""

    def lagged(self, seconds: float) -> None:
        """The event loop came so late to something that was due."""

    def beat(self, at: float) -> None:
        """A heartbeat was written."""

    def read(self, readings: Readings) -> None:
        """How things stand."""


class _Unmetered:
    """Takes note of nothing."""

    is_read = False

    def answered(self, command: str, outcome: Outcome, seconds: float) -> None: ...

    def searched(self, kind: str, seconds: float) -> None: ...

    def fetched(self, kind: str, outcome: FetchOutcome) -> None: ...

    def lagged(self, seconds: float) -> None: ...

    def beat(self, at: float) -> None: ...

    def read(self, readings: Readings) -> None: ...


UNMETERED: Final[Meter] = _Unmetered()


@contextmanager
def searching(meter: Meter, kind: str) -> Iterator[None]:
    """Around a search: ``meter`` learns how long it took, also where it failed."""
    begun = time.perf_counter()
    try:
        yield
    finally:
        meter.searched(kind, time.perf_counter() - begun)
