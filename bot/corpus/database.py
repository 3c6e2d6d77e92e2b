"""Transactions: what every database of the corpus offers, and no way to leave one half done.

    stores -> `Database` -> `sqlite_database`       a file: one writer, a few readers
                         └> `postgresql_database`   a server: several processes, each with a few connections

Every write is one serializable transaction, on the disk when it ends; a read is a snapshot. A statement, a commit or a
rollback that has begun always ends, also when the task that waits for it is cancelled: the cancellation takes effect
right after it. So a connection is never abandoned in the middle of something, and a cancelled task has stored all of
its transaction or nothing. (Sharing one connection without this loses and halves rows: the tests find both.)
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial, wraps
from pathlib import Path
from typing import Any, ClassVar, Concatenate, NoReturn, ParamSpec, Protocol, TypeAlias, TypeVar

from sqlalchemy import CursorResult, Executable, Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.corpus.fixed import Raw
from bot.corpus.presence import Presence
from bot.errors import CorpusAway, CorpusDamaged

P = ParamSpec("P")
T = TypeVar("T")

Work: TypeAlias = Callable[[Raw], T]
"""What is done in one trip to a thread, in a transaction: it must not keep the connection."""


async def finish(work: Awaitable[T]) -> T:
    """Run ``work`` to its end whatever happens to the caller; a cancellation that came meanwhile is raised then."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        if not task.cancelled():
            task.exception()  # retrieved, so that asyncio does not report it as forgotten
        raise cancelled
    return task.result()


class Transaction:
    """What a query is run on. ``execute`` never leaves a statement half run."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def execute(
        self, statement: Executable, parameters: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None
    ) -> CursorResult[Any]:
        """Run a statement, for each of ``parameters`` where there are several."""
        return await finish(self.connection.execute(statement, parameters))

    async def insert(self, table: Table, values: Mapping[str, Any]) -> int:
        """Insert one row and return the row id it was given."""
        key = (await self.execute(insert(table), values)).inserted_primary_key
        return int(key[0]) if key else 0

    async def adds_articles(self) -> None:
        """To be called before rows of articles are inserted: see `settled`. With one writer there is nothing to do."""

    async def tells_of(self, library: int) -> None:
        """Called where a library is changed: those who listen hear of it when this transaction is committed."""

    async def settled(self, newest: int) -> int:
        """Of the row ids up to ``newest``, read before this is called, up to which no article can come any more.

        Where several write, one may have taken a row id and not be done yet, while a higher one is to be seen already.
        """
        return newest

    async def insert_all(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Insert rows and return the row ids they were given, in their order."""
        query = insert(table).returning(table.c.id, sort_by_parameter_order=True)
        return [int(key) for key in (await self.execute(query, rows)).scalars()]


class Database(ABC):
    """An open database; make it inside a running event loop.

    ``read`` and ``write`` are the ways to it, and ``look`` and ``change`` the same in one trip for what is short. Of
    one to inspect, nothing is changed: what writes raises `CorpusError`.

    ``path`` is the file, or the name of what is kept on this machine beside a server's database; it gives the names of
    files beside it. ``is_exclusive``: whether a bot has the database to itself, as far as bots go.
    """

    is_exclusive: ClassVar[bool]

    def __init__(self, path: Path) -> None:
        self.path = path
        self._damage: asyncio.Future[CorpusDamaged] = asyncio.get_running_loop().create_future()
        self.presence = Presence()

    @abstractmethod
    def write(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction that is committed, to the disk, when the block ends, and rolled back when it raises.

        Only what is `repeatable` may use it. Raises `CorpusError` where the database cannot be written.
        """

    @abstractmethod
    def read(self) -> AbstractAsyncContextManager[Transaction]:
        """A snapshot: everything read in the block is as of one moment. It does not wait for writers."""

    @abstractmethod
    async def change(self, work: Work[T]) -> T:
        """As `write`, in one trip to a thread: for a few rows. ``work`` runs there.

        Raises `CorpusError`, and what ``work`` raises.
        """

    @abstractmethod
    async def look(self, work: Work[T]) -> T:
        """As `read`, in one trip to a thread that all share: for what takes a millisecond or less.

        Raises `CorpusError`, and what ``work`` raises.
        """

    @property
    @abstractmethod
    def thread(self) -> Executor:
        """The thread of all looks."""

    @abstractmethod
    async def repeat(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do ``work``, and do it again where the database says that only this makes it as if nobody else were at work.

        Raises `CorpusError`, and what ``work`` raises.
        """

    async def damaged(self) -> NoReturn:
        """Wait until a transaction meets damage in the database, and raise that `CorpusDamaged`."""
        raise await asyncio.shield(self._damage)

    @asynccontextmanager
    async def _noted(self) -> AsyncIterator[None]:
        try:
            yield
        except CorpusDamaged as error:
            if not self._damage.done():
                self._damage.set_result(error)
            raise
        except CorpusAway as error:
            self.presence.lost(error)
            raise
        self.presence.found()

    @abstractmethod
    async def wipe(self) -> None:
        """Leave nothing of what was deleted, as far as this program can see to that. Raises `CorpusError`."""

    @abstractmethod
    async def rewrite(self) -> None:
        """Clear out what deleted rows leave behind; it may take long. Raises `CorpusError`."""

    @abstractmethod
    async def truncate_log(self) -> bool:
        """Leave nothing of it in a log of ours, either; False where another process is in the way just now."""

    @abstractmethod
    async def stored_revision(self) -> str | None:
        """The migration the database is at; None without tables. Raises `CorpusError` where it is another program's."""

    @abstractmethod
    async def problems(self) -> list[str]:
        """What is wrong with the database, a sentence each. Raises `CorpusDamaged` where that cannot be told."""

    @abstractmethod
    async def size_bytes(self) -> int:
        """What the database takes on the disk."""

    @abstractmethod
    async def check(self) -> None:
        """Raise `CorpusError` where it cannot be written and read: better at the start than at the first use."""

    @abstractmethod
    async def close(self) -> None:
        """Close every connection."""


class _Store(Protocol):
    """What keeps something in a database."""

    _database: Database


_S = TypeVar("_S", bound=_Store)


_Method: TypeAlias = Callable[Concatenate[_S, P], Coroutine[Any, Any, T]]


def repeatable(method: _Method[_S, P, T]) -> _Method[_S, P, T]:
    """A method of a store that writes, as one transaction and nothing else: see `Database.repeat`.

    On a server several write at once, and one of them may have to give way and begin anew. What a method changes in
    memory it must be able to change twice.
    """

    @wraps(method)
    async def repeated(self: _S, *given: P.args, **named: P.kwargs) -> T:
        return await self._database.repeat(partial(method, self, *given, **named))

    # The same but for what mypy makes of the name of the first parameter.
    return repeated  # type: ignore[return-value]
