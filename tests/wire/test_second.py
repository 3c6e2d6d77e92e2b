"""A bot whose second process answers: over the wire as without it, and it ends with the bot, however that ends."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL, SIGTERM

import pytest

from bot.cli.seeds import PROJECT_SEEDS
from bot.desks.second import OFTEN
from tests.wire.double import PATIENCE_SECONDS, Double
from tests.wire.process import Bot, running


@pytest.fixture
async def bot(double: Double, tmp_path: Path) -> AsyncIterator[Bot]:
    settings = {"SEEDS_DIR": str(PROJECT_SEEDS), "BACKUP_DIR": "", "SECOND_PROCESS": "always", "LOG_LEVEL": "DEBUG"}
    async with running(double.address, tmp_path, **settings) as started:
        await double.ready()
        yield started


async def second_of(bot: Bot) -> int:
    return int((await bot.line("a second process answers")).rpartition(" ")[2])


async def test_it_answers_and_ends_with_the_bot(double: Double, bot: Bot) -> None:
    process = await second_of(bot)
    before = (await double.command("quote", query="referendum")).text
    for _ in range(OFTEN):
        await double.command("search", query="referendum")
    spent = cpu_ticks(process)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while cpu_ticks(process) < spent + 10:  # a tenth of a second of the processor: it is asked
            assert (await double.command("quote", query="referendum")).text == before
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


def cpu_ticks(process: int) -> int:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def is_alive(process: int) -> bool:
    """Whether it runs: one that has ended and whose parent is gone may be listed until init looks at it."""
    with suppress(FileNotFoundError):
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    return False
