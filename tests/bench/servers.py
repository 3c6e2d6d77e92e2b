"""Many servers: the real process on a library for each of them, alone and as four, on SQLite and on PostgreSQL.

    template of all libraries -> a copy of it -> bots as processes, a double of Discord -> `ServersRow` a setting

Each setting is started twice: with a tenth of the servers and with all of them, so that what one more server costs is
the difference, and not a share of what a process costs without any. Then, with all of them, commands come at a steady
rate, each from any of the servers, in steps until one is not kept up with. Bots, database and double share the machine,
so that what matters is how the settings compare.
"""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from signal import SIGTERM
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests import postgres
from tests.bench import template
from tests.bench.load import LoadRow, ask_at, count, cpu_seconds
from tests.bench.measure import Figure, difference, percentile, resident_mb
from tests.bench.search import failure
from tests.bench.text import queries
from tests.wire import objects, rigging
from tests.wire.answers import Answer
from tests.wire.double import COMMAND, TYPING, Double
from tests.wire.objects import MEMBER, Json
from tests.wire.places import channel_of
from tests.wire.process import Bot, Start, running

SERVERS = 10_000
SHARDS = 8
"""Discord lets 2,500 servers be on one."""
RATES = (25, 50, 75, 100, 150, 200, 250, 300, 400)
STEP_SECONDS = 5.0
P99_MS = 250.0
ASKING = 1_000
"""So many servers ask one thing each, to see what is kept in memory of those that do."""

WARM = True
"""Whether there is a start beforehand that is not measured: the first one finds nothing compiled or cached."""
POLL_SECONDS, POLLS = 2.0, 4
"""Of several processes, each knows by the third what is its own to see to."""

_FEWER = 10  # the first start is with so many times fewer servers
_AT_ONCE, _WARM_UPS = 8, 20
_READY_SECONDS, _POLLS_SECONDS, _END_SECONDS = 180.0, 60.0, 30.0
_LOST = 0.01  # of the questions: where more are refused or late, a rate is not kept up with
_SEED = 40
_ON_DISK = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "autovacuum": "on"}
_ROOMY = {"shared_buffers": "256MB", "max_wal_size": "2GB"}


@dataclass(frozen=True)
class Setting:
    """``processes`` of one bot on one database."""

    processes: int
    on_server: bool  # PostgreSQL

    @property
    def name(self) -> str:
        database = "PostgreSQL" if self.on_server else "SQLite"
        return f"{self.processes} {'process' if self.processes == 1 else 'processes'}, {database}"

    @property
    def shares(self) -> list[list[int]]:
        """The shards of each process."""
        return [list(range(SHARDS))[number :: self.processes] for number in range(self.processes)]


SETTINGS = (Setting(1, on_server=False), Setting(1, on_server=True), Setting(4, on_server=True))


@dataclass
class Started:
    """What starting with so many ``servers`` took. Memory and processor time are of all processes together."""

    servers: int
    ready_seconds: Figure = None
    idle_mb: Figure = None
    database_mb: Figure = None
    first_poll_ms: Figure = None  # of the processor: the first look at what is due, which reads how far all is
    poll_ms: Figure = None  # the later ones


class Cores(NamedTuple):
    """How many were used, on average."""

    bots: float
    database: float  # the processes of a server; SQLite's work is the bot's
    double: float


@dataclass
class ServersRow:
    """What was measured of one setting; ``asked_mb`` is memory after ``asking`` servers have asked one thing each.

    ``cores`` belong to the ``steps``, each a rate of commands.
    """

    setting: str
    processes: int
    few: Started
    all: Started
    asking: int = 0
    idle_mb: Figure = None
    asked_mb: Figure = None
    steps: list[LoadRow] = field(default_factory=list)
    cores: list[Cores] = field(default_factory=list)
    note: str = ""

    @property
    def passages(self) -> int:
        """Of all libraries."""
        return template.article_count(self.all.servers) * template.PASSAGES

    @property
    def server_kb(self) -> Figure:
        """What one more server takes of memory in all processes."""
        return self._more(self.few.idle_mb, self.all.idle_mb, 1024)

    @property
    def server_ready_ms(self) -> Figure:
        return self._more(self.few.ready_seconds, self.all.ready_seconds, 1_000)

    @property
    def server_poll_us(self) -> Figure:
        return self._more(self.few.poll_ms, self.all.poll_ms, 1_000)

    @property
    def server_disk_kb(self) -> Figure:
        return self._more(self.few.database_mb, self.all.database_mb, 1024)

    @property
    def asking_kb(self) -> Figure:
        """What a server that has asked something takes beyond that, until it has been idle for long enough."""
        added = difference(self.asked_mb, self.idle_mb)
        return None if added is None or not self.asking else added * 1024 / self.asking

    @property
    def rate(self) -> Figure:
        """The highest rate that was kept up with, in commands a second."""
        return max((float(step.rate) for step in self.steps if keeps_up(step)), default=None)

    @property
    def end(self) -> str:
        """Where it stops, and how."""
        failed = next((step for step in self.steps if not keeps_up(step)), None)
        if failed is None:
            return "kept up with every step" if self.steps else ""
        p99 = percentile(failed.answer_ms, 99)
        told = [f"p99 {p99:,.0f} ms"] if p99 is not None else []
        lost = {"refused": failed.refused, "late": failed.late}
        told += [f"{number / failed.asked:.0%} {what}" for what, number in lost.items() if number]
        return f"at {failed.rate} a second: {', '.join(told)}"

    def _more(self, few: Figure, every: Figure, unit: float) -> Figure:
        added, servers = difference(every, few), self.all.servers - self.few.servers
        return None if added is None or not servers else added * unit / servers


def keeps_up(step: LoadRow) -> bool:
    """Whether a rate was kept up with: 99 of 100 are answered, 99 of 100 of these in `P99_MS`."""
    return step.refused + step.late <= _LOST * step.asked and (step.p99_ms or 0.0) < P99_MS


def measure(
    servers: int = SERVERS,
    rates: Sequence[int] = RATES,
    *,
    step_seconds: float = STEP_SECONDS,
    asking: int = ASKING,
    settings: Sequence[Setting] = SETTINGS,
    start: Start = running,
) -> Iterator[ServersRow]:
    """A row for each setting, as it is measured; where one fails its row says so, and the others go on.

    ``asking`` is as in `ASKING`, ``start`` how a process is started.
    """
    for on_server, some in groupby(settings, lambda setting: setting.on_server):
        rows = [
            (setting, ServersRow(setting.name, setting.processes, Started(servers // _FEWER), Started(servers)))
            for setting in some
        ]
        if on_server and (missing := postgres.why_not()) is not None:
            for _, row in rows:
                row.note = missing
                yield row
            continue
        with TemporaryDirectory() as folder, _Libraries.ready(Path(folder), on_server=on_server) as libraries:
            for setting, row in rows:
                run = _Run(Path(folder), libraries, setting, start, rates, step_seconds, asking)
                try:
                    asyncio.run(_measured(run, row))
                except Exception as error:  # noqa: BLE001 - as in `tests.bench.store`
                    row.note = failure(error)
                yield row


class _Libraries:
    """Databases of so many servers each, made once; whoever asks gets a copy."""

    def __init__(self, folder: Path, cluster: postgres.Cluster | None) -> None:
        self._folder = folder
        self._cluster = cluster
        self._made: set[str] = set()
        self.cluster_pid = None if cluster is None else int((cluster.data / "postmaster.pid").read_text().split()[0])

    @classmethod
    @contextmanager
    def ready(cls, folder: Path, *, on_server: bool) -> Iterator[_Libraries]:
        if not on_server:
            yield cls(folder, None)
            return
        cluster = postgres.Cluster.new({**_ON_DISK, **_ROOMY})
        try:
            cluster.start()
            try:
                yield cls(folder, cluster)
            finally:
                cluster.stop()
        finally:
            cluster.delete()

    async def copy(self, servers: Sequence[str]) -> tuple[str, float]:
        """The URL of a new database with these servers' libraries, and its size in MB. The last one goes."""
        like = f"of_{len(servers)}"
        if self._cluster is None:
            made, file = self._folder / f"{like}.db", self._folder / "newsdesk.db"
            if not made.exists():
                await template.fill(f"sqlite+aiosqlite:///{made}", servers)
            for old in self._folder.glob("newsdesk.db*"):
                await asyncio.to_thread(shutil.rmtree if old.is_dir() else Path.unlink, old)
            await asyncio.to_thread(shutil.copy, made, file)
            return f"sqlite+aiosqlite:///{file}", file.stat().st_size / 1024**2
        server = self._cluster.server
        if like not in self._made:
            await server.rows(f"CREATE DATABASE {like} TEMPLATE template0")
            await template.fill(server.url(like), servers)
            self._made.add(like)
        await server.rows("DROP DATABASE IF EXISTS newsdesk WITH (FORCE)")
        await server.rows(f"CREATE DATABASE newsdesk TEMPLATE {like}")
        ((size,),) = await server.rows("SELECT pg_database_size('newsdesk')")
        return server.url("newsdesk"), size / 1024**2


@dataclass(frozen=True)
class _Run:
    """What is done to fill a row, and where."""

    folder: Path
    libraries: _Libraries
    setting: Setting
    start: Start
    rates: Sequence[int]
    step_seconds: float
    asking: int

    @asynccontextmanager
    async def bots(self, discord: Double, url: str, **settings: str) -> AsyncIterator[list[Bot]]:
        """The processes of the setting, once all are ready."""
        # Shards begin at once: the five seconds that Discord wants between two are the same however a bot is made.
        settings |= rigging.settings(identify_seconds=0.0) | {"DATABASE_URL": url, "BACKUP_DIR": ""}
        async with AsyncExitStack() as lives:
            bots = []
            for number, ids in enumerate(self.setting.shares):
                home = self.folder / f"process-{number}"
                await asyncio.to_thread(_cleared, home)
                shards = {"SHARD_COUNT": str(SHARDS), "SHARD_IDS": ",".join(map(str, ids))}
                life = self.start(discord.address_of(home.name), home, **shards, **settings)
                bots.append(await lives.enter_async_context(life))
            async with asyncio.timeout(_READY_SECONDS):
                for bot in bots:
                    while not any("ready in" in line for line in bot.lines):
                        if bot.process.returncode is not None:
                            raise RuntimeError("\n".join(bot.lines[-3:]))
                        await asyncio.sleep(0.02)
            yield bots


def _cleared(folder: Path) -> None:
    """Make an empty folder, in place of what is there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


async def _measured(run: _Run, row: ServersRow) -> None:
    cold = [Started(row.few.servers)] if WARM else []
    for started in (*cold, row.few, row.all):
        await _begin(run, started)
    async with Double() as discord:
        servers = discord.populate(row.all.servers)
        url, _ = await run.libraries.copy(servers)
        async with run.bots(discord, url) as bots:
            await _ask(run, row, _Commands(discord, servers), [bot.pid for bot in bots])


async def _begin(run: _Run, started: Started) -> None:
    """One life of all processes, idle but for a few looks at what is due."""
    rigged = rigging.settings(poll_seconds=POLL_SECONDS, polls_file=Path("polls.json"))
    async with Double() as discord:
        url, started.database_mb = await run.libraries.copy(discord.populate(started.servers))
        begun = time.monotonic()
        async with run.bots(discord, url, **rigged) as bots:
            started.ready_seconds = time.monotonic() - begun
            taken = [await _polls(bot.folder / "polls.json") for bot in bots]
            started.idle_mb = _resident([bot.pid for bot in bots])
            for bot in bots:
                bot.process.send_signal(SIGTERM)
            async with asyncio.timeout(_END_SECONDS):
                await asyncio.gather(*(bot.ended() for bot in bots))
    started.first_poll_ms = sum(map(max, taken)) * 1_000  # of several processes, the first that knows whose are whose
    started.poll_ms = sum(percentile(_after_the_longest(polls), 50) or 0.0 for polls in taken) * 1_000


async def _polls(file: Path) -> list[float]:
    """Seconds of the processor that the looks took, once there were some after the one that reads everything."""
    async with asyncio.timeout(_POLLS_SECONDS):
        while True:
            with suppress(FileNotFoundError):
                taken: list[float] = json.loads(await asyncio.to_thread(file.read_text, encoding="utf-8"))
                if len(taken) >= POLLS and len(_after_the_longest(taken)) >= 2:
                    return taken
            await asyncio.sleep(0.1)


def _after_the_longest(taken: Sequence[float]) -> Sequence[float]:
    return taken[taken.index(max(taken)) + 1 :]


async def _ask(run: _Run, row: ServersRow, commands: _Commands, pids: Sequence[int]) -> None:
    """Let some servers ask one thing each, then any of them at every rate until one is not kept up with."""
    await _each_asks_once(commands, commands.servers[-_WARM_UPS:])  # the first answer of all loads more than a library
    row.idle_mb = _resident(pids)
    row.asking = min(run.asking, len(commands.servers))
    await _each_asks_once(commands, commands.servers[: row.asking])
    row.asked_mb = _resident(pids)
    for rate in run.rates:
        step = LoadRow(0, rate, run.step_seconds, shedding=True)
        row.steps.append(step)
        used, begun = _used(pids, run.libraries), time.monotonic()
        count(step, await ask_at(commands.ask, rate, run.step_seconds))
        lasted = time.monotonic() - begun
        spent = zip(used, _used(pids, run.libraries), strict=True)
        row.cores.append(Cores(*((after - before) / lasted for before, after in spent)))
        if not keeps_up(step):
            break


class _Commands:
    """Slash commands as people give them, each in any of the servers."""

    def __init__(self, discord: Double, servers: Sequence[str]) -> None:
        self._discord = discord
        self._places = {guild: number for number, guild in enumerate(servers)}
        self.servers = servers
        self._queries = [queries(template.library_of(number), 20) for number in range(template.ORIGINALS)]
        self._chance = random.Random(_SEED)

    async def ask(self, guild: str | None = None) -> Answer:
        """One more, in that server or in any."""
        there = guild or self._chance.choice(self.servers)
        kind, data = self._one(self._places[there])
        return await self._discord.ask(kind, data, MEMBER, where=channel_of(there))

    def _one(self, server: int) -> tuple[int, Json]:
        """Four in ten a quote, three a search, one an article and two typing."""
        drawn = self._chance.random()
        query = " ".join(self._chance.choice(self._queries[server % template.ORIGINALS]))
        if drawn < 0.4:
            return self._command("quote", query=query)
        if drawn < 0.7:
            return self._command("search", query=query)
        number = str(self._chance.randint(1, template.ARTICLES))
        if drawn < 0.8:
            return self._command("article show", article=number)
        return self._command("article show", focused="article", article=number)

    def _command(self, line: str, *, focused: str | None = None, **options: str) -> tuple[int, Json]:
        data = objects.command_data(self._discord.rest.commands, line, options, {}, focused)
        return (TYPING if focused else COMMAND), data


async def _each_asks_once(commands: _Commands, servers: Sequence[str]) -> None:
    """So that each of these servers' libraries is opened; a few at a time, each until it has its answer."""
    waiting = iter(servers)

    async def ask_on() -> None:
        for guild in waiting:
            answer = await commands.ask(guild)
            until = time.monotonic() + _END_SECONDS
            while not answer.given and time.monotonic() < until:  # noqa: ASYNC110 - as in `ask_at`
                await asyncio.sleep(0.005)

    async with asyncio.TaskGroup() as asking:
        for _ in range(_AT_ONCE):
            asking.create_task(ask_on())


def _resident(pids: Sequence[int]) -> Figure:
    found = [resident_mb(pid) for pid in pids]
    return None if None in found else sum(one for one in found if one is not None)


def _used(pids: Sequence[int], libraries: _Libraries) -> Cores:
    """Seconds of the processors that each has used so far."""
    backends = [] if libraries.cluster_pid is None else _children(libraries.cluster_pid)
    return Cores(sum(map(cpu_seconds, pids)), sum(map(cpu_seconds, backends)), time.process_time())


def _children(parent: int) -> list[int]:
    found = Path("/proc").glob("[0-9]*/stat")
    return [int(stat.parent.name) for stat in found if _parent(stat) == parent]


def _parent(stat: Path) -> int | None:
    try:
        return int(stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
    except OSError:  # it has ended
        return None
