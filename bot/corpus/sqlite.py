"""Everything that is true of SQLite only: the address of the file, its pragmas, looking into it, copying it.

The rest of the corpus is SQLAlchemy Core that PostgreSQL understands too. What a connection is asked for is read back:
SQLite answers a pragma it does not honour (WAL on some network disks, say) with silence.
"""

from __future__ import annotations

import glob
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from bot.corpus import driver
from bot.errors import CorpusError

BUSY_TIMEOUT_MS = 5000

Role = Literal["writer", "reader", "migrator"]
Rows: TypeAlias = Callable[[str], Sequence[Any]]
"""Runs a query and returns its rows."""

# synchronous 2 is FULL: a commit is on the disk before it is acknowledged. secure_delete overwrites what is deleted.
_EVERYONE = {"busy_timeout": BUSY_TIMEOUT_MS, "secure_delete": 1, "synchronous": 2, "foreign_keys": 1}
PRAGMAS: dict[Role, dict[str, str | int]] = {
    "writer": {"journal_mode": "wal", **_EVERYONE},
    "reader": {**_EVERYONE, "query_only": 1},
    # Rebuilding a table drops the old one, which foreign keys would take for deleting its rows. They are checked as a
    # whole before a migration is committed (https://sqlite.org/lang_altertable.html#otheralter).
    "migrator": {"journal_mode": "wal", **_EVERYONE, "foreign_keys": 0},
}
_BEGIN: dict[Role, str] = {"writer": "BEGIN IMMEDIATE", "reader": "BEGIN", "migrator": "BEGIN IMMEDIATE"}


def path_of(url: str) -> Path:
    """The absolute path of the database file that `sqlite+aiosqlite:///newsdesk.db` names.

    Raises `CorpusError` for any other kind of database. The error never shows the address, which may hold a password.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise CorpusError(
            "DATABASE_URL is not the address of a database: write sqlite+aiosqlite:///newsdesk.db."
        ) from error
    if parsed.get_backend_name() != "sqlite":
        raise CorpusError(
            f"DATABASE_URL asks for {parsed.get_backend_name()[:40]}, and Newsdesk keeps its library in SQLite only: "
            "write sqlite+aiosqlite:///newsdesk.db."
        )
    name = parsed.database or ""
    if parsed.host or parsed.query or name in {"", ":memory:"} or name.startswith("file:") or "\0" in name:
        raise CorpusError("DATABASE_URL must name a file, as in sqlite+aiosqlite:///newsdesk.db, and nothing else.")
    return Path(name).absolute()


def engine(path: Path, role: Role, *, size: int) -> AsyncEngine:
    """An engine of at most ``size`` connections to the file, each with the pragmas of its role."""
    made = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=size,
        max_overflow=0,
        # The driver must not begin transactions of its own: ours begin where SQLAlchemy says so, below.
        async_creator=lambda: driver.connect(str(path), isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000),
    )

    @event.listens_for(made.sync_engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        set_pragmas(connection, PRAGMAS[role])

    @event.listens_for(made.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(_BEGIN[role])

    return made


def set_pragmas(connection: Any, wanted: dict[str, str | int]) -> None:
    """Set pragmas on a DBAPI connection and read them back. Raises `CorpusError` for one that did not take."""
    cursor = connection.cursor()
    try:
        for name, value in wanted.items():
            cursor.execute(f"PRAGMA {name}={value}")
            cursor.fetchall()
            cursor.execute(f"PRAGMA {name}")
            if (row := cursor.fetchone()) is None or row[0] != value:
                raise CorpusError(
                    f"The database cannot be used safely where it is: SQLite did not accept {name}={value}. "
                    "Put it on a local disk."
                )
    finally:
        cursor.close()


def stored_revision(path: Path) -> str | None:
    """The migration a database file is at; None for a file that is missing or empty. Changes no byte of the file.

    Raises `CorpusError` where the file is not a Newsdesk database or cannot be read. Blocks: call it in a thread.
    """
    check_place(path)
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=5)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not tables:
                return None
            if "alembic_version" not in tables or "article" not in tables:
                raise CorpusError(f"{path.name} is a database of another program: choose another DATABASE_URL.")
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.Error as error:
        raise explain(error, path) from error
    if len(rows) != 1:
        raise CorpusError(f"{path.name} does not say which version of Newsdesk wrote it: restore a backup.")
    return str(rows[0][0])


def check_place(path: Path) -> None:
    try:
        if path.is_dir():
            raise CorpusError(f"{path.name} is a folder, and the database must be a file: change DATABASE_URL.")
        if not path.parent.is_dir():
            raise CorpusError(
                f"The folder of the database does not exist: create {path.parent} or change DATABASE_URL."
            )
    except OSError as error:
        raise explain(error, path) from error


FOLD_WAIT_SECONDS = 0.02  # the writer is kept out as long, while a reader still looks at an older state


def fold(path: Path) -> bool:
    """Fold the write-ahead log into the file and empty it; False where somebody reads an older state. Blocks."""
    with closing(sqlite3.connect(path, timeout=FOLD_WAIT_SECONDS, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=2")
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()  # the most of it, while others write
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def forget_backups(path: Path, before: float) -> list[str]:
    """Delete what is kept of the file from before migrations and restores (see `migrate` and `restoring`) and is older
    than the time ``before``. Blocks."""
    patterns = ("before-*.db", "replaced-????-??-??T??????Z.db*")  # one that was damaged has its log beside it
    kept = [copy for pattern in patterns for copy in path.parent.glob(f"{glob.escape(path.name)}.{pattern}")]
    old = [copy for copy in kept if copy.stat().st_mtime < before]
    for copy in old:
        copy.unlink(missing_ok=True)
    return sorted(copy.name for copy in old)


async def rewrite(writer: AsyncEngine) -> None:
    """Write every page of the file anew, so that nothing is left beside what it holds. No transaction may be under way.

    `secure_delete` overwrites what is deleted, but not the copies that stay in a page when SQLite moves rows between
    pages to keep its trees balanced: 2 of 1,500 purged words were still readable in a file of 600 articles.
    """
    await _run(writer, "VACUUM")
    await _run(writer, "PRAGMA wal_checkpoint(PASSIVE)")  # so that the log is soon cut, while readers wait


async def _run(engine: AsyncEngine, statement: str) -> list[Any]:
    """A statement that no transaction may be around."""
    async with engine.connect() as connection:
        raw = await connection.get_raw_connection()
        used: driver.Connection = raw.driver_connection  # type: ignore[assignment] # `engine` makes these
        return (await used.run(statement, (), many=False)).rows


def problems(connection: Connection) -> list[str]:
    """`damage`, as a connection of ours finds it."""
    return damage(lambda query: connection.exec_driver_sql(query).fetchall())


def damage(rows: Rows) -> list[str]:
    """What SQLite finds wrong with the file: damaged pages, and rows whose parent row is missing. Empty when sound."""
    return [str(row[0]) for row in rows("PRAGMA integrity_check") if row[0] != "ok"] + _orphans(rows)


def orphans(connection: Connection) -> list[str]:
    """A sentence for each row that refers to a row that is not there; rows without a number share one."""
    return _orphans(lambda query: connection.exec_driver_sql(query).fetchall())


def _orphans(rows: Rows) -> list[str]:
    found = rows("PRAGMA foreign_key_check")
    named = (("A row" if row[1] is None else f"Row {row[1]}", row[0], row[2]) for row in found)
    return list(
        dict.fromkeys(f"{row} of {table} refers to a row of {parent} that is missing." for row, table, parent in named)
    )


def explain(error: BaseException, path: Path) -> CorpusError:
    """The sentence for a fault of the database file. The original is for the log, as the new error's cause."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    said = str(cause.strerror if isinstance(cause, OSError) else cause).lower()
    name = path.name
    if "not a database" in said:
        return CorpusError(f"{name} is not a database: choose another DATABASE_URL or move the file away.")
    if "malformed" in said or "corrupt" in said:
        return CorpusError(f"{name} is damaged: restore the newest backup.")
    if "locked" in said or "busy" in said:
        return CorpusError(f"{name} was busy for {BUSY_TIMEOUT_MS // 1000} seconds: try again.")
    if "full" in said or "no space" in said:
        return CorpusError(f"The disk that holds {name} is full: make room and try again.")
    if isinstance(cause, PermissionError) or "readonly" in said or "unable to open" in said:
        return CorpusError(f"{name} cannot be written: see who owns the file and its folder.")
    return CorpusError(f"{name} cannot be used: {type(cause).__name__}. The log has the details.")
