"""A digest that is due while the disk takes nothing, or while the clock is wrong: never lost, never twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.corpus import Delivery, DeliveryState, Schedule
from bot.discord_app import delivery
from bot.discord_app.planning import plan
from bot.discord_app.posting import Fate, Outcome, post
from tests.clock import Clock
from tests.commands.conftest import World
from tests.disks import lock, read_only, unlock
from tests.sizes import some

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def time(world: World, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What the bot takes for the time."""
    clock = Clock(NOON)
    monkeypatch.setattr(world.newsdesk, "now", clock)
    return clock


@pytest.fixture
async def schedule(world: World, time: Clock) -> Schedule:
    """A daily digest, which became due a minute ago."""
    return await world.newsdesk.corpus.schedules.add(
        world.guild.id,
        channel_id=world.channel.id,
        at="11:59",
        zone="UTC",
        period="all",
        created_by=1,
        now=NOON - timedelta(hours=2),
    )


async def last(world: World, schedule: Schedule) -> Delivery:
    found = await world.newsdesk.corpus.deliveries.last(schedule.id)
    assert found is not None
    return found


def times_posted(world: World, row: Delivery) -> int:
    return "\n".join(str(message.components) for message in world.channel.history()).count(row.nonce)


async def tick(world: World) -> int:
    """Let the deliverer look once; how many messages stand in the channel then."""
    await world.client.deliverer.tick()
    return len(world.channel.history())


# The disk


async def test_a_digest_that_cannot_be_planned_is_posted_once_it_can_be(world: World, schedule: Schedule) -> None:
    async with read_only(world.newsdesk):
        assert await tick(world) == 0
        assert await tick(world) == 0
    assert await tick(world) == 1
    assert await tick(world) == 1
    assert (await last(world, schedule)).state is DeliveryState.SENT


async def test_a_digest_that_cannot_be_claimed_is_not_posted_before_it_can_be(world: World, schedule: Schedule) -> None:
    await plan(world.newsdesk, schedule)
    async with read_only(world.newsdesk):
        assert await tick(world) == 0
        assert (await last(world, schedule)).state is DeliveryState.READY
    assert await tick(world) == 1
    assert await tick(world) == 1


async def test_a_digest_whose_posting_cannot_be_noted_is_found_in_the_channel(
    world: World, schedule: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def post_and_lock(*given: object) -> Outcome:
        outcome = await post(*given)  # type: ignore[arg-type]
        assert outcome.fate is Fate.POSTED
        await lock(world.newsdesk)
        return outcome

    monkeypatch.setattr(delivery, "post", post_and_lock)
    assert await tick(world) == 1
    assert await tick(world) == 1
    await unlock(world.newsdesk)
    assert (await last(world, schedule)).state is DeliveryState.SENDING
    assert await tick(world) == 1
    assert (await last(world, schedule)).state is DeliveryState.SENT


# The clock

JUMPS = [timedelta(**length) for length in ({"hours": 3}, {"days": 2}, {"days": 400}, {"hours": -3}, {"days": -2})]


@pytest.mark.parametrize("jump", some([*JUMPS, timedelta(days=-400)], few=3), ids=str)
async def test_a_clock_that_jumps_and_comes_back_neither_loses_nor_doubles_a_date(
    world: World, time: Clock, schedule: Schedule, jump: timedelta
) -> None:
    assert await tick(world) == 1
    time.now += jump
    during = await tick(world)
    time.now = NOON + timedelta(minutes=1)
    assert await tick(world) == during
    for day in (1, 2, 3):
        time.now = NOON + timedelta(days=day)
        await tick(world)
    dates = [(NOON + timedelta(days=day)).date() for day in range(4)]
    rows = [await world.newsdesk.corpus.deliveries.of_day(schedule.id, day) for day in dates]
    assert [[row.state for row in some] for some in rows] == [[DeliveryState.SENT]] * 4
    assert [times_posted(world, row) for some in rows for row in some] == [1] * 4


@pytest.mark.parametrize("jump", some([*JUMPS, timedelta(minutes=-2)], few=3), ids=str)
async def test_a_clock_that_jumps_while_a_digest_is_on_its_way_does_not_double_it(
    world: World, time: Clock, schedule: Schedule, jump: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def post_and_jump(*given: object) -> Outcome:
        await post(*given)  # type: ignore[arg-type]
        time.now += jump
        return Outcome(Fate.UNKNOWN, reason="the answer was lost")

    monkeypatch.setattr(delivery, "post", post_and_jump)
    await tick(world)
    monkeypatch.setattr(delivery, "post", post)
    await tick(world)
    (row,) = await world.newsdesk.corpus.deliveries.of_day(schedule.id, NOON.date())
    assert row.state is DeliveryState.SENT
    assert times_posted(world, row) == 1


@pytest.mark.parametrize("ahead", [timedelta(days=3), timedelta(days=700)], ids=str)
async def test_a_digest_sent_by_a_clock_that_was_ahead_is_found_under_what_was_written_since(
    world: World, time: Clock, schedule: Schedule, ahead: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lose(*given: object) -> Outcome:
        await post(*given)  # type: ignore[arg-type]
        return Outcome(Fate.UNKNOWN, reason="the answer was lost")

    time.now += ahead
    monkeypatch.setattr(delivery, "post", lose)
    await tick(world)
    monkeypatch.setattr(delivery, "post", post)
    row = await last(world, schedule)
    assert row.state is DeliveryState.SENDING
    await world.member.send(world.channel, "Thank you.")
    time.now = NOON
    await tick(world)
    assert (await world.newsdesk.corpus.deliveries.of_day(schedule.id, row.local_date))[0].state is DeliveryState.SENT
    assert times_posted(world, row) == 1
