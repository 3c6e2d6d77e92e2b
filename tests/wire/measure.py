"""Prints what a start of the bot costs on the starter library: ``python -m tests.wire.measure``.

Seconds from the start of the process until it has identified itself to Discord and until it has answered a first
command, with a new library and again with the one that is there; and its memory then (VmRSS, Linux only).
"""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
import time
from pathlib import Path

from bot.cli.seeds import PROJECT_SEEDS
from tests.wire.double import Double
from tests.wire.process import running


async def _start(folder: Path) -> str:
    async with Double() as discord:
        begun = time.monotonic()
        async with running(discord.address, folder, SEEDS_DIR=str(PROJECT_SEEDS)) as bot:
            await discord.ready()
            identified = time.monotonic() - begun
            discord.rest.commands = discord.rest.commands or [{"name": "help", "id": "1"}]
            await discord.command("help")
            answered = time.monotonic() - begun
            said_ready = await bot.line("ready in") and time.monotonic() - begun
            idle = _resident_mb(bot.pid)
            await asyncio.gather(*(_ask(discord) for _ in range(20)))
            used = _resident_mb(bot.pid)
            _, ended = await bot.signalled(signal.SIGTERM)
    times = f"identified {identified:.2f} s, first answer {answered:.2f} s, log says ready {said_ready:.2f} s"
    return f"{times}, end {ended:.2f} s, idle {idle:.0f} MB, after 20 questions {used:.0f} MB"


async def _ask(discord: Double) -> None:
    if any(command["name"] == "quote" for command in discord.rest.commands):
        await discord.command("quote", query="peace talks")


def _resident_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return float("nan")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


async def _measure() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("warm", "bot"):
            (Path(folder) / name).mkdir()
        await _start(Path(folder) / "warm")  # compiles the packages where nobody has yet
        for library in ("new library", "same again", "same again"):
            sys.stdout.write(f"{library}: {await _start(Path(folder) / 'bot')}\n")


if __name__ == "__main__":
    asyncio.run(_measure())
