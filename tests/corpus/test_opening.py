"""Opening the corpus: who may, what is refused with which sentence, and that everything is closed again."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from bot.corpus import Corpus, Prepared
from bot.corpus.sqlite import path_of
from bot.errors import CorpusError, CorpusInUse, CorpusTooNew, NewsdeskError
from bot.model import SHARED
from tests.stored import revision

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def url(path: Path) -> str:
    """Of a file that is not there yet."""
    return f"sqlite+aiosqlite:///{path}"


async def refusal(url: str, *, bot: bool = True) -> NewsdeskError:
    with pytest.raises(CorpusError) as caught:
        async with Corpus.open(url, bot=bot):
            pass
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return caught.value


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


async def test_a_second_bot_is_refused_with_one_line(url: str) -> None:
    async with Corpus.open(url, bot=True):
        error = await refusal(url)
    assert isinstance(error, CorpusInUse)
    assert str(error) == "Another Newsdesk already runs on newsdesk.db: stop it first."


async def test_the_lock_is_free_when_the_first_bot_has_ended(url: str) -> None:
    for _ in range(2):
        async with Corpus.open(url, bot=True):
            pass


async def test_the_lock_is_free_after_a_bot_that_failed(url: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with Corpus.open(url, bot=True):
            raise ZeroDivisionError
    async with Corpus.open(url, bot=True):
        pass


async def test_the_cli_writes_beside_a_running_bot_which_reads_it(
    url: str, prepare: Callable[..., Prepared], now: datetime
) -> None:
    async with Corpus.open(url, bot=True) as bot, Corpus.open(url, bot=False) as cli:
        await cli.articles.add(SHARED, prepare(), added_by=None, now=now)
        assert await revision(bot, SHARED) == 1
        assert [article.title for article in await bot.articles.visible(5)] == ["Ferry"]


async def test_bot_and_cli_add_at_once_and_lose_nothing(
    url: str, prepare: Callable[..., Prepared], now: datetime
) -> None:
    async with Corpus.open(url, bot=True) as bot, Corpus.open(url, bot=False) as cli:
        both = [
            (corpus, f"Text {index} of {name}.") for index in range(30) for corpus, name in ((bot, "a"), (cli, "b"))
        ]
        adding = (corpus.articles.add(SHARED, prepare(text), added_by=None, now=now) for corpus, text in both)
        numbers = [added.article.number for added in await asyncio.gather(*adding)]
    assert sorted(numbers) == list(range(1, 61))


async def test_the_cli_makes_a_new_database_and_gives_the_lock_back(url: str) -> None:
    async with Corpus.open(url, bot=False) as cli, Corpus.open(url, bot=True):
        assert await cli.articles.visible(5) == []


@pytest.mark.parametrize("bot", [True, False])
@pytest.mark.parametrize("journal", ["wal", "delete"])
async def test_a_newer_file_is_refused_and_keeps_every_byte(url: str, path: Path, *, bot: bool, journal: str) -> None:
    async with Corpus.open(url, bot=True):
        pass
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.execute(f"PRAGMA journal_mode = {journal}")
    before = digest(path)
    assert isinstance(await refusal(url, bot=bot), CorpusTooNew)
    assert digest(path) == before
    assert not list(path.parent.glob("*.before-*"))


async def test_a_newer_file_keeps_every_byte_also_where_its_bot_was_killed(
    url: str, path: Path, tmp_path: Path
) -> None:
    async with Corpus.open(url, bot=True):
        pass
    left = tmp_path / "left.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        for suffix in ("", "-wal"):  # what `kill -9` leaves: the change is in the write-ahead log only
            shutil.copy(f"{path}{suffix}", f"{left}{suffix}")
    before = digest(left), digest(left.with_name("left.db-wal"))
    assert isinstance(await refusal(f"sqlite+aiosqlite:///{left}"), CorpusTooNew)
    assert (digest(left), digest(left.with_name("left.db-wal"))) == before


async def test_a_database_of_another_program_is_left_alone(url: str, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    before = digest(path)
    assert "another program" in str(await refusal(url))
    assert digest(path) == before


@pytest.fixture
def minutes(path: Path) -> Path:
    """A text file where the database should be."""
    path.write_bytes(b"minutes of the meeting " * 100)
    return path


async def test_a_file_that_is_no_database_is_left_alone(url: str, minutes: Path) -> None:
    before = digest(minutes)
    assert "not a database" in str(await refusal(url))
    assert digest(minutes) == before


@pytest.fixture
def empty(path: Path) -> Path:
    path.touch()
    return path


async def test_an_empty_file_becomes_a_database(url: str, empty: Path, path: Path) -> None:
    async with Corpus.open(url, bot=True) as corpus:
        assert await corpus.integrity() == []
    assert not list(path.parent.glob("*.before-*"))


@pytest.mark.parametrize("bot", [True, False])
async def test_a_missing_folder_is_named(tmp_path: Path, *, bot: bool) -> None:
    error = await refusal(f"sqlite+aiosqlite:///{tmp_path}/missing/newsdesk.db", bot=bot)
    assert f"create {tmp_path}/missing" in str(error)
    assert not (tmp_path / "missing").exists()


@pytest.mark.parametrize("bot", [True, False])
async def test_a_folder_is_not_a_database(tmp_path: Path, *, bot: bool) -> None:
    assert "is a folder" in str(await refusal(f"sqlite+aiosqlite:///{tmp_path}", bot=bot))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that nobody can write to")
@pytest.mark.parametrize("bot", [True, False])
async def test_an_unwritable_folder_is_a_sentence(*, bot: bool) -> None:
    await refusal("sqlite+aiosqlite:////proc/newsdesk.db", bot=bot)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
async def test_a_read_only_folder_is_a_sentence(url: str, path: Path) -> None:
    path.parent.chmod(0o500)
    try:
        assert "cannot be written" in str(await refusal(url))
    finally:
        path.parent.chmod(0o700)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "newsdesk.db",
        "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///:memory:",
        "sqlite+aiosqlite:///file:x?mode=memory&uri=true",
        "sqlite+aiosqlite:///x.db?cache=shared",
        "sqlite+aiosqlite://host/x.db",
        "sqlite+aiosqlite:///a\0b",
        "mysql+aiomysql://desk:hunter2@host/news",
        "http://[",
    ],
)
async def test_an_address_that_names_no_file_is_refused_without_showing_it(url: str) -> None:
    sentence = str(await refusal(url))
    assert "sqlite+aiosqlite:///newsdesk.db" in sentence
    assert "hunter2" not in sentence


def test_relative_and_absolute_addresses_name_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert path_of("sqlite+aiosqlite:///newsdesk.db") == tmp_path / "newsdesk.db"
    assert path_of("sqlite+aiosqlite:////data/newsdesk.db") == Path("/data/newsdesk.db")
    assert path_of("sqlite:///newsdesk.db") == tmp_path / "newsdesk.db"


async def test_any_file_name_will_do(tmp_path: Path) -> None:
    path = tmp_path / "50 % é #1.db"
    for _ in range(2):
        async with Corpus.open(f"sqlite+aiosqlite:///{path}", bot=True) as corpus:
            assert await corpus.integrity() == []
    assert path.exists()


async def test_closing_ends_every_thread_and_folds_the_log_into_the_file(url: str, path: Path) -> None:
    before = set(threading.enumerate())
    async with Corpus.open(url, bot=True) as corpus:
        await corpus.notes.set("key", "value")
        await corpus.notes.get("key")
        opened = [thread for thread in threading.enumerate() if "_connection_worker" in thread.name]
        assert len(opened) == 2
    for thread in opened:
        thread.join(1)
    gc.collect()
    assert not [thread for thread in set(threading.enumerate()) - before if "_connection_worker" in thread.name]
    assert {file.name for file in path.parent.iterdir()} == {"newsdesk.db", "newsdesk.db.lock"}


async def test_damage_is_found_and_named(url: str, path: Path, prepare: Callable[..., Prepared], now: datetime) -> None:
    async with Corpus.open(url, bot=True) as corpus:
        await corpus.articles.add(5, prepare(), added_by=None, now=now)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DELETE FROM library")
    async with Corpus.open(url, bot=True) as corpus:
        assert sorted(await corpus.integrity()) == [
            "A row of vocabulary refers to a row of library that is missing.",
            "Row 1 of article refers to a row of library that is missing.",
        ]


def test_opening_a_current_file_does_not_load_alembic(url: str) -> None:
    program = (
        "import asyncio, sys; from bot.corpus import Corpus\n"
        "async def main():\n"
        "    async with Corpus.open(sys.argv[1], bot=True) as corpus:\n"
        "        await corpus.articles.visible(1)\n"
        "    print('alembic' in sys.modules)\n"
        "asyncio.run(main())"
    )
    command = [sys.executable, "-c", program, url]
    said = [subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout for _ in range(2)]
    assert said == ["True\n", "False\n"]
