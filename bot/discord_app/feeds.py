"""What the /feed commands do: take articles from a feed, show how the feeds of a server are, pause and remove them.

What they show is in `feed_cards`; who polls is `feed_poller`.
"""

from __future__ import annotations

from bot.discord_app.cards import Card, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.feed_cards import added_card, line, report_card
from bot.discord_app.feed_cards import list_card as feed_list_card
from bot.discord_app.markup import escape_within


async def add_feed(interaction: Interaction, typed: str) -> Card:
    """Raises `Refused`, `UnreadableDocument`, `CannotFetch`."""
    added = await interaction.client.newsdesk.feeds.add(
        library_of(interaction), typed, channel_id=interaction.channel_id, by=interaction.user.id
    )
    may_write = interaction.app_permissions.view_channel and interaction.app_permissions.send_messages
    return added_card(added, may_write=may_write)


async def list_feeds(interaction: Interaction, page: int) -> Card:
    """Raises `Refused` for a page there is none of."""
    return feed_list_card(await interaction.client.newsdesk.feeds.list(library_of(interaction)), page)


async def pause_feed(interaction: Interaction, number: int) -> Card:
    """Raises `NotFound`."""
    paused = await interaction.client.newsdesk.feeds.pause(library_of(interaction), number, by=interaction.user.id)
    return note(line(paused), title="Paused")


async def resume_feed(interaction: Interaction, number: int) -> Card:
    """Raises `NotFound`."""
    resumed = await interaction.client.newsdesk.feeds.resume(library_of(interaction), number, by=interaction.user.id)
    return note(line(resumed), title="Polling again")


async def remove_feed(interaction: Interaction, number: int) -> Card:
    """Raises `NotFound`."""
    removed = await interaction.client.newsdesk.feeds.remove(library_of(interaction), number, by=interaction.user.id)
    return note(f"Removed: nothing more comes in from **{escape_within(removed.title, 200)}**. Its articles stay.")


async def check_feed(interaction: Interaction, number: int) -> Card:
    """Raises `NotFound`."""
    return report_card(await interaction.client.newsdesk.feeds.check(library_of(interaction), number))
