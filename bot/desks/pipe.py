"""The way to a process of ours that answers questions: started, asked, found silent, ended.

question, numbered -> its standard input -> `bot.answering` -> its standard output -> the answer of that number
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal

from typing_extensions import override

from bot.frames import Frames, packed

_LOOK_SECONDS: Final = 5.0
_END_SECONDS: Final = 0.5  # what its last answers get, and the closing of its library


class Unanswered(Exception):
    """There is no answer: the process met an error, or has ended."""


@dataclass(frozen=True, slots=True)
class Opening:
    """The library that the process is to open and how it logs; and whether it is begun ``at_once``."""

    url: str
    log_level: str
    log_format: Literal["text", "json"]
    at_once: bool


class Pipe(asyncio.SubprocessProtocol):
    """One process. `begin` it, and `end` it whatever happened."""

    def __init__(self, opening: Opening) -> None:
        self._loop = asyncio.get_running_loop()
        self._opening = opening
        self._frames = Frames()
        self._transport: asyncio.SubprocessTransport | None = None
        self._waiting: dict[int, tuple[float, asyncio.Future[Any]]] = {}  # since when; the longest first
        self._number = 0
        self._broken = asyncio.Event()
        self._exited = asyncio.Event()

    async def begin(self) -> None:
        """Start the process and wait until it has opened the library. Raises `OSError`, `Unanswered`."""
        # In a session of its own: a terminal's Ctrl+C is for the bot, and the process ends when the pipe does.
        self._transport, _ = await self._loop.subprocess_exec(
            lambda: self,
            *(sys.executable, "-P", "-m", "bot.answering"),
            stderr=None,
            start_new_session=True,
            env=_environment(),
        )
        await self.ask("open", self._opening)

    @property
    def pid(self) -> int | None:
        """The process's id; None before it was started."""
        return None if self._transport is None else self._transport.get_pid()

    def ask(self, name: str, *given: Any) -> asyncio.Future[Any]:
        """The answer to a question; awaiting it raises `Unanswered` where there is none."""
        future = self._loop.create_future()
        pipe = None if self._transport is None else self._transport.get_pipe_transport(0)
        if self._broken.is_set() or not isinstance(pipe, asyncio.WriteTransport):
            future.set_exception(Unanswered())
        else:
            question = packed((self._number + 1, name, given))
            self._number += 1
            self._waiting[self._number] = self._loop.time(), future
            pipe.write(question)
        return future

    async def until_broken(self, silent_seconds: float) -> None:
        """Wait until the process has ended, or has left a question without an answer for so long."""
        while not self._broken.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._broken.wait()
            oldest, _ = next(iter(self._waiting.values()), (self._loop.time(), None))
            if self._loop.time() - oldest > silent_seconds:
                return

    def breaks(self) -> None:
        """Nothing more is asked and nothing waited for."""
        self._broken.set()
        for _, future in self._waiting.values():
            if not future.done():
                future.set_exception(Unanswered())
                future.exception()  # whoever still waits is told; nobody else need be
        self._waiting.clear()

    async def end(self) -> None:
        """Let the process end, or end it."""
        self.breaks()
        if self._transport is None:
            return
        if (pipe := self._transport.get_pipe_transport(0)) is not None:
            pipe.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_END_SECONDS):
                await self._exited.wait()
        if not self._exited.is_set():
            with suppress(ProcessLookupError):
                self._transport.kill()
            await self._exited.wait()
        self._transport.close()

    @override
    def pipe_data_received(self, fd: int, data: bytes) -> None:
        for number, is_answered, made in self._frames.feed(data):
            _, future = self._waiting.pop(number, (0.0, None))
            if future is None or future.done():  # nobody waits for it any more
                continue
            if is_answered:
                future.set_result(made)
            else:
                future.set_exception(Unanswered())

    @override
    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self.breaks()

    @override
    def process_exited(self) -> None:
        self._exited.set()
        self.breaks()


def _environment() -> Mapping[str, str]:
    """As of this process, so that it finds the same modules; it has no use for the token."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DISCORD_TOKEN")}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
