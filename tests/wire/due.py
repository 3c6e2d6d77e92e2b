"""A digest that is due in the library of a bot in this process, and what becomes of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from bot.corpus import Delivery, Schedule
from bot.newsdesk import Newsdesk
from tests.wire import objects
from tests.wire.double import PATIENCE_SECONDS
from tests.wire.places import Place

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # what the library's clock says, always


async def schedule_to(newsdesk: Newsdesk, place: Place) -> Schedule:
    """A schedule that has been due for a minute."""
    return await newsdesk.corpus.schedules.add(
        int(objects.GUILD),
        channel_id=int(place.id),
        at="11:59",
        zone="UTC",
        period="all",
        created_by=int(objects.ADMIN),
        now=NOON - timedelta(hours=2),
    )


async def settled(newsdesk: Newsdesk, schedule: Schedule | None = None) -> Delivery:
    """The digest of a schedule, of the only one there is, once nothing is left to be done for it."""
    schedule = schedule or (await newsdesk.corpus.schedules.all())[0]
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (last := await newsdesk.corpus.deliveries.last(schedule.id)) or not last.finished_at:  # noqa: ASYNC110
            await asyncio.sleep(0.005)  # the bot is writing meanwhile: nobody tells of the row
    return last
