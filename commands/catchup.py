"""/catchup: what came in since you last asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from discord import app_commands
from discord.utils import format_dt

from bot.corpus.visits import Visit
from bot.discord_app.cards import Card, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.digest_pages import FoundDigest, digest_page
from bot.discord_app.replies import answer

FIRST_TIME: Final = timedelta(hours=24)
UNDER_WAY: Final = timedelta(minutes=10)


@app_commands.command(description="What came in since you last asked, for your eyes only: most told stories first")
async def catchup(interaction: Interaction) -> None:
    await answer(interaction, _answer(interaction))


async def _answer(interaction: Interaction) -> Card:
    newsdesk, library, user_id = interaction.client.newsdesk, library_of(interaction), interaction.user.id
    visits, visit = newsdesk.corpus.visits, await newsdesk.corpus.visits.begin(newsdesk.now())
    last = await visits.last(library, user_id) or Visit(visit.at - FIRST_TIME, 0)
    # What was being added at the last visit has an earlier time, and was not there yet.
    looked_at = last.at - UNDER_WAY if last.article_id else last.at
    made = await newsdesk.since(library, looked_at, last.article_id)
    card = note(f"Nothing came in since {format_dt(last.at, 'R')}.")
    if not made.is_quiet:
        made = replace(made, title=f"Since {format_dt(last.at, 'f')}")
        card = await digest_page(newsdesk, await FoundDigest.save(newsdesk, library, user_id, made), 0)
    await visits.note(library, user_id, visit)
    return card
