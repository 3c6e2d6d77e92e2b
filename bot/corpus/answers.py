"""Answers: what the buttons under a card need to work after a restart, under an id short enough for a custom_id."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from bot.corpus.database import Database
from bot.corpus.schema import answer

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
    """The answers that still have buttons. Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, guild: int, user_id: int, kind: str, payload: str, *, now: datetime) -> str:
        """Keep an answer and return its id: 12 letters, digits, hyphens and underscores."""
        answer_id = secrets.token_urlsafe(_ID_BYTES)
        values = {"guild": guild, "user_id": user_id, "kind": kind, "payload": payload, "created_at": now}
        async with self._database.write() as begun:
            await begun.execute(insert(answer), {"id": answer_id, **values})
        return answer_id

    async def load(self, answer_id: str) -> StoredAnswer | None:
        """The answer of that id; None where it was forgotten or never was."""
        if not answer_id.isascii():
            return None
        async with self._database.read() as begun:
            row = (await begun.execute(select(answer).where(answer.c.id == answer_id))).mappings().one_or_none()
        return None if row is None else StoredAnswer(**row)

    async def forget_before(self, when: datetime) -> int:
        """Delete the answers from before ``when``, and return how many there were."""
        async with self._database.write() as begun:
            return (await begun.execute(delete(answer).where(answer.c.created_at < when))).rowcount
