"""Plain discord.py with shards, which knows nothing of Newsdesk: what the double itself is tried with.

In a test's own process it is a client; as a process of a fleet it answers each command with its process's shards.
"""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import discord

from tests.wire.launch import hasten, pointed_at


class Peer(discord.AutoShardedClient):
    """Needs no more than the double gives, and waits for nothing that it does not ask for."""

    def __init__(self, **shards: Any) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True)
        super().__init__(intents=intents, allowed_mentions=discord.AllowedMentions.none(), **shards)
        hasten(self)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """discord.py would wait five seconds before each shard but the first: the double says where that is needed."""


class _Answering(Peer):
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(os.environ["SHARD_IDS"], ephemeral=True)


def run(address: str) -> None:
    """One life, until SIGTERM, of the shards that the environment names."""
    with pointed_at(address):
        asyncio.run(_live())


async def _live() -> None:
    shard_ids = [int(one) for one in os.environ["SHARD_IDS"].split(",")]
    async with _Answering(shard_ids=shard_ids, shard_count=int(os.environ["SHARD_COUNT"])) as client:
        running = asyncio.create_task(client.start(os.environ["DISCORD_TOKEN"]))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
        await asyncio.gather(running, return_exceptions=True)
