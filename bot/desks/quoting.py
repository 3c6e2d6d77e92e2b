"""A question answered in the library's own words: what is ranked is read, held against the query, and marked.

    query -> index -> ranked -> articles and passages -> quotes

Where the index in memory is current, ranking and reading are one trip to the thread for them: each trip costs the event
loop as much as the work in it. Phrases are looked for in more texts, some at a time.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, Self

from bot.corpus import Corpus, View
from bot.desks.indexes import Indexes
from bot.desks.second import Second, answered_by_second
from bot.language.passages import said_in, speaker_of
from bot.metering import Meter, searching
from bot.model import SHARED, Article, Passage, Quote, Span, Speech
from bot.search.catalogue import Catalogue, Ranked, Ranking
from bot.search.highlights import matches
from bot.search.index import Spellings
from bot.search.phrases import quotable, reads_text, telling
from bot.search.query import Query

MOST_CHECKED: Final = 1_000
"""Articles or passages read to find a phrase: those that hold all its words, best first."""
_CHECKED_AT_ONCE = 10
_CHECKING_SECONDS = 1.0  # a phrase of common words that stands nowhere; what was found until then is the answer
_PASSAGES_CHECKED = 20  # of an article, to show the one that holds the phrase

Choose = Callable[[Article, Sequence[Passage], Query], Passage | None]
Rank = Callable[[Catalogue], Sequence[Ranked]]
_Said = Mapping[int, Sequence[Speech]]  # by row id of the article
WithNames = Callable[[int, Query], Awaitable[Query]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a result is that was read, without its text."""

    article_id: int
    passage: Passage
    score: float
    matched: tuple[Span, ...]

    @classmethod
    def of(cls, quote: Quote) -> Self:
        """The place of a quote, without its article."""
        return cls(quote.article.id, quote.passage, quote.score, quote.matched)


@dataclass(frozen=True, slots=True)
class Answered:
    """Results in order: ``first`` as they are shown, and the ``further`` ones, whose first passage is meant."""

    first: tuple[Quote, ...]
    further: tuple[Ranked, ...] = ()

    @property
    def places(self) -> tuple[Place | Ranked, ...]:
        """Where all of them are."""
        return (*map(Place.of, self.first), *self.further)


class _Read(NamedTuple):
    """What was ranked, and what of it is there: articles by row id, passages by row id and position."""

    ranked: Sequence[Ranked]
    articles: Mapping[int, Article]
    passages: Mapping[tuple[int, int], Passage]


class Quoting:
    """Methods take the ``library`` of whoever asks, and raise `CorpusError` where the database cannot be used.

    An answer has up to ``limit`` results, best first. Those that are not ``shown`` at once are ranked, but neither read
    nor marked, which costs more than ranking: `again` does both when their page is turned to.
    """

    def __init__(
        self,
        corpus: Corpus,
        indexes: Indexes,
        with_names: WithNames,
        chance: random.Random,
        meter: Meter,
        second: Second,
    ) -> None:
        """``with_names`` gives a query the other names of its speaker."""
        self._corpus = corpus
        self._second = second
        self._indexes = indexes
        self._with_names = with_names
        self._chance = chance
        self._meter = meter

    async def quotes(self, library: int, query: Query, limit: int, shown: int) -> Answered:
        """The best passages for ``query``; where nothing is asked for, one passage by chance."""
        with searching(self._meter, "quotes"):
            return await self._quotes(library, query, limit, shown)

    @answered_by_second
    async def _quotes(self, library: int, query: Query, limit: int, shown: int) -> Answered:
        def rank(catalogue: Catalogue) -> Sequence[Ranked]:
            if not query.by_chance:
                return catalogue.quotes(query, MOST_CHECKED if reads_text(query) else limit)
            chosen = catalogue.any_quote(query, self._chance)
            return [chosen] if chosen else []

        query = await self._with_names(library, query)
        return await self._answer(library, rank, query, limit, shown, quotable)

    async def hits(self, library: int, query: Query, limit: int, shown: int, ranking: Ranking = "best") -> Answered:
        """The articles that match ``query`` best, each by its best passage. See `bot.search.ranking`."""
        with searching(self._meter, "articles"):
            return await self._hits(library, query, limit, shown, ranking)

    @answered_by_second
    async def _hits(self, library: int, query: Query, limit: int, shown: int, ranking: Ranking) -> Answered:
        def rank(catalogue: Catalogue) -> Sequence[Ranked]:
            wanted, positions = (MOST_CHECKED, _PASSAGES_CHECKED) if reads_text(query) else (limit, 1)
            return catalogue.articles(query, wanted, ranking=ranking, positions=positions)

        query = await self._with_names(library, query)
        return await self._answer(library, rank, query, limit, shown, telling)

    @answered_by_second
    async def again(self, library: int, query: Query, places: Sequence[Place | Ranked]) -> list[Quote | None]:
        """The quotes at ``places``, with what is known of their speakers now; None where the article was removed."""

        def at_once(catalogue: Catalogue, view: View) -> tuple[list[Quote | None], _Said | None]:
            articles = view.articles({place.article_id for place in places})
            seen = {row: article for row, article in articles.items() if article.library in (SHARED, library)}
            passages = view.passages(_places([place for place in places if isinstance(place, Ranked)]))
            spellings = _spellings(query, catalogue)
            quotes = [_quote(place, seen.get(place.article_id), passages, query, spellings) for place in places]
            return quotes, None if view.is_corrected(library) else view.said(_spans(filter(None, quotes)))

        quotes, said = await self._indexes.ask(library, at_once)
        if said is None:
            said = await self._corpus.speeches.within(library, _spans(filter(None, quotes)))
        return [quote and with_speech(quote, said.get(quote.article.id, ())) for quote in quotes]

    async def _answer(self, library: int, rank: Rank, query: Query, limit: int, shown: int, choose: Choose) -> Answered:
        """What was ranked first and fits, with the speech in what is shown; no more texts are read than it takes."""

        def at_once(catalogue: Catalogue, view: View) -> Answered | None:
            if view.is_corrected(library):  # by rules that are written for more than one trip
                return None
            ranked = rank(catalogue)[:limit]
            first = ranked[:shown]
            read = _Read(first, view.articles(_ids(first)), view.passages(_places(first)))
            quotes = _marked(read, query, catalogue, choose)
            return Answered(tuple(_spoken(quotes, view.said(_spans(quotes)))), tuple(ranked[shown:]))

        answered = None if reads_text(query) else await self._indexes.ask(library, at_once)
        if answered is not None:
            return answered
        catalogue = await self._indexes.catalogue(library)
        ranked = await self._indexes.think(rank, catalogue)
        quotes = await self._first(library, ranked, query, catalogue, limit, choose)
        return Answered(tuple(_spoken(quotes, await self._corpus.speeches.within(library, _spans(quotes)))))

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


def _spans(quotes: Iterable[Quote]) -> list[tuple[int, Span]]:
    return [(quote.article.id, quote.passage.span) for quote in quotes]


def _marked(read: _Read, query: Query, catalogue: Catalogue, choose: Choose) -> list[Quote]:
    """What was ranked as quotes: of each article the passage chosen, if any, and not what is gone by now."""
    spellings = _spellings(query, catalogue)
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


def _quote(
    place: Place | Ranked,
    article: Article | None,
    passages: Mapping[tuple[int, int], Passage],
    query: Query,
    spellings: Mapping[str, Spellings],
) -> Quote | None:
    """What stands at a place of ``article``; None where that is gone."""
    if article is None:
        return None
    if isinstance(place, Place):
        return Quote(article, place.passage, place.score, place.matched)
    passage = passages.get((place.article_id, place.positions[0]))
    if passage is None:
        return None
    return Quote(article, passage, place.score, matches(article.text, passage.span, query, spellings))


def _spellings(query: Query, catalogue: Catalogue) -> dict[str, Spellings]:
    return {term: catalogue.spellings(term) for term in query.terms}


def _spoken(quotes: Sequence[Quote], said: _Said) -> list[Quote]:
    return [with_speech(quote, said.get(quote.article.id, ())) for quote in quotes]


def with_speech(quote: Quote, said: Sequence[Speech]) -> Quote:
    """``quote`` with the speech in its passage, of what is ``said`` in its article, and whose words it is by that."""
    if not said and quote.passage.speaker is None:  # as most are
        return quote
    span = quote.passage.span
    passage = replace(quote.passage, speaker=speaker_of(span, said))
    return replace(quote, passage=passage, said=tuple(said_in(span, said)))
