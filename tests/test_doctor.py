"""`newsdesk doctor` and `reread`: what is wrong is found and named with what to do, and what can be is repaired."""

from __future__ import annotations

import json
import logging
import random
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.corpus import Corpus
from bot.doctor import examine
from bot.errors import EX_DATAERR, CorpusError
from bot.findings import Finding
from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from bot.search.index import Index

Run = Callable[..., tuple[int, str]]
SERVER = 42


@pytest.fixture
def path(tmp_path: Path, blank_library: Path) -> Path:
    return Path(shutil.copy(blank_library, tmp_path / "newsdesk.db"))


@pytest.fixture
def url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
async def filled(url: str, path: Path) -> Path:
    """A library of the shared shelf and one of a server, with something removed."""
    async with Newsdesk.open(url, bot=True) as newsdesk:
        for number in range(12):
            text = f"The ferry made crossing w{number}. It was {'very ' * number}late, Ines Duarte said.\n\nIt sank."
            await newsdesk.add((SHARED, SERVER)[number % 2], Document("a.txt", f"Crossing {number}", text))
        await newsdesk.remove(SHARED, "S1")
    return path


@pytest.fixture
def cli(path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line on the library: its exit code and what it printed."""
    for name, value in {"DATABASE_URL": f"sqlite+aiosqlite:///{path}", "SEEDS_DIR": "", "LOG_LEVEL": "INFO"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(path.parent)

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["newsdesk", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int | None)
        return ended.value.code or 0, capsys.readouterr().out

    return run


def execute(path: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql, values)


def swap_tallies(path: Path) -> None:
    """The counts of one article under the other's name, and the other way round."""
    with closing(sqlite3.connect(path)) as connection, connection:
        (one, first), (other, second) = connection.execute(
            "SELECT article_id, counts FROM tally JOIN article ON article.id = article_id"
            " WHERE library = ? ORDER BY article_id LIMIT 2",
            (SERVER,),
        ).fetchall()
        connection.execute("UPDATE tally SET counts = ? WHERE article_id = ?", (second, one))
        connection.execute("UPDATE tally SET counts = ? WHERE article_id = ?", (first, other))


def damage(path: Path, *, badly: bool = False) -> None:
    """Overwrite a page that an index is in: an entry at its end, or ``badly`` its beginning."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_audit_library_at'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size if badly else page * size - 20)
        file.write(b"\0" * 12)


async def findings(url: str) -> list[Finding]:
    async with Corpus.open(url, bot=False) as corpus:
        return [finding async for finding in examine(corpus, random.Random(1))]


async def faults(url: str) -> dict[str, str]:
    return {finding.about: finding.said for finding in await findings(url) if finding.state == "fault"}


async def test_a_sound_library_has_an_ok_for_the_file_and_for_each_library(filled: Path, url: str) -> None:
    found = await findings(url)
    assert [(one.state, one.about) for one in found] == [
        ("ok", "database"), ("ok", "shared library"), ("ok", f"library {SERVER}"),
    ]  # fmt: skip
    assert "5 articles are counted as they read" in found[1].said
    assert "6 articles are counted as they read" in found[2].said


async def test_an_empty_library_is_sound(url: str) -> None:
    assert [(one.state, one.about) for one in await findings(url)] == [("ok", "database")]


async def test_a_library_of_which_all_was_removed_is_sound(url: str) -> None:
    async with Newsdesk.open(url, bot=True) as newsdesk:
        await newsdesk.add(SHARED, Document("a.txt", "Ferry", "The ferry sails."))
        await newsdesk.remove(SHARED, "S1")
    assert await faults(url) == {}


async def test_counts_that_are_another_articles_are_a_fault(filled: Path, url: str) -> None:
    swap_tallies(filled)
    found = await faults(url)
    assert list(found) == [f"library {SERVER}"]
    assert found[f"library {SERVER}"].startswith("2 of 6 articles are counted otherwise than they read")
    assert "newsdesk reread" in found[f"library {SERVER}"]


async def test_a_text_that_was_changed_by_hand_is_a_fault(filled: Path, url: str) -> None:
    execute(
        filled, "UPDATE article SET text = replace(text, 'ferry', 'whale') WHERE library = ? AND number = 2", SERVER
    )
    found = await faults(url)
    assert found[f"library {SERVER}"].startswith("1 of 6 articles")


async def test_a_vocabulary_that_was_changed_by_hand_is_a_fault(filled: Path, url: str) -> None:
    execute(filled, "UPDATE vocabulary SET term = 'whale' WHERE library = 0 AND term = 'ferri'")
    assert (await faults(url))["shared library"].startswith("5 of 5 articles")


@pytest.mark.parametrize("counts", [b"", b"t1", b"not a tally", b"t1\x01\x00\x00\x00\xff\xff\x00\x00"])
async def test_counts_that_are_damaged_are_a_fault(filled: Path, url: str, counts: bytes) -> None:
    execute(filled, "UPDATE tally SET counts = ? WHERE article_id = 2", counts)
    assert "newsdesk reread" in (await faults(url))[f"library {SERVER}"]


async def test_scores_that_differ_from_rank_bm25s_are_a_fault(
    filled: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = Index.get_scores
    monkeypatch.setattr(Index, "get_scores", lambda self, query: scores(self, query) + 1e-6)
    found = await faults(url)
    assert set(found) == {"shared library", f"library {SERVER}"}
    assert all("differ from rank-bm25's by 1e-06" in said for said in found.values())


async def test_a_damaged_page_is_a_fault_that_says_what_to_do(filled: Path, url: str) -> None:
    damage(filled)
    found = await faults(url)
    assert "Restore the newest backup." in found["database"]


async def test_no_more_articles_are_examined_than_a_sample(
    filled: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.doctor.SAMPLE_ARTICLES", 3)
    assert ["3 articles" in one.said for one in await findings(url)] == [False, True, True]


async def test_a_file_that_cannot_be_examined_is_refused_with_what_to_do(filled: Path, url: str) -> None:
    damage(filled, badly=True)
    with pytest.raises(CorpusError, match="restore the newest backup"):
        await findings(url)


# On the command line


def test_the_doctor_of_a_sound_library_says_ok_and_exits_with_0(filled: Path, cli: Run) -> None:
    code, out = cli("doctor")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["ok", "ok", "ok"]


@pytest.mark.parametrize("fault", [swap_tallies, damage])
def test_a_fault_makes_the_doctor_exit_with_65(filled: Path, cli: Run, fault: Callable[[Path], None]) -> None:
    fault(filled)
    code, out = cli("doctor")
    assert code == EX_DATAERR == 65
    assert [line.split()[0] for line in out.splitlines()].count("fault") == 1


def test_the_doctor_says_the_same_in_json(filled: Path, cli: Run) -> None:
    swap_tallies(filled)
    code, out = cli("doctor", "--json")
    found: list[dict[str, Any]] = json.loads(out)
    assert code == EX_DATAERR
    assert [(one["state"], one["about"]) for one in found] == [
        ("ok", "database"), ("ok", "shared library"), ("fault", f"library {SERVER}"),
    ]  # fmt: skip
    assert "newsdesk reread" in found[-1]["said"]


@pytest.mark.parametrize("counts", ["swapped", "damaged"])
def test_reread_repairs_what_is_counted_wrong(filled: Path, cli: Run, counts: str) -> None:
    if counts == "swapped":
        swap_tallies(filled)
    else:
        execute(filled, "UPDATE tally SET counts = x'00'")
    assert cli("reread") == (0, "Read 12 articles anew.\n")
    assert cli("doctor")[0] == 0
    code, out = cli("ask", "search", "w3", "--server", str(SERVER), "--json")
    assert (code, [hit["title"] for hit in json.loads(out)]) == (0, ["Crossing 3"])


def test_reread_of_an_empty_library_counts_nothing(cli: Run) -> None:
    assert cli("reread") == (0, "Read 0 articles anew.\n")


@pytest.fixture(autouse=True)
def log() -> Iterator[None]:
    """What the command line does to the log is undone."""

    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
