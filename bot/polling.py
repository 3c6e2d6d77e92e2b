"""When a feed is polled next: regularly while it can be read, and ever more rarely while it cannot.

The wait doubles with each failure up to a day, and half of it is drawn by chance ("equal jitter"), so that feeds of one
host that failed together do not come back together: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture
Blog, 2015.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Final

POLL_EVERY: Final = timedelta(minutes=30)
LONGEST_WAIT: Final = timedelta(days=1)
LONGEST_ASKED_FOR: Final = timedelta(days=3)
"""What a server asks for with Retry-After is kept up to here."""
DEAD_AFTER: Final = 8
"""Failures, one after another, after which a feed counts as dead. The waits between them are 39 hours at the least."""
_REGULAR_JITTER = 0.1
_MOST_DOUBLINGS = 10


def next_poll(failures: int, chance: random.Random, asked_for: timedelta | None = None) -> timedelta:
    """How long to wait after ``failures`` in a row; ``asked_for`` is what the server wants it to be at least."""
    if failures == 0:
        return POLL_EVERY * chance.uniform(1 - _REGULAR_JITTER, 1 + _REGULAR_JITTER)
    longest = min(LONGEST_WAIT, POLL_EVERY * (1 << min(failures, _MOST_DOUBLINGS)))
    wait = longest / 2 + longest / 2 * chance.random()
    return max(wait, min(asked_for, LONGEST_ASKED_FOR)) if asked_for else wait
