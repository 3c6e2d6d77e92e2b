"""Deliveries: what keeps a digest from being posted twice or lost. One row per schedule, local date and part.

    plan -> ready -> claim -> sending -> sent | failed | uncertain
              └-> skipped               (sending -> ready where the request is known not to have left)

After a restore (`aftermath`) a row may begin as `sending`, for what may have been posted by the library that is gone.
The payload is frozen in the row when it is planned, and `claim` is on the disk before anything is sent: whoever finds a
`sending` row later knows exactly what may have been posted, and under which nonce. A claim names its process: what a
living one has claimed is its own, and what another one left behind is taken over first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, delete, exists, func, insert, or_, select, update

from bot.corpus.aftermath import in_doubt_until
from bot.corpus.database import Database, Transaction, repeatable
from bot.corpus.parts import in_batches
from bot.corpus.schema import delivery, schedule
from bot.corpus.visibility import stayed


class DeliveryState(StrEnum):
    """How far a digest that was due has come: see `bot.discord_app.delivery`."""

    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


UNFINISHED = (DeliveryState.READY, DeliveryState.SENDING)
"""States in which something is still to be done."""
FINAL = (DeliveryState.SENT, DeliveryState.SKIPPED, DeliveryState.FAILED)
"""States that nothing leaves. An uncertain delivery may still be found to have been posted."""

_AT_ONCE = 250
_LATEST = 5_000  # deliveries: so many are read at most to count those of a day, however many years of them there are


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that a schedule owes a channel for a local date, in parts that count from 1.

    ``nonce`` is for Discord, at most 25 characters; it also stands in the message, as its reference.
    """

    id: int
    schedule_id: int
    local_date: date
    part: int
    state: DeliveryState
    payload: str
    reason: str | None
    nonce: str
    message_id: int | None
    planned_at: datetime
    claimed_at: datetime | None
    finished_at: datetime | None
    channel_id: int
    process_id: int | None = None

    @property
    def is_lost(self) -> bool:
        """Whether nothing is known of it but that it may have been posted: see `Deliveries.look_for`."""
        return self.state is DeliveryState.SENDING and not self.payload


@dataclass(frozen=True, slots=True)
class Trouble:
    """A delivery of a server's schedule that a person should know of."""

    guild: int
    number: int
    local_date: date
    state: DeliveryState
    reason: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How digests fare: ``last`` is how the last one came to an end, of the schedules that are there, and when.

    ``planned`` is how many were planned lately by the state they are in: every state is there.
    """

    last: tuple[DeliveryState, datetime] | None
    planned: dict[DeliveryState, int]


class Deliveries:
    """The deliveries of every schedule. Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database, me: int) -> None:
        self._database = database
        self._me = me

    async def plan(
        self, schedule_id: int, local_date: date, payloads: Sequence[str], *, channel_id: int, now: datetime
    ) -> list[Delivery]:
        """Freeze what is to be posted for a date, a part each: all or nothing. What was planned before stays as it is.

        Parts count from 1.
        """
        rows = _ready(schedule_id, local_date, payloads, channel_id, now)
        return await self._plan(schedule_id, local_date, rows)

    @repeatable
    async def skip(
        self, schedule_id: int, dates: Collection[date], reason: str, *, channel_id: int, now: datetime
    ) -> None:
        """Write down that nothing is posted for these dates, and why. What was planned before stays as it is."""
        if not dates:
            return
        row = {
            "schedule_id": schedule_id,
            "part": 1,
            "state": DeliveryState.SKIPPED.value,
            "payload": "",
            "reason": reason,
            "planned_at": now,
            "finished_at": now,
            "channel_id": channel_id,
        }
        wanted = sorted(day.isoformat() for day in dates)
        day = delivery.c.local_date
        known = select(day).where(delivery.c.schedule_id == schedule_id, day >= wanted[0], day <= wanted[-1])
        async with self._database.write() as begun:
            planned = set((await begun.execute(known)).scalars())
            rows = [{**row, "local_date": one} for one in wanted if one not in planned]
            if rows:
                await begun.execute(insert(delivery), await _with_nonces(begun, schedule_id, rows))

    @repeatable
    async def _plan(self, schedule_id: int, local_date: date, rows: list[dict[str, Any]]) -> list[Delivery]:
        of_that_day = select(delivery).where(*_day_of(schedule_id, local_date)).order_by(delivery.c.part)
        async with self._database.write() as begun:
            planned = (await begun.execute(of_that_day)).mappings().all()
            if not planned and rows:
                await begun.execute(insert(delivery), await _with_nonces(begun, schedule_id, rows))
                planned = (await begun.execute(of_that_day)).mappings().all()
            return [_delivery(row) for row in planned]

    async def in_doubt_until(self) -> datetime | None:
        """Until when something may have been posted that no row tells of: see `aftermath`. None: nothing."""
        async with self._database.read() as begun:
            return await in_doubt_until(begun)

    async def look_for(self, schedule_id: int, local_date: date, *, channel_id: int, due: datetime) -> list[Delivery]:
        """Write down that a digest may have been posted by a library that is gone: it `is_lost`, and to be looked for.

        What was planned before stays as it is.
        """
        row = {
            "schedule_id": schedule_id,
            "local_date": local_date.isoformat(),
            "part": 1,
            "state": DeliveryState.SENDING.value,
            "payload": "",
            "planned_at": due,
            "claimed_at": due,
            "channel_id": channel_id,
        }
        return await self._plan(schedule_id, local_date, [row])

    @repeatable
    async def plan_lost(self, lost: Delivery, payloads: Sequence[str], *, now: datetime) -> None:
        """A digest that was looked for surely was not posted: freeze what is to be posted instead, a part each."""
        same = (delivery.c.id == lost.id, delivery.c.state == DeliveryState.SENDING.value, delivery.c.payload == "")
        async with self._database.write() as begun:
            if (await begun.execute(delete(delivery).where(*same))).rowcount:
                rows = _ready(lost.schedule_id, lost.local_date, payloads, lost.channel_id, now)
                await begun.execute(insert(delivery), await _with_nonces(begun, lost.schedule_id, rows))

    @repeatable
    async def void_skips_after(self, now: datetime) -> int:
        """Forget what was skipped at a time that has not come: a wrong clock wrote it. Returns how many."""
        wrong = (delivery.c.state == DeliveryState.SKIPPED.value, delivery.c.planned_at > now)
        async with self._database.read() as begun:
            if (await begun.execute(select(delivery.c.id).where(*wrong).limit(1))).first() is None:
                return 0
        async with self._database.write() as begun:
            return (await begun.execute(delete(delivery).where(*wrong))).rowcount

    @repeatable
    async def claim(self, delivery_id: int, *, now: datetime) -> bool:
        """Take a ready delivery to send it: True for exactly one caller, and on the disk before that caller knows.

        Never True once the schedule was removed, paused or disabled, or the bot removed from the server.
        """
        posting = exists().where(
            schedule.c.id == delivery.c.schedule_id,
            schedule.c.deleted_at.is_(None),
            schedule.c.paused_at.is_(None),
            schedule.c.disabled_reason.is_(None),
            stayed(schedule.c.guild),
        )
        taken = (
            update(delivery)
            .where(delivery.c.id == delivery_id, delivery.c.state == DeliveryState.READY.value, posting)
            .values(state=DeliveryState.SENDING.value, claimed_at=now, process_id=self._me)
        )
        async with self._database.write() as begun:
            return (await begun.execute(taken)).rowcount == 1

    async def take_over(self, left: Delivery) -> Delivery | None:
        """Take what another process, which is gone, has claimed, as it is then; None for all callers but one."""
        taken = await self._claim_again(left, {"process_id": self._me})
        return replace(left, process_id=self._me) if taken else None

    async def reclaim(self, claimed: Delivery, *, now: datetime) -> bool:
        """Take a delivery anew that was sent and is surely not in its channel: True for exactly one caller."""
        return await self._claim_again(claimed, {"process_id": self._me, "claimed_at": now})

    @repeatable
    async def _claim_again(self, claimed: Delivery, values: dict[str, Any]) -> bool:
        """Change a claim, where it is still the one that was seen."""
        same = (
            delivery.c.id == claimed.id,
            delivery.c.state == DeliveryState.SENDING.value,
            delivery.c.claimed_at == claimed.claimed_at,
            delivery.c.process_id.is_not_distinct_from(claimed.process_id),
        )
        async with self._database.write() as begun:
            return (await begun.execute(update(delivery).where(*same).values(values))).rowcount == 1

    @repeatable
    async def mark(
        self,
        delivery_id: int,
        state: DeliveryState,
        *,
        now: datetime,
        reason: str | None = None,
        message_id: int | None = None,
    ) -> bool:
        """Say what became of a delivery. False, and nothing changed, where that is settled already (see `FINAL`).

        Nor where another process has taken it over, but for the one thing that is true whoever says it: it was sent.
        """
        ended = state not in UNFINISHED
        changed: dict[str, Any] = {"state": state.value, "reason": reason, "finished_at": now if ended else None}
        if message_id is not None:
            changed["message_id"] = message_id
        if state is DeliveryState.SENDING:
            changed |= {"claimed_at": now, "process_id": self._me}
        may: list[ColumnElement[bool]] = [delivery.c.state.not_in([final.value for final in FINAL])]
        if state is not DeliveryState.SENT:
            unclaimed = or_(delivery.c.state != DeliveryState.SENDING.value, delivery.c.process_id.is_(None))
            may.append(or_(unclaimed, delivery.c.process_id == self._me))
        async with self._database.write() as begun:
            result = await begun.execute(update(delivery).where(delivery.c.id == delivery_id, *may).values(changed))
            return result.rowcount == 1

    async def of_day(self, schedule_id: int, local_date: date) -> list[Delivery]:
        """The parts planned for a schedule's local date, in order."""
        return await self._deliveries(
            select(delivery).where(*_day_of(schedule_id, local_date)).order_by(delivery.c.part)
        )

    async def last(self, schedule_id: int, *, until: date | None = None) -> Delivery | None:
        """The last part of the latest local date, up to ``until``, that was planned for a schedule."""
        latest = (delivery.c.local_date.desc(), delivery.c.part.desc())
        found = select(delivery).where(delivery.c.schedule_id == schedule_id).order_by(*latest).limit(1)
        if until is not None:
            found = found.where(delivery.c.local_date <= until.isoformat())
        return next(iter(await self._deliveries(found)), None)

    async def planned(self, dates: Mapping[int, date]) -> set[int]:
        """Of these schedules with a local date each, those that have planned something for that date."""
        found: set[int] = set()
        for some in in_batches(dates, _AT_ONCE):
            since = min(dates[one] for one in some).isoformat()
            theirs = (delivery.c.schedule_id.in_(some), delivery.c.local_date >= since)
            async with self._database.read() as begun:
                rows = await begun.execute(select(delivery.c.schedule_id, delivery.c.local_date).where(*theirs))
                found.update(row.schedule_id for row in rows if row.local_date == dates[row.schedule_id].isoformat())
        return found

    async def recent(self, schedule_id: int, states: Collection[DeliveryState], limit: int) -> list[Delivery]:
        """The latest deliveries of a schedule that are in one of ``states``, the newest first."""
        latest = (delivery.c.local_date.desc(), delivery.c.part.desc())
        in_them = delivery.c.state.in_([state.value for state in states])
        found = select(delivery).where(delivery.c.schedule_id == schedule_id, in_them).order_by(*latest).limit(limit)
        return await self._deliveries(found)

    async def posted(self, guild: int, since: datetime, naming: str) -> list[Delivery]:
        """What a server's schedules posted from then on, removed ones too, and whose text holds ``naming``."""
        its = delivery.c.schedule_id.in_(select(schedule.c.id).where(schedule.c.guild == guild))
        sent = (delivery.c.state == DeliveryState.SENT.value, delivery.c.finished_at >= since)
        found = select(delivery).where(its, *sent, delivery.c.payload.contains(naming))
        return await self._deliveries(found.order_by(delivery.c.id))

    async def unfinished(self, wanted: Callable[[int], bool] = lambda _guild: True) -> list[Delivery]:
        """Every delivery that is ready or may be under way, in the order they were planned, of the servers ``wanted``.

        Those to a server that the bot was removed from rest, and are left out.
        """
        query = select(delivery, schedule.c.guild).join(schedule).where(delivery.c.state.in_(UNFINISHED))
        async with self._database.read() as begun:
            rows = (await begun.execute(query.where(stayed(schedule.c.guild)).order_by(delivery.c.id))).mappings().all()
        return [_delivery(row) for row in rows if wanted(row["guild"])]

    async def troubles(self, since: date, claimed_before: datetime) -> list[Trouble]:
        """What failed or is uncertain of local dates from then on, and what has been `sending` since before then.

        In the order they were planned; what a server that the bot was removed from is owed rests, and is left out.
        """
        sending = and_(delivery.c.state == DeliveryState.SENDING.value, delivery.c.claimed_at < claimed_before)
        ended = delivery.c.state.in_([DeliveryState.FAILED.value, DeliveryState.UNCERTAIN.value])
        recent = and_(ended, delivery.c.local_date >= since.isoformat())
        columns = (schedule.c.guild, schedule.c.number, delivery.c.local_date, delivery.c.state, delivery.c.reason)
        query = select(*columns).select_from(delivery).join(schedule).where(or_(sending, recent))
        async with self._database.read() as begun:
            rows = (await begun.execute(query.where(stayed(schedule.c.guild)).order_by(delivery.c.id))).all()
        return [
            Trouble(row.guild, row.number, date.fromisoformat(row.local_date), DeliveryState(row.state), row.reason)
            for row in rows
        ]

    async def standing(self, since: datetime) -> Standing:
        """How digests fare in all servers; ``planned`` counts from ``since`` on, of the last `_LATEST` alone."""
        ended = select(delivery.c.state, delivery.c.finished_at).join(schedule)
        ended = ended.where(delivery.c.finished_at.is_not(None), schedule.c.deleted_at.is_(None))
        latest = select(func.max(delivery.c.id) - _LATEST).scalar_subquery()
        planned = select(delivery.c.state, func.count().label("number")).where(
            delivery.c.id > latest, delivery.c.planned_at >= since
        )
        async with self._database.read() as begun:
            last = (await begun.execute(ended.order_by(delivery.c.id.desc()).limit(1))).one_or_none()
            counted = {row.state: row.number for row in await begun.execute(planned.group_by(delivery.c.state))}
        return Standing(
            (DeliveryState(last.state), last.finished_at) if last else None,
            {state: counted.get(state.value, 0) for state in DeliveryState},
        )

    async def _deliveries(self, query: Select[Any]) -> list[Delivery]:
        async with self._database.read() as begun:
            return [_delivery(row) for row in (await begun.execute(query)).mappings()]


def _ready(
    schedule_id: int, local_date: date, payloads: Sequence[str], channel_id: int, now: datetime
) -> list[dict[str, Any]]:
    """The rows of a digest that is to be posted, without their nonces."""
    return [
        {
            "schedule_id": schedule_id,
            "local_date": local_date.isoformat(),
            "part": part,
            "state": DeliveryState.READY.value,
            "payload": payload,
            "planned_at": now,
            "channel_id": channel_id,
        }
        for part, payload in enumerate(payloads, 1)
    ]


def _day_of(schedule_id: int, local_date: date) -> tuple[ColumnElement[bool], ...]:
    return delivery.c.schedule_id == schedule_id, delivery.c.local_date == local_date.isoformat()


async def _with_nonces(begun: Transaction, schedule_id: int, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    columns = (schedule.c.guild, schedule.c.number, schedule.c.created_at)
    made = (await begun.execute(select(*columns).where(schedule.c.id == schedule_id))).one_or_none()
    # Without its schedule a delivery is refused by the database.
    key = f"{made.guild}|{made.number}|{made.created_at.astimezone(UTC).isoformat()}" if made else ""
    return [{**row, "nonce": _nonce(key, row["local_date"], row["part"])} for row in rows]


def _nonce(schedule_key: str, local_date: str, part: int) -> str:
    """22 characters that this part of this schedule's digest always has, and no other.

    It can be made again after an older state of the database was restored, to look for what was posted since. Row ids
    and numbers are given anew then, to other schedules: so when the schedule was made is part of it.
    """
    return "nd" + blake2b(f"{schedule_key}|{local_date}|{part}".encode(), digest_size=10).hexdigest()


def _delivery(row: RowMapping) -> Delivery:
    stored = {column.name: row[column.name] for column in delivery.columns}
    parsed = {"state": DeliveryState(row["state"]), "local_date": date.fromisoformat(row["local_date"])}
    return Delivery(**{**stored, **parsed})
