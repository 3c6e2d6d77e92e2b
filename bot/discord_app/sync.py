"""Telling Discord about the commands, only when they changed.

Discord allows 200 command creations a day, and clients flicker at every registration; a hash of what was registered
last is kept in the corpus.
"""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any

from discord import app_commands

from bot.corpus import COMMANDS
from bot.newsdesk import Newsdesk

_log = logging.getLogger(__name__)


async def sync_commands(tree: app_commands.CommandTree[Any], newsdesk: Newsdesk) -> bool:
    """Register the commands unless these very ones are; returns whether they were sent."""
    payload = [command.to_dict(tree) for command in tree.get_commands()]
    digest = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
    key = f"{COMMANDS}{tree.client.application_id}"
    notes = newsdesk.corpus.notes
    if await notes.get(key) == digest:
        return False
    await tree.sync()
    await notes.set(key, digest)
    _log.info("registered %d commands with Discord", len(payload))
    return True
