"""A library full of due digests, and a bot killed over it again and again: what the proofs of delivery stand on.

schedules -> `due` -> lives of the real process, each ended by `Death` or `Struck` -> `Outcome` of each digest
"""

from __future__ import annotations

import asyncio
import random
import shutil
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from bot.corpus import Corpus, Delivery, DeliveryState
from tests.wire import objects, permissions, rigging
from tests.wire.double import PATIENCE_SECONDS, Double
from tests.wire.places import Place
from tests.wire.process import Bot, forked
from tests.wire.rigging import Death

POSTS = ("POST", "/channels/*/messages")
DIGESTS, CHANNELS, DEATHS = 400, 8, 40
SEED, SHARE = 20_261, 0.3  # of the faults, and of the moments of death
POLL_SECONDS = 0.05
NONCE_WINDOW_SECONDS = 0.1  # shorter than any start: what a killed bot left behind is looked for in the channel


@dataclass(frozen=True)
class Struck:
    """The double kills the process over the ``number``-th digest that it sends.

    Before Discord has the message (unsent), before a word of the answer leaves (stored), or after the last one has.
    """

    name: Literal["unsent", "stored", "answered"]
    number: int = 1

    def __str__(self) -> str:
        return f"{self.name} {self.number}"

    def arm(self, discord: Double, kill: Callable[[], None]) -> None:
        spared = self.number - 1
        if self.name == "answered":
            discord.fail(*POSTS, status=0, spared=spared, after=kill)
        else:
            discord.fail(*POSTS, drop=True, carried_out=self.name == "stored", spared=spared, strike=kill)


def any_end(chance: random.Random) -> Death | Struck:
    """A death at a random step of a random digest."""
    number = chance.randint(1, 10)
    if chance.random() < 0.5:
        return Struck(chance.choice(("unsent", "stored", "answered")), number)
    return Death(chance.choice(("before", "after")), chance.choice(("claim", "mark")), number)


async def due(library: Path, folder: Path, places: Sequence[Place], digests: int) -> str:
    """Put a library with so many digests that are due now, channel by channel in turn, into ``folder``; its URL."""
    url = f"sqlite+aiosqlite:///{shutil.copy(library, folder / 'newsdesk.db')}"
    now = datetime.now(UTC)
    async with Corpus.open(url, bot=False) as corpus:
        for number in range(digests):
            await corpus.schedules.add(
                int(objects.GUILD),
                channel_id=int(places[number % len(places)].id),
                at=f"{now - timedelta(minutes=5):%H:%M}",
                zone="UTC",
                period="all",
                created_by=int(objects.ADMIN),
                now=now - timedelta(hours=2),
            )
    return url


@asynccontextmanager
async def living(discord: Double, folder: Path, end: Death | Struck | None = None) -> AsyncIterator[Bot]:
    """The bot as a process that looks often for what is due, and dies at ``end``."""
    death = end if isinstance(end, Death) else None
    rigged = rigging.settings(poll_seconds=POLL_SECONDS, nonce_window_seconds=NONCE_WINDOW_SECONDS, death=death)
    async with forked(discord.address, folder, **rigged) as bot:
        if isinstance(end, Struck):
            end.arm(discord, bot.process.kill)
        yield bot


async def live_and_die(discord: Double, folder: Path, end: Death | Struck) -> None:
    """One life, to its violent end."""
    async with living(discord, folder, end) as bot:
        assert await bot.ended() == -signal.SIGKILL, f"it did not die {end}"


async def live_until_done(discord: Double, folder: Path, url: str, seconds: float = PATIENCE_SECONDS) -> None:
    """One life until nothing is left to do for any digest, and a clean end."""
    async with living(discord, folder) as bot, Corpus.open(url, bot=False) as corpus:
        async with asyncio.timeout(seconds):
            while not await _is_done(corpus):  # noqa: ASYNC110 - the rows are on the disk: nobody here tells of them
                await asyncio.sleep(0.1)
        await bot.signalled(signal.SIGTERM)


async def _is_done(corpus: Corpus) -> bool:
    planned = [await corpus.deliveries.last(one.id) for one in (await corpus.schedules.all())[-1:]]
    return None not in planned and not await corpus.deliveries.unfinished()


async def left(url: str) -> int:
    """How many digests have not come to an end."""
    async with Corpus.open(url, bot=False) as corpus:
        rows = [await corpus.deliveries.last(one.id) for one in await corpus.schedules.all()]
    ended = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.SKIPPED, DeliveryState.UNCERTAIN)
    return sum(row is None or row.state not in ended for row in rows)


@dataclass(frozen=True)
class Outcome:
    """What became of one digest: its row, and how often it stands in its channel."""

    row: Delivery | None
    place: Place
    times: int

    @property
    def readable(self) -> bool:
        return self.place.may(permissions.READ_MESSAGE_HISTORY)

    def __str__(self) -> str:
        state = self.row.state if self.row else "never planned"
        return f"{state}, posted {self.times} times, history {'readable' if self.readable else 'unreadable'}"


async def outcomes(discord: Double, url: str) -> list[Outcome]:
    """One for each digest. A message is its digest's by the reference that it shows."""
    places = {place.id: place for place in discord.places}
    found = []
    async with Corpus.open(url, bot=False) as corpus:
        for schedule in await corpus.schedules.all():
            row, place = await corpus.deliveries.last(schedule.id), places[str(schedule.channel_id)]
            shown = [objects.text(message) for message in place.messages]
            found.append(Outcome(row, place, sum(row is not None and row.nonce in text for text in shown)))
    return found


def tally(found: Sequence[Outcome]) -> Counter[str]:
    return Counter(map(str, found))
