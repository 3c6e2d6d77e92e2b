"""Presence: whether the server of the database is there, as its transactions find out, and who waits for its return.

    transaction -> `lost` or `found` -> the heartbeat, which probes while it is away; what polls, which looks at once

A file is always there.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Final

from bot.errors import CorpusAway

_log = logging.getLogger(__name__)

PROBE_SECONDS: Final = 3.0
"""How often a server that is away is looked for."""
SETTLE_SECONDS: Final = 1.0
"""The shortest pause: of a server that comes and goes, nobody asks the more often for that."""


class Presence:
    """Of one database; made and used in one event loop."""

    def __init__(self) -> None:
        self._gone = asyncio.Event()
        self._back = asyncio.Event()
        self._was_there = False
        self.returns = 0
        """How often there was reason to look again: it had been away, or whose work something is has changed."""

    @property
    def is_away(self) -> bool:
        """Whether the last transaction found that it is."""
        return self._gone.is_set()

    def lost(self, why: CorpusAway) -> None:
        """A transaction has found that it is away."""
        if not self.is_away:
            if self._was_there:  # else whoever opens it is told
                _log.warning("the library cannot be used: %s", why)
            self._gone.set()

    def found(self) -> None:
        """A transaction has come to its end."""
        self._was_there = True
        if self.is_away:
            _log.warning("the library can be used again")
            self._gone.clear()
            self.wake()

    def wake(self) -> None:
        """End the pauses there are: who is away or back, or whose work it is, has changed."""
        self.returns += 1
        self._back.set()  # for those who wait now
        self._back = asyncio.Event()

    async def pause(self, seconds: float, returns: int) -> bool:
        """Sleep so long, or only until there is reason to look again since it had ``returns``: then True.

        What could not be done while it was away need not wait for its next time.
        """
        at_least = min(seconds, SETTLE_SECONDS)
        await asyncio.sleep(at_least)
        if self.returns == returns:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds - at_least):
                    await self._back.wait()
        return self.returns != returns

    async def until_probe(self, seconds: float) -> None:
        """Sleep until it should be seen whether it can be used: after ``seconds``, sooner where it is away."""
        if self.is_away:
            await asyncio.sleep(min(seconds, PROBE_SECONDS))
            return
        # Not `asyncio.wait_for`: before Python 3.12 it loses a cancellation that comes with what it waits for.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._gone.wait()
