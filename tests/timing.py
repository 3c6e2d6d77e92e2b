"""Time limits that hold on a machine where others are at work too."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

TRIES = 3


async def quickest(limit_seconds: float, timed: Callable[[int], Awaitable[float]]) -> float:
    """The seconds of the first try below the limit, or else of the quickest of three: what is slow at all is found.

    ``timed`` takes the number of the try and returns how long it took.
    """
    taken: list[float] = []
    while len(taken) < TRIES and not (taken and taken[-1] < limit_seconds):
        taken.append(await timed(len(taken)))
    return min(taken)


def share_of_processor(pid: int, seconds: float) -> float:
    """What part of its first ``seconds``, which were all work, a process was let run: less where others are at work.

    1, as on an idle machine, where the system (other than Linux) does not say.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 1
    return min(1, sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK") / seconds)
