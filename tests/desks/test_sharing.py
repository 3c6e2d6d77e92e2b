"""Several processes on one library: each works for its own servers, and what one leaves another does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from bot.corpus import KEEP_AFTER_LEAVING, Target
from bot.desks.ownership import DEAD_SECONDS
from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from bot.shards import Shards
from tests.clock import Clock

FIRST, SECOND, ANN = 4 << 22, 5 << 22, 1  # a server in each shard of two, and a person in both


class Seconds:
    """The monotonic clock of all of them."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
async def newsdesks(library_url: str, seconds: Seconds, clock: Clock) -> AsyncIterator[list[Newsdesk]]:
    """Two, with a shard each."""
    async with AsyncExitStack() as opened:
        made = []
        for shard in range(2):
            newsdesk = await opened.enter_async_context(Newsdesk.open(library_url, bot=False, alone=False, now=clock))
            newsdesk.ownership._clock = seconds
            newsdesk.ownership.connected(Shards(2, frozenset({shard})))
            made.append(newsdesk)
        await look(made)
        yield made


async def look(newsdesks: list[Newsdesk]) -> None:
    for newsdesk in newsdesks * 2:
        await newsdesk.ownership.look()


async def bury(newsdesks: list[Newsdesk], seconds: Seconds) -> None:
    """Let those that are left find out that they are."""
    for _ in range(4):
        seconds.now += DEAD_SECONDS / 3
        await look(newsdesks)


async def watch(newsdesk: Newsdesk, guild: int, query: str = "ferry") -> None:
    await newsdesk.watching.add(guild, ANN, query, speaker=None, source=None, channel_id=None)


async def add(newsdesk: Newsdesk, text: str, library: int) -> int:
    return (await newsdesk.add(library, Document("a.txt", "Untitled", text))).article.id


async def waiting(newsdesk: Newsdesk, guild: int) -> int:
    return len(await newsdesk.corpus.notices.waiting(Target(guild, ANN, None), 1_000))


def in_memory(newsdesk: Newsdesk) -> set[int]:
    """The libraries of which an index is held, in which there is anything."""
    return {library for library, held in newsdesk.indexes._held.items() if held.shelf.revision}


# Memory


async def test_a_process_holds_the_indexes_of_its_own_servers_alone(newsdesks: list[Newsdesk]) -> None:
    first, second = newsdesks
    for guild in (FIRST, SECOND):
        await watch(newsdesks[guild == SECOND], guild)
        await add(newsdesks[guild == SECOND], "The ferry to the islands runs.", guild)
    await add(first, "A shared ferry runs.", SHARED)
    for newsdesk, guild in ((first, FIRST), (second, SECOND)):
        await newsdesk.watching.follow()
        await newsdesk.tidy()
        assert await newsdesk.quotes(guild, newsdesk.query("ferry"))
    assert in_memory(first) <= {SHARED, FIRST}
    assert in_memory(second) <= {SHARED, SECOND}
    assert FIRST in in_memory(first)
    assert SECOND in in_memory(second)


# Watches


async def test_each_watch_is_asked_once_by_whoever_owns_its_server(newsdesks: list[Newsdesk]) -> None:
    first, second = newsdesks
    await watch(first, FIRST)
    await watch(second, SECOND)
    await add(first, "The ferry runs.", FIRST)
    await add(second, "A shared ferry runs.", SHARED)
    found = await asyncio.gather(*(one.watching.follow() for one in newsdesks))
    assert found == [2, 1]
    assert [await one.watching.follow() for one in newsdesks] == [0, 0]
    assert [await waiting(first, guild) for guild in (FIRST, SECOND)] == [2, 1]


async def test_what_came_in_while_nobody_looked_is_found_by_whoever_takes_over(
    newsdesks: list[Newsdesk], seconds: Seconds
) -> None:
    dead, heir = newsdesks
    await watch(dead, FIRST)
    await add(dead, "The ferry runs.", FIRST)
    assert await dead.watching.follow() == 1
    await add(dead, "Another ferry runs.", FIRST)
    for _ in range(20):  # the heir goes on by itself until it knows
        seconds.now += 3
        await heir.watching.follow()
        await look([heir])
    assert heir.ownership.owns(FIRST)
    await heir.watching.follow()
    assert await waiting(heir, FIRST) == 2


async def test_whoever_takes_over_goes_on_from_the_one_that_was_furthest_behind(newsdesks: list[Newsdesk]) -> None:
    first, second = newsdesks
    await watch(first, FIRST)
    newest = await add(first, "The ferry runs.", FIRST)
    await second.watching.follow()
    assert await first.corpus.notices.looked_at_by_all() < newest
    await first.watching.follow()
    assert await first.corpus.notices.looked_at_by_all() == newest


async def test_what_a_living_process_is_telling_is_left_to_it_and_a_dead_ones_is_given_up(
    newsdesks: list[Newsdesk], seconds: Seconds, clock: Clock
) -> None:
    telling, other = newsdesks
    await watch(telling, FIRST)
    await add(telling, "The ferry runs.", FIRST)
    await telling.watching.follow()
    notices = telling.corpus.notices
    assert len(await notices.claim(await notices.waiting(Target(FIRST, ANN, None), 10), now=clock())) == 1
    assert await other.corpus.notices.give_up_claimed(other.ownership.living) == 0
    await bury([other], seconds)
    assert await other.corpus.notices.give_up_claimed(other.ownership.living) == 1


# Housekeeping and leaving


async def test_what_is_of_no_server_is_tidied_by_one(newsdesks: list[Newsdesk], clock: Clock) -> None:
    first, second = newsdesks
    await watch(first, FIRST)
    await add(first, "The ferry runs.", FIRST)
    await first.watching.follow()
    clock.advance(days=31)
    await second.tidy()
    assert await waiting(first, FIRST) == 1
    await first.tidy()
    assert await waiting(first, FIRST) == 0


async def test_only_servers_of_its_own_shards_are_judged(newsdesks: list[Newsdesk], clock: Clock) -> None:
    first, second = newsdesks
    theirs = [number << 22 for number in range(4, 24)]
    for guild in theirs:
        await add(first, f"The ferry {guild} runs.", guild)
    own = [guild for guild in theirs if guild >> 22 & 1 == 0]
    await first.departures.compare(own[1:], Shards(2, frozenset({0})))
    servers = await first.corpus.leaving.servers()
    assert [guild for guild, left in servers.items() if left] == own[:1]
    clock.advance(days=KEEP_AFTER_LEAVING.days, minutes=1)
    await second.departures.sweep([], Shards(2, frozenset({1})))
    assert (await first.counts(own[0])).articles == 1
    await first.departures.sweep(own[1:], Shards(2, frozenset({0})))
    assert [(await first.counts(guild)).articles for guild in theirs] == [0] + [1] * 19


async def test_a_process_that_sees_no_server_at_all_concludes_nothing(newsdesks: list[Newsdesk], clock: Clock) -> None:
    first, second = newsdesks
    for guild in (FIRST, FIRST + (2 << 22), SECOND):
        await add(first, f"The ferry {guild} runs.", guild)
    await second.departures.compare([SECOND], Shards(2, frozenset({1})))
    await first.departures.compare([], Shards(2, frozenset({0})))
    assert set((await first.corpus.leaving.servers()).values()) == {None}
