"""The database file: who uses it, its schema, how SQLite keeps it, damage, and every text in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from bot.corpus import HIDDEN, Corpus
from bot.corpus.postgresql_database import CONNECTIONS
from bot.errors import CorpusError, CorpusMisnamed, CorpusTooNew
from bot.findings import Finding, damage, misfit, ok, warning
from bot.model import SHARED

CLOCK_TOLERANCE: Final = timedelta(seconds=30)
"""How far a clock may be wrong before it is worth a word: a digest that comes half a minute late is on time."""
_MOST_PROBLEMS = 5  # told one by one: a file that is overwritten has hundreds


class Readable(Enum):
    """As what the file can be read."""

    NOT_AT_ALL = "not at all"
    AS_A_FILE = "as a file of SQLite's"
    AS_TABLES = "as this version's tables"


async def examine_bot(corpus: Corpus) -> AsyncIterator[Finding]:
    """Whether a bot has the file to itself."""
    try:
        has_bot = await corpus.inspection.has_bot()
    except CorpusError as error:
        yield warning("bot", f"whether one runs on this library cannot be told: {error}")
        return
    yield ok("bot", "one runs on this library." if has_bot else "none runs on this library now.")


async def examine_schema(corpus: Corpus) -> tuple[Finding, Readable]:
    """Which version's tables the file has, and so what else can be examined of it."""
    about = "schema"
    try:
        revision, is_current = await corpus.inspection.schema()
    except CorpusTooNew as error:
        return damage(about, str(error)), Readable.AS_A_FILE
    except CorpusError as error:
        return damage(about, str(error)), Readable.NOT_AT_ALL
    if is_current:
        return ok(about, f"{revision}, which is that of this version."), Readable.AS_TABLES
    if revision is None:
        return ok(about, "there is none yet: the first start makes it."), Readable.AS_A_FILE
    said = (
        f"{revision} is that of an older version: the next start brings it up to date, and keeps a copy from before. "
        "What is in the library can be examined after that."
    )
    return warning(about, said), Readable.AS_A_FILE


async def examine_pragmas(corpus: Corpus) -> AsyncIterator[Finding]:
    """What a connection that writes asks of SQLite, read back."""
    about = "pragmas"
    found = await corpus.inspection.pragmas()
    wrong = {name: f"{name} is {got}, not {wanted}" for name, (wanted, got) in found.items() if got != wanted}
    if not wrong:
        yield ok(about, ", ".join(f"{name} {got}" for name, (_, got) in found.items()) + ".")
    elif list(wrong) == ["journal_mode"]:
        said = "the next start changes that; if it stays so, put the database on a local disk."
        yield warning(about, f"{wrong['journal_mode']}: {said}")
    else:
        said = "; ".join(wrong.values())
        yield damage(about, f"{said}: what is stored could be lost; put the database on a local disk.")


async def examine_server(corpus: Corpus) -> AsyncIterator[Finding]:
    """The server that keeps the library, and whether it takes as many connections as a bot needs."""
    about = "PostgreSQL"
    try:
        server = await corpus.inspection.server()
    except CorpusMisnamed as error:
        yield misfit(about, str(error))
        return
    if server is None:
        return
    said = f"version {server.version}; {server.connections_left} of {server.most_connections} connections are free"
    if server.connections_left < CONNECTIONS:
        yield warning(about, f"{said}, and a bot may need {CONNECTIONS}: raise max_connections.")
    else:
        yield ok(about, f"{said}.")


async def examine_file(corpus: Corpus) -> AsyncIterator[Finding]:
    """SQLite's own integrity_check and foreign_key_check, or what a server knows of; of many problems, the first."""
    problems = await corpus.integrity()
    for problem in problems[:_MOST_PROBLEMS]:
        yield damage("database", f"{problem} Restore the newest backup.")
    if (more := len(problems) - _MOST_PROBLEMS) > 0:
        yield damage("database", f"{more} more of this kind: restore the newest backup.")
    if not problems:
        yield ok("database", "no damage found.")


async def examine_texts(corpus: Corpus, watch: Callable[[int, int], None]) -> AsyncIterator[Finding]:
    """Every text against the fingerprint that it was stored with."""
    texts = await corpus.inspection.texts(watch)
    if not texts.altered:
        yield ok("texts", f"{texts.read} are what was stored.")
        return
    named = ", ".join(_named(library, number) for library, number in texts.named)
    more = ", …" if texts.altered > len(texts.named) else ""
    said = f"{texts.altered} of {texts.read} are not what was stored ({named}{more}): restore the newest backup."
    yield damage("texts", said)


def _named(library: int, number: int) -> str:
    """An article as people name it, with its server."""
    of = "" if library == SHARED else f" of server {library}"
    if number >= HIDDEN:
        return f"an earlier text{of}"
    return f"#S{number}" if library == SHARED else f"#{number}{of}"


async def examine_written(corpus: Corpus, now: datetime) -> AsyncIterator[Finding]:
    """Whether the newest entry is of a time that has come."""
    last = await corpus.inspection.last_written()
    if last is not None and last - now > CLOCK_TOLERANCE:
        said = f"the library has entries of {last:%Y-%m-%d %H:%M} UTC, a time still to come: set this machine's clock."
        yield warning("clock", said)
