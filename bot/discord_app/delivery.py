"""Delivery: what is planned is claimed and posted, and never posted twice.

    schedule -> due at its local time -> digest, frozen in rows -> claimed on disk -> posted with a nonce -> sent

A row that is found half sent, after a crash or a fault, is looked for in its channel first: there, it is sent; surely
not there, it is posted again under the same nonce; where the channel cannot be read, only as long as Discord surely
remembers the nonce, and later it is *uncertain* and stays so. Of several processes each sees to the servers it owns
(`bot.desks.ownership`): what a living one has claimed is left to it, what one that is gone has left half sent is taken
over and found out in the same way. The clock is read at every poll; nothing sleeps until a
due time, so a changed clock or a suspended machine does no harm. See `bot.corpus.deliveries` for the states of a row.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import defaultdict
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import Final

import discord

from bot.corpus import Delivery, DeliveryState, Schedule
from bot.corpus.deliveries import UNFINISHED
from bot.discord_app.cards import Card
from bot.discord_app.planning import (
    CATCH_UP,
    NOTHING_NEW,
    TOO_LATE,
    Planner,
    Rendered,
    plan,
    plan_lost,
    render,
    stamped,
    timetable,
)
from bot.discord_app.posting import Fate, Faults, Outcome, Unreadable, find, post
from bot.errors import CorpusError, SettingsError
from bot.newsdesk import Newsdesk

_log = logging.getLogger(__name__)

POLL_SECONDS = 20
NONCE_WINDOW = timedelta(seconds=60)
"""How long Discord surely remembers a nonce ("the past few minutes")."""
AT_ONCE: Final = 4
"""Schedules whose digests are posted at the same time: one slow channel must not keep all others waiting."""

NOT_THERE: Final = "a backup was restored, and it is not in the channel; it is too late to post it"
_RESTORED = "a backup was restored, and it may or may not have been posted before"
_UNCONFIRMED = "it was sent and Discord did not confirm it, so it may or may not be in the channel"
_REMOVED = "the schedule was removed"
_PAUSED = "the schedule was paused"
_PART_REFUSED = "an earlier part was refused"


class Deliverer:
    """Posts what is due. One runs beside a client; its owner awaits `run` and cancels it to stop."""

    def __init__(self, client: discord.AutoShardedClient, newsdesk: Newsdesk) -> None:
        self._client = client
        self._newsdesk = newsdesk
        self._deliveries = newsdesk.corpus.deliveries
        self._ownership = newsdesk.ownership
        self._posting = asyncio.Lock()  # a row that is being sent must not look like one left by a crash
        self._turns = asyncio.Semaphore(AT_ONCE)
        self.looked_at: float | None = None  # when it last read what is due, by `time.monotonic`
        self._planner = Planner(newsdesk)

    async def run(self) -> None:
        """Poll until cancelled. A fault is logged and the next poll tries again."""
        await self._client.wait_until_ready()
        presence = self._newsdesk.corpus.presence
        while True:
            returns = presence.returns
            await guarded(self.tick(), "delivery")
            await presence.pause(POLL_SECONDS, returns)

    async def tick(self) -> None:
        """Plan what has fallen due, then post what is planned. A fault of one schedule is logged and stops no other."""
        async with self._posting:
            if voided := await self._deliveries.void_skips_after(self._newsdesk.now()):
                _log.warning("the clock was set back: %d dates that were skipped in its future count again", voided)
                self._planner.forget()
            rendered = Rendered(self._newsdesk)
            async for schedule in self._planner.unsettled():
                if await guarded(plan(self._newsdesk, schedule, rendered), f"schedule {schedule.id}"):
                    self._planner.settle(schedule)
            waiting: defaultdict[int, list[Delivery]] = defaultdict(list)
            for delivery in await self._deliveries.unfinished(self._ownership.owns):
                waiting[delivery.schedule_id].append(delivery)
            schedules = await self._newsdesk.corpus.schedules.get(waiting)
            self.looked_at = time.monotonic()
            await self._deliver_all([(owed, schedules.get(schedule_id)) for schedule_id, owed in waiting.items()])

    async def post_now(self, schedule: Schedule) -> discord.Message | None:
        """Post the digest of a schedule at once, besides its due ones; None where it stays silent.

        Returns the first message. Raises `discord.HTTPException` and what the connection raises.
        """
        channel = self._client.get_partial_messageable(schedule.channel_id, guild_id=schedule.guild)
        messages = [
            await channel.send(view=card.view, files=card.files, nonce=secrets.token_hex(10))
            for card in await self.preview(schedule)
        ]
        return messages[0] if messages else None

    async def preview(self, schedule: Schedule) -> list[Card]:
        """What `post_now` would post."""
        return [stamped(card, schedule) for card in await render(self._newsdesk, schedule, self._newsdesk.now())]

    async def _deliver_all(self, work: Sequence[tuple[Sequence[Delivery], Schedule | None]]) -> None:
        """Raises `SettingsError`: then nothing can be posted at all."""
        try:
            async with asyncio.TaskGroup() as posting:
                for owed, schedule in work:
                    posting.create_task(self._in_turn(owed, schedule), name="posting")
        except ExceptionGroup as errors:  # of nothing else; what `except*` raises, Python 3.11.2 puts into a group
            raise errors.exceptions[0] from None

    async def _in_turn(self, owed: Sequence[Delivery], schedule: Schedule | None) -> None:
        """Deliver what one schedule owes, oldest first. A part waits until the one before it is settled."""
        async with self._turns:
            for delivery in owed:
                await guarded(self._deliver(delivery, schedule), f"delivery {delivery.id}")

    async def _deliver(self, delivery: Delivery, schedule: Schedule | None) -> None:
        is_sent = delivery.state is DeliveryState.SENDING
        ours = await self._ours(delivery) if is_sent else delivery
        if ours is None:
            return
        if schedule is None:
            state = DeliveryState.UNCERTAIN if is_sent else DeliveryState.SKIPPED
            await self._settle(ours, state, f"{_UNCONFIRMED}: {_REMOVED}" if is_sent else _REMOVED)
        elif is_sent:
            await self._resolve(ours, schedule)
        elif await self._may_be_sent(ours, schedule):
            await self._post(ours, schedule)

    async def _ours(self, delivery: Delivery) -> Delivery | None:
        """A delivery that was claimed here, or by a process that is gone, which is taken over now; None: another's."""
        if delivery.process_id == self._ownership.me:
            return delivery
        return None if self._ownership.is_living(delivery.process_id) else await self._deliveries.take_over(delivery)

    async def _may_be_sent(self, delivery: Delivery, schedule: Schedule) -> bool:
        """Whether it is a ready delivery's time and turn; then it is claimed."""
        now, due = self._newsdesk.now(), timetable(schedule).due(delivery.local_date)
        before = (await self._deliveries.of_day(schedule.id, delivery.local_date))[: delivery.part - 1]
        if any(part.state is DeliveryState.FAILED for part in before):
            await self._settle(delivery, DeliveryState.SKIPPED, _PART_REFUSED)
        elif now - due > CATCH_UP:
            await self._settle(delivery, DeliveryState.SKIPPED, TOO_LATE)
        elif now >= due and not any(part.state in UNFINISHED for part in before):
            return await self._deliveries.claim(delivery.id, now=now)
        return False

    async def _resolve(self, delivery: Delivery, schedule: Schedule) -> None:
        """Find out what became of a delivery that was claimed before, and post it where it surely is not there."""
        now = self._newsdesk.now()
        age = now - (delivery.claimed_at or now)
        try:
            message_id = await find(self._client, delivery, schedule.guild)
        except Unreadable as fault:
            if schedule.is_live and not delivery.is_lost and timedelta() <= age <= NONCE_WINDOW:
                await self._post(
                    delivery, schedule
                )  # the same nonce: Discord returns the first message if there is one
            elif fault.for_good:
                unknown = _RESTORED if delivery.is_lost else _UNCONFIRMED
                await self._settle(delivery, DeliveryState.UNCERTAIN, f"{unknown}: {fault}")
            else:
                _log.warning("delivery %d is looked for again later: %s", delivery.id, fault)
            return
        if message_id is not None:
            await self._note_sent(delivery, message_id)
        elif not schedule.is_live:
            await self._settle(delivery, DeliveryState.SKIPPED, schedule.disabled_reason or _PAUSED)
        elif now - timetable(schedule).due(delivery.local_date) > CATCH_UP:
            await self._settle(delivery, DeliveryState.SKIPPED, NOT_THERE if delivery.is_lost else TOO_LATE)
        elif delivery.is_lost:
            if not await plan_lost(self._newsdesk, schedule, delivery):
                await self._settle(delivery, DeliveryState.SKIPPED, NOTHING_NEW)
        elif await self._deliveries.reclaim(delivery, now=now):
            await self._post(delivery, schedule)

    async def _post(self, delivery: Delivery, schedule: Schedule) -> None:
        if not self._ownership.is_current:
            _log.warning("delivery %d waits: the database was out of reach, and others may see to it", delivery.id)
            return
        card = stamped(Card.thaw(delivery.payload), schedule, delivery.nonce)
        outcome = await post(self._client, delivery, schedule.guild, card)
        match outcome.fate:
            case Fate.POSTED:
                await self._note_sent(delivery, outcome.message_id)
            case Fate.REFUSED:
                await self._settle(delivery, DeliveryState.FAILED, outcome.reason)
            case Fate.CLOSED:
                await self._close(delivery, schedule, outcome)
            case Fate.NOT_YET:
                await self._deliveries.mark(delivery.id, DeliveryState.READY, now=self._newsdesk.now())
                _log.warning("delivery %d waits: %s", delivery.id, outcome.reason)
            case Fate.UNKNOWN:
                _log.warning("delivery %d not confirmed: %s", delivery.id, outcome.reason)

    async def _close(self, delivery: Delivery, schedule: Schedule, outcome: Outcome) -> None:
        """Stop the schedule whose channel takes nothing more, with the reason; what it had ready is skipped."""
        if delivery.channel_id != schedule.channel_id:  # it has another one by now
            await self._settle(delivery, DeliveryState.FAILED, outcome.reason)
            return
        schedules, reason = self._newsdesk.corpus.schedules, outcome.reason or ""
        await schedules.disable(schedule.id, reason, refused=delivery.id, now=self._newsdesk.now())
        _log.warning("delivery %d failed and schedule %d stopped: %s", delivery.id, schedule.id, reason)

    async def _note_sent(self, delivery: Delivery, message_id: int | None) -> None:
        sent, now = DeliveryState.SENT, self._newsdesk.now()
        await self._deliveries.mark(delivery.id, sent, now=now, message_id=message_id)
        _log.info("delivery %d posted as message %s", delivery.id, message_id)

    async def _settle(self, delivery: Delivery, state: DeliveryState, reason: str | None) -> None:
        await self._deliveries.mark(delivery.id, state, now=self._newsdesk.now(), reason=reason)
        _log.warning("delivery %d %s: %s", delivery.id, state, reason)


async def guarded(work: Awaitable[None], what: str) -> bool:
    """Do ``work``, and return whether it ended well; a fault of one piece must not keep the next one waiting.

    It is logged: in one line where the disk or the network is to blame. Raises `SettingsError`.
    """
    try:
        await work
    except SettingsError:
        raise
    except (CorpusError, *Faults) as error:
        why = str(error) if isinstance(error, CorpusError) else type(error).__name__
        _log.warning("%s failed (%s); trying again later", what, why)
    except Exception:  # noqa: BLE001 - whatever it was, the others are still due
        _log.exception("%s failed; trying again later", what)
    else:
        return True
    return False
