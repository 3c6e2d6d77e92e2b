"""A library is restored from a backup and the bot started: nothing is doubled, and nothing silently missing.

    post -> back up -> post more -> restore -> start

Real sockets, and the bot's own clock, since Discord's double dates messages by it.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.corpus import Corpus, Delivery, DeliveryState, Schedule
from bot.corpus.backups import back_up
from bot.corpus.restoring import restore
from bot.discord_app import delivery, notifier
from bot.discord_app.delivery import NOT_THERE
from bot.discord_app.planning import CATCH_UP, plan
from bot.model import Document
from bot.newsdesk import Newsdesk
from tests.corpus.libraries import url_of
from tests.wire import objects, permissions
from tests.wire.double import PATIENCE_SECONDS, Double
from tests.wire.lives import POSTS
from tests.wire.places import TEXT, Place
from tests.wire.serving import served

GUILD = int(objects.GUILD)


@dataclass
class Host:
    """A library on a disk, and bots that run on it one after the other, whose clock is ``ahead``."""

    library: Path
    double: Double
    ahead: timedelta = timedelta()
    backup: Path = field(init=False)

    def __post_init__(self) -> None:
        self.backup = self.library.with_name("backup.db")

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    @asynccontextmanager
    async def living(self) -> AsyncIterator[Newsdesk]:
        """A life of the bot, from its start to its clean end."""
        async with Newsdesk.open(url_of(self.library), bot=True, now=self.now) as newsdesk, served(newsdesk):
            await self.double.ready()
            yield newsdesk

    async def back_up(self) -> None:
        await back_up(self.library, self.backup, now=self.now())

    async def restore(self) -> None:
        await restore(self.backup, self.library, force=True, now=self.now())
        self.double.places.forget_nonces()
        self.double.requests.clear()


@pytest.fixture
def host(double: Double, tmp_path: Path, blank_library: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.setattr(delivery, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(notifier, "POLL_SECONDS", 0.05)
    return Host(Path(shutil.copy(blank_library, tmp_path / "newsdesk.db")), double)


@pytest.fixture
def places(double: Double) -> list[Place]:
    return [double.places.add(TEXT, f"desk-{number}") for number in range(3)]


async def due(host: Host, place: Place, ago: timedelta = timedelta(minutes=2)) -> Schedule:
    """A schedule that fell due a while ago; no bot is running."""
    now = host.now()
    async with Corpus.open(url_of(host.library), bot=False) as corpus:
        return await corpus.schedules.add(
            GUILD,
            channel_id=int(place.id),
            at=f"{now - ago:%H:%M}",
            zone="UTC",
            period="all",
            created_by=None,
            now=now - ago - timedelta(hours=1),
        )


async def settled(newsdesk: Newsdesk, schedule: Schedule) -> list[Delivery]:
    """What became of a schedule's only digest, part by part."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            last = await newsdesk.corpus.deliveries.last(schedule.id)
            if last is not None:
                rows = await newsdesk.corpus.deliveries.of_day(schedule.id, last.local_date)
                if all(row.finished_at is not None for row in rows):
                    return rows


async def test_nothing_is_doubled_and_nothing_is_missing(double: Double, host: Host, places: list[Place]) -> None:
    """One digest posted before the backup, one after it, and one that nobody posted yet."""
    early, late, never = places
    before = await due(host, early)
    async with host.living() as newsdesk:
        await settled(newsdesk, before)
    after = await due(host, late)
    unposted = await due(host, never)
    async with Corpus.open(url_of(host.library), bot=False) as corpus:
        await corpus.schedules.pause(GUILD, unposted.number, by=None, now=host.now())
    await host.back_up()
    async with host.living() as newsdesk:
        await settled(newsdesk, after)
    (posted,) = late.messages
    await host.restore()
    async with Corpus.open(url_of(host.library), bot=False) as corpus:
        assert await corpus.deliveries.last(after.id) is None, "it does not know of it"
        await corpus.schedules.resume(GUILD, unposted.number, by=None, now=host.now() - timedelta(hours=1))
    async with host.living() as newsdesk:
        assert [row.state for row in await settled(newsdesk, before)] == [DeliveryState.SENT]
        (found,) = await settled(newsdesk, after)
        assert (found.state, str(found.message_id)) == (DeliveryState.SENT, posted["id"])
        (made,) = await settled(newsdesk, unposted)
        assert made.state is DeliveryState.SENT
        assert made.payload
    assert [len(place.messages) for place in places] == [1, 1, 1]
    assert len(double.sent(*POSTS)) == 1


@pytest.mark.parametrize("is_posted", [True, False])
async def test_what_was_ready_in_the_backup_is_posted_once(
    double: Double, host: Host, places: list[Place], is_posted: bool
) -> None:
    schedule = await due(host, places[0])
    async with Newsdesk.open(url_of(host.library), bot=False, now=host.now) as newsdesk:
        await plan(newsdesk, schedule)
    await host.back_up()
    if is_posted:
        async with host.living() as newsdesk:
            await settled(newsdesk, schedule)
    await host.restore()
    async with host.living() as newsdesk:
        (row,) = await settled(newsdesk, schedule)
    assert row.state is DeliveryState.SENT
    assert [message["id"] for message in places[0].messages] == [str(row.message_id)]
    assert len(double.sent(*POSTS)) == (not is_posted)


@pytest.mark.parametrize("is_posted", [True, False])
async def test_one_whose_channel_cannot_be_read_is_uncertain_and_not_posted(
    double: Double, host: Host, places: list[Place], is_posted: bool
) -> None:
    schedule = await due(host, places[0])
    await host.back_up()
    if is_posted:
        async with host.living() as newsdesk:
            await settled(newsdesk, schedule)
    await host.restore()
    places[0].denied = permissions.READ_MESSAGE_HISTORY
    async with host.living() as newsdesk:
        (row,) = await settled(newsdesk, schedule)
    assert row.state is DeliveryState.UNCERTAIN
    assert row.reason is not None
    assert "restored" in row.reason
    assert len(places[0].messages) == is_posted
    assert double.sent(*POSTS) == []


@pytest.mark.parametrize("is_posted", [True, False])
async def test_one_that_is_too_late_to_post_is_found_or_listed(
    double: Double, host: Host, places: list[Place], is_posted: bool
) -> None:
    schedule = await due(host, places[0])
    await host.back_up()
    if is_posted:
        async with host.living() as newsdesk:
            await settled(newsdesk, schedule)
    await host.restore()
    host.ahead = CATCH_UP + timedelta(hours=1)
    async with host.living() as newsdesk:
        row = (await settled(newsdesk, schedule))[0]
    assert row.state is (DeliveryState.SENT if is_posted else DeliveryState.SKIPPED)
    assert row.reason == (None if is_posted else NOT_THERE)
    assert double.sent(*POSTS) == []


async def test_a_schedule_made_after_the_restore_is_not_taken_for_one_that_is_gone(
    double: Double, host: Host, places: list[Place]
) -> None:
    """It has the row id and the number of one that was made after the backup, and posts to the same channel."""
    await host.back_up()
    gone = await due(host, places[0])
    async with host.living() as newsdesk:
        await settled(newsdesk, gone)
    await host.restore()
    again = await due(host, places[0], ago=timedelta(minutes=3))
    assert (again.id, again.number) == (gone.id, gone.number)
    async with host.living() as newsdesk:
        (row,) = await settled(newsdesk, again)
    assert row.state is DeliveryState.SENT
    assert len(places[0].messages) == 2


async def test_a_watch_is_told_once(double: Double, host: Host, places: list[Place]) -> None:
    """Of what came in before the backup and was told after it; and of what comes in after the restore, it is told."""
    member, told = int(objects.MEMBER), places[0]
    async with Newsdesk.open(url_of(host.library), bot=False, now=host.now) as newsdesk:
        await newsdesk.watching.add(GUILD, member, "ferry", speaker=None, source=None, channel_id=int(told.id))
        await newsdesk.add(GUILD, Document("1.txt", "One", "The ferry left on Monday."))
    await host.back_up()
    async with host.living():
        await double.until(lambda: told.messages)
    await host.restore()
    async with host.living() as newsdesk:
        await newsdesk.add(GUILD, Document("2.txt", "Two", "The ferry came back on Tuesday."))
        await double.until(lambda: len(told.messages) == 2)
    assert [("One" in text, "Two" in text) for text in map(objects.text, told.messages)] == [
        (True, False),
        (False, True),
    ]
