"""Time limits that hold on a machine where others are at work too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

TRIES = 3


async def quickest(limit_seconds: float, timed: Callable[[int], Awaitable[float]]) -> float:
    """The seconds of the first try below the limit, or else of the quickest of three: what is slow at all is found.

    ``timed`` takes the number of the try and returns how long it took.
    """
    taken: list[float] = []
    while len(taken) < TRIES and not (taken and taken[-1] < limit_seconds):
        taken.append(await timed(len(taken)))
    return min(taken)
