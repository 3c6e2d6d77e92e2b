"""Feeds followed over a real socket: what comes in, what comes in once, and what becomes of faults."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.corpus import EntryState, Feed
from bot.corpus.schema import article, audit, library
from bot.desks.feeds import ARTICLES_A_POLL, FIRST_ENTRIES, address, is_dead
from bot.errors import CannotFetch, NotFound, Refused, UnreadableDocument
from bot.model import Article, Document
from bot.newsdesk import Newsdesk
from bot.reading.links import link_key
from bot.reading.politeness import HostTurns
from tests.clock import Clock
from tests.feed_site import HOST, Answer, Site, item, page, rss, serving, story
from tests.sizes import cases

SERVER = 5
FEED = f"http://{HOST}/feed"
START = datetime(2025, 5, 12, 8, tzinfo=UTC)


class Desk:
    """A library that follows feeds of one site."""

    def __init__(self, newsdesk: Newsdesk, site: Site, clock: Clock) -> None:
        self.newsdesk, self.site, self.clock = newsdesk, site, clock
        self.feeds = newsdesk.feeds
        self.feeds._turns = HostTurns(0.0)

    def serve(self, *items: str, path: str = "/feed", title: str = "Harbour News", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.site.answers[path] = Answer(rss(items, title), headers=named)

    async def add(self, typed: str = FEED) -> Feed:
        return (await self.feeds.add(SERVER, typed, channel_id=9, by=7)).feed

    async def poll(self) -> Feed:
        """Let the next poll be due, and have it."""
        (feed,) = await self.feeds.list(SERVER)
        self.clock.now = max(self.clock.now, feed.due_at)
        polled = await self.feeds.poll(feed.id)
        assert polled is not None
        return polled

    async def articles(self) -> list[Article]:
        return sorted(await self.newsdesk.corpus.articles.visible(SERVER), key=lambda article: article.id)

    async def titles(self) -> list[str]:
        return [article.title for article in await self.articles()]

    async def counts(self) -> dict[EntryState, int]:
        (feed,) = await self.feeds.list(SERVER)
        return await self.newsdesk.corpus.feeds.counts(feed.id)


Opening = Callable[[], Any]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving() as up:
        yield up


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def opening(library_url: str, site: Site, clock: Clock) -> Opening:
    """Opens the library; again after a kill."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Desk]:
        fetcher = site.fetcher(total_seconds=0.5, feed_bytes=1 << 19)
        async with Newsdesk.open(library_url, bot=True, now=clock, chance=Random(1), fetcher=fetcher) as newsdesk:
            yield Desk(newsdesk, site, clock)

    return opened


@pytest.fixture
async def desk(opening: Opening) -> AsyncIterator[Desk]:
    async with opening() as opened:
        yield opened


# What comes in


async def test_the_newest_entries_come_in_and_the_older_are_passed_over(desk: Desk) -> None:
    desk.serve(*(item(number) for number in reversed(range(25))))
    added = await desk.feeds.add(SERVER, FEED, channel_id=9, by=7)
    assert (added.content.title, len(added.content.entries), added.taken, added.passed) == ("Harbour News", 25, 10, 15)
    assert await desk.titles() == []
    await desk.poll()
    assert await desk.titles() == [f"Story {number}" for number in range(15, 25)]
    assert await desk.counts() == {EntryState.ADDED: 10, EntryState.PASSED: 15}
    article = (await desk.articles())[0]
    assert (article.text, article.outlet, article.url) == (story(15), "Harbour News", f"http://{HOST}/story/15")
    assert str(article.published) == "2025-05-01"


async def test_new_entries_come_in_at_the_next_poll_and_only_they(desk: Desk) -> None:
    desk.serve(item(1))
    await desk.add()
    await desk.poll()
    desk.serve(item(2, day=2), item(1))
    await desk.poll()
    assert await desk.titles() == ["Story 1", "Story 2"]


async def test_a_short_entry_is_read_at_its_link(desk: Desk) -> None:
    desk.serve(item(3, text="The harbour office counted…"))
    desk.site.answers["/story/3"] = Answer(page(3), content_type="text/html")
    await desk.add()
    await desk.poll()
    (article,) = await desk.articles()
    assert "Sentence 23 of story 3" in article.text
    assert (article.title, article.outlet) == ("Story 3", "Harbour News")


async def test_the_feed_of_a_site_is_found_by_its_page(desk: Desk) -> None:
    desk.serve(item(1))
    link = '<link rel="alternate" type="application/rss+xml" href="/feed">'
    desk.site.answers["/"] = Answer(f"<html><head>{link}</head><body>Hello</body></html>", content_type="text/html")
    assert (await desk.add(HOST.replace("news", "http://news"))).url == FEED


async def test_a_flood_comes_in_bit_by_bit(desk: Desk) -> None:
    desk.serve(item(0))
    await desk.add()
    await desk.poll()
    desk.serve(*(item(number, text=story(number)) for number in reversed(range(1, 36))))
    sizes = []
    for _ in range(5):
        await desk.poll()
        sizes.append(len(await desk.articles()))
    assert sizes == [11, 21, 31, 36, 36]
    assert await desk.titles() == [f"Story {number}" for number in range(36)]


async def test_no_feed_at_the_address_is_said(desk: Desk) -> None:
    desk.site.answers["/page"] = Answer("<html><body>Hello</body></html>", content_type="text/html")
    with pytest.raises(UnreadableDocument, match="this is no feed"):
        await desk.add(f"http://{HOST}/page")
    with pytest.raises(CannotFetch, match="404"):
        await desk.add(f"http://{HOST}/nothing")
    assert await desk.feeds.list(SERVER) == []


async def test_a_feed_is_added_once_and_fifty_are_the_most(desk: Desk) -> None:
    desk.serve(item(1))
    await desk.add()
    with pytest.raises(Refused, match="as number 1"):
        await desk.add()
    for number in range(2, 51):
        desk.serve(item(1), path=f"/feed{number}")
        await desk.add(f"{FEED}{number}")
    desk.serve(item(1), path="/one-too-many")
    with pytest.raises(Refused, match="50 feeds already"):
        await desk.add(f"http://{HOST}/one-too-many")


@pytest.mark.parametrize("typed", ["", "  ", "nonsense", "ftp://example.org/feed", "two words.org", "javascript:x.y"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="no web address"):
        address(typed)


def test_addresses_as_people_write_them() -> None:
    assert address("<https://example.org/feed>") == "https://example.org/feed"
    assert address("feed://example.org/feed") == "https://example.org/feed"
    assert address("feed:https://example.org/feed") == "https://example.org/feed"
    assert address(" example.org ") == "https://example.org"


# Once


@pytest.mark.parametrize(
    "changed",
    [
        item(1, day=9),
        item(1, guid="another"),
        item(1, link=f"http://{HOST}/story/1?utm_source=rss"),
        item(1, text=f"{story(1)}\n\nCorrected at noon."),
        item(1, guid="another", link=f"https://www.{HOST}/story/1/"),
        item(1, guid="another", link=f"http://{HOST}/moved/1"),
    ],
)
async def test_an_entry_that_is_touched_is_no_other(desk: Desk, changed: str) -> None:
    desk.serve(item(1))
    await desk.add()
    await desk.poll()
    desk.serve(changed)
    await desk.poll()
    assert await desk.titles() == ["Story 1"]


async def test_an_entry_that_stands_twice_in_a_feed_comes_in_once(desk: Desk) -> None:
    desk.serve(item(1), item(1), item(1, guid="again"))
    await desk.add()
    await desk.poll()
    assert await desk.titles() == ["Story 1"]


async def test_new_ids_at_every_poll_fill_no_table(desk: Desk) -> None:
    for poll in range(4):
        desk.serve(*(item(number, guid=f"{poll}-{number}") for number in range(5)))
        if poll == 0:
            await desk.add()
        await desk.poll()
    assert len(await desk.articles()) == 5
    assert sum((await desk.counts()).values()) == 5


async def test_an_article_that_an_admin_removed_does_not_come_back(desk: Desk) -> None:
    desk.serve(item(1))
    await desk.add()
    await desk.poll()
    await desk.newsdesk.remove(SERVER, "1")
    await desk.feeds.remove(SERVER, 1, by=7)
    await desk.add()
    await desk.poll()
    assert await desk.titles() == []


async def test_what_is_there_by_its_link_is_not_read_again(desk: Desk) -> None:
    """Whoever added it, and also where it was removed since."""
    for number in (1, 2):
        document = Document("n", f"By hand {number}", story(number + 10), url=f"https://www.{HOST}/story/{number}/")
        added = await desk.newsdesk.add(SERVER, document)
        await _key(desk, added.article)
    await desk.newsdesk.remove(SERVER, "2")
    desk.serve(*(item(number, text="Short…") for number in (1, 2)))
    await desk.add()
    await desk.poll()
    assert await desk.titles() == ["By hand 1"]
    assert desk.site.paths() == ["/feed", "/feed"]
    assert await desk.counts() == {EntryState.KNOWN: 2}


async def _key(desk: Desk, stored: Article) -> None:
    async with desk.newsdesk.corpus._database.write() as begun:
        keyed = update(article).where(article.c.id == stored.id).values(url_key=link_key(stored.url or ""))
        await begun.execute(keyed)


async def test_what_was_seen_long_ago_is_forgotten_and_what_is_there_is_not(desk: Desk) -> None:
    desk.serve(item(1), item(2))
    await desk.add()
    await desk.poll()
    for _ in range(3):
        desk.serve(item(1))
        desk.clock.advance(days=100)
        await desk.poll()
    assert await desk.counts() == {EntryState.ADDED: 1}


class Killed(BaseException):
    """The process is no more."""


@pytest.mark.parametrize("at", ["before storing", "after storing", "after the marks", "in the marks"])
async def test_a_kill_between_fetching_and_storing_doubles_and_loses_nothing(opening: Opening, at: str) -> None:
    """Also where the page reads differently when it is read again."""
    async with opening() as desk:
        desk.serve(item(1, text="Short…"), item(2, text="Short, too…"))
        for number in (1, 2):
            desk.site.answers[f"/story/{number}"] = Answer(page(number), content_type="text/html")
        await desk.add()
        _kill(desk, at)
        with pytest.raises(Killed):
            await desk.poll()
    async with opening() as desk:
        for number in (1, 2):
            desk.site.answers[f"/story/{number}"] = Answer(page(number, 30), content_type="text/html")
        for _ in range(3):
            await desk.poll()
        assert sorted(await desk.titles()) == ["Story 1", "Story 2"]
        assert EntryState.QUEUED not in await desk.counts()


def _kill(desk: Desk, at: str) -> None:
    """Have the process end at a point of the next poll."""
    store, add = desk.newsdesk.corpus.feeds, desk.feeds._add

    async def storing(*args: Any, **options: Any) -> Any:
        if at == "after storing":
            await add(*args, **options)
        raise Killed

    async def dying(*_args: Any, **_options: Any) -> Any:
        raise Killed

    if at == "in the marks":
        store.polled = dying  # type: ignore[method-assign]
    elif at == "after the marks":
        store.queue = dying  # type: ignore[method-assign]
    else:
        desk.feeds._add = storing


# Politeness


async def test_what_has_not_changed_is_not_sent_again(desk: Desk) -> None:
    desk.serve(item(1), ETag='"one"', Last_Modified="Mon, 12 May 2025 08:00:00 GMT")
    await desk.add()
    feed = await desk.poll()
    asked = desk.site.asked[-1]
    assert asked.headers["If-None-Match"] == '"one"'
    assert asked.headers["If-Modified-Since"] == "Mon, 12 May 2025 08:00:00 GMT"
    assert (feed.etag, feed.failures) == ('"one"', 0)
    assert await desk.titles() == ["Story 1"]
    desk.serve(item(2, day=2), item(1), ETag='"two"')
    assert (await desk.poll()).etag == '"two"'
    assert await desk.titles() == ["Story 1", "Story 2"]


@pytest.mark.parametrize(("status", "address_after"), [(301, "/new"), (308, "/new"), (302, "/feed"), (307, "/feed")])
async def test_only_a_move_for_good_is_remembered(desk: Desk, status: int, address_after: str) -> None:
    desk.serve(item(1))
    await desk.add()
    desk.serve(item(1), path="/new")
    desk.site.answers["/feed"] = Answer(status=status, headers={"Location": "/new"})
    assert (await desk.poll()).url == f"http://{HOST}{address_after}"


async def test_a_server_that_asks_for_patience_gets_it(desk: Desk) -> None:
    desk.serve(item(1))
    await desk.add()
    desk.site.answers["/feed"] = Answer(status=429, headers={"Retry-After": str(36 * 3600)})
    feed = await desk.poll()
    assert feed.due_at - desk.clock.now == timedelta(hours=36)
    assert feed.fault is not None
    assert "429" in feed.fault


async def test_patience_may_be_asked_for_until_a_date(desk: Desk) -> None:
    desk.serve(item(1))
    await desk.add()
    until = datetime.now(UTC) + timedelta(hours=36)
    desk.site.answers["/feed"] = Answer(status=503, headers={"Retry-After": format_datetime(until, usegmt=True)})
    feed = await desk.poll()
    assert timedelta(hours=35) < feed.due_at - desk.clock.now <= timedelta(hours=36)


async def test_a_page_that_asks_for_patience_stops_the_poll(desk: Desk) -> None:
    desk.serve(*(item(number, text="Short…") for number in range(4)))
    await desk.add()
    for number in range(4):
        desk.site.answers[f"/story/{number}"] = Answer(status=429)
    await desk.poll()
    assert len([path for path in desk.site.paths() if path.startswith("/story")]) == 1


async def test_a_host_is_asked_one_at_a_time_with_a_pause(desk: Desk) -> None:
    desk.feeds._turns = HostTurns(0.05)
    desk.serve(*(item(number, text="Short…") for number in range(4)))
    for number in range(4):
        desk.site.answers[f"/story/{number}"] = Answer(page(number), content_type="text/html")
    await desk.add()
    await desk.poll()
    asked = desk.site.asked
    assert len(asked) == 6
    gaps = [later.began - earlier.ended for earlier, later in pairwise(asked)]
    assert min(gaps) > 0.045


async def test_turns_at_one_host_do_not_hold_up_another() -> None:
    turns, order = HostTurns(0.2), []

    async def ask(url: str) -> None:
        async with turns.of(url):
            order.append(url)

    async with turns.of("http://a.example/1"):
        async with asyncio.timeout(0.1):
            await ask("http://b.example/1")
        waiting = asyncio.create_task(ask("http://A.example/2"))
        await asyncio.sleep(0.02)
        assert order == ["http://b.example/1"]
    await waiting
    assert order[-1] == "http://A.example/2"


# Faults


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(status=404), "404"),
        (Answer(status=500), "500"),
        (Answer(status=503), "503"),
        (Answer("<html>no feed any more</html>"), "no feed"),
        (Answer(b"x" * (1 << 20)), "the most that is fetched"),
        (Answer(rss([item(1)]), after_seconds=2.0), "did not finish answering"),
        (Answer(status=301, headers={"Location": "/feed"}), "without end"),
    ],
)
async def test_a_failure_is_kept_with_its_reason_and_forgotten_once_it_can_be_read(
    desk: Desk, answer: Answer, said: str
) -> None:
    desk.serve(item(1))
    await desk.add()
    await desk.poll()
    desk.site.answers["/feed"] = answer
    feed = await desk.poll()
    assert feed.failures == 1
    assert said in (feed.fault or "")
    assert feed.due_at - desk.clock.now >= timedelta(minutes=30)
    desk.serve(item(2, day=2))
    feed = await desk.poll()
    assert (feed.failures, feed.fault) == (0, None)
    assert await desk.titles() == ["Story 1", "Story 2"]


async def test_a_feed_is_dead_after_eight_failures_and_more_than_a_day_and_that_is_told_once(desk: Desk) -> None:
    desk.serve(item(1))
    await desk.add()
    del desk.site.answers["/feed"]
    feed = await desk.poll()
    first, claims = desk.clock.now, []
    for _ in range(12):
        claims.append(await desk.feeds.claim_fault(feed))
        feed = await desk.poll()
        if is_dead(feed) and feed.failures == 8:
            assert desk.clock.now - first > timedelta(days=1)
    assert Counter(claims) == {True: 1, False: 11}
    assert claims.index(True) == 7
    desk.serve(item(1))
    feed = await desk.poll()
    assert not is_dead(feed)
    assert feed.fault_told_at is None


async def test_a_feed_that_is_gone_is_dead_at_once(desk: Desk) -> None:
    desk.serve(item(1))
    await desk.add()
    desk.site.answers["/feed"] = Answer(status=410)
    feed = await desk.poll()
    assert is_dead(feed)
    assert await desk.feeds.claim_fault(feed)


async def test_an_entry_that_cannot_be_read_is_tried_three_times_and_holds_up_no_other(desk: Desk) -> None:
    desk.serve(item(1, text="Short…"), item(2))
    await desk.add()
    for tries in (1, 2, 3, 3):
        desk.site.answers["/story/1"] = Answer(status=500)
        await desk.poll()
        assert desk.site.paths().count("/story/1") == tries
    assert await desk.titles() == ["Story 2"]
    assert await desk.counts() == {EntryState.ADDED: 1, EntryState.FAILED: 1}
    (fault,) = (await desk.feeds.check(SERVER, 1)).faults
    assert fault.startswith("Story 1: ")
    assert "500" in fault


async def test_a_brief_whose_page_cannot_be_read_stands_by_its_own_text(desk: Desk) -> None:
    brief = story(1, 3)
    desk.serve(item(1, text=brief))
    await desk.add()
    for _ in range(3):
        await desk.poll()
    (article,) = await desk.articles()
    assert article.text == brief


# By hand


async def test_a_check_looks_now_and_queues_what_is_new(desk: Desk) -> None:
    desk.serve(item(1))
    await desk.add()
    await desk.poll()
    desk.serve(item(2, day=2), item(1))
    report = await desk.feeds.check(SERVER, 1)
    assert report.new is None  # it was polled just now
    desk.clock.advance(minutes=5)
    report = await desk.feeds.check(SERVER, 1)
    assert (report.new, report.counts) == (1, {EntryState.ADDED: 1, EntryState.QUEUED: 1})
    assert report.feed.due_at == desk.clock.now
    await desk.poll()
    assert await desk.titles() == ["Story 1", "Story 2"]


async def test_failures_of_checks_by_hand_kill_no_feed(desk: Desk) -> None:
    desk.serve(item(1))
    await desk.add()
    await desk.poll()
    del desk.site.answers["/feed"]
    for _ in range(10):
        desk.clock.advance(minutes=2)
        report = await desk.feeds.check(SERVER, 1)
    assert (report.feed.failures, report.new) == (0, None)
    assert "404" in (report.feed.fault or "")


async def test_a_paused_feed_is_left_alone_until_it_is_resumed(desk: Desk) -> None:
    desk.serve(item(1))
    feed = await desk.add()
    await desk.feeds.pause(SERVER, 1, by=7)
    desk.clock.advance(days=1)
    assert await desk.feeds.due() == []
    await desk.feeds.poll(feed.id)
    assert await desk.titles() == []
    await desk.feeds.resume(SERVER, 1, by=7)
    assert [one.id for one in await desk.feeds.due()] == [feed.id]
    await desk.poll()
    assert await desk.titles() == ["Story 1"]


async def test_a_removed_feed_is_gone_and_its_articles_and_its_number_stay(desk: Desk) -> None:
    desk.serve(item(1))
    await desk.add()
    await desk.poll()
    await desk.feeds.remove(SERVER, 1, by=7)
    assert await desk.feeds.list(SERVER) == []
    assert await desk.titles() == ["Story 1"]
    assert (await desk.add()).number == 2
    for work in (desk.feeds.remove, desk.feeds.pause, desk.feeds.resume):
        with pytest.raises(NotFound, match="no feed 1"):
            await work(SERVER, 1, by=7)


async def test_no_server_sees_the_feeds_of_another(desk: Desk) -> None:
    desk.serve(item(1))
    await desk.add()
    await desk.poll()
    assert await desk.feeds.list(6) == []
    with pytest.raises(NotFound):
        await desk.feeds.check(6, 1)
    assert await desk.newsdesk.corpus.articles.visible(6) == []


async def test_feeds_of_a_server_the_bot_has_left_are_not_polled(desk: Desk) -> None:
    desk.serve(item(1))
    await desk.add()
    await desk.poll()
    desk.clock.advance(days=1)
    assert len(await desk.feeds.due()) == 1
    async with desk.newsdesk.corpus._database.write() as begun:
        await begun.execute(update(library).where(library.c.id == SERVER).values(left_at=desk.clock.now))
    assert await desk.feeds.due() == []


async def test_who_did_what_to_a_feed_is_on_record(desk: Desk) -> None:
    desk.serve(item(1))
    await desk.add()
    for work in (desk.feeds.pause, desk.feeds.resume, desk.feeds.remove):
        await work(SERVER, 1, by=7)
    async with desk.newsdesk.corpus._database.read() as begun:
        rows = await begun.execute(select(audit.c.what, audit.c.subject, audit.c.who).order_by(audit.c.id))
        assert [tuple(row) for row in rows] == [
            (f"feed {what}", "1", 7) for what in ("added", "paused", "resumed", "removed")
        ]


async def test_polls_and_checks_of_one_feed_take_turns(desk: Desk) -> None:
    desk.serve(*(item(number) for number in range(8)))
    feed = await desk.add()
    desk.clock.advance(minutes=5)
    await asyncio.gather(
        desk.feeds.poll(feed.id), desk.feeds.check(SERVER, 1), desk.feeds.poll(feed.id), desk.feeds.check(SERVER, 1)
    )
    assert await desk.titles() == [f"Story {number}" for number in range(8)]
    asked = [one for one in desk.site.asked if one.path == "/feed"]
    assert all(earlier.ended <= later.began for earlier, later in pairwise(asked))


# Properties


@settings(max_examples=cases(12, few=4))
@given(polls=st.lists(st.lists(st.integers(0, 40), max_size=30), min_size=1, max_size=4))
async def test_no_poll_adds_more_than_it_may_and_none_comes_in_twice(
    tmp_path_factory: pytest.TempPathFactory, blank_library: Path, polls: list[list[int]]
) -> None:
    clock = Clock(START)
    path = shutil.copy(blank_library, tmp_path_factory.mktemp("feeds") / "newsdesk.db")
    async with (
        serving() as site,
        Newsdesk.open(
            f"sqlite+aiosqlite:///{path}", bot=True, now=clock, chance=Random(1), fetcher=site.fetcher()
        ) as newsdesk,
    ):
        desk, before, wanted = Desk(newsdesk, site, clock), 0, set[int]()
        for at, numbers in enumerate(polls):
            desk.serve(*(item(number, day=at + 1) for number in numbers))
            if at == 0:
                await desk.add()
            else:
                wanted |= set(numbers)
            await desk.poll()
            now = len(await desk.articles())
            assert now - before <= ARTICLES_A_POLL
            before = now
        while EntryState.QUEUED in await desk.counts():
            await desk.poll()
        titles = await desk.titles()
        assert len(set(titles)) == len(titles)
        passed = set(polls[0])
        assert {f"Story {number}" for number in wanted - passed} <= set(titles)
        assert len(titles) <= len(wanted - passed) + min(FIRST_ENTRIES, len(passed))
