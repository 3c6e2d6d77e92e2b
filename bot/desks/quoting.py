"""A question answered in the library's own words: what is ranked is read, held against the query, and marked.

    query -> index -> ranked -> articles and passages -> quotes

Where the index in memory is current, ranking and reading are one trip to the thread for them: each trip costs the event
loop as much as the work in it. Phrases are looked for in more texts, some at a time.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from bot.corpus import Corpus, View
from bot.desks.indexes import Indexes
from bot.language.passages import said_in, speaker_of
from bot.model import Article, Hit, Passage, Quote, Span, Speech
from bot.search.catalogue import Catalogue, Ranked, Ranking
from bot.search.highlights import matches
from bot.search.phrases import quotable, reads_text, telling
from bot.search.query import Query

MOST_CHECKED: Final = 1_000
"""Articles or passages read to find a phrase: those that hold all its words, best first."""
_CHECKED_AT_ONCE = 10
_CHECKING_SECONDS = 1.0  # a phrase of common words that stands nowhere; what was found until then is the answer
_PASSAGES_CHECKED = 20  # of an article, to show the one that holds the phrase

Choose = Callable[[Article, Sequence[Passage], Query], Passage | None]
Rank = Callable[[Catalogue], Sequence[Ranked]]


class _Read(NamedTuple):
    """What was ranked, and what of it is there: articles by row id, passages by row id and position."""

    ranked: Sequence[Ranked]
    articles: Mapping[int, Article]
    passages: Mapping[tuple[int, int], Passage]


class Quoting:
    """Methods take the ``library`` of whoever asks, and raise `CorpusError` where the database cannot be used."""

    def __init__(self, corpus: Corpus, indexes: Indexes, chance: random.Random) -> None:
        self._corpus = corpus
        self._indexes = indexes
        self._chance = chance

    async def quotes(self, library: int, query: Query, limit: int) -> list[Quote]:
        """The best passages for ``query``, best first; where nothing is asked for, one passage by chance."""

        def rank(catalogue: Catalogue) -> Sequence[Ranked]:
            if not query.by_chance:
                return catalogue.quotes(query, MOST_CHECKED if reads_text(query) else limit)
            chosen = catalogue.any_quote(query, self._chance)
            return [chosen] if chosen else []

        return await self._answer(library, rank, query, limit, quotable)

    async def search(self, library: int, query: Query, limit: int, ranking: Ranking) -> list[Hit]:
        """The articles that match ``query`` best, each with its best passage."""

        def rank(catalogue: Catalogue) -> Sequence[Ranked]:
            wanted, positions = (MOST_CHECKED, _PASSAGES_CHECKED) if reads_text(query) else (limit, 1)
            return catalogue.articles(query, wanted, ranking=ranking, positions=positions)

        quotes = await self._answer(library, rank, query, limit, telling)
        return [Hit(quote.article, quote.score, quote) for quote in quotes]

    async def _answer(self, library: int, rank: Rank, query: Query, limit: int, choose: Choose) -> list[Quote]:
        """What was ranked first and fits, with the speech in it; no more texts are read than it takes."""

        def at_once(catalogue: Catalogue, view: View) -> list[Quote] | None:
            if view.is_corrected(library):  # by rules that are written for more than one trip
                return None
            ranked = rank(catalogue)
            read = _Read(ranked, view.articles(_ids(ranked)), view.passages(_places(ranked)))
            quotes = _marked(read, query, catalogue, choose)[:limit]
            return _spoken(quotes, view.said(_spans(quotes)))

        quotes = None if reads_text(query) else await self._indexes.ask(self._corpus.look, library, at_once)
        if quotes is not None:
            return quotes
        catalogue = await self._indexes.catalogue(library)
        ranked = await self._indexes.think(rank, catalogue)
        quotes = await self._first(library, ranked, query, catalogue, limit, choose)
        return _spoken(quotes, await self._corpus.speeches.within(library, _spans(quotes)))

    async def _first(
        self, library: int, ranked: Sequence[Ranked], query: Query, catalogue: Catalogue, limit: int, choose: Choose
    ) -> list[Quote]:
        """The first of what was ranked that fit the query word for word."""
        found: list[Quote] = []
        until = time.monotonic() + _CHECKING_SECONDS
        at_once = _CHECKED_AT_ONCE if reads_text(query) else max(1, len(ranked))
        for start in range(0, len(ranked), at_once):
            some = ranked[start : start + at_once]
            read = _Read(some, *await self._corpus.articles.quoted(library, _places(some)))
            # In a thread of its own: nobody else waits for it.
            found += await asyncio.to_thread(_marked, read, query, catalogue, choose)
            if len(found) >= limit or time.monotonic() > until:
                break
        return found[:limit]


def _ids(ranked: Sequence[Ranked]) -> list[int]:
    return [item.article_id for item in ranked]


def _places(ranked: Sequence[Ranked]) -> list[tuple[int, int]]:
    return [(item.article_id, position) for item in ranked for position in item.positions]


def _spans(quotes: Sequence[Quote]) -> list[tuple[int, Span]]:
    return [(quote.article.id, quote.passage.span) for quote in quotes]


def _marked(read: _Read, query: Query, catalogue: Catalogue, choose: Choose) -> list[Quote]:
    """What was ranked as quotes: of each article the passage chosen, if any, and not what is gone by now."""
    spellings = {term: catalogue.spellings(term) for term in query.terms}
    quotes = []
    for item in read.ranked:
        article = read.articles.get(item.article_id)
        places = [(item.article_id, position) for position in item.positions]
        stored = [read.passages[place] for place in places if place in read.passages]
        passage = choose(article, stored, query) if article else None
        if article and passage:
            matched = matches(article.text, passage.span, query, spellings)
            quotes.append(Quote(article, passage, item.score, matched))
    return quotes


def _spoken(quotes: Sequence[Quote], said: Mapping[int, Sequence[Speech]]) -> list[Quote]:
    return [with_speech(quote, said.get(quote.article.id, ())) for quote in quotes]


def with_speech(quote: Quote, said: Sequence[Speech]) -> Quote:
    """``quote`` with the speech in its passage, of what is ``said`` in its article, and whose words it is by that."""
    if not said and quote.passage.speaker is None:  # as most are
        return quote
    span = quote.passage.span
    passage = replace(quote.passage, speaker=speaker_of(span, said))
    return replace(quote, passage=passage, said=tuple(said_in(span, said)))
