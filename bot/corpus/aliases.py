"""Names that admins of a server have joined to a person or parted from everybody, where the rules err.

A server's own list counts before the host's, which counts for all.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from bot.corpus.audit import record
from bot.corpus.database import Database, repeatable
from bot.corpus.schema import alias
from bot.corpus.vocabularies import touch
from bot.model import SHARED


class Aliases:
    """Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self, reader: int) -> dict[str, str]:
        """The person of each name on the list; a name that was parted from everybody is its own person."""
        query = select(alias).where(alias.c.library.in_({reader, SHARED})).order_by(alias.c.library != SHARED)
        async with self._database.read() as begun:
            return {row.name: row.person for row in await begun.execute(query)}

    @repeatable
    async def set(self, reader: int, name: str, person: str | None, *, by: int | None, now: datetime) -> None:
        """Say whose name it is; None takes it off the list, so that the rules decide again."""
        async with self._database.write() as begun:
            await touch(begun, reader)
            await begun.execute(delete(alias).where(alias.c.library == reader, alias.c.name == name))
            if person is not None:
                await begun.execute(insert(alias), {"library": reader, "name": name, "person": person})
            what = "name left to the rules" if person is None else "name joined" if person != name else "name parted"
            await record(begun, reader, what, name, who=by, at=now)
