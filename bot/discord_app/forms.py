"""What every form has in common: it may be sent whenever, and what goes wrong then is told to who sent it."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui
from typing_extensions import override

from bot.discord_app.replies import explain, tell
from bot.errors import NewsdeskError


class Form(ui.Modal):
    """A form without an end of its time. Subclasses say in `submitted` what becomes of what was filled in."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @override
    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        try:
            await self.submitted(interaction)
        except NewsdeskError as error:
            await explain(interaction, error)

    @override
    async def on_error(self, interaction: discord.Interaction[Any], error: Exception, /, *_: Any) -> None:
        await tell(interaction, error)

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the form was for. Raises `NewsdeskError` for what the person is told."""
        raise NotImplementedError
