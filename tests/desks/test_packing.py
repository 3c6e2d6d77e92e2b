"""What is handed over: a person's own as JSON, a server's library as a .zip that can be imported again."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from bot.dates import PartialDate
from bot.desks import packing
from bot.desks.packing import pack_library, pack_person
from bot.errors import Refused
from bot.model import Document
from bot.newsdesk import Newsdesk
from bot.reading.files import find_files
from bot.reading.records import read_records

NOW = datetime(2026, 5, 12, 8, 30, tzinfo=UTC)
GUILD, PERSON = 123_456_789_012_345_678, 987_654_321_098_765_432


@pytest.fixture
async def newsdesk(library_url: str) -> AsyncIterator[Newsdesk]:
    async with Newsdesk.open(library_url, bot=True, now=lambda: NOW) as opened:
        yield opened


def articles() -> list[Document]:
    published = PartialDate.parse("2025-05")
    return [
        Document(
            "one", "The ferry", "It runs.\n\n“All winter,” she said.", "The Gazette", ("A. Berg",), None, published
        ),
        Document("two", "Ein Fähre", "Sie fährt — täglich 🛥.", url="https://example.org/2", source_id="f2"),
    ]


async def test_a_library_that_was_packed_can_be_imported_as_it_was(newsdesk: Newsdesk) -> None:
    for document in articles():
        await newsdesk.add(GUILD, document, added_by=PERSON)
    await newsdesk.add(GUILD, Document("three", "Gone", "It was removed."), added_by=PERSON)
    await newsdesk.remove(GUILD, "3", by=PERSON)
    packed = zipfile.ZipFile(BytesIO(await pack_library(newsdesk.corpus, GUILD, max_bytes=10**6)))
    assert packed.testzip() is None
    assert set(packed.namelist()) == {
        *("README.md", "library.json", "articles.jsonl", "removed.json"),
        *("texts/00001.txt", "texts/00002.txt"),
    }
    lines = packed.read("articles.jsonl")
    read = [document for document in read_records("articles.jsonl", BytesIO(lines)) if isinstance(document, Document)]
    for before, after in zip(articles(), read, strict=True):
        for name in ("title", "text", "outlet", "authors", "url", "published"):
            assert getattr(after, name) == getattr(before, name)
    assert "It was removed." in packed.read("removed.json").decode()
    assert packed.read("texts/00002.txt").decode() == "Sie fährt — täglich 🛥.\n"
    everything = b"".join(packed.read(name) for name in packed.namelist())
    assert str(PERSON).encode() not in everything
    assert [line["what"] for line in json.loads(packed.read("library.json"))["history"]][-1] == "article removed"


async def test_importing_the_unpacked_folder_brings_each_article_once(newsdesk: Newsdesk, tmp_path: Path) -> None:
    for document in articles():
        await newsdesk.add(GUILD, document)
    await newsdesk.add(GUILD, Document("three", "Gone", "It was removed."))
    await newsdesk.remove(GUILD, "3")
    folder = tmp_path / "unpacked"
    zipfile.ZipFile(BytesIO(await pack_library(newsdesk.corpus, GUILD, max_bytes=10**6))).extractall(folder)
    async for _, imported in newsdesk.import_files(5, find_files([folder])):
        assert imported.fault is None
    assert sorted(one.title for one in await newsdesk.headings(5)) == ["Ein Fähre", "The ferry"]


async def test_a_library_that_is_too_large_is_refused_with_what_the_host_can_do(newsdesk: Newsdesk) -> None:
    chance = random.Random(5)
    text = " ".join(f"w{chance.randrange(10**9)}" for _ in range(3_000))
    await newsdesk.add(GUILD, Document("one", "Long", text))
    with pytest.raises(Refused, match=f"newsdesk export FOLDER --server {GUILD}"):
        await pack_library(newsdesk.corpus, GUILD, max_bytes=10_000)


async def test_a_library_that_is_far_too_large_is_not_even_read(
    newsdesk: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await newsdesk.add(GUILD, Document("one", "Long", "word " * 3_000))
    monkeypatch.setattr(packing, "BytesIO", None)
    with pytest.raises(Refused, match="larger than"):
        await pack_library(newsdesk.corpus, GUILD, max_bytes=1_000)


async def test_what_a_person_is_given_is_json(newsdesk: Newsdesk) -> None:
    await newsdesk.corpus.answers.save(GUILD, PERSON, "draft", '{"title": "Fähre"}', now=NOW)
    given = json.loads(await pack_person(newsdesk.corpus, GUILD, PERSON))
    assert given["answers"] == [{"kind": "draft", "payload": {"title": "Fähre"}, "created_at": str(NOW)}]
