"""A library moved from one database to another: every row of every table, held against the original at the end.

    source, a snapshot -> pages in key order -> rows of the target -> read back -> digests compared -> a library

What a move that was killed has left is gone on with where it is the beginning of what the source holds now, row by row;
else it is cleared and begun anew. So nothing is noted of how far a move is: the rows themselves say it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Select,
    Table,
    TableClause,
    Text,
    TypeDecorator,
    column,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy import table as named
from sqlalchemy.exc import DataError, IntegrityError

from bot.corpus import ends, schema
from bot.corpus.copying import Watch, unwatched
from bot.corpus.dialects import TEXT
from bot.corpus.fingerprints import is_as_stored
from bot.errors import CorpusDamaged, CorpusError, Refused

if TYPE_CHECKING:
    from bot.corpus.database import Transaction
    from bot.corpus.ends import End, Place

_ROWS: Final = 1_000
_CHARACTERS: Final = 1_000_000
"""A page has no more of either, but for a row that is longer by itself, which no article is."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved, and read back; ``kept`` of the rows were there from a move that was broken off."""

    source: str
    target: str
    tables: int
    rows: int
    kept: int
    articles: int


async def move(source: Place, target: Place, watch: Watch = unwatched) -> Moved:
    """Copy the library at ``source`` to ``target``, where none is.

    ``watch`` is told how many of a hundred are done. Raises `Refused` where there is a library, or it is the same
    database, `CorpusInUse` where a bot runs on one of them, `CorpusError` where one cannot be used: then the same again
    goes on with what was done.
    """
    if ends.is_same(source, target):
        raise Refused("The library is there already: give the address of another database.")
    async with ends.source(source) as (left, snapshot), ends.target(target) as entered:
        return await _Move(left, snapshot, entered, watch).done()


class _Rows:
    """A table as its rows are read and written here: no value is made anything else of."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.plain: TableClause = named(table.name, *(column(one.name, _plain(one)) for one in table.columns))
        self.keys = [self.plain.c[one.name] for one in table.primary_key.columns]
        self.at = [list(self.plain.c.keys()).index(key.name) for key in self.keys]
        sizes = [func.coalesce(func.length(one), 0) for one in self.plain.c if isinstance(one.type, Text | LargeBinary)]
        self.size: ColumnElement[int] = sum(sizes, start=literal(0))
        self.counts = any(one.identity is not None for one in table.columns)

    def key(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """By what rows are in order, in both databases and in Python: numbers, and texts by their characters."""
        return tuple(row[at] for at in self.at)

    def sizes(self, after: tuple[Any, ...] | None) -> Select[Any]:
        """How many characters the next rows have."""
        return self._in_order(select(self.size), after).limit(_ROWS)

    def next(self, after: tuple[Any, ...] | None, rows: int) -> Select[Any]:
        """The next ``rows`` rows."""
        return self._in_order(select(*self.plain.c), after).limit(rows)

    def _in_order(self, query: Select[Any], after: tuple[Any, ...] | None) -> Select[Any]:
        if after is not None:
            values = [literal(value, key.type) for key, value in zip(self.keys, after, strict=True)]
            is_later = self.keys[0] > values[0] if len(values) == 1 else tuple_(*self.keys) > tuple_(*values)
            query = query.where(is_later)
        return query.order_by(*self.keys)

    async def page(self, begun: Transaction, after: tuple[Any, ...] | None) -> Sequence[Sequence[Any]]:
        """The rows after a key, as many as fit into a page; none at the end."""
        rows, characters = 0, 0
        for size in (await begun.execute(self.sizes(after))).scalars():
            characters += size
            if rows and characters > _CHARACTERS:
                break
            rows += 1
        return (await begun.execute(self.next(after, rows))).all() if rows else ()


def _plain(one: Column[Any]) -> Any:
    return TEXT if isinstance(one.type, TypeDecorator) else one.type


TABLES: Final[Mapping[str, _Rows]] = {table.name: _Rows(table) for table in schema.metadata.sorted_tables}
_COUNTING: Final = [table for table in TABLES.values() if table.counts]


@dataclass(slots=True)
class _Sum:
    """A digest over rows in the order of their keys, up to the key ``last``."""

    rows: int = 0
    last: tuple[Any, ...] | None = None
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, table: _Rows, rows: Sequence[Sequence[Any]]) -> None:
        for row in rows:
            self.digest.update(repr(tuple(row)).encode())  # as no two rows are written
        if rows:
            self.rows += len(rows)
            self.last = table.key(rows[-1])

    def is_that_of(self, other: _Sum) -> bool:
        return (self.rows, self.last, self.digest.digest()) == (other.rows, other.last, other.digest.digest())


class _Changed(Exception):
    """What is in the target is not the beginning of what the source holds."""


class _Move:
    def __init__(self, source: End, snapshot: Transaction, target: End, watch: Watch) -> None:
        self._source = source
        self._snapshot = snapshot
        self._target = target
        self._watch = watch
        self._steps = 0
        self._most_steps = 0
        self._kept = 0

    async def done(self) -> Moved:
        counts = [await self._count(table) for table in TABLES.values()]
        try:
            sums = await self._copied(sum(counts))
        except _Changed:
            async with self._target.transaction() as begun:
                await self._target.clear(begun)
            sums = await self._copied(sum(counts))
        await self._count_on(sums)
        await self._compare(sums)
        await self._target.complete()
        articles = sums[schema.article.name].rows
        return Moved(self._source.name, self._target.name, len(sums), sum(counts), self._kept, articles)

    async def _count(self, table: _Rows) -> int:
        return int((await self._snapshot.execute(select(func.count()).select_from(table.plain))).scalar_one())

    async def _copied(self, rows: int) -> dict[str, _Sum]:
        """What was read of the source; all of it is in the target then."""
        self._steps, self._most_steps, self._kept = 0, 2 * rows, 0
        return {name: await self._copy(table) for name, table in TABLES.items()}

    async def _copy(self, table: _Rows) -> _Sum:
        there, read = await self._sum(table), _Sum()
        self._kept += there.rows
        is_compared = there.last is None
        while page := await table.page(self._snapshot, read.last):
            if (wrong := _altered_text(table, page)) is not None:
                raise _damaged(self._source, f"the text of article row {wrong} is not what was stored")
            rows = [self._target.stored(row) for row in page]
            known = 0 if is_compared else sum(table.key(row) <= (there.last or ()) for row in rows)
            read.add(table, rows[:known])
            if known < len(rows) and not is_compared:
                _must_be(there, read)
                is_compared = True
            await self._insert(table, rows[known:])
            read.add(table, rows[known:])
            self._step(len(rows))
        if not is_compared:
            _must_be(there, read)
        return read

    async def _insert(self, table: _Rows, rows: Sequence[tuple[Any, ...]]) -> None:
        if not rows:
            return
        names = table.plain.c.keys()
        try:
            async with self._target.transaction() as begun:
                await begun.execute(table.plain.insert(), [dict(zip(names, row, strict=True)) for row in rows])
        except (IntegrityError, DataError) as error:
            raise _damaged(self._source, f"rows of {table.plain.name} contradict others, or the rules of it") from error

    async def _sum(self, table: _Rows, *, is_last: bool = False) -> _Sum:
        """What the target holds; ``is_last``: where that is all, and texts are held against their fingerprints."""
        found = _Sum()
        async with self._target.transaction() as begun:
            while page := await table.page(begun, found.last):
                if is_last:
                    if _altered_text(table, page) is not None:
                        raise self._differs(table.plain.name)
                    self._step(len(page))
                found.add(table, page)
        return found

    async def _count_on(self, sums: Mapping[str, _Sum]) -> None:
        """Let the target give no row id that the source has given."""
        async with self._target.transaction() as begun:
            for table in _COUNTING:
                await self._target.count_on(begun, table.table, await self._given(table, sums))

    async def _given(self, table: _Rows, sums: Mapping[str, _Sum]) -> int:
        """The last row id that the source has given, or has."""
        (last,) = sums[table.plain.name].last or (0,)
        return max(int(last), await self._source.counter(self._snapshot, table.table))

    async def _compare(self, sums: Mapping[str, _Sum]) -> None:
        """Raises `CorpusError` where the target does not hold what was read of the source."""
        for name, table in TABLES.items():
            if not (await self._sum(table, is_last=True)).is_that_of(sums[name]):
                raise self._differs(name)
        async with self._target.transaction() as begun:
            for table in _COUNTING:
                if await self._target.counter(begun, table.table) != await self._given(table, sums):
                    raise self._differs(table.plain.name)

    def _differs(self, name: str) -> CorpusError:
        what = f"The {name} table of {self._target.name} does not hold what that of {self._source.name} holds"
        return CorpusError(f"{what}: try again, and let no other program write there.")

    def _step(self, rows: int) -> None:
        self._steps += rows
        self._watch(100 * self._steps // max(self._most_steps, 1), 100)


def _must_be(there: _Sum, read: _Sum) -> None:
    if not there.is_that_of(read):
        raise _Changed


def _altered_text(table: _Rows, rows: Sequence[Sequence[Any]]) -> int | None:
    """The id of a row whose text is not that of its fingerprint; None where there is none."""
    if table.table is not schema.article:
        return None
    names = list(table.plain.c.keys())
    text, fingerprint = names.index(schema.article.c.text.name), names.index(schema.article.c.fingerprint.name)
    wrong = (row for row in rows if not is_as_stored(row[text].encode(), row[fingerprint]))
    return next((int(table.key(row)[0]) for row in wrong), None)


def _damaged(where: End, what: str) -> CorpusDamaged:
    return CorpusDamaged(f"{where.name} is damaged: {what}. Restore the newest backup that is whole.")
