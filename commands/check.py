"""/check, and "Check quote" of a message: is what is quoted there in the library, word for word, and whose is it?"""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import Range

from bot.discord_app.cards import Card
from bot.discord_app.checks import CHECKED_CHARS, FoundChecks, checks_card, with_buttons
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.messages import words_of
from bot.discord_app.replies import answer
from commands.answers import PUBLIC_DESCRIBED


@app_commands.command(description="Is this quote real? Compares it word by word with everything in the library")
@app_commands.describe(
    text="What is said to have been said; with a name beside quotation marks, the speaker is checked too",
    public=PUBLIC_DESCRIBED,
)
async def check(interaction: Interaction, text: Range[str, 1, CHECKED_CHARS], public: bool = False) -> None:
    await answer(interaction, _answer(interaction, text), public=public)


@app_commands.context_menu(name="Check quote")
async def check_quote(interaction: Interaction, message: discord.Message) -> None:
    await answer(interaction, _of_message(interaction, message))


async def _of_message(interaction: Interaction, message: discord.Message) -> Card:
    return await _answer(interaction, words_of(message)[:CHECKED_CHARS])


async def _answer(interaction: Interaction, text: str) -> Card:
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    checks = await newsdesk.check(library, text)
    card, shown = checks_card(checks)
    kept = await FoundChecks.save(newsdesk, library, interaction.user.id, text)
    return with_buttons(card, kept, checks, shown)
