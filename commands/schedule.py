"""/schedule: digests that are posted by themselves."""

from __future__ import annotations

from typing import Literal

import discord
from discord import app_commands
from discord.app_commands import Range

from bot.discord_app import schedules
from bot.discord_app.cards import Card
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.places import PlaceOption
from bot.discord_app.replies import answer, answer_all
from bot.discord_app.schedule_cards import list_card
from commands import choices

SchedulePeriod = Literal["since the last digest", "today", "24 hours", "7 days", "all"]
Quiet = Literal["say so", "from the archive", "stay silent"]
Number = Range[int, 1, 1_000_000]
NUMBER_DESCRIBED = "Pick from the list"
DESCRIBED = {
    "channel": "Where to post it: a channel, a thread, or a forum, where it gets a post of its own",
    "time": "Local time of day, such as 08:30",
    "zone": "Time zone: type a city, such as Berlin",
    "days": "Every day, weekdays, mon-fri, or days such as mon, wed, fri",
    "period": "What each digest covers",
    "quiet": "What to do when nothing was added",
}

schedule = app_commands.Group(
    name="schedule",
    description="Digests posted to a channel by themselves",
    default_permissions=discord.Permissions(manage_guild=True),
    guild_only=True,
)


@schedule.command(name="set", description="Post a digest to a channel at a local time, every day or on some days")
@app_commands.describe(**DESCRIBED, topic="Only articles that match these words")
@app_commands.autocomplete(zone=choices.time_zones, days=choices.days)
async def set_(
    interaction: Interaction,
    channel: PlaceOption,
    time: Range[str, 1, 20],
    zone: Range[str, 1, 60],
    days: Range[str, 1, 60] = "every day",
    period: SchedulePeriod = "since the last digest",
    topic: Range[str, 1, 200] | None = None,
    quiet: Quiet = "say so",
) -> None:
    typed = _given(time=time, zone=zone, days=days, period=period, topic=topic, quiet=quiet)
    await answer(interaction, schedules.set_schedule(interaction, channel, typed))


@schedule.command(description="Change a schedule: only what you give is changed")
@app_commands.describe(**DESCRIBED, number=NUMBER_DESCRIBED, topic="Only articles that match these words; - for all")
@app_commands.autocomplete(number=choices.schedules)
@app_commands.autocomplete(zone=choices.time_zones, days=choices.days)
async def edit(
    interaction: Interaction,
    number: Number,
    channel: PlaceOption | None = None,
    time: Range[str, 1, 20] | None = None,
    zone: Range[str, 1, 60] | None = None,
    days: Range[str, 1, 60] | None = None,
    period: SchedulePeriod | None = None,
    topic: Range[str, 1, 200] | None = None,
    quiet: Quiet | None = None,
) -> None:
    typed = _given(time=time, zone=zone, days=days, period=period, topic=topic, quiet=quiet)
    await answer(interaction, schedules.edit_schedule(interaction, number, channel, typed))


@schedule.command(description="Post nothing until it is resumed")
@app_commands.describe(number=NUMBER_DESCRIBED)
@app_commands.autocomplete(number=choices.schedules)
async def pause(interaction: Interaction, number: Number) -> None:
    await answer(interaction, schedules.pause_schedule(interaction, number))


@schedule.command(description="Post again, from the next time on")
@app_commands.describe(number=NUMBER_DESCRIBED)
@app_commands.autocomplete(number=choices.schedules)
async def resume(interaction: Interaction, number: Number) -> None:
    await answer(interaction, schedules.resume_schedule(interaction, number))


@schedule.command(description="Remove a schedule for good")
@app_commands.describe(number=NUMBER_DESCRIBED)
@app_commands.autocomplete(number=choices.schedules)
async def remove(interaction: Interaction, number: Number) -> None:
    await answer(interaction, schedules.remove_schedule(interaction, number))


@schedule.command(name="list", description="The digests of this server: where, when, and the next one")
async def list_(interaction: Interaction) -> None:
    await answer(interaction, _list(interaction))


@schedule.command(description="Show you alone what a schedule would post now")
@app_commands.describe(number=NUMBER_DESCRIBED)
@app_commands.autocomplete(number=choices.schedules)
async def preview(interaction: Interaction, number: Number) -> None:
    await answer_all(interaction, schedules.preview_schedule(interaction, number))


@schedule.command(description="Post a digest to its channel now, besides the scheduled ones")
@app_commands.describe(number=NUMBER_DESCRIBED)
@app_commands.autocomplete(number=choices.schedules)
async def run(interaction: Interaction, number: Number) -> None:
    await answer(interaction, schedules.run_schedule(interaction, number))


@schedule.command(
    description="Its last and next digests, and those that were skipped or are uncertain, with the reason"
)
@app_commands.describe(number=NUMBER_DESCRIBED)
@app_commands.autocomplete(number=choices.schedules)
async def status(interaction: Interaction, number: Number) -> None:
    await answer(interaction, schedules.schedule_status(interaction, number))


async def _list(interaction: Interaction) -> Card:
    newsdesk = interaction.client.newsdesk
    found = await newsdesk.corpus.schedules.list(library_of(interaction))
    last = [await newsdesk.corpus.deliveries.last(schedule.id) for schedule in found]
    return list_card(found, last, newsdesk.now())


def _given(**options: str | None) -> dict[str, str]:
    return {name: value for name, value in options.items() if value is not None}
