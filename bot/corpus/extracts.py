"""Extracts: what is kept of a person or of a server, as records to be handed over (`bot.desks.packing`).

What a server is given names nobody by an id; what a person is given is theirs alone.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, Table, func, select

from bot.corpus.database import Database, Transaction
from bot.corpus.schema import alias, answer, article, audit, correction, delivery, feed, notice, schedule, visit, watch

Record: TypeAlias = dict[str, Any]

_ARTICLES_AT_ONCE = 50
_ARTICLE = ("number", "title", "outlet", "authors", "url", "published", "added_at", "text")
_SCHEDULE = ("number", "channel_id", "at", "zone", "days", "period", "topic", "quiet", "created_at", "deleted_at")
_DELIVERY = ("local_date", "part", "state", "reason", "channel_id", "message_id")
_FEED = ("number", "url", "title", "channel_id", "added_at", "paused_at", "deleted_at")
_WATCH = ("number", "query", "speaker", "source", "channel_id", "created_at", "paused_at")


class Extracts:
    """Methods raise `CorpusError` where the database cannot be used. Every one reads one state of the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def person(self, guild: int, user_id: int) -> Record:
        """What is a person's own in a server, and how often their id stands elsewhere."""

        def theirs(table: Table) -> tuple[ColumnElement[bool], ...]:
            return table.c.guild == guild, table.c.user_id == user_id

        signed = [
            ("articles you added", article, article.c.added_by),
            ("schedules you made", schedule, schedule.c.created_by),
            ("feeds you added", feed, feed.c.added_by),
            ("changes you made", audit, audit.c.who),
        ]
        async with self._database.read() as begun:
            watches = select(*_columns(watch, ("id", *_WATCH))).where(*theirs(watch)).order_by(watch.c.number)
            found = [await _with_notices(begun, row) for row in await _records(begun, watches)]
            asked = select(*_columns(answer, ("kind", "payload", "created_at"))).where(*theirs(answer))
            return {
                "server": str(guild),
                "person": str(user_id),
                "watches": found,
                "catchup": (await begun.execute(select(visit.c.at).where(*theirs(visit)))).scalar_one_or_none(),
                "answers": [_unpacked(row) for row in await _records(begun, asked.order_by(answer.c.created_at))],
                "your id stands on": {
                    what: await _count(begun, table, _server(table) == guild, column == user_id)
                    for what, table, column in signed
                },
            }

    async def server(self, guild: int) -> Record:
        """All that is kept of a server but its articles; nobody's id is in it."""
        async with self._database.read() as begun:
            digests = select(schedule.c.number.label("schedule"), *_columns(delivery, _DELIVERY)).join(schedule)
            people = select(alias.c.name, alias.c.person).where(alias.c.library == guild)
            said = select(*_columns(correction, ("fingerprint", "start_char", "end_char", "speaker")))
            history = select(*_columns(audit, ("at", "what", "subject"))).where(audit.c.library == guild)
            return {
                "server": str(guild),
                "schedules": await _records(begun, _of(schedule, _SCHEDULE, guild)),
                "digests": await _records(begun, digests.where(schedule.c.guild == guild).order_by(delivery.c.id)),
                "feeds": await _records(begun, _of(feed, _FEED, guild)),
                "watches": await _count(begun, watch, watch.c.guild == guild),
                "people": await _records(begun, people.order_by(alias.c.name)),
                "corrections": await _records(begun, said.where(correction.c.library == guild)),
                "history": await _records(begun, history.order_by(audit.c.id)),
            }

    async def chars(self, guild: int) -> int:
        """How many characters of text there are in a server's articles, removed ones too."""
        total = select(func.coalesce(func.sum(func.length(article.c.text)), 0)).where(article.c.library == guild)
        async with self._database.read() as begun:
            return int((await begun.execute(total)).scalar_one())

    async def articles(self, guild: int) -> AsyncIterator[list[tuple[bool, Record]]]:
        """A server's own articles by number, some at a time, each with whether it was removed. None without a text."""
        columns = _columns(article, (*_ARTICLE, "source_id", "deleted_at"))
        after = 0
        while True:
            some = select(*columns).where(article.c.library == guild, article.c.number > after, article.c.text != "")
            async with self._database.read() as begun:
                rows = (await begun.execute(some.order_by(article.c.number).limit(_ARTICLES_AT_ONCE))).mappings().all()
            if not rows:
                return
            after = rows[-1]["number"]
            yield [(row["deleted_at"] is not None, _article(row)) for row in rows]


def _columns(table: Table, names: Sequence[str]) -> list[ColumnElement[Any]]:
    return [table.c[name] for name in names]


def _of(table: Table, names: Sequence[str], guild: int) -> Select[Any]:
    return select(*_columns(table, names)).where(table.c.guild == guild).order_by(table.c.number)


def _server(table: Table) -> ColumnElement[Any]:
    return table.c["library"] if "library" in table.c else table.c["guild"]


async def _records(begun: Transaction, query: Select[Any]) -> list[Record]:
    return [_plain(row) for row in (await begun.execute(query)).mappings()]


async def _count(begun: Transaction, table: Table, *conditions: ColumnElement[bool]) -> int:
    return int((await begun.execute(select(func.count()).select_from(table).where(*conditions))).scalar_one())


async def _with_notices(begun: Transaction, row: Record) -> Record:
    """A watch, with how many articles it found."""
    found = await _count(begun, notice, notice.c.watch_id == row.pop("id"))
    return {**row, "found": found}


def _plain(row: Any) -> Record:
    """A row as JSON has it: instants as text, and ids as text too, which are more than a JSON number surely holds."""
    return {name: str(value) if _is_text(name, value) else value for name, value in row.items()}


def _is_text(name: str, value: object) -> bool:
    return value is not None and (name.endswith(("_at", "_id")) or name == "at")


def _unpacked(row: Record) -> Record:
    return {**row, "payload": json.loads(row["payload"])}


def _article(row: Any) -> Record:
    """As `bot.reading.records` reads it: an ``id``, and no field that is empty."""
    named = {"id": row["source_id"] or str(row["number"]), **{name: row[name] for name in _ARTICLE}}
    kept = {**named, "authors": list(row["authors"]), "added_at": row["added_at"].isoformat()}
    return {name: value for name, value in kept.items() if value not in (None, [])}
