"""A bot whose second process answers: over the wire as without it, and it ends with the bot, however that ends."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from signal import SIGKILL, SIGTERM

import pytest

from bot.desks.second import OFTEN
from bot.newsdesk import Newsdesk
from tests.bench.load import cpu_seconds
from tests.events import reports
from tests.starts import is_alive
from tests.wire.double import PATIENCE_SECONDS, Double
from tests.wire.objects import GUILD
from tests.wire.process import Bot, forked


@pytest.fixture
async def bot(double: Double, tmp_path: Path, url: str) -> AsyncIterator[Bot]:
    async with Newsdesk.open(url, bot=True) as newsdesk:
        for document in reports(0, 3, "2026-03-02"):
            await newsdesk.add(int(GUILD), document)
    async with forked(double.address, tmp_path, BACKUP_DIR="", SECOND_PROCESS="always", LOG_LEVEL="DEBUG") as started:
        await double.ready()
        yield started


async def second_of(bot: Bot) -> int:
    return int((await bot.line("a second process answers")).rpartition(" ")[2])


async def test_it_answers_and_ends_with_the_bot(double: Double, bot: Bot) -> None:
    process = await second_of(bot)
    before = (await double.command("search", query="Tuesday")).text
    assert "**Tuesday**" in before
    for _ in range(OFTEN):
        await double.command("search", query="Tuesday")
    await bot.line(f"the second process answers about library {GUILD}")
    spent = cpu_seconds(process)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while cpu_seconds(process) <= spent + 0.01:  # twenty milliseconds of the processor: it is asked
            assert (await double.command("search", query="Tuesday")).text == before
    code, seconds = await bot.signalled(SIGTERM)
    assert code == 0
    assert seconds < 2
    assert bot.beyond_the_log == []
    assert not is_alive(process)


async def test_it_does_not_outlive_a_bot_that_is_killed(bot: Bot) -> None:
    process = await second_of(bot)
    os.kill(bot.pid, SIGKILL)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while is_alive(process):  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.01)
