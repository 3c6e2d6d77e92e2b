"""A channel that takes no more messages stops its schedule, with the reason; a thread that can be reopened is.

Real sockets.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.corpus import DeliveryState
from bot.discord_app import delivery
from bot.errors import TokenRefused
from bot.newsdesk import Newsdesk
from tests.wire import permissions
from tests.wire.conftest import Serving
from tests.wire.double import Double, text_channels
from tests.wire.due import schedule_to, settled
from tests.wire.places import PUBLIC_THREAD, Place
from tests.wire.serving import end_of, served

Closing = Callable[[Double, Place], Awaitable[None]]


async def _cannot_write(double: Double, place: Place) -> None:
    place.denied = permissions.SEND_MESSAGES | permissions.SEND_MESSAGES_IN_THREADS


async def _cannot_see(double: Double, place: Place) -> None:
    place.denied = permissions.VIEW_CHANNEL


async def _is_gone(double: Double, place: Place) -> None:
    double.places.remove(place)


@pytest.fixture
def url(library_url: str) -> str:
    return library_url


@pytest.fixture(autouse=True)
def polled_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "POLL_SECONDS", 0.05)


@pytest.mark.parametrize(
    ("close", "reason"),
    [
        (_cannot_write, "I may no longer write in the channel, or attach files there"),
        (_cannot_see, "I may no longer see the channel"),
        (_is_gone, "the channel no longer exists"),
    ],
)
async def test_a_channel_that_closed_while_the_bot_was_away_stops_its_schedule_alone(
    double: Double, newsdesk: Newsdesk, serving: Serving, close: Closing, reason: str
) -> None:
    closed, other = text_channels(double, 2)
    schedules = [await schedule_to(newsdesk, place) for place in (closed, other)]
    await close(double, closed)
    async with serving():
        found = [await settled(newsdesk, schedule) for schedule in schedules]
        kept = {one.id: one for one in await newsdesk.corpus.schedules.all()}
    assert [one.state for one in found] == [DeliveryState.FAILED, DeliveryState.SENT]
    assert found[0].reason == kept[schedules[0].id].disabled_reason == reason
    assert kept[schedules[1].id].is_live
    assert len(other.messages) == 1


async def test_an_archived_thread_is_opened_by_the_digest(double: Double, newsdesk: Newsdesk, serving: Serving) -> None:
    thread = double.places.add(PUBLIC_THREAD, "the harbour", text_channels(double, 1)[0])
    thread.archived = True
    schedule = await schedule_to(newsdesk, thread)
    async with serving():
        assert (await settled(newsdesk, schedule)).state is DeliveryState.SENT
    assert not thread.archived


async def test_a_thread_that_must_be_reopened_first_is(double: Double, newsdesk: Newsdesk, serving: Serving) -> None:
    thread = double.places.add(PUBLIC_THREAD, "the harbour", text_channels(double, 1)[0])
    thread.archived = True
    double.fail("POST", "/channels/*/messages", status=400, code=50083)
    schedule = await schedule_to(newsdesk, thread)
    async with serving():
        assert (await settled(newsdesk, schedule)).state is DeliveryState.SENT
    assert double.sent("PATCH", f"/channels/{thread.id}")
    assert len(thread.messages) == 1


async def test_a_locked_thread_stops_its_schedule(double: Double, newsdesk: Newsdesk, serving: Serving) -> None:
    thread = double.places.add(PUBLIC_THREAD, "the harbour", text_channels(double, 1)[0])
    thread.archived = thread.locked = True
    schedule = await schedule_to(newsdesk, thread)
    async with serving():
        found = await settled(newsdesk, schedule)
    assert (found.state, found.reason) == (
        DeliveryState.FAILED,
        "the thread is archived and I may not reopen it",
    )
    assert thread.messages == []


async def test_a_token_that_is_refused_ends_the_bot_and_nothing_is_lost(double: Double, newsdesk: Newsdesk) -> None:
    (place,) = text_channels(double, 1)
    schedule = await schedule_to(newsdesk, place)
    double.fail("POST", "/channels/*/messages", status=401)
    async with served(newsdesk) as bot:
        with pytest.raises(TokenRefused):
            await end_of(bot)
    async with served(newsdesk):
        assert (await settled(newsdesk, schedule)).state is DeliveryState.SENT
    assert len(place.messages) == 1
