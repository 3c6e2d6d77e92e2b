"""Statements that are compiled once: they say what SQLAlchemy says of the same query."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import bindparam, create_engine, select

from bot.corpus.dialects import listed, tuples
from bot.corpus.fixed import FixedInsert, FixedQuery
from bot.corpus.schema import answer, article, library, passage

NOW = datetime(2026, 5, 12, 8, 30, 1, 5, tzinfo=UTC)


@pytest.fixture
def connection(path: Path, blank_library: Path) -> Iterator[sqlite3.Connection]:
    shutil.copy(blank_library, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        FixedInsert(library).run(
            opened,
            [{"id": 7, "next_number": 3, "revision": 1, "stamp": 1, "terms": 0, "left_at": None}],
        )
        FixedInsert(article).run(opened, [_article(1), _article(2)])
        rows = [
            {"article_id": id_, "position": at, "start_char": at, "end_char": at + 1, "kind": "prose"}
            for id_ in (1, 2)
            for at in range(3)
        ]
        nothing = {"speaker": None, "question_start_char": None, "question_end_char": None}
        FixedInsert(passage).run(opened, [{**row, **nothing, "id": at} for at, row in enumerate(rows, 1)])
        yield opened


def _article(number: int) -> dict[str, object]:
    given = {
        "id": number,
        "library": 7,
        "number": number,
        "title": f"Title {number}",
        "authors": ("Åsa", "Bo"),
        "filed": "2026-05-12",
        "added_at": NOW,
        "words": 3,
        "fingerprint": str(number),
        "text": "abc",
    }
    return {column.name: given.get(column.name, 0 if not column.nullable else None) for column in article.columns}


def test_its_rows_are_those_of_sqlalchemy(connection: sqlite3.Connection, path: Path) -> None:
    query = select(article).where(article.c.library == 7).order_by(article.c.id)
    fixed = FixedQuery(query).rows(connection)
    with create_engine(f"sqlite:///{path}").connect() as other:
        rows = other.execute(query).all()
    assert [tuple(row) for row in fixed] == [tuple(row) for row in rows]
    assert (fixed[0].added_at, fixed[0].authors, fixed[0].title) == (NOW, ("Åsa", "Bo"), "Title 1")


def test_a_list_may_have_any_length(connection: sqlite3.Connection) -> None:
    query = FixedQuery(select(article.c.id).where(article.c.id.in_(listed("ids"))))
    found = [[row.id for row in query.rows(connection, ids=ids)] for ids in ([], [2], [1, 2, 2, 9], [*range(40_000)])]
    assert found == [[], [2], [1, 2], [1, 2]]


def test_tuples_are_joined_part_by_part(connection: sqlite3.Connection) -> None:
    id_, position = tuples("places", 2)
    query = FixedQuery(select(passage).where(passage.c.article_id == id_, passage.c.position == position))
    rows = query.rows(connection, places=[(1, 2), (2, 0), (2, 9)])
    assert [(row.article_id, row.position) for row in rows] == [(1, 2), (2, 0)]


def test_a_parameter_is_given_by_its_name(connection: sqlite3.Connection) -> None:
    query = FixedQuery(select(article.c.title).where(article.c.number == bindparam("number"), article.c.library == 7))
    assert [row.title for row in query.rows(connection, number=2)] == ["Title 2"]


def test_what_is_inserted_is_written_as_sqlalchemy_writes_it(connection: sqlite3.Connection) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5)))
    row = {"id": "abcdefgh", "guild": 7, "user_id": 1, "kind": "quotes", "payload": "{}", "created_at": elsewhere}
    FixedInsert(answer).run(connection, [row])
    (written,) = connection.execute("SELECT created_at FROM answer").fetchone()
    assert written == "2026-05-12T08:30:01.000005+00:00"
    assert FixedQuery(select(answer)).rows(connection)[0]._asdict() == {**row, "created_at": NOW}
