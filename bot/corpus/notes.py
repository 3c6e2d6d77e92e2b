"""Notes: small facts the program keeps for itself by key, such as the hash of the commands it last synced."""

from __future__ import annotations

from typing import Final

from sqlalchemy import insert, select, update

from bot.corpus.database import Database, Transaction, repeatable
from bot.corpus.schema import note

COMMANDS: Final = "commands of "
"""How the key begins under which the hash of an application's registered commands is kept."""


class Notes:
    """Text by key. Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str) -> str | None:
        """What was noted under ``key``; None where nothing was."""
        async with self._database.read() as begun:
            return await noted(begun, key)

    @repeatable
    async def set(self, key: str, value: str) -> None:
        """Note ``value`` under ``key``, in place of what was noted there."""
        async with self._database.write() as begun:
            await write_down(begun, key, value)

    @repeatable
    async def swap(self, key: str, known: str | None, value: str) -> bool:
        """Note ``value`` where ``known`` is what is noted, None for nothing: True for exactly one caller."""
        async with self._database.write() as begun:
            if await noted(begun, key) != known:
                return False
            await write_down(begun, key, value)
            return True


async def noted(begun: Transaction, key: str) -> str | None:
    """`Notes.get` in a transaction."""
    return (await begun.execute(select(note.c.value).where(note.c.key == key))).scalar_one_or_none()


async def write_down(begun: Transaction, key: str, value: str) -> None:
    """`Notes.set` in a transaction."""
    changed = await begun.execute(update(note).where(note.c.key == key).values(value=value))
    if changed.rowcount == 0:
        await begun.execute(insert(note), {"key": key, "value": value})
