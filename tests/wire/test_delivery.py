"""A digest that is due reaches the channel once, whatever happens to the request on its way. Real sockets."""

from __future__ import annotations

from typing import Any

import pytest

from bot.corpus import DeliveryState
from bot.discord_app import delivery
from bot.newsdesk import Newsdesk
from tests.wire import objects, permissions
from tests.wire.conftest import Serving
from tests.wire.double import Double
from tests.wire.due import schedule_to, settled

POSTS = ("POST", "/channels/*/messages")

LOST_ANSWERS: list[dict[str, Any]] = [
    {"status": 500, "carried_out": True},
    {"status": 502, "carried_out": True},
    {"status": 503, "carried_out": True},
    {"drop": True, "carried_out": True},
    {"drop": True},
    {"status": 429, "retry_after_seconds": 0.02},
]


@pytest.fixture
def url(library_url: str) -> str:
    return library_url


@pytest.fixture(autouse=True)
async def due(double: Double, newsdesk: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One schedule, due a minute ago; the deliverer looks again soon."""
    monkeypatch.setattr(delivery, "POLL_SECONDS", 0.05)
    await schedule_to(newsdesk, double.places[objects.CHANNEL])


@pytest.mark.parametrize("may_read_history", [True, False])
@pytest.mark.parametrize("fault", LOST_ANSWERS, ids=repr)
async def test_a_lost_answer_does_not_post_a_digest_twice(
    double: Double, newsdesk: Newsdesk, serving: Serving, fault: dict[str, Any], may_read_history: bool
) -> None:
    """By the channel's history; where that may not be read, by the nonce, which Discord remembers for a while."""
    double.places[objects.CHANNEL].denied = 0 if may_read_history else permissions.READ_MESSAGE_HISTORY
    double.fail(*POSTS, **fault)
    async with serving():
        done = await settled(newsdesk)
    assert done.state is DeliveryState.SENT
    assert [message["id"] for message in double.rest.channel] == [str(done.message_id)]
    assert {request.body["nonce"] for request in double.sent(*POSTS)} == {done.nonce}


async def test_a_digest_deleted_before_its_answer_came_is_not_posted_again(
    double: Double, newsdesk: Newsdesk, serving: Serving
) -> None:
    double.fail(*POSTS, status=503, carried_out=True)
    async with serving():
        await double.until(lambda: double.sent(*POSTS))
        double.rest.delete(double.rest.channel[0])
        done = await settled(newsdesk)
    assert done.state is DeliveryState.SENT
    assert double.rest.channel == []


async def test_a_digest_is_not_posted_again_by_the_next_bot(
    double: Double, newsdesk: Newsdesk, serving: Serving
) -> None:
    async with serving():
        await settled(newsdesk)
    async with serving():
        await double.command("help")
    assert len(double.sent(*POSTS)) == 1
