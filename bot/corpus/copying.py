"""A copy of a database file that is whole, or is not there: for backups, before a migration, and to restore one.

    library -> VACUUM INTO a name of its own -> marked as a copy -> checked -> on the disk -> given its name

Copying reads a snapshot on a connection of its own, so that a bot goes on writing meanwhile. SQLite only, and blocking:
call it in a thread. Whoever copies holds a lock (see `bot.corpus.lock`) under which the unfinished file is its alone:
what is found there by the next one was left by a process that ended in the middle of it.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias, TypeVar
from urllib.parse import quote

from bot.corpus import sqlite
from bot.corpus.aftermath import COPIED
from bot.corpus.database import finish
from bot.corpus.fingerprints import is_as_stored
from bot.errors import CorpusError, NewsdeskError

T = TypeVar("T")
Watch: TypeAlias = Callable[[int, int], None]


def unwatched(done: int, total: int) -> None:
    """For work that nobody looks at."""


OWN_MODE: Final = 0o600
_OPCODES: Final = 20_000  # of SQLite's between two looks at the time: a few milliseconds
_COPIED, _CHECKED = 50, 60  # per cent of the work when the file is written, and when its pages are checked
_TEXTS_AT_ONCE = 200
_NAMED: Final = 3  # texts, of those that are damaged
_BY_SOURCE: Final = ("CORRUPT", "NOTADB", "LOCKED", "BUSY")


class Stopped(Exception):
    """Whoever asked for the work does not want it any more."""


@dataclass(frozen=True, slots=True)
class Work:
    """How far long work is, in per cent, told to ``watch``; it ends soon after ``stop`` is set, with `Stopped`."""

    watch: Watch = unwatched
    stop: threading.Event = field(default_factory=threading.Event)

    def done(self, percent: int) -> None:
        """So many of a hundred are done. Raises `Stopped` where nobody waits any more."""
        if self.stop.is_set():
            raise Stopped
        self.watch(percent, 100)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a library holds: its articles, removed and earlier ones too, and the revision that each library is at."""

    articles: int
    revisions: dict[int, int]

    def is_from_then_on(self, before: Facts) -> bool:
        """Whether nothing that was in the library ``before`` is yet to come here: revisions only grow."""
        return all(self.revisions.get(library, 0) >= revision for library, revision in before.revisions.items())


async def stoppable(do: Callable[[Work], T], watch: Watch = unwatched) -> T:
    """Do long work in a thread; a cancellation stops it, and is raised when it has stopped."""
    work = Work(watch)
    task = asyncio.create_task(asyncio.to_thread(do, work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        work.stop.set()
        with suppress(Stopped, NewsdeskError):
            await finish(_ended(task))
        raise


async def _ended(task: asyncio.Task[T]) -> T:
    return await task


def unfinished(path: Path) -> Path:
    """Where a copy that is to take the place of ``path``, or to stand beside it, is written."""
    return path.with_name(path.name + ".part")


def discard(part: Path) -> None:
    """Delete an unfinished copy, if there is one, and what SQLite may have put beside it."""
    for file in (part, *(part.with_name(part.name + end) for end in ("-journal", "-wal", "-shm"))):
        file.unlink(missing_ok=True)


def copy(source: Path, part: Path, target: Path, *, made_at: datetime, work: Work, texts: bool = True) -> Facts:
    """Write a checked copy of a library to ``part``, which `put` makes ``target``; it is on the disk by then.

    ``made_at`` is noted in it, unless ``source`` is such a copy itself. With ``texts`` every text is held against its
    hash. Only its owner can read it. Raises `CorpusError` and `Stopped`: then there is no file.
    """
    discard(part)
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWN_MODE))
        before = facts(source)
        _vacuum_into(source, part, work)
        _mark(part, made_at)
        copied = check(part, work, source, texts=texts)
        _compare(before, copied, source)
        sync(part)
    except (sqlite3.Error, OSError) as error:
        discard(part)
        if work.stop.is_set():
            raise Stopped from error
        raise sqlite.explain(error, source if _is_of_source(error) else target) from error
    except BaseException:
        discard(part)
        raise
    return copied


def put(part: Path, target: Path) -> None:
    """Give a copy its name, instead of the file that may have it: after a power cut it is one or the other."""
    try:
        part.replace(target)
        sync(target.parent)
    except OSError as error:
        discard(part)
        raise sqlite.explain(error, target) from error


def check(path: Path, work: Work, source: Path, *, texts: bool = True) -> Facts:
    """What a library holds that is whole: its pages, what its rows refer to, and with ``texts`` every text by its hash.

    Raises `CorpusError` where it is damaged, which names ``source``, and `Stopped`.
    """
    try:
        with _reading(path) as connection:
            _heed(connection, lambda: None, work)
            wrong = sqlite.damage(lambda query: connection.execute(query).fetchall())
            work.done(_CHECKED)
            if texts and not wrong:
                wrong = _wrong_texts(connection, work)
            if not wrong:
                return _facts(connection)
    except sqlite3.Error as error:
        if work.stop.is_set():
            raise Stopped from error
        raise sqlite.explain(error, source) from error
    raise CorpusError(f"{source.name} is damaged: {wrong[0].rstrip('.')}. Restore the newest backup that is whole.")


def facts(path: Path) -> Facts:
    """What a library holds now. Raises `sqlite3.Error`."""
    with _reading(path) as connection:
        return _facts(connection)


def copied_at(path: Path) -> datetime | None:
    """When a file was copied from a library, as is noted in it; None for a library itself. Raises `sqlite3.Error`."""
    with _reading(path) as connection:
        row = connection.execute("SELECT value FROM note WHERE key = ?", (COPIED,)).fetchone()
    return None if row is None else datetime.fromisoformat(row[0])


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk when this returns."""
    if path.is_dir() and not hasattr(os, "O_DIRECTORY"):  # Windows syncs no folder, and needs none
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    # Not mode=ro: the last connection to a library deletes its empty log, which one that may only read cannot.
    address = f"file:{quote(str(path.absolute()))}?mode=rw"
    timeout = sqlite.BUSY_TIMEOUT_MS / 1000
    with closing(sqlite3.connect(address, uri=True, timeout=timeout, isolation_level=None)) as connection:
        yield connection


def _facts(connection: sqlite3.Connection) -> Facts:
    connection.execute("BEGIN")
    (articles,) = connection.execute("SELECT count(*) FROM article").fetchone()
    revisions = dict(connection.execute("SELECT id, revision FROM library").fetchall())
    connection.execute("COMMIT")
    return Facts(articles, revisions)


def _compare(before: Facts, copied: Facts, source: Path) -> None:
    """Raises `CorpusError` where the copy is not of the library as it was when the copying began, or later."""
    if copied != before and not (copied.is_from_then_on(before) and facts(source).is_from_then_on(copied)):
        raise CorpusError(f"The copy of {source.name} does not hold what the library holds: try again.")


def _vacuum_into(source: Path, part: Path, work: Work) -> None:
    size = max(source.stat().st_size, 1)

    def tell() -> None:
        work.watch(min(part.stat().st_size * _COPIED // size, _COPIED - 1), 100)

    with _reading(source) as connection:
        _heed(connection, tell, work)
        connection.execute("VACUUM INTO ?", (str(part),))
    work.done(_COPIED)


def _heed(connection: sqlite3.Connection, tell: Callable[[], None], work: Work) -> None:
    """Let a long statement tell how far it is, and break it off once it is to stop."""

    def look() -> int:
        with suppress(OSError):
            tell()
        return work.stop.is_set()

    connection.set_progress_handler(look, _OPCODES)


def _mark(part: Path, made_at: datetime) -> None:
    """Note in a copy that it is one: whoever opens it one day must know that it was not there for a while."""
    with closing(sqlite3.connect(part, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=MEMORY")  # the file is nothing before it is synced as a whole
        connection.execute("PRAGMA synchronous=OFF")
        at = made_at.astimezone(UTC).isoformat()
        connection.execute("INSERT INTO note (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING", (COPIED, at))


def _wrong_texts(connection: sqlite3.Connection, work: Work) -> list[str]:
    """A sentence where texts are not those that were stored; none where all are."""
    (total,) = connection.execute("SELECT count(*) FROM article").fetchone()
    rows = connection.execute("SELECT id, fingerprint, CAST(text AS BLOB) FROM article ORDER BY id")
    wrong: list[int] = []
    seen = 0
    while some := rows.fetchmany(_TEXTS_AT_ONCE):
        wrong += [row_id for row_id, fingerprint, text in some if not is_as_stored(text, fingerprint)]
        seen += len(some)
        work.done(_CHECKED + (100 - _CHECKED) * seen // max(total, seen))
    named = ", ".join(map(str, wrong[:_NAMED])) + ", …" * (len(wrong) > _NAMED)
    return [f"{len(wrong)} of {total} texts are not what was stored (rows {named})"] if wrong else []


def _is_of_source(error: BaseException) -> bool:
    return isinstance(error, sqlite3.Error) and (
        sqlite.fault(error) in _BY_SOURCE or str(error).startswith("no such table")
    )
