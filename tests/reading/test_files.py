"""Files are found in a fixed order and read one by one; a bad one is a reason in its place."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bot.errors import UnreadableDocument
from bot.model import Document
from bot.reading.documents import MAX_DOCUMENT_BYTES
from bot.reading.files import find_files, read_file
from tests.reading.made import docx, pdf


def fill(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("The council met.", encoding="utf-8")


def only(path: Path) -> Document | UnreadableDocument:
    (found,) = read_file(path)
    return found


def reason_of(path: Path) -> str:
    found = only(path)
    assert isinstance(found, UnreadableDocument)
    assert found.name == str(path)
    return found.reason


def test_a_folder_gives_its_documents_sorted_and_nothing_else(tmp_path: Path) -> None:
    fill(tmp_path, "b.TXT", "a.md", "sub/deep/c.jsonl", "README.md", "readme.md", "documents.toml", ".hidden.md")
    fill(tmp_path, "picture.png", "notes", ".git/x.md", "sub/README.md")
    found = [path.relative_to(tmp_path).as_posix() for path in find_files([tmp_path])]
    assert found == ["a.md", "b.TXT", "sub/deep/c.jsonl"]


def test_a_file_named_directly_is_taken_whatever_it_is_called(tmp_path: Path) -> None:
    fill(tmp_path, "README.md", ".hidden", "z.txt", "a.txt")
    named = [tmp_path / "z.txt", tmp_path / "README.md", tmp_path / ".hidden"]
    assert find_files(named) == named


def test_a_file_comes_once_however_often_it_is_named(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt", "b.txt")
    assert find_files([tmp_path / "b.txt", tmp_path, tmp_path]) == [tmp_path / "b.txt", tmp_path / "a.txt"]


@pytest.mark.parametrize("name", ["missing", "missing/folder", "nul\0", "x" * 5000])
def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableDocument):
        find_files([tmp_path / name])


def test_a_folder_that_leads_back_to_itself_ends(tmp_path: Path) -> None:
    fill(tmp_path, "a.txt")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert find_files([tmp_path]) == [tmp_path / "a.txt"]


def test_a_bad_file_is_a_reason_in_its_place(tmp_path: Path) -> None:
    fill(tmp_path, "1.txt", "3.txt")
    (tmp_path / "2.txt").write_bytes(b"\x00\x01")
    read = [document for path in find_files([tmp_path]) for document in read_file(path)]
    assert [isinstance(document, Document) for document in read] == [True, False, True]


def test_a_file_of_fifty_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    assert reason_of(path) == "the file is 50.0 MiB; 20 MiB is the most: split it up."


def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    for name in ("pipe.txt", "pipe.jsonl"):
        os.mkfifo(tmp_path / name)
        assert reason_of(tmp_path / name) == "this is not a regular file."
    assert reason_of(tmp_path) == "this folder cannot be opened."


def test_a_file_that_is_gone_is_a_reason(tmp_path: Path) -> None:
    assert reason_of(tmp_path / "gone.txt").startswith("it cannot be opened (No such file")


def test_a_file_name_that_is_no_text_is_reported(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.txt")
    path.write_bytes(b"")
    found = only(path)
    assert str(found).encode().endswith(b"caf?.txt: the file is empty.")


def write_lines(path: Path, *records: object) -> Path:
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_jsonl_file_gives_a_document_a_line(tmp_path: Path) -> None:
    record = {
        "id": "tram-17",
        "title": "The Tram",
        "text": "The council met.\r\nIt left.",
        "outlet": "The Gazette",
        "authors": ["Jane Roe"],
        "published": 2025,
        "url": "https://example.org/",
        "label": {"not": "ours"},
    }
    path = write_lines(tmp_path / "a.jsonl", record, {"text": "The council met on Monday."})
    first, second = read_file(path)
    assert isinstance(first, Document)
    assert (first.source_id, first.title, first.text) == ("tram-17", "The Tram", "The council met.\nIt left.")
    assert (first.outlet, first.authors, str(first.published)) == ("The Gazette", ("Jane Roe",), "2025")
    assert first.url == "https://example.org/"
    assert isinstance(second, Document)
    assert (second.name, second.source_id, second.title) == (f"{path}:2", None, "The council met on Monday.")


@pytest.mark.parametrize("given", [17, "17"])
def test_an_id_is_kept_as_text(tmp_path: Path, given: object) -> None:
    found = only(write_lines(tmp_path / "a.jsonl", {"id": given, "text": "Text."}))
    assert isinstance(found, Document)
    assert found.source_id == "17"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "the line is not JSON ("),
        ("[1]", "the line is not a JSON object"),
        ("[" * 100_000, "the line is not JSON that can be read"),
        ('{"text": ' + "1" * 5000 + "}", "the line is not JSON that can be read"),
        ('{"title": "T"}', "“text” is missing"),
        ('{"text": 1}', "“text” is missing or is not a string"),
        ('{"text": " "}', "there is no text in it"),
        ('{"text": "T", "id": {}}', "“id” must be"),
        ('{"text": "T", "id": true}', "“id” must be"),
        ('{"text": "T", "id": "' + "x" * 301 + '"}', "“id” is longer than"),
        ('{"text": "' + "x" * MAX_DOCUMENT_BYTES + '"}', "the line is longer than 5 MiB"),
    ],
    ids=lambda value: value[:20],
)
def test_a_bad_line_is_named_and_the_rest_goes_on(tmp_path: Path, line: str, reason: str) -> None:
    path = write_lines(tmp_path / "a.jsonl", {"text": "First."}, "", line, {"text": "Last."})
    first, bad, last = read_file(path)
    assert isinstance(bad, UnreadableDocument)
    assert bad.name == f"{path}:3"
    assert bad.reason.startswith(reason)
    assert isinstance(first, Document)
    assert isinstance(last, Document)
    assert last.name == f"{path}:4"


@pytest.mark.parametrize(
    "field", [{"date": "12/27/63"}, {"published": True}, {"source": "Reuters"}, {"title": 5}, {"authors": {"a": 1}}]
)
def test_what_a_line_says_of_its_text_in_a_foreign_form_is_passed_over(
    tmp_path: Path, field: dict[str, object]
) -> None:
    found = only(write_lines(tmp_path / "a.jsonl", {"text": "The council met.", "outlet": "The Gazette", **field}))
    assert isinstance(found, Document)
    assert (found.outlet, found.published, found.url, found.authors) == ("The Gazette", None, None, ())
    assert found.title == "The council met."


def test_of_two_fields_with_one_meaning_the_one_that_can_be_used_counts(tmp_path: Path) -> None:
    line = {"text": "Text.", "date": "27/12/63", "published": "1963-12-27", "url": "https://example.org/"}
    found = only(write_lines(tmp_path / "a.jsonl", line))
    assert isinstance(found, Document)
    assert (str(found.published), found.url) == ("1963-12-27", "https://example.org/")


def test_lone_surrogates_in_json_leave_storable_text(tmp_path: Path) -> None:
    found = only(write_lines(tmp_path / "a.jsonl", r'{"text": "a\ud800b\u0000c", "title": "\udfff!", "id": "\ud800"}'))
    assert isinstance(found, Document)
    assert f"{found.text}{found.title}{found.source_id}".encode()


def test_bytes_that_are_not_utf_8_spoil_only_their_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"text": "First."}\n{"text": "caf\xe9"}\n{"text": "Last."}')
    first, bad, last = read_file(path)
    assert isinstance(first, Document)
    assert str(bad) == f"{path}:2: byte 14 of the line is not UTF-8."
    assert isinstance(last, Document)


def test_binary_data_called_jsonl_is_reported_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\x00\n" * 1000)
    assert "binary data" in reason_of(path)


def test_reading_is_lazy(tmp_path: Path) -> None:
    reading = read_file(tmp_path / "a.jsonl")
    write_lines(tmp_path / "a.jsonl", {"text": "First."}, {"text": "Second."})
    first = next(reading)
    assert isinstance(first, Document)
    assert first.text == "First."


def test_web_pages_pdfs_and_word_documents_are_read_by_what_they_are(tmp_path: Path) -> None:
    story = "The zeppelin landed in Novgorod at dawn, and nobody there had expected a zeppelin at all on that Monday."
    page = f"<!DOCTYPE html><html><body><article><h1>Zeppelin</h1><p>{story} {story}</p></article></body></html>"
    for name, data in (
        ("page.html", page.encode()),
        ("print.pdf", pdf([["The zeppelin landed in Novgorod at dawn."]])),
        ("draft.docx", docx(["The zeppelin landed in Novgorod at dawn."])),
        ("wrongly-named.txt", docx(["The zeppelin landed in Novgorod at dawn."])),
    ):
        (tmp_path / name).write_bytes(data)
    found = [document for path in find_files([tmp_path]) for document in read_file(path)]
    assert len(found) == 4
    for document in found:
        assert isinstance(document, Document)
        assert document.text.startswith("The zeppelin landed in Novgorod at dawn")
