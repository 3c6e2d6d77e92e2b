"""/feed: what an admin is shown, and what is said in the channel when a feed dies."""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import AsyncIterator, Callable
from random import Random

import pytest

from bot.corpus import Feed
from bot.newsdesk import Newsdesk
from bot.reading.politeness import HostTurns
from tests.commands.conftest import Clock, World, shown, texts
from tests.feed_site import HOST, Answer, Site, item, rss, serving

FEED = f"http://{HOST}/feed"
DAY = 24 * 3600


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving() as up:
        up.answers["/feed"] = Answer(rss(item(number, day=number + 1) for number in range(12)))
        yield up


@pytest.fixture
async def newsdesk(url: str, clock: Clock, site: Site) -> AsyncIterator[Newsdesk]:
    """The starter library, for which every address leads to the site of this test."""
    async with Newsdesk.open(url, bot=True, now=clock, chance=Random(1), fetcher=site.fetcher()) as opened:
        opened.feeds._turns = HostTurns(0.0)
        yield opened


async def feed(world: World, command: str, **options: object) -> str:
    """What an admin is shown, also where it takes a while: a child of the sandbox may have to be started."""
    given = await world.admin.slash(world.channel, f"feed {command}", **options)
    await until(lambda: bool(shown(given)))
    return shown(given)


async def until(done: Callable[[], bool]) -> None:
    """Wait by the real clock: simcord's stands still."""
    for _ in range(1_000):
        if done():
            return
        await asyncio.to_thread(time.sleep, 0.01)
    pytest.fail("it took more than ten seconds")


async def said(world: World) -> list[str]:
    """What stands in the channel, after what is due was polled."""
    await world.client.feed_poller.tick()
    await world.env.settle()
    return [texts([dict(part.to_dict()) for part in message.components]) for message in world.channel.history()]


async def titles(world: World) -> list[str]:
    return [one.title for one in await world.newsdesk.headings(world.guild.id) if one.title.startswith("Story")]


async def test_a_feed_that_is_added_shows_what_it_holds_and_comes_in(world: World) -> None:
    card = await feed(world, "add", address=FEED)
    assert "**1.** **Harbour News** · http\\://news.example.org/feed" in card
    assert "12 entries found: the 10 newest come in now, 2 older ones are passed over." in card
    assert "Newest: “Story 11”, 12 May 2025" in card
    assert "I say so once in this channel" in card
    assert await said(world) == []
    assert sorted(await titles(world)) == sorted(f"Story {number}" for number in range(2, 12))
    stored = await world.newsdesk.article(world.guild.id, "Story 11")
    assert (stored.outlet, stored.added_by) == ("Harbour News", None)


async def test_list_check_pause_resume_and_remove(world: World, site: Site) -> None:
    assert "`/feed add`" in await feed(world, "list")
    await feed(world, "add", address=FEED)
    await said(world)
    assert "**1.** **Harbour News**" in await feed(world, "list")
    assert "Next poll: <t:" in await feed(world, "list")
    assert "Last poll: <t:" in await feed(world, "check", number=1)
    await world.env.advance_time(300)
    site.answers["/feed"].body = rss([item(20, day=20), item(11, day=12)])
    checked = await feed(world, "check", number=1)
    assert "Read just now: 1 new entry." in checked
    assert "Entries: 10 came in · 1 in the queue · 2 passed over as older" in checked
    assert "Paused since <t:" in await feed(world, "pause", number=1)
    await said(world)
    assert "Story 20" not in await titles(world)
    assert "Next poll: <t:" in await feed(world, "resume", number=1)
    await said(world)
    assert "Story 20" in await titles(world)
    assert "nothing more comes in from **Harbour News**" in await feed(world, "remove", number=1)
    assert "has no feed 1" in await feed(world, "check", number=1)


async def test_what_an_entry_could_not_be_read_for_is_shown(world: World, site: Site) -> None:
    site.answers["/feed"].body = rss([item(1, text="Short…")])
    await feed(world, "add", address=FEED)
    await said(world)
    assert "- Story 1\\: news.example.org has no such page \\(404\\)" in await feed(world, "check", number=1)


async def test_a_wrong_address_is_explained(world: World) -> None:
    assert "is no web address" in await feed(world, "add", address="what ever")
    assert "has no such page" in await feed(world, "add", address=f"{FEED}s")
    assert "No feed is followed here" in await feed(world, "list")


async def test_feeds_are_offered_by_number_and_title(world: World, site: Site) -> None:
    site.answers["/sport"] = Answer(rss([item(1)], title="Sport"))
    await feed(world, "add", address=FEED)
    await feed(world, "add", address=f"http://{HOST}/sport")
    for typed, numbers in (("", [1, 2]), ("2", [2]), ("harb", [1]), ("spo", [2]), ("example.org", [1, 2]), ("x9", [])):
        choices = await world.admin.autocomplete(world.channel, "feed check", "number", typed)
        assert [choice["value"] for choice in choices] == numbers, typed
    offered = await world.stranger.autocomplete(world.other_channel, "feed check", "number", "")
    assert offered == []


async def test_titles_of_feeds_are_shown_as_written(world: World, site: Site) -> None:
    site.answers["/feed"] = Answer(rss([item(1)], title="@everyone **x** [a](http://b.example)"))
    card = await feed(world, "add", address=FEED)
    assert "\\@everyone \\*\\*x\\*\\* \\[a\\]\\(http\\://b.example\\)" in card


async def test_fifty_feeds_fit_on_pages(world: World, site: Site) -> None:
    for number in range(1, 51):
        site.answers[f"/{number}"] = Answer(rss([], title=f"Feed number {number} " + "long " * 40))
        await world.newsdesk.feeds.add(world.guild.id, f"http://{HOST}/{number}", channel_id=None, by=None)
    assert "Page 1 of 5" in await feed(world, "list")
    last = await feed(world, "list", page=9)
    assert "**50.** **Feed number 50" in last
    assert "Page 5 of 5" in last
    assert "50 feeds already" in await feed(world, "add", address=FEED)


async def test_a_feed_that_dies_is_reported_once_where_it_was_added(world: World, site: Site) -> None:
    await feed(world, "add", address=FEED)
    del site.answers["/feed"]
    for _ in range(7):
        assert await said(world) == []
        await world.env.advance_time(DAY)
    (told,) = await said(world)
    assert "A feed has stopped" in told
    assert "news.example.org has no such page \\(404\\)" in told
    assert "`/feed remove number:1`" in told
    for _ in range(3):
        await world.env.advance_time(DAY)
        assert len(await said(world)) == 1
    assert "**Could not be read** (11 times)" in await feed(world, "list")


async def test_a_feed_that_lives_again_and_dies_again_is_reported_again(world: World, site: Site) -> None:
    await feed(world, "add", address=FEED)
    alive = site.answers["/feed"]
    for times in (1, 2):
        site.answers["/feed"] = Answer(status=410)
        await world.env.advance_time(DAY)
        assert len(await said(world)) == times
        site.answers["/feed"] = alive
        await world.env.advance_time(DAY)
        assert len(await said(world)) == times
        assert "Could not be read" not in await feed(world, "list")


async def test_what_could_not_be_said_is_said_after_the_next_failure(world: World, site: Site) -> None:
    await feed(world, "add", address=FEED)
    site.answers["/feed"] = Answer(status=410)
    world.env.inject_error("POST", "/channels/*/messages", status=503, times=1)
    assert await said(world) == []
    for _ in range(2):
        await world.env.advance_time(DAY)
        assert len(await said(world)) == 1


async def test_a_channel_that_takes_nothing_is_not_tried_again(world: World, site: Site) -> None:
    await feed(world, "add", address=FEED)
    site.answers["/feed"] = Answer(status=410)
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50013, times=1)
    for _ in range(3):
        assert await said(world) == []
        await world.env.advance_time(DAY)


async def test_a_fault_of_one_feed_stops_no_other(world: World, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.answers["/other"] = Answer(rss([item(30)]))
    await feed(world, "add", address=FEED)
    await feed(world, "add", address=f"http://{HOST}/other")
    poll = world.newsdesk.feeds.poll

    async def broken(feed_id: int) -> Feed | None:
        if feed_id == 1:
            tries.append(feed_id)
            raise RuntimeError
        return await poll(feed_id)

    tries: list[int] = []
    monkeypatch.setattr(world.newsdesk.feeds, "poll", broken)
    for _ in range(3):
        await said(world)
    assert await titles(world) == ["Story 30"]
    assert tries == [1], "it is left alone for a while"
    await world.env.advance_time(1_800)
    await said(world)
    assert tries == [1, 1]


async def test_a_slow_host_holds_up_no_other_and_the_poller_ends_at_once(world: World, site: Site) -> None:
    site.answers["/other"] = Answer(rss([item(30)]))
    await feed(world, "add", address=FEED)
    assert "Feed added" in await feed(world, "add", address="http://quick.example.org/other")
    site.answers["/feed"].after_seconds = 10.0
    running = asyncio.create_task(world.client.feed_poller.run(), context=contextvars.Context())
    await until(lambda: site.paths().count("/other") == 2 and site.paths().count("/feed") == 2)
    while not await titles(world):
        await asyncio.to_thread(time.sleep, 0.01)
    began = time.monotonic()
    running.cancel()
    await asyncio.wait({running})
    assert running.cancelled()
    assert time.monotonic() - began < 2
    assert await titles(world) == ["Story 30"]
