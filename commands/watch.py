"""/watch: be told when something comes in. For everybody, each their own."""

from __future__ import annotations

from typing import Literal

from discord import app_commands
from discord.app_commands import Range

from bot.discord_app import watches
from bot.discord_app.desk import Interaction
from bot.discord_app.limits import QUERY_CHARS
from bot.discord_app.replies import answer
from commands import choices

Where = Literal["here", "DM"]
Number = Range[int, 1, 1_000_000]
NUMBER_DESCRIBED = "Pick from the list"

watch = app_commands.Group(name="watch", description="Be told when something comes in", guild_only=True)


@watch.command(description="Tell me when an article comes in that matches")
@app_commands.describe(
    query='All of these words, "an exact phrase", -word to leave out; also source:, speaker:',
    speaker="Only articles that quote this person; part of the name will do",
    source="Only from this outlet",
    where="Where to tell you: in this channel, where everyone sees it, or in private",
)
@app_commands.autocomplete(speaker=choices.speakers, source=choices.sources)
async def add(
    interaction: Interaction,
    query: Range[str, 1, QUERY_CHARS],
    speaker: Range[str, 1, 100] | None = None,
    source: Range[str, 1, 100] | None = None,
    where: Where = "DM",
) -> None:
    await answer(interaction, watches.add_watch(interaction, query, speaker, source, here=where == "here"))


@watch.command(name="list", description="What you watch for in this server, and what was stopped, with the reason")
async def list_(interaction: Interaction) -> None:
    await answer(interaction, watches.list_watches(interaction))


@watch.command(description="Tell me nothing of it until it is resumed")
@app_commands.describe(number=NUMBER_DESCRIBED)
@app_commands.autocomplete(number=choices.watches)
async def pause(interaction: Interaction, number: Number) -> None:
    await answer(interaction, watches.pause_watch(interaction, number))


@watch.command(description="Tell me again, of what comes in from now on")
@app_commands.describe(number=NUMBER_DESCRIBED)
@app_commands.autocomplete(number=choices.watches)
async def resume(interaction: Interaction, number: Number) -> None:
    await answer(interaction, watches.resume_watch(interaction, number))


@watch.command(description="Remove a watch for good")
@app_commands.describe(number=NUMBER_DESCRIBED)
@app_commands.autocomplete(number=choices.watches)
async def remove(interaction: Interaction, number: Number) -> None:
    await answer(interaction, watches.remove_watch(interaction, number))
