"""What the second process does with what comes over its pipe: an answer for each question, and an end with the pipe."""

from __future__ import annotations

import asyncio
import os
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from bot import answering, logs
from bot.desks.pipe import Opening
from bot.desks.second import MAKE_READY
from bot.frames import Frames, packed
from bot.model import Document
from bot.newsdesk import Newsdesk

HERE = 7


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'newsdesk.db'}"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process goes on with its own log, and its own ways with garbage."""
    monkeypatch.setattr(logs, "configure", lambda *given: None)
    monkeypatch.setattr(logs, "catch_tasks", lambda: None)
    monkeypatch.setattr(answering, "favouring_the_event_loop", nullcontext)
    monkeypatch.setattr(answering, "keep_what_is_here", lambda: None)


async def answers_to(url: str, *questions: tuple[str, tuple[Any, ...]]) -> list[tuple[int, bool, Any]]:
    """What is said to the opening and to these questions, numbered from 2; the pipe is closed behind them."""
    reading, asking = os.pipe()
    told, writing = os.pipe()
    with os.fdopen(asking, "wb") as asked:
        asked.write(packed((1, "open", (Opening(url, "INFO", "text", at_once=True),))))
        for number, (name, given) in enumerate(questions, 2):
            asked.write(packed((number, name, given)))
    with os.fdopen(reading, "rb", 0) as questions_in, os.fdopen(writing, "wb", 0) as answers_out:
        async with asyncio.timeout(30):
            await answering.answer_all(questions_in, answers_out)
    with os.fdopen(told, "rb") as said:
        return sorted(Frames().feed(said.read()))


async def test_each_question_has_its_answer(url: str) -> None:
    async with Newsdesk.open(url, bot=True) as newsdesk:
        for title in ("Ferry", "Bridge"):
            await newsdesk.add(
                HERE, Document(name="a.txt", title=title, text=f"The {title} is late.", outlet="Harbour")
            )
    found = await answers_to(
        url,
        (MAKE_READY, (HERE,)),
        ("Newsdesk.outlets", (HERE, "harb", 5)),
        ("Spoken.record", (HERE, "Nobody", None)),
        ("Nobody.knows", ()),
    )
    assert found == [(1, True, None), (2, True, None), (3, True, ["Harbour"]), (4, False, None), (5, False, None)]


async def test_a_library_that_cannot_be_opened_is_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert await answers_to(f"sqlite+aiosqlite:///{tmp_path}") == []
    assert [
        record.getMessage().partition(":")[0] for record in caplog.records if record.name == answering.__name__
    ] == ["a second process could not open the library"]


async def test_a_pipe_that_is_closed_at_once_is_an_end() -> None:
    reading, asking = os.pipe()
    os.close(asking)
    with os.fdopen(reading, "rb", 0) as questions, open(os.devnull, "wb") as answers:  # noqa: ASYNC230, PTH123
        await answering.answer_all(questions, answers)
