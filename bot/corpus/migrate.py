"""Bringing a database to the schema of this code, in one transaction, and of a file with a copy kept from before.

Alembic is loaded only when there is something to migrate: it would cost a start about as much as opening the file.
"""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, text

from bot.corpus import copying, postgresql, sqlite
from bot.corpus.database import Transaction, finish
from bot.corpus.schema import REVISION
from bot.corpus.sqlite_database import transaction
from bot.errors import CorpusError, CorpusMisnamed, CorpusTooNew

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"
UNFINISHED: Final = "moving "
"""How the revision begins that is written into a database of which `bot.corpus.moving` has only made a part."""


@dataclass(frozen=True, slots=True)
class Migrations:
    """Where the migrations are, and the last of them."""

    folders: tuple[Path, ...] = (FOLDER / "versions",)
    head: str = REVISION


MIGRATIONS = Migrations()


async def is_current(path: Path, migrations: Migrations) -> bool:
    """Whether the file has the schema of this code. Touches nothing.

    Raises `CorpusTooNew` where the file's revision is none that this code knows, `CorpusError` where it is no database
    of ours.
    """
    return await is_newest(await asyncio.to_thread(sqlite.stored_revision, path), migrations, path.name)


async def is_newest(stored: str | None, migrations: Migrations, name: str) -> bool:
    """Whether a database at revision ``stored`` (None: without tables) has the schema of this code.

    ``name`` is what people call it. Raises `CorpusTooNew` as `is_current`, and `CorpusMisnamed` where it is no whole
    library.
    """
    if stored == migrations.head:
        return True
    if stored is not None and stored.startswith(UNFINISHED):
        raise CorpusMisnamed(
            f"{name} holds only a part of a library: let `newsdesk move` end what it began, or choose another "
            "DATABASE_URL."
        )
    if stored is not None and stored not in await asyncio.to_thread(_revisions, migrations):
        raise CorpusTooNew(
            f"{name} was written by a newer Newsdesk (schema {stored[:40]}, this one knows {migrations.head}): "
            "update Newsdesk, or choose another DATABASE_URL."
        )
    return False


async def migrate(path: Path, migrations: Migrations) -> Path | None:
    """Apply what is missing, all of it or nothing, and return the backup made before; None for a new file.

    The caller holds the lock. Raises `CorpusError`.
    """
    copy = None
    if await asyncio.to_thread(sqlite.stored_revision, path) is not None:
        copy = path.with_name(f"{path.name}.before-{migrations.head}.db")
        await asyncio.to_thread(_copy, path, copy)
    engine = sqlite.engine(path, "migrator", size=1)
    try:
        async with transaction(engine, path) as begun:
            await finish(begun.connection.run_sync(_upgrade, migrations))
    finally:
        await finish(engine.dispose())
    return copy


async def migrate_server(at: postgresql.Address, migrations: Migrations) -> None:
    """Apply to a server's database what is missing, all of it or nothing; of several processes, one does it.

    No copy is kept: a server is backed up by whoever keeps it. Raises `CorpusTooNew`, `CorpusError`.
    """
    engine = postgresql.engine(at, size=1, writes=False, patience=postgresql.LONG_SECONDS)
    try:
        async with postgresql.transaction(engine, postgresql.MIGRATE, at) as begun:
            if await is_newest(await postgresql.stored_revision(begun, at), migrations, at.name):
                return
            await begun.execute(postgresql.MIGRATING)
            if await is_newest(await postgresql.stored_revision(begun, at), migrations, at.name):
                return  # another process did it meanwhile
            await finish(begun.connection.run_sync(_run, migrations))
    finally:
        await finish(engine.dispose())


async def make_unfinished(begun: Transaction, migrations: Migrations) -> None:
    """Make the tables in a database without any, as those of a library that is not to be used yet."""
    await finish(begun.connection.run_sync(_run, migrations))
    await mark(begun, UNFINISHED + migrations.head)


async def mark(begun: Transaction, revision: str) -> None:
    """Write into a database which revision it is at."""
    await begun.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def _copy(path: Path, target: Path) -> None:
    part = copying.unfinished(path)
    try:
        # Texts are not held against their hashes: a damaged one must not keep the others from being brought up to date.
        copying.copy(path, part, target, made_at=datetime.now(UTC), work=copying.Work(), texts=False)
        shutil.copymode(path, part)
        copying.put(part, target)
    except CorpusError as error:
        raise CorpusError(f"The database was left as it was, because no backup of it could be made: {error}") from error


def _run(connection: Connection, migrations: Migrations) -> None:
    from alembic import command  # noqa: PLC0415 - see the module's docstring

    config = _config(migrations)
    config.attributes["connection"] = connection
    command.upgrade(config, migrations.head)


def _upgrade(connection: Connection, migrations: Migrations) -> None:
    _run(connection, migrations)
    if orphans := sqlite.orphans(connection):
        raise CorpusError(f"The database could not be brought up to date and was left as it was. {orphans[0]}")


def _revisions(migrations: Migrations) -> set[str]:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see the module's docstring

    script = ScriptDirectory.from_config(_config(migrations))
    return {revision.revision for revision in script.walk_revisions()}


def _config(migrations: Migrations) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - see the module's docstring

    config = Config()
    options = {
        "script_location": str(FOLDER),
        "version_locations": "\n".join(str(folder) for folder in migrations.folders),
        "path_separator": "newline",
    }
    for name, value in options.items():
        config.set_main_option(name, value.replace("%", "%%"))  # a percent sign begins an interpolation
    return config
