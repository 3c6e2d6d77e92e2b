"""What a test sets in the bot's own process, by its environment: shorter waits, and its death at a step of a delivery.

`tests.wire.launch` applies it before the bot starts. The product knows nothing of it.

    WIRE_POLL_SECONDS=0.05  WIRE_NONCE_WINDOW_SECONDS=0.5  WIRE_DIE="before mark 3"
"""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, ParamSpec, TypeVar

from bot.corpus.deliveries import Deliveries
from bot.discord_app import delivery

Moment = Literal["before", "after"]
STEPS = ("plan", "claim", "mark")  # the methods of `Deliveries` that a digest passes through

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


@dataclass(frozen=True)
class Death:
    """``kill -9`` before or after the ``number``-th time that a step is taken."""

    moment: Moment
    step: str
    number: int = 1

    def __str__(self) -> str:
        return f"{self.moment} {self.step} {self.number}"


def settings(
    *, poll_seconds: float | None = None, nonce_window_seconds: float | None = None, death: Death | None = None
) -> dict[str, str]:
    """The environment that asks for these."""
    asked = {"POLL_SECONDS": poll_seconds, "NONCE_WINDOW_SECONDS": nonce_window_seconds, "DIE": death}
    return {f"WIRE_{name}": str(value) for name, value in asked.items() if value is not None}


def apply(environment: Mapping[str, str]) -> None:
    """Do what the environment asks for."""
    if seconds := environment.get("WIRE_POLL_SECONDS"):
        delivery.POLL_SECONDS = float(seconds)  # type: ignore[assignment]
    if seconds := environment.get("WIRE_NONCE_WINDOW_SECONDS"):
        delivery.NONCE_WINDOW = timedelta(seconds=float(seconds))
    if asked := environment.get("WIRE_DIE"):
        moment, step, number = asked.split()
        setattr(Deliveries, step, _deadly(getattr(Deliveries, step), moment == "before", int(number)))


def _deadly(
    method: Callable[_Given, Awaitable[_Made]], before: bool, number: int
) -> Callable[_Given, Awaitable[_Made]]:
    taken = 0

    @functools.wraps(method)
    async def take(*given: _Given.args, **named: _Given.kwargs) -> _Made:
        nonlocal taken
        taken = mine = taken + 1
        if before and mine == number:
            os.kill(os.getpid(), signal.SIGKILL)
        made = await method(*given, **named)
        if mine == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    return take
