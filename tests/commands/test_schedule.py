"""/schedule: a digest a day, at its local time, once."""

from __future__ import annotations

from datetime import datetime, timedelta

import discord
import pytest

from bot.corpus import Delivery, DeliveryState, Schedule
from bot.discord_app import planning
from bot.discord_app.cards import Card
from bot.discord_app.planning import stamped
from bot.discord_app.posting import post
from bot.model import Document
from bot.newsdesk import Newsdesk
from tests.commands.conftest import World, shown, texts

HOUR = 3600


async def schedule(world: World, **options: object) -> str:
    settings = {"channel": world.channel, "time": "08:30", "zone": "Europe/Berlin", "period": "all", **options}
    return shown(await world.admin.slash(world.channel, "schedule set", **settings))


def written(message: discord.Message) -> str:
    """All text of a message."""
    return texts([dict(component.to_dict()) for component in message.components])


async def posts(world: World) -> int:
    """Let what is due be posted; how many messages the channel has."""
    await world.client.deliverer.tick()
    await world.env.settle()
    return len(world.channel.history())


async def test_a_digest_is_posted_at_its_local_time_and_once_a_day(world: World) -> None:
    assert "A digest will be posted" in await schedule(world)
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


async def left_by_a_crash(world: World, *, posted: bool) -> Delivery:
    """A digest that was claimed ten minutes ago; whether it had reached the channel is for a test to say."""
    await schedule(world)
    await world.env.advance_time(8 * HOUR)
    deliveries, now = world.newsdesk.corpus.deliveries, world.newsdesk.now()
    (stored,) = await world.newsdesk.corpus.schedules.all()
    payloads = [Card().text("The digest").freeze()]
    (left,) = await deliveries.plan(stored.id, now.date(), payloads, channel_id=world.channel.id, now=now)
    assert await deliveries.claim(left.id, now=now)
    if posted:
        (sending,) = await deliveries.unfinished()
        card = stamped(Card.thaw(payloads[0]), stored, left.nonce)
        await post(world.client, sending, stored.guild, card)
    await world.env.advance_time(10 * 60)
    return left


async def settled(world: World, delivery: Delivery) -> Delivery:
    (found,) = await world.newsdesk.corpus.deliveries.of_day(delivery.schedule_id, delivery.local_date)
    return found


async def test_what_a_crash_left_is_found_in_the_channel_and_not_posted_twice(world: World) -> None:
    left = await left_by_a_crash(world, posted=True)
    assert await posts(world) == 1
    found = await settled(world, left)
    assert world.channel.last_message is not None
    assert (found.state, found.message_id) == (DeliveryState.SENT, world.channel.last_message.id)


async def test_what_a_crash_left_and_is_not_in_the_channel_is_posted(world: World) -> None:
    left = await left_by_a_crash(world, posted=False)
    assert await posts(world) == 1
    assert (await settled(world, left)).state is DeliveryState.SENT


async def test_what_a_crash_left_in_a_channel_that_cannot_be_read_is_uncertain(world: World) -> None:
    left = await left_by_a_crash(world, posted=True)
    world.env.inject_error("GET", "/channels/*/messages", status=403, code=50013)
    assert await posts(world) == 1
    found = await settled(world, left)
    assert found.state is DeliveryState.UNCERTAIN
    assert found.reason is not None
    shown_status = shown(await world.admin.slash(world.channel, "schedule status", number=1))
    assert f"{found.local_date}: **uncertain**, it was sent and Discord did not confirm it" in shown_status
    assert await posts(world) == 1


async def test_a_fault_in_reading_the_channel_is_tried_again(world: World) -> None:
    left = await left_by_a_crash(world, posted=True)
    world.env.inject_error("GET", "/channels/*/messages", status=503, times=1)
    assert await posts(world) == 1
    assert (await settled(world, left)).state is DeliveryState.SENDING
    assert "waiting for Discord to confirm it" in shown(
        await world.admin.slash(world.channel, "schedule status", number=1)
    )
    assert await posts(world) == 1
    assert (await settled(world, left)).state is DeliveryState.SENT


async def test_what_a_crash_left_of_a_paused_schedule_is_not_posted(world: World) -> None:
    left = await left_by_a_crash(world, posted=False)
    await world.admin.slash(world.channel, "schedule pause", number=1)
    assert await posts(world) == 0
    found = await settled(world, left)
    assert (found.state, found.reason) == (DeliveryState.SKIPPED, "the schedule was paused")


async def test_what_a_crash_left_of_a_removed_schedule_is_uncertain(world: World) -> None:
    left = await left_by_a_crash(world, posted=False)
    await world.admin.slash(world.channel, "schedule remove", number=1)
    assert await posts(world) == 0
    assert (await settled(world, left)).state is DeliveryState.UNCERTAIN


async def test_parts_are_posted_in_order_and_an_earlier_fault_holds_the_later_ones(world: World) -> None:
    await schedule(world)
    await world.env.advance_time(8 * HOUR)
    (stored,) = await world.newsdesk.corpus.schedules.all()
    now, payloads = world.newsdesk.now(), [Card().text(f"Part {part}").freeze() for part in (1, 2, 3)]
    deliveries = world.newsdesk.corpus.deliveries
    await deliveries.plan(stored.id, now.date(), payloads, channel_id=world.channel.id, now=now)
    world.env.inject_error("POST", "/channels/*/messages", status=503, times=1)
    assert await posts(world) == 0
    assert await posts(world) == 3
    said = [written(message) for message in world.channel.history()]
    assert sorted(said) == said or sorted(said, reverse=True) == said


async def test_the_parts_after_a_refused_one_are_skipped(world: World) -> None:
    await schedule(world)
    await world.env.advance_time(8 * HOUR)
    (stored,) = await world.newsdesk.corpus.schedules.all()
    now, payloads = world.newsdesk.now(), [Card().text(f"Part {part}").freeze() for part in (1, 2)]
    deliveries = world.newsdesk.corpus.deliveries
    await deliveries.plan(stored.id, now.date(), payloads, channel_id=world.channel.id, now=now)
    world.env.inject_error("POST", "/channels/*/messages", status=400, code=50035, times=1)
    assert await posts(world) == 0
    states = [one.state.value for one in await deliveries.of_day(stored.id, now.date())]
    assert states == ["failed", "skipped"]


async def test_another_channel_does_not_get_what_may_be_in_the_first(world: World) -> None:
    await left_by_a_crash(world, posted=True)
    other = world.guild.create_text_channel("other")
    assert "Changed" in shown(await world.admin.slash(world.channel, "schedule edit", number=1, channel=other))
    assert await posts(world) == 1
    assert len(other.history()) == 0


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
    payloads = [Card().text("The digest").freeze()]
    await world.newsdesk.corpus.deliveries.plan(stored.id, now.date(), payloads, channel_id=world.channel.id, now=now)
    await world.env.advance_time(3 * 24 * HOUR)
    assert await posts(world) == 1
    days = [now.date() + timedelta(days=day) for day in range(4)]
    rows = [await world.newsdesk.corpus.deliveries.of_day(stored.id, day) for day in days]
    assert [row.state.value for (row,) in rows] == ["skipped", "skipped", "skipped", "sent"]


async def test_a_fault_of_one_schedule_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await schedule(world)
    await schedule(world)
    await world.env.advance_time(8 * HOUR)
    render = planning.render

    async def broken(newsdesk: Newsdesk, one: Schedule, now: datetime) -> list[Card]:
        if one.number == 1:
            raise RuntimeError
        return await render(newsdesk, one, now)

    monkeypatch.setattr(planning, "render", broken)
    assert await posts(world) == 1


async def test_a_message_that_discord_refuses_is_failed_with_the_reason(world: World) -> None:
    await schedule(world)
    await world.env.advance_time(8 * HOUR)
    world.env.inject_error("POST", "/channels/*/messages", status=400, code=50035)
    assert await posts(world) == 0
    listed = shown(await world.admin.slash(world.channel, "schedule list"))
    assert "**failed**, Discord refused the message \\(HTTP 400, code 50035\\)" in listed


async def test_a_closed_channel_stops_the_schedule_and_the_list_says_why(world: World) -> None:
    await schedule(world)
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50013)
    await world.env.advance_time(8 * HOUR)
    assert await posts(world) == 0
    assert "Stopped: I may no longer write in the channel, or attach files there." in shown(
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
        "secret", overwrites={everyone: discord.PermissionOverwrite(send_messages=False, attach_files=False)}
    )
    assert "In \\#secret I lack Attach Files and Send Messages" in await schedule(world, channel=secret)
    assert await world.newsdesk.corpus.schedules.all() == []


async def test_a_forum_gets_a_post_to_which_the_digests_go(world: World) -> None:
    forum = world.guild.create_forum_channel("forum")
    assert "A digest will be posted" in await schedule(world, channel=forum)
    await world.env.advance_time(8 * HOUR)
    await posts(world)
    (made,) = forum.threads
    assert made.name == "News digests"
    last = made.last_message
    assert last is not None
    assert "Posted by schedule 1" in written(last)


async def test_only_what_is_given_is_changed(world: World) -> None:
    await schedule(world)
    changed = shown(
        await world.admin.slash(
            world.channel, "schedule edit", number=1, days="mon-fri", topic="peace  talks", quiet="stay silent"
        )
    )
    assert (
        f"<#{world.channel.id}> weekdays at 08:30 Europe/Berlin · everything in the library · about “peace talks”"
        in changed
    )
    assert "quiet days: stay silent" in changed
    changed = shown(await world.admin.slash(world.channel, "schedule edit", number=1, time="9 pm", topic="-"))
    assert "weekdays at 21:00 Europe/Berlin · everything in the library · quiet days: stay silent" in changed
    assert "Nothing to change" in shown(await world.admin.slash(world.channel, "schedule edit", number=1))
    assert "has no schedule 7" in shown(await world.admin.slash(world.channel, "schedule edit", number=7, time="9"))
    assert "“noon” is not a time" in shown(
        await world.admin.slash(world.channel, "schedule edit", number=1, time="noon")
    )


async def test_a_topic_without_a_word_to_look_for_is_refused(world: World) -> None:
    assert "nothing to look for in “the of”" in await schedule(world, topic="the  of")
    assert await world.newsdesk.corpus.schedules.all() == []


async def test_a_topic_is_all_that_is_told(world: World) -> None:
    await schedule(world, topic="referendum")
    preview = shown(await world.admin.slash(world.channel, "schedule preview", number=1))
    assert "### Everything in the library: referendum" in preview


async def test_an_earlier_time_set_after_it_has_passed_waits_for_the_next_day(world: World) -> None:
    await schedule(world, time="09:30")
    await world.env.advance_time(8 * HOUR)
    await world.admin.slash(world.channel, "schedule edit", number=1, time="08:00")
    assert await posts(world) == 0
    await world.env.advance_time(24 * HOUR)
    assert await posts(world) == 1


async def test_a_paused_schedule_posts_nothing_until_it_is_resumed(world: World) -> None:
    await schedule(world)
    assert "Paused since <t:" in shown(await world.admin.slash(world.channel, "schedule pause", number=1))
    await world.env.advance_time(3 * 24 * HOUR)
    assert await posts(world) == 0
    assert "Next: <t:" in shown(await world.admin.slash(world.channel, "schedule resume", number=1))
    assert await posts(world) == 0
    await world.env.advance_time(8 * HOUR)
    assert await posts(world) == 1


async def test_a_stopped_schedule_goes_on_once_what_stopped_it_is_mended(world: World) -> None:
    await schedule(world)
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50013, times=1)
    await world.env.advance_time(8 * HOUR)
    assert await posts(world) == 0
    await world.env.advance_time(24 * HOUR)
    assert await posts(world) == 0
    assert "Posting again" in shown(await world.admin.slash(world.channel, "schedule resume", number=1))
    await world.env.advance_time(24 * HOUR)
    assert await posts(world) == 1


async def test_a_preview_is_what_is_posted_and_for_the_admin_alone(world: World) -> None:
    await schedule(world)
    preview = await world.admin.slash(world.channel, "schedule preview", number=1)
    assert preview.response is not None
    assert preview.response.ephemeral
    assert len(world.channel.history()) == 0
    await world.env.advance_time(8 * HOUR)
    assert await posts(world) == 1
    message = world.channel.last_message
    assert message is not None
    posted = written(message)
    before, reference = posted.rsplit(" · ", 1)
    assert before == shown(preview)
    assert reference.startswith("nd")


async def test_a_silent_schedule_posts_nothing_when_nothing_was_added(world: World) -> None:
    await schedule(world, period="24 hours", quiet="stay silent")
    await world.env.advance_time(8 * HOUR + 48 * HOUR)
    assert "it would post nothing" in shown(await world.admin.slash(world.channel, "schedule preview", number=1))
    assert "it would post nothing" in shown(await world.admin.slash(world.channel, "schedule run", number=1))
    assert await posts(world) == 0
    status = shown(await world.admin.slash(world.channel, "schedule status", number=1))
    assert "2026-01-03: **skipped**, nothing was added, and this schedule stays silent then" in status


async def test_a_digest_since_the_last_one_leaves_nothing_out(world: World) -> None:
    """Neither over a weekend nor over a date that was skipped."""
    await schedule(world, period="since the last digest", days="Mon, Fri")  # 1 January 2026 is a Thursday
    await world.env.advance_time(32 * HOUR)
    assert await posts(world) == 1
    assert world.channel.last_message is not None
    assert "Since the last digest" in written(world.channel.last_message)
    await world.env.advance_time(24 * HOUR)
    document = Document("harbour.txt", "The harbour opens", "The harbour opened on Saturday with a hundred boats.")
    await world.newsdesk.add(world.guild.id, document)
    await world.env.advance_time(72 * HOUR)  # Monday's is missed
    assert await posts(world) == 1
    await world.env.advance_time(72 * HOUR)
    assert await posts(world) == 2
    assert "The harbour opens" in written(world.channel.last_message)


async def test_the_status_tells_what_was_posted_and_what_comes_next(world: World) -> None:
    await schedule(world)
    assert "Nothing yet." in shown(await world.admin.slash(world.channel, "schedule status", number=1))
    await world.env.advance_time(8 * HOUR)
    assert await posts(world) == 1
    await world.env.advance_time(3 * 24 * HOUR)
    await posts(world)
    status = shown(await world.admin.slash(world.channel, "schedule status", number=1))
    message = world.channel.last_message
    assert message is not None
    assert f"https://discord.com/channels/{world.guild.id}/{world.channel.id}/{message.id}" in status
    assert "Next: <t:" in status
    assert status.count("**skipped**, the bot was not running when it was due") == 2


@pytest.mark.parametrize(("field", "value"), [("time", "noon"), ("zone", "Middle Earth"), ("days", "someday")])
async def test_wrong_times_and_zones_are_explained(world: World, field: str, value: str) -> None:
    assert value in await schedule(world, **{field: value})
    assert await world.newsdesk.corpus.schedules.all() == []


async def test_zones_are_offered_with_the_time_there(world: World) -> None:
    choices = await world.admin.autocomplete(world.channel, "schedule set", "zone", "berl")
    assert [(choice["name"], choice["value"]) for choice in choices] == [("Europe/Berlin (now 01:00)", "Europe/Berlin")]


async def test_days_are_offered_as_they_are_understood(world: World) -> None:
    choices = await world.admin.autocomplete(world.channel, "schedule set", "days", "mon wed")
    assert [choice["value"] for choice in choices] == ["Mon, Wed"]
    choices = await world.admin.autocomplete(world.channel, "schedule set", "days", "we")
    assert [choice["value"] for choice in choices] == ["Wed", "weekdays", "weekends", "Mon, Wed, Fri"]
