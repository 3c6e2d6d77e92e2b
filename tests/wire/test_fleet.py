"""Several processes against one double: each has its shards, and any of them may be killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import aiohttp
import pytest

from tests.wire import peer
from tests.wire.double import COMMAND, TOKEN, Double
from tests.wire.fleet import Member, fleet
from tests.wire.lives import Struck, schedule
from tests.wire.objects import CHANNEL, GUILD, MEMBER, Json
from tests.wire.places import channel_of
from tests.wire.process import Bot, forked
from tests.wire.rigging import Death
from tests.wire.servers import Shard

HELP: Json = {"id": "1", "name": "help", "type": 1}


def plain(address: str, folder: Path, **settings: str) -> AbstractAsyncContextManager[Bot]:
    """A process of discord.py's own, on shards."""
    return forked(address, folder, peer.run, **settings)


async def answered(double: Double, guild: str) -> str:
    """Which shards the process has that answers in a server."""
    return (await double.interact(COMMAND, HELP, MEMBER, where=channel_of(guild))).text


async def test_each_process_answers_in_the_servers_of_its_shards_and_any_may_die(
    double: Double, tmp_path: Path
) -> None:
    servers = [GUILD, *double.populate(8)]
    async with fleet(double, tmp_path, [(0, 3), (1,), (2,)], start=plain) as members:
        assert [len({member.folder, *member.shards}) for member in members] == [3, 2, 2]
        for guild in servers:
            (owner,) = [member for member in members if member.has(guild)]
            assert await answered(double, guild) == owner.settings["SHARD_IDS"]
            assert double.requests[-1].by == owner.name
        first, second, third = members
        await second.kill()
        assert not second.lives
        (lost,) = [guild for guild in servers if second.has(guild)][:1]
        waiting = await double.ask(COMMAND, HELP, MEMBER, where=channel_of(lost))
        for guild in servers:
            if not second.has(guild):
                assert await answered(double, guild)
        assert not waiting.given
        await second.start()
        await second.ready()
        assert await answered(double, lost) == "1"
        assert await third.stop() == os.EX_OK
        assert double.gateway.connected() == {Shard(number, 4): 1 for number in (0, 1, 3)}
        assert first.lives
    assert double.gateway.connected() == {}


async def test_the_double_kills_the_process_that_is_meant_over_its_own_request(double: Double, tmp_path: Path) -> None:
    async with fleet(double, tmp_path, [(0,), (1,)], start=plain) as (spared, meant):
        await meant.kill()
        await meant.start(Struck("stored", 2))
        await meant.ready()
        for by in (spared, meant, spared):
            await post(double, by)
        assert meant.lives
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await post(double, meant)
        assert await meant.ended() == -signal.SIGKILL
        assert spared.lives
        await meant.start(Struck("stored", 1))
        await meant.kill()
        await meant.start()
        await meant.ready()
        await post(double, meant)  # the life that this was to strike is over
        assert meant.lives
    assert len(double.rest.channel) == 5


async def post(double: Double, by: Member) -> None:
    """Post into a channel as a process does."""
    body = {"content": by.name, "allowed_mentions": {"parse": []}}
    address = f"{double.address_of(by.name)}/api/v10/channels/{CHANNEL}/messages"
    authorized = aiohttp.ClientSession(headers={"Authorization": f"Bot {TOKEN}"})
    async with authorized as http, http.post(address, json=body) as response:
        response.raise_for_status()


async def test_what_a_process_said_is_told_where_a_test_fails(double: Double, tmp_path: Path) -> None:
    async def failing() -> None:
        async with fleet(double, tmp_path, [(0,), (1,)], start=plain):
            raise AssertionError("a test failed")

    with pytest.raises(AssertionError, match="a test failed") as failed:
        await failing()
    assert [note.partition("\n")[0] for note in failed.value.__notes__] == ["process-0 said:", "process-1 said:"]
    assert double.gateway.connected() == {}


async def test_two_bots_each_with_its_library_die_over_their_own_digests(double: Double, tmp_path: Path) -> None:
    """The real process in a fleet: killed by the double and by itself, well again, and ended."""
    async with fleet(double, tmp_path, [(0,), (0,)], count=1) as members:
        for member in members:
            await member.kill()
            await schedule(f"sqlite+aiosqlite:///{member.folder / 'newsdesk.db'}", [double.places[CHANNEL]], 2)
        one, other = members
        await asyncio.gather(one.live_and_die(Struck("answered", 2)), other.live_and_die(Death("before", "mark")))
        posted = [request.by for request in double.sent("POST", "/channels/*/messages")]
        assert posted.count(one.name) == 2
        assert posted.count(other.name) >= 1
        assert [member.lives for member in members] == [False, False]
        await one.start()
        await one.ready()
        code, said = await one.health()
        assert code == os.EX_OK, said
        assert await one.stop() == os.EX_OK
        assert (await one.health())[0] != os.EX_OK
