"""What a test stores or reads back at once, and Newsdesk itself never asks for in this way."""

from __future__ import annotations

from collections.abc import Sequence

from bot.corpus import Added, Corpus, parts
from bot.desks.preparing import prepare
from bot.model import Article, Document, StoredPassage
from bot.newsdesk import Newsdesk

_AT_ONCE = 100


async def store_many(newsdesk: Newsdesk, library: int, documents: Sequence[Document]) -> list[Added]:
    """As `Newsdesk.add` of each, in a hundredth of its transactions."""
    prepared = [prepare(document) for document in documents]
    batches = (prepared[at : at + _AT_ONCE] for at in range(0, len(prepared), _AT_ONCE))
    return [added for batch in batches for added in await newsdesk.store_all(library, batch)]


async def passages_of(corpus: Corpus, library: int) -> list[tuple[Article, list[StoredPassage]]]:
    """All that ``library`` sees with the passages in order, oldest row first."""
    articles = sorted(await corpus.articles.visible(library), key=lambda article: article.id)
    async with corpus._database.read() as begun:
        stored = await parts.passages(begun, [article.id for article in articles])
    return [(article, stored.get(article.id, [])) for article in articles]


async def revision(corpus: Corpus, library: int) -> int:
    """The revision of ``library``; 0 where nothing was ever added."""
    return (await corpus.changes.revisions([library])).get(library, (0, 0))[0]
