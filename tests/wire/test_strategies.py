"""The double shows what is known of the naive orders of posting and recording: doubles, losses, doubles."""

from __future__ import annotations

from collections import Counter

from tests.wire import strategies
from tests.wire.double import Double, text_channels
from tests.wire.faults import FaultPlan
from tests.wire.lives import CHANNELS, DEATHS, DIGESTS, SEED, SHARE
from tests.wire.strategies import Strategy, titled


async def _posted(double: Double, strategy: Strategy) -> tuple[int, int]:
    """How many digests stand in their channels more than once, and how many not at all."""
    places = text_channels(double, CHANNELS)
    double.plan(FaultPlan(SEED, SHARE, "/channels/*"))
    assert await strategies.carry_out(strategy, double.address, places, DIGESTS, DEATHS, SEED) == DEATHS
    shown = Counter(message["content"] for place in places for message in place.messages)
    doubled = sum(times > 1 for times in shown.values())
    lost = sum(titled(number) not in shown for number in range(DIGESTS))
    return doubled, lost


async def test_to_post_first_and_record_then_doubles(double: Double) -> None:
    doubled, lost = await _posted(double, strategies.post_then_record)
    assert (doubled >= DEATHS / 2, lost) == (True, 0), (doubled, lost)


async def test_to_record_first_and_post_then_loses(double: Double) -> None:
    doubled, lost = await _posted(double, strategies.record_then_post)
    assert (doubled, lost >= DEATHS / 2) == (0, True), (doubled, lost)


async def test_to_record_and_to_post_until_it_is_confirmed_doubles_and_loses(double: Double) -> None:
    doubled, lost = await _posted(double, strategies.record_post_and_retry)
    assert (doubled >= DEATHS / 2, lost >= DEATHS / 4) == (True, True), (doubled, lost)
