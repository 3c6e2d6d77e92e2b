"""`/article purge`: a form that has the number typed, since nothing brings the article back."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui
from typing_extensions import override

from bot.discord_app.cards import Card, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.forms import Form
from bot.discord_app.limits import fit
from bot.discord_app.replies import answer
from bot.errors import Refused

_LABEL_CHARS = 45
_DESCRIPTION_CHARS = 100


class PurgeForm(Form, title="Purge an article for good"):
    """The article's number, to be typed."""

    def __init__(self, number: int, title: str) -> None:
        super().__init__()
        self._number = number
        self._typed = ui.TextInput[Any](max_length=12, placeholder=f"{number}")
        self.add_item(
            ui.Label(
                text=fit(f"Type {number} to purge it", _LABEL_CHARS),
                description=fit(f"“{title}”: no copy is kept, and nothing brings it back", _DESCRIPTION_CHARS),
                component=self._typed,
            )
        )

    @override
    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        await answer(interaction, self._purge(interaction))

    async def _purge(self, interaction: Interaction) -> Card:
        if self._typed.value.strip().lstrip("#") != str(self._number):
            raise Refused(f"The number typed is not {self._number}: nothing was purged.")
        editing, library = interaction.client.newsdesk.editing, library_of(interaction)
        done = await editing.purge(library, self._number, by=interaction.user.id)
        left = "no copy of it is left" if done else "its last traces are overwritten in some minutes"
        text = (
            f"Article `#{self._number}` is purged: {left} in the database.\n"
            "-# Messages that were posted stay in their channels; buttons under older answers no longer work."
        )
        return note(text)
