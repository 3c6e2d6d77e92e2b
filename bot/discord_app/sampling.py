"""Sampling: what is read of a running bot now and then for its metrics. Runs only where somebody reads them.

gateway, indexes, corpus, disk -> **sampling** -> `bot.metering.Readings`; and how late the event loop comes
"""

from __future__ import annotations

import asyncio
import shutil
import time
from contextlib import suppress
from typing import Final

from bot.corpus import newest_backup
from bot.desks.backing_up import Keeping
from bot.discord_app.client import NewsdeskClient
from bot.discord_app.delivery import guarded
from bot.discord_app.gateway import known_latency
from bot.discord_app.heartbeat import LATELY
from bot.errors import CorpusError
from bot.health import Connection
from bot.metering import Readings

SAMPLE_SECONDS: Final = 15.0
LAG_SECONDS: Final = 0.25
"""How often it is seen how late the loop is: four times a second finds what holds it for longer in any minute."""


class Sampler:
    """One beside a client; its owner awaits `run` and cancels it to stop."""

    def __init__(self, client: NewsdeskClient, keeping: Keeping | None) -> None:
        self._client = client
        self._newsdesk = client.newsdesk
        self._keeping = keeping

    async def run(self) -> None:
        """Sample until cancelled."""
        async with asyncio.TaskGroup() as sampling:
            sampling.create_task(self._sample_on(), name="sampling")
            sampling.create_task(self._listen(), name="lag")

    async def _sample_on(self) -> None:
        while True:
            await guarded(self._sample(), "sampling")
            await asyncio.sleep(SAMPLE_SECONDS)

    async def _sample(self) -> None:
        with suppress(CorpusError):  # the heartbeat tells of that, and logs it
            self._newsdesk.meter.read(await self._readings())

    async def _readings(self) -> Readings:
        corpus = self._newsdesk.corpus
        standing = await corpus.deliveries.standing(self._newsdesk.now() - LATELY)
        held, gateway = self._newsdesk.indexes.in_memory(), self._client.gateway
        return Readings(
            libraries=held.libraries,
            passages=held.passages,
            index_bytes=held.size_bytes,
            articles=await corpus.articles.total(),
            database_bytes=await corpus.size_bytes(),
            disk_free_bytes=(await asyncio.to_thread(shutil.disk_usage, corpus.file.parent)).free,
            digests={state.value: number for state, number in standing.planned.items()},
            backup_at=await asyncio.to_thread(_newest, self._keeping),
            is_connected=gateway.connection is Connection.READY,
            shards=len(gateway.share.ids) if gateway.share else 0,
            shards_down=len(gateway.down),
            processes=len(self._newsdesk.ownership.living),
            latency_seconds=known_latency(self._client.latency),
        )

    async def _listen(self) -> None:
        while True:
            due = time.perf_counter() + LAG_SECONDS
            await asyncio.sleep(LAG_SECONDS)
            self._newsdesk.meter.lagged(max(0.0, time.perf_counter() - due))


def _newest(keeping: Keeping | None) -> float | None:
    """When the newest backup was made, in seconds since 1970; 0 before the first one, None where none are made."""
    if keeping is None:
        return None
    try:
        found = newest_backup(keeping.folder)
    except CorpusError:  # the log has it
        return 0.0
    return found[1].timestamp() if found else 0.0
