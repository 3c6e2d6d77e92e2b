"""Everything that is true of SQLite only: the address of the file, its pragmas, looking into it, copying it.

The rest of the corpus is SQLAlchemy Core that PostgreSQL understands too. What a connection is asked for is read back:
SQLite answers a pragma it does not honour (WAL on some network disks, say) with silence.
"""

from __future__ import annotations

import errno
import glob
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.corpus import driver, engines
from bot.errors import CorpusDamaged, CorpusError, CorpusInUse, CorpusMisnamed

BUSY_TIMEOUT_MS = 5000

Role = Literal["writer", "reader", "mapper", "migrator", "inspector", "owner"]
Rows: TypeAlias = Callable[[str], Sequence[Any]]
"""Runs a query and returns its rows."""

# synchronous 2 is FULL: a commit is on the disk before it is acknowledged. secure_delete overwrites what is deleted.
_SAFE = {"secure_delete": 1, "synchronous": 2, "foreign_keys": 1}
_EVERYONE = {"busy_timeout": BUSY_TIMEOUT_MS, **_SAFE}
PRAGMAS: dict[Role, dict[str, str | int]] = {
    "writer": {"journal_mode": "wal", **_EVERYONE},
    "reader": {**_EVERYONE, "query_only": 1},
    # As a reader, from the file mapped into memory: a question takes up to a sixth less. A page that the disk cannot
    # give ends the process then (https://sqlite.org/mmap.html), so that this is for one that nobody needs.
    "mapper": {**_EVERYONE, "query_only": 1, "mmap_size": 1 << 30},
    # Rebuilding a table drops the old one, which foreign keys would take for deleting its rows. They are checked as a
    # whole before a migration is committed (https://sqlite.org/lang_altertable.html#otheralter).
    "migrator": {"journal_mode": "wal", **_EVERYONE, "foreign_keys": 0},
    # As a reader, by an address that cannot write: its last connection does not fold a log that a crash has left.
    "inspector": {**_EVERYONE, "query_only": 1},
    # Nobody else has the file open, not even to read: https://sqlite.org/wal.html#noshm.
    "owner": {"busy_timeout": 1000, "locking_mode": "exclusive", "journal_mode": "wal", **_SAFE},
}
BEGIN: dict[Role, str] = {
    "writer": "BEGIN IMMEDIATE",
    "reader": "BEGIN",
    "mapper": "BEGIN",
    "migrator": "BEGIN IMMEDIATE",
    "inspector": "BEGIN",
    "owner": "BEGIN IMMEDIATE",
}

# Python cannot even read what SQLite says of a table whose damaged name is in it.
_DAMAGED = (sqlite3.Error, UnicodeDecodeError)


def path_of(url: str) -> Path:
    """The absolute path of the database file that `sqlite+aiosqlite:///newsdesk.db` names.

    Raises `CorpusMisnamed` for any other kind of database, without the address, which may hold a password.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise CorpusMisnamed(
            "DATABASE_URL is not the address of a database: write sqlite+aiosqlite:///newsdesk.db."
        ) from error
    if parsed.get_backend_name() != "sqlite":
        raise CorpusMisnamed(
            f"DATABASE_URL asks for {parsed.get_backend_name()[:40]}, and Newsdesk keeps its library in SQLite or "
            "PostgreSQL: write sqlite+aiosqlite:///newsdesk.db, or postgresql+asyncpg://user:password@host/name."
        )
    name = parsed.database or ""
    if parsed.host or parsed.query or name in {"", ":memory:"} or name.startswith("file:") or "\0" in name:
        raise CorpusMisnamed("DATABASE_URL must name a file, as in sqlite+aiosqlite:///newsdesk.db, and nothing else.")
    return Path(name).absolute()


def engine(path: Path, role: Role, *, size: int) -> AsyncEngine:
    """An engine of at most ``size`` connections to the file, each with the pragmas of its role."""
    made = engines.made(
        URL.create("sqlite", database=str(path)),
        size=size,
        async_creator=lambda: driver.connect(lambda: connect(path, role)),
    )

    @event.listens_for(made.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(BEGIN[role])

    return made


def connect(path: Path, role: Role) -> sqlite3.Connection:
    """A connection with the pragmas of its role. Raises `CorpusError`, `sqlite3.Error`. Blocks."""
    inspects = role == "inspector"
    opened = sqlite3.connect(
        _read_only(path) if inspects else str(path),
        uri=inspects,
        timeout=BUSY_TIMEOUT_MS / 1000,
        isolation_level=None,  # the driver must not begin transactions of its own
    )
    try:
        set_pragmas(opened, PRAGMAS[role])
    except BaseException:
        opened.close()
        raise
    return opened


def _read_only(path: Path) -> str:
    """The address of the file for who must not write to it."""
    return f"file:{quote(str(path))}?mode=ro"


def set_pragmas(connection: sqlite3.Connection, wanted: dict[str, str | int]) -> None:
    """Set pragmas on a connection and read them back. Raises `CorpusError` for one that did not take."""
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


def pragmas(path: Path) -> dict[str, tuple[str | int, str | int | None]]:
    """By name what each pragma of a writer must be, and what SQLite says it is. Changes nothing. Blocks.

    ``journal_mode`` is the file's; the others are each connection's own, and set here as a writer sets them. Raises
    `CorpusError` where the file cannot be read.
    """
    found: dict[str, tuple[str | int, str | int | None]] = {}
    try:
        with closing(sqlite3.connect(_read_only(path), uri=True, timeout=BUSY_TIMEOUT_MS / 1000)) as connection:
            for name, wanted in PRAGMAS["writer"].items():
                if name != "journal_mode":
                    connection.execute(f"PRAGMA {name}={wanted}").fetchall()
                row = connection.execute(f"PRAGMA {name}").fetchone()
                found[name] = wanted, row[0] if row else None
    except _DAMAGED as error:
        raise explain(error, path) from error
    return found


def has_wal_reset_bug(version: tuple[int, int, int]) -> bool:
    """Whether this version of SQLite can damage a file in WAL mode that two connections write and fold at one instant.

    In 3.7.0 to 3.51.2, but for 3.44.6 and later of that series and 3.50.7 and later of that one:
    https://sqlite.org/wal.html#walresetbug. Rare, and a damaged file is the outcome.
    """
    mended = {(3, 44): 6, (3, 50): 7, (3, 51): 3}
    series, patch = version[:2], version[2]
    return (3, 7) <= series < (3, 52) and patch < mended.get(series, patch + 1)


def stored_revision(path: Path) -> str | None:
    """The migration a database file is at; None for a file that is missing or empty. Changes no byte of the file.

    Raises `CorpusError` where the file is not a Newsdesk database or cannot be read. Blocks: call it in a thread.
    """
    check_place(path)
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        with closing(sqlite3.connect(_read_only(path), uri=True, timeout=BUSY_TIMEOUT_MS / 1000)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not tables:
                return None
            if "alembic_version" not in tables or "article" not in tables:
                raise CorpusMisnamed(f"{path.name} is a database of another program: choose another DATABASE_URL.")
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except _DAMAGED as error:
        raise explain(error, path) from error
    if len(rows) != 1:
        raise CorpusError(f"{path.name} does not say which version of Newsdesk wrote it: restore a backup.")
    return str(rows[0][0])


def check_place(path: Path) -> None:
    """Raise `CorpusError` where there cannot be a database file. Blocks: call it in a thread."""
    try:
        if path.is_dir():
            raise CorpusMisnamed(f"{path.name} is a folder, and the database must be a file: change DATABASE_URL.")
        if not path.parent.is_dir():
            raise CorpusError(
                f"The folder of the database does not exist: create {path.parent} or change DATABASE_URL."
            )
    except OSError as error:
        raise explain(error, path) from error


def size_bytes(path: Path) -> int:
    """What the file and its write-ahead log take on the disk, as far as they are there. Blocks."""
    parts = (path, path.with_name(f"{path.name}-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())


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
    name = path.name
    match fault(cause):
        case "NOTADB":
            return CorpusDamaged(
                f"{name} is not a database, or its beginning is damaged: restore the newest backup, "
                "or choose another DATABASE_URL."
            )
        case "CORRUPT":
            return CorpusDamaged(f"{name} is damaged: restore the newest backup.")
        case "BUSY" | "LOCKED":
            return CorpusInUse(f"{name} was busy for {BUSY_TIMEOUT_MS // 1000} seconds: try again.")
        case "FULL":
            return CorpusError(f"The disk that holds {name} is full: make room and try again.")
        case "READONLY" | "CANTOPEN" | "PERM" | "AUTH":
            return CorpusError(f"{name} cannot be written: see who owns it and its folder, and if the disk is full.")
        case "IOERR":
            return CorpusError(f"The disk that holds {name} fails to read or write: see if it is full or broken.")
    return CorpusError(f"{name} cannot be used ({type(cause).__name__}): see the log, and what `newsdesk doctor` says.")


_ERRNO = {
    errno.ENOSPC: "FULL",
    errno.EDQUOT: "FULL",
    errno.EROFS: "READONLY",
    errno.EACCES: "READONLY",
    errno.EPERM: "READONLY",
    errno.EIO: "IOERR",
}


def fault(cause: BaseException) -> str | None:
    """SQLite's name for a fault without what it adds to it: FULL, CORRUPT, IOERR; None where it has none."""
    if isinstance(cause, OSError):
        return _ERRNO.get(cause.errno or 0)
    if isinstance(cause, UnicodeDecodeError) or str(cause).startswith("Could not decode to UTF-8"):
        return "CORRUPT"  # all text was written as UTF-8
    name = getattr(cause, "sqlite_errorname", None)  # such as SQLITE_IOERR_WRITE
    return str(name).split("_")[1] if name else None
