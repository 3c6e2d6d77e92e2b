"""Migrations: a copy first, then all of them or none, and a schema that is what the queries are written against."""

from __future__ import annotations

import asyncio
import io
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from bot.corpus import Corpus, Prepared
from bot.corpus.lock import held
from bot.corpus.migrate import FOLDER, Migrations
from bot.corpus.schema import REVISION, metadata
from bot.errors import CorpusError, CorpusInUse

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


def test_the_migrations_can_be_written_for_postgresql() -> None:
    script = ScriptDirectory(str(FOLDER), version_locations=[str(VERSIONS)])
    written = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": written, "target_metadata": metadata}
    )
    with Operations.context(context):
        for revision in reversed(list(script.walk_revisions())):
            revision.module.upgrade()
    assert "id BIGSERIAL NOT NULL" in written.getvalue()
    assert "STRICT" not in written.getvalue()
