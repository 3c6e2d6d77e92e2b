"""What the /schedule commands do: set up a digest, change, pause, remove and run it.

What they show is in `schedule_cards`, when a digest is due in `times`, where it may go in `places`.
"""

from __future__ import annotations

from typing import Any

import aiohttp
import discord

from bot.corpus import Quiet, Schedule
from bot.discord_app.cards import Card, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.places import Place, must_be_able_to_post, postable
from bot.discord_app.schedule_cards import line, status_card
from bot.discord_app.times import parse_days, parse_time, parse_zone
from bot.errors import NotFound, Refused
from bot.newsdesk import Newsdesk

MAX_SCHEDULES = 25
NO_TOPIC = frozenset({"-", "none", "everything", "all"})
"""What to write for the topic of a schedule that is to have none any more."""

_SILENT = "Nothing was added, and this schedule stays silent then: it would post nothing."


async def set_schedule(interaction: Interaction, place: Place, settings: dict[str, str]) -> Card:
    """Store a schedule, once it is sure that the bot may post there. Raises `Refused`.

    ``settings`` are as typed: time, zone, days, period, topic, quiet.
    """
    newsdesk, guild = interaction.client.newsdesk, library_of(interaction)
    chosen = _read(newsdesk, settings)
    must_be_able_to_post(place)
    if len(await newsdesk.corpus.schedules.list(guild)) >= MAX_SCHEDULES:
        raise Refused(f"This server has {MAX_SCHEDULES} schedules already: remove one with /schedule remove first.")
    schedule = await newsdesk.corpus.schedules.add(
        guild,
        channel_id=(await postable(place)).id,
        created_by=interaction.user.id,
        now=newsdesk.now(),
        **chosen,
    )
    return note(line(schedule, newsdesk.now()), title="A digest will be posted")


async def edit_schedule(interaction: Interaction, number: int, place: Place | None, settings: dict[str, str]) -> Card:
    """Change what is given of a schedule. Raises `NotFound`, `Refused`."""
    newsdesk, guild = interaction.client.newsdesk, library_of(interaction)
    await _schedule(interaction, number)
    changes = _read(newsdesk, settings)
    if place is not None:
        changes["channel_id"] = (await postable(place)).id
    if not changes:
        raise Refused("Nothing to change was given: pick a channel, time, zone, days, period, topic or quiet.")
    changed = await newsdesk.corpus.schedules.change(guild, number, changes, by=interaction.user.id, now=newsdesk.now())
    return note(line(_there(changed, number), newsdesk.now()), title="Changed")


async def pause_schedule(interaction: Interaction, number: int) -> Card:
    """Raises `NotFound`."""
    newsdesk, guild = interaction.client.newsdesk, library_of(interaction)
    paused = await newsdesk.corpus.schedules.pause(guild, number, by=interaction.user.id, now=newsdesk.now())
    return note(line(_there(paused, number), newsdesk.now()), title="Paused")


async def resume_schedule(interaction: Interaction, number: int) -> Card:
    """Post again, where the bot may. Raises `NotFound`, `Refused`."""
    newsdesk, guild = interaction.client.newsdesk, library_of(interaction)
    schedule = await _schedule(interaction, number)
    channel = interaction.guild and interaction.guild.get_channel_or_thread(schedule.channel_id)
    if isinstance(channel, Place):
        must_be_able_to_post(channel)
    elif schedule.disabled_reason:
        raise Refused(f"I cannot see its channel: give it another with /schedule edit number:{number} channel:…")
    resumed = await newsdesk.corpus.schedules.resume(guild, number, by=interaction.user.id, now=newsdesk.now())
    return note(line(_there(resumed, number), newsdesk.now()), title="Posting again")


async def remove_schedule(interaction: Interaction, number: int) -> Card:
    """Raises `NotFound`."""
    newsdesk, guild = interaction.client.newsdesk, library_of(interaction)
    removed = await newsdesk.corpus.schedules.remove(guild, number, by=interaction.user.id, now=newsdesk.now())
    removed = _there(removed, number)
    return note(f"Removed: nothing is posted to <#{removed.channel_id}> at {removed.at} any more.")


async def preview_schedule(interaction: Interaction, number: int) -> list[Card]:
    """The messages that a schedule would post now. Raises `NotFound`."""
    schedule = await _schedule(interaction, number)
    return await interaction.client.deliverer.preview(schedule) or [note(_SILENT)]


async def run_schedule(interaction: Interaction, number: int) -> Card:
    """Post a schedule's digest now. Raises `NotFound`, `Refused`."""
    schedule = await _schedule(interaction, number)
    try:
        message = await interaction.client.deliverer.post_now(schedule)
    except (discord.DiscordServerError, aiohttp.ClientError, OSError) as error:
        raise Refused(
            "Discord did not confirm the digest: look into the channel, and run it again if it is not there."
        ) from error
    except (discord.Forbidden, discord.NotFound) as error:
        raise Refused(
            "I cannot post to that channel: it is gone, or I may not write there. "
            "Give me View Channel and Send Messages in it, or another channel with /schedule edit."
        ) from error
    return note(f"Posted: {message.jump_url}" if message else _SILENT)


async def schedule_status(interaction: Interaction, number: int) -> Card:
    """What became of a schedule's last digests, and when the next is due. Raises `NotFound`."""
    newsdesk = interaction.client.newsdesk
    return await status_card(newsdesk.corpus.deliveries, await _schedule(interaction, number), newsdesk.now())


def _read(newsdesk: Newsdesk, settings: dict[str, str]) -> dict[str, Any]:
    """What was typed, as a schedule keeps it. Raises `Refused`."""
    read: dict[str, Any] = {}
    if "time" in settings:
        read["at"] = f"{parse_time(settings['time']):%H:%M}"
    if "zone" in settings:
        read["zone"] = parse_zone(settings["zone"]).key
    if "days" in settings:
        read["days"] = parse_days(settings["days"])
    if "period" in settings:
        read["period"] = settings["period"]
    if "topic" in settings:
        topic = " ".join(settings["topic"].split())
        read["topic"] = None if topic.casefold() in NO_TOPIC else _sought(newsdesk, topic)
    if "quiet" in settings:
        read["quiet"] = Quiet(settings["quiet"])
    return read


def _sought(newsdesk: Newsdesk, topic: str) -> str:
    if newsdesk.query(topic).finds_nothing:
        raise Refused(f"There is nothing to look for in “{topic}”: add a name or a rarer word.")
    return topic


async def _schedule(interaction: Interaction, number: int) -> Schedule:
    found = await interaction.client.newsdesk.corpus.schedules.list(library_of(interaction))
    return _there(next((schedule for schedule in found if schedule.number == number), None), number)


def _there(found: Schedule | None, number: int) -> Schedule:
    if found is None:
        raise NotFound(f"This server has no schedule {number}: /schedule list shows them.")
    return found
