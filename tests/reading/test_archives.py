"""Zip archives: their documents are read, and nothing in them does harm."""

from __future__ import annotations

import json
import os
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UnreadableDocument
from bot.model import Document
from bot.reading import archives
from bot.reading.files import find_files, read_file
from tests.reading.zips import GOOD, MEMBERS, WHOLE, Member, archive_with


def write(path: Path, **members: bytes | str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def read(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """The texts by name after the archive's, and the reasons."""
    texts: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for one in read_file(path):
        name = one.name.removeprefix(f"{path}").removeprefix("/")
        if isinstance(one, Document):
            texts[name] = one.text
        else:
            reasons[name] = one.reason
    return texts, reasons


def test_the_documents_of_an_archive_are_read_by_name(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({"id": number, "text": f"Line {number}."}) for number in (1, 2))
    members = {"b.md": "# B\n\nSecond.", "a/deep/a.txt": "First.", "wire.jsonl": lines, "c.TXT": "Last."}
    texts, reasons = read(write(tmp_path / "in.zip", **members))
    assert texts == {
        "a/deep/a.txt": "First.",
        "b.md": "# B\n\nSecond.",
        "c.TXT": "Last.",
        "wire.jsonl:1": "Line 1.",
        "wire.jsonl:2": "Line 2.",
    }
    assert reasons == {}


def test_what_is_no_document_is_passed_over(tmp_path: Path) -> None:
    members = dict.fromkeys(["README.md", ".hidden.txt", ".git/a.txt", "__MACOSX/._a.txt", "a.png", "notes"], "Text.")
    assert read(write(tmp_path / "in.zip", **members)) == ({}, {})


def test_a_folder_gives_its_archives_too(tmp_path: Path) -> None:
    path = write(tmp_path / "in.ZIP", **{"a.txt": "Text."})
    assert find_files([tmp_path]) == [path]
    assert read(path) == ({"a.txt": "Text."}, {})


def test_a_name_without_a_mark_is_read_as_utf_8_where_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "in.zip", **{"caf~~.txt": "Text."})
    path.write_bytes(path.read_bytes().replace(b"caf~~", "café".encode()))
    assert read(path) == ({"café.txt": "Text."}, {})


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.case)
def test_a_member_that_is_wrong_is_refused_and_the_others_are_read(tmp_path: Path, member: Member) -> None:
    path = tmp_path / "in.zip"
    path.write_bytes(archive_with(member))
    texts, reasons = read(path)
    assert texts == {"good.txt": GOOD.decode()}
    ((name, reason),) = reasons.items()
    assert reason.startswith(member.reason)
    assert name.isprintable()
    assert sorted(tmp_path.rglob("*")) == [path], "something was unpacked"


@pytest.mark.parametrize("case", WHOLE)
def test_an_archive_that_is_wrong_as_a_whole_is_one_reason(tmp_path: Path, case: str) -> None:
    data, reason = WHOLE[case]
    path = tmp_path / "in.zip"
    path.write_bytes(data)
    (found,) = read_file(path)
    assert isinstance(found, UnreadableDocument)
    assert found.name == str(path)
    assert found.reason.startswith(reason)


def test_bombs_take_no_memory(tmp_path: Path) -> None:
    """256 MB of zeros are refused before anything is unpacked."""
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros.jsonl", "w") as member:
        for _ in range(256):
            member.write(bytes(1 << 20))
    tracemalloc.start()
    try:
        assert list(read(path)[1]) == ["zeros.jsonl"]
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_no_more_comes_out_than_was_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member that says it is small and is not: what it has said is read, and then it is damaged."""
    path = write(tmp_path / "in.zip", **{"bad.txt": b"x" * 100_000})
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x01\x02")
    data[at + 24 : at + 28] = (50).to_bytes(4, "little")
    path.write_bytes(data)
    assert list(read(path)[1].values()) == ["it is damaged in the archive: pack it anew."]


def test_a_pipe_called_zip_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "in.zip")
    assert list(read(tmp_path / "in.zip")[1].values()) == ["this is not a regular file."]


def test_many_small_members_are_as_they_are(tmp_path: Path) -> None:
    members = {f"{number}.txt": f"Text {number}." for number in range(500)}
    assert len(read(write(tmp_path / "in.zip", **members))[0]) == 500


@given(cut=st.integers(0, 2_000), flips=st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), max_size=6))
def test_whatever_is_damaged_is_a_reason_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, cut: int, flips: list[tuple[int, int]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    write(path, **{"a.txt": "First text.", "b.jsonl": '{"text": "Second."}', "c/d.md": "Third " * 50})
    data = bytearray(path.read_bytes())
    for place, value in flips:
        data[place % len(data)] = value
    path.write_bytes(data[: len(data) - cut % 40])
    for one in read_file(path):
        assert isinstance(one, Document | UnreadableDocument)


def test_the_ratio_of_ordinary_text_is_far_from_a_bombs(tmp_path: Path) -> None:
    text = "\n".join(
        json.dumps({"text": f"The council met on day {day} and went home again."}) for day in range(40_000)
    )
    path = write(tmp_path / "in.zip", **{"a.jsonl": text})
    with zipfile.ZipFile(path) as archive:
        assert archives.refusal(archive.infolist()[0]) is None
        assert archive.infolist()[0].file_size > 2 << 20
