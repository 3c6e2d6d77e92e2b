"""The command line on a library that PostgreSQL keeps: the same verbs, and what is a file's alone refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.errors import EX_CONFIG, EX_TEMPFAIL, EX_USAGE
from tests.postgres import USER, Server
from tests.test_cli import Run, environment, library, newsdesk

__all__ = ["environment", "library", "newsdesk"]


@pytest.fixture(autouse=True)
def on_postgresql(environment: None, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_url)


def test_what_was_imported_is_found_counted_corrected_removed_and_exported(newsdesk: Run, library: Path) -> None:
    assert newsdesk("import", library).code == 0
    counts = newsdesk("stats", "--json").json
    assert (counts["articles"], counts["speeches"]) == (3, 2)
    asked = newsdesk("ask", "quote", "villages without a doctor", "--json").json
    assert "four villages without a doctor" in json.dumps(asked)
    assert newsdesk("check", "We could not leave four villages without a doctor", "--json").code == 0
    assert newsdesk("remove", "S3").code == 0
    assert newsdesk("reread").code == 0
    assert newsdesk("stats", "--json").json["articles"] == 2
    assert newsdesk("stories").code == 0
    assert newsdesk("duplicates").code == 0
    assert newsdesk("export", "out.zip").code == 0
    assert Path("out.zip").stat().st_size > 0


def test_what_is_kept_of_a_server_is_deleted(newsdesk: Run, library: Path) -> None:
    assert newsdesk("import", library, "--server", "7").code == 0
    assert newsdesk("forget", "--server", "7").code == 0
    assert newsdesk("stats", "--server", "7", "--json").json["articles"] == 3


@pytest.mark.parametrize("words", [("backup",), ("backup", "library.db"), ("restore", "library.db")])
def test_copies_are_made_with_the_servers_own_means(newsdesk: Run, words: tuple[str, ...]) -> None:
    Path("library.db").write_bytes(b"")
    ended = newsdesk(*words)
    assert ended.code == EX_USAGE
    assert "pg_dump" in ended.refusal


def test_a_sound_library_is_ok_for_the_doctor(newsdesk: Run, library: Path) -> None:
    ended = newsdesk("doctor", "--offline", "--json")
    found = {one["about"]: one for one in ended.json}
    assert {one["about"]: one["said"] for one in ended.json if one["state"] == "fault"} == {}
    assert found["PostgreSQL"]["said"].startswith("version 1")
    assert found["texts"]["said"] == "3 are what was stored."
    assert {"schema", "database", "shared library", "schedules", "deliveries", "backups"} <= set(found)
    assert not {"pragmas", "SQLite", "bot", "disk"} & set(found)


def test_the_doctor_says_what_is_damaged(postgres: Server, postgres_url: str, newsdesk: Run, library: Path) -> None:
    database = make_url(postgres_url).database or ""
    postgres.query("UPDATE article SET text = text || '!' WHERE number = 2", database=database)
    postgres.query(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_delivery_state'::regclass", database=database
    )
    found = {
        one["about"]: one["said"] for one in newsdesk("doctor", "--offline", "--json").json if one["state"] == "fault"
    }
    assert "#S2" in found["texts"]
    assert "ix_delivery_state" in found["database"]


def test_a_server_that_is_not_there_is_one_sentence(newsdesk: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://desk:hunter2@127.0.0.1:1/news")
    ended = newsdesk("stats")
    assert ended.code == EX_TEMPFAIL
    assert re.search("does not answer", ended.refusal)
    examined = newsdesk("doctor", "--offline")
    assert "does not answer" in examined.out
    assert "hunter2" not in examined.out + examined.err + ended.err


def test_an_empty_database_is_ok_for_the_doctor_and_stays_empty(
    postgres: Server, newsdesk: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = postgres.create(like="template0")
    try:
        monkeypatch.setenv("DATABASE_URL", postgres.url(database))
        found = {one["about"]: one["said"] for one in newsdesk("doctor", "--offline", "--json").json}
        assert "the first start makes it" in found["schema"]
        assert postgres.query("SELECT * FROM pg_tables WHERE schemaname = 'public'", database=database) == []
    finally:
        postgres.drop(database)


def test_an_address_of_another_kind_is_a_wrong_setting(newsdesk: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://desk:hunter2@host/news")
    ended = newsdesk("stats")
    assert ended.code == EX_CONFIG
    assert "postgresql+asyncpg://" in ended.err
    assert "hunter2" not in ended.err


def test_a_library_is_moved_and_what_to_set_is_said_without_a_password(
    newsdesk: Run, library: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = newsdesk("move", "--to", "sqlite+aiosqlite:///moved.db")
    assert (ended.code, ended.err) == (0, "")
    assert "the text of every article by its SHA-256 (3)" in ended.out
    assert "\nDATABASE_URL=sqlite+aiosqlite:///moved.db\n" in ended.out
    counts = newsdesk("stats", "--json").json
    monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite:///moved.db")
    assert newsdesk("stats", "--json").json == counts
    assert newsdesk("doctor", "--offline").code == 0
    database = postgres.create()
    back = postgres.url(database).replace(f"{USER}@", f"{USER}:hunter2@")
    ended = newsdesk("move", "--to", back)
    assert (ended.code, ended.err) == (0, "")
    assert "hunter2" not in ended.out
    assert f"\nDATABASE_URL=postgresql+asyncpg://{USER}:PASSWORD@/{database}?" in ended.out
    postgres.drop(database)


def test_a_library_is_not_moved_over_another(newsdesk: Run, library: Path, environment: None) -> None:
    assert newsdesk("move", "--to", "sqlite+aiosqlite:///moved.db").code == 0
    again = newsdesk("move", "--to", "sqlite+aiosqlite:///moved.db")
    assert again.code == EX_USAGE
    assert "moved.db holds a library already" in again.refusal


@pytest.mark.parametrize("to", ["moved.db", "mysql://host/name", "postgresql+asyncpg://desk:hunter2@host"])
def test_an_address_to_move_to_that_is_none_is_said_to_be_that_of_the_option(newsdesk: Run, to: str) -> None:
    ended = newsdesk("move", "--to", to)
    assert ended.code == EX_USAGE
    assert ended.refusal.startswith("--to ")
    assert "DATABASE_URL" not in ended.refusal
    assert "hunter2" not in ended.refusal
