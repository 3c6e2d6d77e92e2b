"""The heartbeat: every ten seconds the event loop writes down how the bot is, as long as it turns.

    gateway, deliverer, a write once a minute -> **heartbeat** -> `bot.health`: a file beside the database
                                                             -> `bot.systemd`: alive, and how it is

The file goes away at an orderly end; after a crash, a kill or with a loop that stands still it grows old. systemd is
told that the bot has started when its library is open and it connects: an outage of Discord is no failed start, and a
restart would not end it. It is told that the bot lives only while beats come in time.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from bot import health
from bot.corpus import Standing
from bot.corpus.database import finish
from bot.discord_app.client import NewsdeskClient
from bot.discord_app.delivery import guarded
from bot.discord_app.gateway import known_latency
from bot.errors import CorpusError
from bot.health import Beat, Connection
from bot.newsdesk import Newsdesk
from bot.shards import written
from bot.systemd import ServiceManager
from bot.tasks import background
from bot.version import version

_log = logging.getLogger(__name__)

LATELY: Final = timedelta(days=1)
"""Digests that were planned since then are counted."""
_NOTE = "last written"  # the note that is written to see that one can be
_SIGNS_IN_A_WATCHDOG: Final = 3  # signs of life in the time in which one must come


@asynccontextmanager
async def beating(newsdesk: Newsdesk, manager: ServiceManager) -> AsyncIterator[Heartbeat]:
    """A heart that beats as long as the block lasts, with one client or with one after the other."""
    heartbeat = Heartbeat(newsdesk, manager)
    async with background(heartbeat.run(), "heartbeat"):
        yield heartbeat


class Heartbeat:
    """Get one from `beating`."""

    def __init__(self, newsdesk: Newsdesk, manager: ServiceManager) -> None:
        self._client: NewsdeskClient | None = None
        self._newsdesk = newsdesk
        self._manager = manager
        self._file = health.file_of(newsdesk.corpus.file)
        self._begun = self._beaten = self._tried = time.monotonic()
        self._stored: float | None = None
        self._store_fault: str | None = None
        self._standing: Standing | None = None
        self._is_written = True
        self._status = ""

    def follow(self, client: NewsdeskClient) -> None:
        """From now on it is told of this client. One that was never ready hands on since when a connection is tried."""
        before, self._client = self._client, client
        if before is not None and before.gateway.connection is not Connection.CONNECTING:
            self._tried = time.monotonic()

    async def run(self) -> None:
        """Beat until cancelled."""
        self._manager.ready()
        try:
            async with asyncio.TaskGroup() as beating:
                beating.create_task(self._beat_on(), name="heartbeat")
                beating.create_task(self._probe_on(), name="probing")
                beating.create_task(self._watch(), name="watchdog")
        finally:
            self._manager.stopping()
            await asyncio.to_thread(_remove, self._file)

    async def _beat_on(self) -> None:
        while True:
            await guarded(self._beat(), "the heartbeat")
            await asyncio.sleep(health.BEAT_SECONDS)

    async def _beat(self) -> None:
        self._tell_status()
        beat = self._now()
        try:
            await finish(asyncio.to_thread(health.write, self._file, beat))
            self._newsdesk.meter.beat(beat.written_at.timestamp())
            self._is_written = True
        except OSError as error:
            if self._is_written:
                _log.warning("the heartbeat cannot be written to %s (%s)", self._file.name, error.strerror)
            self._is_written = False
        self._beaten = time.monotonic()

    def _now(self) -> Beat:
        client = self._client
        connection = client.gateway.connection if client else Connection.CONNECTING
        has_been_ready = connection is not Connection.CONNECTING
        last = self._standing.last if self._standing else None
        planned = self._standing.planned if self._standing else {}
        ownership = self._newsdesk.ownership
        share, down = (client.gateway.share, client.gateway.down) if client else (None, None)
        return Beat(
            written_at=self._newsdesk.now(),
            pid=os.getpid(),
            version=version(),
            running_seconds=time.monotonic() - self._begun,
            connection=connection,
            connection_seconds=client.gateway.seconds if client and has_been_ready else time.monotonic() - self._tried,
            latency_seconds=known_latency(client.latency) if client else None,
            stored_seconds=_since(self._stored),
            store_fault=self._store_fault,
            looked_seconds=_since(client.deliverer.looked_at) if client else None,
            last_digest=last[0].value if last else None,
            last_digest_at=last[1] if last else None,
            digests={state.value: number for state, number in planned.items() if number},
            shards=f"{written(share.ids)} of {share.count}" if share and share.count > 1 else None,
            shards_down=written(down) if share and share.count > 1 and down else None,
            processes=None if ownership.alone else len(ownership.living),
            shards_absent=written(ownership.absent) or None,
        )

    async def _probe_on(self) -> None:
        while True:
            before = self._store_fault
            await guarded(self._probe(), "probing the database")
            if self._store_fault != before:
                await guarded(self._beat(), "the heartbeat")
            await self._newsdesk.corpus.presence.until_probe(health.PROBE_SECONDS)

    async def _probe(self) -> None:
        """Write a note, and see how digests fare. A page or two in the log, which SQLite folds as it always does."""
        now = self._newsdesk.now()
        try:
            await self._newsdesk.corpus.notes.set(_NOTE, now.isoformat())
            self._stored, self._store_fault = time.monotonic(), None
            self._standing = await self._newsdesk.corpus.deliveries.standing(now - LATELY)
        except CorpusError as error:
            _log.warning("the database could not be written: %s", error)
            self._store_fault = str(error)

    async def _watch(self) -> None:
        """Tell systemd that the loop turns, as long as its beats come in time."""
        if self._manager.watchdog_seconds is None:
            return
        while True:
            if time.monotonic() - self._beaten < health.STALE_SECONDS:
                self._manager.alive()
            await asyncio.sleep(self._manager.watchdog_seconds / _SIGNS_IN_A_WATCHDOG)

    def _tell_status(self) -> None:
        is_connected = self._client is not None and self._client.gateway.connection is Connection.READY
        said = "Connected to Discord." if is_connected else "Not connected to Discord; trying again."
        if said != self._status:
            self._manager.status(said)
            self._status = said


def _since(moment: float | None) -> float | None:
    return None if moment is None else time.monotonic() - moment


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("the last heartbeat stays at %s (%s)", file.name, error.strerror)
