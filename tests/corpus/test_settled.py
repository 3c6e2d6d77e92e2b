"""Row ids under several writers: none is taken for looked at whose article is not there yet."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.corpus import Corpus
from bot.corpus.arriving import insert_articles
from tests.corpus.conftest import Prepare


async def test_an_article_that_is_stored_late_is_not_passed_over(
    postgres_url: str, prepare: Prepare, now: datetime
) -> None:
    async with Corpus.open(postgres_url, bot=True) as corpus, Corpus.open(postgres_url, bot=True) as other:
        first = (await corpus.articles.add(5, prepare("One."), added_by=1, now=now)).article
        assert await corpus.notices.looked_at() == first.id
        async with other._database.write() as begun:
            await insert_articles(begun, 6, [prepare("Two.")], 1, now)
            third = (await corpus.articles.add(5, prepare("Three."), added_by=1, now=now)).article
            assert third.id == first.id + 2
            assert await corpus.notices.newest() == first.id
            assert not await corpus.notices.are_settled()
            assert (await corpus.visits.begin(now)).article_id == first.id
            assert await corpus.notices.came_in(first.id, first.id, ()) == []
        assert await corpus.notices.newest() == third.id
        assert await corpus.notices.are_settled()
        came = await corpus.notices.came_in(first.id, third.id, ())
        assert [one.article_id for one in came] == [first.id + 1, third.id]


async def test_one_that_is_given_up_keeps_nobody_waiting(postgres_url: str, prepare: Prepare, now: datetime) -> None:
    async def fail(corpus: Corpus) -> None:
        async with corpus._database.write() as begun:
            await insert_articles(begun, 6, [prepare("Two.")], 1, now)
            raise ZeroDivisionError

    async with Corpus.open(postgres_url, bot=True) as corpus:
        await corpus.articles.add(5, prepare("One."), added_by=1, now=now)
        with pytest.raises(ZeroDivisionError):
            await fail(corpus)
        third = (await corpus.articles.add(5, prepare("Three."), added_by=1, now=now)).article
        assert await corpus.notices.newest() == third.id == 3


async def test_in_an_empty_database_the_first_is_waited_for(postgres_url: str, prepare: Prepare, now: datetime) -> None:
    async with Corpus.open(postgres_url, bot=True) as corpus, Corpus.open(postgres_url, bot=True) as other:
        async with other._database.write() as begun:
            await insert_articles(begun, 6, [prepare("One.")], 1, now)
            await corpus.articles.add(5, prepare("Two."), added_by=1, now=now)
            assert await corpus.notices.newest() == 0
        assert await corpus.notices.newest() == 2


@pytest.fixture(autouse=True)
def gives_way() -> None:
    """Row ids are counted here: none is taken twice."""
