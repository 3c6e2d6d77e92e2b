"""Watches, what they found, and visits: numbered, limited, told at most once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert

from bot.corpus import Corpus, Found, Prepared, Target, Watch, schema
from bot.corpus.watches import MOST_OF_A_SERVER, MOST_OF_ONE
from bot.errors import Refused
from bot.model import SHARED, Span

GUILD, ANN, BEN = 7, 1, 2
HERE = Span(0, 9)

Prepare = Callable[..., Prepared]


async def watch(corpus: Corpus, now: datetime, user: int = ANN, query: str = "ferry", **fields: object) -> Watch:
    given = {"speaker": None, "source": None, "channel_id": None, **fields}
    return await corpus.watches.add(GUILD, user, query=query, now=now, **given)  # type: ignore[arg-type]


async def add(corpus: Corpus, prepare: Prepare, now: datetime, text: str = "A ferry.", library: int = GUILD) -> int:
    return (await corpus.articles.add(library, prepare(text), added_by=None, now=now)).article.id


async def test_each_person_numbers_their_own(corpus: Corpus, now: datetime) -> None:
    numbers = [(await watch(corpus, now, user, query)).number for user, query in [(ANN, "a"), (ANN, "b"), (BEN, "c")]]
    assert numbers == [1, 2, 1]
    await corpus.watches.remove(GUILD, ANN, 1)
    assert [one.number for one in await corpus.watches.list(GUILD, ANN)] == [2]
    assert await corpus.watches.amount(GUILD) == (2, 2)
    assert await corpus.watches.list(GUILD + 1, ANN) == []


async def test_nobody_has_more_than_25_and_no_server_more_than_a_thousand(corpus: Corpus, now: datetime) -> None:
    for number in range(MOST_OF_ONE):
        await watch(corpus, now, query=f"word{number}")
    with pytest.raises(Refused, match="You have 25 watches here already"):
        await watch(corpus, now, query="more")
    others = range(100, 100 + MOST_OF_A_SERVER - MOST_OF_ONE - 1)
    rows = [{"guild": GUILD, "user_id": user, "number": 1, "query": "ferry", "created_at": now} for user in others]
    async with corpus._database.write() as begun:
        await begun.execute(insert(schema.watch), rows)
    await watch(corpus, now, user=others.stop)
    with pytest.raises(Refused, match="This server has 1,000 watches already"):
        await watch(corpus, now, user=BEN)


async def test_what_a_watch_found_is_told_once(corpus: Corpus, prepare: Prepare, now: datetime) -> None:
    one = await watch(corpus, now)
    article = await add(corpus, prepare, now)
    await corpus.notices.found([Found(one.id, article, HERE)], article, now=now)
    assert await corpus.notices.targets() == [Target(GUILD, ANN, None)]
    waiting = await corpus.notices.waiting(Target(GUILD, ANN, None), 10)
    assert [(notice.watch, notice.article_id, notice.span) for notice in waiting] == [(one, article, HERE)]
    assert await corpus.notices.claim(waiting, now=now) == waiting
    assert await corpus.notices.claim(waiting, now=now) == []
    await corpus.notices.told(waiting, now=now)
    assert await corpus.notices.targets() == []
    assert await corpus.notices.give_up_claimed() == 0
    assert await corpus.notices.told_since(now - timedelta(minutes=1)) == {Target(GUILD, ANN, None): now}
    assert await corpus.notices.told_since(now) == {}


async def test_what_was_claimed_and_never_settled_is_given_up(corpus: Corpus, prepare: Prepare, now: datetime) -> None:
    one = await watch(corpus, now, channel_id=5)
    article = await add(corpus, prepare, now)
    await corpus.notices.found([Found(one.id, article, HERE)], article, now=now)
    waiting = await corpus.notices.waiting(Target(GUILD, None, 5), 10)
    await corpus.notices.claim(waiting, now=now)
    assert await corpus.notices.give_up_claimed() == 1
    assert await corpus.notices.targets() == []
    assert await corpus.notices.forget_before(now + timedelta(days=1)) == 1


async def test_what_was_surely_not_sent_waits_again(corpus: Corpus, prepare: Prepare, now: datetime) -> None:
    one = await watch(corpus, now)
    article = await add(corpus, prepare, now)
    await corpus.notices.found([Found(one.id, article, HERE)], article, now=now)
    waiting = await corpus.notices.waiting(Target(GUILD, ANN, None), 10)
    await corpus.notices.release(await corpus.notices.claim(waiting, now=now))
    assert await corpus.notices.waiting(Target(GUILD, ANN, None), 10) == waiting


async def test_what_is_found_of_a_watch_that_is_gone_or_still_is_left_out(
    corpus: Corpus, prepare: Prepare, now: datetime
) -> None:
    gone, paused, stopped = [await watch(corpus, now, query=query) for query in ("a", "b", "c")]
    article = await add(corpus, prepare, now)
    await corpus.watches.remove(GUILD, ANN, gone.number)
    await corpus.watches.pause(GUILD, ANN, paused.number, now=now)
    await corpus.watches.stop_private(ANN, "closed")
    found = [Found(one.id, article, HERE) for one in (gone, paused, stopped)]
    await corpus.notices.found([*found, Found(stopped.id, article + 100, HERE)], article, now=now)
    assert await corpus.notices.targets() == []
    assert await corpus.watches.live_guilds() == []


async def test_pausing_and_stopping_forget_what_waits(corpus: Corpus, prepare: Prepare, now: datetime) -> None:
    private, public = await watch(corpus, now), await watch(corpus, now, channel_id=5)
    article = await add(corpus, prepare, now)
    await corpus.notices.found([Found(one.id, article, HERE) for one in (private, public)], article, now=now)
    await corpus.watches.stop_in(5, "the channel no longer exists")
    assert await corpus.notices.targets() == [Target(GUILD, ANN, None)]
    await corpus.watches.pause(GUILD, ANN, private.number, now=now)
    assert await corpus.notices.targets() == []
    resumed = await corpus.watches.resume(GUILD, ANN, public.number)
    assert resumed is not None
    assert resumed.is_live


async def test_articles_are_looked_at_in_the_order_they_came_and_once(
    corpus: Corpus, prepare: Prepare, now: datetime
) -> None:
    await add(corpus, prepare, now, "There before.")
    before = await corpus.notices.looked_at()
    assert before == await corpus.notices.newest()
    first, second = await add(corpus, prepare, now, "One."), await add(corpus, prepare, now, "Two.", SHARED)
    came_in = await corpus.notices.came_in(before, second, [GUILD])
    assert [one.article_id for one in came_in] == [first, second]
    assert [len(one.passages) for one in came_in] == [1, 1]
    await corpus.notices.found([], second, now=now)
    assert await corpus.notices.looked_at() == second


async def test_a_shared_article_says_which_servers_have_its_text(
    corpus: Corpus, prepare: Prepare, now: datetime
) -> None:
    await add(corpus, prepare, now, "The same.")
    shared = await add(corpus, prepare, now, "The same.", SHARED)
    (one,) = await corpus.notices.came_in(shared - 1, shared, [GUILD, GUILD + 1])
    assert one.copied_by == {GUILD}


async def test_a_position_beyond_the_last_article_begins_there_anew(
    corpus: Corpus, prepare: Prepare, now: datetime
) -> None:
    article = await add(corpus, prepare, now)
    await corpus.notices.found([], article + 50, now=now)  # as after a backup was put back
    assert await corpus.notices.looked_at() == article


async def test_a_visit_remembers_what_was_there(corpus: Corpus, prepare: Prepare, now: datetime) -> None:
    assert await corpus.visits.last(GUILD, ANN) is None
    article = await add(corpus, prepare, now)
    for at in (now, now + timedelta(hours=1)):
        made = await corpus.visits.begin(at)
        await corpus.visits.note(GUILD, ANN, made)
        assert await corpus.visits.last(GUILD, ANN) == made == (at, article)
    assert await corpus.visits.last(GUILD, BEN) is None
