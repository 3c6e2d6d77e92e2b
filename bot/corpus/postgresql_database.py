"""The corpus in a database of PostgreSQL's: several processes, each with a few connections that write and that read.

Writes are serializable: what a store reads, decides and writes is as if nobody else were at work, or PostgreSQL refuses
it and it is done again (`repeat`). So nothing of the stores, which were written for one writer, needs a lock.
Reads are snapshots that wait for nobody.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from typing_extensions import override

from bot.corpus import postgresql, schema
from bot.corpus.aside import Aside
from bot.corpus.database import Database, Transaction, Work, finish
from bot.corpus.engines import OLDEST
from bot.corpus.postgresql import READ, WRITE, Address, GaveWay, driver_of, engine, explain, sqlstate, transaction
from bot.corpus.turns import Turns
from bot.errors import CorpusError, CorpusMisnamed

READERS: Final = 4
WRITERS: Final = 4
LOOKERS: Final = 2
CONNECTIONS: Final = READERS + WRITERS + LOOKERS + 3
"""The most that a process has: with one for changes, one for what takes long and one that hears of changes."""
TRIES: Final = 12
"""How often a write is tried. After the first time it waits for its turn among all that are tried again: without that,
four processes that did nothing but write to one library now and then made a write give way twelve times in a row."""

_is_again: ContextVar[bool] = ContextVar("is_again", default=False)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that can keep a library: how many connections it has for whoever is no superuser, and how many more."""

    version: str
    most_connections: int
    connections_left: int


class PostgresqlDatabase(Database):
    """The open database. Of one to ``inspect``, nothing is changed."""

    is_exclusive = False

    def __init__(self, at: Address, *, inspect: bool = False) -> None:
        super().__init__(at.beside)
        self.at = at
        self._write = READ if inspect else WRITE
        self._writer = engine(at, size=WRITERS, writes=True)
        self._reader = engine(at, size=READERS, writes=False)
        # In the thread aside, and in its event loop.
        self._aside = Aside("corpus looks")
        self._changing = engine(at, size=1, writes=True)
        self._looking = engine(at, size=LOOKERS, writes=False)
        # Tasks wait for their turn here, where waiting can be cancelled safely, and never inside the pool.
        self._write_turn = Turns(WRITERS)
        self._read_turn = Turns(READERS)
        self._change_turn = Turns(1)
        self._look_turn = Turns(LOOKERS)
        self._draw = random.Random()  # noqa: S311 - no secret

    @override
    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        begun_in = transaction(self._writer, self._write, self.at, in_turn=_is_again.get())
        async with self._write_turn, self._noted(), begun_in as begun:
            yield begun

    @override
    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        async with self._read_turn, self._noted(), transaction(self._reader, READ, self.at) as begun:
            yield begun

    @override
    async def change(self, work: Work[T]) -> T:
        async def changed() -> T:
            async with self._change_turn, self._noted():
                return await finish(self._aside.run(self._changed(work)))

        return await self.repeat(changed)

    @override
    async def look(self, work: Work[T]) -> T:
        async with self._look_turn, self._noted():
            return await finish(self._aside.run(self._looked(work)))

    async def _changed(self, work: Work[T]) -> T:
        async with transaction(self._changing, self._write, self.at, in_turn=_is_again.get()) as begun:
            return await _done(begun, work)

    async def _looked(self, work: Work[T]) -> T:
        async with transaction(self._looking, READ, self.at) as begun:
            return await _done(begun, work)

    @property
    @override
    def thread(self) -> Aside:
        return self._aside

    @override
    async def repeat(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        was_again = _is_again.set(_is_again.get())
        try:
            for pause in postgresql.pauses(TRIES, self._draw):
                try:
                    return await work()
                except GaveWay:
                    pass
                except IntegrityError as error:  # two that insert the same key may be told so, or that one gave way
                    if sqlstate(error) != postgresql.UNIQUE_VIOLATION:
                        raise
                await asyncio.sleep(pause)
                _is_again.set(True)
            return await work()
        finally:
            _is_again.reset(was_again)

    @override
    async def wipe(self) -> None:
        """No query finds it any more, and its room is used again. Of the server's own log and backups, see its host."""
        await self.rewrite()

    @override
    async def rewrite(self) -> None:
        """Writing the tables anew (VACUUM FULL) would keep everybody of every server out meanwhile."""
        names = ", ".join(f'"{name}"' for name in schema.metadata.tables)
        await self._alone(f"VACUUM {names}")

    @override
    async def truncate_log(self) -> bool:
        return True  # the log is the server's

    async def _alone(self, statement: str) -> None:
        """Run a statement that no transaction may be around, and that may take long."""
        connection = self._writer.connect()
        try:
            async with self._write_turn:
                try:
                    await finish(connection.start())
                    driver = await driver_of(connection)
                    await finish(driver.execute(statement, timeout=postgresql.LONG_SECONDS))
                finally:
                    await finish(connection.close())
        except Exception as error:
            if (known := explain(error, self.at)) is None:
                raise
            raise known from error

    @override
    async def stored_revision(self) -> str | None:
        async with self.read() as begun:
            return await postgresql.stored_revision(begun, self.at)

    @override
    async def problems(self) -> list[str]:
        """What the server knows of: it reads no page for this. `pg_amcheck` does, and is for who keeps the server."""
        async with self.read() as begun:
            indexes = (await begun.execute(_BROKEN_INDEXES)).scalars().all()
            constraints = (await begun.execute(_BROKEN_CONSTRAINTS)).scalars().all()
            failures = (await begun.execute(_BROKEN_PAGES)).scalar_one()
        found = [f"The index {name} is not valid." for name in indexes]
        found += [f"The constraint {name} was never checked." for name in constraints]
        return found + ([f"The server has found {failures} damaged pages."] if failures else [])

    @override
    async def size_bytes(self) -> int:
        async with self.read() as begun:
            return int((await begun.execute(text("SELECT pg_database_size(current_database())"))).scalar_one())

    async def server(self) -> Server:
        """What the server says of itself. Raises `CorpusMisnamed`, `CorpusError` where it cannot keep a library."""
        async with self.read() as begun:
            row = (await begun.execute(_SERVER)).one()
        if row.number < OLDEST * 10_000:
            raise CorpusMisnamed(f"The server is PostgreSQL {row.version}: update it to {OLDEST} or newer.")
        if row.encoding != "UTF8":
            raise CorpusMisnamed(
                f"The database {self.at.name} is in {row.encoding[:40]}: make one with createdb --encoding=UTF8 "
                "--template=template0, and name it in DATABASE_URL."
            )
        if row.is_copy:
            raise CorpusError(f"The server of the database {self.at.name} is the copy of another: name that one.")
        return Server(row.version, row.most_connections, row.connections_left)

    @override
    async def check(self) -> None:
        await self.server()

    @override
    async def close(self) -> None:
        await finish(self._dispose())

    async def _dispose(self) -> None:
        await asyncio.gather(self._aside.run(self._dispose_aside()), self._reader.dispose(), self._writer.dispose())
        await self._aside.close()

    async def _dispose_aside(self) -> None:
        await self._looking.dispose()
        await self._changing.dispose()


async def _done(begun: Transaction, work: Work[T]) -> T:
    raw = postgresql.Raw(await driver_of(begun.connection))
    return await finish(begun.connection.run_sync(lambda _: work(raw)))


_SERVER: Final = text(
    "SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,"
    " current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS is_copy, most AS most_connections,"
    " most - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections_left"
    " FROM (SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int)"
    " AS settings (most)"
)
_BROKEN_INDEXES: Final = text(
    "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid"
    " WHERE relnamespace = 'public'::regnamespace AND NOT (indisvalid AND indisready) ORDER BY 1"
)
_BROKEN_CONSTRAINTS: Final = text(
    "SELECT conname::text FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND NOT convalidated"
    " ORDER BY 1"
)
_BROKEN_PAGES: Final = text(
    "SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()"
)
