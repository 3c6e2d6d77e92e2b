"""Three processes on one PostgreSQL: each answers its own servers, and what one adds the others have at once."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from tests.wire.double import PATIENCE_SECONDS, Double
from tests.wire.fleet import Member, fleet
from tests.wire.lives import schedule, until_done
from tests.wire.objects import ADMIN, GUILD
from tests.wire.places import channel_of
from tests.wire.rigging import settings

FERRY = {"Title": "The ferry", "Text": "The ferry to the islands runs all winter, the harbour office said."}
REGISTRATIONS = ("PUT", "/applications/*/commands")


async def quoted(double: Double, guild: str, query: str, words: str) -> bool:
    """Whether a question in a server is answered with these words, at the first time of asking."""
    return words in (await double.command("quote", where=channel_of(guild), query=query)).text


def whose(members: list[Member], guild: str) -> Member:
    (one,) = [member for member in members if member.has(guild)]
    return one


async def health(member: Member, awaited: str) -> str:
    """What is said of a sound process once a beat of its tells so; the first comes before it is connected."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            code, said = await member.health()
            if awaited in said:
                assert code == os.EX_OK, said
                return said
            await asyncio.sleep(0.5)


async def test_each_answers_its_own_servers_and_has_at_once_what_another_one_adds(
    double: Double, tmp_path: Path, postgres_url: str
) -> None:
    guilds = [GUILD, *double.populate(5)]
    soon = settings(dead_seconds=3.0)
    async with fleet(double, tmp_path, [(0,), (1,), (2,)], rigged=soon, DATABASE_URL=postgres_url) as members:
        assert len(double.sent(*REGISTRATIONS)) == 1
        for guild in guilds:
            assert not await quoted(double, guild, "ferry", "all winter")
            assert double.sent("POST", "/interactions/*")[-1].by == whose(members, guild).name
        form = await double.command("article add", by=ADMIN, where=channel_of(guilds[1]))
        assert "Added to this server's library" in (await double.submit(form, FERRY, by=ADMIN)).text
        assert [guild for guild in guilds if await quoted(double, guild, "ferry", "all winter")] == guilds[1:2]
        async with Newsdesk.open(postgres_url, bot=False) as beside:
            await beside.add(
                SHARED, Document("cable.txt", "The cable", "Divers laid the cable across the bay on Monday.")
            )
        assert [guild for guild in guilds if await quoted(double, guild, "cable", "across the bay")] == guilds
        for member in members:
            said = await health(member, "3 on this database, connected with every shard.")
            assert f"with shards {member.settings['SHARD_IDS']} of 3" in said


async def test_the_digests_of_one_that_ended_are_posted_by_the_others(
    double: Double, tmp_path: Path, postgres_url: str
) -> None:
    guilds = [GUILD, *double.populate(5)]
    soon = settings(dead_seconds=3.0)
    async with fleet(double, tmp_path, [(0,), (1,), (2,)], rigged=soon, DATABASE_URL=postgres_url) as members:
        assert await members[1].stop() == os.EX_OK
        await members[2].kill()
        await schedule(postgres_url, [double.places[channel_of(guild)] for guild in guilds], len(guilds))
        await until_done(postgres_url)
    posts = double.sent("POST", "/channels/*/messages")
    assert sorted(post.path for post in posts) == sorted(f"/channels/{channel_of(guild)}/messages" for guild in guilds)
    assert {post.by for post in posts} == {members[0].name}
