"""/feed: articles that come in by themselves."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import Range

from bot.discord_app import feeds
from bot.discord_app.desk import Interaction
from bot.discord_app.replies import answer
from commands import choices

Number = Range[int, 1, 1_000_000]
NUMBER_DESCRIBED = "Pick from the list"

feed = app_commands.Group(
    name="feed",
    description="Articles that come in by themselves, from RSS, Atom and JSON feeds",
    default_permissions=discord.Permissions(manage_guild=True),
    guild_only=True,
)


@feed.command(description="Take articles from a feed as they come out")
@app_commands.describe(address="The address of an RSS, Atom or JSON feed, or of a site that names its feed")
async def add(interaction: Interaction, address: Range[str, 4, 1000]) -> None:
    await answer(interaction, feeds.add_feed(interaction, address))


@feed.command(name="list", description="The feeds of this server: when each is polled next, and what is wrong")
@app_commands.describe(page="Which page of the list")
async def list_(interaction: Interaction, page: Range[int, 1, 1000] = 1) -> None:
    await answer(interaction, feeds.list_feeds(interaction, page))


@feed.command(description="Look into a feed now: its last and next poll, its queue, and what could not be read")
@app_commands.describe(number=NUMBER_DESCRIBED)
@app_commands.autocomplete(number=choices.feeds)
async def check(interaction: Interaction, number: Number) -> None:
    await answer(interaction, feeds.check_feed(interaction, number))


@feed.command(description="Take nothing from a feed until it is resumed")
@app_commands.describe(number=NUMBER_DESCRIBED)
@app_commands.autocomplete(number=choices.feeds)
async def pause(interaction: Interaction, number: Number) -> None:
    await answer(interaction, feeds.pause_feed(interaction, number))


@feed.command(description="Take articles from a feed again, from now on")
@app_commands.describe(number=NUMBER_DESCRIBED)
@app_commands.autocomplete(number=choices.feeds)
async def resume(interaction: Interaction, number: Number) -> None:
    await answer(interaction, feeds.resume_feed(interaction, number))


@feed.command(description="Remove a feed for good; the articles that came from it stay")
@app_commands.describe(number=NUMBER_DESCRIBED)
@app_commands.autocomplete(number=choices.feeds)
async def remove(interaction: Interaction, number: Number) -> None:
    await answer(interaction, feeds.remove_feed(interaction, number))
