"""Many servers' libraries in one database: a few are imported as a bot imports them, the others are copies of these.

    articles -> `Newsdesk.store_all` into the first servers and the shared library -> rows, copied with other ids

A copy has its original's articles, counts and schedule under its own server's id, and is what importing the same
articles there would have left. Ten thousand are made in seconds, once for each kind of database; every measurement
starts from a copy of that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Column, ColumnElement, Table, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.corpus import schema
from bot.desks.preparing import prepare
from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from tests.bench.articles import article
from tests.bench.text import PASSAGES_PER_ARTICLE, Passages, passages
from tests.wire.places import channel_of
from tests.wire.servers import STEP

ARTICLES = 5
"""Of each server's own: it has a handful, and the shared library of `SHARED_ARTICLES` beside them."""
SHARED_ARTICLES = 100
PASSAGES = 3
"""Of each article: a short item."""
ORIGINALS = 20

_TABLES = ("library", "article", "tally", "vocabulary", "passage", "speech", "schedule", "audit")
_DUE_IN = timedelta(hours=6)  # a digest that falls due meanwhile would be measured with all else


def article_count(servers: int) -> int:
    return servers * ARTICLES + SHARED_ARTICLES


def library_of(server: int) -> Passages:
    """What the articles of a server are made of, by its place among all."""
    return passages((server % ORIGINALS + 1) * ARTICLES * PASSAGES_PER_ARTICLE)


async def fill(url: str, servers: Sequence[str]) -> None:
    """A library and a schedule for each of these servers, which the double has populated, and the shared library."""
    originals = servers[:ORIGINALS]
    async with Newsdesk.open(url, bot=True) as desk:
        await desk.store_all(SHARED, [prepare(one) for one in _documents(ORIGINALS * ARTICLES, SHARED_ARTICLES)])
        for number, guild in enumerate(originals):
            await desk.store_all(int(guild), [prepare(one) for one in _documents(number * ARTICLES, ARTICLES)])
            await _schedule(desk, guild)
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            if connection.dialect.name == "sqlite":
                await connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            await _copy(connection, [int(guild) for guild in servers])
    finally:
        await engine.dispose()


def _documents(first: int, number: int) -> Iterator[Document]:
    made = passages((first + number) * PASSAGES_PER_ARTICLE)
    for one in range(first, first + number):
        whole = article(made, one)
        yield replace(whole, text="\n\n".join(whole.text.split("\n\n")[:PASSAGES]))


async def _schedule(desk: Newsdesk, guild: str) -> None:
    now = datetime.now(UTC)
    await desk.corpus.schedules.add(
        int(guild),
        channel_id=int(channel_of(guild)),
        at=f"{now + _DUE_IN:%H:%M}",
        zone="UTC",
        period="24 hours",
        created_by=None,
        now=now,
    )


async def _copy(connection: AsyncConnection, servers: Sequence[int]) -> None:
    """The rows of the first ones again and again, twice as many each time, until every server has its own."""
    done = ORIGINALS
    while done < len(servers):
        copied = servers[: min(done, len(servers) - done)]
        newest = (await connection.execute(select(func.max(schema.article.c.id)))).scalar_one()
        for name in _TABLES:
            table = schema.metadata.tables[name]
            shifts = {column.name: _shift(column, done * STEP, newest) for column in table.c}
            kept = {name: shift for name, shift in shifts.items() if shift is not None}
            values = [table.c[name] + shift if shift else table.c[name] for name, shift in kept.items()]
            rows = select(*values).where(_is_of(table, copied[0], copied[-1]))
            await connection.execute(insert(table).from_select(list(kept), rows))
            if connection.dialect.name == "postgresql":  # as it does by itself, some time later
                await connection.execute(text(f"ANALYZE {name}"))
        done += len(copied)
    if connection.dialect.name == "postgresql":  # the ids of articles were given, and not drawn
        await connection.execute(
            text("SELECT setval(pg_get_serial_sequence('article', 'id'), (SELECT max(id) FROM article))")
        )


def _shift(column: Column[object], servers: int, articles: int) -> int | None:
    """What a number of a row is raised by in its copy; None for an id that the database draws."""
    table = column.table.name
    if (table, column.name) == ("library", "id") or column.name in ("library", "guild", "channel_id"):
        return servers
    if (table, column.name) == ("article", "id") or column.name == "article_id":
        return articles
    return None if column.name == "id" and column.primary_key and table != "vocabulary" else 0


def _is_of(table: Table, first: int, last: int) -> ColumnElement[bool]:
    """Whether a row is a server's, of those from ``first`` to ``last``."""
    if table is schema.library:
        return table.c.id.between(first, last)
    if "article_id" in table.c:
        return table.c.article_id.in_(select(schema.article.c.id).where(schema.article.c.library.between(first, last)))
    return table.c["library" if "library" in table.c else "guild"].between(first, last)
