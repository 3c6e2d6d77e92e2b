"""Places: the channels, threads and forums a digest can be posted to, and what the bot needs there."""

from __future__ import annotations

from typing import Any, Final

import discord
from discord import app_commands

from bot.discord_app.markup import escape_within
from bot.errors import Refused

Place = discord.TextChannel | discord.Thread | discord.ForumChannel
_TYPES: Final = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.news_thread,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.forum,
]

# By discord.py's names, with what Discord's settings call it. The history is read to find a digest whose posting was
# never confirmed: without it, one would sometimes stay uncertain.
_EVERYWHERE: Final = {
    "view_channel": "View Channel",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}
_IN_CHANNELS: Final = {**_EVERYWHERE, "send_messages": "Send Messages"}
_IN_THREADS: Final = {**_EVERYWHERE, "send_messages_in_threads": "Send Messages in Threads"}
_IN_FORUMS: Final = {**_IN_THREADS, "send_messages": "Create Posts"}
_POST_NAME = "News digests"
_POST_TEXT = "Digests will be posted here."
_KEPT_OPEN_MINUTES: Final = 10_080  # the longest there is: a digest opens a post again that fell asleep


class _PlaceTransformer(app_commands.Transformer):
    """Reads the channel that a person picked. discord.py's own for forums offers media channels, too."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        return _TYPES

    async def transform(self, _interaction: discord.Interaction[Any], value: Any, /) -> Place:
        place = value.resolve()
        if not isinstance(place, Place):
            raise app_commands.TransformerError(value, self.type, self)
        return place


PlaceOption = app_commands.Transform[Place, _PlaceTransformer]
"""What a command that takes a place is annotated with."""


def must_be_able_to_post(place: Place) -> None:
    """Raises `Refused`, naming every permission that is missing."""
    name = escape_within(place.name, 60)
    if isinstance(place, discord.Thread) and place.locked:
        raise Refused(f"The thread {name} is locked: unlock it, or pick another place.")
    if missing := missing_in(place):
        listed = " and ".join(filter(None, [", ".join(missing[:-1]), missing[-1]]))
        raise Refused(f"In #{name} I lack {listed}: give me that there, then try again.")


def missing_in(place: Place) -> list[str]:
    """The permissions that the bot lacks there, as Discord's settings call them."""
    permissions = place.permissions_for(place.guild.me)
    return [called for permission, called in _needed(place).items() if not getattr(permissions, permission)]


def _needed(place: Place) -> dict[str, str]:
    if isinstance(place, discord.ForumChannel):
        return _IN_FORUMS
    return _IN_THREADS if isinstance(place, discord.Thread) else _IN_CHANNELS


async def postable(place: Place) -> discord.TextChannel | discord.Thread:
    """Where the messages go: the place itself; in a forum, a post of their own, which is made now.

    A post for each digest could come twice: Discord knows no nonce for posts. Raises `Refused`.
    """
    must_be_able_to_post(place)
    if not isinstance(place, discord.ForumChannel):
        return place
    tags = place.available_tags[:1] if place.flags.require_tag else []
    try:
        made = await place.create_thread(
            name=_POST_NAME, content=_POST_TEXT, auto_archive_duration=_KEPT_OPEN_MINUTES, applied_tags=tags
        )
    except discord.HTTPException as error:
        name = escape_within(place.name, 60)
        raise Refused(f"Discord did not let me open a post in #{name}: check my permissions there.") from error
    return made.thread
