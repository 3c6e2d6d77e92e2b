"""What /setup does: shows what a daily digest needs and what of it is there, makes the schedule, posts a test if asked.

options -> **setups** -> `schedules` (the same as /schedule set and edit), `places` (what the bot may do there)
"""

from __future__ import annotations

from typing import Any, Final

import aiohttp
import discord
from discord import ui

from bot.corpus import Schedule
from bot.discord_app.cards import Card, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.markup import escape_within
from bot.discord_app.places import Place, missing_in, must_be_able_to_post
from bot.discord_app.planning import SINCE_LAST
from bot.discord_app.schedule_cards import line
from bot.discord_app.schedules import edit_schedule, set_schedule
from bot.errors import Refused
from bot.model import SHARED

_MOST_SHOWN: Final = 5
_NEEDED: Final = {"time": "the time of day", "zone": "the time zone"}
_NOT_AN_ADMIN: Final = "Only who may manage this server can post a test: ask one of its admins."
_TEST: Final = "This is a test of Newsdesk, asked for by an admin of this server: digests can be posted here."
_UNCONFIRMED: Final = "Discord did not confirm the test: look into the channel, and try again if it is not there."


async def set_up(interaction: Interaction, place: Place | None, typed: dict[str, str]) -> Card:
    """Make or change this server's digest where enough is given, and show what is there. Raises `Refused`."""
    schedules = interaction.client.newsdesk.corpus.schedules
    found = await schedules.list(library_of(interaction))
    lacking = missing_in(place) if place else []
    if (place or typed) and not lacking:
        await _change(interaction, found, place, typed)
        found = await schedules.list(library_of(interaction))
    card = Card().text(f"### Setup\n{_digests(interaction, found, place, typed)}")
    if place is not None and lacking:
        where = f"In #{escape_within(place.name, 60)}"
        card.text(f"**{where} I lack {', '.join(lacking)}:** give me that there, then repeat this.")
    card.text(await _library(interaction))
    target = _tested(interaction, found, place)
    card.text(
        "-# I post nothing but the digests set up here" + (", and a test where you ask for one" if target else "")
    )
    return card.buttons(_test_button(interaction.user.id, target) if target else None)


async def _change(interaction: Interaction, found: list[Schedule], place: Place | None, typed: dict[str, str]) -> None:
    if len(found) > 1:
        raise Refused("This server has several digests: change the one you mean with /schedule edit.")
    if found:
        await edit_schedule(interaction, found[0].number, place, typed)
    elif place is not None and typed.keys() >= _NEEDED.keys():
        await set_schedule(interaction, place, {"period": SINCE_LAST, **typed})


def _digests(interaction: Interaction, found: list[Schedule], place: Place | None, typed: dict[str, str]) -> str:
    """The digests that are set up, each with what is missing in its channel; or what is missing to set one up."""
    if not found:
        missing = [*([] if place else ["a channel"]), *(name for key, name in _NEEDED.items() if key not in typed)]
        needs = f" **Missing:** {', '.join(missing)}." if missing else ""
        return (
            f"**No digest is set up.**{needs}\n"
            "-# Give all three at once: `/setup channel:#news time:08:30 zone:Europe/Berlin`."
        )
    now = interaction.client.newsdesk.now()
    lines = [f"{line(one, now)}\n{_permissions(interaction, one)}" for one in found[:_MOST_SHOWN]]
    more = [f"-# and {len(found) - _MOST_SHOWN} more: `/schedule list`"] if len(found) > _MOST_SHOWN else []
    return "\n".join(["**Digests**", *lines, *more])


def _permissions(interaction: Interaction, schedule: Schedule) -> str:
    place = _place(interaction, schedule.channel_id)
    if place is None:
        return f"**I cannot see its channel:** give it another with `/schedule edit number:{schedule.number}`."
    if lacking := missing_in(place):
        return f"**I lack {', '.join(lacking)} there:** give me that."
    return "-# I have every permission that it needs there."


async def _library(interaction: Interaction) -> str:
    headings = await interaction.client.newsdesk.headings(library_of(interaction))
    own = sum(heading.library != SHARED for heading in headings)
    if own:
        return f"**Articles:** {own:,} of this server's own, {len(headings) - own:,} shared."
    return f"**No article of this server's own yet**, {len(headings):,} shared: `/article add` or `/article upload`."


def _tested(interaction: Interaction, found: list[Schedule], place: Place | None) -> Place | None:
    """Where a test can be posted: the place that was given, or that of the first digest."""
    places = [place, *(_place(interaction, one.channel_id) for one in found)]
    fit = (one for one in places if one and not isinstance(one, discord.ForumChannel) and not missing_in(one))
    return next(fit, None)


def _place(interaction: Interaction, channel_id: int) -> Place | None:
    channel = interaction.guild and interaction.guild.get_channel_or_thread(channel_id)
    return channel if isinstance(channel, Place) else None


def _test_button(user_id: int, place: Place) -> ui.Button[Any]:
    """A button that `buttons.TestPostButton` answers."""
    custom_id = f"newsdesk:test-post:{user_id}:{place.id}"
    return ui.Button(label="Post a test", style=discord.ButtonStyle.secondary, custom_id=custom_id)


async def post_test(interaction: Interaction, channel_id: int) -> Card:
    """Post one small message to a channel of this server. Raises `Refused`."""
    if not interaction.permissions.manage_guild:
        raise Refused(_NOT_AN_ADMIN)
    place = _place(interaction, channel_id)
    if place is None or isinstance(place, discord.ForumChannel):
        raise Refused("I cannot see that channel any more: pick another with /setup.")
    must_be_able_to_post(place)
    try:
        message = await place.send(view=note(_TEST).view)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        raise Refused(_UNCONFIRMED) from error
    return note(f"Posted: {message.jump_url}")
