"""Watching: what comes in, compared with what people watch. `Newsdesk.watching`; it knows nothing of Discord.

    article comes in, by whatever way -> the servers that see it -> their watches (`search.percolation`) -> notices

It follows the corpus and not the program: an article is known by its row, so that one that a CLI verb adds beside the
bot, or while no bot runs, is found just as one that is added here. See `corpus.notices` for why none is told twice.

Of several processes each asks the watches of the servers it owns, so that it needs no other's indexes. Row ids are
given when a row is written and not when its transaction ends: where several processes write, one that is lower may
still come. So what came in is looked through for `SETTLED_SECONDS`, and each article compared once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
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

SETTLED_SECONDS: Final = 60.0
"""No transaction that writes an article takes as long, where several processes do."""

WithNames = Callable[[int, Query], Awaitable[Query]]


@dataclass(frozen=True, slots=True)
class _Registry:
    """The live watches of one server, ready to be asked, as of a version of its watches and its aliases."""

    version: tuple[int, dict[str, str]]
    percolator: Percolator
    since: dict[int, datetime]  # when each watch was set up: what was there before is no news to it


class _Place:
    """How far the articles were looked at: all up to ``settled``, and above it those that are ``done``."""

    def __init__(self, settled: int, settle_seconds: float) -> None:
        self.settled = settled
        self._settle_seconds = settle_seconds
        self._done: set[int] = set()
        self._marks: deque[tuple[float, int]] = deque()  # what had come in by when

    def fresh(self, arrived: Sequence[int]) -> list[int]:
        """Those of the articles above ``settled`` that have not been looked at."""
        return [one for one in arrived if one not in self._done]

    def look(self, ids: Sequence[int], settled: int) -> None:
        """These were looked at, and lower ones than ``settled`` come no more."""
        self._done.update(ids)
        self.settled = settled

    def settle(self, newest: int, now: float) -> None:
        """All up to ``newest`` were looked at that are there by now; lower ones come no more after a while."""
        self._marks.append((now, newest))
        while self._marks and self._marks[0][0] <= now - self._settle_seconds:
            self.settled = max(self.settled, self._marks.popleft()[1])
        self._done = {one for one in self._done if one > self.settled}


class Watching:
    """Methods raise `CorpusError` where the database cannot be used."""

    def __init__(
        self,
        corpus: Corpus,
        indexes: Indexes,
        with_names: WithNames,
        now: Callable[[], datetime],
        ownership: Ownership,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._corpus = corpus
        self._indexes = indexes
        self._with_names = with_names
        self._now = now
        self._ownership = ownership
        self._clock = clock
        self._registries: dict[int, _Registry] = {}
        self._lately: set[int] = set()  # whose registries were asked since they were last tidied
        self._place: _Place | None = None
        self._kept = 0  # how far all was looked at, as it is written down
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
            if not self._ownership.is_current:  # what it owns may be looked at by others
                return 0
            newest = await self._corpus.notices.newest()
            place = await self._begin(newest)
            if self._ownership.alone and place.settled == newest:
                return 0
            guilds = [guild for guild in await self._corpus.watches.live_guilds() if self._ownership.owns(guild)]
            # Where nobody watches, no text need be read.
            fresh = place.fresh(await self._corpus.notices.arrived(place.settled)) if guilds else []
            found = 0
            for some in _in_turn(fresh):
                found += await self._look(place, some, guilds)
            place.settle(newest, self._clock())
            await self._keep([], place.settled)
            return found

    def tidy(self) -> None:
        """Forget the watches of servers in which nothing has come in since the last time: they are in their table."""
        self._registries = {guild: held for guild, held in self._registries.items() if guild in self._lately}
        self._lately.clear()

    async def _begin(self, newest: int) -> _Place:
        """Where to go on from: at first, after a backup was put back, and where servers have changed hands."""
        if self._version != self._ownership.version:
            self._version, self._place = self._ownership.version, None
            self._registries.clear()  # of servers that may have been another process's meanwhile
        if self._place is None or newest < self._place.settled:
            notices, alone = self._corpus.notices, self._ownership.alone
            settled = await (notices.looked_at() if alone else notices.looked_at_by_all())
            self._place = _Place(settled, 0.0 if alone else SETTLED_SECONDS)
            self._kept = settled
        return self._place

    def query(self, watch: Watch) -> Query:
        """What a watch asks for."""
        return self._asked(watch.query, watch.speaker, watch.source)

    async def marked(self, article: Article, span: Span, watches: Sequence[Watch]) -> tuple[Span, ...]:
        """The words that any of these watches look for inside a passage of ``article``."""
        queries = [self.query(watch) for watch in watches]
        return await asyncio.to_thread(_marked, article.text, span, queries)

    async def _look(self, place: _Place, ids: Sequence[int], guilds: Sequence[int]) -> int:
        """Look at these articles for these servers, and note what was found; how much it was."""
        came_in = await self._corpus.notices.came_in(ids, guilds)
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
        # Of a bot that is alone nothing that is lower comes any more.
        await self._keep(found, ids[-1] if self._ownership.alone else place.settled)
        place.look(ids, self._kept)
        if found:
            _log.info("watches found %d times something in %d articles", len(found), len(came_in))
        return len(found)

    async def _keep(self, found: Sequence[Found], settled: int) -> None:
        """Write down what was found and how far all was looked at, where there is something to write."""
        if found or settled != self._kept:
            await self._corpus.notices.found(found, settled, now=self._now(), alone=self._ownership.alone)
            self._kept = settled

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


def _in_turn(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE))


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
