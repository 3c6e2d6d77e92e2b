"""Newsdesk: the one object that the commands and the CLI talk to. It knows nothing of Discord.

It joins the layers and holds no rule of its own: `reading` makes documents, `language` finds passages and speech in
them, `corpus` keeps them, `search` ranks, `editions` writes. Everything takes the ``library`` of whoever asks (a
Discord server's id, or `SHARED`), and nothing answers with another server's articles.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Literal, Self

from bot.corpus import KEEP_ANSWERS, Added, Corpus, Counts, Heading, Prepared
from bot.corpus.archive import Corrected
from bot.desks import checks
from bot.desks.departures import Departures
from bot.desks.editing import Editing
from bot.desks.exporting import export
from bot.desks.feeds import Feeds
from bot.desks.headings import Headings
from bot.desks.importing import Imported, Importing
from bot.desks.indexes import Indexes
from bot.desks.news import News, Stretch, previous
from bot.desks.ownership import Ownership
from bot.desks.preparing import prepare
from bot.desks.quoting import Quoting
from bot.desks.second import Second, answered_by_second
from bot.desks.spoken import Spoken
from bot.desks.told import Told
from bot.desks.watching import Watching
from bot.editions import topics
from bot.editions.duplicates import Duplicates, Printed, duplicates, printed_of
from bot.editions.inflow import Calendar
from bot.editions.summaries import summarize
from bot.editions.tellings import Telling
from bot.errors import CorpusDamaged, CorpusError, NotFound, Refused, UnreadableDocument
from bot.language.analysis import analyse
from bot.language.blocks import blocks
from bot.language.sentences import sentences
from bot.metering import UNMETERED, Meter
from bot.model import SHARED, Article, Digest, Document, Hit, Kind, Quote, Span, Summary, parse_ref
from bot.reading import sandbox
from bot.reading.fetching import Fetcher
from bot.reading.files import annotations_in, may_be_export, read_file
from bot.reading.known import NONE_KNOWN, KnownDocuments
from bot.reading.links import canonical, link_key
from bot.reading.untrusted import read_untrusted
from bot.search.catalogue import Ranking
from bot.search.checks import Checks
from bot.search.names import part_of
from bot.search.query import Query
from bot.search.shelf import Known

_log = logging.getLogger(__name__)

MAX_RESULTS = 10
MOST_CAUGHT_UP = 40  # stories; the cards of a digest hold no more
KEEP_NOTICES = timedelta(days=30)
MOST_FOUND = 25  # headings offered at a time
CONTEXT_CHARS = 3_000  # how far around a quote its context is looked for
_SETTLING_LOOKS, _SETTLING_SECONDS = 5, 0.1  # what takes longer is found when the bot looks again, in some seconds
_LINKS_KEYED = "links keyed"  # the note that says so
Watch = Callable[[int, int], None]
Length = Literal["short", "medium", "long"]
Period = Literal["today", "24 hours", "7 days", "all"]
PERIOD_TITLES: dict[Period, str] = {
    "today": "Today",
    "24 hours": "The last 24 hours",
    "7 days": "The last 7 days",
    "all": "Everything in the library",
}
SINCE_LAST_TITLE = "Since the last digest"


class Newsdesk:
    """Open one with `Newsdesk.open`; share it between tasks freely."""

    def __init__(
        self,
        corpus: Corpus,
        indexes: Indexes,
        now: Callable[[], datetime],
        chance: random.Random,
        known: KnownDocuments,
        fetcher: Fetcher,
        meter: Meter,
        ownership: Ownership,
        second: Second,
    ) -> None:
        self.corpus = corpus
        self.second = self._second = second
        self.ownership = ownership
        self.meter = meter
        self._known = known
        self._fetcher = fetcher
        self.now = now
        self.indexes = indexes
        self._think = indexes.think
        self._headings = Headings(corpus, second)
        self.spoken = Spoken(corpus, indexes, now, second)
        self.quoting = Quoting(corpus, indexes, self.spoken.with_names, chance, meter, second)
        self._news = News(corpus, indexes, self.headings)
        self._told = Told(corpus, indexes, second)
        self.watching = Watching(corpus, indexes, self.spoken.with_names, now, ownership)
        self.editing = Editing(corpus, indexes, now, prepare)
        self.departures = Departures(corpus, indexes, now, ownership)
        self.feeds = Feeds(
            corpus.feeds,
            add=self.add,
            fetch=fetcher.fetch,
            read_page=self.fetch,
            run=sandbox.run_named,
            now=now,
            chance=chance,
        )

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        url: str,
        *,
        bot: bool,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: random.Random | None = None,
        known: KnownDocuments = NONE_KNOWN,
        fetcher: Fetcher | None = None,
        meter: Meter = UNMETERED,
        watch: Watch = lambda _done, _total: None,
        alone: bool | None = None,
        answering: bool = False,
    ) -> AsyncIterator[Self]:
        """Open the library at ``url``; ``bot`` takes its lock. Raises `CorpusError`.

        ``alone``: whether no other process serves it; None: what its database allows. ``answering``: see `Corpus.open`.

        ``now`` is the clock, ``chance`` draws random quotes, ``known`` describes documents it knows by their text.
        ``fetcher`` follows links. ``meter`` takes note of what happens.
        Articles that were read by other rules than this version's are read anew first: ``watch`` is told how many of
        how many are done.
        """
        async with (
            Corpus.open(url, bot=bot, answering=answering) as corpus,
            fetcher or Fetcher(meter=meter) as fetching,
        ):
            if bot and (settled := await corpus.aftermath.settle(now=now())):
                _log.warning(
                    "the library is the backup of %s: %d digests that were ready are looked for in their channels "
                    "before anything is posted, %d notices are not told",
                    *(f"{settled.copied_at:%Y-%m-%d %H:%M} UTC", settled.digests, settled.notices),
                )
            await _reread(corpus, watch)
            await _key_links(corpus)
            second = Second()
            indexes = Indexes(corpus, corpus.folder, second=second)
            try:
                drawn = chance or random.Random()  # noqa: S311 - no secret
                ownership = Ownership(corpus.processes, alone=corpus.is_exclusive if alone is None else alone, now=now)
                yield cls(corpus, indexes, now, drawn, known, fetching, meter, ownership, second)
            finally:
                await indexes.close()

    async def keep_up(self) -> None:
        """Follow what other processes change, until cancelled: indexes in memory, and what watches look for.

        Raises `CorpusDamaged`.
        """
        async with aclosing(self.corpus.changes.heard()) as changes:
            async for libraries in changes:
                try:
                    await self.indexes.freshen(libraries)
                    await self._follow()
                except CorpusDamaged:
                    raise
                except CorpusError as error:
                    _log.warning("what others changed is taken in later: %s", error)

    async def _follow(self) -> None:
        """Look at what came in. A change may be heard of before the last of its locks is gone."""
        for _ in range(_SETTLING_LOOKS):
            await self.watching.follow()
            if await self.corpus.notices.are_settled():
                break
            await asyncio.sleep(_SETTLING_SECONDS)

    @property
    def answering(self) -> Mapping[str, object]:
        """What `bot.answering` asks, by the names of their classes."""
        desks = (self, self._headings, self.spoken, self.quoting, self._told)
        return {type(desk).__name__: desk for desk in desks}

    def today(self) -> date:
        """The date of now, in UTC."""
        return self.now().date()

    # Answers

    def query(
        self,
        text: str,
        *,
        source: str | None = None,
        speaker: str | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> Query:
        """What a person asked, with dates read relative to today. Raises `Refused`."""
        return Query.of(text, source=source, speaker=speaker, since=since, until=until, today=self.today())

    async def quotes(self, library: int, query: Query, limit: int = MAX_RESULTS) -> list[Quote]:
        """The best passages for ``query``, best first; where nothing is asked for, one passage by chance."""
        return list((await self.quoting.quotes(library, query, limit, limit)).first)

    async def search(
        self, library: int, query: Query, limit: int = MAX_RESULTS, *, ranking: Ranking = "best"
    ) -> list[Hit]:
        """The articles that match ``query`` best, each with its best passage.

        ``ranking`` plain is BM25Okapi over whole articles, to the digit: of all words typed, within the limits, without
        phrases, exclusions and spellings; see `bot.search.ranking` for the best.
        """
        if ranking == "plain":
            query = query.as_words()
        found = await self.quoting.hits(library, query, limit, limit, ranking)
        return [Hit(quote.article, quote.score, quote) for quote in found.first]

    async def check(self, library: int, text: str) -> Checks:
        """Whether what ``text`` quotes, or the text itself, stands in the library, and how it differs.

        Raises `Refused` for a text without a word.
        """
        return await checks.check(self.corpus, self.indexes, library, text)

    async def suggest(self, library: int, query: Query) -> list[str]:
        """Words that are in the library and look like those of ``query`` that are not, as the library spells them."""
        catalogue = await self.indexes.catalogue(library)
        terms = await self._think(catalogue.suggest, query)
        words = await self.corpus.changes.words(sorted({library, SHARED}), terms)
        return list(dict.fromkeys(words[term] for term in terms if term in words))

    @answered_by_second
    async def outlets(self, library: int, typed: str, limit: int) -> list[str]:
        """The first ``limit`` outlets that ``library`` sees and whose name holds what is typed; most articles first."""
        wanted = part_of(typed)
        return await self.indexes.ask(library, lambda catalogue, _view: _first_wanted(catalogue.outlets, wanted, limit))

    async def article(self, library: int, ref: str) -> Article:
        """The article a person calls ``ref``: its id ("12", "S3"), or words of its title. Raises `NotFound`."""
        place = parse_ref(ref, library)
        article = await self.corpus.articles.find(*place) if place else None
        if article is None and (place := await self._by_title(library, ref)):
            article = await self.corpus.articles.find(*place)
        if article is None:
            shown = ref.strip()[:60]
            raise NotFound(f"There is no article “{shown}” here: give its id, such as S3, or words of its title.")
        return article

    async def summary(self, library: int, ref: str, length: Length = "medium") -> Summary:
        """Raises `NotFound`."""
        return await asyncio.to_thread(summarize, await self.article(library, ref), length)

    async def topic_summary(self, library: int, query: Query, length: Length = "medium") -> topics.TopicSummary:
        """What the articles that match ``query`` best tell about it. Raises `Refused` where nothing is asked for."""
        if query.by_chance:
            raise Refused("There is no word to look for: say in a word or two what the summary is to be about.")
        hits = await self.search(library, query, topics.LOOKED_AT)
        catalogue = await self.indexes.catalogue(library)

        def made() -> topics.TopicSummary:
            wanted = [catalogue.spellings(term) for term in dict.fromkeys(query.terms)]
            return topics.sum_up(query.text, [(hit.article, hit.score) for hit in hits], wanted, length)

        return await asyncio.to_thread(made)

    async def digest(
        self,
        library: int,
        period: Period,
        *,
        topic: str | None = None,
        day_start: datetime | None = None,
        since: datetime | None = None,
    ) -> Digest:
        """What came into the library in ``period`` on ``topic``, a query (None or blank: on anything).

        ``day_start``: when today began for who asks (None: in UTC), in the zone of who asks. ``since``: when the last
        digest was, to begin there instead.
        """
        query = self.query(topic) if topic and topic.strip() else None
        if query is not None:
            query = await self.spoken.with_names(library, query)
        return await self._news.digest(library, self._stretch(period, day_start, since), query)

    async def since(self, library: int, since: datetime, after: int) -> Digest:
        """What came in since then, but for the articles up to the row id ``after``: more stories than a digest has."""
        stretch = replace(self._stretch("24 hours", None, since), after=after, most_stories=MOST_CAUGHT_UP)
        return await self._news.digest(library, stretch, None)

    async def story(self, library: int, article: Article) -> Telling:
        """The articles on the event of ``article`` that ``library`` can see, itself among them: `bot.desks.told`."""
        return await self._told.story(library, article)

    async def stories(self, library: int) -> list[Telling]:
        """Every story in what ``library`` can see, that of most sources first."""
        return await self._told.stories(library)

    async def duplicates(self, library: int) -> list[Duplicates]:
        """The articles of what ``library`` sees that print mostly the same text, in groups, the largest first."""
        printed: list[Printed] = []
        async with aclosing(self.corpus.articles.in_portions(library)) as portions:
            async for some in portions:
                printed += await asyncio.to_thread(printed_of, some)
        return await asyncio.to_thread(duplicates, printed)

    def around(self, quote: Quote, sentences_each_side: int = 2) -> Span:
        """The span of a quote with the sentences before and after it, looked for in its neighbourhood alone."""
        passage, text = quote.passage.span, quote.article.text
        start, end = max(0, passage.start - CONTEXT_CHARS), min(len(text), passage.end + CONTEXT_CHARS)
        near = _sentences_of_blocks(text[start:end])
        # Where the neighbourhood is cut out of a longer text, its first and last sentence may be halves.
        whole = near[start > 0 : len(near) - (end < len(text))]
        before = [span for span in whole if start + span.end <= passage.start][-sentences_each_side:]
        after = [span for span in whole if start + span.start >= passage.end][:sentences_each_side]
        return Span(
            start + before[0].start if before else passage.start, start + after[-1].end if after else passage.end
        )

    async def articles_by_id(self, library: int, ids: Collection[int]) -> dict[int, Article]:
        """The articles of these row ids that are still there and that ``library`` may see."""
        articles = await self.corpus.articles.get(ids)
        return {row: article for row, article in articles.items() if article.library in (SHARED, library)}

    async def headings(self, library: int) -> list[Heading]:
        """Everything ``library`` can see, newest first, without the texts."""
        return await self._headings.all(library)

    async def find_headings(
        self, library: int, typed: str, limit: int = MOST_FOUND, *, own: bool = False
    ) -> list[Heading]:
        """What a person may mean who types ``typed``, as `Headings.find` orders it."""
        return await self._headings.find(library, typed, limit, own)

    async def counts(self, library: int) -> Counts:
        """How much ``library`` sees."""
        return await self.corpus.articles.counts(library)

    # Changes

    async def prepare(self, document: Document) -> Prepared:
        """The first half of `add`: what would be stored, to be shown before it is. Raises `Refused`."""
        return await asyncio.to_thread(prepare, document)

    async def add(
        self, library: int, document: Document, *, added_by: int | None = None, restore: bool = True
    ) -> Added:
        """Store a document: durable once this returns, found by the next question. Raises `Refused`."""
        return await self.store(library, await self.prepare(document), added_by=added_by, restore=restore)

    async def store(
        self, library: int, prepared: Prepared, *, added_by: int | None = None, restore: bool = True
    ) -> Added:
        """The second half of `add`: store what `prepare` made of a document."""
        return (await self.store_all(library, [prepared], added_by=added_by, restore=restore))[0]

    async def store_all(
        self, library: int, prepared: Sequence[Prepared], *, added_by: int | None = None, restore: bool = True
    ) -> list[Added]:
        """The same for several in one transaction: the one place where articles come in."""
        articles = self.corpus.articles
        stored = await articles.add_all(library, prepared, added_by=added_by, now=self.now(), restore=restore)
        if stored.changes is not None:
            self._headings.take(library, stored.changes, [added.article for added in stored.added])
            await self.indexes.take(library, stored.changes)
        for added in stored.added:
            _log.info("article %s of library %d: %s", added.article.ref, library, added.outcome)
        return stored.added

    async def add_file(self, library: int, name: str, data: bytes, *, added_by: int | None = None) -> Added:
        """Store one uploaded file. Raises `UnreadableDocument`, `Refused`."""
        return await self.add(library, await self.read(name, data), added_by=added_by)

    async def read(self, name: str, data: bytes) -> Document:
        """The document in a file nobody vouches for. Raises `UnreadableDocument`."""
        return await read_untrusted(name, data, self._known)

    async def fetch(self, url: str) -> Document:
        """The document at a link. Raises `CannotFetch`, `UnreadableDocument`."""
        found = await self._fetcher.fetch(url)
        document = await read_untrusted(found.url, found.body, self._known, found.url)
        return document if document.url else replace(document, url=canonical(found.url))

    async def by_link(self, library: int, url: str) -> Article | None:
        """The article in ``library`` or the shared one that was found at this link, however it is written."""
        return await self.corpus.articles.by_link(library, link_key(url))

    async def import_files(
        self, library: int, files: Iterable[Path], *, restore: bool = True
    ) -> AsyncGenerator[tuple[Path, Imported], None]:
        """Read files into ``library``, one result a document; a bad one is reported and the rest goes on.

        An export (`bot.desks.exporting`) brings what admins have said along. See `bot.desks.importing`. Raises
        `CorpusError`, `WorkersEnded`.
        """

        async def store(prepared: Sequence[Prepared]) -> Sequence[Added]:
            return await self.store_all(library, prepared, restore=restore)

        importing = Importing(self.corpus.articles, store, library, restore=restore)
        files = list(files)
        reading = ((path, read) for path in files for read in read_file(path, self._known))
        await self._bring_in(library, files)
        async with aclosing(importing.run(reading)) as results:
            async for result in results:
                yield result

    async def _bring_in(self, library: int, files: Iterable[Path]) -> None:
        """What admins have said, of the files that are exports. One that cannot be read is reported as it is read."""
        for path in filter(may_be_export, files):
            with suppress(UnreadableDocument):
                said = await asyncio.to_thread(annotations_in, path)
                corrections = [Corrected(one.fingerprint, one.span, one.speaker) for one in said.corrections]
                await self.corpus.archive.bring_in(library, said.names, corrections, now=self.now())

    async def export(self, library: int, path: Path, watch: Watch) -> int:
        """Write what is in ``library`` itself to a new .zip or folder: see `bot.desks.exporting`. Raises `Refused`."""
        return await export(self.corpus, library, path, watch)

    async def remove(self, library: int, ref: str, *, by: int | None = None) -> Article:
        """Take an article out of ``library``; `restore` brings it back. Raises `NotFound`, `Refused`."""
        article = await self.own_article(library, ref)
        removed = await self.corpus.articles.remove(library, article.number, by=by, now=self.now())
        return removed or article

    async def restore(self, library: int, ref: str, *, by: int | None = None) -> Article:
        """Bring back what `remove` took out, for thirty days. Raises `NotFound`."""
        return await self.editing.restore(library, ref, by=by)

    async def own_article(self, library: int, ref: str) -> Article:
        """As `article`, of those that ``library`` may change. Raises `NotFound`, `Refused`."""
        article = await self.article(library, ref)
        _must_own(article, library)
        return article

    async def tidy(self) -> None:
        """Forget the results behind buttons that nobody will press any more, and what is in memory and not used.

        Of several processes, one does the former for all.
        """
        await self.forget_unused()
        self.watching.tidy()
        await self.editing.tidy()
        if not self.ownership.owns(SHARED):
            return
        if forgotten := await self.corpus.answers.forget_before(self.now() - KEEP_ANSWERS):
            _log.info("forgot %d old answers", forgotten)
        await self.corpus.notices.forget_before(self.now() - KEEP_NOTICES)

    async def make_ready(self, library: int) -> None:
        """Have in memory what answers about ``library`` are made of. Raises `CorpusError`."""
        await self.indexes.catalogue(library)
        await self._headings.find(library, "", 1)
        await self.spoken.people(library)

    async def forget_unused(self) -> None:
        """Forget what answers are made of and nobody has asked for lately."""
        await self.indexes.tidy()
        self._headings.tidy()
        self.spoken.tidy()
        self._told.tidy()

    async def reread(self, watch: Watch) -> int:
        """Read every article anew, and return how many articles there are."""
        await self.corpus.changes.outdate()
        return await _reread(self.corpus, watch)

    # Inside

    async def _by_title(self, library: int, words: str) -> tuple[int, int] | None:
        """The newest article whose title holds all of ``words``; fewer than three characters name nothing."""
        wanted = words.casefold().split() if len(words.strip()) >= 3 else []
        for heading in await self.headings(library) if wanted else ():
            if all(word in heading.title.casefold() for word in wanted):
                return heading.library, heading.number
        return None

    def _stretch(self, period: Period, day_start: datetime | None, last: datetime | None) -> Stretch:
        now = self.now()
        began = day_start or now.replace(hour=0, minute=0, second=0, microsecond=0)
        lengths = {"24 hours": timedelta(hours=24), "7 days": timedelta(days=7)}
        since = began if period == "today" else now - lengths[period] if period in lengths else None
        since = since if last is None else last
        title = PERIOD_TITLES[period] if last is None else SINCE_LAST_TITLE
        return Stretch(title, Calendar(began.date(), began, since), previous(since, now))


async def _reread(corpus: Corpus, watch: Watch) -> int:
    """Read the articles that were not read by the rules of this version; how many they were."""
    total = await corpus.changes.outdated()
    if total:
        _log.info("reading %d articles by the rules of this version", total)
    done = 0
    async for some in corpus.changes.reread(analyse):
        done += some
        watch(min(done, total), total)
    return done


async def _key_links(corpus: Corpus) -> None:
    """Make the keys of links that were stored before there were any, once for a library."""
    if await corpus.notes.get(_LINKS_KEYED) is None:
        await corpus.articles.key_links(link_key)
        await corpus.notes.set(_LINKS_KEYED, "1")


def _first_wanted(known: Sequence[Known], wanted: Callable[[str], bool], limit: int) -> list[str]:
    return list(islice((one.name for one in known if wanted(one.key)), limit))


def _sentences_of_blocks(text: str) -> list[Span]:
    """The sentences a reader counts: list marks, speakers' labels and boilerplate are none."""
    readable = [block.span for block in blocks(text) if block.kind is not Kind.BOILERPLATE]
    return [span for block in readable for span in sentences(text, block)]


def _must_own(article: Article, library: int) -> None:
    if article.library != library:
        raise Refused(
            f"{article.ref} belongs to the shared library, which only the bot's host can change (newsdesk remove): "
            "choose an article your own server has added."
        )


def as_period(text: str) -> Period:
    """``text`` as a period, "24 hours" where it is none."""
    return next((period for period in PERIOD_TITLES if period == text), "24 hours")
