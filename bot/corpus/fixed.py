"""Statements that are run with every question: built and compiled once, and run without SQLAlchemy in between.

SQLAlchemy takes 100 to 260 microseconds of the processor to build, look up and unpack what SQLite answers in 5 to 20.
Here a statement is still SQLAlchemy Core over `bot.corpus.schema`, but becomes text on first use; its rows are named
tuples that have the attributes of SQLAlchemy's. Lists are given as JSON, so that the text is the same for any length.
"""

from __future__ import annotations

import json
import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Column, Select, Table, TableValuedAlias, bindparam, func, insert, select
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.types import TypeEngine

_DIALECT = sqlite_dialect(paramstyle="named")


def listed(name: str) -> Select[Any]:
    """What the list given as parameter ``name`` holds, for ``column.in_(...)``."""
    return select(_each(name).c.value)


def tuples(name: str, size: int) -> list[Any]:
    """The parts of the tuples that the list given as parameter ``name`` holds, to be joined with columns."""
    each = _each(name)
    return [func.json_extract(each.c.value, f"$[{place}]") for place in range(size)]


def _each(name: str) -> TableValuedAlias:
    return func.json_each(bindparam(name)).table_valued("value", name=f"each_{name}")


class FixedQuery:
    """A query that is the same each time but for its parameters."""

    def __init__(self, query: Select[Any]) -> None:
        self._query = query

    def rows(self, connection: sqlite3.Connection, **given: Any) -> list[Any]:
        """Its rows for these parameters; a list is sent as JSON."""
        text, known, row, reads = self._compiled
        for name, value in given.items():
            known = known | {name: json.dumps(value) if isinstance(value, list) else value}
        found = connection.execute(text, known)
        if not reads:
            return list(map(row, found))
        return [row(_processed(list(values), reads)) for values in found]

    @cached_property
    def _compiled(self) -> tuple[str, dict[str, Any], Callable[[Iterable[Any]], Any], list[tuple[int, Any]]]:
        compiled = self._query.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
        columns = list(self._query.selected_columns)
        row = namedtuple("row", [column.key or column.name for column in columns])  # type: ignore[misc]
        reads = [
            (at, read)
            for at, column in enumerate(columns)
            if (read := _own(column.type).result_processor(_DIALECT, None))
        ]
        return str(compiled), dict(compiled.params), row._make, reads


class FixedInsert:
    """Inserting whole rows into a table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def run(self, connection: sqlite3.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert ``rows``, each with a value for every column."""
        text, writes = self._compiled
        connection.executemany(text, [{**row, **{name: write(row[name]) for name, write in writes}} for row in rows])

    @cached_property
    def _compiled(self) -> tuple[str, list[tuple[str, Any]]]:
        columns: Iterable[Column[Any]] = self._table.columns
        writes = [
            (column.name, write)
            for column in columns
            if (write := _own(column.type).bind_processor(_DIALECT)) is not None
        ]
        return str(insert(self._table).compile(dialect=_DIALECT)), writes


def _own(of: TypeEngine[Any]) -> TypeEngine[Any]:
    """A type as SQLite has it."""
    return of.dialect_impl(_DIALECT)


def _processed(values: list[Any], reads: Sequence[tuple[int, Any]]) -> list[Any]:
    for at, read in reads:
        values[at] = read(values[at])
    return values
