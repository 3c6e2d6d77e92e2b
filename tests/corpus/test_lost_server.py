"""A server that is lost at every message in turn, or says nothing more: what was acknowledged, and what is there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from itertools import count

import pytest
from sqlalchemy import make_url, text

from bot.corpus import Corpus, DeliveryState, Outcome, hearing, postgresql
from bot.corpus.postgresql_database import LOOKERS, READERS
from bot.desks.preparing import prepare
from bot.errors import CorpusAway, CorpusInUse, CorpusUnsure
from tests.corpus.libraries import document
from tests.postgres import Server
from tests.proxy import Proxy, Side
from tests.stored import passages_of

pytest.importorskip("asyncpg")

NOW = datetime(2026, 5, 12, 8, 30, tzinfo=UTC)
GUILD = 5
QUICK_SECONDS = 0.7
UNHEARD: tuple[Side, ...] = ("before", "after")


@pytest.fixture(autouse=True)
def gives_way() -> None:
    """Here the server is lost, and does not refuse."""


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a server that says nothing for a moment only."""
    for name in ("CONNECT_SECONDS", "BEGIN_SECONDS", "STATEMENT_SECONDS"):
        monkeypatch.setattr(postgresql, name, QUICK_SECONDS)


@pytest.fixture
async def proxy(postgres: Server) -> AsyncIterator[Proxy]:
    async with Proxy(postgres) as opened:
        yield opened


@pytest.fixture
async def plain(postgres_url: str) -> AsyncIterator[Corpus]:
    """The library by a way on which nothing is lost."""
    async with Corpus.open(postgres_url, bot=True) as corpus:
        yield corpus


@pytest.fixture
async def corpus(proxy: Proxy, postgres_url: str) -> AsyncIterator[Corpus]:
    async with Corpus.open(proxy.url(make_url(postgres_url).database or ""), bot=True) as opened:
        yield opened


@pytest.mark.many
@pytest.mark.parametrize("side", UNHEARD)
async def test_wherever_the_server_is_lost_an_article_is_there_once_as_was_said(
    proxy: Proxy, corpus: Corpus, plain: Corpus, side: Side
) -> None:
    unsure = set()
    for number in count(1):
        article, cuts = prepare(document(number, words=3)), proxy.cuts
        proxy.cut_at(number, side)
        try:
            told: Exception | None = None
            await corpus.articles.add(GUILD, article, added_by=1, now=NOW)
        except CorpusAway as error:
            told = error
        is_there = bool(await plain.articles.by_text(GUILD, [article.fingerprint]))
        if isinstance(told, CorpusUnsure):
            unsure.add(is_there)
        else:
            assert is_there is (told is None)
        proxy.mend()
        again = await corpus.articles.add(GUILD, article, added_by=1, now=NOW)
        assert again.outcome is (Outcome.UNCHANGED if is_there else Outcome.ADDED)
        if proxy.cuts == cuts:
            break  # no message was left to be lost
    assert number > 40
    assert unsure == {side == "after"}
    stored = await passages_of(plain, GUILD)
    assert [article.number for article, _ in stored] == list(range(1, number + 1))
    assert {len(passages) for _, passages in stored} == {len(article_parts(number))}
    assert await plain.integrity() == []


def article_parts(number: int) -> list[object]:
    return list(prepare(document(number, words=3)).analysis.passages)


@pytest.mark.many
@pytest.mark.parametrize("side", UNHEARD)
async def test_wherever_the_server_is_lost_a_digest_is_claimed_once_and_marked(
    proxy: Proxy, corpus: Corpus, plain: Corpus, side: Side
) -> None:
    settings = {"at": "08:00", "zone": "UTC", "period": "all", "created_by": 1, "now": NOW}
    for number in count(1):
        schedule = await plain.schedules.add(GUILD, channel_id=7, **settings)  # type: ignore[arg-type]
        (planned,) = await plain.deliveries.plan(schedule.id, NOW.date(), ["[]"], channel_id=7, now=NOW)
        cuts = proxy.cuts
        proxy.cut_at(number, side)
        granted, told = 0, None
        try:
            granted += await corpus.deliveries.claim(planned.id, now=NOW)
        except CorpusAway as error:
            told = error
        last = await plain.deliveries.last(schedule.id)
        assert last is not None
        if told is None:
            assert (granted, last.state) == (1, DeliveryState.SENDING)
        elif not isinstance(told, CorpusUnsure):
            assert last.state is DeliveryState.READY
        proxy.mend()
        granted += await corpus.deliveries.claim(planned.id, now=NOW)
        assert granted == (last.state is DeliveryState.READY or told is None)

        proxy.cut_at(number, side)
        try:
            marked = await corpus.deliveries.mark(planned.id, DeliveryState.SENT, now=NOW, message_id=number)
        except CorpusAway:
            marked = None
        last = await plain.deliveries.last(schedule.id)
        assert last is not None
        assert marked is None or (marked, last.state) == (True, DeliveryState.SENT)
        proxy.mend()
        is_done = last.state is DeliveryState.SENT
        again = await corpus.deliveries.mark(planned.id, DeliveryState.SENT, now=NOW, message_id=number)
        assert again is not is_done
        last = await plain.deliveries.last(schedule.id)
        assert last is not None
        assert (last.state, last.message_id) == (DeliveryState.SENT, number)
        if proxy.cuts == cuts:
            break
    assert number > 7


@pytest.mark.many
@pytest.mark.parametrize("side", UNHEARD)
async def test_wherever_the_server_is_lost_answers_keep_their_buttons(
    proxy: Proxy, corpus: Corpus, plain: Corpus, caplog: pytest.LogCaptureFixture, side: Side
) -> None:
    kept = [await corpus.answers.save(GUILD, 1, "draft", "0", now=NOW)]
    for number in count(1):
        cuts = proxy.cuts
        proxy.cut_at(number, side)
        kept.append(await corpus.answers.save(GUILD, 1, "draft", f"{number}", now=NOW))
        proxy.mend()
        assert (await corpus.answers.load(kept[-1])) is not None
        if proxy.cuts == cuts:
            break
    assert number > 7
    assert str(CorpusUnsure()) in caplog.text
    stored = [await plain.answers.load(one) for one in kept]
    assert [one and one.payload for one in stored] == [str(one) for one in range(number + 1)]


# A server that says nothing


@pytest.mark.usefixtures("quick")
async def test_of_many_who_ask_a_silent_server_all_are_told_together(proxy: Proxy, corpus: Corpus) -> None:
    proxy.stall()
    begun = time.monotonic()
    asked = [corpus.articles.counts(GUILD) for _ in range(READERS * 10)]
    asked_at_once = [corpus.articles.find(GUILD, 1) for _ in range(LOOKERS * 10)]
    told = await asyncio.gather(*asked, *asked_at_once, return_exceptions=True)
    assert {type(one) for one in told} == {CorpusAway}
    assert time.monotonic() - begun < QUICK_SECONDS * 6
    assert corpus.presence.is_away
    proxy.mend()
    assert (await corpus.articles.counts(GUILD)).articles == 0
    assert not corpus.presence.is_away


@pytest.mark.usefixtures("quick")
async def test_that_open_connections_lead_nowhere_is_found_out_once(proxy: Proxy, corpus: Corpus) -> None:
    await asyncio.gather(*(corpus.articles.counts(GUILD) for _ in range(READERS)))
    proxy.forget()
    for _ in range(READERS):
        assert (await corpus.articles.counts(GUILD)).articles == 0
    assert proxy.asked_in_vain == 1


@pytest.mark.usefixtures("quick")
async def test_a_statement_that_hangs_ends_in_a_sentence_and_leaves_nothing(
    proxy: Proxy, corpus: Corpus, plain: Corpus
) -> None:
    async def hang() -> None:
        async with corpus._database.write() as begun:
            await begun.execute(text("INSERT INTO note VALUES ('half', '1')"))
            proxy.stall()
            await begun.execute(text("INSERT INTO note VALUES ('other half', '1')"))

    begun = time.monotonic()
    with pytest.raises(CorpusAway) as told:
        await hang()
    assert not isinstance(told.value, CorpusUnsure)
    assert time.monotonic() - begun < QUICK_SECONDS * 3
    proxy.mend()
    await corpus.notes.set("half", "2")
    assert await plain.notes.get("half") == "2"


@pytest.mark.usefixtures("quick")
async def test_a_library_is_closed_while_its_server_says_nothing(proxy: Proxy, postgres_url: str) -> None:
    async with Corpus.open(proxy.url(make_url(postgres_url).database or ""), bot=True) as corpus:
        for _ in range(2):
            await asyncio.gather(*(corpus.articles.counts(GUILD) for _ in range(READERS)), corpus.notes.set("a", "b"))
            await asyncio.gather(*(corpus.articles.find(GUILD, 1) for _ in range(LOOKERS)))
        proxy.stall()
        begun = time.monotonic()
    assert time.monotonic() - begun < 4


async def test_who_waits_for_a_lock_of_somebody_elses_is_told(
    postgres_url: str, plain: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgresql._SERVER_SETTINGS, "lock_timeout", "200ms")
    monkeypatch.setitem(postgresql._WRITER_SETTINGS, "lock_timeout", "200ms")
    async with Corpus.open(postgres_url, bot=True) as corpus:
        async with plain._database.write() as begun:
            await begun.execute(text("LOCK TABLE note IN ACCESS EXCLUSIVE MODE"))
            for use in (corpus.notes.get("a"), corpus.notes.set("a", "b")):
                with pytest.raises(CorpusInUse, match="busy for too long"):
                    await use
        await corpus.notes.set("a", "b")
        assert not corpus.presence.is_away


@pytest.mark.usefixtures("quick")
async def test_a_host_that_says_nothing_does_not_hide_the_next_one(
    proxy: Proxy, postgres: Server, postgres_url: str
) -> None:
    """As after a failover: of two hosts, the first was switched off."""
    proxy.stall()
    hosts = f"host=127.0.0.1:{proxy.port}&host={postgres.folder}:{postgres.port}"
    url = f"postgresql+asyncpg://newsdesk@/{make_url(postgres_url).database}?{hosts}&ssl=disable"
    async with Corpus.open(url, bot=True) as corpus:
        await corpus.notes.set("a", "b")
        tried = proxy.connections
        await asyncio.gather(*(corpus.notes.set(f"{number}", "b") for number in range(3)))
        assert proxy.connections == tried  # it is known by now which one is there


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("lose", [Proxy.cut, Proxy.forget], ids=["cut", "forgotten"])
async def test_changes_of_others_are_heard_again_after_the_connection_was_lost(
    proxy: Proxy, corpus: Corpus, plain: Corpus, monkeypatch: pytest.MonkeyPatch, lose: Callable[[Proxy], None]
) -> None:
    monkeypatch.setattr(hearing, "SILENT_SECONDS", QUICK_SECONDS)
    async with asyncio.timeout(10), aclosing(corpus.changes.heard()) as changes:
        for number in range(1, 4):
            hears = asyncio.ensure_future(anext(changes))
            await asyncio.sleep(QUICK_SECONDS)  # it listens by then, or hears of it when it does
            await plain.articles.add(GUILD, prepare(document(number)), added_by=1, now=NOW)
            assert await hears == {GUILD}
            lose(proxy)
