"""Departures: servers that the bot was removed from, and what is deleted of them and of people who ask for it.

gateway -> who is there -> **departures** -> `bot.corpus.leaving`, and the index of the library in memory and on disk
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from datetime import datetime

from bot.corpus import KEEP_AFTER_LEAVING, KEEP_BACKUPS, Corpus, Erased
from bot.desks.indexes import Indexes
from bot.desks.ownership import Ownership
from bot.shards import ONE_SHARD, Shards

_log = logging.getLogger(__name__)


class Departures:
    """Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, corpus: Corpus, indexes: Indexes, now: Callable[[], datetime], ownership: Ownership) -> None:
        self._corpus = corpus
        self._leaving = corpus.leaving
        self._indexes = indexes
        self._now = now
        self._ownership = ownership
        self._deleting = asyncio.Lock()

    async def left(self, guild: int) -> None:
        """The bot was removed from a server: what it keeps of it rests, and goes after 30 days."""
        await self._leaving.note_left(guild, now=self._now())
        _log.info("removed from server %d: its data is kept for %d days", guild, KEEP_AFTER_LEAVING.days)

    async def joined(self, guild: int) -> bool:
        """The bot came to a server, or came back: then everything is as it was. Whether it is new there."""
        if await self._leaving.note_returned(guild, now=self._now()):
            _log.info("back in server %d: everything is as it was", guild)
            return False
        return await self._leaving.note_joined(guild, now=self._now())

    async def compare(self, present: Collection[int], shards: Shards = ONE_SHARD) -> None:
        """Note which servers of these ``shards`` were left or joined unnoticed.

        ``present`` are all of these that the bot is in, also in an outage: of other shards' servers it says nothing.

        Where more than half of those that are known seem to be gone at once, that is taken for a fault.
        """
        known = {guild: left for guild, left in (await self._leaving.servers()).items() if shards.hold(guild)}
        for guild in (guild for guild, left_at in known.items() if left_at and guild in present):
            await self.joined(guild)
        here = [guild for guild, left_at in known.items() if left_at is None]
        gone = [guild for guild in here if guild not in present]
        if len(gone) * 2 > len(here):
            _log.warning(
                "%d of %d known servers are not there: nothing is concluded from that; "
                "`newsdesk forget --server` deletes the data of one by hand",
                len(gone),
                len(here),
            )
            return
        for guild in gone:
            await self.left(guild)

    async def sweep(self, present: Collection[int], shards: Shards = ONE_SHARD) -> None:
        """Delete what is due: servers that were left 30 days ago, what was begun and not ended, and old backups.

        Of the servers of these ``shards``, of which ``present`` are there.
        """
        owed = await self._leaving.owed(self._now() - KEEP_AFTER_LEAVING)
        owed = [guild for guild in owed if shards.hold(guild) and guild not in present]
        begun = [guild for guild in await self._leaving.unfinished() if self._ownership.owns(guild)]
        for guild in dict.fromkeys([*begun, *owed]):
            await self.delete_library(guild)
        for name in await self._corpus.forget_backups(self._now() - KEEP_BACKUPS):
            _log.info("deleted %s, kept from before a migration or a restore", name)

    async def delete_library(self, guild: int) -> None:
        """Delete all that is kept of a server, for good."""
        async with self._deleting:
            self._corpus.answers.forget_unstored()
            await self._indexes.forget(guild)  # first, too: should the bot end meanwhile, no snapshot is left behind
            await self._leaving.delete_server(guild, now=self._now())
            await self._indexes.forget(guild)
        _log.info("deleted the library of server %d", guild)

    async def delete_person(self, user_id: int, guild: int | None = None) -> Erased:
        """Delete what is a person's own, in one server or in all, and let nothing say any more that it was them."""
        self._corpus.answers.forget_unstored()
        return await self._leaving.delete_person(user_id, guild=guild)
