"""Who left and who is back, and what is deleted of them: rows, index, snapshot and old backups."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.desks import indexes
from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from tests.clock import Clock
from tests.holdings import files_with

WORDS = ("xylograph", "quaggamir", "zanzibarin")  # as the index has them, too
TEXT = "The xylographer of Quaggamire carved zanzibarine blocks. He was paid in salt."
START = datetime(2026, 5, 12, 8, 30, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
async def newsdesk(library_url: str, clock: Clock) -> AsyncIterator[Newsdesk]:
    async with Newsdesk.open(library_url, alone=True, bot=True, now=clock) as opened:
        yield opened


async def add(newsdesk: Newsdesk, guild: int, text: str = TEXT) -> None:
    await newsdesk.add(guild, Document("typed", f"Title {guild}", text))


async def found(newsdesk: Newsdesk, guild: int, words: str = "xylographer") -> int:
    return len(await newsdesk.search(guild, newsdesk.query(words)))


async def test_a_deleted_library_is_not_found_any_more_and_what_is_added_next_is(newsdesk: Newsdesk) -> None:
    await add(newsdesk, 1)
    await add(newsdesk, 2)
    await add(newsdesk, SHARED, "A shared xylographer rests.")
    assert await found(newsdesk, 1) == 2
    await newsdesk.departures.delete_library(1)
    assert await found(newsdesk, 1) == 1
    assert await found(newsdesk, 2) == 2
    assert await newsdesk.suggest(1, newsdesk.query("quaggamir")) == []
    await add(newsdesk, 1, "Another xylographer came.")
    assert await found(newsdesk, 1) == 2
    assert await found(newsdesk, 1, "zanzibarine") == 0


async def test_after_a_deletion_by_another_process_the_index_begins_anew_however_much_was_added(
    newsdesk: Newsdesk, library_url: str
) -> None:
    await add(newsdesk, 1)
    await add(newsdesk, 1, "A second xylographer.")
    assert await found(newsdesk, 1) == 2
    async with Newsdesk.open(library_url, bot=False) as other:
        await other.departures.delete_library(1)
        for number in range(4):
            await other.add(1, Document("typed", f"Title {number}", f"A later engraver, number {number}."))
    assert await found(newsdesk, 1) == 0
    assert await found(newsdesk, 1, "engraver") == 4
    assert await newsdesk.suggest(1, newsdesk.query("xylographe")) == []


@pytest.mark.sqlite
async def test_no_word_of_a_deleted_library_is_in_any_file_beside_the_database(
    newsdesk: Newsdesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "LARGE_PASSAGES", 1)
    await add(newsdesk, 1)
    assert await found(newsdesk, 1) == 1
    await newsdesk.indexes.close()
    assert {Path(name).parent.name for name, _ in files_with(tmp_path, WORDS)} == {"", "newsdesk.db.indexes"}
    await newsdesk.departures.delete_library(1)
    await newsdesk.indexes.close()
    assert files_with(tmp_path, WORDS) == []


async def test_after_thirty_days_and_not_before_a_server_that_was_left_is_deleted(
    newsdesk: Newsdesk, tmp_path: Path, clock: Clock
) -> None:
    await add(newsdesk, 1)
    await newsdesk.departures.left(1)
    clock.advance(days=30)
    await newsdesk.departures.sweep([2])
    assert await found(newsdesk, 1) == 1
    clock.advance(seconds=1)
    await newsdesk.departures.sweep([2])
    assert await found(newsdesk, 1) == 0
    assert files_with(tmp_path, WORDS) == []
    assert await newsdesk.corpus.leaving.servers() == {}


async def test_a_server_that_is_there_is_not_deleted_whatever_was_noted(newsdesk: Newsdesk, clock: Clock) -> None:
    await add(newsdesk, 1)
    await newsdesk.departures.left(1)
    clock.advance(days=31)
    await newsdesk.departures.sweep([1])
    assert await found(newsdesk, 1) == 1


async def test_a_deletion_that_was_cut_off_is_ended_by_the_next_sweep(newsdesk: Newsdesk) -> None:
    await add(newsdesk, 1)
    await newsdesk.corpus.leaving._stop(1, START)
    await newsdesk.departures.sweep([1])
    assert await found(newsdesk, 1) == 0


async def test_who_is_not_there_at_the_start_has_left_and_who_is_there_again_has_returned(
    newsdesk: Newsdesk, clock: Clock
) -> None:
    for guild in (1, 2, 3, 4):
        await add(newsdesk, guild, f"{TEXT} {guild}")
    await newsdesk.departures.left(4)
    await newsdesk.departures.compare([2, 3, 4, 5])
    assert await newsdesk.corpus.leaving.servers() == {1: START, 2: None, 3: None, 4: None}


async def test_when_more_than_half_seem_to_be_gone_nothing_is_concluded(
    newsdesk: Newsdesk, caplog: pytest.LogCaptureFixture
) -> None:
    for guild in (1, 2, 3):
        await add(newsdesk, guild, f"{TEXT} {guild}")
    await newsdesk.departures.compare([1])
    assert set((await newsdesk.corpus.leaving.servers()).values()) == {None}
    assert "2 of 3 known servers are not there" in caplog.text
    await newsdesk.departures.compare([])
    assert set((await newsdesk.corpus.leaving.servers()).values()) == {None}


@pytest.mark.sqlite
async def test_copies_made_before_a_migration_are_deleted_after_thirty_days(
    newsdesk: Newsdesk, tmp_path: Path, clock: Clock
) -> None:
    copy, other = tmp_path / "newsdesk.db.before-0004.db", tmp_path / "another.db.before-0004.db"
    for file in (copy, other):
        file.write_text("xylographer", encoding="utf-8")
        os.utime(file, (START.timestamp(), START.timestamp()))
    clock.advance(days=30)
    await newsdesk.departures.sweep([])
    assert copy.exists()
    clock.advance(seconds=1)
    await newsdesk.departures.sweep([])
    assert not copy.exists()
    assert other.exists()
