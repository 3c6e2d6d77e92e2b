"""Delivery: what is due is planned, claimed and posted, and never posted twice.

    schedule -> due at its local time -> digest, frozen in a row -> claimed on disk -> posted with a nonce -> sent

The clock is read at every poll; nothing sleeps until a due time, so a changed clock or a suspended machine does no
harm. See `bot.corpus.deliveries` for the states of a row.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable
from datetime import date, datetime, time, timedelta

import aiohttp
import discord

from bot.corpus import Delivery, DeliveryState, Schedule
from bot.discord_app.cards import Card
from bot.discord_app.digest_cards import digest_cards
from bot.discord_app.times import day_start, instant, latest_due
from bot.errors import SettingsError, TokenRefused
from bot.newsdesk import Newsdesk, as_period

_log = logging.getLogger(__name__)

POLL_SECONDS = 20
CATCH_UP = timedelta(hours=6)  # a digest that is later than this is skipped, with the reason
NONCE_WINDOW = timedelta(seconds=60)  # how long Discord surely remembers a nonce ("the past few minutes")

MOST_MISSED_DAYS = 31

_TOO_LATE = "the bot was not running when it was due, nor in the six hours after"
_UNCONFIRMED = "it was sent and Discord did not confirm it: it may or may not be in the channel"
_ALREADY_POSTED = 10008  # the message of this nonce was posted, and deleted since
_CLOSED_CHANNEL = {  # Discord's error codes that no retry will mend
    10003: "the channel no longer exists",
    50001: "I may no longer see the channel",
    50013: "I may no longer write in the channel",
}


class Deliverer:
    """Posts what is due. One runs beside a client; its owner awaits `run` and cancels it to stop."""

    def __init__(self, client: discord.Client, newsdesk: Newsdesk) -> None:
        self._client = client
        self._newsdesk = newsdesk
        self._posting = asyncio.Lock()  # a row that is being sent must not look like one left by a crash

    async def run(self) -> None:
        """Poll until cancelled. A fault is logged and the next poll tries again."""
        await self._client.wait_until_ready()
        while True:
            await _guarded(self.tick(), "delivery")
            await asyncio.sleep(POLL_SECONDS)

    async def tick(self) -> None:
        """Plan what has fallen due, then post what is planned. A fault of one schedule is logged and stops no other."""
        async with self._posting:
            schedules = {schedule.id: schedule for schedule in await self._newsdesk.corpus.schedules.all()}
            for schedule in schedules.values():
                if schedule.disabled_reason is None:
                    await _guarded(self._plan(schedule), f"schedule {schedule.id}")
            for delivery in await self._newsdesk.corpus.deliveries.unfinished():
                await _guarded(self._deliver(delivery, schedules.get(delivery.schedule_id)), f"delivery {delivery.id}")

    async def post_now(self, schedule: Schedule) -> discord.Message:
        """Post the digest of a schedule at once, besides its daily one. Raises `discord.HTTPException`."""
        card = await self.render(schedule, self._newsdesk.now())
        return await self._channel(schedule).send(view=card.view, files=card.files, nonce=secrets.token_hex(10))

    async def render(self, schedule: Schedule, now: datetime) -> Card:
        """The digest that ``schedule`` would post now."""
        digest = await self._newsdesk.digest(
            schedule.guild, as_period(schedule.period), day_start=day_start(schedule.zone, now)
        )
        return (await asyncio.to_thread(digest_cards, digest))[0]

    async def _plan(self, schedule: Schedule) -> None:
        """Give the latest due date its row, and every date before it that was missed."""
        now, deliveries = self._newsdesk.now(), self._newsdesk.corpus.deliveries
        local_date, due = latest_due(time.fromisoformat(schedule.at), schedule.zone, now)
        if due < schedule.created_at or await deliveries.of_day(schedule.id, local_date):
            return
        for missed in await self._missed(schedule, local_date):
            await self._skip(schedule, missed, now)
        if now - due > CATCH_UP:
            await self._skip(schedule, local_date, now)
        else:
            card = await self.render(schedule, now)
            await deliveries.plan(schedule.id, local_date, 1, card.freeze(), now=now)

    async def _missed(self, schedule: Schedule, local_date: date) -> list[date]:
        """The due dates before ``local_date`` that have no row, of the last month."""
        last = await self._newsdesk.corpus.deliveries.last(schedule.id)
        days = [local_date - timedelta(days=back) for back in range(MOST_MISSED_DAYS, 0, -1)]
        return [
            day
            for day in days
            if _due_at(schedule, day) >= schedule.created_at and (last is None or day > last.local_date)
        ]

    async def _skip(self, schedule: Schedule, local_date: date, now: datetime) -> None:
        deliveries = self._newsdesk.corpus.deliveries
        planned = await deliveries.plan(schedule.id, local_date, 1, Card().freeze(), now=now)
        await deliveries.mark(planned.id, DeliveryState.SKIPPED, now=now, reason=_TOO_LATE)
        _log.warning("digest of schedule %d for %s skipped: %s", schedule.id, local_date, _TOO_LATE)

    async def _deliver(self, delivery: Delivery, schedule: Schedule | None) -> None:
        now, deliveries = self._newsdesk.now(), self._newsdesk.corpus.deliveries
        if schedule is None:
            await deliveries.mark(delivery.id, DeliveryState.SKIPPED, now=now, reason="the schedule was removed")
        elif delivery.state is DeliveryState.READY:
            if now - _due_at(schedule, delivery.local_date) > CATCH_UP:
                await deliveries.mark(delivery.id, DeliveryState.SKIPPED, now=now, reason=_TOO_LATE)
            elif await deliveries.claim(delivery.id, now=now):
                await self._post(delivery, schedule)
        elif delivery.claimed_at is not None and now - delivery.claimed_at <= NONCE_WINDOW:
            await self._post(delivery, schedule)  # the same nonce: Discord returns the first message if there is one
        else:
            await deliveries.mark(delivery.id, DeliveryState.UNCERTAIN, now=now, reason=_UNCONFIRMED)
            _log.warning("delivery %d is uncertain: %s", delivery.id, _UNCONFIRMED)

    async def _post(self, delivery: Delivery, schedule: Schedule) -> None:
        card = Card.thaw(delivery.payload).text(f"-# Posted daily by schedule {schedule.number} · {delivery.nonce}")
        try:
            message = await self._channel(schedule).send(view=card.view, files=card.files, nonce=delivery.nonce)
        except discord.HTTPException as error:
            await self._note_failure(delivery, schedule, error)
        except aiohttp.ClientConnectorError as error:  # the request never left: it may be sent anew
            await self._newsdesk.corpus.deliveries.mark(delivery.id, DeliveryState.READY, now=self._newsdesk.now())
            _log.warning("delivery %d waits, Discord cannot be reached: %s", delivery.id, type(error).__name__)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            _log.warning("delivery %d not confirmed, trying again: %s", delivery.id, type(error).__name__)
        else:
            await self._note_sent(delivery, message.id)

    async def _note_sent(self, delivery: Delivery, message_id: int | None) -> None:
        sent, now = DeliveryState.SENT, self._newsdesk.now()
        await self._newsdesk.corpus.deliveries.mark(delivery.id, sent, now=now, message_id=message_id)
        _log.info("delivery %d posted as message %s", delivery.id, message_id)

    async def _note_failure(self, delivery: Delivery, schedule: Schedule, error: discord.HTTPException) -> None:
        """A closed channel ends the schedule with the reason; anything else leaves the row to the next poll."""
        if error.status == 401:
            raise TokenRefused from error
        if error.code == _ALREADY_POSTED:
            await self._note_sent(delivery, None)
        elif reason := _CLOSED_CHANNEL.get(error.code):
            await self._note_refused(delivery, reason)
            await self._newsdesk.corpus.schedules.disable(schedule.id, reason, now=self._newsdesk.now())
            _log.warning("schedule %d stopped: %s", schedule.id, reason)
        elif error.status < 500 and error.status != 429:
            await self._note_refused(delivery, f"Discord refused the message (HTTP {error.status}, code {error.code})")
        else:
            _log.warning("delivery %d not confirmed: HTTP %d, code %d", delivery.id, error.status, error.code)

    async def _note_refused(self, delivery: Delivery, reason: str) -> None:
        now = self._newsdesk.now()
        await self._newsdesk.corpus.deliveries.mark(delivery.id, DeliveryState.FAILED, now=now, reason=reason)
        _log.warning("delivery %d failed: %s", delivery.id, reason)

    def _channel(self, schedule: Schedule) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(schedule.channel_id, guild_id=schedule.guild)


def _due_at(schedule: Schedule, local_date: date) -> datetime:
    return instant(local_date, time.fromisoformat(schedule.at), schedule.zone)


async def _guarded(work: Awaitable[None], what: str) -> None:
    """Do ``work``; a fault of one piece is logged and must not keep the next digest waiting."""
    try:
        await work
    except SettingsError:
        raise
    except Exception:  # noqa: BLE001 - whatever it was, the other digests are still due
        _log.exception("%s failed; trying again at the next poll", what)
