"""How schedules look: a line each in the list, and the status of one with what became of its digests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from discord.utils import format_dt

from bot.corpus import Delivery, DeliveryState, Quiet, Schedule
from bot.corpus.deliveries import UNFINISHED, Deliveries
from bot.discord_app.cards import Card, note
from bot.discord_app.markup import escape_within
from bot.discord_app.planning import SINCE_LAST, timetable
from bot.discord_app.times import written_days
from bot.newsdesk import PERIOD_TITLES, as_period

_SHOWN_POSTED, _SHOWN_FAULTS = 5, 8
_FAULTS: Final = (DeliveryState.SKIPPED, DeliveryState.UNCERTAIN, DeliveryState.FAILED)
_TOPIC_CHARS, _REASON_CHARS = 100, 200


def list_card(schedules: Sequence[Schedule], last: Sequence[Delivery | None], now: datetime) -> Card:
    """Every schedule with its next posting or why there is none, and what went wrong with its ``last`` one, if so."""
    if not schedules:
        return note("No digest is scheduled here. `/schedule set` posts one to a channel by itself.")
    lines = [line(schedule, now) + _fault(was) for schedule, was in zip(schedules, last, strict=True)]
    return note("\n".join(lines), title="Scheduled digests")


def line(schedule: Schedule, now: datetime) -> str:
    """Where, when and what, and below it the next time."""
    what = [
        f"**{schedule.number}.** <#{schedule.channel_id}> {_when(schedule)}",
        _period(schedule),
        f"about “{escape_within(schedule.topic, _TOPIC_CHARS)}”" if schedule.topic else "",
        "" if schedule.quiet is Quiet.SAY_SO else f"quiet days: {schedule.quiet}",
    ]
    return f"{' · '.join(filter(None, what))}\n-# {_next(schedule, now)}"


async def status_card(deliveries: Deliveries, schedule: Schedule, now: datetime) -> Card:
    """The last digests that were posted, what is under way, and what was skipped, refused or is uncertain, and why."""
    posted = await deliveries.recent(schedule.id, [DeliveryState.SENT], _SHOWN_POSTED)
    under_way = await deliveries.recent(schedule.id, UNFINISHED, _SHOWN_FAULTS)
    faults = await deliveries.recent(schedule.id, _FAULTS, _SHOWN_FAULTS)
    card = note(line(schedule, now), title="Status")
    card.rule().text("**Posted**\n" + ("\n".join(_posted(one, schedule) for one in posted) or "Nothing yet."))
    if under_way:
        card.text(
            "**Under way**\n" + "\n".join(f"{_date(one)}: waiting for Discord to confirm it" for one in under_way)
        )
    if faults:
        card.text("**Not posted, or not surely**\n" + "\n".join(map(_told, faults)))
    return card


def _when(schedule: Schedule) -> str:
    days = written_days(schedule.days)
    return f"{'daily' if days == 'every day' else days} at {schedule.at} {schedule.zone}"


def _period(schedule: Schedule) -> str:
    return SINCE_LAST if schedule.period == SINCE_LAST else PERIOD_TITLES[as_period(schedule.period)].lower()


def _next(schedule: Schedule, now: datetime) -> str:
    if schedule.disabled_reason:
        return f"Stopped: {schedule.disabled_reason}. Mend that, then `/schedule resume`."
    if schedule.paused_at:
        return f"Paused since {format_dt(schedule.paused_at, 'f')}."
    due = timetable(schedule).next_due(max(now, schedule.since))
    return f"Next: {format_dt(due, 'f')} ({format_dt(due, 'R')})"


def _posted(delivery: Delivery, schedule: Schedule) -> str:
    at = format_dt(delivery.finished_at, "f") if delivery.finished_at else ""
    link = f"https://discord.com/channels/{schedule.guild}/{delivery.channel_id}/{delivery.message_id}"
    return f"{_date(delivery)}: {at} {link if delivery.message_id else '(deleted since)'}"


def _date(delivery: Delivery) -> str:
    return delivery.local_date.isoformat() + (f", part {delivery.part}" if delivery.part > 1 else "")


def _told(delivery: Delivery) -> str:
    return f"{_date(delivery)}: **{delivery.state}**, {escape_within(delivery.reason or '', _REASON_CHARS)}"


def _fault(last: Delivery | None) -> str:
    """What went wrong with the latest digest, if anything did."""
    if last is None or last.reason is None or last.state is DeliveryState.SENT:
        return ""
    return f"\n-# {_told(last)}"
