"""A digest that Discord did not confirm, and whose nonce is forgotten, is looked for in the channel. Real sockets."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.corpus import Delivery, DeliveryState
from bot.discord_app import delivery
from bot.newsdesk import Newsdesk
from tests.wire import objects, permissions
from tests.wire.conftest import Serving
from tests.wire.double import Double
from tests.wire.due import NOON, schedule_to, settled
from tests.wire.lives import POSTS
from tests.wire.places import MOST_MESSAGES, PUBLIC_THREAD, TEXT, Place

HISTORY = ("GET", "/channels/*/messages")


@pytest.fixture
def url(library_url: str) -> str:
    return library_url


@pytest.fixture
def place(double: Double) -> Place:
    return double.places.add(TEXT, "desk")


@pytest.fixture(autouse=True)
async def due(newsdesk: Newsdesk, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """One schedule, due a minute ago; the deliverer looks again soon."""
    monkeypatch.setattr(delivery, "POLL_SECONDS", 0.05)
    await schedule_to(newsdesk, place)


async def unconfirmed(double: Double, newsdesk: Newsdesk, serving: Serving, *, posted: bool) -> None:
    """A bot posts the digest, is not told what became of it, and ends; then more time passes than nonces are kept."""
    double.fail(*POSTS, drop=True, carried_out=posted, times=1_000)
    async with serving():
        await double.until(lambda: double.sent(*POSTS))
    double.heal()
    double.places.forget_nonces()
    double.requests.clear()
    newsdesk.now = lambda: NOON + delivery.NONCE_WINDOW + timedelta(minutes=5)


async def resolved(newsdesk: Newsdesk, serving: Serving) -> Delivery:
    async with serving():
        return await settled(newsdesk)


@pytest.mark.parametrize("others", [0, 2 * MOST_MESSAGES], ids=["alone", "under two hundred messages"])
async def test_a_digest_that_stands_in_the_channel_is_not_posted_again(
    double: Double, newsdesk: Newsdesk, serving: Serving, place: Place, others: int
) -> None:
    await unconfirmed(double, newsdesk, serving, posted=True)
    posted = place.messages[0]["id"]
    for number in range(others):
        double.places.say(place, f"and {number} more")
    done = await resolved(newsdesk, serving)
    assert (done.state, str(done.message_id)) == (DeliveryState.SENT, posted)
    assert double.sent(*POSTS) == []
    assert double.sent(*HISTORY)


async def test_a_digest_that_does_not_stand_in_the_channel_is_posted(
    double: Double, newsdesk: Newsdesk, serving: Serving, place: Place
) -> None:
    await unconfirmed(double, newsdesk, serving, posted=False)
    done = await resolved(newsdesk, serving)
    assert done.state is DeliveryState.SENT
    assert [message["id"] for message in place.messages] == [str(done.message_id)]
    assert done.nonce in objects.text(place.messages[0])


async def test_a_person_who_repeats_the_reference_is_not_taken_for_the_digest(
    double: Double, newsdesk: Newsdesk, serving: Serving, place: Place
) -> None:
    await unconfirmed(double, newsdesk, serving, posted=False)
    (waiting,) = await newsdesk.corpus.deliveries.unfinished()
    double.places.say(place, f"what is {waiting.nonce}?")
    done = await resolved(newsdesk, serving)
    assert len(double.sent(*POSTS)) == 1
    assert str(done.message_id) == place.messages[-1]["id"]


@pytest.mark.parametrize("posted", [True, False])
async def test_a_history_that_may_not_be_read_leaves_it_uncertain(
    double: Double, newsdesk: Newsdesk, serving: Serving, place: Place, posted: bool
) -> None:
    await unconfirmed(double, newsdesk, serving, posted=posted)
    place.denied = permissions.READ_MESSAGE_HISTORY
    done = await resolved(newsdesk, serving)
    assert done.state is DeliveryState.UNCERTAIN
    assert done.reason
    assert double.sent(*POSTS) == []
    assert len(place.messages) == posted


async def test_a_history_that_cannot_be_read_just_now_does_not_double_it(
    double: Double, newsdesk: Newsdesk, serving: Serving, place: Place
) -> None:
    await unconfirmed(double, newsdesk, serving, posted=True)
    double.fail(*HISTORY, status=503)
    done = await resolved(newsdesk, serving)
    assert done.state in (DeliveryState.SENT, DeliveryState.UNCERTAIN)
    assert double.sent(*POSTS) == []
    assert len(place.messages) == 1


async def test_a_digest_is_looked_for_in_an_archived_thread(
    double: Double, newsdesk: Newsdesk, serving: Serving, place: Place
) -> None:
    (schedule,) = await newsdesk.corpus.schedules.all()
    await newsdesk.corpus.schedules.remove(int(objects.GUILD), schedule.number)
    thread = double.places.add(PUBLIC_THREAD, "the harbour", place)
    await schedule_to(newsdesk, thread)
    await unconfirmed(double, newsdesk, serving, posted=True)
    thread.archived = True
    done = await resolved(newsdesk, serving)
    assert (done.state, str(done.message_id)) == (DeliveryState.SENT, thread.messages[0]["id"])
    assert double.sent(*POSTS) == []
