"""Questions answered in the library's own words: in one trip, and as of now, whoever changed it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from itertools import product
from typing import Any

import pytest

from bot.corpus import View
from bot.corpus.database import Database
from bot.corpus.postgresql_database import PostgresqlDatabase
from bot.corpus.sqlite_database import SqliteDatabase
from bot.model import SHARED, Article, Document
from bot.newsdesk import Newsdesk

NEWSROOM, RIVAL = 101, 202
FERRY = "“The ferry will run all winter,” said Ines Duarte, who runs the line to the four islands off the coast."
BRIDGE = "The bridge over the river is closed for three weeks, and the ferry takes whoever wants to cross meanwhile."


@pytest.fixture
def url(library_url: str) -> str:
    return library_url


@pytest.fixture
async def newsdesk(url: str) -> AsyncIterator[Newsdesk]:
    async with Newsdesk.open(url, bot=True) as opened:
        await opened.add(NEWSROOM, Document(name="a.txt", title="Winter", text=FERRY))
        await opened.add(SHARED, Document(name="b.txt", title="Closed", text=BRIDGE))
        yield opened


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every way to the database that is taken."""
    taken = list[str]()
    for kind, name in product((SqliteDatabase, PostgresqlDatabase), ("look", "read", "write", "change")):
        way: Callable[..., Any] = getattr(kind, name)

        def counted(self: Database, *given: Any, name: str = name, way: Callable[..., Any] = way) -> Any:
            taken.append(name)
            return way(self, *given)

        monkeypatch.setattr(kind, name, counted)
    return taken


@pytest.mark.parametrize("ask", ["quotes", "search"])
async def test_a_question_takes_one_trip_where_the_index_is_current(
    newsdesk: Newsdesk, trips: list[str], ask: str
) -> None:
    asked = newsdesk.query("ferry")
    first = await getattr(newsdesk, ask)(NEWSROOM, asked)
    trips.clear()
    assert await getattr(newsdesk, ask)(NEWSROOM, asked) == first
    assert trips == ["look"]
    assert len(first) == 2


async def test_an_answer_is_as_of_now_whoever_changed_the_library(newsdesk: Newsdesk, url: str) -> None:
    async def titles(library: int) -> set[str]:
        return {quote.article.title for quote in await newsdesk.quotes(library, newsdesk.query("ferry"))}

    assert [await titles(NEWSROOM), await titles(RIVAL)] == [{"Winter", "Closed"}, {"Closed"}]
    async with Newsdesk.open(url, bot=False) as beside:
        await beside.add(RIVAL, Document(name="c.txt", title="New", text=f"Another ferry. {FERRY}"))
        await beside.remove(SHARED, "S1")
    assert [await titles(NEWSROOM), await titles(RIVAL)] == [{"Winter"}, {"New"}]


async def test_quotes_and_hits_carry_the_speech_in_them(newsdesk: Newsdesk) -> None:
    (quote,) = await newsdesk.quotes(NEWSROOM, newsdesk.query("winter"))
    (hit,) = await newsdesk.search(NEWSROOM, newsdesk.query("winter"))
    (phrase,) = await newsdesk.quotes(NEWSROOM, newsdesk.query('"all winter"'))
    assert [one.speaker for one in quote.said] == ["Ines Duarte"]
    assert hit.best.said == quote.said == phrase.said
    assert quote.passage.speaker == hit.best.passage.speaker == phrase.passage.speaker == "Ines Duarte"


async def test_a_correction_is_in_the_next_answer(newsdesk: Newsdesk) -> None:
    asked = newsdesk.query("winter")
    (quote,) = await newsdesk.quotes(NEWSROOM, asked)
    await newsdesk.spoken.correct(NEWSROOM, quote.article, quote.said[0].span, "Rosa Prieto", by=None)
    (after,) = await newsdesk.quotes(NEWSROOM, asked)
    assert (after.passage.speaker, [one.speaker for one in after.said]) == ("Rosa Prieto", ["Rosa Prieto"])


async def test_a_look_reads_one_moment(newsdesk: Newsdesk) -> None:
    def articles(view: View) -> tuple[int, int, bool]:
        return (
            len(view.articles([1, 2, 3])),
            len(view.revisions([NEWSROOM, SHARED, RIVAL])),
            view.is_corrected(NEWSROOM),
        )

    assert await newsdesk.corpus.look(articles) == (2, 2, False)


@pytest.mark.parametrize("asked", ["ferry", "ferry islands winter", '"the ferry"', "ferry -river"])
@pytest.mark.parametrize("corrected", [False, True])
async def test_what_is_read_when_its_page_is_turned_to_is_what_would_have_been_read_at_once(
    newsdesk: Newsdesk, asked: str, *, corrected: bool
) -> None:
    if corrected:
        article = await newsdesk.article(NEWSROOM, "1")
        (quote,) = await newsdesk.quotes(NEWSROOM, newsdesk.query("winter"))
        await newsdesk.spoken.correct(NEWSROOM, article, quote.said[0].span, "Ana Lima", by=None)
    query = newsdesk.query(asked)
    for ask in (newsdesk.quoting.quotes, newsdesk.quoting.hits):
        whole = await ask(NEWSROOM, query, 10, 10)
        answered = await ask(NEWSROOM, query, 10, 1)
        assert tuple(await newsdesk.quoting.again(NEWSROOM, query, answered.places)) == whole.first
        assert all(one.matched for one in whole.first)


async def test_only_what_is_shown_is_read(newsdesk: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    read = list[int]()
    articles = View.articles

    def counted(self: View, ids: Collection[int]) -> dict[int, Article]:
        read.append(len(ids))
        return articles(self, ids)

    monkeypatch.setattr(View, "articles", counted)
    answered = await newsdesk.quoting.quotes(NEWSROOM, newsdesk.query("ferry"), 10, shown=1)
    assert (len(answered.first), len(answered.further), read) == (1, 1, [1])


async def test_what_is_gone_when_its_page_is_turned_to_is_none(newsdesk: Newsdesk) -> None:
    query = newsdesk.query("ferry river")
    answered = await newsdesk.quoting.quotes(NEWSROOM, query, 10, shown=1)
    (place,) = answered.further
    assert [one and one.article.title for one in await newsdesk.quoting.again(NEWSROOM, query, [place])] == ["Winter"]
    assert await newsdesk.quoting.again(RIVAL, query, [place]) == [None]
    await newsdesk.remove(NEWSROOM, "1")
    assert await newsdesk.quoting.again(NEWSROOM, query, [place]) == [None]
