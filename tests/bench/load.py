"""Many people at once: questions at a steady rate to the real process, over real sockets, while digests go out.

    library of synthetic articles -> the bot as a process, a life for each rate -> double of Discord -> `LoadRow`

The questions come whether the earlier ones were answered or not, as they do from people. The double runs on the same
machine, so that its work is part of every time.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from signal import SIGTERM
from typing import Any

from bot.corpus import Corpus
from bot.discord_app.admission import BUSY
from bot.model import Document
from bot.newsdesk import Newsdesk
from tests.bench.articles import article_count
from tests.bench.measure import Figure, percentile
from tests.bench.search import Given, alone, failure
from tests.bench.store import fill_library
from tests.wire import objects, rigging
from tests.wire.answers import CHOICES, FIRST_RESPONSE_SECONDS, Answer
from tests.wire.double import COMMAND, TYPING, Double, text_channels
from tests.wire.objects import GUILD, MEMBER, Json
from tests.wire.process import running

PASSAGES = 100_000
RATE, SECONDS = 300, 30.0

_SPEAKERS, _QUOTED_ARTICLES = 40, 120  # of today, so that digests have something to say
_DIGESTS, _DESKS = 30, 3  # more than the channels take at once
_WARM_UPS = 20  # until the second process knows the library
_WARM_RATE, _WARM_SECONDS = 100, 5.0  # as after the first minute of a day: what is asked for often is in memory
_POSTS = ("POST", "/channels/*/messages")
_NO_LIMIT = 1_000_000
_HELD_ONE_IN = 11  # not a multiple of the three that a question is: each kind is met
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_SEED = 30


@dataclass(frozen=True)
class Stage:
    """``rate`` questions a second for so many ``seconds``; without ``shedding`` the bot takes all on."""

    rate: int
    seconds: float = 10.0
    shedding: bool = True


STAGES = (Stage(50), Stage(100), Stage(150), Stage(200), Stage(RATE, SECONDS), Stage(600), Stage(RATE, shedding=False))


def stages(rates: Sequence[int]) -> Sequence[Stage]:
    """The stages of a run; where ``rates`` are given, one for each of these alone, as long as it always is."""
    usual = {stage.rate: stage for stage in STAGES if stage.shedding}
    return [usual.get(rate, Stage(rate)) for rate in rates] or STAGES


@dataclass
class LoadRow:
    """What became of the questions that came at a rate. Times are until the answer, also where it was deferred."""

    passages: int
    rate: int
    seconds: float
    shedding: bool
    asked: int = 0
    answered: int = 0
    refused: int = 0  # at once, in a sentence, or with no choices
    late: int = 0  # not within the three seconds that Discord gives for a first answer
    deferred: int = 0
    answer_ms: list[float] = field(default_factory=list)
    refusal_ms: list[float] = field(default_factory=list)
    lag_p99_ms: Figure = None
    lag_max_ms: Figure = None
    cpu: Figure = None  # cores that the bot used
    digests: int = 0
    note: str = ""

    @property
    def p99_ms(self) -> Figure:
        return percentile(self.answer_ms, 99)

    @property
    def answered_share(self) -> Figure:
        return self.answered / self.asked if self.asked else None


def measure(given: Given, stages: Sequence[Stage] = STAGES) -> list[LoadRow]:
    """Fill a library and ask at each rate; where a stage fails its row says so, and the others go on."""
    folder = given.folder / "load"
    folder.mkdir()
    rows = []
    try:
        alone(_run, _fill, folder, given)
    except Exception as error:  # noqa: BLE001 - as in `tests.bench.store`
        return [LoadRow(given.passages, 0, 0.0, shedding=True, note=failure(error))]
    for stage in stages:
        row = LoadRow(given.passages, stage.rate, stage.seconds, stage.shedding)
        try:
            asyncio.run(_live(folder, given, row))
        except Exception as error:  # noqa: BLE001
            row.note = failure(error)
        rows.append(row)
    return rows


def _run(step: Callable[[str, Given], Coroutine[Any, Any, None]], folder: Path, given: Given) -> None:
    asyncio.run(step(f"sqlite+aiosqlite:///{folder / 'newsdesk.db'}", given))


async def _fill(url: str, given: Given) -> None:
    """The library, and articles of today in which people are quoted."""
    made, _ = given.read()
    await fill_library(url, made, int(GUILD))
    async with Newsdesk.open(url, bot=True) as desk:
        for number in range(_QUOTED_ARTICLES):
            await desk.add(int(GUILD), _quoting(number))


def speaker(number: int) -> str:
    first = ("Anna", "Bruno", "Clara", "David", "Elena", "Farid", "Greta", "Henrik")[number % 8]
    return f"{first} {('Lundqvist', 'Okafor', 'Marchetti', 'Petrov', 'Sandoval')[number // 8 % 5]}"


def _quoting(number: int) -> Document:
    name, surname = speaker(number), speaker(number).split()[1]
    text = (
        f"The council of district {number} met on Monday to speak about the harbour.\n\n"
        f"“The bridge number {number} will be closed for {number + 2} weeks,” said {name}, who leads the works.\n\n"
        f"{surname} added: “Nobody who lives in street {number} will have to take the long way round.”"
    )
    return Document(name=f"quoted-{number}.txt", title=f"Bridge {number} is closed", text=text, outlet="Harbour News")


async def _live(folder: Path, given: Given, row: LoadRow) -> None:
    """One life of the bot, asked at the row's rate; fills the row."""
    lag_file = folder / "lag.json"
    lag_file.unlink(missing_ok=True)
    most = None if row.shedding else _NO_LIMIT
    async with Double() as discord:
        discord.rest.holds_one_in = _HELD_ONE_IN
        await _schedule_digests(discord, f"sqlite+aiosqlite:///{folder / 'newsdesk.db'}")
        rigged = rigging.settings(poll_seconds=1, lag_file=lag_file, most_in_hand=most)
        # No backup: the bot's first is a minute of its own, and no part of answering.
        async with running(discord.address, folder, BACKUP_DIR="", SECOND_PROCESS="always", **rigged) as bot:
            await discord.ready()
            await bot.line("a second process answers")
            _register(discord, folder)
            questions = _Questions(given, discord)
            for _ in range(_WARM_UPS):
                await questions.answered()
            await bot.line(f"the second process answers about library {GUILD}")
            await ask_at(questions.ask, _WARM_RATE, _WARM_SECONDS)
            await discord.until(lambda: discord.sent(*_POSTS))  # digests go out from here on
            busy, begun = cpu_seconds(bot.pid), time.monotonic()
            with undisturbed():
                answers = await ask_at(questions.ask, row.rate, row.seconds)
            row.cpu = (cpu_seconds(bot.pid) - busy) / (time.monotonic() - begun)
            count(row, answers)
            row.digests = len([one for one in discord.sent(*_POSTS) if one.status == 200])
            code, _ = await bot.signalled(SIGTERM)
            if code or bot.beyond_the_log:
                row.note = f"it ended with {code}, and said {len(bot.beyond_the_log)} lines beyond its log"
    row.lag_p99_ms, row.lag_max_ms = json.loads(lag_file.read_text(encoding="utf-8"))


async def _schedule_digests(discord: Double, url: str) -> None:
    """Digests that are due now, in channels with the limit that Discord has for messages."""
    discord.buckets.limit(*_POSTS, most=5, seconds=5)
    now = datetime.now(UTC)
    async with Corpus.open(url, bot=False) as corpus:
        for old in await corpus.schedules.all():
            await corpus.schedules.remove(old.guild, old.number)
        for place in text_channels(discord, _DESKS):
            for _ in range(_DIGESTS // _DESKS):
                await corpus.schedules.add(
                    int(GUILD),
                    channel_id=int(place.id),
                    at=f"{now - timedelta(minutes=1):%H:%M}",
                    zone="UTC",
                    period="24 hours",
                    created_by=None,
                    now=now - timedelta(hours=1),
                )


def _register(discord: Double, folder: Path) -> None:
    """The commands are sent to Discord once, in the first life: what it was told then is kept for the others."""
    kept = folder / "commands.json"
    if discord.rest.commands:
        kept.write_text(json.dumps(discord.rest.commands), encoding="utf-8")
    else:
        discord.rest.commands = json.loads(kept.read_text(encoding="utf-8"))


class _Questions:
    """Slash commands as people give them, in the mix of `_one`."""

    def __init__(self, given: Given, discord: Double) -> None:
        made, self._queries = given.read()
        self._articles = article_count(made)
        self._chance = random.Random(_SEED)
        self._discord = discord

    async def ask(self) -> Answer:
        kind, data = self._one()
        return await self._discord.ask(kind, data, MEMBER)

    async def answered(self) -> None:
        answer = await self.ask()
        await self._discord.until(lambda: answer.given)

    def _one(self) -> tuple[int, Json]:
        """Three in ten a quote, a quarter a search, one in ten each an article and a speaker, a quarter typing."""
        drawn, query = self._chance.random(), " ".join(self._chance.choice(self._queries))
        if drawn < 0.30:
            return self._command("quote", query=query)
        if drawn < 0.55:
            return self._command("search", query=query)
        if drawn < 0.65:
            return self._command("article show", article=str(self._chance.randrange(self._articles // 2) + 1))
        if drawn < 0.75:
            return self._command("speaker", name=speaker(self._chance.randrange(_SPEAKERS)))
        if drawn < 0.85:
            return self._typing("quote", "source", f"Outlet {self._chance.randrange(40)}"[: self._chance.randint(1, 9)])
        if drawn < 0.95:
            return self._typing("speaker", "name", speaker(self._chance.randrange(_SPEAKERS))[:3])
        return self._typing("article show", "article", "Bridge")

    def _command(self, line: str, **options: str) -> tuple[int, Json]:
        return COMMAND, objects.command_data(self._discord.rest.commands, line, options, {})

    def _typing(self, line: str, focused: str, typed: str) -> tuple[int, Json]:
        return TYPING, objects.command_data(self._discord.rest.commands, line, {focused: typed}, {}, focused)


async def ask_at(ask: Callable[[], Awaitable[Answer]], rate: int, seconds: float) -> list[Answer]:
    """Ask at a steady rate, and wait for the last answers."""
    begun, answers = time.monotonic(), list[Answer]()
    for number in range(round(rate * seconds)):
        await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
        answers.append(await ask())
    until = time.monotonic() + 2 * FIRST_RESPONSE_SECONDS
    while time.monotonic() < until and not all(answer.given for answer in answers):  # noqa: ASYNC110 - not one by one
        await asyncio.sleep(0.1)
    return answers


@contextmanager
def undisturbed() -> Iterator[None]:
    """Meanwhile the double looks for no garbage: it keeps all that was said, and stopped for a third of a second."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def count(row: LoadRow, answers: Sequence[Answer]) -> None:
    row.asked = len(answers)
    for answer in answers:
        if answer.given_seconds is None:
            row.late += 1
        elif _is_refusal(answer):
            row.refused += 1
            row.refusal_ms.append(answer.given_seconds * 1000)
        else:
            row.answered += 1
            row.deferred += answer.given_seconds > answer.seconds
            row.answer_ms.append(answer.given_seconds * 1000)


def _is_refusal(answer: Answer) -> bool:
    """Everything that is asked for here has an answer, and everything typed a choice."""
    return not answer.choices if answer.kind == CHOICES else answer.text == BUSY


def cpu_seconds(pid: int) -> float:
    """What a process has used of the processors so far; Linux only."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / _TICKS_A_SECOND
