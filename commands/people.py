"""/people: the admins' list of whose names are one person's."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import Range

from bot.discord_app.cards import Card, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.markup import escape_within
from bot.discord_app.replies import answer
from bot.model import Person
from commands.choices import speakers

_MOST_LISTED = 20
_MOST_NAMES = 6

people = app_commands.Group(
    name="people",
    description="Which names are one person's",
    default_permissions=discord.Permissions(manage_guild=True),
    guild_only=True,
)


@people.command(name="list", description="Who is quoted most, and under which names each of them is counted")
@app_commands.describe(page="Which page of the list")
async def list_(interaction: Interaction, page: Range[int, 1, 10_000] = 1) -> None:
    await answer(interaction, _list(interaction, page))


@people.command(description="Count what is said under one name as another person's")
@app_commands.describe(name="The name to join", person="Whose it is")
@app_commands.autocomplete(name=speakers, person=speakers)
async def join(interaction: Interaction, name: Range[str, 1, 100], person: Range[str, 1, 100]) -> None:
    await answer(interaction, _join(interaction, name, person))


@people.command(description="Take a name out of the person it is counted with")
@app_commands.describe(name="The name, in full as the list has it")
async def part(interaction: Interaction, name: Range[str, 1, 100]) -> None:
    await answer(interaction, _part(interaction, name))


async def _list(interaction: Interaction, page: int) -> Card:
    known = await interaction.client.newsdesk.spoken.people(library_of(interaction))
    if not known:
        return note("Nobody is quoted in the library yet.")
    pages = -(-len(known) // _MOST_LISTED)
    page = min(page, pages)
    shown = known[(page - 1) * _MOST_LISTED : page * _MOST_LISTED]
    lines = "\n".join(f"• {_line(person)}" for person in shown)
    return note(f"{lines}\n-# {len(known)} people · page {page} of {pages}", title="Quoted in the library")


def _line(person: Person) -> str:
    others = [name for name in person.names if name != person.name]
    also = f", also as {', '.join(escape_within(name, 60) for name in others[:_MOST_NAMES])}" if others else ""
    return f"**{escape_within(person.name, 80)}** ({person.uses}){also}"


async def _join(interaction: Interaction, name: str, person: str) -> Card:
    spoken = interaction.client.newsdesk.spoken
    joined = await spoken.join(library_of(interaction), name, person, by=interaction.user.id)
    return note(f"{_line(joined)}\n-# `/people part` takes a name out again.", title="Joined")


async def _part(interaction: Interaction, name: str) -> Card:
    parted = await interaction.client.newsdesk.spoken.part(library_of(interaction), name, by=interaction.user.id)
    return note(f"**{escape_within(parted, 80)}** is counted alone from now on.\n-# `/people join` joins it again.")
