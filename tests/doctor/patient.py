"""What the tests of the doctor do to a library, and how they ask what is found."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import namedtuple
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.doctor import Finding, examine
from bot.doctor.round import Means
from bot.settings import Given, read
from tests.clock import Clock

SERVER = 42
NOWHERE = Path("nowhere.env")
Usage = namedtuple("Usage", "total used free")


def execute(path: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql, values)


def damage(path: Path, *, badly: bool = False) -> None:
    """Overwrite a page that an index is in: an entry at its end, or ``badly`` its beginning."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_audit_library_at'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size if badly else page * size - 20)
        file.write(b"\0" * 12)


def swap_tallies(path: Path) -> None:
    """The counts of one article under the other's name, and the other way round."""
    with closing(sqlite3.connect(path)) as connection, connection:
        (one, first), (other, second) = connection.execute(
            "SELECT article_id, counts FROM tally JOIN article ON article.id = article_id"
            " WHERE library = ? ORDER BY article_id LIMIT 2",
            (SERVER,),
        ).fetchall()
        connection.execute("UPDATE tally SET counts = ? WHERE article_id = ?", (second, one))
        connection.execute("UPDATE tally SET counts = ? WHERE article_id = ?", (first, other))


def findings(url: str, now: datetime | None = None) -> list[Finding]:
    """What is found without Discord, without seeds and without backups."""
    given = read(NOWHERE, {"DATABASE_URL": url, "SEEDS_DIR": "", "BACKUP_DIR": ""})
    means = Means(chance=random.Random(1))
    return examined(given, means if now is None else replace(means, now=Clock(now)))


def examined(given: Given, means: Means) -> list[Finding]:
    """All of a round, in an event loop of its own."""

    async def make() -> list[Finding]:
        return [finding async for finding in examine(given, means)]

    return asyncio.run(make())


def about(what: str, url: str, now: datetime | None = None) -> Finding:
    """The only finding about ``what``."""
    (found,) = [one for one in findings(url, now) if one.about == what]
    return found


def faults(url: str) -> dict[str, str]:
    return {one.about: one.said for one in findings(url) if one.state == "fault"}


def overwrite(path: Path, seed: int) -> None:
    """Put a hundred bytes by chance into the file, behind its first page."""
    chance = random.Random(seed)
    with path.open("r+b") as file:
        for _ in range(100):
            file.seek(chance.randrange(4096, path.stat().st_size))
            file.write(chance.randbytes(1))
