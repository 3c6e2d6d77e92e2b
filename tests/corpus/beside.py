"""What processes do to a library beside the test's own: forked by `tests.forks`, and told to by a connection."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from multiprocessing.connection import Connection

from bot.corpus import Corpus
from bot.corpus.sqlite_database import SqliteDatabase
from bot.model import Document
from bot.newsdesk import Newsdesk

LIBRARY = 5
WORDS = [f"w{number}" for number in range(60)]


def text_of(draw: random.Random, own: str) -> str:
    return f"{own} " + " ".join(draw.choices(WORDS, k=draw.randrange(3, 25))) + "."


def add_and_remove(told: Connection, url: str, seed: int, rounds: int) -> None:
    """Say that it is ready, wait for a word, and add, remove and search.

    Then send the texts that were added by number, and the numbers that were removed.
    """
    asyncio.run(_add_and_remove(told, url, seed, rounds))


async def _add_and_remove(told: Connection, url: str, seed: int, rounds: int) -> None:
    draw = random.Random(seed)
    added: dict[int, str] = {}
    removed: list[int] = []
    async with Newsdesk.open(url, bot=True) as newsdesk:
        told.send("ready")
        await asyncio.to_thread(told.recv)
        for number in range(rounds):
            text = text_of(draw, f"own{seed}x{number}")
            stored = await newsdesk.add(LIBRARY, Document("a.txt", f"t{seed}x{number}", text, title_in_text=False))
            added[stored.article.number] = text
            if number % 4 == 3:
                gone = draw.choice([one for one in added if one not in removed])
                await newsdesk.corpus.articles.remove(LIBRARY, gone, by=None, now=newsdesk.now())
                removed.append(gone)
            found = await newsdesk.search(LIBRARY, newsdesk.query(f"own{seed}x{number}"))
            assert stored.article.number in removed or [hit.article.text for hit in found] == [text], number
    told.send((added, removed))


def add_where_told(told: Connection, url: str) -> None:
    """Say that it is ready, and add an article to the library of each number that it gets, which it then sends back."""
    asyncio.run(_add_where_told(told, url))


async def _add_where_told(told: Connection, url: str) -> None:
    async with Newsdesk.open(url, bot=False) as newsdesk:
        told.send("ready")
        async for number in _received(told):
            await newsdesk.add(number, Document("a.txt", "Quagga", "A quagga was seen at the harbour."))
            told.send(number)


async def _received(told: Connection) -> AsyncIterator[int]:
    while True:
        try:
            yield await asyncio.to_thread(told.recv)
        except EOFError:
            return


def delete_and_die(url: str, server: int, writes: int) -> None:
    """Delete a server, and die by `kill -9` as the ``writes``-th write begins."""
    write, left = SqliteDatabase.write, writes

    def deadly(database: SqliteDatabase) -> object:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return write(database)

    async def delete() -> None:
        async with Corpus.open(url, bot=False) as corpus:
            SqliteDatabase.write = deadly  # type: ignore[method-assign, assignment]
            await corpus.leaving.delete_server(server, now=datetime.now(UTC))

    asyncio.run(delete())
