"""The bot as a process of its own, started as a host starts it, with its log read line by line."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.wire.double import PATIENCE_SECONDS, TOKEN

ROOT = Path(__file__).resolve().parents[2]
LOG_LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (?:DEBUG|INFO|WARNING|ERROR|CRITICAL) [\w.]+: .+")


class Bot:
    """A running ``python -m bot run`` in ``folder``. ``lines`` is its standard error so far."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.lines: list[str] = []
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def beyond_the_log(self) -> list[str]:
        """Lines on standard error that tell of no event: tracebacks, warnings of Python's, stray prints."""
        return [line for line in self.lines if not LOG_LINE.fullmatch(line) or " WARNING py.warnings: " in line]

    async def line(self, part: str) -> str:
        """Wait for a line that holds ``part``."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := next((line for line in self.lines if part in line), None)):
                self._news.clear()
                await self._news.wait()
        return found

    async def ended(self) -> int:
        """Wait for its end; returns the exit code."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.shield(self._reading)
            return await self.process.wait()

    async def signalled(self, number: signal.Signals) -> tuple[int, float]:
        """Send a signal and wait for the end: exit code, seconds."""
        begun = time.monotonic()
        self.process.send_signal(number)
        code = await self.ended()
        return code, time.monotonic() - begun

    async def _read(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))
            self._news.set()


def _environment(folder: Path) -> dict[str, str]:
    """This process's environment. Where Python may not keep bytecode beside its source, it does so beside ``folder``.

    A host's Python compiles the packages once, not at every start, which takes longer than the start itself.
    """
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_FILE")}
    if kept.pop("PYTHONDONTWRITEBYTECODE", None):
        kept["PYTHONPYCACHEPREFIX"] = str(folder.parent / "bytecode")
    return kept


@asynccontextmanager
async def running(address: str, folder: Path, **settings: str) -> AsyncIterator[Bot]:
    """Start the bot in ``folder`` against the double at ``address``; kills it where the test has not ended it.

    It reads no seeds and keeps its library there unless ``settings`` say otherwise.
    """
    chosen = {"DISCORD_TOKEN": TOKEN, "SEEDS_DIR": "", "LOG_LEVEL": "INFO", "PYTHONPATH": str(ROOT), **settings}
    chosen["DATABASE_URL"] = "sqlite+aiosqlite:///newsdesk.db"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "always::ResourceWarning", "-m", "tests.wire.launch", address, "run"),
        cwd=folder,
        env={**_environment(folder), **chosen},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    bot = Bot(process, folder)
    try:
        yield bot
    except Exception as error:
        error.add_note("The bot said:\n" + "\n".join(bot.lines))
        raise
    finally:
        if process.returncode is None:
            process.kill()
        await bot.ended()
