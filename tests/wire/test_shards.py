"""The double's shards: who is told of what, who may begin a session and when. Plain discord.py is the one that asks."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import aiohttp
import discord
import pytest

from tests.contract import SCHEMA_AVAILABLE, SCHEMA_MISSING
from tests.wire import objects
from tests.wire.double import COMMAND, PATIENCE_SECONDS, TOKEN, Double
from tests.wire.gateway import DISPATCH, HELLO, IDENTIFY, INVALID_SESSION, RESUME
from tests.wire.launch import pointed_at
from tests.wire.objects import GUILD, MEMBER, Json
from tests.wire.peer import Peer
from tests.wire.places import TEXT, channel_of
from tests.wire.servers import IDENTIFY_SECONDS, Shard

SERVERS = 12


class Listener(Peer):
    """Notes what it is told: each interaction's server, new names of channels, servers that it leaves, messages."""

    def __init__(self, **shards: Any) -> None:
        super().__init__(**shards)
        self.heard: list[str | None] = []
        self.renamed: list[str] = []
        self.removed: list[int] = []
        self.read: list[str] = []

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        self.heard.append(None if interaction.guild_id is None else str(interaction.guild_id))

    async def on_guild_channel_update(self, _: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        self.renamed.append(after.name)

    async def on_message(self, message: discord.Message) -> None:
        self.read.append(message.content)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.removed.append(guild.id)


@asynccontextmanager
async def peers(discord: Double, *shards: Sequence[int], count: int) -> AsyncIterator[list[Listener]]:
    """A client for each set of ``shards``, connected and ready, side by side as processes are."""
    made = [Listener(shard_ids=list(ids), shard_count=count) for ids in shards]
    running = [asyncio.create_task(peer.start(TOKEN)) for peer in made]
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await discord.ready(*(Shard(one, count) for ids in shards for one in ids))
            for peer in made:
                await peer.wait_until_ready()
                await until(partial(knows_all_servers, peer))
        yield made
    finally:
        for peer in made:
            await peer.close()
        await asyncio.gather(*running, return_exceptions=True)


async def read(peer: Listener) -> list[str]:
    """The messages that a client was told of, once there are any."""
    await until(lambda: peer.read)
    return peer.read


def knows_all_servers(peer: Listener) -> bool:
    """discord.py is ready as well where a server takes its time: it knows of that one that it is there."""
    return not any(guild.unavailable for guild in peer.guilds)


async def say(double: Double, guild: str | None) -> None:
    """Somebody gives a command in a server, or in private; nobody answers."""
    where = double.places.private(MEMBER).id if guild is None else channel_of(guild)
    await double.ask(COMMAND, {"id": "1", "name": "help", "type": 1}, MEMBER, where=where)


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():  # noqa: ASYNC110 - what discord.py has done with an event it tells nobody
            await asyncio.sleep(0.005)


async def heard(peer: Listener, number: int) -> list[str | None]:
    """What a client was told, once that is so much."""
    await until(lambda: len(peer.heard) >= number)
    return peer.heard


class Line:
    """A bare connection to the gateway, for what discord.py never does."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def identify(self, *shard: int, token: str = TOKEN) -> Json | int:
        """The first answer to an IDENTIFY, or the code with which the connection was closed."""
        named = {"shard": list(shard)} if shard else {}
        await self.socket.send_json({"op": IDENTIFY, "d": {"token": token, "intents": 1, "properties": {}, **named}})
        return await self.answer()

    async def resume(self, session: str, seen: int) -> Json | int:
        await self.socket.send_json({"op": RESUME, "d": {"token": TOKEN, "session_id": session, "seq": seen}})
        return await self.answer()

    async def answer(self) -> Json | int:
        frame = await self.socket.receive(timeout=PATIENCE_SECONDS)
        if frame.type is aiohttp.WSMsgType.TEXT:
            said: Json = frame.json()
            return said
        assert self.socket.close_code is not None
        return self.socket.close_code

    async def events(self, number: int) -> list[Json]:
        """The next dispatches."""
        said = [await self.answer() for _ in range(number)]
        return [one for one in said if isinstance(one, dict) and one["op"] == DISPATCH]


@asynccontextmanager
async def line(double: Double, process: str = "") -> AsyncIterator[Line]:
    address = double.address_of(process) if process else double.address
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{address}/gateway") as socket:
        opened = Line(socket)
        hello = await opened.answer()
        assert isinstance(hello, dict)
        assert hello["op"] == HELLO
        yield opened


async def test_a_server_is_told_of_to_its_shard_and_to_no_other(double: Double) -> None:
    servers = [GUILD, *double.populate(SERVERS)]
    async with peers(double, [0, 2], [1, 3], count=4) as (even, odd):
        for peer, shards in ((even, (0, 2)), (odd, (1, 3))):
            own = {int(one) for one in servers if (int(one) >> 22) % 4 in shards}
            assert {guild.id for guild in peer.guilds} == own
            assert {guild.id: guild.shard_id for guild in peer.guilds} == {one: (one >> 22) % 4 for one in own}
            assert all([channel.name for channel in guild.text_channels] == ["newsdesk"] for guild in peer.guilds)
        for guild in (*servers, None):
            await say(double, guild)
        for peer, shards in ((even, (0, 2)), (odd, (1, 3))):
            expected = [one for one in servers if (int(one) >> 22) % 4 in shards] + [None] * (0 in shards)
            assert sorted(map(str, await heard(peer, len(expected)))) == sorted(map(str, expected))
    assert double.gateway.unheard == []


async def test_what_happens_in_a_channel_is_told_to_the_shard_of_its_server(double: Double) -> None:
    first, second = double.populate(2)
    async with peers(double, [0], [1], count=2) as both:
        own = {Shard(number, 2).has(first): peer for number, peer in enumerate(both)}
        place = double.places.add(TEXT, "desk", guild=first)
        for where in (double.places[channel_of(first)], place):
            where.name = f"{where.name}-renamed"
            await double.forbid(where, 0)
        await double.expel(second)
        await say(double, first)
        await heard(own[True], 1)
        await until(lambda: own[False].removed)
        assert own[False].removed == [int(second)]
        assert own[True].removed == []
        assert own[False].renamed == []
        assert own[True].renamed == ["newsdesk-renamed"]  # the other was made after it was told of the server
        with pytest.raises(discord.NotFound, match="10004"):
            await own[False].fetch_guild(int(second))
        with pytest.raises(discord.Forbidden, match="50001"):
            await own[False].fetch_channel(int(channel_of(second)))


async def test_a_message_is_told_to_the_shard_of_its_server_where_it_was_asked_for(double: Double) -> None:
    first, second = double.populate(2)
    async with peers(double, [0], [1], count=2) as both, line(double) as uninterested:
        await uninterested.identify()  # for the servers alone
        await uninterested.events(3)
        for guild in (first, second):
            place = double.places[channel_of(guild)]
            await double.gateway.dispatch("MESSAGE_CREATE", double.places.say(place, guild) | {"guild_id": guild})
        await say(double, first)
        for number, peer in enumerate(both):
            (own,) = [guild for guild in (first, second) if Shard(number, 2).has(guild)]
            assert await read(peer) == [own]
        assert [one["t"] for one in await uninterested.events(1)] == ["INTERACTION_CREATE"]


async def test_another_processes_server_can_be_asked_for_by_http(double: Double) -> None:
    first, second = double.populate(2)
    async with peers(double, [0], count=2) as (peer,):
        other = next(one for one in (first, second) if not Shard(0, 2).has(one))
        assert peer.get_guild(int(other)) is None
        guild = await peer.fetch_guild(int(other))
        (channel,) = await guild.fetch_channels()
        assert str(channel.id) == channel_of(other)
        assert (await guild.fetch_member(int(objects.BOT))).id == int(objects.BOT)
        message = await peer.get_partial_messageable(channel.id).send("a")
    assert [one["id"] for one in double.places[channel_of(other)].messages] == [str(message.id)]


async def test_discord_says_how_many_shards_it_wants(double: Double) -> None:
    double.starts.shards, double.starts.max_concurrency = 3, 2
    double.populate(SERVERS)
    peer = Listener()
    running = asyncio.create_task(peer.start(TOKEN))
    async with peer, asyncio.timeout(PATIENCE_SECONDS):
        await double.ready(*(Shard(number, 3) for number in range(3)))
        await peer.wait_until_ready()
        assert len(peer.guilds) == 1 + SERVERS
        limits = await peer.fetch_session_start_limits()
        assert (limits.total, limits.remaining, limits.max_concurrency) == (1_000, 997, 2)
    await asyncio.gather(running, return_exceptions=True)
    double.starts.shards = None
    assert double.starts.as_json("")["shards"] == 1
    double.populate(4_000)
    assert double.starts.as_json("")["shards"] == 5


async def test_each_shard_resumes_its_own_session_and_misses_nothing(double: Double) -> None:
    servers = double.populate(SERVERS)
    async with peers(double, [0, 1, 2], count=3) as (peer,):
        double.gateway.cut(Shard(1, 3))
        for guild in servers * 3:
            await say(double, guild)
        assert len(await heard(peer, 3 * SERVERS)) == 3 * SERVERS
        await double.until(lambda: double.resumed == 1)
        assert sorted(map(str, peer.heard)) == sorted(servers * 3)
        await double.gateway.ask_to_reconnect(Shard(2, 3))
        await double.until(lambda: double.resumed == 2)
        double.lose_gateway()
        for guild in servers:
            await say(double, guild)
        assert sorted(map(str, await heard(peer, 4 * SERVERS))) == sorted(servers * 4)
        await double.until(lambda: double.resumed == 5)
    assert double.identified == 3


async def test_a_shard_whose_session_is_invalid_begins_anew_and_the_others_go_on(double: Double) -> None:
    (guild,) = [one for one in double.populate(3) if Shard(1, 3).has(one)]
    async with peers(double, [0, 1, 2], count=3) as (peer,):
        await double.gateway.invalidate(resumable=False, shard=Shard(1, 3))
        await double.until(lambda: double.identified == 4)
        await say(double, guild)
        assert await heard(peer, 1) == [guild]
        await double.gateway.invalidate(resumable=True, shard=Shard(2, 3))
        await double.until(lambda: double.resumed == 1)
        double.gateway.forget_session(Shard(0, 3))
        double.gateway.cut(Shard(0, 3))
        await double.until(lambda: double.identified == 5)
    assert double.resumed == 1


async def test_two_sessions_of_a_shard_are_both_told(double: Double) -> None:
    """Discord replaces none (gateway.mdx, Sharding): whoever runs a shard twice is asked everything twice."""
    async with peers(double, [0], [0], count=1) as (one, other):
        assert double.gateway.connected() == {Shard(): 2}
        await say(double, GUILD)
        assert await heard(one, 1) == await heard(other, 1) == [GUILD]


async def test_shards_of_another_count_have_other_servers(double: Double) -> None:
    """As when one deployment takes over from another (gateway.mdx, Sharding)."""
    servers = double.populate(SERVERS)
    async with peers(double, [0], count=2) as (old,), peers(double, [1], count=3) as (new,):
        for guild in servers:
            await say(double, guild)
        for peer, shard in ((old, Shard(0, 2)), (new, Shard(1, 3))):
            own = [one for one in servers if shard.has(one)]
            assert sorted(map(str, await heard(peer, len(own)))) == sorted(own)
    assert len(double.gateway.unheard) == len(
        [1 for one in servers if not Shard(0, 2).has(one) and not Shard(1, 3).has(one)]
    )


async def test_who_says_goodbye_cannot_resume_and_who_is_cut_off_can(double: Double) -> None:
    async with line(double) as first:
        ready = await first.identify()
        assert isinstance(ready, dict)
        (introduced,) = await first.events(1)
        assert introduced["t"] == "GUILD_CREATE"
        double.gateway.cut()
    session = ready["d"]["session_id"]
    async with line(double) as second:
        again = await second.resume(session, 1)
        assert isinstance(again, dict)
        assert (again["t"], again["s"], again["d"]) == ("GUILD_CREATE", 2, introduced["d"])
        await second.socket.close(code=1000)
    await double.until(lambda: not double.gateway.connected())
    async with line(double) as third:
        assert await third.resume(session, 2) == {"op": INVALID_SESSION, "d": False}


async def test_a_session_that_nobody_resumes_ends_after_a_while(double: Double) -> None:
    async with line(double) as first:
        ready = await first.identify()
        assert isinstance(ready, dict)
        await first.events(1)
        double.gateway.cut()
    await say(double, GUILD)
    assert double.gateway.unheard == []
    double.gateway.resumable_seconds = 0
    await say(double, GUILD)
    assert double.gateway.unheard == ["INTERACTION_CREATE"]
    async with line(double) as second:
        assert await second.resume(ready["d"]["session_id"], 2) == {"op": INVALID_SESSION, "d": False}


@pytest.mark.parametrize("shard", [(1, 1), (4, 4), (-1, 2), (0, 0)])
async def test_a_shard_that_cannot_be_is_sent_away(double: Double, shard: tuple[int, int]) -> None:
    async with line(double) as opened:
        assert await opened.identify(*shard) == 4010
    assert double.identified == 0
    assert double.starts.remaining == double.starts.total


async def test_a_client_ends_where_its_shard_cannot_be(double: Double) -> None:
    with pytest.raises(discord.ConnectionClosed) as closed:
        await asyncio.wait_for(Listener(shard_ids=[2], shard_count=2).start(TOKEN), PATIENCE_SECONDS)
    assert (closed.value.code, closed.value.shard_id) == (4010, 2)


async def test_more_servers_than_a_shard_holds_must_be_shared_out(double: Double) -> None:
    double.starts.most_servers = 4
    double.populate(7)
    for shard in ((), (0, 1)):
        async with line(double) as opened:
            assert await opened.identify(*shard) == 4011
    async with line(double) as opened:
        ready = await opened.identify(1, 2)
        assert isinstance(ready, dict)
        assert ready["d"]["shard"] == [1, 2]
        assert len(ready["d"]["guilds"]) == 4


async def test_a_token_that_is_wrong_and_a_second_identify_are_sent_away(double: Double) -> None:
    async with line(double) as opened:
        assert await opened.identify(token="another") == 4004
    async with line(double) as opened:
        await opened.identify(0, 2)
        while isinstance(said := await opened.identify(0, 2), dict):
            assert said["op"] == DISPATCH  # what was sent before it
    assert said == 4005


async def test_an_identify_too_soon_is_answered_with_an_invalid_session(double: Double) -> None:
    """One in five seconds for each rate limit key: the shard's number modulo the concurrency."""
    double.starts.seconds, double.starts.max_concurrency = IDENTIFY_SECONDS, 2
    async with line(double) as first, line(double) as second, line(double) as third:
        assert isinstance(ready := await first.identify(0, 4), dict)
        assert ready["t"] == "READY"
        assert await second.identify(2, 4) == {"op": INVALID_SESSION, "d": False}
        assert isinstance(ready := await third.identify(1, 4), dict)
        assert ready["t"] == "READY"
        double.starts.seconds = 0.001
        await asyncio.sleep(0.01)
        assert isinstance(ready := await second.identify(2, 4), dict)
        assert ready["d"]["shard"] == [2, 4]
    assert double.starts.hasty == [Shard(2, 4)]
    assert double.starts.remaining == double.starts.total - 4


async def test_a_client_that_comes_too_soon_is_ready_a_little_later(double: Double) -> None:
    double.starts.seconds = 0.2
    async with peers(double, [0, 1, 2], count=3) as (peer,):
        assert len(peer.shards) == 3
    assert double.starts.hasty


async def test_more_sessions_than_a_day_has_turn_a_test_red() -> None:
    async def beginning() -> None:
        async with Double() as double:
            double.starts.total = double.starts.remaining = 1
            for expected in (dict, int):
                async with line(double) as opened:
                    assert isinstance(await opened.identify(), expected)

    with pytest.raises(AssertionError, match="more than 1 sessions were begun in a day"):
        await beginning()


@pytest.mark.skipif(not SCHEMA_AVAILABLE, reason=SCHEMA_MISSING)
async def test_an_event_that_discord_would_never_send_turns_a_test_red() -> None:
    async def dispatching(event: str, data: dict[str, Any]) -> None:
        async with Double() as double, line(double) as opened:
            await opened.identify()
            await opened.events(1)
            await double.gateway.dispatch(event, data)

    whole = objects.guild(GUILD, [], [])
    for event, data in (
        ("GUILD_CREATE", {key: value for key, value in whole.items() if key != "owner_id"}),
        ("GUILD_CREATE", whole | {"channels": [{"id": "1", "type": 0}]}),
        ("CHANNEL_UPDATE", {"id": "1", "guild_id": GUILD}),
        ("MESSAGE_CREATE", {"id": "1", "guild_id": GUILD}),
    ):
        with pytest.raises(AssertionError, match=f"the double dispatched {event} wrongly"):
            await dispatching(event, data)


@pytest.mark.skipif(not SCHEMA_AVAILABLE, reason=SCHEMA_MISSING)
@pytest.mark.parametrize(("event", "made_by"), [("READY", "this_user"), ("GUILD_CREATE", "server")])
async def test_a_welcome_that_discord_would_never_give_turns_a_test_red(
    monkeypatch: pytest.MonkeyPatch, event: str, made_by: str
) -> None:
    monkeypatch.setattr(objects, made_by, lambda *_: {"id": GUILD})

    async def beginning() -> None:
        async with Double() as double, line(double) as opened:
            await opened.identify()
            await opened.events(1)

    with pytest.raises(AssertionError, match=f"the double dispatched {event} wrongly"):
        await beginning()


async def test_the_sessions_and_requests_of_a_process_are_told_from_the_others(double: Double) -> None:
    async with line(double, "second") as opened:
        ready = await opened.identify(0, 2)
        assert isinstance(ready, dict)
        assert ready["d"]["resume_gateway_url"] == f"{double.address}/second/gateway"
        await double.ready(Shard(0, 2), by="second")
        assert double.gateway.connected("first") == {}
    double.fail("POST", "/channels/*", status=503, by="second")
    (place,) = [one for one in double.places if one.guild == GUILD]
    for process, status in (("first", 200), ("second", 503), ("second", 200)):
        with pointed_at(double.address_of(process)):
            async with aiohttp.ClientSession(headers={"Authorization": f"Bot {TOKEN}"}) as http:
                url = f"{discord.http.Route.BASE}/channels/{place.id}/messages"
                body = {"content": process, "allowed_mentions": {"parse": []}}
                async with http.post(url, json=body) as response:
                    assert response.status == status
    assert [(one.by, one.status) for one in double.requests] == [("first", 200), ("second", 503), ("second", 200)]


async def test_ten_thousand_servers_are_told_of_and_take_little_memory(double: Double) -> None:
    tracemalloc.start()
    try:
        double.populate(10_000)
        async with line(double) as opened:
            assert isinstance(await opened.identify(3, 50), dict)
            assert len(await opened.events(200)) == 200
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(double.servers) == 10_001
    assert kept < 250_000  # of the session 60,000; two hundred servers as they are told would be 2,000,000
