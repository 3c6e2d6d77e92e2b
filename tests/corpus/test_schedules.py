"""Schedules: each server has its own, numbered for life."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.corpus import Corpus, DeliveryState, Quiet, Schedule

HERE, ELSEWHERE = 2**63 - 1, 7


@pytest.fixture
def add(corpus: Corpus, now: datetime) -> Callable[..., Any]:
    async def add(guild: int) -> Schedule:
        return await corpus.schedules.add(
            guild, channel_id=2**63 - 2, at="07:30", zone="Europe/Lisbon", period="24 hours", created_by=9, now=now
        )

    return add


async def test_a_schedule_comes_back_as_it_was_added(corpus: Corpus, add: Callable[..., Any], now: datetime) -> None:
    added = await add(HERE)
    assert added == Schedule(added.id, HERE, 1, 2**63 - 2, "07:30", "Europe/Lisbon", "24 hours", 9, now, now)
    assert await corpus.schedules.list(HERE) == [added]


async def test_numbers_count_up_per_server_and_are_never_used_twice(corpus: Corpus, add: Callable[..., Any]) -> None:
    assert [(await add(guild)).number for guild in (HERE, HERE, ELSEWHERE)] == [1, 2, 1]
    await corpus.schedules.remove(HERE, 2)
    assert (await add(HERE)).number == 3


async def test_a_server_sees_and_removes_only_its_own(corpus: Corpus, add: Callable[..., Any]) -> None:
    theirs = await add(ELSEWHERE)
    assert await corpus.schedules.list(HERE) == []
    assert await corpus.schedules.remove(HERE, theirs.number) is None
    assert await corpus.schedules.all() == [theirs]


async def test_what_posts_is_told_apart_by_when_it_falls_due(
    corpus: Corpus, add: Callable[..., Any], now: datetime
) -> None:
    first, second, third = await add(HERE), await add(HERE), await add(ELSEWHERE)
    live = await corpus.schedules.live()
    assert [(one.id, one.guild) for one in live] == [(one.id, one.guild) for one in (first, second, third)]
    await corpus.schedules.change(HERE, 1, {"topic": "peace"}, by=None, now=now)
    assert await corpus.schedules.live() == live
    await corpus.schedules.change(HERE, 1, {"days": frozenset({0})}, by=None, now=now)
    await corpus.schedules.pause(HERE, 2, by=None, now=now)
    changed = await corpus.schedules.live()
    assert [one.id for one in changed] == [first.id, third.id]
    assert changed[0].when != live[0].when
    assert changed[1] == live[2]
    assert (await corpus.schedules.get([second.id, third.id, 99])).keys() == {second.id, third.id}


async def test_dates_that_are_planned_are_known_for_many_schedules_at_once(
    corpus: Corpus, add: Callable[..., Any], now: datetime
) -> None:
    first, second = await add(HERE), await add(ELSEWHERE)
    await corpus.deliveries.plan(first.id, date(2026, 5, 12), ["{}"], channel_id=6, now=now)
    dates = {first.id: date(2026, 5, 12), second.id: date(2026, 5, 12)}
    assert await corpus.deliveries.planned(dates) == {first.id}
    assert await corpus.deliveries.planned(dates | {first.id: date(2026, 5, 11)}) == set()


async def test_a_removed_schedule_is_gone_and_what_was_ready_is_skipped_with_the_reason(
    corpus: Corpus, add: Callable[..., Any], now: datetime
) -> None:
    added = await add(HERE)
    (ready,) = await corpus.deliveries.plan(added.id, date(2026, 5, 12), ["{}"], channel_id=6, now=now)
    assert await corpus.schedules.remove(HERE, 1, by=3, now=now) == added
    assert await corpus.schedules.remove(HERE, 1) is None
    assert await corpus.schedules.all() == []
    skipped = await corpus.deliveries.last(added.id)
    assert skipped is not None
    assert (skipped.id, skipped.state, skipped.reason) == (ready.id, DeliveryState.SKIPPED, "the schedule was removed")


async def test_a_disabled_schedule_says_why_and_posts_nothing_more(
    corpus: Corpus, add: Callable[..., Any], now: datetime
) -> None:
    added = await add(HERE)
    await corpus.deliveries.plan(added.id, date(2026, 5, 12), ["{}"], channel_id=6, now=now)
    sent, _ = await corpus.deliveries.plan(added.id, date(2026, 5, 13), ["{}"] * 2, channel_id=6, now=now)
    await corpus.deliveries.claim(sent.id, now=now)
    await corpus.schedules.disable(added.id, "the channel is gone", refused=sent.id)
    states = [one.state.value for one in await corpus.deliveries.of_day(added.id, date(2026, 5, 13))]
    assert states == ["failed", "skipped"]
    await corpus.schedules.disable(999, "no such schedule")
    assert [one.disabled_reason for one in await corpus.schedules.list(HERE)] == ["the channel is gone"]
    assert await corpus.deliveries.unfinished() == []


async def test_what_is_changed_is_changed_and_the_rest_stays(
    corpus: Corpus, add: Callable[..., Any], now: datetime
) -> None:
    added, later = await add(HERE), now + timedelta(hours=1)
    changes = {"days": frozenset({0, 4}), "topic": "peace", "quiet": Quiet.STAY_SILENT}
    changed = await corpus.schedules.change(HERE, 1, changes, by=3, now=later)
    assert changed == replace(added, **changes, since=later)
    assert await corpus.schedules.list(HERE) == [changed]
    assert await corpus.schedules.change(HERE, 2, {"topic": None}, by=3, now=later) is None
    assert await corpus.schedules.change(ELSEWHERE, 1, {"topic": None}, by=3, now=later) is None


async def test_another_topic_leaves_what_is_due_due(corpus: Corpus, add: Callable[..., Any], now: datetime) -> None:
    await add(HERE)
    changes = {"topic": "peace", "at": "07:30"}
    changed = await corpus.schedules.change(HERE, 1, changes, by=3, now=now + timedelta(hours=1))
    assert changed is not None
    assert changed.since == now


async def test_what_is_ready_goes_to_the_new_channel_and_what_was_sent_stays_where_it_went(
    corpus: Corpus, add: Callable[..., Any], now: datetime
) -> None:
    added = await add(HERE)
    sent, _ = await corpus.deliveries.plan(added.id, date(2026, 5, 12), ["{}"] * 2, channel_id=6, now=now)
    await corpus.deliveries.claim(sent.id, now=now)
    await corpus.schedules.disable(added.id, "the channel is gone")
    assert await corpus.deliveries.recent(added.id, [DeliveryState.SKIPPED], 5)
    changed = await corpus.schedules.change(HERE, 1, {"channel_id": 77}, by=3, now=now)
    assert changed is not None
    assert changed.is_live
    assert [one.channel_id for one in await corpus.deliveries.of_day(added.id, date(2026, 5, 12))] == [6, 6]
    await corpus.deliveries.plan(added.id, date(2026, 5, 13), ["{}"], channel_id=77, now=now)
    await corpus.schedules.change(HERE, 1, {"channel_id": 78}, by=3, now=now)
    assert [one.channel_id for one in await corpus.deliveries.unfinished()] == [6, 78]


async def test_a_paused_schedule_owes_nothing_until_it_is_resumed(
    corpus: Corpus, add: Callable[..., Any], now: datetime
) -> None:
    added, later = await add(HERE), now + timedelta(days=3)
    await corpus.deliveries.plan(added.id, date(2026, 5, 12), ["{}"], channel_id=6, now=now)
    paused = await corpus.schedules.pause(HERE, 1, by=3, now=now)
    assert paused == replace(added, paused_at=now)
    assert await corpus.schedules.pause(HERE, 1, by=3, now=later) == paused
    assert [one.reason for one in await corpus.deliveries.recent(added.id, list(DeliveryState), 5)] == [
        "the schedule was paused"
    ]
    assert await corpus.schedules.resume(HERE, 1, by=3, now=later) == replace(added, since=later)
    assert await corpus.schedules.resume(HERE, 9, by=3, now=later) is None
    assert await corpus.schedules.pause(HERE, 9, by=3, now=later) is None


async def test_adding_removing_and_disabling_are_audited(
    corpus: Corpus, add: Callable[..., Any], path: Path, now: datetime
) -> None:
    await corpus.schedules.disable((await add(HERE)).id, "the channel is gone")
    await corpus.schedules.remove(HERE, 1, by=3, now=now)
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT library, who, what, subject FROM audit ORDER BY id").fetchall()
    changes = ((9, "schedule added"), (None, "schedule disabled"), (3, "schedule removed"))
    assert rows == [(HERE, who, what, "1") for who, what in changes]
