"""Watching, without Discord: what comes in by any way is compared once with what people watch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.corpus import Target
from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk

GUILD, OTHER, ANN = 7, 8, 1


@pytest.fixture
def url(library_url: str) -> str:
    return library_url


@pytest.fixture
async def newsdesk(url: str) -> AsyncIterator[Newsdesk]:
    async with Newsdesk.open(url, bot=True, alone=True) as opened:
        yield opened


async def watch(newsdesk: Newsdesk, query: str = "ferry", guild: int = GUILD, **fields: object) -> None:
    given = {"speaker": None, "source": None, "channel_id": None, **fields}
    await newsdesk.watching.add(guild, ANN, query, **given)  # type: ignore[arg-type]


async def add(newsdesk: Newsdesk, text: str, library: int = GUILD) -> None:
    await newsdesk.add(library, Document("a.txt", "Untitled", text))


async def waiting(newsdesk: Newsdesk) -> int:
    notices = newsdesk.corpus.notices
    return sum([len(await notices.waiting(target, 1_000)) for target in await notices.targets()])


async def test_every_server_that_sees_an_article_is_asked(newsdesk: Newsdesk) -> None:
    await watch(newsdesk)
    await watch(newsdesk, guild=OTHER)
    await add(newsdesk, "The ferry runs.")
    assert await newsdesk.watching.follow() == 1
    await add(newsdesk, "A shared ferry runs.", SHARED)
    assert await newsdesk.watching.follow() == 2
    assert set(await newsdesk.corpus.notices.targets()) == {Target(GUILD, ANN, None), Target(OTHER, ANN, None)}


async def test_more_articles_than_are_looked_at_in_one_go_are_all_found(newsdesk: Newsdesk) -> None:
    await watch(newsdesk)
    for number in range(60):
        await add(newsdesk, f"Ferry number {number} runs.")
    assert await newsdesk.watching.follow() == 60
    assert await newsdesk.watching.follow() == 0
    assert await waiting(newsdesk) == 60


async def test_a_follower_that_ends_in_the_middle_finds_each_once_when_it_goes_on(newsdesk: Newsdesk, url: str) -> None:
    await watch(newsdesk)
    for number in range(60):
        await add(newsdesk, f"Ferry number {number} runs.")
    following = asyncio.create_task(newsdesk.watching.follow())
    while await newsdesk.corpus.notices.looked_at() == 0:  # noqa: ASYNC110 - the database is what is waited for
        await asyncio.sleep(0.001)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    async with Newsdesk.open(url, bot=False, alone=True) as again:
        await again.watching.follow()
        assert await waiting(again) == 60


async def test_a_new_watch_counts_at_once_and_a_removed_one_no_more(newsdesk: Newsdesk) -> None:
    await watch(newsdesk, "plane")
    await add(newsdesk, "The ferry runs.")
    await newsdesk.watching.follow()
    await watch(newsdesk)
    await newsdesk.corpus.watches.remove(GUILD, ANN, 1)
    await add(newsdesk, "The plane and the ferry.")
    assert await newsdesk.watching.follow() == 1


async def test_without_a_watch_nothing_is_kept_for_later(newsdesk: Newsdesk) -> None:
    await add(newsdesk, "The ferry runs.")
    assert await newsdesk.watching.follow() == 0
    await watch(newsdesk)
    assert await newsdesk.watching.follow() == 0


async def test_the_names_that_admins_joined_are_one_person(newsdesk: Newsdesk) -> None:
    await add(newsdesk, "“We will wait here for the boat,” said Ines Duarte, the mayor of the town.")
    await add(newsdesk, "“We will never wait for a boat,” said Nena Pires, the mayor of the town.")
    await newsdesk.spoken.join(GUILD, "Nena Pires", "Ines Duarte", by=None)
    await watch(newsdesk, "speaker:Duarte")
    await add(newsdesk, "“Then let us all go home to bed,” said Nena Pires, the mayor of the town.")
    assert await newsdesk.watching.follow() == 1


async def test_a_source_and_a_speaker_may_be_given_apart(newsdesk: Newsdesk) -> None:
    await watch(newsdesk, "boat", speaker=" Duarte ", source="post")
    said = "“We will wait here for the boat,” said Ines Duarte, the mayor."
    await newsdesk.add(GUILD, Document("a.txt", "A", said, outlet="The Harbour Post"))
    await newsdesk.add(GUILD, Document("a.txt", "B", said + " Again.", outlet="Herald"))
    assert await newsdesk.watching.follow() == 1


async def test_old_notices_are_forgotten_by_the_tidying(newsdesk: Newsdesk) -> None:
    await watch(newsdesk)
    await add(newsdesk, "The ferry runs.")
    await newsdesk.watching.follow()
    await newsdesk.tidy()
    assert await waiting(newsdesk) == 1
    later = newsdesk.now() + timedelta(days=31)
    newsdesk.now = lambda: later
    await newsdesk.tidy()
    assert await waiting(newsdesk) == 0


async def test_watches_of_a_server_where_nothing_comes_in_leave_memory_and_find_what_does(newsdesk: Newsdesk) -> None:
    await watch(newsdesk)
    await add(newsdesk, "The ferry runs.")
    await newsdesk.watching.follow()
    await newsdesk.tidy()
    assert GUILD in newsdesk.watching._registries
    await newsdesk.tidy()
    assert not newsdesk.watching._registries
    await add(newsdesk, "The ferry runs again.")
    assert await newsdesk.watching.follow() == 1
