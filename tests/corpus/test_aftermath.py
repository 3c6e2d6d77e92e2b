"""The first start after a restore: what may have been posted or told is not posted or told blindly."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from bot.corpus import COMMANDS, Corpus, DeliveryState, Found, Schedule
from bot.corpus.feeds import Polled
from bot.corpus.recognising import Seen
from bot.desks.preparing import prepare
from bot.model import Document, Span
from bot.reading.links import link_key
from tests.corpus.libraries import fill, url_of

DAY = date(2026, 5, 12)


async def daily(corpus: Corpus, now: datetime) -> Schedule:
    return await corpus.schedules.add(5, channel_id=6, at="07:30", zone="UTC", period="all", created_by=None, now=now)


@asynccontextmanager
async def restored(path: Path, at: datetime) -> AsyncIterator[Corpus]:
    """The library as it is now, out of a backup, on its first start at ``at``."""
    copy = path.with_name("copy.db")
    async with Corpus.open(url_of(path), bot=False) as corpus:
        await corpus.back_up(copy, now=at)
    async with Corpus.open(url_of(copy), bot=True) as corpus:
        yield corpus


async def test_a_library_that_was_never_away_has_nothing_to_settle(corpus: Corpus, now: datetime) -> None:
    assert await corpus.aftermath.settle(now=now) is None
    assert await corpus.deliveries.in_doubt_until() is None


async def test_a_backup_that_is_simply_copied_over_is_known_for_one(corpus: Corpus, path: Path, now: datetime) -> None:
    await corpus.back_up(path.with_name("copy.db"), now=now)
    shutil.copy(path.with_name("copy.db"), path.with_name("moved.db"))
    async with Corpus.open(url_of(path.with_name("moved.db")), bot=True) as moved:
        settled = await moved.aftermath.settle(now=now + timedelta(hours=1))
        assert settled is not None
        assert settled.copied_at == now
        assert await moved.deliveries.in_doubt_until() == now + timedelta(hours=1)
        assert await moved.aftermath.settle(now=now + timedelta(hours=2)) is None
        assert await moved.deliveries.in_doubt_until() == now + timedelta(hours=1)


async def test_a_clock_that_was_ahead_at_the_first_start_leaves_no_doubt_in_the_future(
    corpus: Corpus, path: Path, now: datetime
) -> None:
    async with restored(path, now) as other:
        assert await other.aftermath.settle(now=now + timedelta(days=9_000)) is not None
        assert await other.aftermath.settle(now=now) is None
        assert await other.deliveries.in_doubt_until() == now


async def test_what_was_ready_counts_as_sent_and_not_confirmed(corpus: Corpus, path: Path, now: datetime) -> None:
    schedule = await daily(corpus, now)
    ready = await corpus.deliveries.plan(schedule.id, DAY, ["{}", "{}"], channel_id=6, now=now)
    await corpus.deliveries.skip(schedule.id, [DAY + timedelta(days=1)], "late", channel_id=6, now=now)
    later = now + timedelta(hours=3)
    async with restored(path, later) as other:
        settled = await other.aftermath.settle(now=later)
        assert settled is not None
        assert settled.digests == 2
        rows = await other.deliveries.of_day(schedule.id, DAY)
        assert [(row.state, row.claimed_at) for row in rows] == [(DeliveryState.SENDING, now)] * 2
        assert [row.nonce for row in rows] == [row.nonce for row in ready]
        assert not any(row.is_lost for row in rows)
        assert not await other.deliveries.claim(rows[0].id, now=later)


async def test_the_reference_of_a_digest_can_be_made_again_and_is_no_other_schedules(
    corpus: Corpus, path: Path, now: datetime
) -> None:
    schedule = await daily(corpus, now)
    async with restored(path, now) as other:
        await daily(corpus, now + timedelta(minutes=1))
        again = await daily(other, now + timedelta(minutes=2))
        assert again == (await other.schedules.all())[1]
        numbers = [(one.id, one.number) for one in await corpus.schedules.all()]
        assert numbers == [(one.id, one.number) for one in await other.schedules.all()], "both are given anew"
        made: dict[tuple[bool, int], str] = {}
        for library in (corpus, other):
            for one in await library.schedules.all():
                (row,) = await library.deliveries.plan(
                    one.id, DAY, ["{}"], channel_id=6, now=now + timedelta(minutes=len(made))
                )
                made[library is other, one.id] = row.nonce
    assert made[False, schedule.id] == made[True, schedule.id]
    assert len(set(made.values())) == 3


async def test_a_digest_that_is_looked_for_and_surely_not_there_is_planned_under_its_reference(
    corpus: Corpus, now: datetime
) -> None:
    schedule = await daily(corpus, now)
    (lost,) = await corpus.deliveries.look_for(schedule.id, DAY, channel_id=6, due=now)
    assert lost.is_lost
    assert await corpus.deliveries.look_for(schedule.id, DAY, channel_id=6, due=now) == [lost]
    for _ in range(2):
        await corpus.deliveries.plan_lost(lost, ["one", "two"], now=now)
    planned = await corpus.deliveries.of_day(schedule.id, DAY)
    assert [(row.payload, row.state) for row in planned] == [("one", "ready"), ("two", "ready")]
    assert planned[0].nonce == lost.nonce
    assert not planned[0].is_lost


async def test_one_that_was_found_meanwhile_is_not_planned(corpus: Corpus, now: datetime) -> None:
    schedule = await daily(corpus, now)
    (lost,) = await corpus.deliveries.look_for(schedule.id, DAY, channel_id=6, due=now)
    await corpus.deliveries.mark(lost.id, DeliveryState.SENT, now=now, message_id=7)
    await corpus.deliveries.plan_lost(lost, ["one"], now=now)
    (row,) = await corpus.deliveries.of_day(schedule.id, DAY)
    assert (row.state, row.message_id) == (DeliveryState.SENT, 7)


async def test_which_commands_are_registered_is_forgotten(corpus: Corpus, path: Path, now: datetime) -> None:
    await corpus.notes.set(f"{COMMANDS}123", "hash")
    await corpus.notes.set("links keyed", "yes")
    async with restored(path, now) as other:
        await other.aftermath.settle(now=now)
        assert await other.notes.get(f"{COMMANDS}123") is None
        assert await other.notes.get("links keyed") == "yes"


async def test_nothing_that_watches_may_have_told_is_told(corpus: Corpus, path: Path, now: datetime) -> None:
    """Neither what waited, nor what came in and was not looked at yet."""
    watch = await corpus.watches.add(5, 8, query="ferry", speaker=None, source=None, channel_id=9, now=now)
    assert await corpus.notices.looked_at() == 0
    await fill(corpus, range(3))
    first = (await corpus.articles.visible(5))[-1]
    await corpus.notices.found([Found(watch.id, first.id, Span(0, 5))], first.id, now=now)
    async with restored(path, now) as other:
        settled = await other.aftermath.settle(now=now)
        assert settled is not None
        assert settled.notices == 1
        assert await other.notices.targets() == []
        assert await other.notices.looked_at() == await other.notices.newest()
    assert len(await corpus.notices.targets()) == 1, "the library itself was not touched"


@pytest.mark.parametrize(
    ("seen_after", "is_news"), [(timedelta(minutes=1), False), (timedelta(hours=2), True)], ids=["first poll", "later"]
)
async def test_what_a_feed_brings_a_second_time_is_no_news(
    corpus: Corpus, path: Path, now: datetime, seen_after: timedelta, *, is_news: bool
) -> None:
    feed = await corpus.feeds.add(5, Polled("https://a.example/f"), passed=(), channel_id=6, added_by=None, now=now)
    await corpus.feeds.add(7, Polled("https://a.example/f"), passed=(), channel_id=6, added_by=None, now=now)
    async with restored(path, now) as other:
        await other.aftermath.settle(now=now)
        after, seen_at = await other.notices.newest(), now + seen_after
        entry = Seen("1", link_key("https://a.example/1"), None, "")
        await other.feeds.polled(feed.id, Polled("https://a.example/f", [entry]), due_at=seen_at, now=seen_at)
        for library in (5, 7):
            fetched = prepare(Document("1", "One", f"The ferry of {library} left.", url="https://a.example/1"))
            await other.articles.add(library, fetched, added_by=None, now=seen_at)
        await fill(other, range(1))
        came_in = await other.notices.came_in(after, await other.notices.newest(), [5, 7])
    assert len(came_in) == (3 if is_news else 2), "typed in by hand, or seen by another server's feed, it is"


def test_settling_is_all_or_nothing(path: Path, blank_library: Path, now: datetime) -> None:
    """A start that is broken off settles again at the next."""
    shutil.copy(blank_library, path)

    async def broken_off() -> None:
        async with Corpus.open(url_of(path), bot=True) as corpus:
            await corpus.back_up(path.with_name("copy.db"), now=now)
        async with Corpus.open(url_of(path.with_name("copy.db")), bot=True) as other:
            settling = asyncio.create_task(other.aftermath.settle(now=now))
            await asyncio.sleep(0)
            settling.cancel()
            await asyncio.gather(settling, return_exceptions=True)
            settled = await other.aftermath.settle(now=now)
            assert (settled is not None) or await other.deliveries.in_doubt_until() == now

    asyncio.run(broken_off())
