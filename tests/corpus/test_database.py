"""Transactions: all of a job or nothing of it, whoever else is at work and whoever is cancelled."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import threading
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import closing, suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from bot.corpus import sqlite
from bot.corpus.database import finish
from bot.corpus.driver import Connection
from bot.corpus.fixed import FixedInsert, FixedQuery, Raw
from bot.corpus.schema import note
from bot.corpus.sqlite_database import READERS, SqliteDatabase
from bot.errors import CorpusError
from tests.sizes import cases

INSERT = FixedInsert(note)
NOTES = FixedQuery(select(note))
JOBS = cases(1000, few=100)
CANCELLATIONS = cases(2000, few=200)
WORKERS = 3


@pytest.fixture
async def database(path: Path, blank_library: Path) -> AsyncIterator[SqliteDatabase]:
    shutil.copy(blank_library, path)
    opened = SqliteDatabase(path)
    yield opened
    await opened.close()


async def write_two_rows(database: SqliteDatabase, job: int) -> None:
    async with database.write() as begun:
        await begun.execute(insert(note), {"key": f"{job} first", "value": "1"})
        await asyncio.sleep(0)
        await begun.execute(insert(note), {"key": f"{job} second", "value": "1"})


def change_two_rows(connection: Raw, job: int) -> None:
    INSERT.run(connection, [{"key": f"{job} first", "value": "1"}])
    INSERT.run(connection, [{"key": f"{job} second", "value": "1"}])


def rows_per_job(path: Path) -> Counter[int]:
    with closing(sqlite3.connect(path)) as connection:
        return Counter(int(key.split()[0]) for (key,) in connection.execute("SELECT key FROM note"))


@pytest.mark.many
async def test_interleaved_jobs_are_neither_lost_nor_halved(database: SqliteDatabase, path: Path) -> None:
    await asyncio.gather(*(write_two_rows(database, job) for job in range(JOBS)))
    assert rows_per_job(path) == dict.fromkeys(range(JOBS), 2)


@pytest.mark.many
async def test_cancelled_jobs_are_stored_whole_or_not_at_all(database: SqliteDatabase, path: Path) -> None:
    dice = random.Random(20260512)
    acknowledged: set[int] = set()
    given_up: set[int] = set()

    async def run(job: int) -> None:
        await write_two_rows(database, job)
        acknowledged.add(job)

    async def run_and_cancel(first: int) -> None:
        for job in count(first, WORKERS):
            task = asyncio.create_task(run(job))
            if dice.random() < 0.1:  # left alone: on a slow disk no other job may end in time
                await task
                continue
            for _ in range(dice.randrange(40)):
                await asyncio.sleep(0)
            if dice.random() < 0.9:
                await asyncio.sleep(dice.uniform(0, 0.004))
            if task.cancel():
                given_up.add(job)
            with suppress(asyncio.CancelledError):
                await task
            if len(given_up) >= CANCELLATIONS:
                return

    await asyncio.gather(*(run_and_cancel(first) for first in range(WORKERS)))
    stored = rows_per_job(path)
    assert acknowledged <= set(stored)
    assert set(stored.values()) == {2}
    assert given_up - set(stored), "some were cancelled before their commit"
    assert acknowledged, "some came through"


async def test_no_connection_is_leaked_by_cancelled_reads_and_writes(database: SqliteDatabase) -> None:
    dice = random.Random(7)

    async def read() -> None:
        async with database.read() as begun:
            await begun.execute(select(note))

    await asyncio.gather(*(read() for _ in range(READERS)))
    before = threading.active_count()
    for job in range(300):
        task = asyncio.create_task(write_two_rows(database, job) if job % 2 else read())
        await asyncio.sleep(dice.uniform(0, 0.002))
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert threading.active_count() <= before + 1
    async with asyncio.timeout(5):
        await asyncio.gather(*(read() for _ in range(READERS * 2)), write_two_rows(database, 10_000))


async def test_a_job_that_raises_leaves_nothing(database: SqliteDatabase, path: Path) -> None:
    async def fail() -> None:
        async with database.write() as begun:
            await begun.execute(insert(note), {"key": "1 first", "value": "1"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert not rows_per_job(path)


async def test_a_waiting_writer_can_be_cancelled_at_once(database: SqliteDatabase) -> None:
    async with database.write():
        waiting = asyncio.create_task(write_two_rows(database, 1))
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            async with asyncio.timeout(1):
                await waiting


async def test_a_reader_sees_one_moment_while_others_write(database: SqliteDatabase) -> None:
    async with database.read() as begun:
        assert (await begun.execute(select(note))).all() == []
        await write_two_rows(database, 1)
        assert (await begun.execute(select(note))).all() == []


async def test_a_reader_cannot_write(database: SqliteDatabase) -> None:
    with pytest.raises(CorpusError):
        async with database.read() as begun:
            await begun.execute(insert(note), {"key": "1 first", "value": "1"})


async def test_every_connection_has_its_pragmas(database: SqliteDatabase) -> None:
    async def values(names: list[str], *, reader: bool) -> dict[str, object]:
        async with database.read() if reader else database.write() as begun:
            return {name: (await begun.execute(text(f"PRAGMA {name}"))).scalar_one() for name in names}

    wanted = {"foreign_keys": 1, "busy_timeout": 5000, "secure_delete": 1, "synchronous": 2, "journal_mode": "wal"}
    assert await values(list(wanted), reader=False) == wanted
    assert await values([*wanted, "query_only"], reader=True) == {**wanted, "query_only": 1}


async def test_a_pragma_that_is_not_honoured_is_a_fault() -> None:
    with closing(sqlite3.connect(":memory:")) as connection, pytest.raises(CorpusError, match="journal_mode"):
        sqlite.set_pragmas(connection, {"journal_mode": "wal"})


async def test_another_process_holding_the_file_is_one_sentence(
    database: SqliteDatabase, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.write() as begun:
        await begun.execute(text("PRAGMA busy_timeout = 10"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CorpusError, match="busy"):
            await write_two_rows(database, 1)
    await write_two_rows(database, 1)
    assert rows_per_job(path) == {1: 2}


async def test_finish_ends_the_work_before_the_cancellation_is_felt() -> None:
    steps: list[str] = []

    async def work() -> None:
        await asyncio.sleep(0.01)
        steps.append("ended")

    task = asyncio.create_task(finish(work()))
    for _ in range(3):
        await asyncio.sleep(0.001)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert steps == ["ended"]


async def test_finish_returns_what_the_work_returns_and_raises_what_it_raises() -> None:
    async def value() -> int:
        return 7

    async def fault() -> None:
        raise KeyError

    assert await finish(value()) == 7
    with pytest.raises(KeyError):
        await finish(fault())


async def test_a_read_of_one_statement_is_two_trips_to_its_thread(
    database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes longer than SQLite does for what is asked."""
    execute, trips = Connection._execute, []

    async def counted(self: Connection, *given: Any) -> Any:
        trips.append(given)
        return await execute(self, *given)  # type: ignore[no-untyped-call]

    async with database.read() as begun:
        await begun.execute(select(note))  # opens the connection
    monkeypatch.setattr(Connection, "_execute", counted)
    async with database.read() as begun:
        await begun.execute(select(note))
    assert len(trips) == 2


async def test_a_read_sees_one_moment_from_its_first_statement_on(database: SqliteDatabase) -> None:
    async with database.read() as reading:
        before = (await reading.execute(select(note))).all()
        async with database.write() as begun:
            await begun.execute(insert(note), {"key": "meanwhile", "value": "1"})
        assert (await reading.execute(select(note))).all() == before
    async with database.read() as reading:
        assert len((await reading.execute(select(note))).all()) == len(before) + 1


async def test_changes_beside_writes_are_neither_lost_nor_halved(database: SqliteDatabase, path: Path) -> None:
    def job(number: int) -> Coroutine[Any, Any, None]:
        whole = partial(change_two_rows, job=number)
        return database.change(whole) if number % 2 else write_two_rows(database, number)

    await asyncio.gather(*(job(number) for number in range(300)))
    assert rows_per_job(path) == dict.fromkeys(range(300), 2)


async def test_a_cancelled_change_is_stored_whole_or_not_at_all(database: SqliteDatabase, path: Path) -> None:
    dice = random.Random(9)
    for job in range(300):
        task = asyncio.create_task(database.change(partial(change_two_rows, job=job)))
        await asyncio.sleep(dice.uniform(0, 0.002))
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert set(rows_per_job(path).values()) <= {2}
    await database.change(partial(change_two_rows, job=1_000))
    assert rows_per_job(path)[1_000] == 2


async def test_a_change_that_raises_leaves_nothing(database: SqliteDatabase, path: Path) -> None:
    def fail(connection: Raw) -> None:
        change_two_rows(connection, 1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.change(fail)
    assert not rows_per_job(path)
    await database.change(partial(change_two_rows, job=1))
    with pytest.raises(sqlite3.IntegrityError):
        await database.change(partial(change_two_rows, job=1))
    assert rows_per_job(path) == {1: 2}


async def test_a_look_sees_what_was_written_and_one_moment(database: SqliteDatabase, path: Path) -> None:
    def twice(connection: Raw) -> tuple[int, int]:
        before = len(NOTES.rows(connection))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("INSERT INTO note (key, value) VALUES (?, '1')", (f"{before} meanwhile",))
        return before, len(NOTES.rows(connection))

    await write_two_rows(database, 1)
    assert await database.look(twice) == (2, 2)
    assert await database.look(twice) == (3, 3)


async def test_a_look_cannot_write(database: SqliteDatabase) -> None:
    with pytest.raises(CorpusError):
        await database.look(partial(change_two_rows, job=1))
    assert await database.look(NOTES.rows) == []


async def test_the_connections_of_looks_and_changes_have_their_pragmas(database: SqliteDatabase) -> None:
    wanted = {"foreign_keys": 1, "busy_timeout": 5000, "secure_delete": 1, "synchronous": 2, "journal_mode": "wal"}

    def values(connection: Raw, names: list[str]) -> dict[str, object]:
        assert isinstance(connection, sqlite3.Connection)
        return {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names}

    assert await database.change(partial(values, names=list(wanted))) == wanted
    assert await database.look(partial(values, names=[*wanted, "query_only"])) == {**wanted, "query_only": 1}


async def test_another_process_holding_the_file_is_one_sentence_for_a_change(
    database: SqliteDatabase, path: Path
) -> None:
    def hurry(connection: Raw) -> None:
        assert isinstance(connection, sqlite3.Connection)
        connection.execute("PRAGMA busy_timeout = 10").close()

    await database.change(hurry)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CorpusError, match="busy"):
            await database.change(partial(change_two_rows, job=1))
    await database.change(partial(change_two_rows, job=1))
    assert rows_per_job(path) == {1: 2}


async def test_the_log_is_cut_while_looks_and_changes_go_on(database: SqliteDatabase, path: Path) -> None:
    going = True

    async def look() -> None:
        while going:
            await database.look(NOTES.rows)

    async def change() -> None:
        for job in count():
            if not going:
                return
            await database.change(partial(change_two_rows, job=job))

    busy = [asyncio.create_task(work()) for work in (look, look, change)]
    cut = [await database.truncate_log() for _ in range(20)]
    going = False
    await asyncio.gather(*busy)
    assert all(cut)


async def test_what_is_asked_of_a_closed_file_fails_at_once(path: Path, blank_library: Path) -> None:
    shutil.copy(blank_library, path)
    closed = SqliteDatabase(path)
    assert await closed.look(NOTES.rows) == []
    await closed.close()
    for asked in (closed.look(NOTES.rows), closed.change(NOTES.rows)):
        with pytest.raises(RuntimeError, match="closed"):
            await asked
