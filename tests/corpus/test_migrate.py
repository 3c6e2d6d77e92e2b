"""Migrations: a copy first, then all of them or none, and a schema that is what the queries are written against."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from bot.corpus import Corpus, Prepared
from bot.corpus.lock import held
from bot.corpus.migrate import FOLDER, Migrations, migrate_server
from bot.corpus.postgresql import address
from bot.corpus.schema import REVISION, metadata
from bot.errors import CorpusError, CorpusInUse, CorpusTooNew
from tests.postgres import BLANK, Server

VERSIONS = FOLDER / "versions"
LATER = """
from alembic import op
import sqlalchemy as sa
revision, down_revision = "{revision}", "{after}"
def upgrade():
    op.create_table("{table}", sa.Column("id", sa.Integer, primary_key=True), sqlite_strict=True)
    {then}
"""


@pytest.fixture
def url(path: Path) -> str:
    """Of a file that is not there yet."""
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
def later(tmp_path: Path) -> Callable[..., Migrations]:
    """The real migrations with some more after them, each a table and a statement: later("pass", "1 / 0")."""

    def later(*statements: str) -> Migrations:
        folder = tmp_path / "later 100%"
        folder.mkdir()
        for number, statement in enumerate(statements, int(REVISION) + 1):
            module = LATER.format(revision=f"{number:04}", after=f"{number - 1:04}", table=f"t{number}", then=statement)
            (folder / f"r{number:04}.py").write_text(module)
        return Migrations((VERSIONS, folder), f"{int(REVISION) + len(statements):04}")

    return later


@pytest.fixture
async def old(url: str, path: Path, prepare: Callable[..., Prepared], now: datetime) -> Path:
    """A database of today's schema with one article."""
    async with Corpus.open(url, bot=True) as corpus:
        await corpus.articles.add(5, prepare(), added_by=1, now=now)
    return path


def after(steps: int) -> str:
    """The revision so many migrations after today's."""
    return f"{int(REVISION) + steps:04}"


def state(path: Path) -> tuple[str, int, set[str]]:
    """The revision of a file, its articles, and the tables of the later migrations it has."""
    with closing(sqlite3.connect(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 't_'")}
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        (articles,) = connection.execute("SELECT count(*) FROM article").fetchone()
    return revision, articles, tables


async def open_once(url: str, migrations: Migrations, *, bot: bool = True) -> None:
    async with Corpus.open(url, bot=bot, migrations=migrations) as corpus:
        assert len(await corpus.articles.visible(5)) == 1


@pytest.mark.parametrize("bot", [True, False])
async def test_an_older_file_is_copied_and_then_migrated(
    url: str, old: Path, later: Callable[..., Migrations], *, bot: bool
) -> None:
    await open_once(url, later("pass", "pass"), bot=bot)
    assert state(old) == (after(2), 1, {f"t{int(after(1))}", f"t{int(after(2))}"})
    assert state(old.with_name(f"newsdesk.db.before-{after(2)}.db")) == (REVISION, 1, set())


async def test_a_migration_that_fails_leaves_the_file_as_it_was(
    url: str, old: Path, later: Callable[..., Migrations]
) -> None:
    with pytest.raises(ZeroDivisionError):
        await open_once(url, later("pass", "1 / 0"))
    assert state(old) == (REVISION, 1, set())


async def test_a_migration_that_orphans_rows_is_not_committed(
    url: str, old: Path, later: Callable[..., Migrations]
) -> None:
    with pytest.raises(CorpusError, match="left as it was"):
        await open_once(url, later("op.execute('DELETE FROM library')"))
    assert state(old) == (REVISION, 1, set())


async def test_a_table_can_be_rebuilt_without_losing_the_rows_that_refer_to_it(
    url: str, old: Path, later: Callable[..., Migrations]
) -> None:
    rebuilt = "with op.batch_alter_table('article', recreate='always') as it: it.add_column(sa.Column('hue', sa.Text))"
    await open_once(url, later(rebuilt))
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("SELECT count(*) FROM passage").fetchone() == (4,)


async def test_a_file_is_not_migrated_under_a_running_bot(
    url: str, old: Path, later: Callable[..., Migrations]
) -> None:
    with held(old, "somebody else"), pytest.raises(CorpusInUse, match="running bot"):
        await open_once(url, later("pass"), bot=False)
    assert state(old) == (REVISION, 1, set())


async def test_without_a_backup_nothing_is_migrated(url: str, old: Path, later: Callable[..., Migrations]) -> None:
    old.with_name(f"newsdesk.db.before-{after(1)}.db").mkdir()
    with pytest.raises(CorpusError, match="no backup"):
        await open_once(url, later("pass"))
    assert state(old) == (REVISION, 1, set())
    assert not list(old.parent.glob("*.part"))


def test_the_migrations_make_the_schema_the_queries_are_written_against(url: str, path: Path, tmp_path: Path) -> None:
    async def make() -> None:
        async with Corpus.open(url, bot=True):
            pass

    def definitions(file: Path) -> dict[str, list[str]]:
        """Each table's and index's parts in alphabetical order: that of columns and constraints means nothing."""
        with closing(sqlite3.connect(file)) as connection:
            rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        parts = {name: [part.strip() for part in re.split(r",\s|\n|(?=\)\s+STRICT)", sql)] for name, sql in rows}
        return {name: sorted(filter(None, parts[name])) for name in parts if name != "alembic_version"}

    asyncio.run(make())
    engine = create_engine(f"sqlite:///{tmp_path / 'wanted.db'}")
    metadata.create_all(engine)
    engine.dispose()
    assert definitions(path) == definitions(tmp_path / "wanted.db")
    assert all("STRICT" in definitions(path)[table] for table in metadata.tables)


def test_the_newest_migration_is_the_one_the_code_asks_for() -> None:
    assert ScriptDirectory(str(FOLDER), version_locations=[str(VERSIONS)]).get_current_head() == REVISION


@pytest.fixture
def empty(postgres: Server) -> Iterator[str]:
    """A database of PostgreSQL's without tables."""
    database = postgres.create(like="template0")
    yield database
    postgres.drop(database)


async def tables_of(postgres: Server, database: str) -> dict[str, list[object]]:
    """All that PostgreSQL knows of the tables, in an order of its own: columns, constraints, indexes."""
    of = "FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE 'alembic%'"
    asked = {
        "columns": "SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull, "
        "attidentity, attcollation::regcollation::text, pg_get_expr(adbin, adrelid) FROM pg_attribute "
        "LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum "
        f"WHERE attnum > 0 AND attrelid IN (SELECT oid {of} AND relkind = 'r')",
        "constraints": "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        f"WHERE conrelid IN (SELECT oid {of})",
        "indexes": f"SELECT pg_get_indexdef(c.oid) {of} AND relkind = 'i'",
    }
    return {what: sorted(await postgres.rows(query, database=database), key=repr) for what, query in asked.items()}


async def test_the_migrations_make_that_schema_on_postgresql(postgres: Server, empty: str, postgres_url: str) -> None:
    made = make_url(postgres_url).database or ""
    engine = create_async_engine(postgres.url(empty))
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await engine.dispose()
    wanted = await tables_of(postgres, empty)
    assert await tables_of(postgres, made) == wanted
    assert {row[0] for row in wanted["columns"]} == set(metadata.tables)  # type: ignore[index]
    assert all(row[5] == '"C"' for row in wanted["columns"] if row[2] == "text")  # type: ignore[index]


@pytest.mark.parametrize("revision", [f"{number:04}" for number in range(1, int(REVISION) + 1)])
async def test_postgresql_is_brought_up_to_date_from_any_revision(postgres: Server, empty: str, revision: str) -> None:
    at = address(postgres.url(empty))
    await migrate_server(at, Migrations(head=revision))
    await postgres.rows("INSERT INTO library (id, next_number, revision) VALUES (5, 1, 7)", database=empty)
    async with Corpus.open(postgres.url(empty), bot=True) as corpus:
        assert await corpus.changes.revisions([5]) == {5: (7, 0)}
    assert await tables_of(postgres, empty) == await tables_of(postgres, BLANK)


async def test_of_several_that_open_an_empty_database_one_migrates_it(postgres: Server, empty: str) -> None:
    async def opened() -> int:
        async with Corpus.open(postgres.url(empty), bot=True) as corpus:
            return await corpus.articles.total()

    assert await asyncio.gather(*(opened() for _ in range(4))) == [0, 0, 0, 0]


async def test_a_migration_that_fails_on_postgresql_leaves_nothing(
    postgres: Server, postgres_url: str, later: Callable[..., Migrations]
) -> None:
    with pytest.raises(ZeroDivisionError):
        await migrate_server(address(postgres_url), later("pass", "1 / 0"))
    assert await tables_of(postgres, make_url(postgres_url).database or "") == await tables_of(postgres, BLANK)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("CREATE TABLE orders (id int)", "of another program"),
        ("CREATE TABLE article (id int); CREATE TABLE alembic_version (version_num text)", "does not say"),
    ],
)
async def test_what_is_not_newsdesks_on_postgresql_is_left_alone(
    postgres: Server, empty: str, statement: str, said: str
) -> None:
    for one in statement.split(";"):
        await postgres.rows(one, database=empty)
    before = await tables_of(postgres, empty)
    with pytest.raises(CorpusError, match=said):
        async with Corpus.open(postgres.url(empty), bot=True):
            pass
    assert await tables_of(postgres, empty) == before


async def test_a_newer_database_on_postgresql_is_not_touched(postgres: Server, postgres_url: str) -> None:
    database = make_url(postgres_url).database or ""
    await postgres.rows("UPDATE alembic_version SET version_num = '9999'", database=database)
    with pytest.raises(CorpusTooNew, match="9999"):
        async with Corpus.open(postgres_url, bot=True):
            pass
