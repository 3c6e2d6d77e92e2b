"""Promise 3, once: hundreds of digests through faults and ``kill -9``, by the real process, each posted exactly once.

A digest is *uncertain* only where the channel's history could not be read, and then it is not posted again.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bot.corpus import DeliveryState
from tests.wire import permissions
from tests.wire.double import Double, text_channels
from tests.wire.faults import FaultPlan
from tests.wire.lives import (
    CHANNELS,
    DEATHS,
    DIGESTS,
    SEED,
    SHARE,
    Struck,
    any_end,
    due,
    left,
    live_and_die,
    live_until_done,
    outcomes,
    tally,
)
from tests.wire.rigging import Death, Moment

_HISTORIES = ("GET", "/channels/*/messages")

MOMENTS: tuple[Moment, ...] = ("before", "after")
STEPS = [
    *(Death(moment, step) for step in ("plan", "claim") for moment in MOMENTS),
    Struck("unsent"),
    Struck("stored"),
    Struck("answered"),
    *(Death(moment, "mark") for moment in MOMENTS),
]


@pytest.mark.parametrize("end", STEPS, ids=str)
async def test_a_bot_killed_at_a_step_of_a_delivery_posts_it_once(
    double: Double, tmp_path: Path, blank_library: Path, end: Death | Struck
) -> None:
    url = await due(blank_library, tmp_path, text_channels(double, 1), 1)
    await live_and_die(double, tmp_path, end)
    double.places.forget_nonces()  # it stayed down for longer than Discord remembers them
    await live_until_done(double, tmp_path, url)
    assert tally(await outcomes(double, url)) == {"sent, posted 1 times, history readable": 1}


@pytest.mark.parametrize("end", [Struck("unsent"), Struck("stored")], ids=str)
async def test_where_the_history_may_not_be_read_it_is_uncertain_and_not_posted_again(
    double: Double, tmp_path: Path, blank_library: Path, end: Struck
) -> None:
    (place,) = text_channels(double, 1)
    place.denied = permissions.READ_MESSAGE_HISTORY
    url = await due(blank_library, tmp_path, [place], 1)
    await live_and_die(double, tmp_path, end)
    double.places.forget_nonces()
    before = len(double.sent("POST", "/channels/*/messages"))
    await live_until_done(double, tmp_path, url)
    (outcome,) = await outcomes(double, url)
    assert outcome.row is not None
    assert outcome.row.state is DeliveryState.UNCERTAIN
    assert outcome.times == (end.name == "stored")
    assert len(double.sent("POST", "/channels/*/messages")) == before


async def test_four_hundred_digests_are_posted_once_through_faults_and_kills(
    double: Double, tmp_path: Path, blank_library: Path
) -> None:
    places = text_channels(double, CHANNELS)
    places[0].denied = permissions.READ_MESSAGE_HISTORY
    url = await due(blank_library, tmp_path, places, DIGESTS)
    double.plan(plan := FaultPlan(SEED, SHARE, "/channels/*"))
    chance, deaths = random.Random(SEED), 0
    for number in (DIGESTS // 20, DIGESTS // 10):
        await live_and_die(double, tmp_path, Death("before", "plan", number))
        deaths += 1
    while deaths < DEATHS:
        await live_and_die(double, tmp_path, any_end(chance))
        deaths += 1
        if deaths % 2:
            double.places.forget_nonces()
    assert await left(url) > 0, "all was posted before the last death: more digests, or fewer deaths"
    await live_until_done(double, tmp_path, url, seconds=120)

    found = await outcomes(double, url)
    told = f"{tally(found)} after {deaths} kills under {plan}"
    doubled = [one for one in found if one.times > 1]
    missing = [one for one in found if not one.times and (one.row is None or one.row.state is DeliveryState.SENT)]
    assert (len(found), len(doubled), len(missing)) == (DIGESTS, 0, 0), told
    assert sum(len(place.messages) for place in places) == sum(one.times for one in found), told
    unsettled = [one for one in found if one.row is None or one.row.state is not DeliveryState.SENT]
    assert {one.row.state for one in unsettled if one.row} <= {DeliveryState.UNCERTAIN}, told
    # A history that could be read but was answered with a fault is unreadable just then.
    unread = sum(request.status != 200 for request in double.sent(*_HISTORIES))
    assert sum(one.readable for one in unsettled) <= unread, told
