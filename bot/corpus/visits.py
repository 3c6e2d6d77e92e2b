"""Visits: when somebody last asked what came in, for `/catchup`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update

from bot.corpus.database import Database
from bot.corpus.schema import visit


class Visits:
    """Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def last(self, guild: int, user_id: int) -> datetime | None:
        """None where this person never asked in this server."""
        query = select(visit.c.at).where(visit.c.guild == guild, visit.c.user_id == user_id)
        async with self._database.read() as begun:
            return (await begun.execute(query)).scalar_one_or_none()

    async def note(self, guild: int, user_id: int, at: datetime) -> None:
        """Remember a visit."""
        async with self._database.write() as begun:
            here = (visit.c.guild == guild, visit.c.user_id == user_id)
            if (await begun.execute(update(visit).where(*here).values(at=at))).rowcount == 0:
                await begun.execute(insert(visit), {"guild": guild, "user_id": user_id, "at": at})
