"""Which servers the bot is in, over real sockets: removed, in an outage, gone at the start, new."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from bot.model import Document
from bot.newsdesk import Newsdesk
from tests.wire import objects
from tests.wire.conftest import Serving
from tests.wire.double import PATIENCE_SECONDS, Double
from tests.wire.due import NOON
from tests.wire.objects import ADMIN, GUILD, MEMBER

OTHERS = (31, 32, 33)


async def fill(newsdesk: Newsdesk, *guilds: int) -> None:
    for guild in guilds:
        await newsdesk.add(guild, Document("typed", "Blocks", f"The xylographer carved {guild} blocks."))


async def left(newsdesk: Newsdesk, guild: int) -> datetime:
    """Wait until it is noted that a server was left."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (at := (await newsdesk.corpus.leaving.servers()).get(guild)) is None:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
    return at


async def test_a_server_that_removed_the_bot_has_left(double: Double, serving: Serving, newsdesk: Newsdesk) -> None:
    await fill(newsdesk, int(GUILD))
    async with serving():
        await double.gateway.dispatch("GUILD_DELETE", {"id": GUILD})
        assert await left(newsdesk, int(GUILD)) == NOON


async def test_a_server_in_an_outage_has_not_left(double: Double, serving: Serving, newsdesk: Newsdesk) -> None:
    await fill(newsdesk, int(GUILD))
    async with serving():
        await double.gateway.dispatch("GUILD_DELETE", {"id": GUILD, "unavailable": True})
        assert (await double.command("help")).ephemeral  # what was dispatched before has been heard by now
        await asyncio.sleep(0.05)
        assert await newsdesk.corpus.leaving.servers() == {int(GUILD): None}


async def test_a_server_that_is_gone_at_the_start_has_left_and_one_that_is_still_down_has_not(
    double: Double, serving: Serving, newsdesk: Newsdesk
) -> None:
    await fill(newsdesk, int(GUILD), OTHERS[0])
    double.servers.down.add(GUILD)
    async with serving():
        assert await left(newsdesk, OTHERS[0]) == NOON
        assert await newsdesk.corpus.leaving.servers() == {int(GUILD): None, OTHERS[0]: NOON}


async def test_when_most_servers_are_gone_at_the_start_that_is_logged_and_nothing_else(
    double: Double, serving: Serving, newsdesk: Newsdesk, caplog: pytest.LogCaptureFixture
) -> None:
    await fill(newsdesk, int(GUILD), *OTHERS)
    async with serving(), asyncio.timeout(PATIENCE_SECONDS):
        while "3 of 4 known servers are not there" not in caplog.text:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert set((await newsdesk.corpus.leaving.servers()).values()) == {None}


async def test_the_owner_of_a_new_server_is_told_in_private_and_nobody_in_a_channel(
    double: Double, serving: Serving
) -> None:
    async with serving():
        told = double.places.server(GUILD)
        for _ in range(2):
            await double.gateway.dispatch("GUILD_CREATE", {key: told[key] for key in told if key != "unavailable"})
        await double.until(lambda: double.places.private(ADMIN).messages)
        assert (await double.command("help", by=MEMBER)).ephemeral
    (hint,) = double.places.private(ADMIN).messages
    assert "post nothing there by myself" in objects.text(hint)
    assert double.rest.channel == []
