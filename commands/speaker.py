"""/speaker: what one person said, in time order."""

from __future__ import annotations

from discord import app_commands
from discord.app_commands import Range

from bot.discord_app.cards import Card
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.limits import QUERY_CHARS
from bot.discord_app.records import FoundRecord, record_card
from bot.discord_app.replies import answer
from commands.answers import LIMITS_DESCRIBED, PUBLIC_DESCRIBED
from commands.choices import speakers


@app_commands.command(description="What one person said, in time order, and how each is known to be theirs")
@app_commands.describe(
    name="Pick from the list, or type part of the name",
    about="Only what has these words",
    since=LIMITS_DESCRIBED["since"],
    until=LIMITS_DESCRIBED["until"],
    public=PUBLIC_DESCRIBED,
)
@app_commands.autocomplete(name=speakers)
async def speaker(
    interaction: Interaction,
    name: Range[str, 1, 100],
    about: Range[str, 1, QUERY_CHARS] | None = None,
    since: Range[str, 1, 40] | None = None,
    until: Range[str, 1, 40] | None = None,
    public: bool = False,
) -> None:
    limits = {"since": since, "until": until}
    await answer(interaction, _answer(interaction, name, about or "", limits), public=public)


async def _answer(interaction: Interaction, name: str, about: str, limits: dict[str, str | None]) -> Card:
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    made = await newsdesk.spoken.record(library, name, newsdesk.query(about, **limits))
    found = await FoundRecord.save(newsdesk, library, interaction.user.id, made, about)
    return await record_card(newsdesk, found, 0)
