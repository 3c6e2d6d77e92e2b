"""Threads at work at once, taking turns as often as the interpreter lets them: what finds races."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

HASTE_SECONDS = 1e-6


def at_once(*work: Callable[[], object]) -> None:
    """Do all of ``work``, each in a thread. Raises what one of them raises.

    The haste begins when every thread runs: two that begin in haste under coverage trip over each other's tracing.
    """
    before = sys.getswitchinterval()
    ready = threading.Barrier(len(work), lambda: sys.setswitchinterval(HASTE_SECONDS))

    def begin(one: Callable[[], object]) -> None:
        ready.wait()
        one()

    try:
        with ThreadPoolExecutor(len(work)) as threads:
            for done in [threads.submit(begin, one) for one in work]:
                done.result()
    finally:
        sys.setswitchinterval(before)
