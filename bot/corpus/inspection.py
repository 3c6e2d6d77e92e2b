"""What `newsdesk doctor` looks into: a file's lock and pragmas, or the server; schema, texts, the newest instant."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Row, func, select

from bot.corpus import lock, sqlite
from bot.corpus.database import Database
from bot.corpus.dialects import as_bytes
from bot.corpus.fingerprints import is_as_stored
from bot.corpus.migrate import MIGRATIONS, is_newest
from bot.corpus.postgresql_database import PostgresqlDatabase, Server
from bot.corpus.schema import UtcText, article, audit, delivery

_TEXTS_AT_ONCE = 20  # in memory at a time, of 5 MB each at most
_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Texts:
    """How many texts were read, how many of them are not what was stored, and (library, number) of the first few."""

    read: int
    altered: int
    named: tuple[tuple[int, int], ...]


class Inspection:
    """Methods change nothing, and raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def path(self) -> Path:
        """The database file."""
        return self._database.path

    async def schema(self) -> tuple[str | None, bool]:
        """The database's revision, None where it is missing or empty, and whether it is this code's.

        Raises `CorpusTooNew` too.
        """
        stored = await self._database.stored_revision()
        return stored, await is_newest(stored, MIGRATIONS, self.path.name)

    async def server(self) -> Server | None:
        """As `PostgresqlDatabase.server`; None for a file."""
        return await self._database.server() if isinstance(self._database, PostgresqlDatabase) else None

    async def has_bot(self) -> bool:
        """Whether a bot runs on the file."""
        return await asyncio.to_thread(lock.is_held, self.path)

    async def pragmas(self) -> dict[str, tuple[str | int, str | int | None]]:
        """As `sqlite.pragmas`."""
        return await asyncio.to_thread(sqlite.pragmas, self.path)

    async def last_written(self) -> datetime | None:
        """The newest instant at which something was added, done or planned; None in an empty database."""
        instants = [func.max(column, type_=UtcText()) for column in (audit.c.at, article.c.added_at)]
        instants.append(func.max(delivery.c.planned_at, type_=UtcText()))
        async with self._database.read() as begun:
            found = [(await begun.execute(select(one))).scalar_one() for one in instants]
        return max((one for one in found if one is not None), default=None)

    async def texts(self, watch: Callable[[int, int], None]) -> Texts:
        """Compare every text with the fingerprint that was stored with it, removed ones and earlier ones too.

        ``watch`` is told how many of how many are read. Nothing is kept open meanwhile: a bot beside it can go on
        folding its log.
        """
        async with self._database.read() as begun:
            total = (await begun.execute(select(func.count()).select_from(article))).scalar_one()
        read, last = 0, 0
        altered: list[tuple[int, int]] = []
        while rows := await self._next_texts(last):
            last = rows[-1].id
            altered += await asyncio.to_thread(_altered, rows)
            read += len(rows)
            watch(read, max(read, total))
        watch(total, total)
        return Texts(read, len(altered), tuple(altered[:_MOST_NAMED]))

    async def _next_texts(self, after: int) -> Sequence[Row[Any]]:
        # As bytes, so that one that is no text any more is one finding and not the end of the reading.
        text = as_bytes(article.c.text).label("bytes")
        columns = (article.c.id, article.c.library, article.c.number, article.c.fingerprint, text)
        query = select(*columns).where(article.c.id > after).order_by(article.c.id).limit(_TEXTS_AT_ONCE)
        async with self._database.read() as begun:
            return (await begun.execute(query)).all()


def _altered(rows: Sequence[Row[Any]]) -> list[tuple[int, int]]:
    return [(row.library, row.number) for row in rows if not is_as_stored(bytes(row.bytes), row.fingerprint)]
