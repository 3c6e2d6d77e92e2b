"""Tasks end with what began them, also where a cancellation is lost on the way."""

from __future__ import annotations

import asyncio

import pytest

from bot import tasks
from bot.tasks import background, end, first_of


async def deaf(times: int, ended: list[str]) -> None:
    """Work that loses as many cancellations, as `asyncio.wait_for` may."""
    for _ in range(times):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue
    try:
        await asyncio.Event().wait()
    finally:
        ended.append("deaf")


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_CANCEL_AGAIN_SECONDS", 0.001)


async def test_a_task_that_loses_cancellations_is_ended() -> None:
    ended: list[str] = []
    task = asyncio.create_task(deaf(3, ended))
    await asyncio.sleep(0)
    await end([task])
    assert task.cancelled()
    assert ended == ["deaf"]


async def test_a_task_that_has_ended_is_left_as_it_is() -> None:
    async def fail() -> None:
        raise LookupError

    task = asyncio.create_task(fail())
    await asyncio.wait({task})
    await end([task])
    assert isinstance(task.exception(), LookupError)


async def test_work_in_the_background_lasts_as_long_as_the_block() -> None:
    ended: list[str] = []
    async with background(deaf(1, ended), "deaf"):
        await asyncio.sleep(0)
        assert ended == []
    assert ended == ["deaf"]


async def test_the_first_that_ends_is_told_and_the_others_are_ended() -> None:
    async def fail() -> None:
        raise LookupError

    ended: list[str] = []
    with pytest.raises(LookupError):
        await first_of(asyncio.create_task(deaf(1, ended)), asyncio.create_task(fail()))
    assert ended == ["deaf"]
