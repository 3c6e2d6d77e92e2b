"""Deliveries: what keeps a digest from being posted twice or lost. One row per schedule, local date and part.

    plan -> ready -> claim -> sending -> sent | failed | uncertain
              └-> skipped               (sending -> ready where the request is known not to have left)

The payload is frozen in the row when it is planned, and `claim` is on the disk before anything is sent: whoever finds a
`sending` row later knows exactly what may have been posted, and under which nonce.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from sqlalchemy import RowMapping, Select, exists, insert, select, update

from bot.corpus.database import Database
from bot.corpus.schema import delivery, schedule


class DeliveryState(StrEnum):
    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


FINAL = (DeliveryState.SENT, DeliveryState.SKIPPED, DeliveryState.FAILED)
"""States that nothing leaves. An uncertain delivery may still be found to have been posted."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that a schedule owes its channel for a local date. ``nonce`` is for Discord: at most 25 characters."""

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


class Deliveries:
    """The deliveries of every schedule. Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, schedule_id: int, local_date: date, part: int, payload: str, *, now: datetime) -> Delivery:
        """Freeze what is to be posted. Where it was planned before, that row is returned as it is."""
        row_key = (
            delivery.c.schedule_id == schedule_id,
            delivery.c.local_date == local_date.isoformat(),
            delivery.c.part == part,
        )
        values = {
            "schedule_id": schedule_id,
            "local_date": local_date.isoformat(),
            "part": part,
            "state": DeliveryState.READY.value,
            "payload": payload,
            "nonce": _nonce(schedule_id, local_date, part, now),
            "planned_at": now,
        }
        async with self._database.write() as begun:
            planned = (await begun.execute(select(delivery).where(*row_key))).mappings().one_or_none()
            if planned is None:
                await begun.execute(insert(delivery), values)
                planned = (await begun.execute(select(delivery).where(*row_key))).mappings().one()
            return _delivery(planned)

    async def claim(self, delivery_id: int, *, now: datetime) -> bool:
        """Take a ready delivery to send it: True for exactly one caller, and on the disk before that caller knows.

        Never True once the schedule was removed or disabled.
        """
        posting = exists().where(
            schedule.c.id == delivery.c.schedule_id,
            schedule.c.deleted_at.is_(None),
            schedule.c.disabled_reason.is_(None),
        )
        taken = (
            update(delivery)
            .where(delivery.c.id == delivery_id, delivery.c.state == DeliveryState.READY.value, posting)
            .values(state=DeliveryState.SENDING.value, claimed_at=now)
        )
        async with self._database.write() as begun:
            return (await begun.execute(taken)).rowcount == 1

    async def mark(
        self,
        delivery_id: int,
        state: DeliveryState,
        *,
        now: datetime,
        reason: str | None = None,
        message_id: int | None = None,
    ) -> bool:
        """Say what became of a delivery. False, and nothing changed, where that is settled already (see `FINAL`)."""
        ended = state not in (DeliveryState.READY, DeliveryState.SENDING)
        changed: dict[str, Any] = {"state": state.value, "reason": reason, "finished_at": now if ended else None}
        if message_id is not None:
            changed["message_id"] = message_id
        if state is DeliveryState.SENDING:
            changed["claimed_at"] = now
        unsettled = delivery.c.state.not_in([final.value for final in FINAL])
        async with self._database.write() as begun:
            result = await begun.execute(
                update(delivery).where(delivery.c.id == delivery_id, unsettled).values(changed)
            )
            return result.rowcount == 1

    async def of_day(self, schedule_id: int, local_date: date) -> list[Delivery]:
        """The parts planned for a schedule's local date, in order."""
        of_that_day = (delivery.c.schedule_id == schedule_id, delivery.c.local_date == local_date.isoformat())
        return await self._deliveries(select(delivery).where(*of_that_day).order_by(delivery.c.part))

    async def last(self, schedule_id: int) -> Delivery | None:
        """The last part of the latest local date that was planned for a schedule."""
        latest = (delivery.c.local_date.desc(), delivery.c.part.desc())
        found = select(delivery).where(delivery.c.schedule_id == schedule_id).order_by(*latest).limit(1)
        return next(iter(await self._deliveries(found)), None)

    async def unfinished(self) -> list[Delivery]:
        """Every delivery that is ready or may be under way, in the order they were planned."""
        states = [DeliveryState.READY.value, DeliveryState.SENDING.value]
        return await self._deliveries(select(delivery).where(delivery.c.state.in_(states)).order_by(delivery.c.id))

    async def _deliveries(self, query: Select[Any]) -> list[Delivery]:
        async with self._database.read() as begun:
            return [_delivery(row) for row in (await begun.execute(query)).mappings()]


def _nonce(schedule_id: int, local_date: date, part: int, planned_at: datetime) -> str:
    """22 characters that no other delivery has, also after the database was begun anew: the time is part of it."""
    key = f"{schedule_id}|{local_date.isoformat()}|{part}|{planned_at.astimezone(UTC).isoformat()}"
    return "nd" + blake2b(key.encode(), digest_size=10).hexdigest()


def _delivery(row: RowMapping) -> Delivery:
    parsed = {"state": DeliveryState(row["state"]), "local_date": date.fromisoformat(row["local_date"])}
    return Delivery(**{**row, **parsed})
