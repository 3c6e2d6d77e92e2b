"""Feeds: where articles come from by themselves. `Newsdesk.feeds`; it knows nothing of Discord.

    due -> fetched if changed -> read in the sandbox -> entries recognised and queued, in one transaction
    queue -> the feed's own text, or the page -> written down -> stored through `Newsdesk.add` -> settled

A poll may be killed anywhere: the server's marks are kept together with the entries they stand for, and the document of
an entry is written down before it is stored, so that storing it again finds the same text there.
"""

from __future__ import annotations

import asyncio
import builtins
import logging
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from bot.corpus import Added, EntryState, Feed, Outcome, Polled, Queued, Seen
from bot.corpus.feeds import FeedStore
from bot.errors import CannotFetch, CorpusError, NewsdeskError, NotFound, Refused, UnreadableDocument
from bot.model import Document
from bot.polling import DEAD_AFTER, next_poll
from bot.reading.entries import FeedContent, absolute, marks_of
from bot.reading.fetching import Accept, Fetched
from bot.reading.intake import Waiting, from_feed, from_page, is_whole, pack, stands_alone, unpack
from bot.reading.links import link_key
from bot.reading.politeness import HostTurns

_log = logging.getLogger(__name__)

ARTICLES_A_POLL: Final = 10
FIRST_ENTRIES: Final = 10
"""How many of a feed's newest entries are taken when it is added."""
MOST_TRIES: Final = 3
CHECK_AGAIN_AFTER: Final = timedelta(minutes=1)
_GONE = 410
_WAIT_STATUSES = (429, 503)
_FAULTS_SHOWN = 5
_FOR_FILES = ": save its text as .txt."


class Fetch(Protocol):
    """How a feed is had: `bot.reading.fetching.Fetcher.fetch`."""

    async def __call__(
        self, link: str, /, *, etag: str | None = None, modified: str | None = None, accept: Accept = ...
    ) -> Fetched:
        """What is at ``link`` by now. Raises `CannotFetch`."""
        ...


class Add(Protocol):
    """How an article comes in: `bot.newsdesk.Newsdesk.add`."""

    async def __call__(self, library: int, document: Document, *, restore: bool) -> Added:
        """Store ``document``. Raises `Refused`."""
        ...


Run = Callable[..., Awaitable[object]]
"""Runs a function that is named ("module:name") in the sandbox: `bot.reading.sandbox.run_named`."""
READ_FEED: Final = "bot.reading.feeds:read_feed"  # named, as feedparser is loaded in the sandbox alone
FEED_LINKS: Final = "bot.reading.feeds:feed_links"


@dataclass(frozen=True, slots=True)
class FeedAdded:
    """A feed that was added, what was found in it, and how many of its entries are taken and how many passed."""

    feed: Feed
    content: FeedContent
    taken: int
    passed: int


@dataclass(frozen=True, slots=True)
class FeedReport:
    """How a feed is: ``counts`` of its entries by state, and why the last of them were not read."""

    feed: Feed
    counts: dict[EntryState, int]
    faults: Sequence[str]
    new: int | None = None  # entries that this check found, where it looked


class Feeds:
    """Methods take the ``library`` of whoever asks, and raise `CorpusError` where the database cannot be used."""

    def __init__(
        self,
        store: FeedStore,
        *,
        add: Add,
        fetch: Fetch,
        read_page: Callable[[str], Awaitable[Document]],
        run: Run,
        now: Callable[[], datetime],
        chance: random.Random,
        turns: HostTurns | None = None,
    ) -> None:
        self._store = store
        self._add = add
        self._fetch = fetch
        self._read_page = read_page
        self._run = run
        self._now = now
        self._chance = chance
        self._turns = turns or HostTurns()
        self._polling: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)  # one poll of a feed at a time

    # For a person

    async def add(self, library: int, typed: str, *, channel_id: int | None, by: int | None) -> FeedAdded:
        """Take articles from the feed at an address, or from the one that the page there names.

        The newest entries are queued, the rest is passed over. Raises `Refused`, `UnreadableDocument`, `CannotFetch`.
        """
        answered, content = await self._find(address(typed))
        seen = await asyncio.to_thread(_seen, content)
        newest = newest_first(content)[:FIRST_ENTRIES]
        taken = [seen[at] for at in reversed(newest)]
        chosen = set(newest)
        passed = [one for at, one in enumerate(seen) if at not in chosen]
        found = Polled(
            answered.moved or answered.url, taken, content.title, etag=answered.etag, modified=answered.modified
        )
        feed = await self._store.add(library, found, passed=passed, channel_id=channel_id, added_by=by, now=self._now())
        counts = await self._store.counts(feed.id)
        return FeedAdded(feed, content, counts.get(EntryState.QUEUED, 0), counts.get(EntryState.PASSED, 0))

    async def list(self, library: int) -> builtins.list[Feed]:
        """By number."""
        return await self._store.list(library)

    async def check(self, library: int, number: int) -> FeedReport:
        """Look into a feed now, unless it is paused or was polled just before, and tell how it is. Raises `NotFound`.

        What is new is queued; the next poll reads it.
        """
        feed, new = await self._numbered(library, number), None
        now = self._now()
        if feed.paused_at is None and (feed.polled_at is None or now - feed.polled_at >= CHECK_AGAIN_AFTER):
            async with self._polling[feed.id]:
                new = await self._look(feed, is_due=feed.due_at <= now)
            if new:
                await self._store.hasten(feed.id, now=now)
        feed = await self._numbered(library, number)
        return FeedReport(
            feed, await self._store.counts(feed.id), await self._store.faults(feed.id, _FAULTS_SHOWN), new
        )

    async def pause(self, library: int, number: int, *, by: int | None) -> Feed:
        """Raises `NotFound`."""
        return _there(await self._store.pause(library, number, by=by, now=self._now()), number)

    async def resume(self, library: int, number: int, *, by: int | None) -> Feed:
        """Raises `NotFound`."""
        return _there(await self._store.resume(library, number, by=by, now=self._now()), number)

    async def remove(self, library: int, number: int, *, by: int | None) -> Feed:
        """Its articles stay. Raises `NotFound`."""
        removed = _there(await self._store.remove(library, number, by=by, now=self._now()), number)
        self._polling.pop(removed.id, None)
        return removed

    # For the clock

    async def due(self) -> builtins.list[Feed]:
        """The feeds whose time has come, longest due first."""
        return await self._store.due(self._now())

    async def poll(self, feed_id: int) -> Feed | None:
        """Look into a feed that is due and read the next of its queue; the feed as it is then, or None."""
        async with self._polling[feed_id]:
            feed = await self._store.get(feed_id)
            if feed is None or feed.paused_at is not None or feed.due_at > self._now():
                return feed
            if await self._look(feed, is_due=True) is not None:
                await self._work_off(feed)
            return await self._store.get(feed_id)

    async def claim_fault(self, feed: Feed) -> bool:
        """Whether it is for the caller to say that a feed is dead: once until it lives again."""
        return is_dead(feed) and await self._store.claim_fault(feed.id, now=self._now())

    async def release_fault(self, feed: Feed) -> None:
        """It could not be said; later somebody may."""
        await self._store.release_fault(feed.id)

    # Inside

    async def _numbered(self, library: int, number: int) -> Feed:
        found = (feed for feed in await self._store.list(library) if feed.number == number)
        return _there(next(found, None), number)

    async def _find(self, url: str) -> tuple[Fetched, FeedContent]:
        """The feed at ``url``, or the first that the page there names."""
        answered = await self._ask(url)
        try:
            return answered, await self._read(answered)
        except UnreadableDocument:
            links = await self._run(FEED_LINKS, answered.body, answered.url)
            if not isinstance(links, list) or not links:
                raise
        answered = await self._ask(str(links[0]))
        return answered, await self._read(answered)

    async def _read(self, answered: Fetched) -> FeedContent:
        try:
            content = await self._run(READ_FEED, answered.body, answered.url, answered.charset)
        except UnreadableDocument as error:  # what to do with a file is no advice for a feed
            raise UnreadableDocument(error.name, error.reason.replace(_FOR_FILES, ".")) from error
        if not isinstance(content, FeedContent):
            raise UnreadableDocument(answered.url, "the feed cannot be read.")
        return content

    async def _ask(self, url: str, *, etag: str | None = None, modified: str | None = None) -> Fetched:
        async with self._turns.of(url):
            return await self._fetch(url, etag=etag, modified=modified, accept=Accept.FEED)

    async def _look(self, feed: Feed, *, is_due: bool) -> int | None:
        """Fetch a feed and queue what is new; how much that is. None where it failed, which is written down."""
        try:
            found = await self._fetched(feed)
        except CorpusError:
            raise
        except NewsdeskError as error:
            await self._note_failure(feed, error, is_due=is_due)
            return None
        now = self._now()
        return await self._store.polled(feed.id, found, due_at=now + next_poll(0, self._chance), now=now)

    async def _fetched(self, feed: Feed) -> Polled:
        answered = await self._ask(feed.url, etag=feed.etag, modified=feed.modified)
        url = answered.moved or feed.url
        if answered.status == 304:
            return Polled(url, is_changed=False)
        content = await self._read(answered)
        seen = await asyncio.to_thread(_seen, content)
        entries = [seen[at] for at in reversed(newest_first(content))]
        return Polled(url, entries, content.title, answered.etag, answered.modified)

    async def _note_failure(self, feed: Feed, error: NewsdeskError, *, is_due: bool) -> None:
        """A check by hand does not count, so that failures mean time. A feed that is gone for good is dead at once."""
        gone = isinstance(error, CannotFetch) and error.status == _GONE
        failures = max(feed.failures + 1, DEAD_AFTER) if gone else feed.failures + is_due
        now = self._now()
        due_at = now + next_poll(failures, self._chance, _retry_after(error)) if is_due else feed.due_at
        reason = error.reason if isinstance(error, UnreadableDocument) else str(error)
        _log.warning("feed %d could not be read (%d failures): %s", feed.id, failures, reason)
        await self._store.failed(feed.id, reason, failures=failures, due_at=due_at, now=now)

    async def _work_off(self, feed: Feed) -> None:
        """Read the next entries of the queue: at most `ARTICLES_A_POLL`, and no more once a host asks for patience."""
        for queued in await self._store.queue(feed.id, ARTICLES_A_POLL):
            try:
                await self._store_entry(feed, queued)
            except CorpusError:
                raise
            except NewsdeskError as error:
                await self._put_off(feed, queued, error)
                if isinstance(error, CannotFetch) and error.status in _WAIT_STATUSES:
                    return

    async def _store_entry(self, feed: Feed, queued: Queued) -> None:
        waiting = await asyncio.to_thread(unpack, queued.content)
        document = waiting.document
        if document is None and queued.url_key and (there := await self._store.article_at(feed.guild, queued.url_key)):
            await self._store.settle(queued.id, EntryState.KNOWN, article_id=there)
            return
        if document is None:
            document = await self._document(feed, waiting)
            # Written down first: were it read again after a crash, the page might have another text by then.
            written = await asyncio.to_thread(pack, replace(waiting, document=document))
            await self._store.keep(queued.id, written, queued.reason)
        added = await self._add(feed.guild, document, restore=False)  # what an admin removed stays removed
        state = EntryState.ADDED if added.outcome is Outcome.ADDED else EntryState.KNOWN
        await self._store.settle(queued.id, state, article_id=added.article.id)

    async def _document(self, feed: Feed, waiting: Waiting) -> Document:
        """What an entry's article is: its own text where that is whole, else its page's."""
        entry, today = waiting.entry, self._now().date()
        if entry.link is None or is_whole(entry.text):
            return await asyncio.to_thread(from_feed, entry, feed.title, today)
        try:
            async with self._turns.of(entry.link):
                page = await self._read_page(entry.link)
        except CorpusError:
            raise
        except NewsdeskError as error:
            last = isinstance(error, UnreadableDocument) or waiting.tries + 1 >= MOST_TRIES
            if not (last and stands_alone(entry.text)):
                raise
            _log.info("an entry of feed %d stands by its own text: %s", feed.id, _reason(error))
            return await asyncio.to_thread(from_feed, entry, feed.title, today)
        return from_page(page, entry, feed.title, today)

    async def _put_off(self, feed: Feed, queued: Queued, error: NewsdeskError) -> None:
        """Keep why an entry could not be read; it is tried again until it was tried often enough."""
        waiting = await asyncio.to_thread(unpack, queued.content)
        tries = waiting.tries + 1
        reason = _reason(error)
        named = f"{waiting.entry.title or waiting.entry.link or waiting.entry.key}: {reason}"
        _log.warning("an entry of feed %d could not be read (try %d): %s", feed.id, tries, reason)
        if tries >= MOST_TRIES:
            await self._store.settle(queued.id, EntryState.FAILED, reason=named)
        else:
            content = await asyncio.to_thread(pack, replace(waiting, tries=tries))
            await self._store.keep(queued.id, content, named)


def _reason(error: NewsdeskError) -> str:
    """Why an entry could not be read, without its name."""
    return error.reason if isinstance(error, UnreadableDocument) else str(error)


def is_dead(feed: Feed) -> bool:
    """Whether a feed has failed so often that somebody should look: `DEAD_AFTER` takes more than a day."""
    return feed.failures >= DEAD_AFTER


def address(typed: str) -> str:
    """The web address in what a person typed. Raises `Refused`."""
    written = typed.strip().strip("<>")
    for scheme in ("feed://", "feed:"):
        written = written.removeprefix(scheme)
    whole = absolute(written if "://" in written else f"https://{written}", "")
    if whole is None or "." not in whole or " " in written:
        raise Refused(f"“{typed.strip()[:60]}” is no web address: give one such as https://example.org/feed.xml.")
    return whole


def newest_first(content: FeedContent) -> list[int]:
    """The places of a feed's entries, newest first; as in the feed where it does not date all of them."""
    dates = [entry.published for entry in content.entries]
    places = list(range(len(dates)))
    if any(date is None for date in dates):
        return places
    return sorted(places, key=lambda at: dates[at] or datetime.min, reverse=True)  # noqa: DTZ901 - none is None here


def _seen(content: FeedContent) -> list[Seen]:
    """The entries as they are recognised and kept."""
    marks = marks_of(content.entries, link_key, content.link)
    return [
        Seen(mark.key, mark.url_key, mark.text_key, pack(Waiting(entry)))
        for entry, mark in zip(content.entries, marks, strict=True)
    ]


def _retry_after(error: NewsdeskError) -> timedelta | None:
    seconds = error.retry_after_seconds if isinstance(error, CannotFetch) else None
    return None if seconds is None else timedelta(seconds=seconds)


def _there(found: Feed | None, number: int) -> Feed:
    if found is None:
        raise NotFound(f"This server has no feed {number}: /feed list shows them.")
    return found
