"""A library full of due digests, and a bot killed over it again and again: what the proofs of delivery stand on.

schedules -> `due` -> lives of the real process, each ended by `Death` or `Struck` -> `Outcome` of each digest

Nothing here is of one process alone: `tests.wire.fleet` has several live, on one library, by the same means.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from bot.corpus import Corpus, Delivery, DeliveryState
from tests.sizes import cases
from tests.wire import objects, permissions, rigging
from tests.wire.double import PATIENCE_SECONDS, Double
from tests.wire.faults import Fault
from tests.wire.places import Place
from tests.wire.process import Bot, Start, forked
from tests.wire.rigging import Death

POSTS = ("POST", "/channels/*/messages")
HISTORIES = ("GET", "/channels/*/messages")
DIGESTS, CHANNELS, DEATHS = cases(400, few=80), 8, cases(40, few=8)
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

    def arm(self, discord: Double, kill: Callable[[], None], by: str | None = None) -> Fault:
        """From now on: over a digest of the process ``by``, of any where it is None."""
        meant: dict[str, Any] = {"spared": self.number - 1, "by": by}
        if self.name == "answered":
            return discord.fail(*POSTS, status=0, after=kill, **meant)
        return discord.fail(*POSTS, drop=True, carried_out=self.name == "stored", strike=kill, **meant)


def any_end(chance: random.Random) -> Death | Struck:
    """A death at a random step of a random digest."""
    number = chance.randint(1, 10)
    if chance.random() < 0.5:
        return Struck(chance.choice(("unsent", "stored", "answered")), number)
    return Death(chance.choice(("before", "after")), chance.choice(("claim", "mark")), number)


async def due(library: Path, folder: Path, places: Sequence[Place], digests: int) -> str:
    """A copy of ``library`` in ``folder``, with so many digests that are due now; its URL."""
    url = f"sqlite+aiosqlite:///{shutil.copy(library, folder / 'newsdesk.db')}"
    await schedule(url, places, digests)
    return url


async def schedule(url: str, places: Sequence[Place], digests: int) -> None:
    """Let so many digests be due now, channel by channel in turn."""
    now = datetime.now(UTC)
    async with Corpus.open(url, bot=False) as corpus:
        for number in range(digests):
            place = places[number % len(places)]
            assert place.guild is not None
            await corpus.schedules.add(
                int(place.guild),
                channel_id=int(place.id),
                at=f"{now - timedelta(minutes=5):%H:%M}",
                zone="UTC",
                period="all",
                created_by=int(objects.ADMIN),
                now=now - timedelta(hours=2),
            )


@asynccontextmanager
async def living(
    discord: Double,
    folder: Path,
    end: Death | Struck | None = None,
    *,
    process: str = "",
    start: Start = forked,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Bot]:
    """The bot as a process that looks often for what is due, and dies at ``end``.

    ``process`` names it where several run at once.
    """
    death = end if isinstance(end, Death) else None
    rigged = rigging.settings(poll_seconds=POLL_SECONDS, nonce_window_seconds=NONCE_WINDOW_SECONDS, death=death)
    address = discord.address_of(process) if process else discord.address
    async with start(address, folder, **(settings or {}), **rigged) as bot:
        fault = end.arm(discord, bot.process.kill, process or None) if isinstance(end, Struck) else None
        try:
            yield bot
        finally:
            if fault is not None:
                fault.call_off()  # another life is not meant


async def live_and_die(discord: Double, folder: Path, end: Death | Struck) -> None:
    """One life, to its violent end."""
    async with living(discord, folder, end) as bot:
        assert await bot.ended() == -signal.SIGKILL, f"it did not die {end}"


async def die_again_and_again(
    discord: Double, *dying: Callable[[Death | Struck], Awaitable[None]], deaths: int = DEATHS
) -> None:
    """So many violent ends, two of them while digests are planned. Each of ``dying`` is a process, and lives one life.

    Now and then a bot of one process stays down for longer than Discord remembers nonces. Of several, others live.
    """
    chance = random.Random(SEED)
    ends: list[Death | Struck] = [Death("before", "plan", number) for number in (DIGESTS // 20, DIGESTS // 10)]
    ends += [any_end(chance) for _ in range(deaths - len(ends))]
    numbered = enumerate(ends, 1)

    async def live(die: Callable[[Death | Struck], Awaitable[None]]) -> None:
        for number, end in numbered:
            await die(end)
            if number > 2 and number % 2 and len(dying) == 1:
                discord.places.forget_nonces()

    async with asyncio.TaskGroup() as living:
        for die in dying:
            living.create_task(live(die))


async def live_until_done(discord: Double, folder: Path, url: str, seconds: float = PATIENCE_SECONDS) -> None:
    """One life until nothing is left to do for any digest, and a clean end."""
    async with living(discord, folder) as bot:
        await until_done(url, seconds)
        await bot.signalled(signal.SIGTERM)


async def until_done(url: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until those who live have left nothing to do for any digest."""
    async with Corpus.open(url, bot=False) as corpus, asyncio.timeout(seconds):
        while not await _is_done(corpus):  # noqa: ASYNC110 - the rows are in the database: nobody here tells of them
            await asyncio.sleep(0.1)


async def _is_done(corpus: Corpus) -> bool:
    if await corpus.deliveries.unfinished():
        return False
    for one in await corpus.schedules.all():
        if await corpus.deliveries.last(one.id) is None:
            return False
    return not await corpus.deliveries.unfinished()  # nor was any planned meanwhile


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


async def prove_each_posted_once(discord: Double, url: str, told: str) -> None:
    """Of `DIGESTS`, each is posted once, or *uncertain* because its channel's history could not be read.

    ``told`` is what a failure is to say of how it came to that.
    """
    found = await outcomes(discord, url)
    told = f"{tally(found)} {told}"
    doubled = [one for one in found if one.times > 1]
    missing = [one for one in found if not one.times and (one.row is None or one.row.state is DeliveryState.SENT)]
    assert (len(found), len(doubled), len(missing)) == (DIGESTS, 0, 0), told
    posted = {one.place.id: len(one.place.messages) for one in found}
    assert sum(posted.values()) == sum(one.times for one in found), told
    unsettled = [one for one in found if one.row is None or one.row.state is not DeliveryState.SENT]
    assert {one.row.state for one in unsettled if one.row} <= {DeliveryState.UNCERTAIN}, told
    # A history that could be read but was answered with a fault is unreadable just then.
    unread = sum(request.status != 200 for request in discord.sent(*HISTORIES))
    assert sum(one.readable for one in unsettled) <= unread, told
