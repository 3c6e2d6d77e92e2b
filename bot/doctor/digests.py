"""Digests: schedules that post nothing or at a wrong time, and deliveries that did not end well.

All of it is a warning: it is for the admins of a server to mend, and no damage of the library.
"""

from __future__ import annotations

import zoneinfo
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.corpus import Corpus, DeliveryState, Schedule, Trouble
from bot.findings import Finding, ok, warning

RECENT: Final = timedelta(days=30)
STUCK: Final = timedelta(minutes=10)
"""A running bot looks every 20 seconds for what it was sending, and gives a request 45 seconds."""

_TODO = {
    DeliveryState.FAILED: "/schedule status tells more there.",
    DeliveryState.UNCERTAIN: "look into the channel; /schedule run posts it again.",
    DeliveryState.SENDING: "a running bot finds out by itself; if one runs, see its log.",
}


def examine_schedules(schedules: Sequence[Schedule]) -> Iterator[Finding]:
    """Those that were stopped because their channel takes nothing more, and those in a zone that is not known."""
    about, troubled = "schedules", 0
    for schedule in schedules:
        if schedule.disabled_reason is not None:
            said = f"posts nothing, since {schedule.disabled_reason}: mend that and use /schedule resume there."
        elif not _is_zone(schedule.zone):
            said = f"is in a zone that is not known here ({schedule.zone[:40]}), and posts by UTC: update tzdata."
        else:
            continue
        troubled += 1
        yield warning(about, f"{named(schedule)} {said}")
    live = sum(schedule.is_live for schedule in schedules)
    if not troubled:
        yield ok(about, f"{live} post digests, {len(schedules) - live} are paused.")


async def examine_deliveries(corpus: Corpus, now: datetime) -> AsyncIterator[Finding]:
    """What failed or is uncertain of the last 30 days, and what has been under way for too long, by schedule."""
    about = "deliveries"
    found: defaultdict[tuple[int, int, DeliveryState], list[Trouble]] = defaultdict(list)
    for trouble in await corpus.deliveries.troubles((now - RECENT).date(), now - STUCK):
        found[trouble.guild, trouble.number, trouble.state].append(trouble)
    for (guild, number, state), troubles in found.items():
        last = troubles[-1]
        which = f"of schedule {number} of server {guild}, {len(troubles)} {state}, the last of {last.local_date}"
        yield warning(about, f"{which}{f' ({last.reason})' if last.reason else ''}: {_TODO[state]}")
    if not found:
        yield ok(about, "none of the last 30 days failed or is uncertain.")


def channels(schedules: Sequence[Schedule]) -> dict[int, str]:
    """By the id of each channel that digests go to, one of the schedules that they go by."""
    return {schedule.channel_id: named(schedule) for schedule in schedules if schedule.is_live}


def named(schedule: Schedule) -> str:
    """A schedule as a host finds it."""
    return f"schedule {schedule.number} of server {schedule.guild}"


def _is_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
