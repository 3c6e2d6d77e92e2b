"""Restoring: a backup takes the place of the library, which is kept beside it.

    file -> checked -> copied beside the library, checked again -> library folded and kept -> copy renamed over it

Killed at any moment, it leaves the library that was there or the one that was restored, each whole, and never a
write-ahead log of the one beside the other. What the restored one must not do twice is for its first start to see to:
`bot.corpus.aftermath`. Blocking: call it in a thread.
"""

from __future__ import annotations

import asyncio
import glob
import os
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bot.corpus import sqlite
from bot.corpus.backups import dated
from bot.corpus.copying import (
    Watch,
    Work,
    check,
    copied_at,
    copy,
    discard,
    put,
    stoppable,
    sync,
    unfinished,
    unwatched,
)
from bot.corpus.lock import held
from bot.corpus.migrate import MIGRATIONS, is_current
from bot.errors import CorpusError, CorpusInUse, Refused
from bot.model import SHARED

_LOGS: Final = ("-wal", "-shm", "-journal")
_DAMAGES: Final = ("CORRUPT", "NOTADB", "IOERR")


@dataclass(frozen=True, slots=True)
class Restored:
    """``as_of``: when the backup was made. ``kept`` is the library that was there, None where there was none.

    ``forgotten`` is what that one says was deleted for good since then ("S3", "7 of server 12", "server 12"); None
    where it could not be asked.
    """

    as_of: datetime
    articles: int
    size_bytes: int
    kept: Path | None
    forgotten: tuple[str, ...] | None


async def restore(file: Path, library: Path, *, force: bool, now: datetime, watch: Watch = unwatched) -> Restored:
    """Put a copy of ``file`` in the place of ``library``; ``force`` where there is one already.

    Raises `Refused` without it, `CorpusInUse` where a bot or a verb runs on the library, `CorpusTooNew`, `CorpusError`
    where the file cannot be used. Then the library is as it was.
    """
    try:
        await asyncio.to_thread(_must_be_a_library, file)
        await is_current(file, MIGRATIONS)  # an older one is migrated when it is opened
        return await stoppable(lambda work: replace(file, library, force=force, now=now, work=work), watch)
    except OSError as error:
        raise sqlite.explain(error, library) from error


def _must_be_a_library(file: Path) -> None:
    try:
        if file.is_file() and sqlite.stored_revision(file) is not None:
            return
        fault = None
    except CorpusError as error:
        fault = error
    raise CorpusError(f"{file} is no backup of a library: give a file that `newsdesk backup` made.") from fault


def replace(file: Path, library: Path, *, force: bool, now: datetime, work: Work) -> Restored:
    """`restore` in a thread, of a file that is a library. Raises as it does, and `Stopped`."""
    sqlite.check_place(library)
    with held(library, f"Newsdesk runs on {library.name}: stop it first, then restore."):
        sweep(library)
        is_there = library.exists()
        if is_there and file.samefile(library):
            raise Refused(f"{file} is the library itself: give a backup of it.")
        if is_there and library.stat().st_size and not force:
            raise Refused(f"{library} is there already: --force replaces it and keeps it beside the new one.")
        part = unfinished(library)
        check(file, work, file)
        articles = copy(file, part, library, made_at=_written(file), work=work).articles
        try:
            as_of, size = copied_at(part) or now, part.stat().st_size
            forgotten = _forgotten_since(library, as_of) if is_there else ()
            kept = _keep(library, part, now) if is_there else None
            put(part, library)
        except BaseException:
            discard(part)
            raise
    return Restored(as_of, articles, size, kept, forgotten)


def sweep(library: Path) -> None:
    """Delete what a killed restore or migration has left. The caller holds the lock. Raises `CorpusError`."""
    try:
        discard(unfinished(library))
        discard(_copied(library))
        _tidy(library)
    except OSError as error:
        raise sqlite.explain(error, library) from error


def _tidy(library: Path) -> None:
    """Take the second name off the library that a restore was about to replace when it was killed.

    Not that of a damaged one, whose log has been moved there.
    """
    for kept in library.parent.glob(f"{glob.escape(library.name)}.replaced-*.db"):
        if library.exists() and kept.samefile(library) and not kept.with_name(f"{kept.name}-wal").exists():
            kept.unlink()


def _written(file: Path) -> datetime:
    """When a file without a note of it was written last."""
    return datetime.fromtimestamp(file.stat().st_mtime).astimezone()


def _keep(library: Path, part: Path, now: datetime) -> Path:
    """Make the library one file that has a second name, so that the next step can be to rename another over it."""
    kept = _free_name(library, now)
    _as_its_owner(library, part)
    try:
        is_folded = _fold(library)
        _name_twice(library, kept)
        os.utime(kept)  # it is kept for 30 days from now on
        _drop_logs(library, kept, is_folded=is_folded)
        for snapshot in library.with_name(f"{library.name}.indexes").glob("*.snapshot*"):
            snapshot.unlink(missing_ok=True)
        sync(library.parent)
    except OSError as error:
        raise sqlite.explain(error, kept) from error
    return kept


def _name_twice(library: Path, kept: Path) -> None:
    try:
        os.link(library, kept)
    except OSError:  # a file system without second names
        copied = _copied(library)
        shutil.copy2(library, copied)
        sync(copied)
        copied.replace(kept)


def _copied(library: Path) -> Path:
    """Where the library itself is copied, on a file system without second names."""
    return library.with_name(f"{library.name}.old.part")


def _free_name(library: Path, now: datetime) -> Path:
    while (kept := library.with_name(dated(f"{library.name}.replaced", now))).exists():
        now += timedelta(seconds=1)
    return kept


def _as_its_owner(library: Path, part: Path) -> None:
    """Whoever could read and write the library can do so with the new one."""
    was, made = library.stat(), part.stat()
    shutil.copymode(library, part)
    if hasattr(os, "chown") and (was.st_uid, was.st_gid) != (made.st_uid, made.st_gid):
        with suppress(PermissionError):
            os.chown(part, was.st_uid, was.st_gid)


def _fold(library: Path) -> bool:
    """Fold the log into the library and drop it, as whoever has the file to itself does; False where it is damaged.

    Raises `CorpusInUse` where somebody else has it open, `CorpusError` where it cannot be written.
    """
    try:
        with closing(sqlite3.connect(library, timeout=1, isolation_level=None)) as connection:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("PRAGMA synchronous=2")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.DatabaseError as error:
        fault = sqlite.fault(error)
        if fault in ("BUSY", "LOCKED"):
            said = f"Another newsdesk command works on {library.name}: let it end, then restore."
            raise CorpusInUse(said) from error
        if fault not in _DAMAGES:
            raise sqlite.explain(error, library) from error
        return False
    return True


def _drop_logs(library: Path, kept: Path, *, is_folded: bool) -> None:
    """Leave no log beside the library: SQLite would read it into the new one. That of a damaged one goes with it."""
    for end in _LOGS:
        log = library.with_name(library.name + end)
        if is_folded:
            log.unlink(missing_ok=True)
        elif log.exists():
            log.replace(kept.with_name(kept.name + end))


def _forgotten_since(library: Path, as_of: datetime) -> tuple[str, ...] | None:
    """What the library that is replaced says was deleted for good since then; None where it cannot be read."""
    query = (
        "SELECT library, what, subject FROM audit WHERE at > ? AND what IN ('article purged', 'library deleted')"
        " ORDER BY id"
    )
    try:
        with closing(sqlite3.connect(library, timeout=1)) as connection:
            rows = connection.execute(query, (as_of.isoformat(timespec="microseconds"),)).fetchall()
    except sqlite3.Error:
        return None
    return tuple(dict.fromkeys(_named(*row) for row in rows))


def _named(library: int, what: str, subject: str) -> str:
    if what == "library deleted":
        return f"server {library}"
    return f"S{subject}" if library == SHARED else f"{subject} of server {library}"
