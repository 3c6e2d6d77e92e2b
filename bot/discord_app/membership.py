"""Membership: which servers the bot is in, as the gateway tells, and what follows from it.

gateway events, and a look once a day -> **membership** -> `bot.desks.departures`. Being unavailable is not being gone:
a server in an outage is still one that the bot is in.
"""

from __future__ import annotations

import logging
from typing import Final

import aiohttp
import discord

from bot.discord_app.cards import Card, note
from bot.discord_app.delivery import guarded
from bot.discord_app.guilds import share_of
from bot.discord_app.markup import escape_within
from bot.errors import CorpusError
from bot.newsdesk import Newsdesk

_log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 24 * 60 * 60.0


class Membership:
    """One beside a client; its owner awaits `run` and cancels it to stop."""

    def __init__(self, client: discord.AutoShardedClient, newsdesk: Newsdesk) -> None:
        self._client = client
        self._departures = newsdesk.departures
        self._presence = newsdesk.corpus.presence

    async def run(self) -> None:
        """Once a day, see who is there and delete what is due. A fault is logged and the next day tries again."""
        while True:
            await self._client.wait_until_ready()
            returns = self._presence.returns
            await guarded(self.look(), "seeing which servers are there, and what is to be deleted")
            await self._presence.pause(LOOK_SECONDS, returns)

    async def look(self) -> None:
        """Compare who is there with who is known, then delete what is due. Only once Discord has told of every server.

        Of every server in the shards of this process: nothing is known of another's. discord.py's list has all that
        READY named from the moment it came, in an outage too.
        """
        if (share := share_of(self._client)) is None:
            return
        await self._departures.compare({guild.id for guild in self._client.guilds}, share)
        await self._departures.sweep({guild.id for guild in self._client.guilds}, share)

    async def left(self, guild: discord.Guild) -> None:
        """The bot was removed from a server."""
        try:
            await self._departures.left(guild.id)
        except CorpusError as error:  # the next look notes it
            _log.warning("removed from server %d, which could not be noted: %s", guild.id, error)

    async def joined(self, guild: discord.Guild) -> None:
        """The bot came to a server: where it is new there, its owner gets one hint, in private."""
        try:
            is_new = await self._departures.joined(guild.id)
        except CorpusError as error:
            _log.warning("joined server %d, which could not be noted: %s", guild.id, error)
            return
        if is_new:
            await self._hint(guild)

    async def _hint(self, guild: discord.Guild) -> None:
        """Only the owner's id is known without a permission or an intent that the bot does not ask for."""
        if guild.owner_id is None:
            return
        try:
            channel = await self._client.create_dm(discord.Object(guild.owner_id))
            await channel.send(view=hint(guild.name).view)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            _log.info("the owner of server %d gets no hint: %s", guild.id, type(error).__name__)


def hint(name: str) -> Card:
    """What the owner of a new server is told, once."""
    return note(
        f"I was added to your server **{escape_within(name, 100)}**, and post nothing there by myself.\n"
        "`/setup` there shows what a daily digest needs, `/help` what I can do, `/privacy` what I keep.\n"
        "-# You get this once, as the server's owner."
    )
