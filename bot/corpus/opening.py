"""The database that an address names: the checks, the lock and the migrations that come before its first query."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from pathlib import Path

from bot.corpus import postgresql, sqlite
from bot.corpus.database import Database
from bot.corpus.lock import held
from bot.corpus.migrate import Migrations, is_current, migrate, migrate_server
from bot.corpus.postgresql_database import PostgresqlDatabase
from bot.corpus.restoring import sweep
from bot.corpus.sqlite_database import SqliteDatabase


def opened(url: str, migrations: Migrations, *, bot: bool, answering: bool) -> AbstractAsyncContextManager[Database]:
    """As `Corpus.open`."""
    if postgresql.is_postgresql(url):
        return _server(postgresql.address(url), migrations)
    return _file(sqlite.path_of(url), migrations, bot=bot, answering=answering)


def inspected(url: str) -> Database:
    """As `Corpus.inspect`; whoever asks closes it."""
    if postgresql.is_postgresql(url):
        return PostgresqlDatabase(postgresql.address(url), inspect=True)
    return SqliteDatabase(sqlite.path_of(url), inspect=True)


@asynccontextmanager
async def _file(path: Path, migrations: Migrations, *, bot: bool, answering: bool) -> AsyncIterator[Database]:
    with ExitStack() as locks:
        if bot:
            await asyncio.to_thread(sqlite.check_place, path)
            locks.enter_context(held(path, f"Another Newsdesk already runs on {path.name}: stop it first."))
            await asyncio.to_thread(sweep, path)
        if not await is_current(path, migrations):
            await _migrate(path, migrations, locked=bot)
        database = SqliteDatabase(path, answering=answering)
        try:
            await database.check()
            yield database
        finally:
            await database.close()


async def _migrate(path: Path, migrations: Migrations, *, locked: bool) -> None:
    with ExitStack() as locks:
        if not locked:
            busy = f"{path.name} must be brought up to date, which cannot be done under a running bot: stop it first."
            locks.enter_context(held(path, busy))
            if await is_current(path, migrations):  # another process did it meanwhile
                return
        await migrate(path, migrations)


@asynccontextmanager
async def _server(at: postgresql.Address, migrations: Migrations) -> AsyncIterator[Database]:
    database = PostgresqlDatabase(at)
    try:
        await database.check()
        await migrate_server(at, migrations)
        yield database
    finally:
        await database.close()
