"""Backing up: a checked copy of the library a day while the bot runs, and no more of them than the host wants.

    clock -> is the newest older than a day? -> `bot.corpus.backups` -> the older ones that are no longer kept go

The clock is read at every look and the folder too, so that a backup made by hand counts, and one that a suspended
machine has missed is made when it wakes. Copying and checking run in a thread beside the event loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bot.corpus import Corpus, backups
from bot.errors import CorpusError

_log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 60.0
EVERY: Final = timedelta(days=1)
AGAIN_AFTER: Final = timedelta(hours=1)
"""A backup that could not be made is tried again then."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """The folder of the backups; how many of them are kept is said in `backups.expired`."""

    folder: Path
    days: int
    weeks: int


class BackingUp:
    """One runs beside the bot; its owner awaits `run` and cancels it to stop, which breaks a backup off at once."""

    def __init__(self, corpus: Corpus, keeping: Keeping, now: Callable[[], datetime]) -> None:
        self._corpus = corpus
        self._keeping = keeping
        self._now = now
        self._failed_at: datetime | None = None

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.tick()
            await asyncio.sleep(LOOK_SECONDS)

    async def tick(self) -> None:
        """Make a backup if one is due. A failure is one line in the log, and tried again in an hour."""
        now = self._now()
        if self._failed_at is not None and timedelta() <= now - self._failed_at < AGAIN_AFTER:
            return
        try:
            if await self._is_due(now):
                await self._back_up(now)
        except (CorpusError, OSError) as error:
            self._failed_at = now
            _log.warning("no backup was made, trying again in an hour: %s", error)
        else:
            self._failed_at = None

    async def _is_due(self, now: datetime) -> bool:
        """What is dated in the future, by a clock that was wrong, does not count."""
        made = await asyncio.to_thread(backups.backups_in, self._keeping.folder)
        return not any(now - EVERY < moment <= now for moment in made)

    async def _back_up(self, now: datetime) -> None:
        folder, days, weeks = self._keeping.folder, self._keeping.days, self._keeping.weeks
        await asyncio.to_thread(backups.make_folder, folder)
        made = await self._corpus.back_up(folder, now=now)
        gone = await asyncio.to_thread(lambda: backups.make_room(folder, now=now, days=days, weeks=weeks))
        _log.info(
            "backup %s made and checked (%d articles, %d bytes); %d older ones deleted",
            *(made.path.name, made.articles, made.size_bytes, len(gone)),
        )
