"""Watches: what somebody wants to be told of when it comes in. Each person of a server numbers their own.

Stored as typed, and read as a `bot.search.query.Query` by `bot.desks.watching`. What a watch found is in `notices`.
"""

from __future__ import annotations

import builtins
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, delete, distinct, func, select, update

from bot.corpus.database import Database, Transaction, repeatable
from bot.corpus.parts import in_batches
from bot.corpus.schema import notice, watch
from bot.corpus.visibility import stayed
from bot.errors import Refused

MOST_OF_ONE: Final = 25
MOST_OF_A_SERVER: Final = 1_000


@dataclass(frozen=True, slots=True)
class Watch:
    """``user_id`` is told in ``channel_id`` (None: in private) of what comes into ``guild`` and matches ``query``.

    ``speaker`` and ``source`` are limits as typed. ``disabled_reason`` says why nothing is told any more.
    """

    id: int
    guild: int
    user_id: int
    number: int
    query: str
    speaker: str | None
    source: str | None
    channel_id: int | None
    created_at: datetime
    paused_at: datetime | None = None
    disabled_reason: str | None = None

    @property
    def is_live(self) -> bool:
        """Whether it tells: neither paused by a person nor stopped for a reason."""
        return self.paused_at is None and self.disabled_reason is None


class Amount(NamedTuple):
    """How many watches there are, and of how many people."""

    watches: int
    people: int


class Watches:
    """The watches of every server. Methods raise `CorpusError` where the database cannot be used.

    ``version`` grows with every change made here: whoever keeps watches in memory compares it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.version = 0

    @repeatable
    async def add(
        self,
        guild: int,
        user_id: int,
        *,
        query: str,
        speaker: str | None,
        source: str | None,
        channel_id: int | None,
        now: datetime,
    ) -> Watch:
        """Store a watch under the next number of its owner. Raises `Refused` where there are too many, or this one."""
        asked = {"query": query, "speaker": speaker, "source": source, "channel_id": channel_id}
        async with self._database.write() as begun:
            own = await _watches(begun, *_of(guild, user_id))
            await _must_have_room(begun, guild, own)
            same = next((one for one in own if all(getattr(one, name) == asked[name] for name in asked)), None)
            if same is not None:
                raise Refused(f"That is what you watch already, as number {same.number}: /watch list shows it.")
            number = max((one.number for one in own), default=0) + 1
            values: dict[str, Any] = {**asked, "guild": guild, "user_id": user_id, "number": number}
            values["created_at"] = now.astimezone(UTC)
            self.version += 1
            return Watch(id=await begun.insert(watch, values), **values)

    async def list(self, guild: int, user_id: int) -> builtins.list[Watch]:
        """What one person watches in one server, by number."""
        async with self._database.read() as begun:
            return await _watches(begun, *_of(guild, user_id))

    async def amount(self, guild: int) -> Amount:
        """How many watches a server has, and of how many people."""
        watches, people = func.count().label("watches"), func.count(distinct(watch.c.user_id)).label("people")
        async with self._database.read() as begun:
            row = (await begun.execute(select(watches, people).where(watch.c.guild == guild))).one()
        return Amount(row.watches, row.people)

    async def live(self, guild: int) -> builtins.list[Watch]:
        """All that is watched in one server now."""
        async with self._database.read() as begun:
            return await _watches(begun, watch.c.guild == guild, *_LIVE)

    async def live_guilds(self) -> builtins.list[int]:
        """The servers in which anything is watched now."""
        async with self._database.read() as begun:
            return list((await begun.execute(select(watch.c.guild).where(*_LIVE).distinct())).scalars())

    async def pause(self, guild: int, user_id: int, number: int, *, now: datetime) -> Watch | None:
        """Tell nothing of it until `resume`, nor what waits to be told. None where there is none of that number."""
        return await self._change(guild, user_id, number, {"paused_at": now}, forget=True)

    async def resume(self, guild: int, user_id: int, number: int) -> Watch | None:
        """Tell again, of what comes in from now on, whatever it was that stopped it. None where there is none."""
        return await self._change(guild, user_id, number, {"paused_at": None, "disabled_reason": None})

    @repeatable
    async def remove(self, guild: int, user_id: int, number: int) -> Watch | None:
        """Remove a watch with all that it found, and return it. None where there is none."""
        async with self._database.write() as begun:
            found = await _watches(begun, *_of(guild, user_id), watch.c.number == number)
            await begun.execute(delete(watch).where(watch.c.id.in_([one.id for one in found])))
            self.version += 1
            return found[0] if found else None

    async def stop_in(self, channel_id: int, reason: str) -> None:
        """Stop what is told in a channel, for ``reason``, which owners read in the list; what waits is not told."""
        await self._stop(reason, watch.c.channel_id == channel_id)

    async def stop_private(self, user_id: int, reason: str) -> None:
        """The same for what is told to a person in private, of whichever server."""
        await self._stop(reason, watch.c.user_id == user_id, watch.c.channel_id.is_(None))

    async def stop_all_of(self, guild: int, user_id: int, reason: str) -> None:
        """The same for all that a person watches in a server."""
        await self._stop(reason, *_of(guild, user_id))

    @repeatable
    async def _stop(self, reason: str, *where: ColumnElement[bool]) -> None:
        async with self._database.write() as begun:
            ids = [one.id for one in await _watches(begun, *where, watch.c.disabled_reason.is_(None))]
            for some in in_batches(ids):
                await begun.execute(update(watch).where(watch.c.id.in_(some)).values(disabled_reason=reason))
                await _forget_waiting(begun, some)
            self.version += 1

    @repeatable
    async def _change(
        self, guild: int, user_id: int, number: int, values: dict[str, Any], *, forget: bool = False
    ) -> Watch | None:
        async with self._database.write() as begun:
            here = (*_of(guild, user_id), watch.c.number == number)
            await begun.execute(update(watch).where(*here).values(values))
            found = await _watches(begun, *here)
            if forget:
                await _forget_waiting(begun, [one.id for one in found])
            self.version += 1
            return found[0] if found else None


_LIVE: Final = (watch.c.paused_at.is_(None), watch.c.disabled_reason.is_(None), stayed(watch.c.guild))


def _of(guild: int, user_id: int) -> tuple[ColumnElement[bool], ...]:
    return watch.c.guild == guild, watch.c.user_id == user_id


async def _watches(begun: Transaction, *where: ColumnElement[bool]) -> list[Watch]:
    query: Select[Any] = select(watch).where(*where).order_by(watch.c.number, watch.c.id)
    return [Watch(**row) for row in (await begun.execute(query)).mappings()]


async def _must_have_room(begun: Transaction, guild: int, own: Collection[Watch]) -> None:
    if len(own) >= MOST_OF_ONE:
        raise Refused(f"You have {MOST_OF_ONE} watches here already: remove one with /watch remove first.")
    held = (await begun.execute(select(func.count()).where(watch.c.guild == guild))).scalar_one()
    if held >= MOST_OF_A_SERVER:
        raise Refused(f"This server has {MOST_OF_A_SERVER:,} watches already: one has to be removed first.")


async def _forget_waiting(begun: Transaction, ids: Collection[int]) -> None:
    waiting = (notice.c.watch_id.in_(ids), notice.c.claimed_at.is_(None))
    await begun.execute(delete(notice).where(*waiting))
