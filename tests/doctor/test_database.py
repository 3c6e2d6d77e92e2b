"""The database file under the doctor's eyes: what is wrong with it is found and named, and it stays as it is."""

from __future__ import annotations

import asyncio
import hashlib
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.corpus import Corpus, sqlite
from bot.errors import EX_DATAERR, CorpusError
from bot.model import Document
from bot.newsdesk import Newsdesk
from tests.doctor.patient import SERVER, about, damage, execute, faults, findings


def test_a_sound_file_is_ok_in_all_that_is_examined(filled: Path, url: str) -> None:
    found = [(one.state, one.about) for one in findings(url)]
    examined = ["bot", "schema", "pragmas", "database", "texts", "shared library", f"library {SERVER}"]
    assert found[-9:] == [("ok", one) for one in [*examined, "schedules", "deliveries"]]


def test_a_library_that_is_not_there_is_not_made(path: Path, url: str) -> None:
    path.unlink()
    found = about("database", url)
    assert (found.state, found.said) == ("ok", "newsdesk.db is not there yet: the first start makes it.")
    assert list(path.parent.iterdir()) == []


def test_an_empty_file_is_as_none(path: Path, url: str) -> None:
    path.write_bytes(b"")
    assert "the first start makes it" in about("database", url).said
    assert path.read_bytes() == b""


def test_no_byte_of_the_file_is_changed(filled: Path, url: str) -> None:
    before = hashlib.sha256(filled.read_bytes()).hexdigest()
    findings(url)
    assert hashlib.sha256(filled.read_bytes()).hexdigest() == before


def test_a_log_that_a_crash_has_left_is_read_and_stays(filled: Path, url: str) -> None:
    """A connection that may write would fold it into the file when it is closed."""
    crash = "UPDATE article SET text = 'other' WHERE number = 2"
    program = f"import os, sqlite3; c = sqlite3.connect({str(filled)!r}); c.execute({crash!r}); c.commit(); os._exit(1)"
    subprocess.run([sys.executable, "-c", program], check=False)
    log = filled.with_name("newsdesk.db-wal")
    before = filled.read_bytes(), log.read_bytes()
    assert before[1]
    assert "2 of 12" in faults(url)["texts"]
    assert (filled.read_bytes(), log.read_bytes()) == before


async def test_what_looks_at_a_file_cannot_write_to_it(filled: Path, url: str) -> None:
    async with Corpus.inspect(url) as corpus:
        with pytest.raises(CorpusError, match="cannot be written"):
            await corpus.notes.set("key", "value")


# Who uses it


async def test_a_running_bot_is_named_and_does_no_harm(url: str) -> None:
    async with Newsdesk.open(url, bot=True) as newsdesk:
        assert (await asyncio.to_thread(about, "bot", url)).said == "one runs on this library."
        await newsdesk.add(SERVER, Document("a.txt", "Ferry", "The ferry sails."))
        assert (await asyncio.to_thread(faults, url)) == {}
    assert (await asyncio.to_thread(about, "bot", url)).said == "none runs on this library now."


def test_no_lock_is_made_to_find_out(url: str, path: Path) -> None:
    lock = path.with_name("newsdesk.db.lock")
    assert not lock.exists()
    assert about("bot", url).state == "ok"
    assert not lock.exists()


def test_a_lock_that_cannot_be_opened_is_a_warning(url: str, path: Path) -> None:
    path.with_name("newsdesk.db.lock").mkdir()
    found = about("bot", url)
    assert (found.state, "cannot be told" in found.said) == ("warning", True)


# Its schema


def test_a_newer_file_is_a_fault_and_still_examined_as_a_file(filled: Path, url: str) -> None:
    execute(filled, "UPDATE alembic_version SET version_num = '9999'")
    found = {one.about: one for one in findings(url)}
    assert (found["schema"].state, found["schema"].exit_code) == ("fault", EX_DATAERR)
    assert "written by a newer Newsdesk" in found["schema"].said
    assert (found["pragmas"].state, found["database"].state) == ("ok", "ok")
    assert "texts" not in found


def test_an_older_file_is_a_warning_and_not_migrated(filled: Path, url: str) -> None:
    execute(filled, "UPDATE alembic_version SET version_num = '0001'")
    found = {one.about: one for one in findings(url)}
    assert found["schema"].state == "warning"
    assert found["schema"].said.startswith("0001 is that of an older version: the next start brings it up to date")
    assert "texts" not in found
    assert sqlite.stored_revision(filled) == "0001"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_bytes(b"No database at all. " * 500), "is not a database"),
        (lambda path: execute(path, "DROP TABLE alembic_version"), "of another program"),
        (lambda path: execute(path, "DELETE FROM alembic_version"), "does not say which version"),
    ],
    ids=["text", "another's", "no version"],
)
def test_a_file_that_is_none_of_ours_is_one_fault(
    filled: Path, url: str, spoil: Callable[[Path], None], said: str
) -> None:
    spoil(filled)
    found = faults(url)
    assert list(found) == ["schema"]
    assert said in found["schema"]


def test_a_file_that_another_program_keeps_locked_is_a_fault(
    filled: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 1)
    with closing(sqlite3.connect(filled)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        found = faults(url)
    assert list(found) == ["schema"]
    assert "was busy" in found["schema"]
    assert faults(url) == {}


# How SQLite keeps it


def test_pragmas_are_told_as_sqlite_says_them(filled: Path, url: str) -> None:
    said = about("pragmas", url).said
    assert said == "journal_mode wal, busy_timeout 5000, secure_delete 1, synchronous 2, foreign_keys 1."


def test_a_file_without_a_log_is_a_warning(filled: Path, url: str) -> None:
    execute(filled, "PRAGMA journal_mode=delete")
    found = about("pragmas", url)
    assert found.state == "warning"
    assert found.said.startswith("journal_mode is delete, not wal")


def test_a_pragma_that_sqlite_does_not_take_is_a_fault(filled: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sqlite.PRAGMAS, "writer", {**sqlite.PRAGMAS["writer"], "synchronous": 7})
    assert "synchronous is 0, not 7" in faults(url)["pragmas"]


# Damage


def test_a_damaged_page_is_a_fault_that_says_what_to_do(filled: Path, url: str) -> None:
    damage(filled)
    found = faults(url)
    assert list(found) == ["database"]
    assert "Restore the newest backup." in found["database"]


def test_a_page_that_cannot_be_read_does_not_end_the_round(filled: Path, url: str) -> None:
    damage(filled, badly=True)
    found = {one.about: one for one in findings(url)}
    assert found["database"].said == "newsdesk.db is damaged: restore the newest backup."
    assert [found[one].state for one in ("texts", "shared library", "schedules")] == ["ok", "ok", "ok"]


def test_a_row_whose_parent_is_missing_is_a_fault(filled: Path, url: str) -> None:
    execute(filled, "DELETE FROM library WHERE id = ?", SERVER)
    found = [one for one in findings(url) if one.about == "database"]
    assert {one.state for one in found} == {"fault"}
    assert "refers to a row of library that is missing." in found[0].said


def test_of_many_problems_the_first_are_told(filled: Path, url: str) -> None:
    execute(filled, "DELETE FROM article")
    found = [one.said for one in findings(url) if one.about == "database"]
    assert len(found) == 6
    assert re.fullmatch(r"\d\d+ more of this kind: restore the newest backup.", found[-1])


def test_values_that_make_no_sense_do_not_end_the_round(filled: Path, url: str) -> None:
    execute(filled, "UPDATE audit SET at = 'soon'")
    execute(filled, "UPDATE article SET filed = 'some day..'")
    found = {one.about: one for one in findings(url)}
    assert (found["clock"].state, found["clock"].exit_code) == ("fault", EX_DATAERR)
    assert "cannot be examined (ValueError)" in found["clock"].said
    assert "cannot be examined (ValueError)" in found["shared library"].said
    assert (found["texts"].state, found["deliveries"].state) == ("ok", "ok")


# Every text


@pytest.mark.parametrize("text", ["'The fairy made crossing'", "CAST(x'fffe00' AS TEXT)", "''"])
def test_a_text_that_is_not_what_was_stored_is_named(filled: Path, url: str, text: str) -> None:
    execute(filled, f"UPDATE article SET text = {text} WHERE library = ? AND number = 3", SERVER)
    found = faults(url)
    assert found["texts"] == f"1 of 12 are not what was stored (#3 of server {SERVER}): restore the newest backup."


def test_a_flipped_bit_in_the_file_is_found(filled: Path, url: str) -> None:
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = filled.read_bytes()
    assert pages.count(b"made crossing w3.") == 1
    filled.write_bytes(pages.replace(b"made crossing w3.", b"made crossing w7."))
    found = {one.about: one for one in findings(url)}
    assert found["database"].state == "ok", "SQLite itself does not see it"
    assert "1 of 12 are not what was stored" in found["texts"].said


def test_of_many_altered_texts_the_first_are_named(filled: Path, url: str) -> None:
    execute(filled, "UPDATE article SET text = text || 'x'")
    said = faults(url)["texts"]
    assert said.startswith("12 of 12 are not what was stored (#S1, #1 of server 42, #S2, #2 of server 42, #S3, …)")


async def test_removed_revised_and_purged_texts_are_what_was_stored(filled: Path, url: str) -> None:
    async with Newsdesk.open(url, bot=True) as newsdesk:
        article = await newsdesk.article(SERVER, "1")
        await newsdesk.editing.revise(await newsdesk.editing.compare(article, "The ferry made none at all."), by=None)
        await newsdesk.editing.purge(SERVER, 2, by=None)
        await newsdesk.remove(SERVER, "3")
    assert (await asyncio.to_thread(about, "texts", url)).said == "13 are what was stored."
    execute(filled, "UPDATE article SET text = text || 'x' WHERE number > 1000000")
    assert "an earlier text of server 42" in (await asyncio.to_thread(faults, url))["texts"]


async def test_texts_are_read_in_small_portions_and_the_progress_is_told(
    filled: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.corpus.inspection._TEXTS_AT_ONCE", 5)
    told: list[tuple[int, int]] = []
    async with Corpus.inspect(url) as corpus:
        texts = await corpus.inspection.texts(lambda done, total: told.append((done, total)))
    assert told == [(5, 12), (10, 12), (12, 12), (12, 12)]
    assert (texts.read, texts.altered) == (12, 0)


# When it was written


def test_entries_of_a_time_to_come_are_a_warning(filled: Path, url: str) -> None:
    now = datetime.now(UTC)
    assert [one for one in findings(url, now) if one.about == "clock"] == []
    found = about("clock", url, now - timedelta(hours=2))
    assert found.state == "warning"
    assert f"{now:%Y-%m-%d}"[:8] in found.said
    assert "a time still to come" in found.said


def test_an_empty_library_was_never_written_to(url: str) -> None:
    assert [one for one in findings(url, datetime(2020, 1, 1, tzinfo=UTC)) if one.about == "clock"] == []
