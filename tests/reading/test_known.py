"""A document that is known by its text gets the metadata listed for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import NewsdeskError, UnreadableDocument
from bot.language.normal import fingerprint
from bot.model import Document
from bot.reading.documents import read_document
from bot.reading.known import KnownDocuments

TEXT = "By Someone Else\n\nThe council met on Monday.\n"
ENTRY = f"""
[[document]]
sha256 = "{fingerprint(TEXT)}"
title = "Council Meets"
outlet = "The Gazette"
authors = ["Jane Roe"]
published = 2025-05-12
url = "https://example.org/1"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "documents.toml"


def load(path: Path, text: str) -> KnownDocuments:
    path.write_text(text, encoding="utf-8")
    return KnownDocuments.load(path)


def test_what_is_known_wins_over_what_the_text_says(path: Path) -> None:
    document = read_document("a.txt", TEXT.encode(), load(path, ENTRY))
    assert document.title == "Council Meets"
    assert document.outlet == "The Gazette"
    assert document.authors == ("Jane Roe",)
    assert str(document.published) == "2025-05-12"
    assert document.url == "https://example.org/1"


def test_the_document_s_own_front_matter_wins_over_what_is_known(path: Path) -> None:
    document = read_document("a.txt", f"---\ntitle: Mine\n---\n{TEXT}".encode(), load(path, ENTRY))
    assert (document.title, document.outlet) == ("Mine", "The Gazette")


def test_another_text_is_left_as_it_is(path: Path) -> None:
    document = Document(name="a.txt", title="A", text=TEXT + "More.")
    assert load(path, ENTRY).describe(document) is document


def test_without_a_file_nothing_is_known(path: Path) -> None:
    assert not KnownDocuments.load(path).by_fingerprint


def test_an_empty_list_is_a_list(path: Path) -> None:
    assert not load(path, "# nothing yet\n").by_fingerprint


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[document]\n", "not valid TOML"),
        ("a = " + "[" * 50_000, "not valid TOML"),
        ("document = 1\n", "[[document]] entries"),
        ("document = [1]\n", "entry 1 is not"),
        ("[other]\n", "[[document]] entries"),
        (ENTRY + ENTRY, "entry 2: this sha256 is there twice"),
        ("[[document]]\nsha256 = 'abc'\n", "entry 1: sha256 must be"),
        (ENTRY + "auther = 'x'\n", "entry 1: there is no field “auther”"),
        (ENTRY.replace("https:", "ftp:"), "entry 1, url: must be a link"),
        (ENTRY.replace("2025-05-12", "true"), "entry 1, published: must be"),
    ],
)
def test_a_broken_list_is_refused_by_name_with_the_entry(path: Path, text: str, reason: str) -> None:
    with pytest.raises(NewsdeskError) as caught:
        load(path, text)
    assert str(path) in str(caught.value)
    assert reason in str(caught.value)


def test_a_list_that_is_no_text_or_no_file_is_refused(path: Path, tmp_path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnreadableDocument, match="not valid TOML"):
        KnownDocuments.load(path)
    with pytest.raises(UnreadableDocument, match="cannot be opened"):
        KnownDocuments.load(tmp_path)
