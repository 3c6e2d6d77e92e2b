"""What is kept of a server or a person is deleted for good: no row, no id and no word of it is left in any file."""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.corpus import Corpus
from bot.corpus.database import Transaction
from bot.corpus.holdings import HOLDINGS
from bot.corpus.schema import metadata
from bot.corpus.sqlite_database import SqliteDatabase
from bot.model import SHARED
from tests.corpus.beside import delete_and_die
from tests.corpus.conftest import Prepare
from tests.forks import forked
from tests.holdings import cells_with, counted, files_with, fill
from tests.timing import quickest

GUILD, OTHER, PERSON = 111_222_333_444_555_666, 222_333_444_555_666_777, 999_888_777_666_555_444
WORDS = ("zanzibarine", "quaggamire", "plumbaginous", "yttriferous", "xylographer")
TEXT = "The xylographer of Quaggamire carved zanzibarine blocks.\n\n“It is plumbaginous,” said Ines Duarte."
NOT_PEOPLE = {"id", "library", "guild", "channel_id", "message_id", "article_id", "schedule_id", "watch_id", "feed_id"}
NOT_PEOPLE |= {"stamp", "revises", "process_id", "beat", "looked_at"}
NO_SERVERS = {"note", "process"}


async def fill_all(corpus: Corpus, prepare: Prepare, now: datetime) -> None:
    await fill(corpus, GUILD, PERSON, prepare(TEXT, "Xylographer"), now)


# What is kept, and of whom


def test_every_table_is_told_of_once() -> None:
    told = [table.name for holding in HOLDINGS for table in holding.tables]
    assert sorted(told) == sorted(metadata.tables)


def test_every_column_that_can_hold_somebodys_id_is_told_of() -> None:
    told = {str(column) for holding in HOLDINGS for column in (*holding.own, *holding.signed)}
    numbers = {
        str(column)
        for table in metadata.sorted_tables
        for column in table.c
        if column.type.__class__.__name__ == "BigInteger" and column.name not in NOT_PEOPLE
    }
    assert told == numbers
    assert {"watch.user_id", "article.added_by", "audit.who"} <= numbers


def test_a_column_is_told_of_with_its_table() -> None:
    for holding in HOLDINGS:
        assert {column.table for column in (*holding.own, *holding.signed)} <= set(holding.tables)


# Servers


async def test_of_a_deleted_server_no_row_and_no_word_is_left_but_that_it_was_deleted(
    corpus: Corpus, path: Path, prepare: Prepare, now: datetime
) -> None:
    before = counted(path)
    await fill_all(corpus, prepare, now)
    filled = counted(path)
    assert [name for name in before if filled[name] == before[name] and name not in NO_SERVERS] == []
    assert {word for _, word in files_with(path.parent, WORDS)} >= set(WORDS)
    await corpus.leaving.delete_server(GUILD, now=now + timedelta(hours=1))
    left = {name: rows - before[name] for name, rows in counted(path).items() if rows != before[name]}
    assert left == {"library": 1, "audit": 1}
    assert files_with(path.parent, WORDS) == []
    assert cells_with(path, GUILD) == {"library.id", "audit.library"}
    assert cells_with(path, PERSON) == set()
    (line,) = (await corpus.extracts.server(GUILD))["history"]
    assert line == {"at": str(now + timedelta(hours=1)), "what": "library deleted", "subject": ""}


async def test_another_server_and_the_shared_library_are_left_as_they_are(
    corpus: Corpus, path: Path, prepare: Prepare, now: datetime
) -> None:
    await fill(corpus, OTHER, PERSON, prepare(), now)
    await corpus.articles.add(SHARED, prepare("Shared words.", "Shared"), added_by=None, now=now)
    kept = counted(path)
    await fill_all(corpus, prepare, now)
    await corpus.leaving.delete_server(GUILD, now=now)
    assert counted(path) == {**kept, "library": kept["library"] + 1, "audit": kept["audit"] + 1}
    assert len(await corpus.articles.visible(OTHER)) == 2
    assert await corpus.integrity() == []


async def test_the_shared_library_is_no_server_to_be_deleted(corpus: Corpus, now: datetime) -> None:
    with pytest.raises(ValueError, match="shared"):
        await corpus.leaving.delete_server(SHARED, now=now)


async def test_an_article_number_is_not_used_again_after_the_deletion(
    corpus: Corpus, prepare: Prepare, now: datetime
) -> None:
    await fill_all(corpus, prepare, now)
    await corpus.leaving.delete_server(GUILD, now=now)
    again = await corpus.articles.add(GUILD, prepare(TEXT), added_by=None, now=now)
    assert again.article.number == 2


@pytest.mark.many
async def test_no_batch_keeps_other_writers_out_for_long_and_a_word_goes_in_between(
    corpus: Corpus, path: Path, prepare: Prepare, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, held, between = SqliteDatabase.write, list[float](), 0

    @asynccontextmanager
    async def timed(self: SqliteDatabase) -> AsyncIterator[Transaction]:
        async with write(self) as begun:
            since = time.process_time()  # of work: a batch that waits for a processor is not a larger one
            yield begun
        held.append(time.process_time() - since)

    async def delete(number_of_try: int) -> float:
        nonlocal between
        many = []
        for number in range(200):
            lines = [
                f"Line {line} of {number}: the xylographer{number}x{line} went on to say so." for line in range(30)
            ]
            many.append(prepare("\n".join(lines), f"Title {number}"))
        await corpus.articles.add_all(GUILD, many, added_by=PERSON, now=now)
        held.clear()
        monkeypatch.setattr(SqliteDatabase, "write", timed)
        deleting = asyncio.create_task(corpus.leaving.delete_server(GUILD, now=now))
        while not deleting.done():
            await corpus.notes.set("between", str(number_of_try))
            between += 1
            await asyncio.sleep(0.005)
        await deleting
        monkeypatch.setattr(SqliteDatabase, "write", write)
        return max(held)

    assert await quickest(0.05, delete) < 0.05
    assert between > 10
    words = [f"xylographer{number}x{line}" for number in (0, 100, 199) for line in (0, 29)]
    assert files_with(path.parent, words) == []


async def test_a_deletion_that_was_cut_off_goes_on_where_it_was(
    url: str, corpus: Corpus, path: Path, prepare: Prepare, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill_all(corpus, prepare, now)
    write, done = SqliteDatabase.write, 0

    def dying(self: SqliteDatabase) -> AbstractAsyncContextManager[Transaction]:
        nonlocal done
        done += 1
        if done == 8:
            raise asyncio.CancelledError
        return write(self)

    monkeypatch.setattr(SqliteDatabase, "write", dying)
    with pytest.raises(asyncio.CancelledError):
        await corpus.leaving.delete_server(GUILD, now=now)
    monkeypatch.setattr(SqliteDatabase, "write", write)
    assert await corpus.leaving.unfinished() == [GUILD]
    assert await corpus.schedules.all() == []
    await corpus.leaving.delete_server(GUILD, now=now)
    assert await corpus.leaving.unfinished() == []
    assert files_with(path.parent, WORDS) == []
    assert [line["what"] for line in (await corpus.extracts.server(GUILD))["history"]] == ["library deleted"]


@pytest.mark.parametrize("writes", [2, 9, 16])
async def test_after_kill_9_the_deletion_is_ended_and_no_word_is_left(
    url: str, path: Path, blank_library: Path, prepare: Prepare, now: datetime, writes: int
) -> None:
    shutil.copy(blank_library, path)
    async with Corpus.open(url, bot=True) as corpus:
        await fill_all(corpus, prepare, now)
    with forked(delete_and_die, url, GUILD, writes) as killed:
        await asyncio.to_thread(killed.join)
        assert killed.exitcode == -signal.SIGKILL
    async with Corpus.open(url, bot=True) as corpus:
        assert await corpus.leaving.unfinished() == [GUILD]
        await corpus.leaving.delete_server(GUILD, now=now)
        assert await corpus.leaving.unfinished() == []
        assert files_with(path.parent, WORDS) == []


async def test_what_comes_in_while_a_server_is_deleted_goes_too(
    corpus: Corpus, path: Path, prepare: Prepare, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill_all(corpus, prepare, now)
    end, calls = corpus.leaving._end, 0

    async def after_another_article(guild: int, at: datetime) -> bool:
        nonlocal calls
        calls += 1
        if calls == 2:  # everything that was there has been deleted
            await corpus.articles.add(GUILD, prepare("A late xylographer."), added_by=None, now=now)
        return await end(guild, at)

    monkeypatch.setattr(corpus.leaving, "_end", after_another_article)
    await corpus.leaving.delete_server(GUILD, now=now)
    assert calls == 3
    assert counted(path)["article"] == 0
    assert files_with(path.parent, WORDS) == []


async def test_a_reader_of_an_older_state_delays_the_folding_and_no_writer(
    corpus: Corpus, path: Path, prepare: Prepare, now: datetime
) -> None:
    await fill_all(corpus, prepare, now)
    reading = SqliteDatabase(path)
    async with reading.read() as begun:
        await begun.execute(metadata.tables["article"].select())
        deleting = asyncio.create_task(corpus.leaving.delete_server(GUILD, now=now))
        for _ in range(20):
            since = time.perf_counter()
            await corpus.notes.set("while", "reading")
            assert time.perf_counter() - since < 1
            await asyncio.sleep(0.02)
        assert not deleting.done()
    await deleting
    await reading.close()
    assert files_with(path.parent, WORDS) == []


# Servers that the bot was removed from


async def test_a_server_that_was_left_rests_and_is_as_it_was_when_it_returns(
    corpus: Corpus, prepare: Prepare, now: datetime
) -> None:
    await fill_all(corpus, prepare, now)
    ready = await corpus.deliveries.unfinished()
    await corpus.leaving.note_left(GUILD, now=now)
    assert await corpus.schedules.all() == []
    assert await corpus.deliveries.unfinished() == []
    assert not await corpus.deliveries.claim(ready[0].id, now=now)
    later = now + timedelta(days=29)
    assert await corpus.leaving.note_returned(GUILD, now=later)
    (schedule,) = await corpus.schedules.all()
    assert schedule.is_live
    assert schedule.since == later
    assert await corpus.deliveries.unfinished() == ready
    assert not await corpus.leaving.note_returned(GUILD, now=later)


async def test_the_first_time_that_a_server_was_left_counts(corpus: Corpus, now: datetime) -> None:
    await corpus.leaving.note_left(GUILD, now=now)
    await corpus.leaving.note_left(GUILD, now=now + timedelta(days=9))
    assert await corpus.leaving.servers() == {GUILD: now}
    assert await corpus.leaving.owed(now) == []
    assert await corpus.leaving.owed(now + timedelta(seconds=1)) == [GUILD]


async def test_servers_are_those_of_which_anything_is_kept(corpus: Corpus, prepare: Prepare, now: datetime) -> None:
    await corpus.articles.add(SHARED, prepare(), added_by=None, now=now)
    await corpus.answers.save(OTHER, PERSON, "quote", "{}", now=now)
    await fill_all(corpus, prepare, now)
    assert await corpus.leaving.servers() == {GUILD: None, OTHER: None}
    await corpus.leaving.delete_server(GUILD, now=now)
    assert await corpus.leaving.servers() == {OTHER: None}


async def test_a_server_is_joined_for_the_first_time_once(corpus: Corpus, prepare: Prepare, now: datetime) -> None:
    assert await corpus.leaving.note_joined(GUILD, now=now)
    assert not await corpus.leaving.note_joined(GUILD, now=now)
    await corpus.articles.add(OTHER, prepare(), added_by=None, now=now)
    assert not await corpus.leaving.note_joined(OTHER, now=now)
    await corpus.leaving.delete_server(GUILD, now=now)
    assert not await corpus.leaving.note_joined(GUILD, now=now)


# People


async def test_of_a_person_no_id_is_left_in_the_server_and_no_word_of_theirs_in_a_file(
    corpus: Corpus, path: Path, prepare: Prepare, now: datetime
) -> None:
    await fill(corpus, GUILD, PERSON, prepare(), now)
    await corpus.answers.save(GUILD, 5, "digest", f'{{"added": [[1, {PERSON}, false]]}}', now=now)
    await corpus.answers.save(GUILD, 5, "quote", "{}", now=now)
    told = {str(column) for holding in HOLDINGS for column in (*holding.own, *holding.signed)}
    assert cells_with(path, PERSON) == told | {"delivery.payload", "answer.payload"}
    erased = await corpus.leaving.delete_person(PERSON, guild=GUILD)
    assert cells_with(path, PERSON) == set()
    assert files_with(path.parent, ["zanzibarine", "quaggamire", str(PERSON)]) == []
    assert erased.own == {"watch": 1, "visit": 1, "answer": 1}
    assert erased.signed == 3 + 4
    assert counted(path)["answer"] == 1
    assert len(await corpus.articles.visible(GUILD)) == 1
    assert [one.payload for one in await corpus.deliveries.unfinished()] == ['["Added: 1 by somebody"]']


async def test_a_person_is_deleted_in_one_server_or_in_all(
    corpus: Corpus, path: Path, prepare: Prepare, now: datetime
) -> None:
    for guild in (GUILD, OTHER):
        await fill(corpus, guild, PERSON, prepare(), now)
    await corpus.leaving.delete_person(PERSON, guild=GUILD)
    assert (await corpus.extracts.person(GUILD, PERSON))["watches"] == []
    assert len((await corpus.extracts.person(OTHER, PERSON))["watches"]) == 1
    await corpus.leaving.delete_person(PERSON, guild=None)
    assert cells_with(path, PERSON) == set()


# What is handed over


async def test_a_person_is_given_their_own_and_nothing_of_others_or_of_another_server(
    corpus: Corpus, prepare: Prepare, now: datetime
) -> None:
    await fill_all(corpus, prepare, now)
    await fill(corpus, OTHER, PERSON, prepare(), now)
    await corpus.answers.save(GUILD, 5, "quote", '{"asked": "not theirs"}', now=now)
    given = await corpus.extracts.person(GUILD, PERSON)
    assert [(one["query"], one["found"]) for one in given["watches"]] == [("quaggamire", 1)]
    assert given["catchup"] == now
    assert [one["payload"] for one in given["answers"]] == [{"text": f"zanzibarine {PERSON}"}]
    assert given["your id stands on"] == {
        "articles you added": 1,
        "schedules you made": 1,
        "feeds you added": 1,
        "changes you made": 4,
    }


async def test_what_a_server_is_given_names_nobody_by_an_id(corpus: Corpus, prepare: Prepare, now: datetime) -> None:
    await fill_all(corpus, prepare, now)
    given = await corpus.extracts.server(GUILD)
    articles = [one async for some in corpus.extracts.articles(GUILD) for one in some]
    assert str(PERSON) not in f"{given} {articles}"
    assert given["watches"] == 1
    assert [one["at"] for one in given["schedules"]] == ["08:00"]
    assert [(removed, record["text"]) for removed, record in articles] == [(False, TEXT)]
