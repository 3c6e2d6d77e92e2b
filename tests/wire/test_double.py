"""The double itself: it does what Discord does where the bot's promises hang on it. discord.py is the one that asks."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest
from discord import ui

from tests.contract import SCHEMA_AVAILABLE, SCHEMA_MISSING
from tests.wire import objects, permissions
from tests.wire.double import PATIENCE_SECONDS, TOKEN, Double, text_channels
from tests.wire.faults import FaultPlan
from tests.wire.launch import hasten
from tests.wire.places import FORUM, PUBLIC_THREAD, Place

MESSAGES = "/channels/*/messages"


@pytest.fixture
async def client(double: Double) -> AsyncIterator[discord.Client]:
    """A client that is connected, and knows nothing of Newsdesk."""
    made = discord.Client(intents=discord.Intents(guilds=True), allowed_mentions=discord.AllowedMentions.none())
    hasten(made)
    async with made:
        running = asyncio.create_task(made.start(TOKEN))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await double.ready()
            await made.wait_until_ready()
        yield made
    await asyncio.gather(running, return_exceptions=True)


def channel(client: discord.Client, place: Place) -> discord.PartialMessageable:
    return client.get_partial_messageable(int(place.id), guild_id=int(objects.GUILD))


async def refused(asked: Awaitable[Any]) -> tuple[int, int]:
    """The HTTP status and Discord's code with which a request fails."""
    with pytest.raises(discord.HTTPException) as failed:
        await asked
    return failed.value.status, failed.value.code


async def test_the_history_is_read_forwards_and_backwards_past_a_hundred(
    double: Double, client: discord.Client
) -> None:
    (place,) = text_channels(double, 1)
    texts = [str(number) for number in range(230)]
    for text in texts:
        double.places.post(place, {"content": text})
    begun = datetime.now(UTC) - timedelta(minutes=1)
    there = channel(client, place)
    assert [message.content async for message in there.history(after=begun, limit=None)] == texts
    assert [message.content async for message in there.history(limit=3)] == texts[:-4:-1]
    fifth = discord.Object(int(place.messages[4]["id"]))
    assert [message.content async for message in there.history(after=fifth, limit=2)] == texts[5:7]
    assert [message.content async for message in there.history(before=fifth, limit=2)] == texts[3:1:-1]
    assert [message async for message in there.history(after=begun + timedelta(minutes=2), limit=None)] == []


async def test_a_history_that_may_not_be_read_is_silently_empty(double: Double, client: discord.Client) -> None:
    (place,) = text_channels(double, 1)
    await double.forbid(place, permissions.READ_MESSAGE_HISTORY)
    await channel(client, place).send("a")
    assert [message async for message in channel(client, place).history(limit=10)] == []


async def test_a_nonce_is_kept_for_its_channel_and_for_a_time(double: Double, client: discord.Client) -> None:
    one, other = text_channels(double, 2)
    first = await channel(client, one).send("a", nonce="n")
    assert (await channel(client, one).send("a", nonce="n")).id == first.id
    assert (await channel(client, other).send("a", nonce="n")).id != first.id
    double.places.nonce_seconds = 0
    assert (await channel(client, one).send("a", nonce="n")).id != first.id
    double.places.nonce_seconds = 60
    again = await channel(client, one).send("a", nonce="m")
    double.rest.delete(one.messages[-1])
    assert again.nonce == "m"
    assert await refused(channel(client, one).send("a", nonce="m")) == (404, 10008)


async def test_a_channel_says_why_it_takes_no_message(double: Double, client: discord.Client) -> None:
    closed, unseen, gone = text_channels(double, 3)
    await double.forbid(closed, permissions.SEND_MESSAGES)
    await double.forbid(unseen, permissions.VIEW_CHANNEL)
    await double.delete_channel(gone)
    assert await refused(channel(client, closed).send("a")) == (403, 50013)
    assert await refused(channel(client, unseen).send("a")) == (403, 50001)
    assert await refused(channel(client, gone).send("a")) == (404, 10003)
    forum = double.places.add(FORUM, "stories")
    assert await refused(channel(client, forum).send("a")) == (400, 50008)
    double.rest.token = "another"
    assert (await refused(channel(client, closed).send("a")))[0] == 401


async def test_the_client_is_told_of_channels_and_of_what_it_may_do(double: Double, client: discord.Client) -> None:
    (guild,) = client.guilds
    here = guild.get_channel(int(objects.CHANNEL))
    assert isinstance(here, discord.TextChannel)
    assert here.permissions_for(guild.me).read_message_history
    told = asyncio.ensure_future(client.wait_for("guild_channel_update", timeout=PATIENCE_SECONDS))
    await asyncio.sleep(0)  # it listens from here on
    await double.forbid(double.places[objects.CHANNEL], permissions.READ_MESSAGE_HISTORY)
    await told
    assert not here.permissions_for(guild.me).read_message_history
    assert (await client.fetch_channel(here.id)).id == here.id


async def test_a_message_opens_an_archived_thread_and_not_a_locked_one(double: Double, client: discord.Client) -> None:
    thread = double.places.add(PUBLIC_THREAD, "the harbour", text_channels(double, 1)[0])
    await double.archive(thread)
    await channel(client, thread).send("a")
    assert not thread.archived
    await double.archive(thread, locked=True)
    assert await refused(channel(client, thread).send("a")) == (400, 50083)
    fetched = await client.fetch_channel(int(thread.id))
    assert isinstance(fetched, discord.Thread)
    assert (fetched.archived, fetched.locked) == (True, True)
    assert await refused(fetched.edit(archived=False)) == (403, 50013)
    thread.locked = False
    assert not (await fetched.edit(archived=False)).archived
    (parent,) = [place for place in double.places if place is thread.parent]
    await double.forbid(parent, permissions.SEND_MESSAGES_IN_THREADS)
    assert await refused(channel(client, thread).send("a")) == (403, 50013)


async def test_a_post_in_a_forum_is_a_thread_with_a_message(double: Double, client: discord.Client) -> None:
    place = double.places.add(FORUM, "stories")
    forum = await client.fetch_channel(int(place.id))
    assert isinstance(forum, discord.ForumChannel)
    made = await forum.create_thread(name="Monday", content="a")
    assert made.thread.parent_id == forum.id
    assert made.message.id == made.thread.id
    assert [message.content async for message in made.thread.history(limit=5)] == ["a"]
    assert [thread["name"] for thread in double.places.threads(place)["threads"]] == ["Monday"]
    place.requires_tag = True
    assert await refused(forum.create_thread(name="Tuesday", content="a")) == (400, 40067)


async def test_files_come_back_as_attachments_and_in_the_layout(double: Double, client: discord.Client) -> None:
    (place,) = text_channels(double, 1)
    view = ui.LayoutView()
    gallery: ui.MediaGallery[ui.LayoutView] = ui.MediaGallery()
    view.add_item(gallery.add_item(media="attachment://chart.png", description="Rising"))
    sent = await channel(client, place).send(view=view, files=[discord.File(io.BytesIO(b"png"), "chart.png")])
    (attachment,) = sent.attachments
    assert (attachment.filename, attachment.size) == ("chart.png", 3)
    assert place.messages[0]["components"][0]["items"][0]["media"]["url"] == attachment.url
    (request,) = double.sent("POST", MESSAGES)
    assert request.files == {"chart.png": 3}
    assert request.body["components"][0]["type"] == 12
    await double.forbid(place, permissions.ATTACH_FILES)
    assert await refused(channel(client, place).send(file=discord.File(io.BytesIO(b"png"), "a.png"))) == (403, 50013)


async def test_a_bucket_is_told_of_and_kept_to(double: Double, client: discord.Client) -> None:
    """discord.py waits when a bucket is empty, so that nothing is ever refused."""
    (place,) = text_channels(double, 1)
    double.buckets.limit("POST", MESSAGES, most=2, seconds=0.2)
    begun = time.monotonic()
    for _ in range(5):
        await channel(client, place).send("a")
    assert time.monotonic() - begun >= 0.4
    assert double.buckets.exceeded == []


async def test_beyond_the_limit_over_everything_discord_says_so_and_takes_it_later(
    double: Double, client: discord.Client
) -> None:
    (place,) = text_channels(double, 1)
    double.buckets.limit_everything(2, seconds=0.2)
    await asyncio.gather(*(channel(client, place).send(str(number)) for number in range(5)))
    assert len(place.messages) == 5
    assert double.buckets.exceeded
    assert 429 in {request.status for request in double.sent("POST", MESSAGES)}


async def test_a_plan_gives_the_same_requests_the_same_faults_again() -> None:
    asked = [(method, f"/channels/{number % 3}/messages") for number in range(300) for method in ("GET", "POST")]

    def met(seed: int, share: float) -> list[object]:
        plan = FaultPlan(seed, share, "/channels/*")
        return [plan.fault_of(*request) for request in asked]

    assert met(1, 0.3) == met(1, 0.3) != met(2, 0.3)
    assert 0.25 < sum(fault is not None for fault in met(1, 0.3)) / len(asked) < 0.35
    assert FaultPlan(1, 1.0, "/channels/*").fault_of("GET", "/users/@me") is None


async def test_a_test_that_fails_under_a_plan_names_it() -> None:
    async def failing() -> None:
        async with Double() as double:
            double.plan(FaultPlan(7, 0.5))
            raise AssertionError("a test failed")

    with pytest.raises(AssertionError) as failed:
        await failing()
    (note,) = failed.value.__notes__
    assert note.endswith("FaultPlan(seed=7, share=0.5, path_glob='*'): none met")


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(
            f"/applications/{objects.APPLICATION}/commands",
            marks=pytest.mark.skipif(not SCHEMA_AVAILABLE, reason=SCHEMA_MISSING),
        ),
        "/no/such/route",
    ],
)
async def test_what_discord_would_not_say_or_take_turns_a_test_red(path: str) -> None:
    async def asking() -> None:
        async with Double() as double:
            double.rest.commands = [{"name": "no answer of Discord's: it lacks nearly everything"}]
            double.rest.handle("GET", path, None, f"Bot {TOKEN}")

    with pytest.raises(AssertionError, match="what Discord would refuse, or never say"):
        await asking()
