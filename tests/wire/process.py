"""The bot as a process of its own, with its log read line by line: started as a host starts it, or forked.

A start takes a second of computing, nearly all of it to load what the bot is made of. Where a test needs many lives and
none of their starts, they are forked from a process that has loaded it and done nothing else.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Protocol

from tests.forks import FORKING
from tests.starts import environment
from tests.wire import launch
from tests.wire.double import PATIENCE_SECONDS, TOKEN

ROOT = Path(__file__).resolve().parents[2]
LOG_LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (?:DEBUG|INFO|WARNING|ERROR|CRITICAL) [\w.]+: .+")


class Process(Protocol):
    """What a test does with a process, as `asyncio.subprocess.Process` has it."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    def send_signal(self, signal: int, /) -> None: ...
    def kill(self) -> None: ...
    async def wait(self) -> int: ...


Start = Callable[..., AbstractAsyncContextManager["Bot"]]
"""`running`, `forked`, or what takes as they do: an address, a folder, and settings by name."""


class Forked:
    """A `Process` that `multiprocessing` forked."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        assert process.pid is not None
        self.pid = process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, signal: int, /) -> None:
        os.kill(self.pid, signal)

    def kill(self) -> None:
        self._process.kill()

    async def wait(self) -> int:
        await asyncio.to_thread(self._process.join)
        assert self._process.exitcode is not None
        return self._process.exitcode


class Bot:
    """A running ``python -m bot run`` in ``folder``. ``lines`` is its standard error so far."""

    def __init__(self, process: Process, stderr: asyncio.StreamReader, folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.lines: list[str] = []
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read(stderr))

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

    async def ended(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Wait for its end; returns the exit code."""
        async with asyncio.timeout(seconds):
            await asyncio.shield(self._reading)
            return await self.process.wait()

    async def signalled(self, number: signal.Signals) -> tuple[int, float]:
        """Send a signal and wait for the end: exit code, seconds."""
        begun = time.monotonic()
        self.process.send_signal(number)
        code = await self.ended()
        return code, time.monotonic() - begun

    async def _read(self, stderr: asyncio.StreamReader) -> None:
        async for line in stderr:
            self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))
            self._news.set()


def _settings(folder: Path, asked: Mapping[str, str]) -> dict[str, str]:
    """The environment of a bot in ``folder``: what is ``asked``, else no seeds, and a library that is there."""
    usual = {"DISCORD_TOKEN": TOKEN, "SEEDS_DIR": "", "LOG_LEVEL": "INFO", "PYTHONPATH": str(ROOT)}
    return {**environment(folder), **usual, "DATABASE_URL": "sqlite+aiosqlite:///newsdesk.db", **asked}


def _words(address: str, *words: str) -> list[str]:
    """The command line of a process that is given ``words`` as `newsdesk` is."""
    return [sys.executable, "-W", "always::ResourceWarning", "-m", "tests.wire.launch", address, *words]


async def answer_of(address: str, folder: Path, *words: str, **settings: str) -> tuple[int, str]:
    """Give a verb in ``folder`` against the double at ``address``: its exit code, and all that it printed."""
    process = await asyncio.create_subprocess_exec(
        *_words(address, *words),
        cwd=folder,
        env=_settings(folder, settings),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(2 * PATIENCE_SECONDS):  # for a start, and for what is to be done
            printed, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, printed.decode()


@asynccontextmanager
async def running(address: str, folder: Path, **settings: str) -> AsyncIterator[Bot]:
    """Start the bot in ``folder`` against the double at ``address``; kills it where the test has not ended it.

    Its ``settings`` are as in `_settings`.
    """
    process = await asyncio.create_subprocess_exec(
        *_words(address, "run"),
        cwd=folder,
        env=_settings(folder, settings),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    async with _watched(Bot(process, process.stderr, folder)) as bot:
        yield bot


async def forked_answer(address: str, folder: Path, *words: str, **settings: str) -> tuple[int, str]:
    """`answer_of`, but for its start: see `forked`."""
    async with forked(address, folder, partial(launch.answer, words), **settings) as given:
        code = await given.ended(2 * PATIENCE_SECONDS)
    return code, "".join(f"{line}\n" for line in given.lines)


@asynccontextmanager
async def forked(
    address: str, folder: Path, program: Callable[[str], None] = launch.bot, /, **settings: str
) -> AsyncIterator[Bot]:
    """`running`, but for its start: the process is forked where all is loaded. ``program`` is given the address."""
    reading, writing = FORKING.Pipe(duplex=False)
    with writing:
        process = FORKING.Process(
            target=launch.run, args=(program, writing, address, folder, _settings(folder, settings))
        )
        process.start()
    stderr = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stderr), reading
    )
    try:
        async with _watched(Bot(Forked(process), stderr, folder)) as bot:
            yield bot
    finally:
        transport.close()
        process.close()


@asynccontextmanager
async def _watched(bot: Bot) -> AsyncIterator[Bot]:
    try:
        yield bot
    except Exception as error:
        error.add_note("The bot said:\n" + "\n".join(bot.lines))
        raise
    finally:
        if bot.process.returncode is None:
            bot.process.kill()
        await bot.ended()
