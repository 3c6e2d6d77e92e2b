"""/digest: what came into the library lately."""

from __future__ import annotations

from discord import app_commands

from bot.discord_app.cards import Card, digest_card
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.replies import answer
from bot.newsdesk import Period
from commands.answers import PUBLIC_DESCRIBED


@app_commands.command(description="What came into the library: stories, quotes, who was quoted most")
@app_commands.describe(period="How far back to look", public=PUBLIC_DESCRIBED)
async def digest(interaction: Interaction, period: Period = "24 hours", public: bool = False) -> None:
    await answer(interaction, _answer(interaction, period), public=public)


async def _answer(interaction: Interaction, period: Period) -> Card:
    return digest_card(await interaction.client.newsdesk.digest(library_of(interaction), period))
