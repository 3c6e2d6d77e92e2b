"""/summary: an article, or what several tell about a topic, in the articles' own words."""

from __future__ import annotations

from discord import app_commands
from discord.app_commands import Range

from bot.discord_app.cards import Card, link_button, summary_card
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.limits import QUERY_CHARS
from bot.discord_app.pages import article_button
from bot.discord_app.replies import answer
from bot.discord_app.summary_cards import FoundSummary, share_button, topic_card
from bot.errors import Refused
from bot.newsdesk import Length
from commands import choices
from commands.answers import PUBLIC_DESCRIBED, nothing_found


@app_commands.command(description="What an article, or several on a topic, tell: in their own sentences")
@app_commands.describe(
    article="Pick from the list, or type words of its title",
    topic="Words: what the library tells about it, with each line's source; also source:, since:, until:",
    length="How much of it: about 60, 120 or 220 words",
    public=PUBLIC_DESCRIBED,
)
@app_commands.autocomplete(article=choices.articles)
async def summary(
    interaction: Interaction,
    article: Range[str, 1, 100] | None = None,
    topic: Range[str, 1, QUERY_CHARS] | None = None,
    length: Length = "medium",
    public: bool = False,
) -> None:
    await answer(interaction, _answer(interaction, article, topic, length), public=public)


async def _answer(interaction: Interaction, article: str | None, topic: str | None, length: Length) -> Card:
    if article is not None and topic is None:
        return await _of_article(interaction, article, length)
    if topic is not None and article is None:
        return await _on_topic(interaction, topic, length)
    raise Refused("Give either an article or a topic: one of the two is summed up at a time.")


async def _of_article(interaction: Interaction, article: str, length: Length) -> Card:
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    made = await newsdesk.summary(library, article, length)
    found = await FoundSummary.save(newsdesk, library, interaction.user.id, made, length)
    return summary_card(made).buttons(article_button(made.article), share_button(found), link_button(made.article))


async def _on_topic(interaction: Interaction, topic: str, length: Length) -> Card:
    newsdesk, library = interaction.client.newsdesk, library_of(interaction)
    asked = newsdesk.query(topic)
    made = await newsdesk.topic_summary(library, asked, length)
    if not made.found:
        return await nothing_found(newsdesk, library, asked)
    if not made.lines:
        return topic_card(made)
    found = await FoundSummary.save_topic(newsdesk, library, interaction.user.id, made)
    return topic_card(made).buttons(*map(article_button, made.articles)).buttons(share_button(found))
