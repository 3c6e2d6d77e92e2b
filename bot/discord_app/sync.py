"""Telling Discord about the commands, only when they changed.

Discord allows 200 command creations a day, and clients flicker at every registration; a hash of what was registered
last is kept in the corpus.
"""

from __future__ import annotations

import hashlib
import json
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.discord_app.client import NewsdeskClient

_log = logging.getLogger(__name__)


async def sync_commands(client: NewsdeskClient) -> bool:
    """Register the commands unless these very ones are; returns whether they were sent."""
    payload = [command.to_dict(client.tree) for command in client.tree.get_commands()]
    digest = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
    key = f"commands of {client.application_id}"
    notes = client.newsdesk.corpus.notes
    if await notes.get(key) == digest:
        return False
    await client.tree.sync()
    await notes.set(key, digest)
    _log.info("registered %d commands with Discord", len(payload))
    return True
