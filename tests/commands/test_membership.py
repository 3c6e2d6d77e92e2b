"""The bot is removed from a server, comes back, or is new there: what rests, what returns, and one private hint."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from simcord.backend import serializers

from bot.model import Document
from tests.commands.conftest import World, shown, texts

DAY = 24 * 60 * 60


async def removed(world: World) -> None:
    """The bot is removed from the newsroom."""
    world.env.backend.emit("GUILD_DELETE", {"id": str(world.guild.id)})
    await world.env.settle()


async def added(world: World) -> None:
    """And is added again: Discord leaves ``unavailable`` out of what it says then."""
    payload: Any = serializers.guild_create_payload(world.env.backend, world.env.backend.get_guild(world.guild.id))
    world.env.backend.emit("GUILD_CREATE", {name: part for name, part in payload.items() if name != "unavailable"})
    await world.env.settle()


def private(world: World) -> list[discord.Message]:
    return world.guild.owner.dm_channel.history()


async def left_at(world: World) -> Any:
    return (await world.newsdesk.corpus.leaving.servers()).get(world.guild.id)


async def article(world: World) -> None:
    await world.newsdesk.add(world.guild.id, Document("typed", "Blocks", "The xylographer carved blocks."))


async def test_a_server_that_removed_the_bot_is_deleted_after_thirty_days(world: World) -> None:
    await article(world)
    await removed(world)
    assert await left_at(world) == world.newsdesk.now()
    await world.env.advance_time(30 * DAY)
    await world.client.membership.look()
    assert (await world.newsdesk.counts(world.guild.id)).articles == 15
    await world.env.advance_time(60)
    await world.client.membership.look()
    assert (await world.newsdesk.counts(world.guild.id)).articles == 14


async def test_back_within_thirty_days_everything_is_as_it_was_and_nothing_is_said(world: World) -> None:
    await article(world)
    await world.admin.slash(
        world.channel, "schedule set", channel=world.channel, time="08:30", zone="UTC", period="all"
    )
    await removed(world)
    await world.env.advance_time(3 * DAY)
    await world.client.deliverer.tick()
    assert world.channel.history() == []
    await added(world)
    assert await left_at(world) is None
    assert private(world) == []
    await world.client.deliverer.tick()
    assert world.channel.history() == []  # what fell due meanwhile is not owed
    await world.env.advance_time(8.5 * 60 * 60)
    await world.client.deliverer.tick()
    assert len(world.channel.history()) == 1
    assert "xylographer" in shown(await world.member.slash(world.channel, "quote", query="xylographer"))


async def test_an_outage_is_no_departure(world: World) -> None:
    await article(world)
    world.env.backend.emit("GUILD_DELETE", {"id": str(world.guild.id), "unavailable": True})
    await world.env.settle()
    assert await left_at(world) is None
    await world.client.membership.look()
    assert await left_at(world) is None


async def test_the_owner_of_a_new_server_gets_one_hint_in_private_and_never_another(world: World) -> None:
    await removed(world)
    await world.newsdesk.departures.delete_library(world.guild.id)
    async with world.newsdesk.corpus.leaving._database.write() as begun:
        await begun.connection.exec_driver_sql(f"DELETE FROM audit WHERE library = {world.guild.id}")
        await begun.connection.exec_driver_sql(f"DELETE FROM library WHERE id = {world.guild.id}")
    for _ in range(2):
        await added(world)
        await removed(world)
    (hint,) = private(world)
    said = texts([dict(component.to_dict()) for component in hint.components])
    assert "I was added to your server **The newsroom**, and post nothing there by myself" in said
    assert world.channel.history() == []


async def test_where_the_owner_takes_no_messages_nothing_is_said_and_nothing_breaks(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50007)
    await world.client.membership._hint(world.client.guilds[0])
    assert private(world) == []
    assert [record for record in caplog.records if record.exc_info] == []
