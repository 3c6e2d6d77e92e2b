"""Telling Discord about the commands, only when they changed.

Discord allows 200 command creations a day, and clients flicker at every registration; a hash of what was registered
last is kept in the corpus. Of several processes that start, one registers them, and the others wait for it, as long as
it lives.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from typing import Any, Final

from discord import app_commands

from bot.corpus import COMMANDS
from bot.desks.ownership import BEAT_SECONDS
from bot.newsdesk import Newsdesk

_log = logging.getLogger(__name__)

CLAIM: Final = "registering "
"""How the key begins under which it is kept which process registers the commands of another key."""


async def sync_commands(tree: app_commands.CommandTree[Any], newsdesk: Newsdesk) -> bool:
    """Register the commands unless these very ones are; returns whether they were sent."""
    payload = [command.to_dict(tree) for command in tree.get_commands()]
    digest = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
    key = f"{COMMANDS}{tree.client.application_id}"
    notes = newsdesk.corpus.notes
    while await notes.get(key) != digest:
        if newsdesk.ownership.alone or await _is_ours(newsdesk, f"{CLAIM}{key}", digest):
            await tree.sync()
            await notes.set(key, digest)
            _log.info("registered %d commands with Discord", len(payload))
            return True
        await asyncio.sleep(BEAT_SECONDS)
    return False


async def _is_ours(newsdesk: Newsdesk, key: str, digest: str) -> bool:
    """Whether it is for this process to register them: no living one has taken it on."""
    notes, ownership = newsdesk.corpus.notes, newsdesk.ownership
    claim = await notes.get(key)
    what, _, by = (claim or "").partition(" by ")
    if what == digest and by != str(ownership.me):
        if not ownership.is_living(int(by)):
            await ownership.look()  # it may have come since the last time
        if ownership.is_living(int(by)):
            return False
    return await notes.swap(key, claim, f"{digest} by {ownership.me}")
