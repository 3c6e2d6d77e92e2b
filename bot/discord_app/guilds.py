"""Servers as this process sees them: its own shards' by the gateway, those it has taken over by asking Discord.

The gateway tells a process of its own shards' servers alone. What is done for others needs no more than requests.
"""

from __future__ import annotations

import discord

from bot.shards import Shards


def share_of(client: discord.AutoShardedClient) -> Shards | None:
    """The shards that ``client`` connects with; None before it knows them."""
    if client.shard_count is None:
        return None
    if client.shard_ids is None:
        return Shards.all_of(client.shard_count)
    return Shards(client.shard_count, frozenset(client.shard_ids))


async def seen_guild(client: discord.AutoShardedClient, guild_id: int) -> discord.Guild | None:
    """The server, if the bot is in it and it is in no outage; of another shard's, without channels and members.

    Raises `discord.HTTPException`, and what the connection raises.
    """
    guild, share = client.get_guild(guild_id), share_of(client)
    if guild is not None:
        return None if guild.unavailable else guild
    if share is None or share.hold(guild_id):
        return None
    try:
        return await client.fetch_guild(guild_id, with_counts=False)
    except (discord.NotFound, discord.Forbidden):
        return None


async def own_rights(client: discord.AutoShardedClient, guild: discord.Guild, channel_id: int) -> discord.Permissions:
    """What the bot may do in a channel or a thread of a server that `seen_guild` found.

    Raises as that does, and `discord.InvalidData` for a channel that is another server's.
    """
    channel = guild.get_channel_or_thread(channel_id) or await guild.fetch_channel(channel_id)
    us = client.user.id if client.user else 0
    ourselves = guild.get_member(us) or await guild.fetch_member(us)
    if isinstance(channel, discord.Thread):  # a thread has its parent's
        channel = channel.parent or await guild.fetch_channel(channel.parent_id)
    return channel.permissions_for(ourselves)
