"""`newsdesk backup` and `newsdesk restore`, as who hosts Newsdesk sees them."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from bot.corpus.lock import held
from bot.errors import EX_IOERR, EX_TEMPFAIL, EX_USAGE
from tests.corpus.libraries import names, titles
from tests.test_cli import Run, apart, environment, library, newsdesk, url

__all__ = ["environment", "library", "newsdesk"]  # fixtures


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("BACKUP_DIR", raising=False)
    return tmp_path / "backups"


def test_a_bare_backup_goes_to_the_folder_of_the_settings(newsdesk: Run, library: Path, folder: Path) -> None:
    ended = newsdesk("backup")
    assert (ended.code, ended.err) == (0, "")
    where, checked = ended.out.splitlines()
    assert re.fullmatch(r"backups/newsdesk-\d{4}-\d\d-\d\dT\d{6}Z\.db", where)
    assert re.fullmatch(r"\d.* [kM]B, checked: .* \(3\)", checked)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert titles(folder.parent / where) == titles(folder.parent / "newsdesk.db")


def test_a_backup_goes_where_it_is_told(newsdesk: Run, library: Path, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    assert newsdesk("backup", tmp_path / "mine.db").code == 0
    assert newsdesk("backup", tmp_path / "disk").code == 0
    assert len(names(tmp_path / "disk")) == 1
    again = newsdesk("backup", tmp_path / "mine.db")
    assert again.code == EX_IOERR
    assert "is there already" in again.refusal
    assert not folder.exists()


def test_without_a_folder_it_asks_for_one(newsdesk: Run, library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKUP_DIR", "")
    ended = newsdesk("backup")
    assert ended.code == EX_USAGE
    assert "BACKUP_DIR is empty" in ended.refusal


def test_a_library_is_restored_and_says_what_that_means(
    newsdesk: Run, library: Path, folder: Path, tmp_path: Path
) -> None:
    newsdesk("backup", tmp_path / "mine.db")
    newsdesk("remove", "S1")
    refused = newsdesk("restore", tmp_path / "mine.db")
    assert refused.code == EX_USAGE
    assert "--force" in refused.refusal
    assert newsdesk("stats", "--json").json["articles"] == 2
    ended = newsdesk("restore", tmp_path / "mine.db", "--force")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("Restored from ")
    for said in ("is kept as", "looks in the channels", "/data delete", "no article purged"):
        assert said in ended.out
    assert newsdesk("stats", "--json").json["articles"] == 3
    assert newsdesk("doctor").code == 0


def test_a_running_bot_keeps_a_restore_out(newsdesk: Run, library: Path, folder: Path, tmp_path: Path) -> None:
    newsdesk("backup", tmp_path / "mine.db")
    with held(tmp_path / "newsdesk.db", "-"):
        assert newsdesk("backup", tmp_path / "beside.db").code == 0
        ended = newsdesk("restore", tmp_path / "mine.db", "--force")
    assert ended.code == EX_TEMPFAIL
    assert "stop it first" in ended.refusal


def test_into_an_empty_place_no_force_is_needed(
    newsdesk: Run, library: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsdesk("backup", tmp_path / "mine.db")
    (tmp_path / "new").mkdir()
    monkeypatch.setenv("DATABASE_URL", url(tmp_path / "new"))
    assert newsdesk("restore", tmp_path / "mine.db").code == 0
    assert newsdesk("stats", "--json").json["articles"] == 3
    assert apart("restore", "nothing.db").returncode == EX_IOERR
