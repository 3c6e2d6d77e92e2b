"""Opening the corpus: the lock, the checks and the migrations that come before the first query, and the way out."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import asynccontextmanager
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
from bot.corpus.database import Database
from bot.corpus.deliveries import Deliveries
from bot.corpus.extracts import Extracts
from bot.corpus.feeds import FeedStore
from bot.corpus.inspection import Inspection
from bot.corpus.leaving import Leaving
from bot.corpus.migrate import MIGRATIONS, Migrations
from bot.corpus.notes import Notes
from bot.corpus.notices import Notices
from bot.corpus.opening import inspected, opened
from bot.corpus.processes import Processes
from bot.corpus.removals import Removals
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
        self.presence = database.presence
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
    async def open(
        cls, url: str, *, bot: bool, answering: bool = False, migrations: Migrations = MIGRATIONS
    ) -> AsyncIterator[Self]:
        """Open the database at ``url``, made and migrated where need be, and close it at the end.

        A ``bot`` has a file to itself until then, as far as bots go; CLI verbs (``bot=False``) work beside it, but
        do not migrate under it. A file that was there is copied to `<file>.before-<revision>.db` before it is
        migrated. On a server, where several bots may be at work, the database is there already, and the first of them
        migrates it. ``answering`` is for a process that does nothing else, and that nobody needs. Raises `CorpusInUse`,
        `CorpusTooNew` (nothing is touched) or `CorpusError`.
        """
        async with opened(url, migrations, bot=bot, answering=answering) as database:
            yield cls(database)

    @property
    def is_exclusive(self) -> bool:
        """As `Database.is_exclusive`."""
        return self._database.is_exclusive

    @property
    def thread(self) -> Executor:
        """The one thread of all looks, where what computes a little with what they read may run, too."""
        return self._database.thread

    async def look(self, work: Callable[[View], T]) -> T:
        """Let ``work`` read what it needs in one trip to `thread`, in a few milliseconds. Raises `CorpusError`."""
        return await self._database.look(lambda connection: work(View(connection)))

    @classmethod
    @asynccontextmanager
    async def inspect(cls, url: str) -> AsyncIterator[Self]:
        """The database at ``url`` as it is, to look at: nothing is made, migrated, locked or written.

        It may be damaged, locked, away or of another version: the first use finds out. Raises `CorpusMisnamed` for a
        ``url`` that names no database.
        """
        database = inspected(url)
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
        """As `Database.size_bytes`."""
        return await self._database.size_bytes()

    async def integrity(self) -> list[str]:
        """As `Database.problems`."""
        return await self._database.problems()
