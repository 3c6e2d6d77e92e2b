"""One bot per database file: a lock the operating system drops when its holder ends, however it ends.

A digest would be posted twice by two bots on one file. The CLI does not take the lock to read and import; it does
while it migrates.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from bot.corpus.sqlite import explain
from bot.errors import CorpusInUse


@contextmanager
def held(path: Path, refusal: str) -> Iterator[None]:
    """Hold the lock of the database at ``path``. Raises `CorpusInUse` with ``refusal`` at once if another holds it."""
    lock = FileLock(path.with_name(path.name + ".lock"), thread_local=False)
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
