"""The backup a day of a running bot: made when it is due by the clock, tried again when it fails, never too many."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.corpus import Corpus, newest_backup
from bot.corpus.backups import backups_in, dated
from bot.corpus.lock import held
from bot.desks.backing_up import BackingUp, Keeping
from tests.clock import Clock
from tests.corpus.libraries import fill, names, url_of


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 5, 12, 8, 30, tzinfo=UTC))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "backups"


@pytest.fixture
def made_folder(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def blocked(folder: Path) -> Path:
    """A file where the folder is to be."""
    folder.parent.mkdir()
    folder.touch()
    return folder


@pytest.fixture
async def corpus(tmp_path: Path, blank_library: Path) -> AsyncIterator[Corpus]:
    path = tmp_path / "newsdesk.db"
    shutil.copy(blank_library, path)
    async with Corpus.open(url_of(path), bot=True) as opened:
        await fill(opened, range(3))
        yield opened


@pytest.fixture
def backing_up(corpus: Corpus, folder: Path, clock: Clock) -> BackingUp:
    return BackingUp(corpus, Keeping(folder, days=7, weeks=4), clock)


async def moments(folder: Path) -> list[datetime]:
    return list(await asyncio.to_thread(backups_in, folder))


async def test_one_is_made_at_the_start_and_one_each_day_after(
    backing_up: BackingUp, folder: Path, clock: Clock
) -> None:
    begun = clock.now
    for _ in range(3 * 24 * 4):
        await backing_up.tick()
        clock.advance(minutes=15)
    assert await moments(folder) == [begun + timedelta(days=day) for day in range(3)]


async def test_none_is_made_at_a_start_soon_after_one(backing_up: BackingUp, made_folder: Path, clock: Clock) -> None:
    """Whoever made it."""
    folder = made_folder
    made = clock.now - timedelta(hours=23)
    (folder / dated("newsdesk", made)).touch()
    await backing_up.tick()
    assert await moments(folder) == [made]
    clock.advance(hours=1)
    await backing_up.tick()
    assert await moments(folder) == [made, clock.now]


async def test_a_suspended_machine_makes_up_for_one(backing_up: BackingUp, folder: Path, clock: Clock) -> None:
    await backing_up.tick()
    clock.advance(days=5)
    await backing_up.tick()
    assert len(await moments(folder)) == 2


async def test_a_clock_that_was_wrong_neither_keeps_it_from_being_made_nor_deletes_any(
    backing_up: BackingUp, folder: Path, clock: Clock
) -> None:
    now = clock.now
    for clock.now in (now, now + timedelta(days=9_000), now + timedelta(days=1), now - timedelta(days=9_000)):
        await backing_up.tick()
    assert await moments(folder) == [now + timedelta(days=days) for days in (-9_000, 0, 1, 9_000)]


async def test_after_a_year_there_are_seven_days_and_four_weeks(
    backing_up: BackingUp, made_folder: Path, clock: Clock
) -> None:
    folder = made_folder
    for day in range(1, 60):
        (folder / dated("newsdesk", clock.now - timedelta(days=day))).touch()
    (folder / "mine.db").touch()
    await backing_up.tick()
    assert len(await moments(folder)) == 11
    assert "mine.db" in names(folder)
    assert await asyncio.to_thread(newest_backup, folder) == (folder / dated("newsdesk", clock.now), clock.now)


async def test_a_failure_is_one_line_and_tried_again_in_an_hour(
    backing_up: BackingUp, blocked: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(60):
        await backing_up.tick()
        clock.advance(minutes=1)
    (line,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert "no backup was made" in line.getMessage()
    assert line.exc_info is None
    await asyncio.to_thread(blocked.unlink)
    await backing_up.tick()
    assert len(await moments(blocked)) == 1


async def test_after_a_failure_a_clock_that_went_back_does_not_keep_it_waiting(
    backing_up: BackingUp, made_folder: Path, clock: Clock
) -> None:
    with held(made_folder / ".newsdesk-backup", "-"):
        await backing_up.tick()
    clock.advance(days=-400)
    await backing_up.tick()
    assert len(await moments(made_folder)) == 1


async def test_it_ends_when_it_is_cancelled(backing_up: BackingUp, made_folder: Path) -> None:
    running = asyncio.create_task(backing_up.run())
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not [name for name in names(made_folder) if name.endswith(".part")]
