"""Deliveries: planned once, claimed by one, settled for good."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from bot.corpus import Corpus, Delivery, DeliveryState, Schedule
from bot.corpus.deliveries import FINAL

DAY = date(2026, 5, 12)


@pytest.fixture
async def schedule(corpus: Corpus, now: datetime) -> Schedule:
    return await corpus.schedules.add(
        5, channel_id=6, at="07:30", zone="Europe/Lisbon", period="24 hours", created_by=None, now=now
    )


@pytest.fixture
async def ready(corpus: Corpus, schedule: Schedule, now: datetime) -> Delivery:
    return (await corpus.deliveries.plan(schedule.id, DAY, ['{"text": "frozen"}'], channel_id=6, now=now))[0]


async def only(corpus: Corpus, delivery: Delivery) -> Delivery:
    [found] = await corpus.deliveries.of_day(delivery.schedule_id, delivery.local_date)
    return found


async def test_a_plan_is_ready_with_its_payload_and_a_nonce_that_discord_takes(ready: Delivery, now: datetime) -> None:
    assert (ready.state, ready.local_date, ready.part) == (DeliveryState.READY, DAY, 1)
    assert (ready.payload, ready.planned_at) == ('{"text": "frozen"}', now)
    assert 0 < len(ready.nonce) <= 25
    assert (ready.reason, ready.message_id, ready.claimed_at, ready.finished_at) == (None,) * 4


async def test_planning_again_changes_nothing(corpus: Corpus, ready: Delivery, now: datetime) -> None:
    await corpus.deliveries.claim(ready.id, now=now)
    claimed = await only(corpus, ready)
    later = now + timedelta(hours=1)
    again = await corpus.deliveries.plan(ready.schedule_id, DAY, ["other", "more"], channel_id=7, now=later)
    assert again == [claimed] == [await only(corpus, ready)]
    before, after = DAY - timedelta(days=1), DAY + timedelta(days=1)
    await corpus.deliveries.skip(ready.schedule_id, [after, DAY, before], "late", channel_id=6, now=later)
    assert await only(corpus, ready) == claimed
    for day in (before, after):
        (skipped,) = await corpus.deliveries.of_day(ready.schedule_id, day)
        assert (skipped.state, skipped.reason) == (DeliveryState.SKIPPED, "late")


async def test_every_part_and_day_has_its_own_nonce(corpus: Corpus, schedule: Schedule, now: datetime) -> None:
    planned = [
        await corpus.deliveries.plan(schedule.id, DAY + timedelta(days=day), ["{}"] * 3, channel_id=6, now=now)
        for day in range(3)
    ]
    assert len({one.nonce for day in planned for one in day}) == 9
    assert [one.part for one in planned[0]] == [1, 2, 3]
    assert await corpus.deliveries.of_day(schedule.id, DAY) == planned[0]
    assert await corpus.deliveries.last(schedule.id) == planned[2][-1]
    assert await corpus.deliveries.last(schedule.id, until=DAY) == planned[0][-1]


async def test_a_skipped_date_keeps_its_reason(corpus: Corpus, schedule: Schedule, now: datetime) -> None:
    await corpus.deliveries.skip(schedule.id, [DAY], "too late", channel_id=6, now=now)
    (skipped,) = await corpus.deliveries.of_day(schedule.id, DAY)
    assert (skipped.state, skipped.reason, skipped.finished_at) == (DeliveryState.SKIPPED, "too late", now)
    assert await corpus.deliveries.unfinished() == []
    assert await corpus.deliveries.recent(schedule.id, [DeliveryState.SKIPPED], 5) == [skipped]
    assert await corpus.deliveries.recent(schedule.id, [DeliveryState.SENT], 5) == []


async def test_what_a_wrong_clock_skipped_is_forgotten_and_what_it_sent_is_not(
    corpus: Corpus, schedule: Schedule, now: datetime
) -> None:
    ahead = now + timedelta(days=400)
    await corpus.deliveries.skip(schedule.id, [DAY], "too late", channel_id=6, now=now)
    await corpus.deliveries.skip(schedule.id, [DAY + timedelta(days=9)], "too late", channel_id=6, now=ahead)
    sent = await corpus.deliveries.plan(schedule.id, DAY + timedelta(days=10), ["{}"], channel_id=6, now=ahead)
    assert await corpus.deliveries.void_skips_after(now) == 1
    assert await corpus.deliveries.void_skips_after(now) == 0
    assert await corpus.deliveries.of_day(schedule.id, DAY + timedelta(days=9)) == []
    assert await corpus.deliveries.last(schedule.id) == sent[0]


async def test_what_is_surely_not_posted_is_taken_anew_by_exactly_one(
    corpus: Corpus, ready: Delivery, now: datetime
) -> None:
    await corpus.deliveries.claim(ready.id, now=now)
    claimed = await only(corpus, ready)
    later = now + timedelta(minutes=5)
    assert [await corpus.deliveries.reclaim(claimed, now=later) for _ in range(2)] == [True, False]
    assert (await only(corpus, ready)).claimed_at == later


async def test_a_delivery_is_claimed_by_exactly_one_of_many(
    corpus: Corpus, url: str, ready: Delivery, now: datetime
) -> None:
    async with Corpus.open(url, bot=False) as other:
        claimers = [corpus, other] * 25
        claims = await asyncio.gather(*(one.deliveries.claim(ready.id, now=now) for one in claimers))
    assert sum(claims) == 1
    assert (await only(corpus, ready)).state is DeliveryState.SENDING
    assert (await only(corpus, ready)).claimed_at == now


async def test_nothing_is_claimed_for_a_schedule_that_is_gone(
    corpus: Corpus, schedule: Schedule, now: datetime
) -> None:
    await corpus.schedules.remove(5, schedule.number)
    (late,) = await corpus.deliveries.plan(schedule.id, DAY, ["{}"], channel_id=6, now=now)
    assert not await corpus.deliveries.claim(late.id, now=now)


async def test_what_was_sent_keeps_its_message_and_its_time(corpus: Corpus, ready: Delivery, now: datetime) -> None:
    await corpus.deliveries.claim(ready.id, now=now)
    later = now + timedelta(seconds=2)
    assert await corpus.deliveries.mark(ready.id, DeliveryState.SENT, now=later, message_id=2**63 - 1)
    sent = await only(corpus, ready)
    assert (sent.state, sent.message_id, sent.finished_at) == (DeliveryState.SENT, 2**63 - 1, later)
    assert await corpus.deliveries.unfinished() == []


async def test_nothing_is_claimed_for_a_paused_schedule(corpus: Corpus, schedule: Schedule, now: datetime) -> None:
    await corpus.schedules.pause(5, schedule.number, by=1, now=now)
    (late,) = await corpus.deliveries.plan(schedule.id, DAY, ["{}"], channel_id=6, now=now)
    assert not await corpus.deliveries.claim(late.id, now=now)


@pytest.mark.parametrize("final", FINAL)
async def test_what_is_settled_stays_so(corpus: Corpus, ready: Delivery, now: datetime, final: DeliveryState) -> None:
    assert await corpus.deliveries.mark(ready.id, final, now=now, reason="so it went")
    settled = await only(corpus, ready)
    for state in DeliveryState:
        assert not await corpus.deliveries.mark(ready.id, state, now=now, reason="other")
    assert not await corpus.deliveries.claim(ready.id, now=now)
    assert await only(corpus, ready) == settled


async def test_an_uncertain_delivery_can_still_be_found_sent(corpus: Corpus, ready: Delivery, now: datetime) -> None:
    await corpus.deliveries.claim(ready.id, now=now)
    assert await corpus.deliveries.mark(ready.id, DeliveryState.UNCERTAIN, now=now, reason="no history")
    assert await corpus.deliveries.unfinished() == []
    assert await corpus.deliveries.mark(ready.id, DeliveryState.SENT, now=now, message_id=1)


async def test_a_request_that_never_left_can_be_claimed_again(corpus: Corpus, ready: Delivery, now: datetime) -> None:
    await corpus.deliveries.claim(ready.id, now=now)
    assert await corpus.deliveries.mark(ready.id, DeliveryState.READY, now=now)
    assert await corpus.deliveries.claim(ready.id, now=now)


async def test_unfinished_deliveries_survive_a_restart(url: str, now: datetime) -> None:
    async with Corpus.open(url, bot=True) as corpus:
        schedule = await corpus.schedules.add(
            5, channel_id=6, at="07:30", zone="UTC", period="today", created_by=None, now=now
        )
        planned = await corpus.deliveries.plan(schedule.id, DAY, ["{}"] * 3, channel_id=6, now=now)
        await corpus.deliveries.claim(planned[0].id, now=now)
        await corpus.deliveries.mark(planned[1].id, DeliveryState.FAILED, now=now, reason="forbidden")
    async with Corpus.open(url, bot=True) as corpus:
        assert [(one.part, one.state) for one in await corpus.deliveries.unfinished()] == [
            (1, DeliveryState.SENDING),
            (3, DeliveryState.READY),
        ]


async def test_a_delivery_needs_its_schedule(corpus: Corpus, now: datetime) -> None:
    with pytest.raises(IntegrityError):
        await corpus.deliveries.plan(999, DAY, ["{}"], channel_id=6, now=now)
    assert await corpus.deliveries.last(999) is None


async def test_where_nothing_was_planned_nothing_stands(corpus: Corpus, now: datetime) -> None:
    standing = await corpus.deliveries.standing(now)
    assert standing.last is None
    assert standing.planned == dict.fromkeys(DeliveryState, 0)


async def test_how_digests_stand_counts_what_was_planned_lately_by_state(
    corpus: Corpus, schedule: Schedule, now: datetime
) -> None:
    deliveries = corpus.deliveries
    for day, state in enumerate([DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNCERTAIN, None]):
        planned_at = now + timedelta(days=day)
        (one,) = await deliveries.plan(schedule.id, DAY + timedelta(days=day), ["{}"], channel_id=6, now=planned_at)
        if state:
            await deliveries.mark(one.id, state, now=planned_at + timedelta(minutes=1))
    standing = await deliveries.standing(now + timedelta(days=1))
    assert standing.last == (DeliveryState.UNCERTAIN, now + timedelta(days=2, minutes=1))
    assert {state: number for state, number in standing.planned.items() if number} == {
        DeliveryState.FAILED: 1,
        DeliveryState.UNCERTAIN: 1,
        DeliveryState.READY: 1,
    }


async def test_what_a_removed_schedule_owed_is_no_longer_the_last(
    corpus: Corpus, schedule: Schedule, ready: Delivery, now: datetime
) -> None:
    await corpus.deliveries.mark(ready.id, DeliveryState.FAILED, now=now)
    await corpus.schedules.remove(5, schedule.number, now=now)
    standing = await corpus.deliveries.standing(now)
    assert standing.last is None
    assert standing.planned[DeliveryState.FAILED] == 1
