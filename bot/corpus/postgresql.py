"""Everything that is true of PostgreSQL only: the address of the database, its connections, what its faults mean.

Transactions are begun and ended by statements of ours, as with SQLite: SQLAlchemy would begin one with its first
statement, and whoever finds then that the server was started anew in between could not tell what had been done. A
connection that cannot even begin is given up, and another one taken.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import URL, CursorResult, Dialect, Executable, event, make_url, text
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.util import await_only
from typing_extensions import override

from bot.corpus import engines
from bot.corpus.connecting import Connections, Hosts
from bot.corpus.database import Transaction, finish
from bot.errors import CorpusAway, CorpusDamaged, CorpusError, CorpusInUse, CorpusMisnamed, CorpusUnsure

SCHEME: Final = "postgresql+asyncpg://"
CONNECT_SECONDS: Final = 4.0
"""For all hosts that an address names together."""
BEGIN_SECONDS: Final = 3.0
"""How long a connection may take to begin a transaction, which is nothing: one that takes longer leads nowhere."""
STATEMENT_SECONDS: Final = 8.0
"""Longer than any statement takes, and than it waits for a lock: somebody waits for it, and a server that hangs is told
from one that is back within ten seconds."""
LONG_SECONDS: Final = 86_400.0
"""For what goes through all of a database."""

WRITE: Final = "BEGIN ISOLATION LEVEL SERIALIZABLE"
READ: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
MIGRATE: Final = "BEGIN ISOLATION LEVEL READ COMMITTED"

NAME: Final = "newsdesk"
"""As who a process that uses a library is known to the server."""
_SERVER_SETTINGS: Final = {
    "application_name": NAME,
    "jit": "off",  # compiling takes longer than any query here
    "search_path": "public",
    "standard_conforming_strings": "on",  # as SQLAlchemy writes them: see `engines.Postgresql`
    "timezone": "UTC",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",  # of a bot that was cut off: nobody waits for its locks longer
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
# A scan of a whole table, which PostgreSQL prefers while tables are small, makes a serializable transaction collide
# with every other one there: https://www.postgresql.org/docs/current/transaction-iso.html#XACT-SERIALIZABLE.
_WRITER_SETTINGS: Final = {**_SERVER_SETTINGS, "enable_seqscan": "off"}
_MAY_BE_ASKED: Final = frozenset({"host", "port", "ssl", "sslmode", "target_session_attrs"})

# SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
SERIALIZATION_FAILURE, DEADLOCK, UNIQUE_VIOLATION = "40001", "40P01", "23505"


class GaveWay(CorpusInUse):
    """A transaction that met others and must be begun anew: see `Database.repeat`."""

    def __init__(self) -> None:
        super().__init__("Too many others changed the same part of the library at that moment: try again.")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is; its text holds no password."""

    url: URL

    @property
    def name(self) -> str:
        """What people call the database."""
        return self.url.database or ""

    @property
    def beside(self) -> Path:
        """What files of this machine that belong to the library are named after: its indexes, its heartbeat."""
        return local_name(self.name)

    def __str__(self) -> str:
        return f"the database {self.name}"


def local_name(database: str) -> Path:
    """As `Address.beside`; `bot.settings` makes the same without loading SQLAlchemy."""
    return Path(re.sub(r"[^\w.-]", "_", database) + ".postgresql").absolute()


def is_postgresql(url: str) -> bool:
    """Whether ``url`` asks for PostgreSQL, right or wrong."""
    return url.startswith(("postgresql", "postgres:"))


def address(url: str) -> Address:
    """What `postgresql+asyncpg://user:password@host/name` names.

    Raises `CorpusMisnamed` where that is no address, or what it takes is not installed: without the address, which may
    hold a password.
    """
    shape = f"write {SCHEME}user:password@host/name"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise CorpusMisnamed(f"DATABASE_URL is not the address of a database: {shape}.") from error
    if parsed.drivername != SCHEME.partition(":")[0] or not parsed.database:
        raise CorpusMisnamed(f"DATABASE_URL does not name a database on a server of PostgreSQL: {shape}.")
    if unknown := sorted(set(parsed.query) - _MAY_BE_ASKED):
        known = ", ".join(sorted(_MAY_BE_ASKED))
        raise CorpusMisnamed(f"DATABASE_URL asks for {unknown[0][:40]}, which is not known: of {known}, choose those.")
    if find_spec("asyncpg") is None:
        raise CorpusMisnamed(
            "DATABASE_URL asks for PostgreSQL, and its driver is not installed: run pip install asyncpg "
            "(it is Newsdesk's extra postgres)."
        )
    return Address(_as_asyncpg_has_it(parsed))


def _as_asyncpg_has_it(url: URL) -> URL:
    """With libpq's word for encryption taken, and, of several servers, the one that can be written to chosen."""
    query = dict(url.query)
    if (mode := query.pop("sslmode", None)) is not None:
        query["ssl"] = mode
    if isinstance(query.get("host"), tuple):
        query.setdefault("target_session_attrs", "read-write")
    return url.set(query=query)


def engine(
    at: Address,
    *,
    size: int,
    writes: bool,
    patience: float | None = None,
    session: Mapping[str, str] = MappingProxyType({}),
) -> AsyncEngine:
    """An engine of at most ``size`` connections, on which `transaction` begins and ends what it is told.

    ``patience`` is how long a statement may take, in seconds; None: `STATEMENT_SECONDS`. ``session`` are settings that
    differ from the usual ones.
    """
    made = engines.made(
        at.url,
        size=size,
        isolation_level="AUTOCOMMIT",
        connect_args={
            "timeout": CONNECT_SECONDS,
            "command_timeout": patience or STATEMENT_SECONDS,
            "async_creator_fn": Hosts().connect,
            "server_settings": {**(_WRITER_SETTINGS if writes else _SERVER_SETTINGS), **session},
        },
    )

    @event.listens_for(made.sync_engine, "before_cursor_execute", retval=True)
    def store_what_can_be(*about: Any) -> tuple[str, Any]:
        _, _, statement, values, *_ = about  # a list of tuples where there are several sets of them
        is_one = isinstance(values, tuple)
        return statement, tuple(storable(values)) if is_one else [tuple(storable(some)) for some in values]

    Connections.watch(made)
    return made


@asynccontextmanager
async def transaction(of: AsyncEngine, begin: str, at: Address, *, in_turn: bool = False) -> AsyncIterator[Transaction]:
    """A transaction begun by the statement ``begin``, on a connection that always gets back to its pool.

    One ``in_turn`` first waits until no other such one is under way, in whichever process.
    """
    connection = of.connect()
    end = "ROLLBACK" if begin == READ else "COMMIT"  # what was read is whole, whether its end is heard of or not
    try:
        try:
            await finish(_begin(connection, begin, in_turn=in_turn))
            yield _OnServer(connection, begin)
        except (CorpusAway, DBAPIError) as error:
            with suppress(Exception):
                await finish(_end(connection, None if _is_cut_off(error) else "ROLLBACK", in_turn=in_turn))
            raise
        except BaseException:
            with suppress(Exception):  # a cancellation would be lost, and its task go on
                await finish(_end(connection, "ROLLBACK", in_turn=in_turn))
            raise
        await finish(_end(connection, end, in_turn=in_turn))
    except Exception as error:
        if (known := explain(error, at)) is None:
            raise
        raise known from error


class _OnServer(Transaction):
    """One whose statements may lose the server, which is not always told as an error of the database."""

    def __init__(self, connection: AsyncConnection, begin: str) -> None:
        super().__init__(connection)
        self.begin = begin

    @override
    async def execute(
        self, statement: Executable, parameters: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None
    ) -> CursorResult[Any]:
        with _lost():
            return await super().execute(statement, parameters)

    @override
    async def adds_articles(self) -> None:
        # Until the transaction ends everybody sees that it will have row ids above the last that was taken now.
        await self.execute(_ADDING)

    @override
    async def tells_of(self, library: int) -> None:
        await self.execute(_TELLING, {"library": str(library)})

    @override
    async def settled(self, newest: int) -> int:
        lowest = (await self.execute(_LOWEST_UNDER_WAY)).scalar_one()
        return newest if lowest is None else min(newest, int(lowest))


CHANNEL: Final = "newsdesk_changes"
_TELLING: Final = text(f"SELECT pg_notify('{CHANNEL}', :library)")
_ADDING: Final = text(
    "SELECT pg_advisory_xact_lock_shared(7236838, (last_value - CASE WHEN is_called THEN 0 ELSE 1 END)::int)"
    " FROM article_id_seq"
)
_LOWEST_UNDER_WAY: Final = text(
    "SELECT min(objid::bigint) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
    " WHERE locktype = 'advisory' AND classid = 7236838 AND datname = current_database()"
)


@contextmanager
def _lost() -> Iterator[None]:
    try:
        yield
    except OSError as error:  # TimeoutError is one
        raise CorpusAway from error


async def driver_of(connection: AsyncConnection) -> Any:
    """The connection of asyncpg's that is under SQLAlchemy's."""
    return (await connection.get_raw_connection()).driver_connection


async def _begin(connection: AsyncConnection, begin: str, *, in_turn: bool) -> None:
    with _lost():
        await connection.start()
        if in_turn:  # before it begins: it would see what was there then
            await _begin_somewhere(connection, "SELECT pg_advisory_lock(7236839)", STATEMENT_SECONDS)
        await _begin_somewhere(connection, begin, BEGIN_SECONDS)


async def _begin_somewhere(connection: AsyncConnection, begin: str, patience: float) -> None:
    """Run the first statement on a connection on which it can be run."""
    driver = await driver_of(connection)
    try:
        await driver.execute(begin, timeout=patience)
    except Exception as error:
        if not (driver.is_closed() or isinstance(error, OSError)):  # TimeoutError is one
            raise
    else:
        return
    await Connections.give_up(connection)
    await (await driver_of(connection)).execute(begin, timeout=patience)


async def _end(connection: AsyncConnection, statement: str | None, *, in_turn: bool = False) -> None:
    """Commit or roll back, or, where ``statement`` is None, give the connection up."""
    if connection.sync_connection is None:  # it never began
        return
    try:
        if not connection.invalidated:
            await _say(connection, statement)
        elif statement == "COMMIT":
            raise CorpusAway
    finally:
        if in_turn and not connection.invalidated:
            await _let_go(connection)
        await connection.close()


async def _let_go(connection: AsyncConnection) -> None:
    """End this one's turn; with a connection that cannot even do that, it ends as well."""
    driver = await driver_of(connection)
    try:
        await driver.execute("SELECT pg_advisory_unlock_all()", timeout=BEGIN_SECONDS)
    except Exception:  # noqa: BLE001 - what was to be stored is stored, or was told not to be
        await Connections.give_up(connection)


async def _say(connection: AsyncConnection, statement: str | None) -> None:
    """As `_end`; a connection on which that fails is of no use any more, as nobody knows what it holds."""
    driver = await driver_of(connection)
    if statement is None or driver.is_closed():
        await Connections.give_up(connection)
        if statement == "COMMIT":
            raise CorpusAway  # it was never told to
        return
    try:
        said = await driver.execute(statement, timeout=STATEMENT_SECONDS if statement == "COMMIT" else BEGIN_SECONDS)
    except Exception as error:
        is_lost = driver.is_closed() or isinstance(error, OSError)
        if is_lost or driver.is_in_transaction():
            await Connections.give_up(connection)
        if statement == "COMMIT" and is_lost:
            raise CorpusUnsure from error
        if statement == "COMMIT":  # the server refused it, and so nothing of it is there
            raise
        return
    if said != statement:
        raise RuntimeError(f"a transaction that had failed was to be committed, and PostgreSQL said {said}")


# Whoever waits for this sees, in the next statement, what the one before did: nothing is a snapshot there.
MIGRATING: Final = text("SELECT pg_advisory_xact_lock(7236837, 1)")
"""Says that this transaction migrates, and waits until no other does."""


async def stored_revision(begun: Transaction, at: Address) -> str | None:
    """The migration a database is at; None for one without tables.

    Raises `CorpusError` where it is not Newsdesk's.
    """
    tables = {name for (name,) in await begun.execute(_TABLES)}
    if not tables:
        return None
    if not {"alembic_version", "article"} <= tables:
        raise CorpusMisnamed(f"{at.name} is a database of another program: choose another DATABASE_URL.")
    found = (await begun.execute(text("SELECT version_num FROM alembic_version"))).scalars().all()
    if len(found) != 1:
        raise CorpusError(f"{at.name} does not say which version of Newsdesk wrote it: restore a backup.")
    return str(found[0])


_TABLES: Final = text("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")


class Raw:
    """A transaction as `bot.corpus.fixed` uses it, where SQLAlchemy's greenlets are at work."""

    dialect: Dialect = asyncpg_dialect()  # type: ignore[no-untyped-call]

    def __init__(self, driver: Any) -> None:
        self._driver = driver

    def fetch(self, statement: str, values: Sequence[Any]) -> Iterable[Sequence[Any]]:
        """The rows of a statement."""
        with _lost():
            found: Iterable[Sequence[Any]] = await_only(self._driver.fetch(statement, *storable(values)))
        return found

    def run_all(self, statement: str, values: Sequence[Sequence[Any]]) -> None:
        """Run a statement with each of these parameters."""
        with _lost():
            await_only(self._driver.executemany(statement, [storable(some) for some in values]))


def storable(values: Sequence[Any]) -> list[Any]:
    """What is stored for these: PostgreSQL has no NUL in a text, and takes the sign for what cannot be shown."""
    return [value.replace("\0", "\ufffd") if isinstance(value, str) and "\0" in value else value for value in values]


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's code for a fault; None where the fault is not the server's."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    code = getattr(cause, "sqlstate", None)
    return code if isinstance(code, str) else None


_AWAY: Final = frozenset({"57P01", "57P02", "57P03", "57P05"})  # it was shut down, crashed, is starting; left idle
_SENTENCES: Final[Mapping[str, tuple[type[CorpusError], str]]] = {
    "53300": (CorpusAway, "{at} takes no more connections now: try again, or let its server have more."),
    "53100": (CorpusError, "The disk that holds {at} is full: make room and try again."),
    "53200": (CorpusInUse, "The server of {at} is out of memory: try again."),
    "55P03": (CorpusInUse, "{at} was busy for too long: try again."),
    "57014": (CorpusInUse, "{at} was busy for too long: try again."),
    "25006": (CorpusError, "{at} takes nothing new: it is read-only, or the copy of another, as after a failover."),
    "3D000": (CorpusMisnamed, "There is no {bare}: make it with createdb, or choose another DATABASE_URL."),
    "28P01": (CorpusMisnamed, "{at} refused the user or the password in DATABASE_URL: put the right ones there."),
    "28000": (CorpusMisnamed, "{at} refused the user or the password in DATABASE_URL: put the right ones there."),
    "42501": (CorpusError, "The user in DATABASE_URL may not do that in {bare}: make it the owner of its tables."),
    "58030": (CorpusError, "The disk that holds {at} fails to read or write: see if it is full or broken."),
    "XX001": (CorpusDamaged, "{at} is damaged: restore it from a backup of its server."),
    "XX002": (CorpusDamaged, "{at} is damaged: restore it from a backup of its server."),
}


def explain(error: BaseException, at: Address) -> CorpusError | None:
    """The sentence for a fault of the database; None for what is none, but this program's or somebody's own."""
    if isinstance(error, CorpusError):
        return None
    code = sqlstate(error)
    if code is None:
        return CorpusAway() if _is_cut_off(error) else None
    if code in (SERIALIZATION_FAILURE, DEADLOCK):
        return GaveWay()
    if code in _AWAY or code.startswith("08"):
        return CorpusAway()
    if (known := _SENTENCES.get(code)) is not None:
        kind, sentence = known
        said = sentence.format(at=at, bare=at)
        return kind(said[0].upper() + said[1:])
    if code.startswith(("22", "23", "42")):  # of this program: data, constraints, statements
        return None
    return CorpusError(f"The {str(at)[4:]} cannot be used (SQLSTATE {code}): see the log, and that of its server.")


def _is_cut_off(error: BaseException) -> bool:
    """Whether the server could not be reached, or was lost in the middle of something."""
    if isinstance(error, CorpusAway):
        return True
    if isinstance(error, DBAPIError):
        said = error.orig.__cause__ if error.orig is not None else None
        return error.connection_invalidated or (said is not None and _is_cut_off(said))
    # By their names, as the driver is an extra: what it says of itself (`asyncpg.InterfaceError`) has no SQLSTATE. An
    # `InternalClientError` is a connection that ends just as it is used, or that no host can be written to.
    kinds = {kind.__name__ for kind in type(error).__mro__ if kind.__module__.startswith("asyncpg")}
    return "InternalClientError" in kinds or bool(kinds and "connection" in str(error).lower())


def pauses(tries: int, draw: Any) -> Iterator[float]:
    """How long to wait before each further of ``tries``, in seconds: longer each time, and never as long as others."""
    return (draw.uniform(0.5, 1.5) * min(0.004 * 2**number, 0.25) for number in range(tries - 1))
