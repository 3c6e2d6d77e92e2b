"""The settings under the doctor's eyes: every fault at once, and what the settings name."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.doctor import Finding
from bot.doctor.round import Means
from bot.doctor.settings import BACKUP_OVERDUE, examine_settings
from bot.errors import EX_CONFIG
from bot.settings import Given, read
from tests.doctor.patient import NOWHERE, examined
from tests.test_settings import TOKEN

NOW = datetime(2026, 5, 12, 8, 30, tzinfo=UTC)


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    """A file that its owner alone may read."""
    path = tmp_path / ".env"
    path.touch(0o600)
    return path


def found(given: Given, about: str) -> list[Finding]:
    return [one for one in examine_settings(given, NOW) if one.about == about]


def test_every_fault_is_a_line_of_its_own() -> None:
    given = read(NOWHERE, {"LOG_LEVEL": "loud", "TRY_PORT": "99999", "BACKUP_DAYS": "no", "DISCORD_TOKEN_FILE": "gone"})
    faults = found(given, "settings")
    assert {(one.state, one.exit_code) for one in faults} == {("fault", EX_CONFIG)}
    named = {one.said.partition(":")[0] for one in faults}
    assert named == {"LOG_LEVEL", "TRY_PORT", "BACKUP_DAYS", "DISCORD_TOKEN_FILE"}


def test_what_is_right_is_examined_beside_what_is_wrong(path: Path, url: str) -> None:
    given = read(NOWHERE, {"LOG_LEVEL": "loud", "DATABASE_URL": url})
    states = {one.about: one.state for one in examined(given, Means())}
    assert (states["settings"], states["database"]) == ("fault", "ok")


@pytest.mark.parametrize("wrong", ["DATABASE_URL", "DATABASE_URL_FILE"])
def test_no_other_library_is_examined_than_the_one_that_was_meant(wrong: str) -> None:
    given = read(NOWHERE, {wrong: "gone"})
    assert {one.about for one in examined(given, Means())} <= {"settings", "token", "seeds", "backups"}


def test_a_dotenv_that_is_no_text_is_a_fault_and_nothing_is_taken_for_what_it_may_say(env_file: Path) -> None:
    env_file.write_bytes(b"LOG_LEVEL=\xff\xfe")
    found = examined(read(env_file, {}), Means())
    assert [(one.state, one.about, "UTF-8" in one.said) for one in found] == [("fault", "settings", True)]


def test_an_address_that_is_no_file_of_ours_is_a_fault_of_the_settings() -> None:
    given = read(NOWHERE, {"DATABASE_URL": "sqlite+aiosqlite:///:memory:"})
    assert [(one.about, one.exit_code) for one in examined(given, Means()) if one.exit_code] == [
        ("settings", EX_CONFIG)
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("DISCORD_TOKE", "DISCORD_TOKEN"), ("discord_token", "DISCORD_TOKEN"), ("SEED_DIR", "SEEDS_DIR"),
     ("LOGLEVEL", "LOG_LEVEL"), ("DISCORD_TOKEN_FIL", "DISCORD_TOKEN_FILE"), ("TRY_PRT", "TRY_PORT")],
)  # fmt: skip
def test_a_name_that_is_nearly_a_setting_is_a_warning(env_file: Path, written: str, meant: str) -> None:
    env_file.write_text(f"{written}=x\n", encoding="utf-8")
    warned = [one.said for one in found(read(env_file, {}), "settings") if one.state == "warning"]
    assert warned == [f"{written} in {env_file} is no setting: did you mean {meant}?"]


def test_names_of_other_programs_are_left_alone(env_file: Path) -> None:
    env_file.write_text("COMPOSE_FILE=a\nPOSTGRES_DB=b\nTZ=UTC\nPORT=1\nTRY_PORT_FILE=\n", encoding="utf-8")
    assert [one.state for one in found(read(env_file, {}), "settings")] == ["ok"]


@pytest.mark.skipif(os.name != "posix", reason="rights of files are POSIX's")
@pytest.mark.parametrize(
    ("content", "mode", "is_told"),
    [
        (f"DISCORD_TOKEN={TOKEN}", 0o644, True),
        (f"DISCORD_TOKEN={TOKEN}", 0o640, False),
        ("LOG_LEVEL=INFO", 0o644, False),
        ("DISCORD_TOKEN=", 0o644, False),
    ],
)
def test_a_token_that_every_user_can_read_is_a_warning(env_file: Path, content: str, mode: int, is_told: bool) -> None:
    env_file.write_text(content, encoding="utf-8")
    env_file.chmod(mode)
    said = [one.said for one in found(read(env_file, {}), "settings") if one.state == "warning"]
    assert said == [f"every user of this machine can read the token in {env_file}: run chmod 600 {env_file}."] * is_told


def test_the_token_is_never_said(env_file: Path) -> None:
    env_file.write_text(f"DISCORD_TOKEN={TOKEN}\nDISCORD_TOKE={TOKEN}\n", encoding="utf-8")
    env_file.chmod(0o644)
    for given in (read(env_file, {}), read(env_file, {"DISCORD_TOKEN": "hunter2-hunter2"})):
        said = " ".join(one.said for one in examine_settings(given, NOW))
        assert TOKEN not in said
        assert "hunter2" not in said


def test_a_token_is_told_by_its_shape() -> None:
    assert [one.state for one in found(read(NOWHERE, {"DISCORD_TOKEN": TOKEN}), "token")] == ["ok"]
    assert [one.state for one in found(read(NOWHERE, {}), "token")] == ["warning"]
    wrong = read(NOWHERE, {"DISCORD_TOKEN": "hunter2-hunter2"})
    assert found(wrong, "token") == []
    assert ["DISCORD_TOKEN" in one.said for one in found(wrong, "settings")] == [True]


# The folder of the seeds


def seeds(folder: Path | str) -> Finding:
    (finding,) = found(read(NOWHERE, {"SEEDS_DIR": str(folder)}), "seeds")
    return finding


def test_seeds_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.md").touch()
    (tmp_path / "b.txt").touch()
    assert (seeds(tmp_path).state, seeds(tmp_path).said.split()[0]) == ("ok", "2")
    assert (seeds("").state, "SEEDS_DIR is empty" in seeds("").said) == ("ok", True)


def test_seeds_that_are_not_there_are_a_warning(tmp_path: Path) -> None:
    said = seeds(tmp_path / "gone")
    assert (said.state, "there is no such file or folder" in said.said) == ("warning", True)


def test_seeds_that_may_not_be_read_are_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.md").touch()
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "a.md" and access(path, mode))
    assert (seeds(tmp_path).state, "a.md cannot be read" in seeds(tmp_path).said) == ("warning", True)


# The folder of the backups


def backups(folder: Path | str) -> Finding:
    (finding,) = found(read(NOWHERE, {"BACKUP_DIR": str(folder)}), "backups")
    return finding


def backup(folder: Path, age: timedelta) -> None:
    (folder / f"newsdesk-{NOW - age:%Y-%m-%dT%H%M%SZ}.db").touch()


def test_the_newest_backup_is_told(tmp_path: Path) -> None:
    backup(tmp_path, timedelta(days=30))
    backup(tmp_path, timedelta(hours=5))
    assert (backups(tmp_path).state, backups(tmp_path).said) == ("ok", "the newest is of 2026-05-12 03:30 UTC.")


def test_a_backup_that_is_overdue_is_a_warning(tmp_path: Path) -> None:
    backup(tmp_path, BACKUP_OVERDUE)
    assert backups(tmp_path).state == "ok"
    (only,) = tmp_path.iterdir()
    only.unlink()
    backup(tmp_path, BACKUP_OVERDUE + timedelta(seconds=1))
    assert (backups(tmp_path).state, "2026-05-10" in backups(tmp_path).said) == ("warning", True)


def test_a_folder_that_the_first_backup_will_make_is_not_made(tmp_path: Path) -> None:
    said = backups(tmp_path / "a" / "b")
    assert (said.state, "there is none" in said.said) == ("warning", True)
    assert list(tmp_path.iterdir()) == []


def test_no_backups_may_be_wanted() -> None:
    assert (backups("").state, backups("").said) == ("ok", "BACKUP_DIR is empty: Newsdesk makes none.")


@pytest.mark.parametrize("below", ["", "further/down"])
def test_a_file_in_the_backups_place_is_a_fault(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()
    said = backups(tmp_path / "file" / below)
    assert (said.state, said.exit_code, "change BACKUP_DIR" in said.said) == ("fault", EX_CONFIG, True)


def test_a_folder_that_may_not_be_written_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _path, mode: not mode & os.W_OK)
    assert {backups(tmp_path).state, backups(tmp_path / "further" / "down").state} == {"fault"}


def test_a_folder_that_may_not_be_entered_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    given = read(NOWHERE, {"BACKUP_DIR": str(tmp_path), "SEEDS_DIR": ""})
    monkeypatch.setattr(Path, "exists", refuse)
    assert [one.state for one in found(given, "backups")] == ["fault"]
