"""How ``python -m bot run`` ends: a clean end in time, or one line and an exit code a supervisor can act on."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from pathlib import Path

import pytest

from tests.timing import quickest
from tests.wire import rigging
from tests.wire.double import TOKEN, Double
from tests.wire.process import LOG_LINE, forked, running

ANOTHER_TOKEN = TOKEN.replace("anyone", "nobody")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
async def test_a_signal_ends_it_cleanly_within_two_seconds(
    double: Double, tmp_path: Path, number: signal.Signals
) -> None:
    async def end(_: int) -> float:
        before = double.identified
        start = running if number == signal.SIGTERM else forked  # as a host starts it, once
        async with start(double.address, tmp_path) as bot:
            await double.until(lambda: double.identified > before)
            code, seconds = await bot.signalled(number)
        assert code == os.EX_OK
        assert bot.beyond_the_log == []
        assert bot.lines[-1].endswith("stopped")
        return seconds

    assert await quickest(2, end) < 2


async def test_a_signal_while_the_seeds_are_read_is_heeded(double: Double, tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for number in range(2_000):
        text = f"# Draw {number}\n\nThe number {number} was drawn on Monday. The town hall was full.\n"
        (seeds / f"{number}.md").write_text(text, encoding="utf-8")

    async def end(number: int) -> float:
        folder = tmp_path / str(number)
        folder.mkdir()
        async with forked(double.address, folder, SEEDS_DIR=str(seeds)) as bot:
            await bot.line("article S5 ")
            code, seconds = await bot.signalled(signal.SIGTERM)
        assert code == os.EX_OK
        assert bot.beyond_the_log == []
        assert double.requests == []
        return seconds

    assert await quickest(2, end) < 2


async def test_it_makes_a_backup_where_the_settings_say(double: Double, tmp_path: Path) -> None:
    async with forked(double.address, tmp_path, BACKUP_DIR="kept") as bot:
        line = await bot.line("made and checked")
        code, _ = await bot.signalled(signal.SIGTERM)
    assert code == os.EX_OK
    (made,) = await asyncio.to_thread(lambda: [file for file in (tmp_path / "kept").iterdir() if file.suffix == ".db"])
    assert made.name in line
    assert bot.beyond_the_log == []


async def test_a_refused_token_is_one_line_without_it(double: Double, tmp_path: Path) -> None:
    async with running(double.address, tmp_path, DISCORD_TOKEN=ANOTHER_TOKEN) as bot:
        assert await bot.ended() == os.EX_CONFIG
    (line,) = bot.lines
    assert "Discord refused DISCORD_TOKEN" in line
    assert ANOTHER_TOKEN not in line
    assert [request.status for request in double.requests] == [401]


async def test_no_network_is_said_at_once_and_after_some_tries_ends_it(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can take the port meanwhile
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        async with running(address, tmp_path, **rigging.settings(start_seconds=0.1)) as bot:
            assert await bot.ended() == os.EX_TEMPFAIL
    first, last = bot.lines
    assert LOG_LINE.fullmatch(first)
    assert "Discord cannot be reached: check this machine's network. Trying again for some minutes." in first
    assert last == "Discord cannot be reached: check this machine's network."
