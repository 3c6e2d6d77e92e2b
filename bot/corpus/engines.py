"""Engines that ask nothing of a connection that is known already, and have one memory for what SQLAlchemy compiled.

    sqlite.engine, postgresql.engine -> `made` -> SQLAlchemy's engine, pool and `Sqlite` or `Postgresql`

A library has two to five engines. To SQLAlchemy each one's dialect is another, so that each compiles every statement
for itself, which takes longer than most statements; and with its first connection it asks what kind of server it is
at, with every connection how JSON is sent: a dozen trips, before the first query. Here dialects of a kind are one.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import URL, Connection
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.util import LRUCache
from typing_extensions import override

OLDEST: Final = 13
"""The first version of PostgreSQL that is known to work; PostgreSQL itself keeps up none that is older."""

_STATEMENTS: Final = 1000
"""Twice as many as there are in a database's words: each is compiled once in the life of a process."""
_compiled: Final = LRUCache[Any, Any](_STATEMENTS)


class _Known:
    """Part of a dialect: it is whatever another one of its class is."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))

    def on_connect(self) -> Any:
        """What SQLAlchemy's types of JSON and its patterns need of every connection: there are none here."""
        return None


class Sqlite(_Known, SQLiteDialect_aiosqlite):
    """SQLite as the library that is loaded has it."""

    supports_statement_cache = True

    @override
    def initialize(self, connection: Connection) -> None:
        self.server_version_info = self.dbapi.sqlite_version_info  # type: ignore[union-attr]
        self.default_schema_name = "main"
        self.default_isolation_level = "SERIALIZABLE"


class Postgresql(_Known, PGDialect_asyncpg):
    """PostgreSQL as its `OLDEST` version has it: nothing that came later is used."""

    supports_statement_cache = True

    @override
    def initialize(self, connection: Connection) -> None:
        self.server_version_info = (OLDEST,)
        self.default_schema_name = "public"
        self.default_isolation_level = "READ COMMITTED"


registry.register("sqlite.newsdesk", __name__, Sqlite.__name__)
registry.register("postgresql.newsdesk", __name__, Postgresql.__name__)


def made(url: URL, *, size: int, **how: Any) -> AsyncEngine:
    """An engine of at most ``size`` connections; ``how`` is as `create_async_engine` has it."""
    return create_async_engine(
        url.set(drivername=f"{url.get_backend_name()}+newsdesk"),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=size,
        max_overflow=0,
        hide_parameters=True,  # a statement that fails is logged, and its values are the words of articles
        execution_options={"compiled_cache": _compiled},
        **how,
    )
