"""A bot with several shards: each is begun, lost and taken up again by itself. In this process, over real sockets."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.discord_app import app, sharding
from bot.discord_app.client import NewsdeskClient
from bot.discord_app.sharding import PatientBackoff
from bot.errors import NoConnection
from bot.health import Connection
from bot.newsdesk import Newsdesk
from bot.shards import Shards
from tests.wire.conftest import Serving
from tests.wire.double import PATIENCE_SECONDS, Double
from tests.wire.places import channel_of
from tests.wire.servers import Shard
from tests.wire.serving import end_of, served

COUNT = 3


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharding, "IDENTIFY_SECONDS", 0.0)


@pytest.fixture
def guilds(double: Double) -> list[str]:
    """A server on each shard."""
    double.starts.shards = COUNT
    return [
        next(iter(double.servers.of(Shard(number, COUNT)))) for _ in [double.populate(6)] for number in range(COUNT)
    ]


async def until(connection: Connection, client: NewsdeskClient) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while client.gateway.connection is not connection:  # noqa: ASYNC110 - discord.py tells it alone
            await asyncio.sleep(0.005)


async def test_it_has_as_many_shards_as_discord_recommends(double: Double, serving: Serving, guilds: list[str]) -> None:
    async with serving(None) as client:
        assert client.shard_count == COUNT
        assert len(client.guilds) == 7
        for guild in guilds:
            assert (await double.command("help", where=channel_of(guild))).ephemeral
    assert double.gateway.unheard == []


async def test_it_has_the_shards_that_it_is_given_and_judges_no_others_servers(
    double: Double, newsdesk: Newsdesk, serving: Serving, guilds: list[str]
) -> None:
    for guild in map(int, guilds):
        await newsdesk.corpus.audit.note(guild, "digest corrected", "1", who=None, at=newsdesk.now(), details={})
        await newsdesk.corpus.schedules.add(
            guild, channel_id=1, at="08:30", zone="UTC", period="all", created_by=None, now=newsdesk.now()
        )
    async with serving(Shards(COUNT, frozenset({1}))) as client:
        assert double.gateway.connected() == {Shard(1, COUNT): 1}
        assert {str(guild.id) for guild in client.guilds} == set(double.servers.of(Shard(1, COUNT)))
        await client.membership.look()
        assert (await double.command("help", where=channel_of(guilds[1]))).ephemeral
    assert set((await newsdesk.corpus.leaving.servers()).values()) == {None}


async def test_a_shard_that_is_lost_is_told_of_and_the_others_go_on(
    double: Double,
    serving: Serving,
    guilds: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What was asked of it meanwhile is answered, however often it could not be taken up again."""
    monkeypatch.setattr(PatientBackoff, "delay", lambda self: 0.01)
    async with serving(None) as client:
        double.fail("GET", "/gateway", status=503, times=1_000)
        double.gateway.cut(Shard(1, COUNT))
        await until(Connection.DOWN, client)
        assert client.gateway.down == {1}
        asked = asyncio.create_task(double.command("help", where=channel_of(guilds[1])))
        for guild in (guilds[0], guilds[2]):
            assert (await double.command("help", where=channel_of(guild))).ephemeral
        assert not asked.done()
        double.heal()
        assert (await asked).ephemeral
        await until(Connection.READY, client)
        assert client.gateway.down == frozenset()
    assert (double.identified, double.resumed) == (COUNT, 1)
    assert {record.name for record in caplog.records if record.exc_info} == {"discord.shard"}


async def test_all_shards_that_are_lost_at_once_are_all_taken_up_again(
    double: Double, serving: Serving, guilds: list[str]
) -> None:
    async with serving(None) as client:
        double.lose_gateway()
        await double.until(lambda: double.resumed == COUNT)
        await until(Connection.READY, client)
        for guild in guilds:
            assert (await double.command("help", where=channel_of(guild))).ephemeral
    assert double.identified == COUNT


async def test_a_server_that_was_left_while_its_session_was_gone_is_not_taken_for_present(
    double: Double, serving: Serving, guilds: list[str]
) -> None:
    async with serving(None) as client:
        gone, other = double.servers.of(Shard(1, COUNT))[:2]
        double.servers.leave(gone)
        double.gateway.forget_session(Shard(1, COUNT))
        double.gateway.cut(Shard(1, COUNT))
        await double.until(lambda: double.identified == COUNT + 1)
        await until(Connection.READY, client)
        assert (await double.command("help", where=channel_of(other))).ephemeral
        assert client.get_guild(int(gone)) is None
        assert len(client.guilds) == 6


async def test_sessions_begin_as_far_apart_as_discord_asks(
    double: Double, serving: Serving, guilds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharding, "IDENTIFY_SECONDS", 0.2)
    double.starts.seconds = 0.15
    async with serving(None) as client:
        double.gateway.forget_session()
        double.lose_gateway()
        await double.until(lambda: double.identified == 2 * COUNT)
        await until(Connection.READY, client)
    assert double.starts.hasty == []


async def test_a_session_that_another_process_kept_from_beginning_begins_a_little_later(
    double: Double, serving: Serving, guilds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharding, "IDENTIFY_SECONDS", 0.05)
    take, refused = double.starts.take, iter([True])
    monkeypatch.setattr(double.starts, "take", lambda shard: not next(refused, False) and take(shard))
    async with serving(Shards(COUNT, frozenset({0}))):
        assert (await double.command("help", where=channel_of(guilds[0]))).ephemeral
    assert next(refused, None) is None
    assert double.identified == 1


async def test_a_gateway_that_is_there_later_is_found_without_a_deeper_and_deeper_stack(
    double: Double, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PatientBackoff, "delay", lambda self: 0.0)
    double.fail("GET", "/gateway", status=503, times=40)
    deepest = list[int]()
    launch = sharding.ShardedClient.launch_shard

    async def launched(self: sharding.ShardedClient, *given: object, **named: object) -> None:
        deepest.append(1)
        await launch(self, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(sharding.ShardedClient, "launch_shard", launched)
    async with serving():
        assert (await double.command("help")).ephemeral
    assert deepest == [1]


async def test_where_discord_does_not_say_how_many_shards_there_is_no_connection(
    double: Double, newsdesk: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "START_SECONDS", 0)
    double.fail("GET", "/gateway/bot", status=404, times=5)
    async with served(newsdesk, shards=None) as bot:
        with pytest.raises(NoConnection):
            await end_of(bot)


async def test_a_shard_that_is_being_taken_up_does_not_delay_the_end(
    double: Double, serving: Serving, guilds: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(None) as client:
        double.fail("GET", "/gateway", delay_seconds=PATIENCE_SECONDS, times=1_000)
        double.lose_gateway()
        await until(Connection.DOWN, client)
        begun = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - begun < 2
    assert [record.getMessage() for record in caplog.records if record.levelno > logging.WARNING] == []
