"""/privacy: what is kept, of whom, how long, who sees it, and how to be rid of it."""

from __future__ import annotations

from discord import app_commands

from bot.discord_app.desk import Interaction
from bot.discord_app.privacy import privacy_card
from bot.discord_app.replies import send


@app_commands.command(description="What I keep, about whom, how long, who can see it, and how to get it deleted")
async def privacy(interaction: Interaction) -> None:
    await send(interaction, privacy_card())
