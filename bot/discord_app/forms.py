"""What every form has in common: it may be sent whenever, and what goes wrong then is told to who sent it."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from bot.discord_app.replies import tell


class Form(ui.Modal):
    """A form without an end of its time. Subclasses take what was filled in, in ``on_submit``."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception, /, *_: Any) -> None:
        await tell(interaction, error)
