"""What a test sets in the bot's own process, by its environment: shorter waits, its death at a step, a look inside.

`tests.wire.launch` applies it before the bot starts. The product knows nothing of it.

    WIRE_POLL_SECONDS=0.05  WIRE_NONCE_WINDOW_SECONDS=0.5  WIRE_DIE="before mark 3"
    WIRE_MOST_IN_HAND=1000    questions, where it would be fewer
    WIRE_START_SECONDS=0      for how long Discord is tried at the start
    WIRE_DEAD_SECONDS=2       after which other processes take it for dead
    WIRE_LAG_FILE=lag.json    how late the event loop was, p99 and at most in ms, written at a clean end
    WIRE_POLLS_FILE=polls.json    seconds of the processor that each look at what is due took
    WIRE_IDENTIFY_SECONDS=0   between the starts of two shards
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar

from bot.corpus.deliveries import Deliveries
from bot.desks import ownership
from bot.discord_app import admission, app, delivery, processes, sharding, sync
from tests.bench.loop import Heartbeat

Moment = Literal["before", "after"]

_BEAT_SECONDS = 0.005  # each is a twentieth of what a question costs

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


@dataclass(frozen=True)
class Death:
    """``kill -9`` before or after the ``number``-th time that a step is taken: a method of `Deliveries`."""

    moment: Moment
    step: str
    number: int = 1

    def __str__(self) -> str:
        return f"{self.moment} {self.step} {self.number}"


def settings(
    *,
    poll_seconds: float | None = None,
    nonce_window_seconds: float | None = None,
    death: Death | None = None,
    lag_file: Path | None = None,
    most_in_hand: int | None = None,
    start_seconds: float | None = None,
    dead_seconds: float | None = None,
    polls_file: Path | None = None,
    identify_seconds: float | None = None,
) -> dict[str, str]:
    """The environment that asks for these."""
    asked: dict[str, object] = {"POLL_SECONDS": poll_seconds, "NONCE_WINDOW_SECONDS": nonce_window_seconds}
    asked |= {"DIE": death, "LAG_FILE": lag_file, "MOST_IN_HAND": most_in_hand}
    asked |= {"START_SECONDS": start_seconds, "DEAD_SECONDS": dead_seconds}
    asked |= {"POLLS_FILE": polls_file, "IDENTIFY_SECONDS": identify_seconds}
    return {f"WIRE_{name}": str(value) for name, value in asked.items() if value is not None}


def apply(environment: Mapping[str, str]) -> None:
    """Do what the environment asks for."""
    if seconds := environment.get("WIRE_POLL_SECONDS"):
        vars(delivery)["POLL_SECONDS"] = float(seconds)
    if seconds := environment.get("WIRE_NONCE_WINDOW_SECONDS"):
        vars(delivery)["NONCE_WINDOW"] = timedelta(seconds=float(seconds))
    if seconds := environment.get("WIRE_START_SECONDS"):
        vars(app)["START_SECONDS"] = float(seconds)
    if seconds := environment.get("WIRE_DEAD_SECONDS"):
        _hasten_death(float(seconds))
    if seconds := environment.get("WIRE_IDENTIFY_SECONDS"):
        vars(sharding)["IDENTIFY_SECONDS"] = float(seconds)
    if asked := environment.get("WIRE_DIE"):
        moment, step, number = asked.split()
        setattr(Deliveries, step, _deadly(getattr(Deliveries, step), moment == "before", int(number)))
    if most := environment.get("WIRE_MOST_IN_HAND"):
        admission.Admission.__init__.__defaults__ = (int(most), int(most))
    if file := environment.get("WIRE_LAG_FILE"):
        _listen_to_the_loop(Path(file))
    if file := environment.get("WIRE_POLLS_FILE"):
        _time_the_polls(Path(file))


def _hasten_death(seconds: float) -> None:
    """All that hangs together with how soon a death is known, in the same proportions."""
    shorter = seconds / ownership.DEAD_SECONDS
    vars(ownership).update(DEAD_SECONDS=seconds, LEASE_SECONDS=ownership.LEASE_SECONDS * shorter)
    for beating in (processes, sync):
        vars(beating)["BEAT_SECONDS"] = ownership.BEAT_SECONDS * shorter


def _listen_to_the_loop(file: Path) -> None:
    serving = app.serve

    async def heard(*given: Any, **named: Any) -> None:
        async with Heartbeat(_BEAT_SECONDS) as heart:
            await serving(*given, **named)
        lag = heart.lag("")
        await asyncio.to_thread(file.write_text, json.dumps([lag.p99_ms, lag.max_ms]), encoding="utf-8")

    app.serve = heard


def _time_the_polls(file: Path) -> None:
    looking = delivery.Deliverer.tick
    taken: list[float] = []

    async def timed(deliverer: delivery.Deliverer) -> None:
        begun = time.process_time()
        await looking(deliverer)
        taken.append(time.process_time() - begun)
        await asyncio.to_thread(_replace, file, json.dumps(taken))

    setattr(delivery.Deliverer, looking.__name__, timed)


def _replace(file: Path, text: str) -> None:
    """Whoever reads the file meanwhile finds all of it."""
    written = file.with_suffix(".part")
    written.write_text(text, encoding="utf-8")
    written.replace(file)


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
