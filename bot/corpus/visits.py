"""Visits: when somebody last asked what came in, for `/catchup`."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, insert, select, update

from bot.corpus.database import Database, repeatable
from bot.corpus.schema import article, visit


class Visit(NamedTuple):
    """``article_id`` is the row id of the newest article there was: what came in later has a higher one, whenever its
    adding began."""

    at: datetime
    article_id: int


class Visits:
    """Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def last(self, guild: int, user_id: int) -> Visit | None:
        """None where this person never asked in this server."""
        query = select(visit.c.at, visit.c.article_id).where(visit.c.guild == guild, visit.c.user_id == user_id)
        async with self._database.read() as begun:
            row = (await begun.execute(query)).one_or_none()
        return None if row is None else Visit(row.at, row.article_id)

    async def begin(self, at: datetime) -> Visit:
        """A visit now, to be kept by `note` once its answer is made: what comes in meanwhile is told next time too."""
        async with self._database.read() as begun:
            newest = (await begun.execute(select(func.coalesce(func.max(article.c.id), 0)))).scalar_one()
            newest = await begun.settled(newest)
        return Visit(at, newest)

    @repeatable
    async def note(self, guild: int, user_id: int, made: Visit) -> None:
        """Remember a visit."""
        async with self._database.write() as begun:
            here = (visit.c.guild == guild, visit.c.user_id == user_id)
            if (await begun.execute(update(visit).where(*here).values(made._asdict()))).rowcount == 0:
                await begun.execute(insert(visit), {"guild": guild, "user_id": user_id, **made._asdict()})
