"""How many questions are in hand at a time: beyond the limit the next one is refused at once, in one sentence.

Discord waits three seconds for a first answer. Where questions come faster than they are answered, a queue grows until
everybody waits longer than that, and then nobody is answered any more. So the queue ends where an answer is still sure
to be in time; whoever comes later is told so, and may ask again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Any

import aiohttp
import discord

from bot.discord_app.cards import note

_log = logging.getLogger(__name__)

# With so many in hand an answer takes 0.4 s where three hundred are answered a second, as they should be on two cores
# (`python -m tests.bench --only load`), and less than two seconds on a machine four times slower. With fewer, people
# would be refused whenever the disk takes a tenth of a second.
MOST_IN_HAND = 120
TELL_SECONDS = 60.0  # the log says at most so often that questions were refused

BUSY = "Newsdesk is answering as many questions as it can: ask again in a few seconds."


class Admission:
    """The interactions that are being answered: each is in hand until the task that answers it ends."""

    def __init__(self, most: int = MOST_IN_HAND) -> None:
        self._most = most
        self._in_hand: set[asyncio.Task[Any]] = set()
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
        if task is None or len(self._in_hand) >= self._most:
            return False
        self._in_hand.add(task)
        task.add_done_callback(self._in_hand.discard)
        return True

    def _tell(self) -> None:
        self._refused += 1
        if time.monotonic() - self._told_at >= TELL_SECONDS:
            _log.warning("%d questions are in hand: refused %d more", len(self._in_hand), self._refused)
            self._told_at, self._refused = time.monotonic(), 0
