"""/quote: the library's own words on something, or a quote by chance."""

from __future__ import annotations

from discord import app_commands
from discord.app_commands import Range

from bot.desks.quoting import Answered
from bot.discord_app.cards import Card
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.found import Found
from bot.discord_app.limits import QUERY_CHARS
from bot.discord_app.pages import page_card
from bot.discord_app.replies import answer
from bot.newsdesk import MAX_RESULTS
from commands.answers import LIMITS_DESCRIBED, PUBLIC_DESCRIBED, QUERY_DESCRIBED, nothing_found
from commands.choices import sources, speakers


@app_commands.command(description="What exactly was said: verbatim quotes, best first; without a query, one by chance")
@app_commands.describe(
    query=QUERY_DESCRIBED,
    **LIMITS_DESCRIBED,
    id="One quotation again, by the id on its card, such as q-s12-4h2k9x",
    public=PUBLIC_DESCRIBED,
)
@app_commands.autocomplete(source=sources, speaker=speakers)
async def quote(
    interaction: Interaction,
    query: Range[str, 1, QUERY_CHARS] | None = None,
    source: Range[str, 1, 100] | None = None,
    speaker: Range[str, 1, 100] | None = None,
    since: Range[str, 1, 40] | None = None,
    until: Range[str, 1, 40] | None = None,
    id: Range[str, 1, 40] | None = None,  # noqa: A002 - what people call it
    public: bool = False,
) -> None:
    if id is not None:
        await answer(interaction, _recall(interaction, id), public=public)
        return
    limits = {"source": source, "speaker": speaker, "since": since, "until": until}
    await answer(interaction, _answer(interaction, query or "", limits), public=public)


async def _answer(interaction: Interaction, query: str, limits: dict[str, str | None]) -> Card:
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    asked = newsdesk.query(query, **limits)
    answered = await newsdesk.quoting.quotes(library, asked, MAX_RESULTS, shown=1)
    if not answered.first:
        return await nothing_found(newsdesk, library, asked)
    words = "" if asked.by_chance else asked.text
    return await _card(interaction, words, answered, asked.limits)


async def _recall(interaction: Interaction, typed: str) -> Card:
    quote = await interaction.client.newsdesk.spoken.recall(library_of(interaction), typed)
    return await _card(interaction, typed, Answered((quote,)), {})


async def _card(interaction: Interaction, asked: str, answered: Answered, limits: dict[str, str]) -> Card:
    newsdesk, editor = interaction.client.newsdesk, interaction.permissions.manage_guild
    library, user = library_of(interaction), interaction.user.id
    found = await Found.save(newsdesk, library, user, "quotes", asked, answered, limits=limits, editor=editor)
    return await page_card(newsdesk, found, 0)
