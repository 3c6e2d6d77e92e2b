"""One bot per database file: a lock the operating system drops when its holder ends, however it ends.

A digest would be posted twice by two bots on one file. The CLI does not take the lock to read and import; it does
while it migrates.

The package filelock does the same, and with it a hook into every call of Python's `id`, which makes that ten times as
slow: SQLAlchemy calls it for every part of every statement.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bot.corpus.sqlite import explain
from bot.errors import CorpusInUse

if sys.platform == "win32":
    import msvcrt

    def _take(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_OPEN: Final = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)


@contextmanager
def held(path: Path, refusal: str) -> Iterator[None]:
    """Hold the lock of the database at ``path``. Raises `CorpusInUse` with ``refusal`` at once if another holds it."""
    try:
        file = os.open(_lock(path), _OPEN | os.O_CREAT, 0o644)
    except OSError as error:
        raise explain(error, path) from error
    try:
        if not _is_taken(file, path):
            raise CorpusInUse(refusal)
        yield
    finally:
        os.close(file)  # and so lets go of it: no child has the file, which is not inherited


def is_held(path: Path) -> bool:
    """Whether a bot, or a migration, holds the lock now. Blocks.

    Only trying tells: for an instant it is held here, and who starts just then is told to try again. A lock file that
    is not there is not made. Raises `CorpusError` where the lock file cannot be opened.
    """
    try:
        file = os.open(_lock(path), _OPEN)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise explain(error, path) from error
    try:
        return not _is_taken(file, path)
    finally:
        os.close(file)


def _is_taken(file: int, path: Path) -> bool:
    """Try to take the lock, without waiting; False where another holds it."""
    try:
        _take(file)
    except (BlockingIOError, PermissionError):  # as Unix and Windows call it
        return False
    except OSError as error:
        raise explain(error, path) from error
    return True


def _lock(path: Path) -> Path:
    return path.with_name(path.name + ".lock")
