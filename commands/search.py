"""/search, and "Find related" of a message: which articles are about something."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import Range

from bot.desks.quoting import Answered
from bot.discord_app.cards import HITS_A_PAGE, Card, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.found import Found
from bot.discord_app.limits import QUERY_CHARS
from bot.discord_app.messages import words_of
from bot.discord_app.pages import page_card
from bot.discord_app.replies import answer
from bot.errors import Refused
from bot.newsdesk import MAX_RESULTS
from commands.answers import LIMITS_DESCRIBED, PUBLIC_DESCRIBED, QUERY_DESCRIBED, nothing_found
from commands.choices import sources, speakers


@app_commands.command(description="Which articles are about it: ranked, each with its best passage")
@app_commands.describe(
    query=QUERY_DESCRIBED,
    **LIMITS_DESCRIBED | {"speaker": "Only articles that quote this person; part of the name will do"},
    public=PUBLIC_DESCRIBED,
)
@app_commands.autocomplete(source=sources, speaker=speakers)
async def search(
    interaction: Interaction,
    query: Range[str, 1, QUERY_CHARS],
    source: Range[str, 1, 100] | None = None,
    speaker: Range[str, 1, 100] | None = None,
    since: Range[str, 1, 40] | None = None,
    until: Range[str, 1, 40] | None = None,
    public: bool = False,
) -> None:
    limits = {"source": source, "speaker": speaker, "since": since, "until": until}
    await answer(interaction, _answer(interaction, query, limits), public=public)


@app_commands.context_menu(name="Find related")
async def find_related(interaction: Interaction, message: discord.Message) -> None:
    await answer(interaction, _related(interaction, message))


async def _related(interaction: Interaction, message: discord.Message) -> Card:
    """The articles nearest to a message; what looks like a limit or an exclusion in it is only words."""
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    asked = newsdesk.query(words_of(message)).as_words()
    # All at once: later the words alone would be read as a query, with limits and exclusions.
    found = await newsdesk.quoting.hits(library, asked, MAX_RESULTS, shown=MAX_RESULTS) if asked.terms else Answered(())
    if not found.first:
        return note("No article in the library has anything to do with this message.")
    words = " ".join(words_of(message).split())
    return await _card(interaction, words[:300], found)


async def _answer(interaction: Interaction, query: str, limits: dict[str, str | None]) -> Card:
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    asked = newsdesk.query(query, **limits)
    if asked.by_chance:
        raise Refused("There is no word to look for: add one, or use /quote for a quote by chance.")
    found = await newsdesk.quoting.hits(library, asked, MAX_RESULTS, shown=HITS_A_PAGE)
    if not found.first:
        return await nothing_found(newsdesk, library, asked)
    return await _card(interaction, asked.text, found)


async def _card(interaction: Interaction, asked: str, answered: Answered) -> Card:
    newsdesk, user = interaction.client.newsdesk, interaction.user.id
    found = await Found.save(newsdesk, library_of(interaction), user, "articles", asked, answered)
    return await page_card(newsdesk, found, 0)
