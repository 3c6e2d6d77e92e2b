"""Planning: every date on which a schedule was due is accounted for, once, whatever happened to the bot."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.corpus import Delivery, DeliveryState, Schedule
from bot.corpus.processes import Processes
from bot.discord_app.planning import CATCH_UP, TOO_LATE, Planner, Rendered, plan, timetable
from bot.discord_app.times import EVERY_DAY
from bot.model import Digest, Document
from bot.newsdesk import Newsdesk
from bot.shards import Shards
from tests.clock import Clock
from tests.sizes import cases, some
from tests.time_zones import unlike


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2025, 1, 1, tzinfo=UTC))


@pytest.fixture
async def newsdesk(library_url: str, clock: Clock) -> AsyncIterator[Newsdesk]:
    async with Newsdesk.open(library_url, bot=True, now=clock, alone=True) as opened:
        yield opened


async def add(
    newsdesk: Newsdesk,
    at: str = "08:30",
    zone: str = "UTC",
    days: frozenset[int] = EVERY_DAY,
    topic: str | None = None,
    guild: int = 1,
) -> Schedule:
    return await newsdesk.corpus.schedules.add(
        guild,
        channel_id=2,
        at=at,
        zone=zone,
        period="24 hours",
        topic=topic,
        days=days,
        created_by=None,
        now=newsdesk.now(),
    )


async def rows(newsdesk: Newsdesk, schedule: Schedule) -> list[Delivery]:
    return list(reversed(await newsdesk.corpus.deliveries.recent(schedule.id, list(DeliveryState), 1_000)))


def _around(zone: str, changes: Sequence[datetime]) -> Iterator[str]:
    """Local times of the day that are skipped or come twice on the days when clocks are changed, and others by them."""
    for change in changes:
        shown = (change - timedelta(minutes=30)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        yield from (f"{shown + timedelta(minutes=minutes):%H:%M}" for minutes in (0, 30, 40))


@pytest.mark.many
@pytest.mark.parametrize("begun", [datetime(2025, 3, 27, 5, tzinfo=UTC), datetime(2025, 10, 22, 17, tzinfo=UTC)])
@pytest.mark.parametrize("part", some(range(3), few=1))
async def test_every_local_date_of_every_zone_is_planned_once_whatever_the_downtime(
    newsdesk: Newsdesk, clock: Clock, begun: datetime, part: int
) -> None:
    """A week in which many zones change their clocks, and polls that are up to 20 hours apart.

    Every zone at some time of the day; where clocks are changed also right before, at and after that.
    """
    chance = Random(begun.toordinal() + part)
    clock.now = begun
    unlike_zones = unlike(begun - timedelta(days=3), 28)  # a planner looks some two weeks ahead
    some = [
        (at, zone)
        for zone, changes in unlike_zones.items()
        for at in (f"{chance.randrange(24):02}:{chance.choice('0134')}0", *_around(zone, changes))
    ][part :: cases(3, few=9)]
    chosen = [await add(newsdesk, at, zone) for at, zone in some]
    planner, polls = Planner(newsdesk), []
    while (now := clock.now) < begun + timedelta(days=7):
        clock.now = now + timedelta(minutes=chance.choice([7, 45, 200, 500, 1_200]))
        if clock.now - now > timedelta(hours=8):  # it was down: the next one remembers nothing
            planner = Planner(newsdesk)
        polls.append(clock.now)
        rendered = Rendered(newsdesk)
        async for schedule in planner.unsettled():
            await plan(newsdesk, schedule, rendered)
            planner.settle(schedule)
    dates = 0
    for schedule in chosen:
        due = dict(timetable(schedule).dues(None, begun, clock.now))
        planned = await rows(newsdesk, schedule)
        assert [row.local_date for row in planned] == sorted(due), schedule.zone
        for row in planned:
            seen = next(poll for poll in polls if poll >= due[row.local_date])
            in_time = seen - due[row.local_date] <= CATCH_UP
            assert row.state is (DeliveryState.READY if in_time else DeliveryState.SKIPPED)
            assert row.reason == (None if in_time else TOO_LATE)
        dates += len(planned)
    assert dates > 6 * len(some)


async def test_years_of_downtime_leave_no_date_out(newsdesk: Newsdesk, clock: Clock) -> None:
    schedule = await add(newsdesk, days=frozenset({0}))
    clock.now += timedelta(days=800)
    await plan(newsdesk, schedule)
    planned = await rows(newsdesk, schedule)
    assert Counter(row.state for row in planned) == {DeliveryState.SKIPPED: len(planned)}
    assert [row.local_date for row in planned] == [date(2025, 1, 6) + timedelta(weeks=week) for week in range(114)]


async def test_a_clock_that_was_ahead_for_a_while_costs_no_date(newsdesk: Newsdesk, clock: Clock) -> None:
    """What it skipped in its future is due when that comes; what it planned for a date stays that date's."""
    schedule = await add(newsdesk)
    ahead = clock.now.replace(month=3, hour=9)
    clock.now = ahead
    await plan(newsdesk, schedule)
    assert len(await rows(newsdesk, schedule)) == 60
    clock.now = datetime(2025, 1, 3, 9, tzinfo=UTC)
    assert await newsdesk.corpus.deliveries.void_skips_after(clock.now) == 59
    await plan(newsdesk, schedule)
    states = {row.local_date.isoformat(): str(row.state) for row in await rows(newsdesk, schedule)}
    assert states == {"2025-01-01": "skipped", "2025-01-02": "skipped", "2025-01-03": "ready", "2025-03-01": "ready"}


async def test_a_clock_that_was_behind_for_a_while_plans_nothing_twice(newsdesk: Newsdesk, clock: Clock) -> None:
    schedule = await add(newsdesk)
    clock.now = datetime(2025, 1, 3, 9, tzinfo=UTC)
    await plan(newsdesk, schedule)
    before = await rows(newsdesk, schedule)
    for day in (1, 2, 3):
        clock.now = datetime.combine(date(2025, 1, day), time(9), tzinfo=UTC)
        await plan(newsdesk, schedule)
    assert await rows(newsdesk, schedule) == before


async def planned_by(planner: Planner, newsdesk: Newsdesk) -> list[Schedule]:
    """What one poll planned."""
    done = []
    async for schedule in planner.unsettled():
        await plan(newsdesk, schedule)
        planner.settle(schedule)
        done.append(schedule)
    return done


async def test_a_poll_reads_only_what_has_fallen_due_or_was_changed(
    newsdesk: Newsdesk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    early, late = await add(newsdesk, "08:30"), await add(newsdesk, "23:30")
    schedules, read = newsdesk.corpus.schedules, list[list[int]]()
    get = schedules.get

    async def counted(ids: Collection[int]) -> dict[int, Schedule]:
        read.append(sorted(ids))
        return await get(ids)

    monkeypatch.setattr(schedules, "get", counted)
    planner = Planner(newsdesk)
    assert await planned_by(planner, newsdesk) == []
    clock.now += timedelta(hours=9)
    assert await planned_by(planner, newsdesk) == [early]
    assert await planned_by(planner, newsdesk) == []
    assert read == [[early.id, late.id], [early.id]]
    await schedules.change(1, late.number, {"at": "09:01"}, by=None, now=clock.now)
    assert await planned_by(planner, newsdesk) == []
    clock.now += timedelta(minutes=2)
    assert [one.number for one in await planned_by(planner, newsdesk)] == [late.number]
    assert await planned_by(Planner(newsdesk), newsdesk) == [], "its rows say that it is planned"


async def test_what_could_not_be_planned_comes_again(newsdesk: Newsdesk, clock: Clock) -> None:
    schedule, planner = await add(newsdesk), Planner(newsdesk)
    clock.now += timedelta(hours=9)
    for _ in range(2):
        assert [one async for one in planner.unsettled()] == [schedule]
    assert await planned_by(planner, newsdesk) == [schedule]


async def test_a_schedule_that_is_stopped_and_goes_on_owes_what_it_missed(newsdesk: Newsdesk, clock: Clock) -> None:
    """Another channel makes good what had stopped it, and does not change since when it owes something."""
    schedule, planner = await add(newsdesk), Planner(newsdesk)
    await newsdesk.corpus.schedules.disable(schedule.id, "the channel is gone")
    clock.now += timedelta(hours=9)
    assert await planned_by(planner, newsdesk) == []
    await newsdesk.corpus.schedules.change(1, schedule.number, {"channel_id": 3}, by=None, now=clock.now)
    assert [one.id for one in await planned_by(planner, newsdesk)] == [schedule.id]


async def test_a_clock_that_is_set_back_makes_a_planner_look_again(newsdesk: Newsdesk, clock: Clock) -> None:
    planner = Planner(newsdesk)
    clock.now += timedelta(days=30)
    await planned_by(planner, newsdesk)
    clock.now -= timedelta(days=30)
    schedule = await add(newsdesk)
    clock.now += timedelta(days=30)
    await newsdesk.corpus.deliveries.void_skips_after(clock.now)
    await planned_by(planner, newsdesk)
    clock.now -= timedelta(days=28)
    await newsdesk.corpus.deliveries.void_skips_after(clock.now)
    assert await planned_by(planner, newsdesk) == [schedule]


async def test_a_server_is_planned_for_once_it_is_this_process_own(library_url: str) -> None:
    clock = Clock(datetime(2025, 1, 1, tzinfo=UTC))
    async with Newsdesk.open(library_url, bot=True, now=clock, alone=False) as newsdesk:
        here, there = await add(newsdesk, guild=0 << 22), await add(newsdesk, guild=1 << 22)
        other, shards = Processes(newsdesk.corpus._database, 5), [Shards(2, frozenset({one})) for one in range(2)]
        await other.beat(shards[1], now=clock.now)
        newsdesk.ownership.connected(shards[0])
        await newsdesk.ownership.look()
        planner = Planner(newsdesk)
        clock.now += timedelta(hours=9)
        assert await planned_by(planner, newsdesk) == [here]
        assert await planned_by(planner, newsdesk) == []
        await other.leave()
        await newsdesk.ownership.look()
        assert await planned_by(planner, newsdesk) == [there]


async def test_schedules_that_ask_for_the_same_at_the_same_moment_share_one_digest(
    newsdesk: Newsdesk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest, made = newsdesk.digest, list[int]()

    async def counted(library: int, *given: Any, **named: Any) -> Digest:
        made.append(library)
        return await digest(library, *given, **named)

    monkeypatch.setattr(newsdesk, "digest", counted)
    same = [await add(newsdesk) for _ in range(3)]
    others = [await add(newsdesk, topic="ferry"), await add(newsdesk, guild=2)]
    clock.now += timedelta(hours=9)
    await newsdesk.add(1, Document(name="a.txt", title="Ferry", text="The ferry to the islands runs all winter again."))
    rendered = Rendered(newsdesk)
    for schedule in (*same, *others):
        await plan(newsdesk, schedule, rendered)
    assert sorted(made) == [1, 1, 2]
    first, *rest = [(await rows(newsdesk, schedule))[0].payload for schedule in same]
    assert "Ferry" in first
    assert rest == [first, first]
    assert (await rows(newsdesk, others[1]))[0].payload != first


async def test_what_came_in_while_digests_are_made_is_in_the_next_one(newsdesk: Newsdesk, clock: Clock) -> None:
    before, after = await add(newsdesk), await add(newsdesk)
    clock.now += timedelta(hours=9)
    rendered = Rendered(newsdesk)
    await plan(newsdesk, before, rendered)
    await newsdesk.add(1, Document(name="a.txt", title="Ferry", text="The ferry to the islands runs all winter again."))
    await plan(newsdesk, after, rendered)
    payloads = [(await rows(newsdesk, schedule))[0].payload for schedule in (before, after)]
    assert ["Ferry" in payload for payload in payloads] == [False, True]
