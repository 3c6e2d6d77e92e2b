"""What a dead process was to do is done by another one, once: digests at every step of their delivery, watches, feeds.

Several bots in this process share a library, and each has a shard; their clients make real requests to the double and
have no gateway, so that they know no server but by asking. One that dies does so in the middle of a step, and leaves
everything as it stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

import commands
from bot.corpus import COMMANDS, Delivery, DeliveryState, Polled
from bot.corpus.deliveries import Deliveries
from bot.desks.ownership import DEAD_SECONDS, LEASE_SECONDS
from bot.discord_app import delivery, sync
from bot.discord_app.client import NewsdeskClient
from bot.discord_app.sync import CLAIM
from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from bot.shards import Shards
from tests.sizes import some
from tests.wire import permissions
from tests.wire.double import TOKEN, Double
from tests.wire.due import NOON, schedule_to
from tests.wire.objects import CHANNEL, GUILD, MEMBER
from tests.wire.places import PUBLIC_THREAD, TEXT, Place

POSTS = ("POST", "/channels/*/messages")
COUNT = 3
ITS_SHARD = (int(GUILD) >> 22) % COUNT  # the one that the server with the digest is in


class Seconds:
    """The monotonic clock of all of them."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Died(BaseException):
    """No handler stops it, as none stops ``kill -9``."""


@dataclass
class Desk:
    """One of the bots. ``step``: where it dies, as "before claim" or "after post"."""

    newsdesk: Newsdesk
    client: NewsdeskClient
    step: str | None = None
    lives: bool = True
    taken: list[str] = field(default_factory=list)

    async def look(self) -> None:
        if self.lives:
            await self.newsdesk.ownership.look()

    async def deliver(self) -> None:
        if not self.lives:
            return
        try:
            await self.client.deliverer.tick()
        except BaseExceptionGroup as ended:
            if not ended.subgroup(Died):
                raise
        except Died:
            pass

    def take(self, moment: str, step: str) -> None:
        """Take a step, or die."""
        self.taken.append(f"{moment} {step}")
        if not self.lives or self.step == self.taken[-1]:
            self.lives = False
            raise Died


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


Opening = Callable[..., Awaitable[Desk]]


@pytest.fixture
async def opening(double: Double, library_url: str, seconds: Seconds) -> AsyncIterator[Opening]:
    async with AsyncExitStack() as stack:

        async def opened(shard: int, step: str | None = None) -> Desk:
            return await stack.enter_async_context(_desk(library_url, seconds, shard, step))

        yield opened


@asynccontextmanager
async def _desk(url: str, seconds: Seconds, shard: int, step: str | None) -> AsyncIterator[Desk]:
    share = Shards(COUNT, frozenset({shard}))
    async with Newsdesk.open(url, bot=False, alone=False, now=lambda: NOON) as newsdesk:
        newsdesk.ownership._clock = seconds
        await newsdesk.ownership.look()
        async with NewsdeskClient(newsdesk, commands.ALL, share) as client:
            await client.login(TOKEN)
            newsdesk.ownership.connected(share)
            desk = Desk(newsdesk, client, step)
            _rig(desk)
            yield desk


def _rig(desk: Desk) -> None:
    """Let it die at its step: a method of `Deliveries`, or a request of the deliverer."""
    deliveries = desk.newsdesk.corpus.deliveries
    for step in ("plan", "claim", "take_over", "reclaim", "mark"):
        vars(deliveries)[step] = _dying(desk, step, getattr(deliveries, step))


def _dying(desk: Desk, step: str, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def take(*given: Any, **named: Any) -> Any:
        desk.take("before", step)
        made = await method(*given, **named)
        desk.take("after", step)
        return made

    return take


@pytest.fixture(autouse=True)
def dying_requests(monkeypatch: pytest.MonkeyPatch) -> dict[NewsdeskClient, Desk]:
    """By client, whose requests they are."""
    desks: dict[NewsdeskClient, Desk] = {}
    for step in ("find", "post"):
        request = getattr(delivery, step)

        async def take(client: NewsdeskClient, *given: Any, _step: str = step, _request: Any = request) -> Any:
            desks[client].take("before", _step)
            made = await _request(client, *given)
            desks[client].take("after", _step)
            return made

        monkeypatch.setattr(delivery, step, take)
    return desks


@pytest.fixture
async def desks(opening: Opening, dying_requests: dict[NewsdeskClient, Desk]) -> list[Desk]:
    """That of the server with the digest first."""
    found = [await opening((ITS_SHARD + number) % COUNT) for number in range(COUNT)]
    dying_requests.update({desk.client: desk for desk in found})
    await look(found)
    return found


async def look(desks: list[Desk], rounds: int = 2) -> None:
    """In the second round each sees what all have said in the first."""
    for _ in range(rounds):
        for desk in desks:
            await desk.look()


async def deliver(desks: list[Desk]) -> None:
    """All at once, as they do."""
    await asyncio.gather(*(desk.deliver() for desk in desks))


async def bury(desks: list[Desk], seconds: Seconds) -> None:
    """Let those that live find out who does not."""
    for _ in range(3):
        seconds.now += DEAD_SECONDS / 3
        await look(desks, rounds=1)
    seconds.now += DEAD_SECONDS / 3
    await look(desks)


async def row(desks: list[Desk]) -> Delivery:
    corpus = desks[0].newsdesk.corpus
    (schedule,) = await corpus.schedules.all()
    last = await corpus.deliveries.last(schedule.id)
    assert last is not None
    return last


SENDING = ["before claim", "after claim", "before post", "after post", "before mark", "after mark"]
PLANNING = ["before plan", "after plan"]
TAKING_OVER = ["before take_over", "after take_over", "before find", "after find", "before reclaim", "after reclaim"]
POSTED = ["after post", "before mark", "after mark"]


async def due(desks: list[Desk], double: Double) -> Place:
    place = double.places[CHANNEL]
    await schedule_to(desks[0].newsdesk, place)
    return place


async def test_only_the_one_whose_server_it_is_delivers(double: Double, desks: list[Desk]) -> None:
    place = await due(desks, double)
    await deliver(desks)
    assert len(place.messages) == 1
    assert [bool(desk.taken) for desk in desks] == [True, False, False]
    assert len(double.sent("PUT", "/applications/*/commands")) == 1


@pytest.mark.parametrize("step", [*PLANNING, *SENDING])
async def test_what_one_dies_over_another_delivers_once(
    double: Double, desks: list[Desk], seconds: Seconds, step: str
) -> None:
    place = await due(desks, double)
    desks[0].step = step
    await deliver(desks)
    assert not desks[0].lives, step
    before = len(place.messages)
    await deliver(desks)
    assert len(place.messages) == before, "its claim is left alone until it is surely dead"
    await bury(desks, seconds)
    double.places.forget_nonces()
    await deliver(desks)
    assert len(place.messages) == 1
    assert (await row(desks)).state is DeliveryState.SENT
    assert len(double.sent(*POSTS)) == 1


@pytest.mark.parametrize("second", some([*TAKING_OVER, "before post", *POSTED], few=3))
@pytest.mark.parametrize("first", ["after claim", "after post"])
async def test_what_two_die_over_the_third_delivers_once(
    double: Double, desks: list[Desk], seconds: Seconds, first: str, second: str
) -> None:
    place = await due(desks, double)
    desks[0].step = first
    await deliver(desks)
    await bury(desks, seconds)
    double.places.forget_nonces()
    (heir,) = [desk for desk in desks[1:] if desk.newsdesk.ownership.owns(int(GUILD))]
    heir.step = second
    await deliver(desks)
    is_there = first == "after post"  # then nothing is claimed again, nor posted
    assert heir.lives == (is_there and second in ("before reclaim", "after reclaim", "before post", "after post"))
    await bury(desks, seconds)
    double.places.forget_nonces()
    await deliver(desks)
    assert len(place.messages) == 1
    assert (await row(desks)).state is DeliveryState.SENT
    assert len(double.sent(*POSTS)) == 1


@pytest.mark.parametrize("kind", [TEXT, PUBLIC_THREAD])
@pytest.mark.parametrize("readable", [True, False])
async def test_a_history_that_may_not_be_read_is_known_without_the_gateway(
    double: Double, desks: list[Desk], seconds: Seconds, kind: int, readable: bool
) -> None:
    channel = double.places.add(TEXT, "desk")
    place = channel if kind == TEXT else double.places.add(PUBLIC_THREAD, "digests", channel)
    channel.denied = 0 if readable else permissions.READ_MESSAGE_HISTORY
    await schedule_to(desks[0].newsdesk, place)
    desks[0].step = "after claim"
    await deliver(desks)
    await bury(desks, seconds)
    for desk in desks[1:]:
        desk.newsdesk.now = lambda: NOON + 2 * delivery.NONCE_WINDOW
    await deliver(desks)
    assert (await row(desks)).state is (DeliveryState.SENT if readable else DeliveryState.UNCERTAIN)
    assert len(place.messages) == readable


async def test_one_that_was_only_suspended_over_its_claim_does_not_post_what_was_taken_over(
    double: Double, desks: list[Desk], seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await due(desks, double)
    going, asleep = asyncio.Event(), asyncio.Event()
    claim = Deliveries.claim

    async def sleep(*given: Any, **named: Any) -> bool:
        made = await claim(desks[0].newsdesk.corpus.deliveries, *given, **named)
        asleep.set()
        await going.wait()
        return made

    vars(desks[0].newsdesk.corpus.deliveries)["claim"] = sleep
    delivering = asyncio.create_task(desks[0].deliver())
    await asleep.wait()
    await bury(desks[1:], seconds)
    await deliver(desks[1:])
    assert len(place.messages) == 1
    double.places.forget_nonces()
    going.set()
    await delivering
    await look(desks)
    await deliver(desks)
    assert len(place.messages) == 1
    assert (await row(desks)).state is DeliveryState.SENT


async def test_what_it_says_late_of_a_digest_that_was_taken_over_changes_nothing_but_that_it_was_sent(
    double: Double, desks: list[Desk], seconds: Seconds
) -> None:
    await due(desks, double)
    desks[0].step = "after claim"
    await deliver(desks)
    left = await row(desks)
    heir = desks[1].newsdesk.corpus.deliveries
    taken = [await one.newsdesk.corpus.deliveries.take_over(left) for one in desks[1:]]
    assert [one is not None for one in taken] == [True, False]
    late = Deliveries(desks[0].newsdesk.corpus._database, left.process_id or 0)
    for state in (DeliveryState.READY, DeliveryState.FAILED, DeliveryState.UNCERTAIN):
        assert not await late.mark(left.id, state, now=NOON)
    assert await late.mark(left.id, DeliveryState.SENT, now=NOON, message_id=7)
    assert not await heir.mark(left.id, DeliveryState.READY, now=NOON)


async def test_one_that_is_cut_off_from_the_others_posts_nothing(
    double: Double, desks: list[Desk], seconds: Seconds
) -> None:
    place = await due(desks, double)
    seconds.now += LEASE_SECONDS
    await deliver(desks)
    assert place.messages == []
    await look(desks)
    await deliver(desks)
    assert len(place.messages) == 1


# Watches and feeds


@pytest.mark.parametrize("where", ["private", "channel"])
async def test_what_a_dead_ones_watches_find_is_told_once_by_another(
    double: Double, desks: list[Desk], seconds: Seconds, where: str
) -> None:
    channel = double.places[CHANNEL]
    channel_id = int(channel.id) if where == "channel" else None
    watching = desks[0].newsdesk.watching
    await watching.add(int(GUILD), int(MEMBER), "ferry", speaker=None, source=None, channel_id=channel_id)
    await desks[0].newsdesk.add(SHARED, Document("a.txt", "Untitled", "The ferry runs."))
    for desk in desks[1:]:
        await desk.client.notifier.tick()
    desks[0].lives = False
    await bury(desks, seconds)
    for _ in range(2):
        await asyncio.gather(*(desk.client.notifier.tick() for desk in desks[1:]))
    place = channel if where == "channel" else double.places.private(MEMBER)
    assert len(place.messages) == 1


async def test_a_server_that_the_bot_was_removed_from_meanwhile_is_told_nothing(
    double: Double, desks: list[Desk], seconds: Seconds
) -> None:
    watching = desks[0].newsdesk.watching
    await watching.add(int(GUILD), int(MEMBER), "ferry", speaker=None, source=None, channel_id=None)
    await desks[0].newsdesk.add(SHARED, Document("a.txt", "Untitled", "The ferry runs."))
    desks[0].lives = False
    await bury(desks, seconds)
    double.servers.leave(GUILD)
    for desk in desks[1:]:
        await desk.client.notifier.tick()
    assert double.sent(*POSTS) == []


async def test_a_feed_is_polled_by_the_one_whose_server_it_is(
    desks: list[Desk], seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = desks[0].newsdesk.corpus.feeds
    found = Polled("https://news.example.org/feed.xml")
    await store.add(int(GUILD), found, passed=[], channel_id=None, added_by=None, now=NOON)
    polled = list[Desk]()
    for desk in desks:

        async def poll(feed_id: int, desk: Desk = desk) -> None:
            polled.append(desk)

        monkeypatch.setattr(desk.newsdesk.feeds, "poll", poll)
    for desk in desks:
        await desk.client.feed_poller.tick()
    assert polled == desks[:1]
    desks[0].lives = False
    await bury(desks, seconds)
    for desk in desks[1:]:
        await desk.client.feed_poller.tick()
    assert len(polled) == 2
    assert polled[1] is not desks[0]


# Commands


async def test_commands_are_registered_by_another_where_the_one_that_began_died(
    double: Double, desks: list[Desk], seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(double.sent("PUT", "/applications/*/commands")) == 1
    first, second = desks[0], desks[1]
    key = f"{COMMANDS}{second.client.application_id}"
    registered = await second.newsdesk.corpus.notes.get(key)
    await second.newsdesk.corpus.notes.set(key, "of an older version")
    await second.newsdesk.corpus.notes.set(f"{CLAIM}{key}", f"{registered} by {first.newsdesk.ownership.me}")
    first.lives = False
    monkeypatch.setattr(sync, "BEAT_SECONDS", 0.001)
    begun = seconds.now
    registering = asyncio.create_task(sync.sync_commands(second.client.tree, second.newsdesk))
    while not registering.done():
        seconds.now += 1
        await look(desks[1:])
    assert await registering
    assert seconds.now - begun >= DEAD_SECONDS
    assert await second.newsdesk.corpus.notes.get(key) == registered
    assert not await sync.sync_commands(desks[2].client.tree, desks[2].newsdesk)
    assert len(double.sent("PUT", "/applications/*/commands")) == 2


async def test_commands_are_not_registered_beside_one_that_has_come_and_begun_since(
    double: Double, opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await opening(0)
    second = await opening(1)  # the first has not looked since
    notes, key = second.newsdesk.corpus.notes, f"{COMMANDS}{second.client.application_id}"
    registered = await notes.get(key)
    assert registered is not None
    await notes.set(key, "of an older version")
    await notes.set(f"{CLAIM}{key}", f"{registered} by {second.newsdesk.ownership.me}")
    monkeypatch.setattr(sync, "BEAT_SECONDS", 0.001)
    registering = asyncio.create_task(sync.sync_commands(first.client.tree, first.newsdesk))
    await asyncio.sleep(0.05)
    assert not registering.done()
    await notes.set(key, registered)
    assert not await registering
    assert len(double.sent("PUT", "/applications/*/commands")) == 1
