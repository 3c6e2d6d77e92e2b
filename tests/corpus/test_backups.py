"""Backups: whole and checked or not there, whoever writes meanwhile; and which of them are kept."""

from __future__ import annotations

import asyncio
import re
import resource
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.corpus import Corpus, copying, newest_backup
from bot.corpus.backups import back_up, backups_in, dated, expired, make, make_folder, make_room, moment_of
from bot.corpus.copying import Stopped, Work, check
from bot.corpus.lock import held
from bot.desks.preparing import prepare
from bot.errors import CorpusError, CorpusInUse, CorpusTooNew
from tests.corpus.libraries import AT, document, fill, names, notes, titles

_BEGUN = datetime(2024, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 3 * 366 * 86_400).map(lambda seconds: _BEGUN + timedelta(seconds=seconds))


@pytest.fixture
async def filled(corpus: Corpus) -> Corpus:
    await fill(corpus, range(10))
    return corpus


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "backups"
    made.mkdir()
    return made


# The file


async def test_a_backup_is_the_library_beside_a_running_bot(filled: Corpus, path: Path, folder: Path) -> None:
    made = await back_up(path, folder, now=AT)
    assert made.path == folder / "newsdesk-2026-05-12T083000Z.db"
    assert titles(made.path) == titles(path)
    assert made.articles == 10
    assert made.size_bytes == made.path.stat().st_size
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert names(folder) == {made.path.name}
    assert notes(made.path)["copied from a library at"] == AT.isoformat()
    assert "copied from a library at" not in notes(path)


async def test_what_waits_in_the_log_is_in_the_backup_and_the_log_of_a_closed_library_is_gone(
    url: str, path: Path, folder: Path
) -> None:
    async with Corpus.open(url, bot=True) as corpus:
        await fill(corpus, range(3))
        assert path.with_name("newsdesk.db-wal").stat().st_size
        await back_up(path, folder / "one.db", now=AT)
    await back_up(path, folder / "two.db", now=AT)
    assert len(titles(folder / "one.db")) == len(titles(folder / "two.db")) == 3
    assert names(path.parent) == {"newsdesk.db", "backups"}


async def test_each_backup_under_writes_is_whole_and_has_all_that_was_acknowledged(
    corpus: Corpus, path: Path, folder: Path
) -> None:
    acknowledged: list[int] = []
    begun = asyncio.Event()

    async def write() -> None:
        for number in range(80):
            await fill(corpus, range(number, number + 1))
            acknowledged.append(number)
            begun.set()

    writing = asyncio.create_task(write())
    await begun.wait()
    rounds = 0
    while not writing.done():
        before = set(acknowledged)
        made = await back_up(path, folder / f"{rounds}.db", now=AT)
        assert {f"Ferry {number}" for number in before} <= titles(made.path)
        assert made.articles == len(titles(made.path))
        rounds += 1
    await writing
    assert rounds > 1
    assert names(folder) == {f"{number}.db" for number in range(rounds)}


async def test_a_backup_does_not_wait_for_the_writer(filled: Corpus, path: Path, folder: Path) -> None:
    async with filled._database.write():
        made = await back_up(path, folder, now=AT)
    assert made.articles == 10


async def test_the_bot_writes_while_a_backup_is_made(
    filled: Corpus, path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_OPCODES", 50)
    loop, added = asyncio.get_running_loop(), list[int]()

    def watch(done: int, _total: int) -> None:
        if done < 50 and not added:  # it is being copied
            added.append(done)
            asyncio.run_coroutine_threadsafe(fill(filled, range(10, 11)), loop).result(timeout=5)

    await fill(filled, range(20, 60))
    made = await back_up(path, folder, now=AT, watch=watch)
    assert added
    assert "Ferry 10" in titles(path)
    assert made.articles in (50, 51)


async def test_a_cancelled_backup_stops_at_once_and_leaves_nothing(filled: Corpus, path: Path, folder: Path) -> None:
    reached, cancelled = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def watch(_done: int, _total: int) -> None:
        loop.call_soon_threadsafe(reached.set)
        assert cancelled.wait(timeout=5)

    making = asyncio.create_task(back_up(path, folder, now=AT, watch=watch))
    await reached.wait()
    making.cancel()
    await asyncio.sleep(0)
    cancelled.set()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert names(folder) == set()
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_work_that_is_to_stop_does(url: str, path: Path, folder: Path) -> None:
    asyncio.run(_filled(url, 5))
    work = Work()
    work.stop.set()
    with pytest.raises(Stopped):
        make(path, folder, now=AT, work=work)
    assert names(folder) == set()


async def _filled(url: str, articles: int) -> None:
    async with Corpus.open(url, bot=True) as corpus:
        await fill(corpus, range(articles))


async def test_progress_only_grows_to_a_hundred(filled: Corpus, path: Path, folder: Path) -> None:
    told: list[int] = []
    await back_up(path, folder, now=AT, watch=lambda done, _total: told.append(done))
    assert told == sorted(told)
    assert told[-1] == 100


# What keeps it from being made


async def test_a_text_that_is_damaged_in_the_library_is_found_and_not_backed_up(
    url: str, path: Path, folder: Path
) -> None:
    await _filled(url, 4)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE article SET text = replace(text, 'calm', 'wild') WHERE id = 2")
    with pytest.raises(CorpusError, match=r"newsdesk.db is damaged: 1 of 4 texts .* \(rows 2\)"):
        await back_up(path, folder, now=AT)
    assert names(folder) == set()


def test_a_page_that_is_damaged_is_found(url: str, path: Path, folder: Path) -> None:
    asyncio.run(_filled(url, 40))
    data = bytearray(path.read_bytes())
    at = data.rindex(b"Crossing 7 was calm")
    data[at - at % 4096 : at - at % 4096 + 64] = bytes(64)
    path.write_bytes(data)
    with pytest.raises(CorpusError, match=r"newsdesk\.db is damaged"):
        asyncio.run(back_up(path, folder, now=AT))
    assert names(folder) == set()


async def test_a_purged_and_a_revised_article_are_no_damage(filled: Corpus, path: Path, folder: Path) -> None:
    await filled.removals.purge(5, 3, by=None, now=AT)
    of = await filled.articles.find(5, 4)
    assert of is not None
    await filled.revisions.revise(of, prepare(document(99)), (), by=None, now=AT)
    assert (await back_up(path, folder, now=AT)).articles == 11


@contextmanager
def no_file_larger_than(size_bytes: int) -> Iterator[None]:
    """A disk that is full from there on, as far as a process can tell."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_disk_that_fills_up_leaves_no_half_file(filled: Corpus, path: Path, folder: Path) -> None:
    with no_file_larger_than(50_000), pytest.raises(CorpusError, match="newsdesk-2026"):
        await back_up(path, folder, now=AT)
    assert names(folder) == set()
    assert (await back_up(path, folder, now=AT)).articles == 10


async def test_a_file_that_is_there_is_not_overwritten(filled: Corpus, path: Path, folder: Path) -> None:
    (folder / "mine.db").write_text("mine")
    with pytest.raises(CorpusError, match="there already"):
        await back_up(path, folder / "mine.db", now=AT)
    assert (folder / "mine.db").read_text() == "mine"


async def test_where_there_is_no_folder_or_no_library_it_is_said(filled: Corpus, path: Path, folder: Path) -> None:
    with pytest.raises(CorpusError, match="There is no folder"):
        await back_up(path, folder / "deeper" / "x.db", now=AT)
    with pytest.raises(CorpusError, match="no library"):
        await back_up(path.with_name("other.db"), folder, now=AT)
    assert names(path.parent) >= {"newsdesk.db"}
    assert not path.with_name("other.db").exists()


async def test_a_library_of_a_newer_newsdesk_is_left_alone(url: str, path: Path, folder: Path) -> None:
    await _filled(url, 1)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CorpusTooNew):
        await back_up(path, folder, now=AT)


async def test_two_backups_into_a_folder_do_not_meet(filled: Corpus, path: Path, folder: Path) -> None:
    with held(folder / ".newsdesk-backup", "-"), pytest.raises(CorpusInUse, match="Another backup"):
        await back_up(path, folder, now=AT)


async def test_what_a_killed_backup_left_is_gone_after_the_next(filled: Corpus, path: Path, folder: Path) -> None:
    for end in ("", "-journal", "-wal"):
        (folder / f".newsdesk-backup.part{end}").write_bytes(b"half")
    made = await back_up(path, folder, now=AT)
    assert names(folder) == {made.path.name}


def test_a_folder_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for use in (make_folder, newest_backup):
        with pytest.raises(CorpusError, match="BACKUP_DIR"):
            use(tmp_path / "file")


# Names and rotation


@given(MOMENTS)
def test_a_name_says_its_moment(moment: datetime) -> None:
    assert moment_of(dated("newsdesk", moment)) == moment


@pytest.mark.parametrize(
    "name",
    [
        "newsdesk.db",
        "newsdesk-2026-05-12T083000Z.db.part",
        "my-newsdesk-2026-05-12T083000Z.db",
        "newsdesk-2026-13-12T083000Z.db",
        "newsdesk-2026-05-12.db",
    ],
)
def test_other_names_are_nobodys(name: str) -> None:
    assert moment_of(name) is None


def test_the_newest_is_that_of_the_latest_moment(folder: Path) -> None:
    assert newest_backup(folder / "nowhere") is None
    assert newest_backup(folder) is None
    days = [AT + timedelta(days=day) for day in (0, 2, 1)]
    for moment in days:
        (folder / dated("newsdesk", moment)).touch()
    (folder / "newsdesk-2030-01-01T000000Z.db").mkdir()
    (folder / "zzz.db").touch()
    assert newest_backup(folder) == (folder / dated("newsdesk", days[1]), days[1])
    assert list(backups_in(folder)) == sorted(days)


def test_only_backups_are_deleted(folder: Path) -> None:
    moments = [AT + timedelta(days=day) for day in range(3)]
    for moment in moments:
        (folder / dated("newsdesk", moment)).touch()
    others = {"notes.txt", "newsdesk-2020.db", "newsdesk.db"}
    for name in others:
        (folder / name).touch()
    assert make_room(folder, now=moments[-1], days=1, weeks=0) == [dated("newsdesk", at) for at in moments[:2]]
    assert names(folder) == others | {dated("newsdesk", moments[-1])}


def test_a_year_of_days_leaves_seven_days_and_four_weeks() -> None:
    kept: set[datetime] = set()
    for day in range(365):
        now = AT + timedelta(days=day, minutes=day)
        kept.add(now)
        kept -= set(expired(kept, now, 7, 4))
        recent = [at for at in kept if now - at < timedelta(days=7)]
        assert len(recent) == min(day + 1, 7)
        assert len(kept) <= 11
    older = sorted(kept - set(recent))
    assert len(older) == 4
    assert [later - earlier for earlier, later in pairwise(older)] == [timedelta(days=7, minutes=7)] * 3


@given(st.sets(MOMENTS, max_size=60), MOMENTS, st.integers(1, 10), st.integers(0, 6))
def test_what_expires_is_old_and_what_is_kept_is_enough(
    moments: set[datetime], now: datetime, days: int, weeks: int
) -> None:
    gone = expired(moments, now, days, weeks)
    kept = moments - set(gone)
    assert gone == sorted(gone)
    assert set(gone) <= moments
    assert not expired(kept, now, days, weeks), "once is enough"
    assert all(at <= now for at in gone), "what a wrong clock dated in the future stays"
    past = sorted(at for at in moments if at <= now)
    if past:
        assert past[-1] in kept
    dates: list[date] = sorted({at.date() for at in past})
    assert {at for at in past if at.date() in dates[-days:]} <= kept
    left = {at.isocalendar()[:2] for at in kept if at <= now and at.date() not in dates[-days:]}
    assert len(left) == len([at for at in kept if at <= now and at.date() not in dates[-days:]]) <= weeks
    weeks_before = sorted({at.isocalendar()[:2] for at in past if at.date() not in dates[-days:]})
    assert sorted(left) == weeks_before[max(len(weeks_before) - weeks, 0) :]


@given(st.sets(MOMENTS, min_size=1, max_size=30), MOMENTS, MOMENTS, st.integers(1, 5), st.integers(0, 3))
def test_a_clock_that_went_back_lets_go_of_nothing_more(
    moments: set[datetime], one: datetime, other: datetime, days: int, weeks: int
) -> None:
    back, now = sorted((one, other))
    kept_by_old = {at for at in moments if at > back}
    assert kept_by_old.isdisjoint(expired(moments, back, days, weeks))
    assert len(set(expired(moments, back, days, weeks))) <= max(len([at for at in moments if at <= back]) - 1, 0)
    assert len(expired(moments, now, days, weeks)) <= max(len([at for at in moments if at <= now]) - 1, 0)


async def test_a_backup_can_be_checked_by_itself(filled: Corpus, path: Path, folder: Path) -> None:
    made = await back_up(path, folder, now=AT)
    assert check(made.path, Work(), made.path).articles == 10
    assert re.fullmatch(r"newsdesk-[\dT-]+Z\.db", made.path.name)
