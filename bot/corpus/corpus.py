"""Opening the corpus: the lock, the checks and the migrations that come before the first query, and the way out."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import NoReturn, Self, TypeVar

from bot.corpus import sqlite
from bot.corpus.aftermath import Aftermath
from bot.corpus.aliases import Aliases
from bot.corpus.answers import Answers
from bot.corpus.archive import Archive
from bot.corpus.articles import Articles
from bot.corpus.audit import Audit
from bot.corpus.backups import Backup, back_up
from bot.corpus.changes import LibraryChanges
from bot.corpus.corrections import Corrections
from bot.corpus.database import Database, finish
from bot.corpus.deliveries import Deliveries
from bot.corpus.extracts import Extracts
from bot.corpus.feeds import FeedStore
from bot.corpus.inspection import Inspection
from bot.corpus.leaving import Leaving
from bot.corpus.lock import held
from bot.corpus.migrate import MIGRATIONS, Migrations, is_current, migrate
from bot.corpus.notes import Notes
from bot.corpus.notices import Notices
from bot.corpus.processes import Processes
from bot.corpus.removals import Removals
from bot.corpus.restoring import sweep
from bot.corpus.revisions import Revisions
from bot.corpus.schedules import Schedules
from bot.corpus.speeches import Speeches
from bot.corpus.views import View
from bot.corpus.visits import Visits
from bot.corpus.watches import Watches

T = TypeVar("T")


class Corpus:
    """Everything Newsdesk keeps. Get one from `open`, and use it in the event loop it was opened in."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.file = database.path
        self.folder = database.path.with_name(f"{database.path.name}.indexes")  # for what can be made again
        self.articles = Articles(database)
        self.schedules = Schedules(database)
        me = secrets.randbits(62)  # the process, as long as it has the corpus open
        self.processes = Processes(database, me)
        self.deliveries = Deliveries(database, me)
        self.answers = Answers(database)
        self.notes = Notes(database)
        self.changes = LibraryChanges(database)
        self.speeches = Speeches(database)
        self.corrections = Corrections(database)
        self.aliases = Aliases(database)
        self.watches = Watches(database)
        self.notices = Notices(database, me)
        self.visits = Visits(database)
        self.audit = Audit(database)
        self.revisions = Revisions(database)
        self.removals = Removals(database)
        self.leaving = Leaving(database)
        self.extracts = Extracts(database)
        self.feeds = FeedStore(database)
        self.archive = Archive(database)
        self.inspection = Inspection(database)
        self.aftermath = Aftermath(database)

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, *, bot: bool, migrations: Migrations = MIGRATIONS) -> AsyncIterator[Self]:
        """Open the database at ``url``, made and migrated where need be, and close it at the end.

        A ``bot`` has the file to itself until then, as far as bots go; CLI verbs (``bot=False``) work beside it, but
        do not migrate under it. A database that was there is copied to `<file>.before-<revision>.db` before it is
        migrated. Raises `CorpusInUse`, `CorpusTooNew` (the file is not touched) or `CorpusError`.
        """
        path = sqlite.path_of(url)
        with ExitStack() as locks:
            if bot:
                await asyncio.to_thread(sqlite.check_place, path)
                locks.enter_context(held(path, f"Another Newsdesk already runs on {path.name}: stop it first."))
                await asyncio.to_thread(sweep, path)
            if not await is_current(path, migrations):
                await _migrate(path, migrations, locked=bot)
            database = Database(path)
            try:
                await database.check()
                yield cls(database)
            finally:
                await database.close()

    @property
    def is_exclusive(self) -> bool:
        """Whether a bot has the database to itself, as `open` promises of a file."""
        return True

    @property
    def thread(self) -> ThreadPoolExecutor:
        """The one thread of all looks, where what computes a little with what they read may run, too."""
        return self._database.thread

    async def look(self, work: Callable[[View], T]) -> T:
        """Let ``work`` read what it needs in one trip to `thread`, in a few milliseconds. Raises `CorpusError`."""
        return await self._database.look(lambda connection: work(View(connection)))

    @classmethod
    @asynccontextmanager
    async def inspect(cls, url: str) -> AsyncIterator[Self]:
        """The database at ``url`` as it is, to look at: nothing is made, migrated, locked or written.

        It may be damaged, locked or of another version: the first use finds out. Raises `CorpusError` for a ``url``
        that names no file.
        """
        database = Database(sqlite.path_of(url), inspect=True)
        try:
            yield cls(database)
        finally:
            await database.close()

    async def damaged(self) -> NoReturn:
        """Wait until the file turns out to be damaged, and raise `CorpusDamaged`: nothing should write to it then."""
        await self._database.damaged()

    async def back_up(self, target: Path, *, now: datetime) -> Backup:
        """As `backups.back_up`; nobody waits for it, and a cancellation breaks it off."""
        return await back_up(self._database.path, target, now=now)

    async def forget_backups(self, before: datetime) -> list[str]:
        """Delete what was kept from before a migration or a restore and is older; returns the names."""
        return await asyncio.to_thread(sqlite.forget_backups, self._database.path, before.timestamp())

    async def size_bytes(self) -> int:
        """What the database and its write-ahead log take on the disk."""
        return await asyncio.to_thread(sqlite.size_bytes, self.file)

    async def integrity(self) -> list[str]:
        """What is wrong with the file, a sentence each; empty when it is sound.

        Raises `CorpusDamaged` where so much is that it cannot be looked through.
        """
        async with self._database.read() as begun:
            return await finish(begun.connection.run_sync(sqlite.problems))


async def _migrate(path: Path, migrations: Migrations, *, locked: bool) -> None:
    with ExitStack() as locks:
        if not locked:
            busy = f"{path.name} must be brought up to date, which cannot be done under a running bot: stop it first."
            locks.enter_context(held(path, busy))
            if await is_current(path, migrations):  # another process did it meanwhile
                return
        await migrate(path, migrations)
