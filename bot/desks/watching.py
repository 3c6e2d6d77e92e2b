"""Watching: what comes in, compared with what people watch. `Newsdesk.watching`; it knows nothing of Discord.

    article comes in, by whatever way -> the servers that see it -> their watches (`search.percolation`) -> notices

It follows the corpus and not the program: an article is known by its row, so that one that a CLI verb adds beside the
bot, or while no bot runs, is found just as one that is added here. See `corpus.notices` for why none is told twice.

Of several processes each asks the watches of the servers it owns, so that it needs no other's indexes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.corpus import CameIn, Corpus, Found, Watch
from bot.desks.indexes import Indexes
from bot.desks.ownership import Ownership
from bot.errors import Refused
from bot.model import SHARED, Article, Span
from bot.search.percolation import Incoming, Percolator, marks
from bot.search.query import Query

_log = logging.getLogger(__name__)

_AT_ONCE: Final = 25
"""Articles in one transaction of what was found: an import of thousands must not wait for the disk for each."""

WithNames = Callable[[int, Query], Awaitable[Query]]


@dataclass(frozen=True, slots=True)
class _Registry:
    """The live watches of one server, ready to be asked, as of a version of its watches and its aliases."""

    version: tuple[int, dict[str, str]]
    percolator: Percolator
    since: dict[int, datetime]  # when each watch was set up: what was there before is no news to it


class Watching:
    """Methods raise `CorpusError` where the database cannot be used."""

    def __init__(
        self,
        corpus: Corpus,
        indexes: Indexes,
        with_names: WithNames,
        now: Callable[[], datetime],
        ownership: Ownership,
    ) -> None:
        self._corpus = corpus
        self._indexes = indexes
        self._with_names = with_names
        self._now = now
        self._ownership = ownership
        self._registries: dict[int, _Registry] = {}
        self._lately: set[int] = set()  # whose registries were asked since they were last tidied
        self._looked_at: int | None = None
        self._version = ownership.version
        self._turn = asyncio.Lock()

    async def add(
        self, guild: int, user_id: int, query: str, *, speaker: str | None, source: str | None, channel_id: int | None
    ) -> Watch:
        """Watch for ``query`` from now on. Raises `Refused` where it has nothing to look for, or there is no room."""
        asked = self._asked(query, speaker, source)
        _must_be_watchable(asked)
        await self.follow()  # what came in until now is no news to it
        return await self._corpus.watches.add(
            guild,
            user_id,
            query=" ".join(asked.text.split()),
            speaker=speaker and speaker.strip(),
            source=source and source.strip(),
            channel_id=channel_id,
            now=self._now(),
        )

    async def follow(self) -> int:
        """Look at all that came in since the last time, and return how many notices that gave."""
        async with self._turn:
            self._change_hands()
            newest = await self._corpus.notices.newest()
            if self._looked_at is None or newest < self._looked_at:
                self._looked_at = await self._begin()
            found = 0
            while self._looked_at < newest and self._ownership.is_current:
                found += await self._look(self._looked_at, min(newest, self._looked_at + _AT_ONCE), newest)
            return found

    def tidy(self) -> None:
        """Forget the watches of servers in which nothing has come in since the last time: they are in their table."""
        self._registries = {guild: held for guild, held in self._registries.items() if guild in self._lately}
        self._lately.clear()

    def _change_hands(self) -> None:
        """Where servers have another owner, begin where whoever was furthest behind had come."""
        if self._version != self._ownership.version:
            self._version, self._looked_at = self._ownership.version, None
            self._registries.clear()  # their watches may have been changed by another process

    async def _begin(self) -> int:
        notices = self._corpus.notices
        return await (notices.looked_at() if self._ownership.alone else notices.looked_at_by_all())

    def query(self, watch: Watch) -> Query:
        """What a watch asks for."""
        return self._asked(watch.query, watch.speaker, watch.source)

    async def marked(self, article: Article, span: Span, watches: Sequence[Watch]) -> tuple[Span, ...]:
        """The words that any of these watches look for inside a passage of ``article``."""
        queries = [self.query(watch) for watch in watches]
        return await asyncio.to_thread(_marked, article.text, span, queries)

    async def _look(self, after: int, upto: int, newest: int) -> int:
        """Look at the articles after a row id, up to another, and note what was found; how much it was."""
        guilds = [guild for guild in await self._corpus.watches.live_guilds() if self._ownership.owns(guild)]
        if not self._ownership.is_current:  # others may look for them
            return 0
        if not guilds:
            upto = newest  # and no text need be read
        came_in = await self._corpus.notices.came_in(after, upto, guilds) if guilds else []
        articles = await self._corpus.articles.get([one.article_id for one in came_in])
        seen = [(one, articles[one.article_id]) for one in came_in if one.article_id in articles]
        seeing = {one.article_id: _seeing(one, article, guilds) for one, article in seen}
        registries = {
            guild: await self._registry(guild) for guild in {guild for each in seeing.values() for guild in each}
        }
        found: list[Found] = []
        for one, article in seen:
            asked = [registries[guild] for guild in seeing[article.id]]
            found += await asyncio.to_thread(_percolate, one, article, asked) if asked else []
        await self._corpus.notices.found(found, upto, now=self._now(), alone=self._ownership.alone)
        self._looked_at = upto
        if found:
            _log.info("watches found %d times something in %d articles", len(found), len(came_in))
        return len(found)

    async def _registry(self, guild: int) -> _Registry:
        """The registry of a server, made anew from the table where that has changed."""
        self._lately.add(guild)
        version = self._corpus.watches.version, await self._corpus.aliases.all(guild)
        held = self._registries.get(guild)
        if held is None or held.version != version or version[1]:  # who has which names may hang on what came in
            held = self._registries[guild] = await self._read(guild, version)
        return held

    async def _read(self, guild: int, version: tuple[int, dict[str, str]]) -> _Registry:
        watches = await self._corpus.watches.live(guild)
        queries = {watch.id: await self._with_names(guild, self.query(watch)) for watch in watches}
        catalogue = await self._indexes.catalogue(guild)
        percolator = await asyncio.to_thread(Percolator, queries, catalogue.article_frequency)
        return _Registry(version, percolator, {watch.id: watch.created_at for watch in watches})

    def _asked(self, query: str, speaker: str | None, source: str | None) -> Query:
        return Query.of(query, speaker=speaker, source=source, today=self._now().date())


def _must_be_watchable(asked: Query) -> None:
    if asked.since or asked.until:
        raise Refused("A watch is for what comes in from now on: leave out since: and until:.")
    if not (asked.terms or asked.phrases or asked.source or asked.speaker):
        raise Refused("There is nothing to look for in that: add a name or a rarer word, as in peace -talks.")


def _seeing(one: CameIn, article: Article, guilds: Sequence[int]) -> list[int]:
    """The servers that see an article that came in."""
    return [guild for guild in guilds if article.library in (SHARED, guild) and guild not in one.copied_by]


def _percolate(one: CameIn, article: Article, registries: Sequence[_Registry]) -> list[Found]:
    incoming = Incoming(article, one.passages, title_in_text=one.title_in_text)
    return [
        Found(match.id, article.id, match.span)
        for registry in registries
        for match in registry.percolator.matches(incoming)
        if article.added_at >= registry.since[match.id]
    ]


def _marked(text: str, span: Span, queries: Sequence[Query]) -> tuple[Span, ...]:
    return tuple(sorted({mark for query in queries for mark in marks(text, span, query)}))
