"""Processes: which serve this database together, which shards each has, and that it still lives.

    register -> beat, beat, ... -> leave        the others see the beats move, and each judges by its own clock

No clock is compared with another one's: see `bot.desks.ownership`. The row of a process that is gone stays for a while,
for what it says of the articles that its servers' watches have looked at (`notices`): whoever takes them over goes on
from there.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from bot import shards
from bot.corpus.database import Database, repeatable
from bot.corpus.notices import position_of_all
from bot.corpus.schema import process
from bot.shards import ONE_SHARD, Shards


@dataclass(frozen=True, slots=True)
class Process:
    """A process as its row has it: ``beat`` is None once it has left, ``beaten_at`` is by its own clock.

    ``shards`` are none before it is connected: then no server is its own.
    """

    id: int
    shards: Shards
    beat: int | None
    beaten_at: datetime


class Processes:
    """``me`` is the process that opened the database. Methods raise `CorpusError` where it cannot be used."""

    def __init__(self, database: Database, me: int) -> None:
        self._database = database
        self.me = me
        self._beats = 0  # never again one that was seen, also where the row was forgotten meanwhile

    @repeatable
    async def beat(self, shards_: Shards | None, *, now: datetime) -> None:
        """Say that this process lives and has these shards; None: not connected yet. The first beat registers it."""
        having = shards_ or Shards(ONE_SHARD.count, frozenset())
        self._beats += 1
        written = shards.written(having.ids)
        values = {"shard_count": having.count, "shards": written, "beat": self._beats, "beaten_at": now}
        async with self._database.write() as begun:
            beaten = update(process).where(process.c.id == self.me).values(values)
            if (await begun.execute(beaten)).rowcount == 0:
                row = {"id": self.me, "looked_at": await position_of_all(begun), **values}
                await begun.execute(insert(process), row)

    async def all(self) -> list[Process]:
        """Every process that is known, by id; those too that have left or died lately."""
        async with self._database.read() as begun:
            rows = (await begun.execute(select(process).order_by(process.c.id))).all()
        return [
            Process(row.id, Shards(row.shard_count, _ids(row.shards, row.shard_count)), row.beat, row.beaten_at)
            for row in rows
        ]

    @repeatable
    async def leave(self) -> None:
        """This process ends: the others need not wait until they miss its beats."""
        gone = update(process).where(process.c.id == self.me).values(beat=None, shards="")
        async with self._database.write() as begun:
            await begun.execute(gone)

    @repeatable
    async def forget(self, gone: Collection[Process]) -> None:
        """Delete the rows of processes that have not beaten since they were seen so."""
        async with self._database.write() as begun:
            for one in gone:
                same = process.c.beat.is_(None) if one.beat is None else process.c.beat == one.beat
                await begun.execute(delete(process).where(process.c.id == one.id, same))


def _ids(text: str, count: int) -> frozenset[int]:
    return shards.read(text, count) if text else frozenset()
