"""Ownership: which servers' background work is this process's now, of all that serve one database.

    rows of `bot.corpus.processes`, seen every few seconds -> who lives -> **ownership**
                                                         -> digests, feeds, watches, leaving

A server belongs to the living process that is connected with its shard. Where none is, or several are (an old process
that ends beside the new one), one is chosen by rendezvous hashing (Thaler and Ravishankar, 1998): the same one by
whoever sees the same processes, and a process that comes or goes moves no other's servers. This only says who tries:
what makes a digest go out once is its claim in the database, as two processes may see differently for some seconds.

Whether another process lives is judged by the clock of whoever looks: its beat has moved within `DEAD_SECONDS`. One
that has not been able to beat for `LEASE_SECONDS` does nothing in the background, before others take it for dead.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

from bot.corpus.processes import Process, Processes
from bot.shards import Shards, written

_log = logging.getLogger(__name__)

BEAT_SECONDS: Final = 3.0
DEAD_SECONDS: Final = 20.0
"""With the beat before it and the look after it, a death is known within 26 seconds."""
LEASE_SECONDS: Final = 14.0
"""What is begun just before it runs out has six seconds until somebody else may do the same."""
KEEP_SECONDS: Final = 600.0
"""How long the row of a process that is gone is kept."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """The last beat of a process that was new, and when it was seen, by the clock of whoever looked."""

    beat: int | None
    at: float


class Ownership:
    """A process ``alone`` owns everything, and asks nobody. Another calls `look` every `BEAT_SECONDS`.

    ``version`` changes with the processes that are there and connected: who keeps something in memory for the servers
    it owns compares it.
    """

    def __init__(
        self,
        processes: Processes,
        *,
        alone: bool,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._processes = processes
        self.me = processes.me
        self.alone = alone
        self.version = 0
        self._now = now
        self._clock = clock
        self._shards: Shards | None = None
        self._seen: dict[int, _Seen] = {}
        self._living: tuple[Process, ...] = ()
        self._beaten: float | None = None
        self._missed: tuple[frozenset[int], float | None] = frozenset(), None  # absent shards, until when it may be so

    # What is asked of it

    def owns(self, guild: int) -> bool:
        """Whether a server's background work is for this process to do now; of `SHARED`, what is of no server."""
        return self.alone or (self.is_current and owner(guild, self._living) == self.me)

    def is_living(self, process: int | None) -> bool:
        """Whether what ``process`` has claimed is still its own; None: nobody knows who claimed it."""
        return process == self.me or any(one.id == process for one in self._living)

    @property
    def living(self) -> frozenset[int]:
        """The processes that live, this one too."""
        return frozenset({self.me, *(one.id for one in self._living)})

    @property
    def absent(self) -> frozenset[int]:
        """The shards that no process is connected with, where several may be."""
        return absent_shards(self._living)

    @property
    def is_current(self) -> bool:
        """Whether the others surely take this process for a living one."""
        return self.alone or (self._beaten is not None and self._clock() - self._beaten < LEASE_SECONDS)

    # What it is told

    def connected(self, shards: Shards) -> None:
        """This process is connected with these shards: with its next beat their servers are its own."""
        self._shards = shards

    def disconnected(self) -> None:
        """It is not, or not any more."""
        self._shards = None

    async def look(self) -> bool:
        """Beat, and see who else lives; whether that has changed. Raises `CorpusError`."""
        if self.alone:
            return False
        beaten = self._clock()
        await self._processes.beat(self._shards, now=self._now())
        self._beaten = beaten
        return await self._see()

    async def leave(self) -> None:
        """Tell the others that this process ends. Raises `CorpusError`."""
        self.disconnected()
        if self._beaten is not None:
            self._beaten = None
            await self._processes.leave()

    # Inside

    async def _see(self) -> bool:
        now, found = self._clock(), await self._processes.all()
        self._seen = {one.id: self._sight(one, now) for one in found}
        living = tuple(one for one in found if one.beat is not None and now - self._seen[one.id].at < DEAD_SECONDS)
        changed = _who(living) != _who(self._living)
        if changed:
            self.version += 1
            self._tell(living)
        self._living = living
        self._miss(now)
        if old := [one for one in found if now - self._seen[one.id].at > KEEP_SECONDS]:
            await self._processes.forget(old)
        return changed

    def _sight(self, one: Process, now: float) -> _Seen:
        before = self._seen.get(one.id)
        return before if before is not None and before.beat == one.beat else _Seen(one.beat, now)

    def _tell(self, living: Sequence[Process]) -> None:
        """Log who is there now."""
        for gone in {one.id for one in self._living} - {one.id for one in living}:
            _log.warning("process %d is gone: what it was to do is shared out", gone)
        for come in {one.id for one in living} - {one.id for one in self._living} - {self.me}:
            _log.info("process %d is there, too", come)

    def _miss(self, now: float) -> None:
        """Log which shards have been absent for longer than a restart takes; once."""
        absent, due = self._missed
        if absent != self.absent:
            self._missed = self.absent, now + DEAD_SECONDS
        elif absent and due is not None and now > due:
            _log.warning("no process is connected with shards %s: nobody is answered there", written(absent))
            self._missed = absent, None


def owner(guild: int, living: Sequence[Process]) -> int | None:
    """Whose a server is, of these processes; None where none of them is connected."""
    connected = [one for one in living if one.shards.ids]
    holding = [one for one in connected if one.shards.hold(guild)] or connected
    return max((one.id for one in holding), key=lambda id_: _weight(guild, id_), default=None)


def absent_shards(living: Sequence[Process]) -> frozenset[int]:
    """The shards that none of these processes is connected with, by the largest count that one of them has."""
    count = max((one.shards.count for one in living if one.shards.ids), default=0)
    held = [one.shards.ids for one in living if one.shards.count == count]
    return frozenset(range(count)).difference(*held)


def _weight(guild: int, process: int) -> bytes:
    return blake2b(f"{guild}|{process}".encode(), digest_size=8).digest()


def _who(living: Sequence[Process]) -> list[tuple[int, Shards]]:
    return [(one.id, one.shards) for one in living]
