"""Restoring: the backup takes the library's place, which is kept; and what cannot be used changes nothing."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.corpus import Corpus
from bot.corpus.backups import back_up
from bot.corpus.copying import unfinished
from bot.corpus.lock import held
from bot.corpus.restoring import Restored, restore
from bot.errors import CorpusError, CorpusInUse, CorpusTooNew, Refused
from tests.corpus.libraries import AT, fill, names, notes, titles, url_of

LATER = AT + timedelta(hours=5)


@pytest.fixture
def library(path: Path, blank_library: Path) -> Path:
    """A library of six articles in a folder of its own; three of them are in the `backup`."""
    folder = path.with_name("here")
    folder.mkdir()
    library = folder / path.name
    shutil.copy(blank_library, library)

    async def make() -> None:
        async with Corpus.open(url_of(library), bot=True) as corpus:
            await fill(corpus, range(3))
            await corpus.back_up(path.with_name("backup.db"), now=AT)
            await fill(corpus, range(3, 6))

    asyncio.run(make())
    return library


@pytest.fixture
def backup(library: Path, path: Path) -> Path:
    return path.with_name("backup.db")


def put(backup: Path, library: Path, *, force: bool = True) -> Restored:
    return asyncio.run(restore(backup, library, force=force, now=LATER))


def test_the_library_is_the_backup_and_the_one_that_was_there_is_kept(library: Path, backup: Path) -> None:
    library.chmod(0o640)
    snapshot = library.with_name("newsdesk.db.indexes") / "5.snapshot"
    snapshot.parent.mkdir()
    snapshot.touch()
    before = titles(library)
    restored = put(backup, library)
    assert titles(library) == titles(backup) == {"Ferry 0", "Ferry 1", "Ferry 2"}
    assert (restored.as_of, restored.articles) == (AT, 3)
    assert restored.kept == library.with_name("newsdesk.db.replaced-2026-05-12T133000Z.db")
    assert titles(restored.kept) == before
    assert stat.S_IMODE(library.stat().st_mode) == 0o640
    assert not snapshot.exists()
    assert names(library.parent) == {"newsdesk.db", "newsdesk.db.indexes", restored.kept.name}


def test_where_there_is_no_library_the_backup_becomes_it(library: Path, backup: Path) -> None:
    new = library.with_name("new.db")
    restored = put(backup, new, force=False)
    assert restored.kept is None
    assert titles(new) == titles(backup)
    assert stat.S_IMODE(new.stat().st_mode) == 0o600


def test_a_library_is_not_replaced_unasked(library: Path, backup: Path) -> None:
    before = library.read_bytes()
    with pytest.raises(Refused, match="--force"):
        put(backup, library, force=False)
    assert library.read_bytes() == before
    assert names(library.parent) == {"newsdesk.db"}


def test_a_running_bot_is_not_restored_under(library: Path, backup: Path) -> None:
    before = library.read_bytes()
    with held(library, "-"), pytest.raises(CorpusInUse, match="stop it first"):
        put(backup, library)
    assert library.read_bytes() == before


async def test_nor_is_a_verb_that_works_on_it(library: Path, backup: Path) -> None:
    async with Corpus.open(url_of(library), bot=False) as corpus:
        with pytest.raises(CorpusInUse, match="Another newsdesk command"):
            await restore(backup, library, force=True, now=LATER)
        assert len(await corpus.articles.visible(5)) == 6
    assert titles(library) > titles(backup)
    assert {name for name in names(library.parent) if "replaced" not in name} == {"newsdesk.db"}


def test_what_waits_in_the_log_of_a_killed_bot_is_kept(library: Path, backup: Path) -> None:
    """Its log must be in the kept file, and not beside the new one."""
    with closing(sqlite3.connect(library)) as connection:
        connection.execute("UPDATE article SET title = 'Late' WHERE id = 6")
        connection.commit()
        copies = {end: library.with_name(library.name + end).read_bytes() for end in ("", "-wal")}
    for end, data in copies.items():
        library.with_name(library.name + end).write_bytes(data)
    restored = put(backup, library)
    assert restored.kept is not None
    assert "Late" in titles(restored.kept)
    assert titles(library) == titles(backup)
    assert names(library.parent) == {"newsdesk.db", restored.kept.name}


@pytest.mark.parametrize("fate", ["all zeros", "not a database", "cut off"])
def test_a_library_too_damaged_to_be_read_is_replaced_and_kept_with_its_log(
    library: Path, backup: Path, fate: str
) -> None:
    whole = library.read_bytes()
    damaged = {"all zeros": bytes(len(whole)), "not a database": b"x" * 5_000, "cut off": whole[:6_000]}[fate]
    library.write_bytes(damaged)
    log = library.with_name("newsdesk.db-wal")
    log.write_bytes(b"what is left of a log")
    restored = put(backup, library)
    assert restored.kept is not None
    assert titles(library) == titles(backup)
    assert names(library.parent) <= {"newsdesk.db", restored.kept.name, f"{restored.kept.name}-wal"}
    assert restored.kept.exists()


def test_a_restore_can_be_undone_by_another(library: Path, backup: Path) -> None:
    before = titles(library)
    first = put(backup, library)
    assert first.kept is not None
    second = put(first.kept, library)
    assert titles(library) == before
    assert second.kept is not None
    assert second.kept != first.kept
    assert "copied from a library at" in notes(library), "it was away, too"


def test_a_file_that_is_no_backup_changes_nothing(library: Path, backup: Path, tmp_path: Path) -> None:
    before = library.read_bytes()
    (tmp_path / "text.db").write_text("no database" * 1_000)
    (tmp_path / "empty.db").touch()
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE t(x)")
    for name in ("text.db", "empty.db", "other.db", "missing.db", "nowhere/missing.db"):
        with pytest.raises(CorpusError, match="is no backup"):
            put(tmp_path / name, library)
    assert library.read_bytes() == before
    assert names(library.parent) == {"newsdesk.db"}


def test_a_damaged_backup_changes_nothing(library: Path, backup: Path) -> None:
    before = library.read_bytes()
    with closing(sqlite3.connect(backup)) as connection, connection:
        connection.execute("UPDATE article SET text = text || '!' WHERE id = 1")
    with pytest.raises(CorpusError, match=r"backup\.db is damaged: 1 of 3 texts"):
        put(backup, library)
    assert library.read_bytes() == before
    assert names(library.parent) == {"newsdesk.db"}


def test_a_backup_of_a_newer_newsdesk_is_refused(library: Path, backup: Path) -> None:
    with closing(sqlite3.connect(backup)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CorpusTooNew):
        put(backup, library)


def test_the_library_is_no_backup_of_itself(library: Path, backup: Path) -> None:
    with pytest.raises(Refused, match="itself"):
        put(library, library)


def test_it_tells_what_the_library_that_was_there_had_deleted_for_good(library: Path, backup: Path) -> None:
    async def delete() -> None:
        async with Corpus.open(url_of(library), bot=True) as corpus:
            await fill(corpus, range(2), library=0)
            await fill(corpus, range(2), library=7)
            await corpus.removals.purge(5, 2, by=None, now=AT - timedelta(minutes=1))
            await corpus.removals.purge(5, 3, by=None, now=AT + timedelta(minutes=1))
            await corpus.removals.purge(0, 1, by=None, now=AT + timedelta(minutes=2))
            await corpus.leaving.delete_server(7, now=AT + timedelta(minutes=3))

    assert put(backup, library).forgotten == ()
    asyncio.run(delete())
    assert put(backup, library).forgotten == ("3 of server 5", "S1", "server 7")


@pytest.mark.parametrize("step", ["link", "utime", "replace"])
def test_broken_off_before_any_step_the_library_is_what_it_was(
    library: Path, backup: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    before = titles(library)
    with monkeypatch.context() as patched:
        patched.setattr(Path if step == "replace" else os, step, fault)
        if step == "link":
            patched.setattr(shutil, "copy2", fault)
        with pytest.raises(CorpusError, match="full"):
            put(backup, library)
    assert titles(library) == before
    assert not unfinished(library).exists()
    put(backup, library)
    assert titles(library) == titles(backup)
    assert len(names(library.parent)) == 2


def test_a_second_name_that_a_killed_restore_left_is_gone_after_the_next_start(library: Path, backup: Path) -> None:
    os.link(library, library.with_name("newsdesk.db.replaced-2026-05-12T133000Z.db"))
    unfinished(library).write_bytes(b"half")

    async def start() -> None:
        async with Corpus.open(url_of(library), bot=True):
            pass

    asyncio.run(start())
    assert names(library.parent) == {"newsdesk.db"}
    assert len(titles(library)) == 6


def test_without_second_names_the_library_is_copied(
    library: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    before = titles(library)
    monkeypatch.setattr(os, "link", refused)
    restored = put(backup, library)
    assert restored.kept is not None
    assert titles(restored.kept) == before
    assert titles(library) == titles(backup)


async def test_the_kept_library_goes_after_thirty_days(library: Path, backup: Path) -> None:
    restored = await restore(backup, library, force=True, now=LATER)
    assert restored.kept is not None
    made = restored.kept.stat().st_mtime
    async with Corpus.open(url_of(library), bot=True) as corpus:
        assert await corpus.forget_backups(datetime.fromtimestamp(made - 60, UTC)) == []
        assert await corpus.forget_backups(datetime.fromtimestamp(made + 60, UTC)) == [restored.kept.name]
    assert names(library.parent) == {"newsdesk.db"}


async def test_a_backup_of_a_restored_library_says_when_it_was_made(library: Path, backup: Path) -> None:
    await restore(backup, library, force=True, now=LATER)
    made = await back_up(library, library.with_name("again.db"), now=LATER)
    assert notes(made.path)["copied from a library at"] == AT.isoformat()
