"""Snapshots are a cache: what is loaded is what was saved, or nothing; never an exception and never another shelf."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields, replace
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.search import snapshots
from bot.search.shelf import Shelf
from tests.search.shelves import Writer
from tests.sizes import cases

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = 42
UNHURRIED = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=cases(150, few=30)
)


def shelf() -> Shelf:
    """A small shelf with something of everything in it: two chunks, a removed article, names, a tail."""
    writer = Writer()
    first = writer.added([["peace", "talks"], ["line"]], [["vote"]], names={"peace": "peace"}, outlet="The Wire")
    made = Shelf.empty().after(first)
    made = made.after(writer.added([["kyiv", "kyiv"]], names={"kyiv": "kiev"}, speakers={0: "Ines Duarte"}))
    return made.after(writer.removed(2))


SAVED = shelf()


def contents(one: Any) -> Any:
    """All that a shelf holds, as lists that can be compared."""
    if isinstance(one, np.ndarray):
        return one.dtype.str, one.tolist()
    if hasattr(one, "id_of"):
        return sorted(one.items()), sorted(one.namesakes("kiev")), sorted(one.namesakes("peace"))
    if hasattr(one, "number"):
        return one.all()
    if hasattr(one, "__dataclass_fields__"):
        return [contents(getattr(one, field.name)) for field in fields(one)]
    return [contents(each) for each in one] if isinstance(one, tuple) else one


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A snapshot."""
    path = tmp_path / "42.snapshot"
    snapshots.save(path, LIBRARY, SAVED)
    return path


def load(path: Path) -> Shelf | None:
    return snapshots.load(path, LIBRARY, SAVED.revision, SAVED.stamp)


def test_a_snapshot_holds_all_of_a_compacted_shelf(path: Path) -> None:
    loaded = load(path)
    assert loaded is not None
    assert contents(loaded) == contents(SAVED.compacted())
    assert not len(loaded.passages.tail_terms)
    assert not loaded.passages.dead_postings


def test_a_shelf_grows_on_from_its_snapshot(path: Path) -> None:
    writer = Writer()
    for term in ("peace", "talks", "line", "vote", "kyiv"):
        writer.ids.setdefault(term, len(writer.ids))
    writer.articles, writer.revision = 3, SAVED.revision
    change = writer.added([["vote", "harbour"]], outlet="Evening Post", speakers={0: "Omar Haddad"})
    loaded = load(path)
    assert loaded is not None
    assert contents(loaded.after(change).compacted()) == contents(SAVED.after(change).compacted())


def test_where_there_is_no_file_there_is_no_shelf(tmp_path: Path) -> None:
    assert load(tmp_path / "none.snapshot") is None


def test_a_folder_in_its_place_is_no_shelf(tmp_path: Path) -> None:
    (tmp_path / "42.snapshot").mkdir()
    assert load(tmp_path / "42.snapshot") is None


@pytest.mark.parametrize(
    ("library", "revision", "stamp"),
    [(43, 0, 0), (0, 0, 0), (LIBRARY, 1, 0), (LIBRARY, -1, 0), (LIBRARY, 0, 1)],
)
def test_a_snapshot_of_another_state_or_library_is_not_used(
    path: Path, library: int, revision: int, stamp: int
) -> None:
    assert snapshots.load(path, library, SAVED.revision + revision, SAVED.stamp + stamp) is None


@pytest.mark.parametrize("version", ["ANALYSIS_VERSION", "FORMAT"])
def test_a_snapshot_of_another_version_is_not_used(path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(snapshots, version, getattr(snapshots, version) + 1)
    assert load(path) is None


@pytest.mark.parametrize("text", [b"", b"\n", b"not a snapshot", b"\n0000000000\n", b"PK\3\4", bytes(200_000)])
def test_another_file_is_no_snapshot(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "42.snapshot").write_bytes(text)
    assert load(tmp_path / "42.snapshot") is None


@pytest.mark.parametrize("more", [b"\0", b"{}", bytes(5_000)])
def test_a_snapshot_with_something_behind_it_is_not_used(path: Path, more: bytes) -> None:
    with path.open("ab") as file:
        file.write(more)
    assert load(path) is None


@UNHURRIED
@given(data=st.data())
def test_a_snapshot_cut_anywhere_is_not_used(path: Path, data: st.DataObject) -> None:
    whole = path.read_bytes()
    cut = path.with_name("cut.snapshot")
    cut.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    assert load(cut) is None


@UNHURRIED
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255), more=st.binary(max_size=3))
def test_a_snapshot_with_a_flipped_byte_is_not_used(path: Path, place: float, flip: int, more: bytes) -> None:
    damaged = bytearray(path.read_bytes())
    at = int(place * len(damaged))
    damaged[at] ^= flip
    damaged[at + 1 : at + 1 + len(more)] = more
    other = path.with_name("damaged.snapshot")
    other.write_bytes(damaged)
    loaded = load(other)
    assert loaded is None or damaged == path.read_bytes()


def test_a_slip_anywhere_before_the_arrays_or_in_the_first_of_them_is_noticed(path: Path) -> None:
    whole = path.read_bytes()
    other = path.with_name("damaged.snapshot")
    end = whole.index(b"\n", whole.index(b"\n") + 1) + 200
    slips = cycle([b"0", b"1", b"9", b'"', b"[", b"\n", b"\0", b"\xff", b" "])
    for at, slip in zip(range(end), slips, strict=False):
        if whole[at : at + 1] != slip:
            other.write_bytes(whole[:at] + slip + whole[at + 1 :])
            assert load(other) is None, at


def test_saving_replaces_the_older_snapshot_and_leaves_nothing_beside(path: Path) -> None:
    later = replace(SAVED, revision=SAVED.revision + 1)
    snapshots.save(path, LIBRARY, later)
    assert load(path) is None
    assert snapshots.load(path, LIBRARY, later.revision, SAVED.stamp) is not None
    assert [file.name for file in path.parent.iterdir()] == ["42.snapshot"]


def test_a_writer_that_fails_leaves_the_older_snapshot(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: Any, *_: Any) -> None:
        file.write(b"half of")
        raise OSError(28, "No space left on device")

    before = path.read_bytes()
    monkeypatch.setattr(snapshots, "_write", full)
    with pytest.raises(OSError, match="No space"):
        snapshots.save(path, LIBRARY, SAVED)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["42.snapshot"]


KILLED = """
import os, signal, sys
from pathlib import Path
from bot.search import snapshots
from tests.search.test_snapshots import LIBRARY, SAVED
from tests.sizes import cases
write = snapshots._write
def half(file, about, arrays):
    write(file, about, arrays)
    file.flush()
    file.truncate(file.tell() // 2)
    os.kill(os.getpid(), signal.SIGKILL)
snapshots._write = half
snapshots.save(Path(sys.argv[1]), LIBRARY, SAVED)
"""


def test_a_killed_writer_leaves_the_older_snapshot_and_the_next_one_succeeds(path: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(path)], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False, timeout=60
    )
    assert killed.returncode == -9
    assert [file.name for file in sorted(path.parent.iterdir())] == ["42.snapshot", "42.snapshot.part"]
    assert load(path) is not None
    snapshots.save(path, LIBRARY, SAVED)
    assert [file.name for file in path.parent.iterdir()] == ["42.snapshot"]
    assert load(path) is not None
