"""Rows of one server and one person in every table of the corpus, and looking for what is left of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bot.corpus import Corpus, Prepared
from bot.corpus.schema import feed, feed_entry, metadata, notice, visit, watch
from bot.corrections import Correction
from bot.model import Span


async def fill(corpus: Corpus, guild: int, person: int, prepared: Prepared, now: datetime) -> None:
    """Something of ``person`` in every table that a server has rows in; ``prepared`` is the article."""
    added = (await corpus.articles.add(guild, prepared, added_by=person, now=now)).article
    correction = Correction(Span(0, 5), "Ines Duarte")
    await corpus.corrections.add(guild, added, correction, subject="q-1", by=person, now=now)
    await corpus.aliases.set(guild, "I. Duarte", "Ines Duarte", by=person, now=now)
    settings: Any = {"channel_id": 7, "at": "08:00", "zone": "UTC", "period": "all", "now": now}
    schedule = await corpus.schedules.add(guild, created_by=person, **settings)
    payload = f'["Added: 1 by <@{person}>"]'
    await corpus.deliveries.plan(schedule.id, now.date(), [payload], channel_id=7, now=now)
    await corpus.answers.save(guild, person, "draft", f'{{"text": "zanzibarine {person}"}}', now=now)
    database = corpus.leaving._database
    async with database.write() as begun:
        row: dict[str, Any] = {"guild": guild, "user_id": person, "number": 1, "query": "quaggamire", "created_at": now}
        watch_id = await begun.insert(watch, row)
        found = {"watch_id": watch_id, "article_id": added.id, "start_char": 0, "end_char": 5, "found_at": now}
        await begun.execute(insert(notice), found)
        seen = {"article_id": added.id} if "article_id" in visit.c else {}
        await begun.execute(insert(visit), {"guild": guild, "user_id": person, "at": now, **seen})
        row = {"guild": guild, "number": 1, "url": "https://example.org/plumbaginous", "title": "Feed", "failures": 0}
        feed_id = await begun.insert(feed, row | {"added_by": person, "added_at": now, "due_at": now})
        entry = {"feed_id": feed_id, "entry_key": "one", "content": "yttriferous", "state": "queued", "seen_at": now}
        await begun.execute(insert(feed_entry), entry)


def counted(path: Path) -> dict[str, int]:
    """How many rows each table has."""
    with closing(sqlite3.connect(path)) as connection:
        return {
            table.name: connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0]
            for table in metadata.sorted_tables
        }


def cells_with(path: Path, number: int) -> set[str]:
    """The columns in which a number stands, by itself or in a text."""
    with closing(sqlite3.connect(path)) as connection:
        return {
            f"{table.name}.{column.name}"
            for table in metadata.sorted_tables
            for column in table.c
            if connection.execute(
                f"SELECT 1 FROM {table.name} WHERE CAST({column.name} AS TEXT) LIKE ? LIMIT 1", (f"%{number}%",)
            ).fetchone()
        }


def files_with(folder: Path, words: Iterable[str]) -> list[tuple[str, str]]:
    """The files below ``folder`` in whose bytes a word stands, in any of the ways that text is stored."""
    wanted = {spelled for word in words for spelled in (word, word.lower(), word.capitalize())}
    return [
        (str(path.relative_to(folder)), word)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for word in sorted(wanted)
        if word.encode() in path.read_bytes() or word.encode("utf-16-le") in path.read_bytes()
    ]
