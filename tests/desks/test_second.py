"""A second process that answers: the same answers, as of now, and none missing whatever becomes of it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.desks import pipe as pipes
from bot.desks import second as seconds
from bot.desks.pipe import Opening, Pipe
from bot.desks.second import OFTEN, Second
from bot.errors import NotFound
from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from bot.tasks import background
from tests.events import reports
from tests.starts import is_alive

HERE, ELSEWHERE = 7, 8
PATIENCE_SECONDS = 30.0
SAID = Document(
    name="bridge.txt",
    title="Bridge is closed",
    outlet="Harbour News",
    text="The council of the district met on Monday to speak about the harbour.\n\n"
    "“The bridge will be closed for two weeks,” said Anna Lundqvist, who leads the works.",
)


class Watched(Second):
    """Counts what was answered there."""

    def __init__(self) -> None:
        super().__init__()
        self.there = 0
        self.lives = 0

    @property
    def process(self) -> int:
        """Its process id."""
        assert self._pipe is not None
        assert self._pipe.pid is not None
        return self._pipe.pid

    async def until(self, seen: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not seen():  # noqa: ASYNC110 - of another process
                await asyncio.sleep(0.01)

    async def opened(self, newsdesk: Newsdesk, library: int = HERE) -> None:
        """Ask until the process has the library in memory."""
        await self.until(lambda: self._pipe is not None)
        for _ in range(OFTEN):
            await newsdesk.outlets(library, "", 1)
        await self.until(lambda: library in self._ready)


def opening(folder: Path, *, at_once: bool = True) -> Opening:
    return Opening(f"sqlite+aiosqlite:///{folder / 'newsdesk.db'}", "WARNING", "text", at_once)


@contextmanager
def watching() -> Iterator[Watched]:
    """The `Second` of the library that is opened meanwhile; it begins a new process soon."""
    made, asking, beginning = Watched(), Pipe.ask, Pipe.begin

    def ask(pipe: Pipe, name: str, *given: Any) -> asyncio.Future[Any]:
        made.there += name not in ("open", seconds.MAKE_READY)
        return asking(pipe, name, *given)

    async def begin(pipe: Pipe) -> None:
        made.lives += 1
        await beginning(pipe)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pipe, "ask", ask)
        patch.setattr(Pipe, "begin", begin)
        patch.setattr("bot.newsdesk.Second", lambda: made)
        patch.setattr(seconds, "_PAUSE_SECONDS", 0.01)
        yield made


@asynccontextmanager
async def library(folder: Path, blank: Path) -> AsyncIterator[Newsdesk]:
    shutil.copy(blank, folder / "newsdesk.db")
    async with Newsdesk.open(opening(folder).url, bot=True) as opened:
        for document in (*reports(0, 3, "2026-03-02"), *reports(1, 2, "2026-03-02"), SAID):
            await opened.add(HERE, document)
        yield opened


@asynccontextmanager
async def second_of(newsdesk: Newsdesk, *, at_once: bool = True) -> AsyncIterator[None]:
    folder = newsdesk.corpus.file.parent
    async with background(newsdesk.second.run(opening(folder, at_once=at_once)), "second"):
        yield


@pytest.fixture
def watched() -> Iterator[Watched]:
    with watching() as made:
        yield made


@pytest.fixture
async def newsdesk(tmp_path: Path, blank_library: Path, watched: Watched) -> AsyncIterator[Newsdesk]:
    async with library(tmp_path, blank_library) as opened:
        yield opened


async def everything(newsdesk: Newsdesk) -> list[Any]:
    """What each of the methods says that may be asked there."""
    query = newsdesk.query("council OR bridge")
    article = await newsdesk.article(HERE, "1")
    quotes = await newsdesk.quoting.quotes(HERE, query, 10, 2)
    return [
        quotes,
        await newsdesk.quoting.hits(HERE, query, 10, 2),
        await newsdesk.quoting.again(HERE, query, quotes.places),
        await newsdesk.story(HERE, article),
        await newsdesk.spoken.names(HERE, "lund", 25),
        await newsdesk.spoken.record(HERE, "Anna Lundqvist", newsdesk.query("")),
        await newsdesk.outlets(HERE, "harb", 25),
        await newsdesk.find_headings(HERE, "bridge"),
    ]


async def test_it_says_the_same_as_of_now(newsdesk: Newsdesk, watched: Watched) -> None:
    before = await everything(newsdesk)
    assert all(before)
    assert watched.there == 0
    async with second_of(newsdesk):
        await watched.opened(newsdesk)
        assert await everything(newsdesk) == before
        assert watched.there == len(before)
        for number in range(20):  # each is found by the next question
            new = Document(name="z.txt", title=f"Zeppelin {number}", text=f"It has flown {number} times.")
            added = await newsdesk.add(HERE, new)
            asked = await newsdesk.quoting.hits(HERE, newsdesk.query(f"flown {number}"), 10, 1)
            assert asked.first[0].article == added.article
            assert (await newsdesk.find_headings(HERE, "zeppelin"))[0].ref == added.article.ref
        assert watched.there == len(before) + 40


async def test_errors_and_other_servers_are_as_they_are_here(newsdesk: Newsdesk, watched: Watched) -> None:
    async with second_of(newsdesk):
        await watched.opened(newsdesk)
        with pytest.raises(NotFound, match="Nobody called “Zorro”"):
            await newsdesk.spoken.record(HERE, "Zorro", newsdesk.query(""))
        await watched.opened(newsdesk, ELSEWHERE)
        assert (await newsdesk.quoting.hits(ELSEWHERE, newsdesk.query("bridge"), 10, 1)).first == ()
        assert watched.there == 2


async def test_every_question_is_answered_when_it_is_killed(newsdesk: Newsdesk, watched: Watched) -> None:
    async with second_of(newsdesk):
        await watched.opened(newsdesk)
        asked = [asyncio.create_task(newsdesk.outlets(HERE, "harb", 1)) for _ in range(50)]
        await asyncio.sleep(0)
        os.kill(watched.process, signal.SIGKILL)
        assert await asyncio.gather(*asked) == [["Harbour News"]] * 50
        await watched.until(lambda: watched.lives == 2)
        await watched.opened(newsdesk)


async def test_one_that_hangs_keeps_one_question_waiting_and_is_given_up(
    newsdesk: Newsdesk, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seconds, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(seconds, "SILENT_SECONDS", 0.3)
    monkeypatch.setattr(pipes, "_LOOK_SECONDS", 0.1)
    async with second_of(newsdesk):
        await watched.opened(newsdesk)
        hung = watched.process
        os.kill(hung, signal.SIGSTOP)
        for _ in range(OFTEN + 2):
            assert await newsdesk.outlets(HERE, "harb", 1) == ["Harbour News"]
        assert watched.there == 1
        await watched.until(lambda: watched.lives == 2)
        assert not is_alive(hung)


async def test_one_that_was_slow_is_asked_again(
    newsdesk: Newsdesk, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with second_of(newsdesk):
        await watched.opened(newsdesk)
        with monkeypatch.context() as patch:
            patch.setattr(seconds, "PATIENCE_SECONDS", 0.0)
            assert await newsdesk.outlets(HERE, "harb", 1) == ["Harbour News"]
        await watched.opened(newsdesk)
        assert await newsdesk.outlets(HERE, "harb", 1) == ["Harbour News"]
        assert (watched.there, watched.lives) == (2, 1)


@pytest.mark.parametrize("library", [HERE, SHARED])
async def test_what_is_purged_does_not_stay_in_its_memory(newsdesk: Newsdesk, watched: Watched, library: int) -> None:
    async with second_of(newsdesk):
        await watched.opened(newsdesk)
        before = watched.process
        await newsdesk.indexes.forget(ELSEWHERE)
        assert is_alive(before)
        await newsdesk.indexes.forget(library)
        await watched.until(lambda: not is_alive(before))


async def test_it_begins_when_many_ask_at_once(
    newsdesk: Newsdesk, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with second_of(newsdesk, at_once=False):
        await asyncio.gather(*(newsdesk.outlets(HERE, "harb", 1) for _ in range(seconds.MANY_AT_ONCE - 1)))
        await asyncio.sleep(0)
        assert watched.lives == 0
        await asyncio.gather(*(newsdesk.outlets(HERE, "harb", 1) for _ in range(seconds.MANY_AT_ONCE)))
        await watched.opened(newsdesk)


async def test_it_ends_with_what_runs_it(newsdesk: Newsdesk, watched: Watched) -> None:
    async with second_of(newsdesk):
        await watched.opened(newsdesk)
        process = watched.process
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # as systemd sends to all of a service
            os.kill(process, number)
        assert await newsdesk.outlets(HERE, "harb", 1) == ["Harbour News"]
        assert watched.there == 1
    assert not is_alive(process)
    assert await newsdesk.outlets(HERE, "harb", 1) == ["Harbour News"]


async def test_one_that_cannot_start_is_told_of_and_missed_by_nobody(
    newsdesk: Newsdesk, watched: Watched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    async with second_of(newsdesk):
        await watched.until(lambda: "could not be started" in caplog.text)
        assert await newsdesk.outlets(HERE, "harb", 1) == ["Harbour News"]
