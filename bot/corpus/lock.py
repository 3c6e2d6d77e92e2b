"""One bot per database file: a lock the operating system drops when its holder ends, however it ends.

A digest would be posted twice by two bots on one file. The CLI does not take the lock to read and import; it does
while it migrates.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from bot.corpus.sqlite import explain
from bot.errors import CorpusInUse


@contextmanager
def held(path: Path, refusal: str) -> Iterator[None]:
    """Hold the lock of the database at ``path``. Raises `CorpusInUse` with ``refusal`` at once if another holds it."""
    lock = _lock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise CorpusInUse(refusal) from error
    except OSError as error:
        raise explain(error, path) from error
    try:
        yield
    finally:
        lock.release()


def is_held(path: Path) -> bool:
    """Whether a bot, or a migration, holds the lock now. Blocks.

    Only trying tells: for an instant it is held here, and who starts just then is told to try again. A lock file that
    is not there is not made. Raises `CorpusError` where the lock file cannot be opened.
    """
    lock = _lock(path)
    try:
        if not Path(lock.lock_file).exists():
            return False
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError as error:
        raise explain(error, path) from error
    lock.release()
    return False


def _lock(path: Path) -> BaseFileLock:
    return FileLock(path.with_name(path.name + ".lock"), thread_local=False)
