"""Libraries for tests of copies: real articles, whose texts have their hashes, and what is in a file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from bot.corpus import Corpus
from bot.desks.preparing import prepare
from bot.model import Document

AT = datetime(2026, 5, 12, 8, 30, tzinfo=UTC)


def document(number: int, words: int = 40) -> Document:
    text = f"Ferry {number} left on time.\n\n“We sail,” said Ines Duarte. " + f"Crossing {number} was calm. " * words
    return Document(f"{number}.txt", f"Ferry {number}", text)


async def fill(corpus: Corpus, numbers: range, library: int = 5) -> None:
    for number in numbers:
        await corpus.articles.add(library, prepare(document(number)), added_by=None, now=AT)


def url_of(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def titles(path: Path) -> set[str]:
    """The titles in a file that is whole."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return {title for (title,) in connection.execute("SELECT title FROM article")}


def notes(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT key, value FROM note"))


def names(folder: Path) -> set[str]:
    """What is in a folder, but for locks, which stay."""
    return {file.name for file in folder.iterdir() if not file.name.endswith(".lock")}
