"""Imports of many articles: stopped or killed in the middle, they go on, and nothing is there twice."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.corpus import Outcome, Prepared
from bot.desks import importing
from bot.desks.importing import TOGETHER
from bot.desks.preparing import prepare_all
from bot.desks.workers import WorkersEnded, workers
from bot.model import Document
from bot.newsdesk import Newsdesk
from tests.bench.loop import Heartbeat
from tests.forks import FORKING
from tests.starts import environment

ROOT = Path(__file__).resolve().parents[2]
HERE = 5
MANY = 24 * TOGETHER


def text_of(number: int) -> str:
    return f"“The ferry sails on day {number},” said Ines Duarte, the harbour master."


def write_lines(path: Path, count: int, *, first: int = 0) -> Path:
    lines = (
        {
            "title": f"Report {number}",
            "text": f"“The ferry sails on day {number},” said Ines Duarte, the harbour master.",
        }
        for number in range(first, first + count)
    )
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


@pytest.fixture
def url(library_url: str) -> str:
    return library_url


@pytest.fixture
def forking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports whose processes have loaded Newsdesk before they begin: where a start is not what a test is about."""
    monkeypatch.setattr(multiprocessing, "get_context", lambda _: FORKING)


@pytest.fixture
async def desk(url: str, forking: None) -> AsyncIterator[Newsdesk]:
    async with Newsdesk.open(url, bot=True) as opened:
        yield opened


async def outcomes(desk: Newsdesk, *paths: Path, restore: bool = True) -> list[Outcome | None]:
    got = [one async for _, one in desk.import_files(HERE, paths, restore=restore)]
    return [one.added and one.added.outcome for one in got]


async def test_results_come_in_the_order_of_the_documents_with_numbers_that_count_up(
    desk: Newsdesk, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "a.jsonl", 7 * TOGETHER + 1)
    got = [one.added.article async for _, one in desk.import_files(HERE, [path]) if one.added]
    assert [article.title for article in got] == [f"Report {number}" for number in range(7 * TOGETHER + 1)]
    assert [article.number for article in got] == list(range(1, 7 * TOGETHER + 2))


async def test_what_comes_in_together_is_the_same_as_what_comes_in_alone(desk: Newsdesk, tmp_path: Path) -> None:
    """Passages, speech and counts: the index made of them finds nothing to mend."""
    await outcomes(desk, write_lines(tmp_path / "a.jsonl", 2 * TOGETHER))
    for number in range(2 * TOGETHER, 2 * TOGETHER + 5):
        await desk.add(HERE, Document("a", f"Report {number}", text_of(number)))
    together, alone = await desk.article(HERE, "3"), await desk.article(HERE, str(2 * TOGETHER + 3))
    spoken = await desk.corpus.speeches.of(HERE, [together.id, alone.id])
    assert len(spoken[together.id]) == len(spoken[alone.id]) == 1
    assert spoken[together.id][0].speaker == spoken[alone.id][0].speaker == "Ines Duarte"
    hits = await desk.search(HERE, desk.query("harbour master"), 100)
    assert len(hits) == 2 * TOGETHER + 5
    assert await desk.corpus.integrity() == []


async def test_a_text_that_comes_twice_in_one_import_is_one_article(desk: Newsdesk, tmp_path: Path) -> None:
    one, again = write_lines(tmp_path / "a.jsonl", 40), write_lines(tmp_path / "b.jsonl", 40)
    twice = tmp_path / "c.jsonl"
    twice.write_text("\n".join([json.dumps({"text": "The same."})] * 3), encoding="utf-8")
    counts = Counter(await outcomes(desk, one, again, twice))
    assert counts == {Outcome.ADDED: 41, Outcome.UNCHANGED: 42}
    assert (await desk.counts(HERE)).articles == 41


async def test_what_was_removed_comes_back_or_stays_away(desk: Newsdesk, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", 3)
    await outcomes(desk, path)
    await desk.remove(HERE, "2")
    assert (await outcomes(desk, path, restore=False))[1] is Outcome.REMOVED
    assert await outcomes(desk, path) == [Outcome.UNCHANGED, Outcome.RESTORED, Outcome.UNCHANGED]
    assert (await desk.article(HERE, "2")).title == "Report 1"


async def test_what_is_there_already_is_not_taken_apart_again(
    desk: Newsdesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_lines(tmp_path / "a.jsonl", 50)
    await outcomes(desk, path)
    taken: list[Document] = []

    def watched(documents: Sequence[Document]) -> list[Any]:
        taken.extend(documents)
        return prepare_all(documents)

    monkeypatch.setattr(importing, "prepare_all", watched)
    assert Counter(await outcomes(desk, path)) == {Outcome.UNCHANGED: 50}
    assert taken == []
    await outcomes(desk, write_lines(tmp_path / "b.jsonl", 52))
    assert [document.title for document in taken] == ["Report 50", "Report 51"]


async def test_a_bad_document_is_a_reason_and_those_beside_it_are_stored(desk: Newsdesk, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "First."}\n{"text": 5}\n{"text": "\\u200b"}\n{"text": "Last."}', encoding="utf-8")
    assert await outcomes(desk, path) == [Outcome.ADDED, None, None, Outcome.ADDED]


async def test_what_is_asked_meanwhile_is_answered_at_once(desk: Newsdesk, tmp_path: Path) -> None:
    """The work is done in other processes: this one's loop is free. A busy machine is given its due."""
    path = write_lines(tmp_path / "a.jsonl", 12 * TOGETHER)
    async with Heartbeat() as heart:
        await outcomes(desk, path)
    lag = heart.lag("import")
    assert lag.p99_ms is not None
    assert lag.p99_ms < 100


async def test_who_stops_listening_stops_the_import(desk: Newsdesk, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", MANY)
    results = desk.import_files(HERE, [path])
    for _ in range(6 * TOGETHER):
        await anext(results)
    await results.aclose()
    stored = (await desk.counts(HERE)).articles
    assert 6 * TOGETHER <= stored < MANY
    assert Counter(await outcomes(desk, path)) == {Outcome.UNCHANGED: stored, Outcome.ADDED: MANY - stored}


def _end(_documents: Sequence[Document]) -> list[Prepared]:
    os._exit(1)


async def test_a_process_that_is_ended_is_a_sentence() -> None:
    async with workers() as beside:
        with pytest.raises(WorkersEnded, match="start again"):
            await beside.call(_end, [])


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [int(one) for one in found]


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] == "Z"
    except OSError:
        return True


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="there is no /proc to see processes in")
@pytest.mark.usefixtures("forking")  # for the import that goes on: those that are killed start as they do on a host
def test_after_kill_9_what_was_said_is_there_once_and_it_goes_on(url: str, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", MANY)
    said: list[str] = []
    for stop_after in (3 * TOGETHER, 10 * TOGETHER):
        command = [sys.executable, str(Path(__file__).with_name("importer.py")), url, str(path)]
        settings = {**environment(tmp_path), "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=settings) as process:
            assert process.stdout is not None
            heard = [line for line, _ in zip(process.stdout, range(stop_after), strict=False)]
            beside = [pid for first in children(process.pid) for pid in [first, *children(first)]]
            process.send_signal(signal.SIGKILL)
            heard += [line for line in process.stdout if line.endswith("\n")]
        said += heard
        deadline = time.monotonic() + 20
        while not all(map(is_gone, beside)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert [pid for pid in beside if not is_gone(pid)] == [], "processes outlive the one that started them"
    asyncio.run(_is_whole(url, path, said))


async def _is_whole(url: str, path: Path, said: list[str]) -> None:
    async with Newsdesk.open(url, bot=True) as desk:
        stored = {f"{one.number} {one.title}\n" for one in await desk.headings(HERE)}
        assert set(said) <= stored
        assert len(stored) < MANY
        counts = Counter(await outcomes(desk, path))
        assert counts == {Outcome.UNCHANGED: len(stored), Outcome.ADDED: MANY - len(stored)}
        titles = Counter(one.title for one in await desk.headings(HERE))
        assert titles == {f"Report {number}": 1 for number in range(MANY)}
        assert await desk.corpus.integrity() == []


@pytest.fixture
def heeding_ctrl_c() -> Iterator[None]:
    """A shell makes what it starts in the background ignore Ctrl+C, and what that starts inherits it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeding_ctrl_c")
def test_ctrl_c_ends_it_with_how_to_go_on(url: str, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", 8 * MANY)
    settings = {**environment(tmp_path), "DATABASE_URL": url, "SEEDS_DIR": ""}
    command = [sys.executable, "-m", "bot", "import", str(path), "--server", str(HERE)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=settings, process_group=0
    ) as process:
        until = time.monotonic() + 60
        while asyncio.run(_count(url)) == 0 and time.monotonic() < until:
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to everything it has started
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert err.startswith("Stopped. Added ")
    assert err.endswith(": these stay. Start the same import again to go on where it was.\n")
    assert "Traceback" not in err
    assert int(err.split()[2].rstrip(":")) <= asyncio.run(_count(url)) < 8 * MANY


async def _count(url: str) -> int:
    async with Newsdesk.open(url, bot=False) as desk:
        return (await desk.counts(HERE)).articles
