"""What Newsdesk stands on: the version of SQLite, time zones, the folder, the disk."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.corpus.sqlite import has_wal_reset_bug
from bot.doctor import host
from bot.errors import EX_CONFIG
from tests.doctor.patient import Usage, about, findings

TODAY = date(2026, 5, 12)


# SQLite


@pytest.mark.parametrize(
    ("version", "has_it"),
    [
        ((3, 6, 23), False), ((3, 7, 0), True), ((3, 40, 1), True), ((3, 44, 5), True), ((3, 44, 6), False),
        ((3, 45, 0), True), ((3, 49, 9), True), ((3, 50, 6), True), ((3, 50, 7), False), ((3, 51, 0), True),
        ((3, 51, 2), True), ((3, 51, 3), False), ((3, 52, 0), False), ((3, 53, 1), False), ((4, 0, 0), False),
    ],
)  # fmt: skip
def test_the_versions_with_the_bug_are_those_of_sqlites_page(version: tuple[int, int, int], has_it: bool) -> None:
    assert has_wal_reset_bug(version) is has_it


def test_a_version_with_the_bug_is_a_warning() -> None:
    found = host.sqlite_version((3, 51, 2))
    assert (found.state, "3.51.2" in found.said, "3.51.3 or newer" in found.said) == ("warning", True, True)
    assert host.sqlite_version((3, 51, 3)).state == "ok"


# Time zones


def zones(folder: Path, **files: str) -> list[str]:
    """A machine's zone data in ``folder``, with these files beside it."""
    (folder / "Europe").mkdir(parents=True)
    (folder / "Europe" / "London").write_bytes(b"TZif2")
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content, encoding="ascii")
    return [str(folder.with_name("none")), str(folder)]


def test_the_version_of_the_machines_zones_is_told(tmp_path: Path) -> None:
    found = host.time_zones(TODAY, zones(tmp_path / "zones", tzdata_zi="# version 2025b\n# more"))
    assert (found.state, found.said) == ("ok", f"2025b, of {tmp_path / 'zones'}.")


def test_zones_two_years_old_are_a_warning(tmp_path: Path) -> None:
    found = host.time_zones(TODAY, zones(tmp_path / "zones", tzdata_zi="# version 2024b\n"))
    assert found.state == "warning"
    assert found.said.startswith("2024b, of ")


@pytest.mark.parametrize("written", ["", "# version unknown\n", "é"])
def test_zones_that_do_not_tell_their_version_are_ok(tmp_path: Path, written: str) -> None:
    folders = zones(tmp_path / "zones")
    (tmp_path / "zones" / "tzdata.zi").write_text(written, encoding="utf-8")
    found = host.time_zones(TODAY, folders)
    assert (found.state, "does not tell their version" in found.said) == ("ok", True)


def test_without_the_machines_zones_the_packages_are_used() -> None:
    found = host.time_zones(TODAY, [])
    assert (found.state, "of the package tzdata" in found.said) == ("ok", True)


def test_no_zones_at_all_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("importlib.import_module", gone)
    found = host.time_zones(TODAY, [])
    assert (found.state, found.exit_code) == ("fault", EX_CONFIG)
    assert "pip install tzdata" in found.said


# The folder. Root may write everywhere, so what the system would say is said in its place.


def closed(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """This user may not write what has one of these names."""
    access = os.access

    def asked(path: Path, mode: int) -> bool:
        return access(path, mode) and not (mode & os.W_OK and Path(path).name in names)

    monkeypatch.setattr(os, "access", asked)


@pytest.mark.parametrize("name", ["newsdesk.db", "newsdesk.db-wal", "newsdesk.db.lock", "newsdesk.db.indexes"])
def test_a_file_that_may_not_be_written_is_a_fault_that_names_it(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path.with_name("newsdesk.db.indexes").mkdir()
    for one in ("newsdesk.db-wal", "newsdesk.db.lock"):
        path.with_name(one).touch()
    assert host.data_folder(path).state == "ok"
    closed(monkeypatch, name)
    found = host.data_folder(path)
    assert (found.state, found.exit_code) == ("fault", EX_CONFIG)
    assert found.said.startswith(f"this user cannot write to {name}:")


def test_a_folder_that_may_not_be_written_is_a_fault(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed(monkeypatch, path.parent.name)
    assert f"cannot write to {path.parent.name}" in host.data_folder(path).said


def test_a_folder_that_is_not_there_is_a_fault_and_no_library_is_promised(tmp_path: Path) -> None:
    found = findings(f"sqlite+aiosqlite:///{tmp_path}/gone/newsdesk.db")
    (folder,) = [one for one in found if one.about == "data folder"]
    assert (folder.state, folder.exit_code, "does not exist" in folder.said) == ("fault", EX_CONFIG, True)
    assert found[-1] is folder
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_databases_place_is_one_fault(tmp_path: Path) -> None:
    found = [one for one in findings(f"sqlite+aiosqlite:///{tmp_path}") if one.state == "fault"]
    assert [(one.about, "must be a file" in one.said) for one in found] == [("data folder", True)]


def test_a_database_that_may_not_be_read_is_one_fault(path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    access = os.access
    monkeypatch.setattr(os, "access", lambda one, mode: Path(one).name != "newsdesk.db" and access(one, mode))
    found = [one for one in findings(url) if one.state == "fault"]
    assert [one.about for one in found] == ["data folder"]


@pytest.mark.parametrize(("has_reader", "examined"), [(False, False), (True, True)])
def test_in_a_folder_that_may_not_be_written_sqlite_reads_only_what_is_open(
    path: Path, url: str, monkeypatch: pytest.MonkeyPatch, has_reader: bool, examined: bool
) -> None:
    if has_reader:
        path.with_name("newsdesk.db-shm").touch()
    closed(monkeypatch, path.parent.name)
    found = findings(url)
    assert [one.about for one in found if one.state == "fault"] == ["data folder"]
    assert ("texts" in {one.about for one in found}) is examined


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_a_fault(path: Path, url: str) -> None:
    path.parent.chmod(0o500)
    try:
        assert [one.about for one in findings(url) if one.state == "fault"] == ["data folder"]
    finally:
        path.parent.chmod(0o700)


def test_a_folder_that_may_not_be_entered_is_a_fault(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", refuse)
    assert "cannot be entered (Permission denied)" in host.data_folder(path).said


# The disk


def free(monkeypatch: pytest.MonkeyPatch, megabytes: float) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, int(megabytes * (1 << 20))))


@pytest.mark.parametrize(("megabytes", "state"), [(101, "ok"), (99, "warning"), (9, "fault")])
def test_a_full_disk_is_seen_coming(path: Path, monkeypatch: pytest.MonkeyPatch, megabytes: float, state: str) -> None:
    free(monkeypatch, megabytes)
    assert host.disk(path).state == state


def test_a_large_database_needs_more(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free(monkeypatch, 2_999)
    with path.open("r+b") as file:
        file.truncate(900 << 20)
    path.with_name("newsdesk.db-wal").write_bytes(b"")
    assert host.disk(path).state == "ok"
    with path.with_name("newsdesk.db-wal").open("r+b") as file:
        file.truncate(100 << 20)
    found = host.disk(path)
    assert (found.state, "up to 3,000.0 MB" in found.said) == ("warning", True)


def test_a_full_disk_fails_a_script(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    free(monkeypatch, 1)
    assert about("disk", url).exit_code == EX_CONFIG
