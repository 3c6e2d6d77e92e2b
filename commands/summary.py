"""/summary: an article's most telling sentences, in its own words."""

from __future__ import annotations

from discord import app_commands
from discord.app_commands import Range

from bot.discord_app.cards import Card, link_button, summary_card
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.replies import answer
from bot.newsdesk import Length
from commands import choices
from commands.answers import PUBLIC_DESCRIBED


@app_commands.command(description="What an article is about, in its own sentences")
@app_commands.describe(
    article="Pick from the list, or type words of its title",
    length="How much of it: about 60, 120 or 220 words",
    public=PUBLIC_DESCRIBED,
)
@app_commands.autocomplete(article=choices.articles)
async def summary(
    interaction: Interaction, article: Range[str, 1, 100], length: Length = "medium", public: bool = False
) -> None:
    await answer(interaction, _answer(interaction, article, length), public=public)


async def _answer(interaction: Interaction, article: str, length: Length) -> Card:
    made = await interaction.client.newsdesk.summary(library_of(interaction), article, length)
    return summary_card(made).buttons(link_button(made.article))
