"""Promise 3, once: hundreds of digests through faults and ``kill -9``, by the real process, each posted exactly once.

A digest is *uncertain* only where the channel's history could not be read, and then it is not posted again.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from bot.corpus import DeliveryState
from tests.sizes import cases
from tests.wire import permissions
from tests.wire.double import Double, text_channels
from tests.wire.faults import FaultPlan
from tests.wire.fleet import fleet
from tests.wire.lives import (
    CHANNELS,
    DEATHS,
    DIGESTS,
    SEED,
    SHARE,
    Struck,
    die_again_and_again,
    due,
    left,
    live_and_die,
    live_until_done,
    outcomes,
    prove_each_posted_once,
    schedule,
    tally,
    until_done,
)
from tests.wire.objects import GUILD
from tests.wire.places import channel_of
from tests.wire.rigging import Death, Moment, settings

DEATHS_OF_THREE = cases(24, few=6)
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


async def test_digests_are_posted_once_through_faults_and_kills(
    double: Double, tmp_path: Path, blank_library: Path
) -> None:
    places = text_channels(double, CHANNELS)
    places[0].denied = permissions.READ_MESSAGE_HISTORY
    url = await due(blank_library, tmp_path, places, DIGESTS)
    double.plan(plan := FaultPlan(SEED, SHARE, "/channels/*"))
    await die_again_and_again(double, partial(live_and_die, double, tmp_path))
    assert await left(url) > 0, "all was posted before the last death: more digests, or fewer deaths"
    await live_until_done(double, tmp_path, url, seconds=120)
    await prove_each_posted_once(double, url, f"after {DEATHS} kills under {plan}")


async def test_digests_are_posted_once_by_three_processes_that_are_killed(
    double: Double, tmp_path: Path, postgres_url: str
) -> None:
    """Each has its servers, and sees to those of the others while they are dead; in the end all are, at once."""
    places = [double.places[channel_of(guild)] for guild in (GUILD, *double.populate(CHANNELS - 1))]
    places[0].denied = permissions.READ_MESSAGE_HISTORY
    soon = settings(dead_seconds=2.0)
    async with fleet(double, tmp_path, [(0,), (1,), (2,)], rigged=soon, DATABASE_URL=postgres_url) as members:
        for member in members:
            await member.kill()
        await schedule(postgres_url, places, DIGESTS)
        double.plan(plan := FaultPlan(SEED, SHARE, "/channels/*"))
        # Before the first one is posted, all are planned: on a busy machine that takes longer than one test waits.
        dying = [partial(member.live_and_die, seconds=120) for member in members]
        await die_again_and_again(double, *dying, deaths=DEATHS_OF_THREE)
        assert await left(postgres_url) > 0, "all was posted before the last death: more digests, or fewer deaths"
        double.places.forget_nonces()
        for member in members:
            await member.start()
        await until_done(postgres_url, seconds=120)
        for member in members:
            await member.stop()
    await prove_each_posted_once(double, postgres_url, f"after {DEATHS_OF_THREE} kills under {plan}")
