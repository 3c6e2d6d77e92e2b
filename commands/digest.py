"""/digest: what came into the library lately."""

from __future__ import annotations

from discord import app_commands
from discord.app_commands import Range

from bot.discord_app.cards import Card, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.digest_pages import FoundDigest, digest_page
from bot.discord_app.limits import QUERY_CHARS
from bot.discord_app.replies import answer
from bot.newsdesk import Period
from commands.answers import PUBLIC_DESCRIBED, nothing_to_look_for


@app_commands.command(description="What came into the library: stories, quotes, who was quoted most, what is new")
@app_commands.describe(
    period="How far back to look",
    topic='Only on this: words, "an exact phrase", -word to leave out; also source:, speaker:',
    public=PUBLIC_DESCRIBED,
)
async def digest(
    interaction: Interaction,
    period: Period = "24 hours",
    topic: Range[str, 1, QUERY_CHARS] | None = None,
    public: bool = False,
) -> None:
    await answer(interaction, _answer(interaction, period, topic), public=public)


async def _answer(interaction: Interaction, period: Period, topic: str | None) -> Card:
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    if topic and (asked := newsdesk.query(topic)).finds_nothing:
        return note(nothing_to_look_for(asked))
    made = await newsdesk.digest(library, period, topic=topic)
    return await digest_page(newsdesk, await FoundDigest.save(newsdesk, library, interaction.user.id, made), 0)
