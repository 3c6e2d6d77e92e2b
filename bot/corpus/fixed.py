"""Statements that are run with every question: built and compiled once, and run without SQLAlchemy in between.

SQLAlchemy takes 100 to 260 microseconds of the processor to build, look up and unpack what SQLite answers in 5 to 20.
Here a statement is still SQLAlchemy Core over `bot.corpus.schema`, but becomes text on first use, once for each kind of
database; its rows are named tuples that have the attributes of SQLAlchemy's. Lists are given as JSON, so that the text
is the same for any length: see `bot.corpus.dialects`.
"""

from __future__ import annotations

import json
import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from sqlalchemy import Column, Dialect, Select, Table, insert
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

_SQLITE = sqlite_dialect(paramstyle="named")


class Server(Protocol):
    """A transaction on a database server, to run statements whose parameters are numbered."""

    dialect: Dialect

    def fetch(self, statement: str, values: Sequence[Any]) -> Iterable[Sequence[Any]]:
        """The rows of a statement."""

    def run_all(self, statement: str, values: Sequence[Sequence[Any]]) -> None:
        """Run a statement with each of these parameters."""


Raw: TypeAlias = sqlite3.Connection | Server
"""What a `Work` is given: a transaction, without SQLAlchemy around it."""


@dataclass(frozen=True, slots=True)
class _Query:
    """A query as one dialect has it; ``order`` has the names of numbered parameters."""

    text: str
    known: Mapping[str, Any]
    order: Sequence[str]
    row: Callable[[Iterable[Any]], Any]
    reads: Sequence[tuple[int, Callable[[Any], Any]]]

    def rows(self, found: Iterable[Sequence[Any]]) -> list[Any]:
        if not self.reads:
            return list(map(self.row, found))
        return [self.row(_processed(list(values), self.reads)) for values in found]


class FixedQuery:
    """A query that is the same each time but for its parameters."""

    def __init__(self, query: Select[Any]) -> None:
        self._query = query
        self._compiled: dict[str, _Query] = {}

    def rows(self, connection: Raw, **given: Any) -> list[Any]:
        """Its rows for these parameters; a list is sent as JSON."""
        query = self._in(_dialect(connection))
        values = {**query.known, **{name: _sent(value) for name, value in given.items()}}
        if isinstance(connection, sqlite3.Connection):
            return query.rows(connection.execute(query.text, values))
        return query.rows(connection.fetch(query.text, [values[name] for name in query.order]))

    def _in(self, dialect: Dialect) -> _Query:
        if (known := self._compiled.get(dialect.name)) is not None:
            return known
        compiled = self._query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        columns = list(self._query.selected_columns)
        row = namedtuple("row", [column.key or column.name for column in columns])  # type: ignore[misc]
        reads = [
            (at, read)
            for at, column in enumerate(columns)
            if (read := _own(column.type, dialect).result_processor(dialect, None))
        ]
        made = _Query(str(compiled), dict(compiled.params), _order(compiled), row._make, reads)
        self._compiled[dialect.name] = made
        return made


class FixedInsert:
    """Inserting whole rows into a table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._compiled: dict[str, tuple[str, Sequence[str], list[tuple[str, Any]]]] = {}

    def run(self, connection: Raw, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert ``rows``, each with a value for every column."""
        text, order, writes = self._in(_dialect(connection))
        written = [{**row, **{name: write(row[name]) for name, write in writes}} for row in rows]
        if isinstance(connection, sqlite3.Connection):
            connection.executemany(text, written)
        else:
            connection.run_all(text, [[row[name] for name in order] for row in written])

    def _in(self, dialect: Dialect) -> tuple[str, Sequence[str], list[tuple[str, Any]]]:
        if (known := self._compiled.get(dialect.name)) is not None:
            return known
        columns: Iterable[Column[Any]] = self._table.columns
        writes = [
            (column.name, write)
            for column in columns
            if (write := _own(column.type, dialect).bind_processor(dialect)) is not None
        ]
        compiled = insert(self._table).compile(dialect=dialect, column_keys=[column.name for column in columns])
        made = str(compiled), _order(compiled), writes
        self._compiled[dialect.name] = made
        return made


def _dialect(connection: Raw) -> Dialect:
    return _SQLITE if isinstance(connection, sqlite3.Connection) else connection.dialect


def _order(compiled: Any) -> Sequence[str]:
    return tuple(compiled.positiontup or ()) if isinstance(compiled, SQLCompiler) else ()


def _sent(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list) else value


def _own(of: TypeEngine[Any], dialect: Dialect) -> TypeEngine[Any]:
    """A type as a dialect has it."""
    return of.dialect_impl(dialect)


def _processed(values: list[Any], reads: Sequence[tuple[int, Any]]) -> list[Any]:
    for at, read in reads:
        values[at] = read(values[at])
    return values
