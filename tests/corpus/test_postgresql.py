"""The library on PostgreSQL: its address, faults in one sentence each, and a server that is started anew."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from importlib import util
from pathlib import Path

import pytest
from sqlalchemy import insert, make_url, select, text
from sqlalchemy.exc import DBAPIError

from bot.corpus import Corpus, postgresql
from bot.corpus.database import Database, Work
from bot.corpus.fixed import FixedInsert, FixedQuery, Raw
from bot.corpus.postgresql import Address, address, local_name
from bot.corpus.schema import note
from bot.errors import CorpusAway, CorpusError, CorpusMisnamed
from bot.settings import load
from tests.corpus.conftest import Prepare
from tests.postgres import USER, Cluster, Server, why_not

asyncpg = pytest.importorskip("asyncpg")
INSERT, NOTES = FixedInsert(note), FixedQuery(select(note.c.key).order_by(note.c.key))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A server of these tests' own, to be stopped."""
    if (reason := why_not()) is not None:
        pytest.skip(reason)
    made = Cluster.new({"max_connections": "12", "superuser_reserved_connections": "1"})
    made.start()
    made.server.query("CREATE DATABASE blank TEMPLATE template0")
    made.server.query("CREATE ROLE desk LOGIN")
    yield made
    made.stop()
    made.delete()


@pytest.fixture
def database_of(postgres_url: str) -> str:
    return make_url(postgres_url).database or ""


# Addresses


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://desk:hunter2@host/news", "write postgresql+asyncpg://"),
        ("postgres://desk:hunter2@host/news", "write postgresql+asyncpg://"),
        ("postgresql+psycopg://desk:hunter2@host/news", "write postgresql+asyncpg://"),
        ("postgresql+asyncpg://desk:hunter2@host", "does not name a database"),
        ("postgresql+asyncpg://desk:hunter2@host/news?passfile=x", "asks for passfile"),
    ],
)
def test_an_address_that_names_no_database_is_refused_without_its_password(url: str, said: str) -> None:
    with pytest.raises(CorpusMisnamed, match=said.replace("+", r"\+")) as refused:
        address(url)
    assert "hunter2" not in str(refused.value)


def test_without_the_driver_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "find_spec", lambda name: None if name == "asyncpg" else util.find_spec(name))
    with pytest.raises(CorpusMisnamed, match="pip install asyncpg"):
        address("postgresql+asyncpg://desk@host/news")


def test_libpqs_word_for_encryption_is_taken() -> None:
    assert dict(address("postgresql+asyncpg://desk@host/news?sslmode=require").url.query) == {"ssl": "require"}


def test_of_several_servers_the_one_that_can_be_written_to_is_taken() -> None:
    query = address("postgresql+asyncpg://desk@/news?host=one:5432&host=two:5432").url.query
    assert query["target_session_attrs"] == "read-write"


@pytest.mark.parametrize("name", ["news", "the%20news", "a/b", "Zeitung-ä"])
def test_the_settings_know_what_is_kept_beside_it(name: str) -> None:
    url = f"postgresql+asyncpg://desk@host/{name}?host=x"
    found = load(Path("nowhere.env"), {"DATABASE_URL": url})
    assert found.on_server
    assert found.database_file == address(url).beside == local_name(make_url(url).database or "")


# Faults


async def refusal(url: str) -> CorpusError:
    with pytest.raises(CorpusError) as refused:
        async with Corpus.open(url, bot=True):
            pass
    assert "\n" not in str(refused.value)
    return refused.value


async def test_a_server_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    assert isinstance(await refusal(f"postgresql+asyncpg://desk@/news?host={tmp_path}"), CorpusAway)
    assert isinstance(await refusal("postgresql+asyncpg://desk@127.0.0.1:1/news"), CorpusAway)


async def test_a_database_that_is_not_there_is_one_sentence(postgres: Server) -> None:
    refused = await refusal(postgres.url("nowhere"))
    assert isinstance(refused, CorpusMisnamed)
    assert "createdb" in str(refused)


async def test_a_user_who_is_not_known_is_one_sentence(postgres_url: str) -> None:
    refused = await refusal(postgres_url.replace("newsdesk@", "nobody@"))
    assert isinstance(refused, CorpusMisnamed)
    assert "user" in str(refused)


async def test_a_database_in_another_encoding_is_refused(postgres: Server) -> None:
    await postgres.rows("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    try:
        assert "encoding=UTF8" in str(await refusal(postgres.url("latin")))
    finally:
        await postgres.rows("DROP DATABASE latin")


async def test_a_database_that_is_read_only_is_one_sentence(
    postgres: Server, postgres_url: str, database_of: str, prepare: Prepare, now: datetime
) -> None:
    await postgres.rows(f"ALTER DATABASE {database_of} SET default_transaction_read_only = on")
    async with Corpus.open(postgres_url, bot=True) as corpus:
        with pytest.raises(CorpusError, match="read-only"):
            await corpus.articles.add(5, prepare(), added_by=None, now=now)
        with pytest.raises(CorpusError, match="read-only"):
            await corpus.notes.set("a", "b")


async def test_a_user_without_rights_is_one_sentence(cluster: Cluster) -> None:
    at = Address(make_url(cluster.server.url("blank").replace("newsdesk@", "desk@")))
    assert "owner" in str(await refusal(at.url.render_as_string(hide_password=False)))


async def test_an_inspected_database_is_not_written(postgres_url: str, prepare: Prepare, now: datetime) -> None:
    async with Corpus.inspect(postgres_url) as corpus:
        with pytest.raises(CorpusError, match="read-only"):
            await corpus.articles.add(5, prepare(), added_by=None, now=now)
        assert await corpus.articles.total() == 0


async def test_out_of_connections_is_one_sentence_and_over_when_some_are_free(cluster: Cluster) -> None:
    server = cluster.server
    async with Corpus.open(server.url("blank"), bot=True) as corpus, AsyncExitStack() as taken:
        with suppress(asyncpg.TooManyConnectionsError):
            while True:
                connection = await asyncpg.connect(host=str(server.folder), user=USER, database="blank")
                taken.push_async_callback(connection.close)
        sets = (corpus.notes.set(f"{number}", "x") for number in range(4))
        refused = [one for one in await asyncio.gather(*sets, return_exceptions=True) if one is not None]
        assert refused
        assert all(isinstance(one, CorpusAway) and "no more connections" in str(one) for one in refused)
        await taken.aclose()
        await asyncio.gather(*(corpus.notes.set(f"{number} again", "x") for number in range(4)))


# A server that goes away


def add(connection: Raw, key: str) -> list[str]:
    INSERT.run(connection, [{"key": key, "value": "1"}])
    return [row.key for row in NOTES.rows(connection)]


def adding(key: str) -> Work[list[str]]:
    return lambda connection: add(connection, key)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_a_server_that_was_started_anew_is_used_again_at_once(cluster: Cluster, mode: str) -> None:
    async with Corpus.open(cluster.server.url("blank"), bot=True) as corpus:
        database = corpus._database
        await asyncio.gather(*(corpus.notes.get("a") for _ in range(4)), corpus.notes.set(mode, "b"))
        await database.change(adding(f"{mode} before"))
        await database.look(NOTES.rows)
        await asyncio.to_thread(cluster.stop, mode)
        for use in (corpus.notes.get("a"), corpus.notes.set("a", "b"), database.look(NOTES.rows)):
            with pytest.raises(CorpusAway):
                await use
        with pytest.raises(CorpusAway):
            await database.change(adding("never"))
        await asyncio.to_thread(cluster.start)
        await asyncio.gather(*(corpus.notes.get("a") for _ in range(4)), corpus.notes.set(f"{mode} again", "b"))
        assert f"{mode} after" in await database.change(adding(f"{mode} after"))
        assert "never" not in await database.look(lambda connection: [row.key for row in NOTES.rows(connection)])


async def test_a_connection_that_is_cut_in_a_transaction_leaves_nothing_of_it(
    postgres: Server, postgres_url: str, database_of: str
) -> None:
    async def cut(database: Database, *, at_the_end: bool) -> None:
        async with database.write() as begun:
            await begun.execute(insert(note), {"key": "half", "value": "1"})
            mine = (await begun.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            await postgres.rows(f"SELECT pg_terminate_backend({mine})")
            if not at_the_end:
                await begun.execute(insert(note), {"key": "other half", "value": "1"})

    async with Corpus.open(postgres_url, bot=True) as corpus:
        database = corpus._database
        for at_the_end in (False, True):
            with pytest.raises(CorpusAway):
                await cut(database, at_the_end=at_the_end)
        assert await database.look(NOTES.rows) == []
        await corpus.notes.set("after", "1")
        assert [row.key for row in await database.look(NOTES.rows)] == ["after"]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"), CorpusAway),
        (asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"), CorpusAway),
        (asyncpg.InterfaceError("cannot perform operation: another operation is in progress"), type(None)),
    ],
    ids=lambda one: one.__name__ if isinstance(one, type) else type(one).__name__,
)
def test_what_the_driver_says_of_a_connection_that_ends_just_then_is_a_server_that_is_away(
    said: Exception, kind: type[object]
) -> None:
    translated = Exception(str(said))
    translated.__cause__ = said
    at = Address(make_url("postgresql+asyncpg://desk@host/news"))
    assert type(postgresql.explain(DBAPIError("SELECT 1", None, translated), at)) is kind


# Text that PostgreSQL cannot store


async def test_a_nul_is_stored_as_the_sign_for_what_cannot_be_shown(postgres_url: str) -> None:
    async with Corpus.open(postgres_url, bot=True) as corpus:
        await corpus.notes.set("a", "one\0two")
        assert await corpus.notes.get("a") == "one\ufffdtwo"
        assert await corpus.notes.get("\0") is None
        assert await corpus.answers.load("abc\0") is None
