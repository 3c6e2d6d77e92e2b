"""The client as the rest of the Discord side sees it: a connection, with `Newsdesk` and what posts behind it.

`bot.discord_app.client` makes one; commands, buttons and replies ask it through an interaction.
"""

from __future__ import annotations

from typing import TypeAlias

import discord

from bot.discord_app.admission import Admission
from bot.discord_app.delivery import Deliverer
from bot.discord_app.feed_poller import FeedPoller
from bot.discord_app.sharding import ShardedClient
from bot.newsdesk import Newsdesk


class DeskClient(ShardedClient):
    """What an interaction's ``client`` has to offer."""

    newsdesk: Newsdesk
    deliverer: Deliverer
    feed_poller: FeedPoller
    admission: Admission


Interaction: TypeAlias = discord.Interaction[DeskClient]


def library_of(interaction: Interaction) -> int:
    """The library of the server an interaction comes from. Every command is guild-only."""
    if interaction.guild_id is None:
        raise RuntimeError("an interaction outside a server reached a guild-only command")
    return interaction.guild_id
