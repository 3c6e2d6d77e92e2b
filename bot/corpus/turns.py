"""Turns: so many tasks at a time use a server, in the order they came; who waits while it is away is told at once.

Each use of a server that hangs takes seconds to find that out. Those that wait for them would find it out one after
the other, and the last of them long after its answer was of any use.
"""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType

from bot.errors import CorpusAway


class Turns:
    """``async with turns:`` waits for a turn. Raises `CorpusAway` where one before found that the server is away."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __aenter__(self) -> None:
        if self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._waiting.remove(turn)
            elif turn.exception() is None:  # it came just now
                self._pass_on()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, CorpusAway):
            while self._waiting:
                self._waiting.popleft().set_exception(CorpusAway())
        self._pass_on()

    def _pass_on(self) -> None:
        if self._waiting:
            self._waiting.popleft().set_result(None)
        else:
            self._free += 1
