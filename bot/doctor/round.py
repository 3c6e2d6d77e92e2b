"""The doctor's round: every check in turn, each whatever the ones before it found."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot.corpus import Corpus, Schedule
from bot.corpus.postgresql import is_postgresql
from bot.corpus.sqlite import path_of
from bot.doctor.database import (
    Readable,
    examine_bot,
    examine_file,
    examine_pragmas,
    examine_schema,
    examine_server,
    examine_texts,
    examine_written,
)
from bot.doctor.digests import channels, examine_deliveries, examine_schedules
from bot.doctor.host import examine_host, time_zones
from bot.doctor.index import examine_indexes
from bot.doctor.settings import examine_settings
from bot.errors import CorpusError, CorpusMisnamed
from bot.findings import Finding, careful, misfit, ok
from bot.settings import Given

Now = Callable[[], datetime]
Reach = Callable[[str | None, Mapping[int, str], Now], AsyncIterator[Finding]]
"""Asks Discord: with the token, if there is one, of these channels, which say by id whose they are; by this clock."""


@dataclass(frozen=True, slots=True)
class Means:
    """What the doctor works with: a clock, chance, and somebody to be told how many of how many texts are read.

    Without ``reach``, Discord is left out.
    """

    reach: Reach | None = None
    watch: Callable[[int, int], None] = lambda _done, _total: None
    now: Now = lambda: datetime.now(UTC)
    chance: random.Random = field(default_factory=random.Random)


async def examine(given: Given, means: Means) -> AsyncIterator[Finding]:
    """Everything that can be told of an installation with these settings. Raises nothing that a check stumbles over."""
    async for finding in careful("settings", _in_thread(lambda: examine_settings(given, means.now()))):
        yield finding
    schedules: list[Schedule] = []
    if not given.is_wrong("DATABASE_URL"):
        async for finding in _examine_library(given.settings.database_url, means, schedules):
            yield finding
    if means.reach is not None:
        token = given.settings.discord_token
        async for finding in means.reach(token.get_secret_value() if token else None, channels(schedules), means.now):
            yield finding


async def _examine_library(url: str, means: Means, schedules: list[Schedule]) -> AsyncIterator[Finding]:
    """The database at ``url`` and what it stands on; puts its ``schedules`` where the caller finds them."""
    if is_postgresql(url):
        async for finding in _examine_server(url, means, schedules):
            yield finding
        return
    try:
        path = path_of(url)
    except CorpusError as error:
        yield misfit("settings", str(error))
        return
    sound = True
    async for finding in careful("host", _in_thread(lambda: examine_host(path, means.now().date()))):
        yield finding
        sound = sound and finding.state != "fault"
    if await asyncio.to_thread(_can_be_read, path):
        async with Corpus.inspect(url) as corpus:
            async for finding in _examine_corpus(corpus, means, schedules):
                yield finding
    elif sound:
        yield ok("database", f"{path.name} is not there yet: the first start makes it.")


async def _examine_server(url: str, means: Means, schedules: list[Schedule]) -> AsyncIterator[Finding]:
    """The same of a database on a server."""
    yield await asyncio.to_thread(time_zones, means.now().date())
    try:
        async with Corpus.inspect(url) as corpus:
            is_sound = True
            async for finding in careful("PostgreSQL", examine_server(corpus)):
                yield finding
                is_sound = is_sound and finding.state != "fault"
            if is_sound:
                async for finding in _examine_tables(corpus, means, schedules, []):
                    yield finding
    except CorpusMisnamed as error:
        yield misfit("settings", str(error))


async def _in_thread(check: Callable[[], Iterable[Finding]]) -> AsyncIterator[Finding]:
    for finding in await asyncio.to_thread(lambda: [*check()]):
        yield finding


def _can_be_read(path: Path) -> bool:
    """Whether there is something at ``path`` that this user may read; where not, the data folder's finding says why.

    In a folder that must not be written to, SQLite reads only what another has open: https://sqlite.org/wal.html#readonly.
    """
    try:
        if not path.is_file() or not path.stat().st_size or not os.access(path, os.R_OK):
            return False
        return os.access(path.parent, os.W_OK) or path.with_name(f"{path.name}-shm").exists()
    except OSError:
        return False


async def _examine_corpus(corpus: Corpus, means: Means, schedules: list[Schedule]) -> AsyncIterator[Finding]:
    """First the file; then what is in it, where it has the tables of this version."""
    async for finding in careful("bot", examine_bot(corpus)):
        yield finding
    async for finding in _examine_tables(corpus, means, schedules, [("pragmas", examine_pragmas(corpus))]):
        yield finding


async def _examine_tables(
    corpus: Corpus, means: Means, schedules: list[Schedule], checks: list[tuple[str, AsyncIterator[Finding]]]
) -> AsyncIterator[Finding]:
    """Which version's tables there are, these ``checks`` of any version's, and what is in those of this version."""
    schema, readable = await examine_schema(corpus)
    yield schema
    if readable is Readable.NOT_AT_ALL:
        return
    checks.append(("database", examine_file(corpus)))
    if readable is Readable.AS_TABLES:
        now = means.now()
        checks += [
            ("texts", examine_texts(corpus, means.watch)),
            ("libraries", examine_indexes(corpus, means.chance)),
            ("schedules", _examine_schedules(corpus, schedules)),
            ("deliveries", examine_deliveries(corpus, now)),
            ("clock", examine_written(corpus, now)),
        ]
    for about, check in checks:
        async for finding in careful(about, check):
            yield finding


async def _examine_schedules(corpus: Corpus, schedules: list[Schedule]) -> AsyncIterator[Finding]:
    schedules += await corpus.schedules.all()
    for finding in examine_schedules(schedules):
        yield finding
