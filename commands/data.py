"""/data: what is kept of a person or of a server, handed over or deleted."""

from __future__ import annotations

from typing import Literal

from discord import app_commands

from bot.discord_app.data import ask_to_delete_mine, export_library, export_mine, library_form
from bot.discord_app.desk import Interaction
from bot.discord_app.replies import answer, explain
from bot.errors import Refused

What = Literal["mine", "this server's library"]
_DESCRIBED = "Your own data in this server, or, for admins, the server's whole library"

data = app_commands.Group(name="data", description="Have what is kept as a file, or delete it", guild_only=True)


@data.command(description="Have your data, or this server's library, as a file")
@app_commands.describe(what=_DESCRIBED)
async def export(interaction: Interaction, what: What = "mine") -> None:
    await answer(interaction, export_mine(interaction) if what == "mine" else export_library(interaction))


@data.command(description="Delete your data, or this server's library, for good")
@app_commands.describe(what=_DESCRIBED)
async def delete(interaction: Interaction, what: What = "mine") -> None:
    if what == "mine":
        await answer(interaction, ask_to_delete_mine(interaction))
        return
    try:
        form = library_form(interaction)
    except Refused as error:
        await explain(interaction, error)
    else:
        await interaction.response.send_modal(form)
