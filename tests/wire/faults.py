"""What goes wrong between the bot and Discord: faults a test asks for, and plans of faults by chance.

A fault is met by a request: it is answered with an error, or its connection is dropped, before Discord did what was
asked or after it. A `FaultPlan` decides each request's fault from a seed, so that a run can be repeated.
"""

from __future__ import annotations

import fnmatch
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tests.wire.objects import Json


@dataclass
class Fault:
    """What becomes of the next ``times`` requests that it takes, after the first ``spared`` of them.

    ``by`` is the process that asks, None for any. ``status`` is what they are answered (0: as usual); ``drop`` cuts the
    connection instead. ``carried_out``: Discord does what was asked all the same. ``strike`` is called when Discord has
    done that, or has not, and before a word of the answer leaves; ``after`` when the last word of it has.
    """

    method: str = "*"
    path_glob: str = "*"
    status: int = 500
    by: str | None = None
    code: int = 0
    times: int = 1
    spared: int = 0
    drop: bool = False
    delay_seconds: float = 0
    retry_after_seconds: float = 0
    is_global: bool = False
    carried_out: bool = False
    strike: Callable[[], None] | None = None
    after: Callable[[], None] | None = None

    def call_off(self) -> None:
        """No further request meets it."""
        self.times = 0

    def takes(self, method: str, path: str, by: str = "") -> bool:
        """Whether this request meets it. Counts: ask once a request."""
        meant = fnmatch.fnmatchcase(method, self.method) and fnmatch.fnmatchcase(path, self.path_glob)
        if not meant or self.by not in (None, by) or self.times <= 0:
            return False
        if self.spared > 0:
            self.spared -= 1
            return False
        self.times -= 1
        return True

    def answer(self) -> tuple[int, Json, dict[str, str]]:
        """Status, body and headers. A 429 of Discord itself has ``Via``; discord.py gives up on any other."""
        if self.status != 429:
            return self.status, {"message": "a fault was asked for", "code": self.code}, {}
        return limited(self.retry_after_seconds, is_global=self.is_global)


def limited(retry_after_seconds: float, *, is_global: bool = False) -> tuple[int, Json, dict[str, str]]:
    """A 429 as Discord itself gives it."""
    body = {"message": "You are being rate limited.", "retry_after": retry_after_seconds, "global": is_global}
    headers = {"Via": "1.1 google", "Retry-After": f"{retry_after_seconds:.3f}"}
    return 429, body | {"code": 0}, headers | ({"X-RateLimit-Global": "true"} if is_global else {})


# What loses an answer, with how often it comes. discord.py waits a second and more before it repeats after 500 and 502,
# so these are rarer: a run must not be mostly waiting.
_BY_CHANCE: Sequence[tuple[int, Fault]] = (
    (20, Fault(status=503, carried_out=True)),
    (20, Fault(status=503)),
    (20, Fault(drop=True, carried_out=True)),
    (20, Fault(drop=True)),
    (10, Fault(status=429, retry_after_seconds=0.02)),
    (2, Fault(status=502, carried_out=True)),
    (2, Fault(status=500)),
    (6, Fault(status=0, carried_out=True, delay_seconds=0.1)),
)


class FaultPlan:
    """A ``share`` of the requests to ``path_glob`` meets a fault. Which one, and which fault, ``seed`` decides.

    It decides by method, path and how many of these came before, so that requests side by side do not change each
    other's fate. ``met`` counts what came of it.
    """

    def __init__(self, seed: int, share: float, path_glob: str = "*") -> None:
        self.seed = seed
        self.share = share
        self.path_glob = path_glob
        self.met: Counter[str] = Counter()
        self._asked: Counter[tuple[str, str]] = Counter()

    def __str__(self) -> str:
        met = ", ".join(f"{number} {what}" for what, number in sorted(self.met.items()))
        return f"FaultPlan(seed={self.seed}, share={self.share}, path_glob={self.path_glob!r}): {met or 'none met'}"

    def fault_of(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets, if any. Counts: ask once a request."""
        if not fnmatch.fnmatchcase(path, self.path_glob):
            return None
        self._asked[method, path] += 1
        chance = random.Random(f"{self.seed} {method} {path} {self._asked[method, path]}")
        if chance.random() >= self.share:
            self.met["spared"] += 1
            return None
        (fault,) = chance.choices([fault for _, fault in _BY_CHANCE], [weight for weight, _ in _BY_CHANCE])
        self.met[_named(fault)] += 1
        return replace(fault)


def _named(fault: Fault) -> str:
    what = "dropped" if fault.drop else str(fault.status or "late")
    return f"{what} {'after' if fault.carried_out else 'before'}"


class Faults:
    """Every fault in force: those asked for, in order, then the plan's."""

    def __init__(self) -> None:
        self.plan: FaultPlan | None = None
        self._asked_for: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        self._asked_for.append(fault)
        return fault

    def clear(self) -> None:
        self._asked_for.clear()

    def of(self, method: str, path: str, by: str = "") -> Fault | None:
        """The fault that this request of a process meets, if any. Counts: ask once a request."""
        asked_for = next((fault for fault in self._asked_for if fault.takes(method, path, by)), None)
        return asked_for or (self.plan.fault_of(method, path) if self.plan else None)
