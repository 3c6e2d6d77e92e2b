"""What else is on an article's event, for the cards about one article.

Newsdesk -> story -> a line of a card. The line is a help beside an answer: where it cannot be had, or not soon, the
answer comes without it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from bot.discord_app.cards import Card, article_card, link_button
from bot.discord_app.desk import Interaction, library_of
from bot.editions.tellings import Telling
from bot.errors import NewsdeskError
from bot.model import Article

_log = logging.getLogger(__name__)

PATIENCE_SECONDS: Final = 0.5  # a story takes some 10 ms, but for a library whose index has to be read first


async def show_article(interaction: Interaction, article: Article, *, above: str = "") -> Card:
    """All about one article, with what else is on its event. ``above`` is Markdown."""
    return article_card(article, await story_of(interaction, article), above=above).buttons(link_button(article))


async def story_of(interaction: Interaction, article: Article) -> Telling | None:
    """The story of an article as who asks may see it; None where it cannot be had soon."""
    asked = interaction.client.newsdesk.story(library_of(interaction), article)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await asked
    except TimeoutError:
        _log.warning("no story for article %s within %s s", article.ref, PATIENCE_SECONDS)
    except NewsdeskError as error:
        _log.warning("no story for article %s: %s", article.ref, error)
    return None
