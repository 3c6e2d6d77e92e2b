"""Disks that fail: full ones and read-only ones, under a library that is open or about to be.

What is mounted here is a file system of its own in memory, where this machine lets us; else the test is skipped.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest

from bot.corpus import sqlite
from bot.corpus.sqlite_database import SqliteDatabase
from bot.errors import CorpusError
from bot.newsdesk import Newsdesk

_ANY_SIZE = 1_073_741_823  # pages: SQLite's default


@asynccontextmanager
async def full(newsdesk: Newsdesk) -> AsyncIterator[None]:
    """Until the block ends the file may not grow, as on a full disk, and its free room is used up."""
    corpus, number = newsdesk.corpus, 0
    await _writers(newsdesk, "max_page_count", 1)
    with suppress(CorpusError):
        while number := number + 1:
            await corpus.notes.set(f"filler {number}", "x" * 3_000)
    while not corpus.answers._in_memory:
        await corpus.answers.save(1, 2, "filler", "x" * 200, now=newsdesk.now())
    yield
    await _writers(newsdesk, "max_page_count", _ANY_SIZE)


@asynccontextmanager
async def read_only(newsdesk: Newsdesk) -> AsyncIterator[None]:
    """Until the block ends nothing can be written, as on a disk that a system has mounted anew after a fault."""
    await lock(newsdesk)
    yield
    await unlock(newsdesk)


async def lock(newsdesk: Newsdesk) -> None:
    await _writers(newsdesk, "query_only", 1)


async def unlock(newsdesk: Newsdesk) -> None:
    await _writers(newsdesk, "query_only", 0)


async def _writers(newsdesk: Newsdesk, pragma: str, value: int) -> None:
    """Set a pragma of both connections that write."""
    database = newsdesk.corpus._database
    assert isinstance(database, SqliteDatabase)
    await sqlite._run(database._writer, f"PRAGMA {pragma} = {value}")
    direct = database._changing

    def change() -> None:
        if direct._connection is None:
            direct._connection = sqlite.connect(database.path, "writer")
        direct._connection.execute(f"PRAGMA {pragma} = {value}").fetchall()

    await direct.between(change)


@contextmanager
def small(folder: Path, kib: int) -> Iterator[Path]:
    """``folder``, a disk of its own with so much room. Skips the test where none can be mounted."""
    folder.mkdir(exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={kib}k", "none", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def grow(folder: Path, kib: int) -> None:
    """Give a `small` disk more room."""
    subprocess.run(["mount", "-o", f"remount,size={kib}k", str(folder)], check=True)


@contextmanager
def sealed(folder: Path) -> Iterator[Path]:
    """``folder``, which nobody can write to, root neither. Skips the test where it cannot be mounted so."""
    _mount("--bind", str(folder), str(folder))
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Use up the disk that ``folder`` is on, to the last byte; returns the file to delete for room."""
    filler = folder / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    return filler


def _mount(*arguments: str) -> None:
    if shutil.which("mount") is None:
        pytest.skip("this system has no mount")
    done = subprocess.run(["mount", *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
