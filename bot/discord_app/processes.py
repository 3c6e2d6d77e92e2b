"""Taking part: this process beats among those that serve the database, and sees who else does.

app -> **processes** -> `bot.desks.ownership` -> deliverer, notifier, poller, membership
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.desks.ownership import BEAT_SECONDS, Ownership
from bot.discord_app.delivery import guarded
from bot.errors import CorpusError

_log = logging.getLogger(__name__)


@asynccontextmanager
async def taking_part(ownership: Ownership) -> AsyncIterator[None]:
    """Beat from before the block as long as it lasts, and leave at its end. A process that is alone does not."""
    if ownership.alone:
        yield
        return
    await _beat(ownership)
    beats = asyncio.create_task(_beat_on(ownership), name="processes")
    try:
        yield
    finally:
        beats.cancel()
        await asyncio.gather(beats, return_exceptions=True)
        try:
            await ownership.leave()
        except CorpusError as error:  # the others miss its beats
            _log.warning("the end of this process could not be noted: %s", error)


async def _beat_on(ownership: Ownership) -> None:
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        await _beat(ownership)


async def _beat(ownership: Ownership) -> None:
    async def look() -> None:
        await ownership.look()

    await guarded(look(), "seeing which processes are there")
