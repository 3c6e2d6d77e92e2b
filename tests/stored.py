"""What a test reads back from the corpus that Newsdesk itself never asks for at once."""

from __future__ import annotations

from bot.corpus import Corpus, parts
from bot.model import Article, StoredPassage


async def passages_of(corpus: Corpus, library: int) -> list[tuple[Article, list[StoredPassage]]]:
    """All that ``library`` sees with the passages in order, oldest row first."""
    articles = sorted(await corpus.articles.visible(library), key=lambda article: article.id)
    async with corpus._database.read() as begun:
        stored = await parts.passages(begun, [article.id for article in articles])
    return [(article, stored.get(article.id, [])) for article in articles]


async def revision(corpus: Corpus, library: int) -> int:
    """The revision of ``library``; 0 where nothing was ever added."""
    return (await corpus.changes.revisions([library])).get(library, (0, 0))[0]
