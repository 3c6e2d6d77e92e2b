"""How many questions are in hand at a time: beyond the limit the next one is refused at once, in one sentence.

Discord waits three seconds for a first answer. Where questions come faster than they are answered, a queue grows until
everybody waits longer than that, and then nobody is answered any more. So the queue ends where an answer is still sure
to be in time; whoever comes later is told so, and may ask again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from typing import Any

import aiohttp
import discord

from bot.discord_app.cards import note

_log = logging.getLogger(__name__)

# With so many in hand an answer takes 0.4 s where three hundred are answered a second, the most that two cores manage
# (`python -m tests.bench --only load`). With fewer, people would be refused when the disk takes a tenth of a second.
MOST_IN_HAND = 120
# While somebody waits as long as that, answers are slower than they should be, and no more than these are taken on:
# they take two seconds where 25 are answered a second.
SLOW_SECONDS = 0.5
MOST_WHERE_SLOW = 50
TELL_SECONDS = 60.0  # the log says at most so often that questions were refused

BUSY = "Newsdesk is answering as many questions as it can: ask again in a few seconds."


class Admission:
    """The interactions that are being answered: each is in hand until the task that answers it ends."""

    def __init__(self, most: int = MOST_IN_HAND, most_where_slow: int = MOST_WHERE_SLOW) -> None:
        self._most = most
        self._most_where_slow = most_where_slow
        self._in_hand: dict[asyncio.Task[Any], float] = {}  # since when, the oldest first
        self._refused = 0  # since the log last told of it
        self._told_at = -TELL_SECONDS

    async def admit(self, interaction: discord.Interaction[Any]) -> bool:
        """Whether the running task may go on to answer ``interaction``; if not, that has been said."""
        if self._enter():
            return True
        self._tell()
        # Where even this cannot be said nothing can, and the person sees that the bot did not answer.
        with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError):
            if interaction.type is discord.InteractionType.autocomplete:
                await interaction.response.autocomplete([])
            else:
                await interaction.response.send_message(view=note(BUSY).view, ephemeral=True)
        return False

    def _enter(self) -> bool:
        task = asyncio.current_task()
        if task is None or len(self._in_hand) >= (self._most_where_slow if self._is_slow() else self._most):
            return False
        self._in_hand[task] = time.monotonic()
        task.add_done_callback(self._leave)
        return True

    def _leave(self, task: asyncio.Task[Any]) -> None:
        self._in_hand.pop(task, None)

    def _is_slow(self) -> bool:
        """Whether the one who waits longest has waited long."""
        return time.monotonic() - next(iter(self._in_hand.values()), math.inf) >= SLOW_SECONDS

    def _tell(self) -> None:
        self._refused += 1
        if time.monotonic() - self._told_at >= TELL_SECONDS:
            _log.warning("%d questions are in hand: refused %d more", len(self._in_hand), self._refused)
            self._told_at, self._refused = time.monotonic(), 0
