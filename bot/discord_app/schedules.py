"""What the /schedule commands do: set up a daily digest, list, remove and run it."""

from __future__ import annotations

from datetime import time

import aiohttp
import discord

from bot.corpus import Delivery, DeliveryState, Schedule
from bot.discord_app.cards import Card, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.markup import escape_within
from bot.discord_app.times import next_due, parse_time, parse_zone
from bot.errors import NotFound, Refused
from bot.newsdesk import Period

MAX_SCHEDULES = 25

# What posting a digest needs, by discord.py's names, and what Discord's settings call it.
_NEEDED = {"view_channel": "View Channel", "send_messages": "Send Messages"}
_NEEDED_IN_THREADS = {"view_channel": "View Channel", "send_messages_in_threads": "Send Messages in Threads"}


async def set_schedule(
    interaction: Interaction, channel: discord.TextChannel | discord.Thread, at: str, zone: str, period: Period
) -> Card:
    """Store a schedule, once it is sure that the bot may post there. Raises `Refused`."""
    newsdesk, guild = interaction.client.newsdesk, library_of(interaction)
    local, place = parse_time(at), parse_zone(zone)
    _must_be_able_to_post(channel)
    if len(await newsdesk.corpus.schedules.list(guild)) >= MAX_SCHEDULES:
        raise Refused(f"This server has {MAX_SCHEDULES} schedules already: remove one with /schedule remove first.")
    schedule = await newsdesk.corpus.schedules.add(
        guild,
        channel_id=channel.id,
        at=f"{local:%H:%M}",
        zone=place.key,
        period=period,
        created_by=interaction.user.id,
        now=newsdesk.now(),
    )
    return note(_line(schedule, interaction), title="A digest will be posted every day")


async def schedules_card(interaction: Interaction) -> Card:
    """Every schedule of this server with its next posting, or why there is none."""
    found = await interaction.client.newsdesk.corpus.schedules.list(library_of(interaction))
    if not found:
        return note("No digest is scheduled here. `/schedule set` posts one to a channel every day.")
    last = [await interaction.client.newsdesk.corpus.deliveries.last(schedule.id) for schedule in found]
    lines = [_line(schedule, interaction) + _last_line(was) for schedule, was in zip(found, last, strict=True)]
    return note("\n".join(lines), title="Daily digests")


async def remove_schedule(interaction: Interaction, number: int) -> Card:
    """Raises `NotFound`."""
    newsdesk, guild = interaction.client.newsdesk, library_of(interaction)
    removed = await newsdesk.corpus.schedules.remove(guild, number, by=interaction.user.id, now=newsdesk.now())
    if removed is None:
        raise _unknown(number)
    return note(f"Removed: nothing is posted to <#{removed.channel_id}> at {removed.at} any more.")


async def run_schedule(interaction: Interaction, number: int) -> Card:
    """Post a schedule's digest now. Raises `NotFound`, `Refused`."""
    found = await interaction.client.newsdesk.corpus.schedules.list(library_of(interaction))
    schedule = next((schedule for schedule in found if schedule.number == number), None)
    if schedule is None:
        raise _unknown(number)
    try:
        message = await interaction.client.deliverer.post_now(schedule)
    except (discord.DiscordServerError, aiohttp.ClientError, OSError) as error:
        raise Refused(
            "Discord did not confirm the digest: look into the channel, and run it again if it is not there."
        ) from error
    except (discord.Forbidden, discord.NotFound) as error:
        raise Refused(
            "I cannot post to that channel: it is gone, or I may not write there. "
            "Give me View Channel and Send Messages in it, or set the schedule for another channel."
        ) from error
    return note(f"Posted: {message.jump_url}")


def _must_be_able_to_post(channel: discord.TextChannel | discord.Thread) -> None:
    permissions = channel.permissions_for(channel.guild.me)
    needed = _NEEDED_IN_THREADS if isinstance(channel, discord.Thread) else _NEEDED
    missing = [name for permission, name in needed.items() if not getattr(permissions, permission)]
    if missing:
        name = escape_within(channel.name, 60)
        raise Refused(f"In #{name} I lack {' and '.join(missing)}: give me that there, then set the schedule again.")


def _line(schedule: Schedule, interaction: Interaction) -> str:
    what = f"**{schedule.number}.** <#{schedule.channel_id}> daily at {schedule.at} {schedule.zone} · {schedule.period}"
    if schedule.disabled_reason:
        return f"{what}\n-# Stopped: {schedule.disabled_reason}. Remove it and set it again."
    due = next_due(time.fromisoformat(schedule.at), schedule.zone, interaction.client.newsdesk.now())
    return f"{what}\n-# Next: {discord.utils.format_dt(due, 'f')} ({discord.utils.format_dt(due, 'R')})"


def _last_line(last: Delivery | None) -> str:
    """What went wrong with the latest digest, if anything did."""
    if last is None or last.reason is None or last.state is DeliveryState.SENT:
        return ""
    return f"\n-# {last.local_date.isoformat()}: {last.state} - {last.reason}"


def _unknown(number: int) -> NotFound:
    return NotFound(f"This server has no schedule {number}: /schedule list shows them.")
