"""The two ends of a move: a file or a server's database, held so that nobody else changes anything meanwhile.

    DATABASE_URL -> `source`, a snapshot that stays true until the move ends -> `bot.corpus.moving` -> `target`

The target says of itself that it holds only a part (`migrate.UNFINISHED`), and no bot starts on it, until it is whole.
All that the two kinds of databases do differently in a move is here.
"""

from __future__ import annotations

import asyncio
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeAlias

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncEngine
from typing_extensions import override

from bot.corpus import postgresql, sqlite, sqlite_database
from bot.corpus.database import Transaction, finish
from bot.corpus.lock import held
from bot.corpus.migrate import MIGRATIONS, UNFINISHED, is_newest, make_unfinished, mark, migrate, migrate_server
from bot.corpus.postgresql_database import PostgresqlDatabase
from bot.corpus.schema import metadata
from bot.errors import CorpusError, CorpusInUse, Refused

Place: TypeAlias = Path | postgresql.Address

PART: Final = UNFINISHED + MIGRATIONS.head
"""The revision of a target that is being made."""
# Not `postgresql.NAME`, which is a process that uses the library; and the source waits for the target for long.
_SESSION: Final = {"application_name": "newsdesk move", "idle_in_transaction_session_timeout": "0"}
_NAMES: Final = ", ".join(f'"{name}"' for name in metadata.tables)


def place(url: str) -> Place:
    """Where the database is that an address names. Raises `CorpusMisnamed`."""
    return postgresql.address(url) if postgresql.is_postgresql(url) else sqlite.path_of(url)


def is_same(one: Place, other: Place) -> bool:
    """Whether two places are one database, as far as their addresses tell."""
    if isinstance(one, Path) and isinstance(other, Path):
        return one.resolve() == other.resolve()
    if isinstance(one, Path) or isinstance(other, Path):
        return False
    return one.url.set(username=None, password=None) == other.url.set(username=None, password=None)


class End(ABC):
    """A database from or to which a library is moved; ``name`` is what people call it."""

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction of its own, on the disk when the block ends. Raises `CorpusError`."""

    @abstractmethod
    def stored(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """What it keeps of a row."""

    @abstractmethod
    async def counter(self, begun: Transaction, table: Table) -> int:
        """The last row id that a table gave by itself, of a row that may be gone; 0 before the first."""

    @abstractmethod
    async def count_on(self, begun: Transaction, table: Table, last: int) -> None:
        """Let a table give none of the row ids up to ``last``."""

    @abstractmethod
    async def clear(self, begun: Transaction) -> None:
        """Delete every row of every table."""

    @abstractmethod
    async def complete(self) -> None:
        """Let it be a library from now on, or once it is let go of."""


class _File(End):
    def __init__(self, path: Path, engine: AsyncEngine) -> None:
        super().__init__(path.name)
        self._path = path
        self._engine = engine

    @override
    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        return sqlite_database.transaction(self._engine, self._path)

    @override
    def stored(self, row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(row)

    @override
    async def counter(self, begun: Transaction, table: Table) -> int:
        found = await begun.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        return int(found.scalar() or 0)

    @override
    async def count_on(self, begun: Transaction, table: Table, last: int) -> None:
        row = {"name": table.name, "last": last}
        await begun.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), row)
        await begun.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), row)

    @override
    async def clear(self, begun: Transaction) -> None:
        for table in reversed(metadata.sorted_tables):
            await begun.execute(table.delete())

    @override
    async def complete(self) -> None:
        async with self.transaction() as begun:
            await mark(begun, MIGRATIONS.head)


class _Server(End):
    """``held`` is the transaction by which the database is held: what was done after that was lost does not count."""

    def __init__(self, at: postgresql.Address, engine: AsyncEngine, held: Transaction) -> None:
        super().__init__(str(at))
        self._at = at
        self._engine = engine
        self._held = held

    @override
    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        return postgresql.transaction(self._engine, postgresql.MIGRATE, self._at)

    @override
    def stored(self, row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(postgresql.storable(row))

    @override
    async def counter(self, begun: Transaction, table: Table) -> int:
        found = await begun.execute(_LAST_GIVEN, {"name": f'"{table.name}"'})
        return int(found.scalar() or 0)

    @override
    async def count_on(self, begun: Transaction, table: Table, last: int) -> None:
        row = {"name": f'"{table.name}"', "last": max(last, 1), "is_given": last > 0}
        await begun.execute(_COUNT_ON, row)

    @override
    async def clear(self, begun: Transaction) -> None:
        await begun.execute(text(f"TRUNCATE {_NAMES}"))

    @override
    async def complete(self) -> None:
        await self._held.execute(text(f"ANALYZE {_NAMES}"))  # queries are planned by what is in the tables
        await mark(self._held, MIGRATIONS.head)


_LAST_GIVEN: Final = text("SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(:name, 'id') AS regclass))")
_COUNT_ON: Final = text("SELECT setval(CAST(pg_get_serial_sequence(:name, 'id') AS regclass), :last, :is_given)")
_OTHERS: Final = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = :name"
)


@asynccontextmanager
async def source(at: Place) -> AsyncIterator[tuple[End, Transaction]]:
    """A library and a snapshot of it, in which nobody else writes until the block ends.

    One of an older version is brought up to date first. Raises `CorpusInUse` where a bot runs on it, `CorpusError`
    where there is none, or it cannot be used.
    """
    async with _from_file(at) if isinstance(at, Path) else _from_server(at) as opened:
        yield opened


@asynccontextmanager
async def target(at: Place) -> AsyncIterator[End]:
    """A database that is empty but for the tables, or what an earlier move has left in it, for one move at a time.

    Raises `Refused` where there is a library, `CorpusInUse` where a bot runs on it, `CorpusError` where it cannot be
    used.
    """
    async with _into_file(at) if isinstance(at, Path) else _into_server(at) as opened:
        yield opened


@asynccontextmanager
async def _from_file(path: Path) -> AsyncIterator[tuple[End, Transaction]]:
    if (stored := await asyncio.to_thread(sqlite.stored_revision, path)) is None:
        raise CorpusError(f"There is no library at {path}: see DATABASE_URL.")
    with held(path, _runs_on(path.name)):
        if not await is_newest(stored, MIGRATIONS, path.name):
            await migrate(path, MIGRATIONS)
        async with _owned(path) as end, end.transaction() as snapshot:
            yield end, snapshot


@asynccontextmanager
async def _into_file(path: Path) -> AsyncIterator[End]:
    with held(path, _runs_on(path.name)):
        stored = await asyncio.to_thread(sqlite.stored_revision, path)
        async with _owned(path) as end:
            await _begin(end, stored)
            yield end


@asynccontextmanager
async def _owned(path: Path) -> AsyncIterator[End]:
    """The file, which nobody else has open. Raises `CorpusInUse` where somebody has."""
    engine = sqlite.engine(path, "owner", size=1)
    try:
        end = _File(path, engine)
        try:
            async with end.transaction():
                pass
        except CorpusInUse as error:
            raise CorpusInUse(f"Another newsdesk command works on {path.name}: let it end, then move.") from error
        yield end
    finally:
        await finish(engine.dispose())
        with suppress(sqlite3.Error):
            await asyncio.to_thread(sqlite.fold, path)  # an owner does without a file beside it that others have made


@asynccontextmanager
async def _from_server(at: postgresql.Address) -> AsyncIterator[tuple[End, Transaction]]:
    engine = postgresql.engine(at, size=1, writes=False, session=_SESSION)
    try:
        async with postgresql.transaction(engine, postgresql.READ, at) as begun:
            await _alone(begun, at)
            if (stored := await postgresql.stored_revision(begun, at)) is None:
                raise CorpusError(f"There is no library in {at}: see DATABASE_URL.")
        if not await is_newest(stored, MIGRATIONS, at.name):
            await migrate_server(at, MIGRATIONS)
        async with postgresql.transaction(engine, postgresql.READ, at) as snapshot:
            # Before anything is read, with which the snapshot is taken; it keeps writers out, and readers not.
            await snapshot.execute(text(f"LOCK TABLE {_NAMES} IN SHARE MODE"))
            yield _Server(at, engine, snapshot), snapshot
    finally:
        await finish(engine.dispose())


@asynccontextmanager
async def _into_server(at: postgresql.Address) -> AsyncIterator[End]:
    engine = postgresql.engine(at, size=2, writes=False, session=_SESSION)
    try:
        # As long as this transaction lasts, nobody else moves a library there, nor migrates it.
        async with postgresql.transaction(engine, postgresql.MIGRATE, at) as guard:
            await _alone(guard, at)
            await guard.execute(postgresql.MIGRATING)
            await _check(at)
            end = _Server(at, engine, guard)
            await _begin(end, await postgresql.stored_revision(guard, at))
            yield end
    finally:
        await finish(engine.dispose())


async def _check(at: postgresql.Address) -> None:
    database = PostgresqlDatabase(at, inspect=True)
    try:
        await database.check()
    finally:
        await database.close()


async def _alone(begun: Transaction, at: postgresql.Address) -> None:
    if (await begun.execute(_OTHERS, {"name": postgresql.NAME})).scalar_one():
        raise CorpusInUse(_runs_on(str(at)))


async def _begin(end: End, stored: str | None) -> None:
    """Have tables that say that they are part of a library, and no other rows in them than a move has put there."""
    if stored == PART:
        return
    if stored is not None and stored.startswith(UNFINISHED):
        raise CorpusError(f"{end.name} holds what a move of another version began: delete it and make it anew.")
    if stored is not None and (stored != MIGRATIONS.head or await _has_rows(end)):
        raise Refused(f"{end.name} holds a library already: move to a database that is empty.")
    async with end.transaction() as begun:
        if stored is None:
            await make_unfinished(begun, MIGRATIONS)
        else:
            await mark(begun, PART)


async def _has_rows(end: End) -> bool:
    async with end.transaction() as begun:
        for table in metadata.sorted_tables:
            if (await begun.execute(table.select().limit(1))).first() is not None:
                return True
    return False


def _runs_on(name: str) -> str:
    return f"Newsdesk runs on {name}: stop it first, then move."
