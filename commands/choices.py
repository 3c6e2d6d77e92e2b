"""Autocomplete: what a person may pick from as they type. Answered from what the library already knows."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from discord.app_commands import Choice

from bot.corpus import Heading, Removed
from bot.dates import PartialDate
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.limits import CHOICE_CHARS, CHOICES, chars, fit, prefix_length
from bot.discord_app.times import parse_days, written_days, zones
from bot.errors import Refused

# Zones to offer before anything is typed: where most people are, west to east.
_COMMON_ZONES = (
    "UTC",
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Kyiv",
    "Europe/Istanbul",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Sydney",
)


_COMMON_DAYS = ("every day", "weekdays", "weekends", "Mon", "Mon, Wed, Fri", "Fri")


async def articles(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """Articles whose title or outlet holds every word typed; see `bot.desks.headings` for their order."""
    return _articles(await interaction.client.newsdesk.find_headings(library_of(interaction), typed, CHOICES))


async def own_articles(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """The same, without the shared library's: what this server's admins may change."""
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    return _articles(await newsdesk.find_headings(library, typed, CHOICES, own=True))


async def removed_articles(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """What was removed from this server's library and can be brought back, the latest first: what, when and by whom."""
    found = await interaction.client.newsdesk.editing.removed(library_of(interaction))
    return _choices((_removed_label(interaction, one), str(one.number)) for one in found if _is_named(one, typed))


async def own_or_removed_articles(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """This server's articles, and behind them those that were removed."""
    found = [*await own_articles(interaction, typed), *await removed_articles(interaction, typed)]
    return found[:CHOICES]


async def sources(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """The outlets whose name holds what is typed, most articles first."""
    return _names(await interaction.client.newsdesk.outlets(library_of(interaction), typed, CHOICES))


async def speakers(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """The people quoted with a name of which a word begins with each word typed, most quoted first."""
    return _names(await interaction.client.newsdesk.spoken.names(library_of(interaction), typed, CHOICES))


async def time_zones(interaction: Interaction, typed: str) -> list[Choice[str]]:
    """IANA zones by any part of their name, with the time it is there now."""
    wanted = typed.casefold().strip().replace(" ", "_")
    names = [zone for zone in zones() if wanted in zone.casefold()] if wanted else _COMMON_ZONES
    now = interaction.client.newsdesk.now().astimezone(UTC)
    return _choices((_zone_label(zone, now), zone) for zone in names)


async def days(_interaction: Interaction, typed: str) -> list[Choice[str]]:
    """Sets of days to pick, and what is typed as it is understood."""
    offered = [*_COMMON_DAYS]
    with suppress(Refused):
        offered.insert(0, written_days(parse_days(typed)))
    wanted = typed.casefold().strip()
    names = dict.fromkeys(name for at, name in enumerate(offered) if at == 0 or wanted in name.casefold())
    return _choices((name, name) for name in names)


async def schedules(interaction: Interaction, typed: str) -> list[Choice[int]]:
    """This server's schedules."""
    guild = interaction.guild
    found = await interaction.client.newsdesk.corpus.schedules.list(library_of(interaction))
    named = []
    for schedule in found:
        channel = guild.get_channel_or_thread(schedule.channel_id) if guild else None
        where = f"#{channel.name}" if channel else "a channel that is gone"
        when = f"{written_days(schedule.days)} at {schedule.at} {schedule.zone}"
        named.append((f"{schedule.number}: {where} {when}", schedule.number))
    return [Choice(name=fit(name, CHOICE_CHARS), value=number) for name, number in named if typed in name][:CHOICES]


async def watches(interaction: Interaction, typed: str) -> list[Choice[int]]:
    """What who asks watches in this server."""
    found = await interaction.client.newsdesk.corpus.watches.list(library_of(interaction), interaction.user.id)
    named = ((f"{watch.number}: {watch.query or watch.speaker or watch.source}", watch.number) for watch in found)
    return [Choice(name=fit(name, CHOICE_CHARS), value=number) for name, number in named if typed in name][:CHOICES]


async def feeds(interaction: Interaction, typed: str) -> list[Choice[int]]:
    """This server's feeds whose number begins with what is typed, or whose title or address holds all its words."""
    words = typed.casefold().split()
    found = await interaction.client.newsdesk.feeds.list(library_of(interaction))
    named = [
        (fit(f"{feed.number}: {feed.title}", CHOICE_CHARS), feed.number)
        for feed in found
        if str(feed.number).startswith(typed.strip())
        or all(word in f"{feed.title} {feed.url}".casefold() for word in words)
    ]
    return [Choice(name=name, value=number) for name, number in named[:CHOICES]]


def _articles(headings: Iterable[Heading]) -> list[Choice[str]]:
    return _choices((_heading_label(heading), heading.ref) for heading in headings)


def _names(found: Iterable[str]) -> list[Choice[str]]:
    """Names to choose; a value cut to what Discord takes ends with a whole word, so that it still names the same."""
    return _choices((fit(name, CHOICE_CHARS), _begin(name)) for name in found)


def _begin(name: str) -> str:
    if chars(name) <= CHOICE_CHARS:
        return name
    cut = name[: prefix_length(name, CHOICE_CHARS, CHOICE_CHARS * 4)]
    return cut.rpartition(" ")[0] or cut


def _heading_label(heading: Heading) -> str:
    about = ", ".join(part for part in (heading.outlet, heading.published and heading.published.written) if part)
    tail = f" ({fit(about, 40)})" if about else ""
    return fit(heading.title, CHOICE_CHARS - len(tail) - 5) + tail


def _is_named(removed: Removed, typed: str) -> bool:
    key = f"{removed.title} {removed.outlet or ''} #{removed.number}".casefold()
    return all(word in key for word in typed.casefold().split())


def _removed_label(interaction: Interaction, removed: Removed) -> str:
    """``Zeppelin over Novgorod (removed 3 January 2026 by Ann)``; no member is asked for, so few names are known."""
    member = interaction.guild.get_member(removed.by) if interaction.guild and removed.by else None
    by = "you" if removed.by == interaction.user.id else member.display_name if member else ""
    tail = f" (removed {PartialDate.of(removed.at.date()).written}{f' by {fit(by, 25)}' if by else ''})"
    return fit(removed.title, CHOICE_CHARS - len(tail) - 5) + tail


def _zone_label(zone: str, now: datetime) -> str:
    return f"{zone} (now {now.astimezone(ZoneInfo(zone)):%H:%M})"


def _choices(pairs: Iterable[tuple[str, str]]) -> list[Choice[str]]:
    """The first 25; Discord refuses empty names."""
    choices: list[Choice[str]] = []
    for name, value in pairs:
        if name.strip() and value:
            choices.append(Choice(name=name, value=value))
        if len(choices) == CHOICES:
            break
    return choices
