"""What the /watch commands do: set up a watch, pause, resume and remove it; each person their own.

What they show is in `notice_cards`; what a watch finds, and how it is told, in `bot.desks.watching` and `notifier`.
"""

from __future__ import annotations

from bot.corpus import Watch
from bot.discord_app.cards import Card, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.notice_cards import list_card, sought, watch_line
from bot.errors import NotFound, Refused

_ALL_WORDS = "Every word must occur, in title or text; a minus leaves out, quotation marks mean word for word."


async def add_watch(
    interaction: Interaction, query: str, speaker: str | None, source: str | None, *, here: bool
) -> Card:
    """Watch for ``query`` and be told in this channel, or in private. Raises `Refused`."""
    if here:
        _must_be_able_to_tell(interaction)
    watch = await interaction.client.newsdesk.watching.add(
        library_of(interaction),
        interaction.user.id,
        query,
        speaker=speaker,
        source=source,
        channel_id=interaction.channel_id if here else None,
    )
    return note(f"{watch_line(watch)}\n-# {_ALL_WORDS}", title="You are told from now on")


async def list_watches(interaction: Interaction) -> Card:
    """What who asks watches here; an admin learns how many watches the server has, too."""
    watches, guild = interaction.client.newsdesk.corpus.watches, library_of(interaction)
    amount = await watches.amount(guild) if interaction.permissions.manage_guild else None
    return list_card(await watches.list(guild, interaction.user.id), amount)


async def pause_watch(interaction: Interaction, number: int) -> Card:
    """Raises `NotFound`."""
    newsdesk, guild = interaction.client.newsdesk, library_of(interaction)
    paused = await newsdesk.corpus.watches.pause(guild, interaction.user.id, number, now=newsdesk.now())
    return note(watch_line(_there(paused, number)), title="Paused")


async def resume_watch(interaction: Interaction, number: int) -> Card:
    """Raises `NotFound`."""
    newsdesk, guild = interaction.client.newsdesk, library_of(interaction)
    await newsdesk.watching.follow()  # what came in while it was paused is not told
    resumed = await newsdesk.corpus.watches.resume(guild, interaction.user.id, number)
    return note(watch_line(_there(resumed, number)), title="You are told again")


async def remove_watch(interaction: Interaction, number: int) -> Card:
    """Raises `NotFound`."""
    watches, guild = interaction.client.newsdesk.corpus.watches, library_of(interaction)
    removed = _there(await watches.remove(guild, interaction.user.id, number), number)
    return note(f"Removed: you are told nothing of {sought(removed)} any more.")


def _must_be_able_to_tell(interaction: Interaction) -> None:
    """Raises `Refused` where the bot may not write in this channel, or who asks may not: it must not write for them."""
    in_thread = interaction.channel is not None and interaction.channel.type.name.endswith("_thread")
    speaks = "send_messages_in_threads" if in_thread else "send_messages"
    if not (interaction.app_permissions.view_channel and getattr(interaction.app_permissions, speaks)):
        raise Refused("I may not write in this channel: give me View Channel and Send Messages here, or choose DM.")
    if not getattr(interaction.permissions, speaks):
        raise Refused("You may not write in this channel, so I do not for you: choose DM, or ask in another channel.")


def _there(found: Watch | None, number: int) -> Watch:
    if found is None:
        raise NotFound(f"You have no watch {number} here: /watch list shows yours.")
    return found
