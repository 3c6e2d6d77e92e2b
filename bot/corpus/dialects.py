"""What SQLite and PostgreSQL say differently: the types of columns, and the few expressions that have no common words.

Everything else of the corpus is SQLAlchemy Core that means the same in both, so that no query is written twice. What is
not a matter of words but of how a database works is in `sqlite` and `postgresql`.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Dialect,
    Integer,
    LargeBinary,
    Select,
    TableValuedAlias,
    Text,
    bindparam,
    literal,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


class _Number(BigInteger):
    """What counts up, or is compared with what somebody typed, which may be any number."""


BYTEWISE: Final = Text(collation="C")
ID: Final = BigInteger().with_variant(Integer(), "sqlite")
"""Discord's ids need 64 bits; SQLite counts row ids only in a column that is called INTEGER, which has as many."""
NUMBER: Final = _Number().with_variant(Integer(), "sqlite")
TEXT: Final = Text().with_variant(BYTEWISE, "postgresql")
"""Text that is compared and ordered by its bytes, as SQLite does, and not by the rules of a server's language."""


def text_in(dialect: Dialect) -> TypeEngine[str]:
    """`TEXT` as ``dialect`` has it, for types that are made of it."""
    return BYTEWISE if dialect.name == "postgresql" else Text()


# Lists as parameters: they are given as JSON, so that a statement's text is the same for any length.


def listed(name: str, of: type[TypeEngine[Any]] = BigInteger) -> Select[Any]:
    """What the list given as parameter ``name`` holds, whole numbers unless said otherwise: ``column.in_(...)``."""
    return select(_Item(_each(name).c.value, of()))


def tuples(name: str, size: int) -> list[ColumnElement[Any]]:
    """The parts of the tuples of whole numbers in the list given as parameter ``name``, to be joined with columns."""
    each = _each(name)
    return [_Item(each.c.value, BigInteger(), literal(place, Integer)) for place in range(size)]


def _each(name: str) -> TableValuedAlias:
    return _Each(bindparam(name, type_=Text())).table_valued("value", name=f"each_{name}")


class _Each(FunctionElement[Any]):
    """The items of a list that is JSON, a row each."""

    name = "each"
    inherit_cache = True


class _Item(FunctionElement[Any]):
    """An item of a list that is JSON, or the one at a place of an item that is a list."""

    name = "item"
    inherit_cache = True

    def __init__(self, item: ColumnElement[Any], of: TypeEngine[Any], *place: ColumnElement[int]) -> None:
        super().__init__(item, *place)
        self.type = of


@compiles(_Each, "sqlite")
def _each_in_sqlite(element: _Each, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **how)})"


@compiles(_Each, "postgresql")
def _each_in_postgresql(element: _Each, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_array_elements(CAST({compiler.process(element.clauses, **how)} AS JSON))"


@compiles(_Item, "sqlite")
def _item_in_sqlite(element: _Item, compiler: SQLCompiler, **how: Any) -> str:
    item, *place = element.clauses
    value = compiler.process(item, **how)
    return f"json_extract({value}, '$[{place[0].value}]')" if place else value


@compiles(_Item, "postgresql")
def _item_in_postgresql(element: _Item, compiler: SQLCompiler, **how: Any) -> str:
    item, *place = element.clauses
    path = f"{{{place[0].value}}}" if place else "{}"
    of = compiler.dialect.type_compiler_instance.process(element.type)
    return f"CAST({compiler.process(item, **how)} #>> '{path}' AS {of})"


class as_bytes(FunctionElement[bytes]):  # noqa: N801 - it is called as a function of SQL
    """The bytes of a text in UTF-8, also where a damaged text is none any more."""

    name = "as_bytes"
    type = LargeBinary()
    inherit_cache = True


@compiles(as_bytes, "sqlite")
def _bytes_in_sqlite(element: as_bytes, compiler: SQLCompiler, **how: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **how)} AS BLOB)"


@compiles(as_bytes, "postgresql")
def _bytes_in_postgresql(element: as_bytes, compiler: SQLCompiler, **how: Any) -> str:
    return f"convert_to({compiler.process(element.clauses, **how)}, 'UTF8')"
