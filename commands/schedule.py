"""/schedule: digests that are posted every day by themselves."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import Range

from bot.discord_app.desk import Interaction
from bot.discord_app.replies import answer
from bot.discord_app.schedules import remove_schedule, run_schedule, schedules_card, set_schedule
from bot.newsdesk import Period
from commands import choices

schedule = app_commands.Group(
    name="schedule",
    description="Digests posted to a channel every day",
    default_permissions=discord.Permissions(manage_guild=True),
    guild_only=True,
)


@schedule.command(name="set", description="Post a digest to a channel every day")
@app_commands.describe(
    channel="Where to post it",
    time="Local time of day, such as 08:30",
    zone="Time zone: type a city, such as Berlin",
    period="What each digest covers",
)
@app_commands.autocomplete(zone=choices.time_zones)
async def set_(
    interaction: Interaction,
    channel: discord.TextChannel | discord.Thread,
    time: Range[str, 1, 20],
    zone: Range[str, 1, 60],
    period: Period = "24 hours",
) -> None:
    await answer(interaction, set_schedule(interaction, channel, time, zone, period))


@schedule.command(name="list", description="The digests of this server: where, when, and the next one")
async def list_(interaction: Interaction) -> None:
    await answer(interaction, schedules_card(interaction))


@schedule.command(description="Stop a daily digest")
@app_commands.describe(number="Pick from the list")
@app_commands.autocomplete(number=choices.schedules)
async def remove(interaction: Interaction, number: Range[int, 1, 1_000_000]) -> None:
    await answer(interaction, remove_schedule(interaction, number))


@schedule.command(description="Post a digest to its channel now, besides the daily one")
@app_commands.describe(number="Pick from the list")
@app_commands.autocomplete(number=choices.schedules)
async def run(interaction: Interaction, number: Range[int, 1, 1_000_000]) -> None:
    await answer(interaction, run_schedule(interaction, number))
