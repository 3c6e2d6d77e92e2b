"""Answers: what the buttons under a card need to work after a restart, under an id short enough for a custom_id."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import OrderedDict
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Text, delete, select

from bot.corpus.database import Database, finish, repeatable
from bot.corpus.dialects import listed
from bot.corpus.fixed import FixedInsert, FixedQuery, Raw
from bot.corpus.schema import answer
from bot.errors import CorpusDamaged, CorpusError

_log = logging.getLogger(__name__)

_INSERT = FixedInsert(answer)
_KNOWN = FixedQuery(select(answer.c.id).where(answer.c.id.in_(listed("ids", Text))))
_ID_BYTES = 9  # 12 characters; 72 bits, so that nobody meets another's answer by guessing


class StoredAnswer(NamedTuple):
    """``user_id`` asked in ``guild`` and was answered with a card of ``kind``; ``payload`` is JSON text."""

    id: str
    guild: int
    user_id: int
    kind: str
    payload: str
    created_at: datetime


_MOST_IN_MEMORY = 200


class Answers:
    """The answers that still have buttons. Methods raise `CorpusError` where the database cannot be read.

    Answers that are saved at the same time go to the disk together: with many questions side by side, waiting for the
    disk once for each would be what limits how many are answered. Where the disk takes none, because it is full, say,
    people are still answered: the last ones are kept in memory until it takes them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, StoredAnswer] = {}
        self._storing = asyncio.Lock()
        self._in_memory: OrderedDict[str, StoredAnswer] = OrderedDict()

    async def save(self, guild: int, user_id: int, kind: str, payload: str, *, now: datetime) -> str:
        """Keep an answer, on the disk if it can be. Its id is 12 letters, digits, hyphens and underscores."""
        new = StoredAnswer(secrets.token_urlsafe(_ID_BYTES), guild, user_id, kind, payload, now)
        self._waiting[new.id] = new
        try:
            async with self._storing:
                if new.id in self._waiting:  # else whoever had the turn before has stored it too
                    await finish(self._store(new))
        except CorpusDamaged:
            raise
        except CorpusError as error:
            _log.warning("answers are kept in memory for now: %s", error)
            self._in_memory[new.id] = new
            if len(self._in_memory) > _MOST_IN_MEMORY:
                self._in_memory.popitem(last=False)
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
            await self._insert_missing([own])
            some = [own]
        for one in some:
            self._waiting.pop(one.id, None)
        kept = list(self._in_memory.values())
        with suppress(CorpusError):
            await self._insert_missing(kept)
            for one in kept:
                self._in_memory.pop(one.id, None)

    async def _insert(self, some: list[StoredAnswer]) -> None:
        rows = [one._asdict() for one in some]
        if rows:
            await self._database.change(lambda connection: _INSERT.run(connection, rows))

    async def _insert_missing(self, some: list[StoredAnswer]) -> None:
        """As `_insert`, after a try that failed: a server that was lost meanwhile may have stored some all the same."""

        def insert(connection: Raw) -> None:
            known = {row.id for row in _KNOWN.rows(connection, ids=[one.id for one in some])}
            if rows := [one._asdict() for one in some if one.id not in known]:
                _INSERT.run(connection, rows)

        if some:
            await self._database.change(insert)

    async def load(self, answer_id: str) -> StoredAnswer | None:
        """The answer of that id; None where it was forgotten or never was."""
        if not answer_id.isascii():
            return None
        if kept := self._in_memory.get(answer_id):
            return kept
        async with self._database.read() as begun:
            row = (await begun.execute(select(answer).where(answer.c.id == answer_id))).mappings().one_or_none()
        return None if row is None else StoredAnswer(**row)

    async def forget(self, answer_id: str) -> None:
        """Delete one answer, whose buttons have done what they were for; if not now, then with the old ones."""
        self._in_memory.pop(answer_id, None)
        try:
            await self._delete(answer_id)
        except CorpusDamaged:
            raise
        except CorpusError as error:
            _log.warning("an answer is forgotten later: %s", error)

    @repeatable
    async def _delete(self, answer_id: str) -> None:
        async with self._database.write() as begun:
            await begun.execute(delete(answer).where(answer.c.id == answer_id))

    def forget_unstored(self) -> None:
        """Keep nothing in memory any more: what is deleted of somebody must not come back from there."""
        self._in_memory.clear()

    @repeatable
    async def forget_before(self, when: datetime) -> int:
        """Delete the answers from before ``when``, and return how many there were."""
        async with self._database.write() as begun:
            return (await begun.execute(delete(answer).where(answer.c.created_at < when))).rowcount
