"""Schedules: which channel gets a digest, at what local time. Each is known in its server by a number of its own."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, func, select, update

from bot.corpus.audit import record
from bot.corpus.database import Database, Transaction
from bot.corpus.schema import delivery, schedule


@dataclass(frozen=True, slots=True)
class Schedule:
    """A daily digest for ``channel_id`` at ``at`` ("HH:MM") in ``zone`` (an IANA name), over ``period``.

    ``number`` counts up in its server and is never used twice. ``disabled_reason`` says why nothing is posted any more.
    """

    id: int
    guild: int
    number: int
    channel_id: int
    at: str
    zone: str
    period: str
    created_by: int | None
    created_at: datetime
    disabled_reason: str | None = None


class Schedules:
    """The schedules of every server. Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, guild: int, *, channel_id: int, at: str, zone: str, period: str, created_by: int | None, now: datetime
    ) -> Schedule:
        """Store a schedule under the next number of its server."""
        values: dict[str, Any] = {
            "guild": guild,
            "channel_id": channel_id,
            "at": at,
            "zone": zone,
            "period": period,
            "created_by": created_by,
            "created_at": now.astimezone(UTC),
        }
        async with self._database.write() as begun:
            # Removed schedules keep their row, so the highest number ever given is always there to be seen.
            highest = select(func.coalesce(func.max(schedule.c.number), 0)).where(schedule.c.guild == guild)
            number = (await begun.execute(highest)).scalar_one() + 1
            schedule_id = await begun.insert(schedule, {**values, "number": number})
            await record(begun, guild, "schedule added", str(number), who=created_by, at=now)
            return Schedule(id=schedule_id, number=number, **values)

    async def list(self, guild: int) -> builtins.list[Schedule]:
        """The schedules of one server, by number."""
        return await self._schedules(_live().where(schedule.c.guild == guild).order_by(schedule.c.number))

    async def all(self) -> builtins.list[Schedule]:
        """The schedules of every server, the disabled ones too: for the clock, not for a person."""
        return await self._schedules(_live().order_by(schedule.c.id))

    async def remove(
        self, guild: int, number: int, *, by: int | None = None, now: datetime | None = None
    ) -> Schedule | None:
        """Remove a schedule and return it; None where the server has none of that number.

        What was ready to be posted for it is skipped, with that reason.
        """
        now = now or datetime.now(UTC)
        async with self._database.write() as begun:
            found = _live().where(schedule.c.guild == guild, schedule.c.number == number)
            row = (await begun.execute(found)).mappings().one_or_none()
            if row is None:
                return None
            removed = Schedule(**row)
            await begun.execute(update(schedule).where(schedule.c.id == removed.id).values(deleted_at=now))
            await _skip_ready(begun, removed.id, "the schedule was removed", now)
            await record(begun, guild, "schedule removed", str(number), who=by, at=now)
            return removed

    async def disable(self, schedule_id: int, reason: str, *, now: datetime | None = None) -> None:
        """Stop a schedule for ``reason``, which `list` shows; what was ready to be posted for it is skipped."""
        now = now or datetime.now(UTC)
        async with self._database.write() as begun:
            row = (await begun.execute(_live().where(schedule.c.id == schedule_id))).one_or_none()
            if row is None:
                return
            await begun.execute(update(schedule).where(schedule.c.id == schedule_id).values(disabled_reason=reason))
            await _skip_ready(begun, schedule_id, reason, now)
            await record(begun, row.guild, "schedule disabled", str(row.number), who=None, at=now)

    async def _schedules(self, query: Select[Any]) -> builtins.list[Schedule]:
        async with self._database.read() as begun:
            return [Schedule(**row) for row in (await begun.execute(query)).mappings()]


def _live() -> Select[Any]:
    columns = [column for column in schedule.c if column is not schedule.c.deleted_at]
    return select(*columns).where(schedule.c.deleted_at.is_(None))


async def _skip_ready(begun: Transaction, schedule_id: int, reason: str, now: datetime) -> None:
    await begun.execute(
        update(delivery)
        .where(delivery.c.schedule_id == schedule_id, delivery.c.state == "ready")
        .values(state="skipped", reason=reason, finished_at=now)
    )
