"""What another process changes is heard of within a second, and is in the index that is in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection

import pytest

from bot.corpus import Corpus
from bot.model import Document
from bot.newsdesk import Newsdesk
from bot.shards import ONE_SHARD
from tests.corpus.beside import add_where_told
from tests.forks import talking
from tests.postgres import Cluster, why_not

SECONDS = 1.0
NOW = datetime(2026, 5, 12, 8, 30, tzinfo=UTC)


@asynccontextmanager
async def other_process(url: str) -> AsyncIterator[Connection]:
    """Adds an article to the library of each number that it is sent."""
    with talking(add_where_told, url) as (told, process):
        assert await asyncio.to_thread(told.recv) == "ready"
        yield told
        told.close()
        await asyncio.to_thread(process.join)


async def test_what_another_process_adds_is_in_memory_and_with_watches_within_a_second(library_url: str) -> None:
    loop = asyncio.get_running_loop()
    async with Newsdesk.open(library_url, bot=True) as newsdesk, other_process(library_url) as other:
        await newsdesk.add(5, Document("b.txt", "Ferry", "The ferry sails."))
        await newsdesk.watching.add(5, 1, "quagga", speaker=None, source=None, channel_id=9)
        await newsdesk.quotes(5, newsdesk.query("ferry"))
        following = asyncio.create_task(newsdesk.keep_up())
        await asyncio.sleep(0.3)  # it listens by then; what came before is heard of as well
        newsdesk.ownership.connected(ONE_SHARD)
        await newsdesk.ownership.look()  # as a bot does every few seconds: what it owns it looks at
        other.send(5)
        await asyncio.to_thread(other.recv)
        since = loop.time()
        for _ in range(1_000):  # no event tells of another task's work
            if await _has_both(newsdesk):
                break
            await asyncio.sleep(0.02)
        took = loop.time() - since
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    assert took < SECONDS + 1.0  # and what a busy machine adds


async def _has_both(newsdesk: Newsdesk) -> bool:
    """Whether the article is in the index in memory, and a watch has found it."""
    held = newsdesk.indexes._held[5].shelf.articles.size
    return held == 2 and bool(await newsdesk.corpus.notices.targets())


@pytest.mark.long
async def test_what_changed_while_the_server_was_away_is_heard_of_later() -> None:
    if (reason := why_not()) is not None:
        pytest.skip(reason)
    cluster = await asyncio.to_thread(Cluster.new)
    try:
        await asyncio.to_thread(cluster.start)
        await cluster.server.rows("CREATE DATABASE blank TEMPLATE template0")
        url = cluster.server.url("blank")
        async with (
            Corpus.open(url, bot=True) as corpus,
            aclosing(corpus.changes.heard()) as changes,
            asyncio.timeout(50),
        ):
            hearing = asyncio.create_task(anext(changes))
            await asyncio.sleep(0.2)
            await corpus.aliases.set(5, "a", "b", by=None, now=NOW)
            assert await hearing == {5}
            hearing = asyncio.create_task(anext(changes))
            await asyncio.to_thread(cluster.stop, "fast")
            await asyncio.to_thread(cluster.start)
            await corpus.aliases.set(6, "a", "b", by=None, now=NOW)
            assert 6 in await hearing
    finally:
        await asyncio.to_thread(cluster.stop)
        cluster.delete()
