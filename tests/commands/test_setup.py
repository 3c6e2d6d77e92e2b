"""/setup: what a digest needs, what is missing, and a test that is posted only when asked for."""

from __future__ import annotations

import discord
import pytest
import simcord

from tests.commands.conftest import World, button, buttons, shown

ALL = {"time": "08:30", "zone": "Europe/Berlin"}


async def setup(world: World, **options: object) -> simcord.InteractionResult:
    return await world.admin.slash(world.channel, "setup", **options)


async def test_a_new_server_is_told_what_is_missing_and_nothing_is_posted(world: World) -> None:
    told = await setup(world)
    assert told.ephemeral
    assert "**No digest is set up.** **Missing:** a channel, the time of day, the time zone." in shown(told)
    assert "No article of this server's own yet" in shown(told)
    assert told.response is not None
    assert buttons(told.response.components) == {}
    assert world.channel.history() == []


async def test_a_part_of_what_is_needed_sets_up_nothing_and_says_what_is_left(world: World) -> None:
    told = await setup(world, channel=world.channel, zone="Europe/Berlin")
    assert "**Missing:** the time of day." in shown(told)
    assert await world.newsdesk.corpus.schedules.all() == []


async def test_all_three_set_up_a_digest_and_the_card_shows_it(world: World) -> None:
    told = await setup(world, channel=world.channel, **ALL)
    assert f"**1.** <#{world.channel.id}> daily at 08:30 Europe/Berlin · since the last digest" in shown(told)
    assert "I have every permission that it needs there" in shown(told)
    assert world.channel.history() == []
    (schedule,) = await world.newsdesk.corpus.schedules.all()
    assert (schedule.channel_id, schedule.created_by) == (world.channel.id, world.admin.id)


async def test_a_digest_that_is_there_is_changed_and_not_doubled(world: World) -> None:
    await setup(world, channel=world.channel, **ALL)
    assert "daily at 09:15 Europe/Berlin" in shown(await setup(world, time="09:15"))
    (schedule,) = await world.newsdesk.corpus.schedules.all()
    assert schedule.at == "09:15"


async def test_of_several_digests_none_is_changed_by_guessing(world: World) -> None:
    for _ in range(2):
        await world.admin.slash(world.channel, "schedule set", channel=world.channel, **ALL)
    assert "change the one you mean with /schedule edit" in shown(await setup(world, time="09:15"))


async def test_missing_permissions_are_named_and_nothing_is_set_up(world: World) -> None:
    refused = discord.PermissionOverwrite(send_messages=False, attach_files=False)
    closed = world.guild.create_text_channel("closed", overwrites={world.guild.default_role: refused})
    told = await setup(world, channel=closed, **ALL)
    assert "**In #closed I lack Attach Files, Send Messages:** give me that there, then repeat this." in shown(told)
    assert await world.newsdesk.corpus.schedules.all() == []


@pytest.mark.parametrize(("option", "value"), [("time", "half past"), ("zone", "Middle Earth")])
async def test_what_cannot_be_read_is_one_sentence(world: World, option: str, value: str) -> None:
    told = await setup(world, **{"channel": world.channel, **ALL, option: value})
    assert "can read" in shown(told) or "not a time zone I know" in shown(told)
    assert await world.newsdesk.corpus.schedules.all() == []


async def test_a_test_is_posted_when_the_button_is_pressed_and_the_admin_is_told(world: World) -> None:
    told = await setup(world, channel=world.channel, **ALL)
    assert told.response is not None
    done = await world.admin.click(told.response, custom_id=button(told, "Post a test"))
    (message,) = world.channel.history()
    assert "This is a test of Newsdesk" in str([component.to_dict() for component in message.components])
    assert f"Posted: {message.jump_url}" in shown(done)
    assert done.ephemeral


async def test_a_member_may_not_use_it(world: World) -> None:
    with pytest.raises(simcord.SetupError):
        await world.member.slash(world.channel, "setup")
