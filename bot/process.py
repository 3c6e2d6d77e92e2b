"""How the interpreter shares its time in a process that must answer everybody while it computes for somebody.

Measured with fifty questions side by side (`make bench`): the event loop was held 15 ms in one of a hundred beats and
50 ms at worst before, 3 ms and 6 ms with this and with one thread for what computes (`bot.newsdesk`).
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SWITCH_SECONDS = 0.0005  # how long a thread may keep the interpreter from the loop; Python's default is ten times that

# Young objects before they are looked through for garbage, and how often what outlived that is looked through, too.
# Python's default of 700 takes a tenth of the processor at 300 questions a second.
_GARBAGE_THRESHOLDS = (20_000, 20, 20)

_PRODUCT_THREADS = "OPENBLAS_NUM_THREADS"


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def keep_products_in_one_thread() -> None:
    """Let the library behind numpy's products use no threads of its own; a host's own setting counts before this.

    It is read once, when numpy is loaded. The products of a search are small: threads that wait for one another in a
    loop took 12 of its 20 ms of the processors.
    """
    os.environ.setdefault(_PRODUCT_THREADS, "1")


def keep_what_is_here() -> None:
    """Search what is in memory for garbage now, and not again: the next time it would keep everybody waiting."""
    gc.collect()
    gc.freeze()


@contextmanager
def favouring_the_event_loop() -> Iterator[None]:
    """Enter once what the process needs is loaded: meanwhile it is not searched for garbage, which would take 50 ms."""
    before, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(_SWITCH_SECONDS)
    keep_what_is_here()
    gc.set_threshold(*_GARBAGE_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
        sys.setswitchinterval(before)
