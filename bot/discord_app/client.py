"""The Discord client: a gateway connection, the command tree, and `Newsdesk` for both.

It needs no privileged intent: it reads no messages and keeps no members. `AllowedMentions.none()` on the client means
that nothing the bot ever sends can ping.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands
from typing_extensions import override

from bot.discord_app import buttons
from bot.discord_app.admission import Admission
from bot.discord_app.delivery import Deliverer
from bot.discord_app.desk import DeskClient, Interaction
from bot.discord_app.feed_poller import FeedPoller
from bot.discord_app.gateway import Gateway
from bot.discord_app.guilds import share_of
from bot.discord_app.measured import admitted
from bot.discord_app.membership import Membership
from bot.discord_app.notifier import Notifier
from bot.discord_app.replies import tell
from bot.discord_app.sync import sync_commands
from bot.errors import Refused
from bot.newsdesk import Newsdesk
from bot.shards import ONE_SHARD, Shards

_log = logging.getLogger(__name__)

Command = app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu


_OLD_COMMAND = "This command is no longer what your Discord takes it for: reload Discord and give it again."
_UNSEEN_CHANNEL = "I cannot see that channel or thread: give me View Channel there, or reopen the thread."


class _Tree(app_commands.CommandTree[DeskClient]):
    """The command tree; what a command raises becomes one sentence to the person who gave it."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        return await admitted(interaction)

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        cause = error.__cause__ or error
        if isinstance(error, app_commands.TransformerError):
            await tell(interaction, Refused(_UNSEEN_CHANNEL))
        elif isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
            await tell(interaction, Refused(_OLD_COMMAND))
        elif interaction.type is discord.InteractionType.autocomplete:
            _log.error("autocomplete failed in server %s", interaction.guild_id, exc_info=cause)
        else:
            await tell(interaction, cause)


class NewsdeskClient(DeskClient):
    """A `discord.AutoShardedClient` whose ``newsdesk`` answers.

    It connects with ``shards``; None: with all of them, as many as Discord recommends.
    Its ``deliverer`` posts what is due, its ``notifier`` tells what watches found.
    Its ``membership`` follows which servers it is in.
    """

    def __init__(self, newsdesk: Newsdesk, commands: Sequence[Command], shards: Shards | None = ONE_SHARD) -> None:
        super().__init__(
            shard_count=shards and shards.count,
            shard_ids=shards and sorted(shards.ids),
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0.2,  # discord.py would wait 2 s for more guilds before it says that it is ready
        )
        self.newsdesk = newsdesk
        self.gateway = Gateway()
        self.deliverer = Deliverer(self, newsdesk)
        self.notifier = Notifier(self, newsdesk)
        self.membership = Membership(self, newsdesk)
        self.feed_poller = FeedPoller(self, newsdesk)
        self.admission = Admission()
        self.tree = _Tree(
            self,
            allowed_contexts=app_commands.AppCommandContext(guild=True),
            allowed_installs=app_commands.AppInstallationType(guild=True),
        )
        for command in commands:
            self.tree.add_command(command)

    @override
    async def setup_hook(self) -> None:
        self.add_dynamic_items(*buttons.ALL)
        await sync_commands(self.tree, self.newsdesk)

    async def on_ready(self) -> None:
        """discord.py calls this when all servers of all shards are known."""
        if (share := share_of(self)) is not None:
            self.newsdesk.ownership.connected(share)
        _log.info("ready in %d servers", len(self.guilds))

    async def on_resumed(self) -> None:
        """discord.py calls this when a lost connection was taken up again, and nothing was missed."""
        _log.info("connected again")

    @override
    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        if event == "shard_disconnect":
            self.gateway.lost(args[0])
        elif event in ("shard_ready", "shard_resumed") and (share := share_of(self)) is not None:
            self.gateway.found(args[0], share)
        # discord.py tells of things also when it is closed by then, and no handler can be started any more.
        if not self.is_closed():
            super().dispatch(event, *args, **kwargs)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """discord.py calls this when the bot was added to a server."""
        await self.membership.joined(guild)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """discord.py calls this when the bot was removed from a server."""
        await self.membership.left(guild)
