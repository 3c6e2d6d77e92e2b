"""What the /data commands do: hand over what is kept, and delete it for good.

/data -> **data** -> `bot.desks.packing` (a file), `bot.desks.departures` (deletes). A person's own needs no permission;
a library needs Manage Server, which is checked here: one group of commands cannot be both for all and for admins.
"""

from __future__ import annotations

from typing import Any, Final

import discord
from discord import ui
from typing_extensions import override

from bot.corpus import Erased
from bot.corpus.extracts import Record
from bot.desks.packing import pack_library, pack_person
from bot.discord_app.cards import Card, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.forms import Form
from bot.discord_app.replies import answer
from bot.editions.wording import counted
from bot.errors import Refused

NOT_AN_ADMIN: Final = (
    "Only who may manage this server can have or delete its library: ask one of its admins, "
    "or leave out the option for your own data."
)
_ROOM_BYTES: Final = 100_000  # for the rest of the message


async def export_mine(interaction: Interaction) -> Card:
    """What is the person's own in this server, as a file."""
    guild, user = library_of(interaction), interaction.user.id
    packed = await pack_person(interaction.client.newsdesk.corpus, guild, user)
    if len(packed) > interaction.filesize_limit - _ROOM_BYTES:
        raise Refused("What I keep of you is larger than Discord takes as one file: ask the bot's host for it.")
    return note("All that I keep of you in this server.", title="Your data").attach("your-data.json", packed)


async def export_library(interaction: Interaction) -> Card:
    """The library of this server, as a file. Raises `Refused`."""
    require_manager(interaction)
    guild, room = library_of(interaction), interaction.filesize_limit - _ROOM_BYTES
    packed = await pack_library(interaction.client.newsdesk.corpus, guild, max_bytes=room)
    text = "Articles, schedules, feeds, corrections and what changed, without anybody's id. `README.md` explains it."
    return note(text, title="This server's library").attach(f"newsdesk-{guild}.zip", packed)


async def ask_to_delete_mine(interaction: Interaction) -> Card:
    """What would be deleted, with the button that does it."""
    corpus, user = interaction.client.newsdesk.corpus, interaction.user.id
    kept = await corpus.extracts.person(library_of(interaction), user)
    delete: ui.Button[ui.LayoutView] = ui.Button(
        label="Delete", style=discord.ButtonStyle.danger, custom_id=f"newsdesk:forget:{user}"
    )
    return note(_kept(kept), title="Delete your data in this server?").buttons(delete)


async def delete_mine(interaction: Interaction) -> Card:
    """Delete what is the person's own in this server, and take their name from the rest."""
    erased = await interaction.client.newsdesk.departures.delete_person(interaction.user.id, library_of(interaction))
    return note(_erased(erased), title="Deleted")


def require_manager(interaction: Interaction) -> None:
    """Raise `Refused` for who may not manage the server."""
    if not interaction.permissions.manage_guild:
        raise Refused(NOT_AN_ADMIN)


class LibraryForm(Form, title="Delete this server's library?"):
    """Whoever deletes a library has to type the server's name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._typed = ui.TextInput[Any](max_length=100, placeholder=name[:100])
        what = "All articles, schedules, feeds, watches and what was asked. It cannot be undone."
        self.add_item(ui.Label(text="Type this server's name", description=what, component=self._typed))

    @override
    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        await answer(interaction, _delete_library(interaction, self._name, self._typed.value))


def library_form(interaction: Interaction) -> LibraryForm:
    """The form that asks for the server's name. Raises `Refused`."""
    require_manager(interaction)
    if interaction.guild is None:
        raise Refused("I cannot see this server's name just now: try again in a minute.")
    return LibraryForm(interaction.guild.name)


async def _delete_library(interaction: Interaction, name: str, typed: str) -> Card:
    require_manager(interaction)
    if _alike(typed) != _alike(name):
        raise Refused(f"That is not this server's name, which is {name[:100]}: nothing was deleted.")
    newsdesk, guild = interaction.client.newsdesk, library_of(interaction)
    await newsdesk.departures.delete_library(guild)
    return note(
        "This server's library is gone for good: no word of it is left in my database.\n"
        "-# What is left is one line, that it was deleted and when. What I posted stays in its channels.",
        title="Deleted",
    )


def _alike(name: str) -> str:
    return " ".join(name.casefold().split())


def _kept(kept: Record) -> str:
    own = [
        _count(len(kept["watches"]), "watch", "watches"),
        _count(len(kept["answers"]), "answer or draft", "answers and drafts"),
        "when you last used `/catchup`" if kept["catchup"] else "",
    ]
    goes = ", ".join(filter(None, own)) or "nothing: I keep nothing of your own here"
    signed = sum(kept["your id stands on"].values())
    named = _count(signed, "article or change", "articles and changes")
    unnamed = f"\nYour name goes from {named}." if named else ""
    return f"**What goes:** {goes}.{unnamed}\n-# It cannot be undone. `/data export` gives it to you first."


def _erased(erased: Erased) -> str:
    gone = _count(sum(erased.own.values()), "entry of yours is", "entries of yours are") or "Nothing of yours was"
    named = _count(erased.signed, "article or change", "articles and changes")
    return f"{gone} gone for good." + (f" Your name is gone from {named}." if named else "")


def _count(number: int, one: str, many: str) -> str:
    return counted(number, one, many) if number else ""
