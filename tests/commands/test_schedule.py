"""/schedule: a digest a day, at its local time, once."""

from __future__ import annotations

from datetime import datetime, timedelta

import discord
import pytest

from bot.corpus import DeliveryState, Schedule
from bot.discord_app.cards import Card
from bot.discord_app.delivery import Deliverer
from tests.commands.conftest import World, shown

HOUR = 3600


async def schedule(world: World, **options: object) -> str:
    settings = {"channel": world.channel, "time": "08:30", "zone": "Europe/Berlin", "period": "all", **options}
    return shown(await world.admin.slash(world.channel, "schedule set", **settings))


async def posts(world: World) -> int:
    """Let what is due be posted; how many messages the channel has."""
    await world.client.deliverer.tick()
    await world.env.settle()
    return len(world.channel.history())


async def test_a_digest_is_posted_at_its_local_time_and_once_a_day(world: World) -> None:
    assert "A digest will be posted every day" in await schedule(world)
    assert await posts(world) == 0
    await world.env.advance_time(7 * HOUR + 29 * 60)  # 08:29 in Berlin
    assert await posts(world) == 0
    await world.env.advance_time(60)
    assert await posts(world) == 1
    assert await posts(world) == 1
    await world.env.advance_time(24 * HOUR)
    assert await posts(world) == 2
    message = world.channel.last_message
    assert message is not None
    assert "Everything in the library" in str([component.to_dict() for component in message.components])


async def test_a_restart_does_not_post_again(world: World) -> None:
    await schedule(world)
    await world.env.advance_time(8 * HOUR)
    assert await posts(world) == 1
    await world.env.restart_bot()
    assert await posts(world) == 1


async def test_what_a_crash_left_half_sent_is_not_posted_twice(world: World) -> None:
    await schedule(world)
    await world.env.advance_time(8 * HOUR)
    deliveries, now = world.newsdesk.corpus.deliveries, world.newsdesk.now()
    (stored,) = await world.newsdesk.corpus.schedules.all()
    left = await deliveries.plan(stored.id, now.date(), 1, "[]", now=now)
    assert await deliveries.claim(left.id, now=now)
    await world.env.advance_time(10 * 60)
    assert await posts(world) == 0
    (found,) = await deliveries.of_day(stored.id, now.date())
    assert found.state is DeliveryState.UNCERTAIN
    assert found.reason is not None


async def test_a_digest_missed_by_more_than_six_hours_is_skipped_with_the_reason(world: World) -> None:
    await schedule(world)
    await world.env.advance_time(8 * HOUR + 6 * HOUR)
    assert await posts(world) == 0
    (stored,) = await world.newsdesk.corpus.schedules.all()
    last = await world.newsdesk.corpus.deliveries.last(stored.id)
    assert last is not None
    assert last.state is DeliveryState.SKIPPED


async def test_a_digest_that_was_planned_and_not_claimed_is_not_posted_days_late(world: World) -> None:
    await schedule(world)
    await world.env.advance_time(8 * HOUR)
    (stored,) = await world.newsdesk.corpus.schedules.all()
    now = world.newsdesk.now()
    await world.newsdesk.corpus.deliveries.plan(stored.id, now.date(), 1, "[]", now=now)
    await world.env.advance_time(3 * 24 * HOUR)
    assert await posts(world) == 1
    days = [now.date() + timedelta(days=day) for day in range(4)]
    rows = [await world.newsdesk.corpus.deliveries.of_day(stored.id, day) for day in days]
    assert [row.state.value for (row,) in rows] == ["skipped", "skipped", "skipped", "sent"]


async def test_a_fault_of_one_schedule_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await schedule(world)
    await schedule(world)
    await world.env.advance_time(8 * HOUR)
    render = Deliverer.render

    async def broken(self: Deliverer, one: Schedule, now: datetime) -> Card:
        if one.number == 1:
            raise RuntimeError
        return await render(self, one, now)

    monkeypatch.setattr(Deliverer, "render", broken)
    assert await posts(world) == 1


async def test_a_message_that_discord_refuses_is_failed_with_the_reason(world: World) -> None:
    await schedule(world)
    await world.env.advance_time(8 * HOUR)
    world.env.inject_error("POST", "/channels/*/messages", status=400, code=50035)
    assert await posts(world) == 0
    listed = shown(await world.admin.slash(world.channel, "schedule list"))
    assert "failed - Discord refused the message (HTTP 400, code 50035)" in listed


async def test_a_closed_channel_stops_the_schedule_and_the_list_says_why(world: World) -> None:
    await schedule(world)
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50013)
    await world.env.advance_time(8 * HOUR)
    assert await posts(world) == 0
    assert "Stopped: I may no longer write in the channel" in shown(
        await world.admin.slash(world.channel, "schedule list")
    )


async def test_a_server_error_is_tried_again_with_the_same_nonce(world: World) -> None:
    await schedule(world)
    await world.env.advance_time(8 * HOUR)
    world.env.inject_error("POST", "/channels/*/messages", status=503, times=1)
    assert await posts(world) == 0
    assert await posts(world) == 1
    sent = [call for call in world.env.http_requests if call.method == "POST" and call.path.endswith("/messages")]
    bodies = [call.json for call in sent]
    assert len({body["nonce"] for body in bodies if isinstance(body, dict)}) == 1


async def test_list_remove_and_run(world: World) -> None:
    assert "No digest is scheduled" in shown(await world.admin.slash(world.channel, "schedule list"))
    await schedule(world)
    listed = shown(await world.admin.slash(world.channel, "schedule list"))
    assert f"<#{world.channel.id}> daily at 08:30 Europe/Berlin" in listed
    assert "Next: <t:" in listed
    assert "Posted: " in shown(await world.admin.slash(world.channel, "schedule run", number=1))
    assert len(world.channel.history()) == 1
    choices = await world.admin.autocomplete(world.channel, "schedule remove", "number", "")
    assert [choice["value"] for choice in choices] == [1]
    assert "Removed" in shown(await world.admin.slash(world.channel, "schedule remove", number=1))
    assert "has no schedule 1" in shown(await world.admin.slash(world.channel, "schedule remove", number=1))
    assert "has no schedule 1" in shown(await world.admin.slash(world.channel, "schedule run", number=1))


async def test_missing_permissions_are_named_at_once(world: World) -> None:
    everyone = world.guild.default_role
    secret = world.guild.create_text_channel(
        "secret", overwrites={everyone: discord.PermissionOverwrite(send_messages=False)}
    )
    assert "I lack Send Messages" in await schedule(world, channel=secret)
    assert await world.newsdesk.corpus.schedules.all() == []


@pytest.mark.parametrize(("field", "value"), [("time", "noon"), ("zone", "Middle Earth")])
async def test_wrong_times_and_zones_are_explained(world: World, field: str, value: str) -> None:
    assert value in await schedule(world, **{field: value})
    assert await world.newsdesk.corpus.schedules.all() == []


async def test_zones_are_offered_with_the_time_there(world: World) -> None:
    choices = await world.admin.autocomplete(world.channel, "schedule set", "zone", "berl")
    assert [(choice["name"], choice["value"]) for choice in choices] == [("Europe/Berlin (now 01:00)", "Europe/Berlin")]
