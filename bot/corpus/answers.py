"""Answers: what the buttons under a card need to work after a restart, under an id short enough for a custom_id."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, select

from bot.corpus.database import Database, finish
from bot.corpus.fixed import FixedInsert
from bot.corpus.schema import answer

_INSERT = FixedInsert(answer)
_ID_BYTES = 9  # 12 characters; 72 bits, so that nobody meets another's answer by guessing


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """``user_id`` asked in ``guild`` and was answered with a card of ``kind``; ``payload`` is JSON text."""

    id: str
    guild: int
    user_id: int
    kind: str
    payload: str
    created_at: datetime


class Answers:
    """The answers that still have buttons. Methods raise `CorpusError` where the database cannot be used.

    Answers that are saved at the same time go to the disk together: with many questions side by side, waiting for the
    disk once for each would be what limits how many are answered.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, StoredAnswer] = {}
        self._storing = asyncio.Lock()

    async def save(self, guild: int, user_id: int, kind: str, payload: str, *, now: datetime) -> str:
        """Keep an answer, on the disk once this returns. Its id is 12 letters, digits, hyphens and underscores."""
        new = StoredAnswer(secrets.token_urlsafe(_ID_BYTES), guild, user_id, kind, payload, now)
        self._waiting[new.id] = new
        try:
            async with self._storing:
                if new.id in self._waiting:  # else whoever had the turn before has stored it too
                    await finish(self._store(new))
        finally:
            self._waiting.pop(new.id, None)
        return new.id

    async def _store(self, own: StoredAnswer) -> None:
        """Store all that wait. Where that fails it is for each to store its own."""
        some = list(self._waiting.values())
        try:
            await self._insert(some)
        except Exception:
            if len(some) == 1:
                raise
            await self._insert([own])
            some = [own]
        for one in some:
            self._waiting.pop(one.id, None)

    async def _insert(self, some: list[StoredAnswer]) -> None:
        rows = [asdict(one) for one in some]
        await self._database.change(lambda connection: _INSERT.run(connection, rows))

    async def load(self, answer_id: str) -> StoredAnswer | None:
        """The answer of that id; None where it was forgotten or never was."""
        if not answer_id.isascii():
            return None
        async with self._database.read() as begun:
            row = (await begun.execute(select(answer).where(answer.c.id == answer_id))).mappings().one_or_none()
        return None if row is None else StoredAnswer(**row)

    async def forget(self, answer_id: str) -> None:
        """Delete one answer, whose buttons have done what they were for."""
        async with self._database.write() as begun:
            await begun.execute(delete(answer).where(answer.c.id == answer_id))

    async def forget_before(self, when: datetime) -> int:
        """Delete the answers from before ``when``, and return how many there were."""
        async with self._database.write() as begun:
            return (await begun.execute(delete(answer).where(answer.c.created_at < when))).rowcount
