"""Taking part: this process beats among those that serve the database, and sees who else does.

app -> **processes** -> `bot.desks.ownership` -> deliverer, notifier, poller, membership
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.corpus.presence import Presence
from bot.desks.ownership import BEAT_SECONDS, Ownership
from bot.discord_app.delivery import guarded
from bot.errors import CorpusError
from bot.tasks import background

_log = logging.getLogger(__name__)


@asynccontextmanager
async def taking_part(ownership: Ownership, presence: Presence) -> AsyncIterator[None]:
    """Beat from before the block as long as it lasts, and leave at its end. A process that is alone does not.

    Where whose servers are whose has changed, who waits for the next time to look at them looks at once.
    """
    if ownership.alone:
        yield
        return
    await _beat(ownership, presence)
    try:
        async with background(_beat_on(ownership, presence), "processes"):
            yield
    finally:
        await _leave(ownership, presence)


async def _leave(ownership: Ownership, presence: Presence) -> None:
    if presence.is_away:  # the others miss its beats, if they are there
        return
    try:
        await ownership.leave()
    except CorpusError as error:
        _log.warning("the end of this process could not be noted: %s", error)


async def _beat_on(ownership: Ownership, presence: Presence) -> None:
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        await _beat(ownership, presence)


async def _beat(ownership: Ownership, presence: Presence) -> None:
    async def look() -> None:
        if await ownership.look():
            presence.wake()

    await guarded(look(), "seeing which processes are there")
