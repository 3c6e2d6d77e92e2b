"""Schedules: which channel gets a digest, on which days, at what local time. Each server numbers its own."""

from __future__ import annotations

import builtins
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import RowMapping, Select, func, select, type_coerce, update

from bot.corpus.audit import record
from bot.corpus.database import Database, Transaction, repeatable
from bot.corpus.dialects import TEXT
from bot.corpus.fixed import FixedQuery
from bot.corpus.parts import in_batches
from bot.corpus.schema import delivery, schedule
from bot.corpus.visibility import stayed

_AT_ONCE: Final = 250
_WHEN: Final = frozenset({"at", "zone", "days"})


class Quiet(StrEnum):
    """What a schedule does when there is nothing to tell."""

    SAY_SO = "say so"
    FROM_THE_ARCHIVE = "from the archive"
    STAY_SILENT = "stay silent"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A digest for ``channel_id`` at ``at`` ("HH:MM") in ``zone`` (an IANA name) on ``days``, over ``period``.

    ``days`` are of the week, Monday is 0. ``number`` counts up in its server and is never used twice. What was due
    before ``since`` is not owed. ``disabled_reason`` says why nothing is posted any more.
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
    since: datetime
    days: frozenset[int] = frozenset(range(7))
    topic: str | None = None
    quiet: Quiet = Quiet.SAY_SO
    paused_at: datetime | None = None
    disabled_reason: str | None = None

    @property
    def is_live(self) -> bool:
        """Whether it posts: neither paused by a person nor stopped for a reason."""
        return self.paused_at is None and self.disabled_reason is None


class Clockwork(NamedTuple):
    """A schedule as far as the clock needs it: ``when`` is another text once it falls due at other times."""

    id: int
    guild: int
    when: str


class Schedules:
    """The schedules of every server. Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @repeatable
    async def add(
        self,
        guild: int,
        *,
        channel_id: int,
        at: str,
        zone: str,
        period: str,
        days: frozenset[int] = frozenset(range(7)),
        topic: str | None = None,
        quiet: Quiet = Quiet.SAY_SO,
        created_by: int | None,
        now: datetime,
    ) -> Schedule:
        """Store a schedule under the next number of its server."""
        values: dict[str, Any] = {
            "guild": guild,
            "channel_id": channel_id,
            "at": at,
            "zone": zone,
            "period": period,
            "days": days,
            "topic": topic,
            "quiet": quiet,
            "created_by": created_by,
            "created_at": now.astimezone(UTC),
            "since": now.astimezone(UTC),
        }
        async with self._database.write() as begun:
            # Removed schedules keep their row, so the highest number ever given is always there to be seen.
            highest = select(func.coalesce(func.max(schedule.c.number), 0)).where(schedule.c.guild == guild)
            number = (await begun.execute(highest)).scalar_one() + 1
            schedule_id = await begun.insert(schedule, {**_columns(values), "number": number})
            await record(begun, guild, "schedule added", str(number), who=created_by, at=now)
            return Schedule(id=schedule_id, number=number, **values)

    async def list(self, guild: int) -> builtins.list[Schedule]:
        """The schedules of one server, by number."""
        return await self._schedules(_kept().where(schedule.c.guild == guild).order_by(schedule.c.number))

    async def all(self) -> builtins.list[Schedule]:
        """The schedules of every server that the bot is in, those that post nothing too: for the clock."""
        return await self._schedules(_kept().where(stayed(schedule.c.guild)).order_by(schedule.c.id))

    async def live(self) -> builtins.list[Clockwork]:
        """Those that post, of every server that the bot is in: for whoever asks again and again, of ten thousand."""
        rows = await self._database.look(_LIVE.rows)
        return builtins.list(map(Clockwork._make, rows))

    async def get(self, ids: Collection[int]) -> dict[int, Schedule]:
        """The schedules of these row ids that `all` gives, too."""
        found: dict[int, Schedule] = {}
        for some in in_batches(ids, _AT_ONCE):
            of_them = _kept().where(schedule.c.id.in_(some), stayed(schedule.c.guild))
            found |= {one.id: one for one in await self._schedules(of_them)}
        return found

    @repeatable
    async def change(
        self, guild: int, number: int, changes: dict[str, Any], *, by: int | None, now: datetime
    ) -> Schedule | None:
        """Give a schedule other settings (fields of `Schedule` by name); None where the server has none of that number.

        Another time, zone or other days count from now on: what they would have made due today is not owed. With
        another channel, what is ready goes there, and what had stopped the schedule is forgotten.
        """
        async with self._database.write() as begun:
            found = await _find(begun, guild, number)
            if found is None:
                return None
            values = _columns(changes)
            if any(name in _WHEN and changes[name] != getattr(found, name) for name in changes):
                values["since"] = now
            if "channel_id" in changes:
                values["disabled_reason"] = None
                await _move_ready(begun, found.id, changes["channel_id"])
            await begun.execute(update(schedule).where(schedule.c.id == found.id).values(values))
            await record(begun, guild, "schedule changed", str(number), who=by, at=now)
            return await _find(begun, guild, number)

    @repeatable
    async def pause(self, guild: int, number: int, *, by: int | None, now: datetime) -> Schedule | None:
        """Post nothing until `resume`; what was ready is skipped. None where the server has none of that number."""
        async with self._database.write() as begun:
            found = await _find(begun, guild, number)
            if found is not None and found.paused_at is None:
                await begun.execute(update(schedule).where(schedule.c.id == found.id).values(paused_at=now))
                await _skip_ready(begun, found.id, "the schedule was paused", now)
                await record(begun, guild, "schedule paused", str(number), who=by, at=now)
            return await _find(begun, guild, number)

    @repeatable
    async def resume(self, guild: int, number: int, *, by: int | None, now: datetime) -> Schedule | None:
        """Post again, from the next time on, whatever it was that stopped it. None where there is none."""
        async with self._database.write() as begun:
            found = await _find(begun, guild, number)
            if found is not None and not found.is_live:
                again = {"paused_at": None, "disabled_reason": None, "since": now}
                await begun.execute(update(schedule).where(schedule.c.id == found.id).values(again))
                await record(begun, guild, "schedule resumed", str(number), who=by, at=now)
            return await _find(begun, guild, number)

    @repeatable
    async def remove(
        self, guild: int, number: int, *, by: int | None = None, now: datetime | None = None
    ) -> Schedule | None:
        """Remove a schedule and return it; None where the server has none of that number.

        What was ready to be posted for it is skipped, with that reason.
        """
        now = now or datetime.now(UTC)
        async with self._database.write() as begun:
            removed = await _find(begun, guild, number)
            if removed is None:
                return None
            await begun.execute(update(schedule).where(schedule.c.id == removed.id).values(deleted_at=now))
            await _skip_ready(begun, removed.id, "the schedule was removed", now)
            await record(begun, guild, "schedule removed", str(number), who=by, at=now)
            return removed

    @repeatable
    async def disable(
        self, schedule_id: int, reason: str, *, refused: int | None = None, now: datetime | None = None
    ) -> None:
        """Stop a schedule for ``reason``, which `list` shows; what was ready to be posted for it is skipped.

        ``refused`` is the delivery that found it out: it has failed.
        """
        now = now or datetime.now(UTC)
        async with self._database.write() as begun:
            if refused is not None:
                failed = {"state": "failed", "reason": reason, "finished_at": now}
                sending = (delivery.c.id == refused, delivery.c.state == "sending")
                await begun.execute(update(delivery).where(*sending).values(failed))
            row = (await begun.execute(_kept().where(schedule.c.id == schedule_id))).one_or_none()
            if row is None:
                return
            await begun.execute(update(schedule).where(schedule.c.id == schedule_id).values(disabled_reason=reason))
            await _skip_ready(begun, schedule_id, reason, now)
            await record(begun, row.guild, "schedule disabled", str(row.number), who=None, at=now)

    async def _schedules(self, query: Select[Any]) -> builtins.list[Schedule]:
        async with self._database.read() as begun:
            return [_schedule(row) for row in (await begun.execute(query)).mappings()]


_LIVE: Final = FixedQuery(
    select(
        schedule.c.id,
        schedule.c.guild,
        (schedule.c.at + schedule.c.days + type_coerce(schedule.c.since, TEXT) + schedule.c.zone).label("when"),
    )
    .where(schedule.c.deleted_at.is_(None), schedule.c.paused_at.is_(None), schedule.c.disabled_reason.is_(None))
    .where(stayed(schedule.c.guild))
    .order_by(schedule.c.id)
)


def _kept() -> Select[Any]:
    columns = [column for column in schedule.c if column is not schedule.c.deleted_at]
    return select(*columns).where(schedule.c.deleted_at.is_(None))


async def _find(begun: Transaction, guild: int, number: int) -> Schedule | None:
    found = _kept().where(schedule.c.guild == guild, schedule.c.number == number)
    row = (await begun.execute(found)).mappings().one_or_none()
    return _schedule(row) if row is not None else None


def _schedule(row: RowMapping) -> Schedule:
    return Schedule(**{**row, "days": frozenset(map(int, row["days"])), "quiet": Quiet(row["quiet"])})


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    """The same values as they are stored."""
    stored = dict(values)
    if "days" in stored:
        stored["days"] = "".join(map(str, sorted(stored["days"])))
    if "quiet" in stored:
        stored["quiet"] = str(stored["quiet"])
    return stored


async def _move_ready(begun: Transaction, schedule_id: int, channel_id: int) -> None:
    """What was not sent yet goes to the new channel; what may have been sent is looked for where it was sent."""
    ready = (delivery.c.schedule_id == schedule_id, delivery.c.state == "ready")
    await begun.execute(update(delivery).where(*ready).values(channel_id=channel_id))


async def _skip_ready(begun: Transaction, schedule_id: int, reason: str, now: datetime) -> None:
    await begun.execute(
        update(delivery)
        .where(delivery.c.schedule_id == schedule_id, delivery.c.state == "ready")
        .values(state="skipped", reason=reason, finished_at=now)
    )
