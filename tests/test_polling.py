"""When a feed is polled next."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bot.polling import DEAD_AFTER, LONGEST_ASKED_FOR, LONGEST_WAIT, POLL_EVERY, next_poll


class Least(Random):
    """A die that always falls on its lowest side."""

    def random(self) -> float:
        return 0.0


@given(st.integers(0, 10_000), st.integers())
def test_waits_grow_to_a_day_and_no_further(failures: int, seed: int) -> None:
    wait = next_poll(failures, Random(seed))
    longest = min(LONGEST_WAIT, POLL_EVERY * 2 ** min(failures, 20))
    if failures:
        assert longest / 2 <= wait <= longest
    else:
        assert POLL_EVERY * 0.9 <= wait <= POLL_EVERY * 1.1


def test_a_feed_is_dead_after_more_than_a_day_at_the_least() -> None:
    waits = [next_poll(failures, Least()) for failures in range(1, DEAD_AFTER)]
    assert sum(waits, timedelta()) > timedelta(days=1)


def test_what_a_server_asks_for_is_kept_within_reason() -> None:
    assert next_poll(1, Random(1), timedelta(hours=5)) == timedelta(hours=5)
    assert next_poll(1, Random(1), timedelta(days=400)) == LONGEST_ASKED_FOR
    assert next_poll(1, Random(1), timedelta(seconds=1)) >= POLL_EVERY
