"""What is new in a library: the articles of a period, on a topic if there is one, and what was there before them.

corpus, indexes -> editions (stories, rising terms, inflow, archive) -> a `Digest`. `Newsdesk.digest` asks it; it knows
nothing of Discord. Texts are read of the newest articles of the period alone; what came before is counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from bot.corpus import Corpus, Heading
from bot.desks.indexes import Indexes
from bot.editions.archive import pick
from bot.editions.digests import MOST_STORIES, archived, digest, newest
from bot.editions.inflow import Calendar, contributions, inflow
from bot.editions.rising import LEAST_G2, MOST_RISING, g2, likeliest, spelled
from bot.editions.stories import near_duplicates
from bot.model import Archived, Article, Digest, Rising, Story
from bot.search.catalogue import Catalogue
from bot.search.phrases import fits, reads_text
from bot.search.query import Query

_AT_ONCE: Final = 200  # articles with their texts in one answer of the database: some 10 ms of the event loop
_MOST_READ: Final = 200  # for a phrase, in the archive
_MOST_HOLDERS: Final = 20  # articles looked at, the newest, to see whether those that use a term are copies
_MOST_SPELLED: Final = 12  # and to see how they write it


@dataclass(frozen=True, slots=True)
class Stretch:
    """A period as a person names it. ``before`` is where the one of equal length before it begins; None: there is none.

    ``calendar`` holds where it begins itself, and how whoever asks counts days. Articles up to the row id ``after`` are
    known already. ``most_stories`` are told.
    """

    title: str
    calendar: Calendar
    before: datetime | None = None
    after: int = 0
    most_stories: int = MOST_STORIES


@dataclass(frozen=True, slots=True)
class Topic:
    """What a digest is on, and the row ids of all articles that the index finds on it."""

    query: Query
    ids: frozenset[int]

    def among(self, articles: Sequence[Article]) -> list[Article]:
        """Those of ``articles`` that are on the topic, and hold its phrases."""
        found = [article for article in articles if article.id in self.ids]
        return [article for article in found if fits(article, self.query)] if reads_text(self.query) else found


@dataclass(frozen=True, slots=True)
class Held:
    """What came in during a period: all of it by row id, and the articles on the topic, with their texts the newest."""

    ids: frozenset[int]
    articles: tuple[Article, ...]


class News:
    """Methods take the ``library`` of whoever asks, and raise `CorpusError` where the database cannot be used."""

    def __init__(
        self, corpus: Corpus, indexes: Indexes, headings: Callable[[int], Awaitable[Sequence[Heading]]]
    ) -> None:
        self._corpus = corpus
        self._indexes = indexes
        self._headings = headings

    async def digest(self, library: int, stretch: Stretch, query: Query | None) -> Digest:
        """What came in on what ``query`` asks for (None: on anything), against what was there before."""
        catalogue = await self._indexes.catalogue(library)
        topic = Topic(query, await self._indexes.think(catalogue.matching, query)) if query else None
        held = await self._held(library, stretch.calendar.since, None, topic, after=stretch.after)
        about = query.text if query else None
        if not held.articles:
            archive = await self._from_archive(library, stretch.calendar, catalogue, topic)
            return Digest(stretch.title, (), (), 0, 0, topic=about, archive=archive)
        read = await asyncio.to_thread(newest, held.articles)
        said = await self._corpus.speeches.of(library, [article.id for article in read])
        earlier = await asyncio.to_thread(catalogue.precedents, [article.id for article in read], held.ids)
        made = await asyncio.to_thread(
            digest, stretch.title, held.articles, said, told_before=earlier.keys(), most=stretch.most_stories
        )
        known = await self._corpus.articles.get(
            {earlier[one.id] for story in made.stories for one in story.articles if one.id in earlier}
        )
        return replace(
            made,
            stories=tuple(_going_on(story, earlier, known) for story in made.stories),
            topic=about,
            rising=await self._rising(library, stretch, catalogue, read, topic),
            added=await asyncio.to_thread(contributions, held.articles),
            inflow=await asyncio.to_thread(inflow, held.articles, stretch.calendar),
        )

    async def _held(
        self, library: int, since: datetime | None, until: datetime | None, topic: Topic | None, *, after: int = 0
    ) -> Held:
        """What was added from ``since`` on and before ``until``; texts are kept of the newest articles on the topic."""
        ids: set[int] = set()
        kept: list[Article] = []
        async for added in self._added(library, since, until):
            some = [article for article in added if article.id > after]
            ids.update(article.id for article in some)
            kept += some if topic is None else await asyncio.to_thread(topic.among, some)
            kept = await asyncio.to_thread(_lightened, kept)
        return Held(frozenset(ids), tuple(kept))

    async def _added(
        self, library: int, since: datetime | None, until: datetime | None
    ) -> AsyncIterator[Sequence[Article]]:
        """The articles of a period, some at once: all of a large library would keep everybody waiting."""
        times = sorted(
            heading.added_at
            for heading in await self._headings(library)
            if (since is None or heading.added_at >= since) and (until is None or heading.added_at < until)
        )
        edges = list(dict.fromkeys(times[_AT_ONCE::_AT_ONCE]))
        for start, end in zip([since, *edges], [*edges, until], strict=True):
            yield await self._corpus.articles.added_between(library, start, end)

    async def _rising(
        self, library: int, stretch: Stretch, catalogue: Catalogue, read: Sequence[Article], topic: Topic | None
    ) -> tuple[Rising, ...]:
        """The terms that rise in what was ``read``, against the period before."""
        if stretch.before is None:
            return ()
        before = await self._held(library, stretch.before, stretch.calendar.since, topic)
        was = [article.id for article in before.articles]
        return await asyncio.to_thread(_risen, catalogue, read, was, topic.query.terms if topic else ())

    async def _from_archive(
        self, library: int, calendar: Calendar, catalogue: Catalogue, topic: Topic | None
    ) -> Archived | None:
        """An article for a quiet day, on the topic if there is one."""
        days = await asyncio.to_thread(catalogue.days)
        if topic is not None:
            wanted = await self._all_on(topic)
            days = [day for day in days if day[0] in wanted]
        picked = await asyncio.to_thread(pick, days, calendar.today)
        if picked is None:
            return None
        id_, why = picked
        article = (await self._corpus.articles.get([id_])).get(id_)
        if article is None:  # removed this very moment
            return None
        said = await self._corpus.speeches.of(library, [id_])
        return await asyncio.to_thread(archived, article, said.get(id_, ()), why)

    async def _all_on(self, topic: Topic) -> Collection[int]:
        """The row ids of the articles on a topic; where it has phrases, of those among the last that were added."""
        if not reads_text(topic.query):
            return topic.ids
        some = await self._corpus.articles.get(sorted(topic.ids)[-_MOST_READ:])
        return {article.id for article in await asyncio.to_thread(topic.among, list(some.values()))}


def _lightened(articles: list[Article]) -> list[Article]:
    """``articles`` with the texts of the newest alone: what stories are made of."""
    kept = {article.id for article in newest(articles)}
    return [article if article.id in kept else replace(article, text="") for article in articles]


def _going_on(story: Story, earlier: dict[int, int], known: dict[int, Article]) -> Story:
    """``story`` with the earlier article most like its lead, or like the first of the others that has one."""
    found = (known.get(earlier[article.id]) for article in story.articles if article.id in earlier)
    return replace(story, earlier=next(filter(None, found), None))


def _risen(
    catalogue: Catalogue, read: Sequence[Article], before: Collection[int], asked: Collection[str]
) -> tuple[Rising, ...]:
    """The terms that rise, but for those ``asked`` for and numbers."""
    by_id = {article.id: article for article in read}
    now, was = catalogue.uses(by_id.keys()), catalogue.uses(before)
    likely = likeliest(g2(now, len(read), was, len(before)))
    named = zip(catalogue.named(likely), likely.tolist(), strict=True)
    terms = {term: id_ for term, id_ in named if term not in asked and any(map(str.isalpha, term))}
    holders = {term: catalogue.holding(term, by_id.keys())[-_MOST_HOLDERS:] for term in terms}
    copies = _copies([by_id[id_] for id_ in {id_ for held in holders.values() for id_ in held}])
    counts = np.array([_texts(int(now[id_]), holders[term], copies) for term, id_ in terms.items()], np.int64)
    texts = len(read) - len(copies) + len(set(copies.values()))
    surprise = g2(counts, texts, was[list(terms.values())], len(before))
    found = {term: place for place, term in enumerate(terms) if surprise[place] >= LEAST_G2}
    ranked = sorted(found, key=lambda term: (-surprise[found[term]], term))
    shown = {id_ for term in ranked for id_ in holders[term][-_MOST_SPELLED:]}
    words = spelled(ranked, [f"{by_id[id_].title}\n{by_id[id_].text}" for id_ in sorted(shown)])
    risen = [Rising(word, int(counts[found[term]]), int(was[terms[term]])) for term, word in words.items()]
    return tuple(risen[:MOST_RISING])


def _copies(articles: Sequence[Article]) -> dict[int, int]:
    """By row id, the first article that has the same text: reprinted, a text is still one use of its words."""
    groups = ([article.id for article in same] for same in near_duplicates(articles))
    return {id_: min(group) for group in groups for id_ in group}


def _texts(articles: int, holders: Sequence[int], copies: Mapping[int, int]) -> int:
    """How many texts use a term that so many articles use, by what was seen of them."""
    return round(articles * len({copies[id_] for id_ in holders}) / len(holders))


def previous(since: datetime | None, now: datetime) -> datetime | None:
    """Where the period of the same length before ``since`` begins; None where the period has no beginning."""
    return None if since is None else since - max(now - since, timedelta(0))
