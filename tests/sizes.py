"""The two sizes of the one suite: every rule, and every case.

The short one is what `make check` runs, and what is run while working: each rule is tried with as few cases as show
that it is broken, and on SQLite. The long one is what CI runs (`make check LONG=1`): hundreds of digests and dozens of
deaths instead of a few, each hostile document, each floor of quality, PostgreSQL wherever a library is opened, and the
coverage of all that.

A test says what it leaves out of the short one in three ways: the mark ``long``, for a test or a case whose rule others
hold too; `cases`, for how often it does the same; `some`, for the cases that it goes over. What takes a server of
PostgreSQL's need say nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

LONG = os.environ.get("LONG", "0") not in ("", "0")
EXAMPLES = 100  # of a property, as hypothesis has it


def cases(every: int, *, few: int) -> int:
    """How often to do the same: ``few`` times in the short size."""
    return every if LONG else few


def some(every: Iterable[T], *, few: int) -> list[T]:
    """What to go over: in the short size ``few`` at equal distances, the first one among them."""
    found = list(every)
    return found if LONG else list(islice(found, 0, None, max(1, -(-len(found) // few))))
