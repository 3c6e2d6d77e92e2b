"""Feeds and their entries: what each server takes its articles from, what was in it, and what is still to be read.

    a poll -> `polled`: entries recognised, new ones queued, the server's marks kept, in one transaction
    queue  -> bot.desks.feeds stores an article -> `settle`

An entry is never forgotten while it stands in its feed, and has one row, whatever became of it. So a poll that ends
between two of these transactions loses nothing and repeats nothing but the reading of one entry.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import RowMapping, Select, and_, delete, exists, func, insert, or_, select, update

from bot.corpus.audit import record
from bot.corpus.database import Database, Transaction, repeatable
from bot.corpus.parts import in_batches
from bot.corpus.recognising import Known, Seen, recognise
from bot.corpus.schema import article, feed, feed_entry, library
from bot.errors import Refused
from bot.model import SHARED

MAX_FEEDS: Final = 50
KEEP_ENTRIES: Final = timedelta(days=180)
"""How long an entry is remembered after it was last seen in its feed, in case it comes back."""
_SEEN_EVERY = timedelta(days=1)  # when an entry was last seen is kept to the day: no write at most polls


class EntryState(StrEnum):
    """What became of an entry."""

    QUEUED = "queued"  # still to be read
    ADDED = "added"  # it came in as an article
    KNOWN = "known"  # its article was there already, or another entry is the same
    FAILED = "failed"  # it could not be read, for ``reason``
    PASSED = "passed"  # it was older than what was taken when the feed was added


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed of one server. ``number`` counts up in its server and is never used twice.

    ``due_at``: when it is polled next. ``failures`` counts the polls that failed since the last that did not, ``fault``
    says why, and ``fault_told_at`` when that was said in ``channel_id``.
    """

    id: int
    guild: int
    number: int
    url: str
    title: str
    channel_id: int | None
    etag: str | None
    modified: str | None
    added_by: int | None
    added_at: datetime
    polled_at: datetime | None
    due_at: datetime
    failures: int
    fault: str | None
    fault_told_at: datetime | None
    paused_at: datetime | None


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll found at ``url``; no ``entries`` where nothing had changed. A mark that is None stays as it was."""

    url: str
    entries: Sequence[Seen] = ()
    title: str | None = None
    etag: str | None = None
    modified: str | None = None
    is_changed: bool = True


@dataclass(frozen=True, slots=True)
class Queued:
    """An entry that is still to be read: ``content`` is what bot.desks.feeds wrote there, ``url_key`` is its link's."""

    id: int
    content: str
    reason: str | None
    url_key: str | None


class FeedStore:
    """The feeds of every server. Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # Feeds

    @repeatable
    async def add(
        self,
        guild: int,
        found: Polled,
        *,
        passed: Sequence[Seen],
        channel_id: int | None,
        added_by: int | None,
        now: datetime,
    ) -> Feed:
        """Store a feed with its entries, due at once: those of ``found`` are queued, ``passed`` are only remembered.

        Raises `Refused` where the server has it already, or too many.
        """
        async with self._database.write() as begun:
            await _must_be_welcome(begun, guild, found.url)
            highest = select(func.coalesce(func.max(feed.c.number), 0)).where(feed.c.guild == guild)
            number = (await begun.execute(highest)).scalar_one() + 1
            values = {
                "guild": guild,
                "number": number,
                "url": found.url,
                "title": found.title or found.url,
                "channel_id": channel_id,
                "etag": found.etag,
                "modified": found.modified,
                "added_by": added_by,
                "added_at": now,
                "polled_at": now,
                "due_at": now,
                "failures": 0,
            }
            feed_id = await begun.insert(feed, values)
            first = recognise([*found.entries, *passed], ())
            wanted = {entry.key for entry in found.entries}
            await _insert(begun, feed_id, (one for one in first.new if one.key in wanted), EntryState.QUEUED, now)
            await _insert(begun, feed_id, (one for one in first.new if one.key not in wanted), EntryState.PASSED, now)
            await _insert(begun, feed_id, first.same, EntryState.KNOWN, now)
            await record(begun, guild, "feed added", str(number), who=added_by, at=now)
            return await _get(begun, feed_id)

    async def list(self, guild: int) -> builtins.list[Feed]:
        """The feeds of one server, by number."""
        return await self._feeds(_kept().where(feed.c.guild == guild).order_by(feed.c.number))

    async def get(self, feed_id: int) -> Feed | None:
        """A feed by row id; None where it was removed."""
        return next(iter(await self._feeds(_kept().where(feed.c.id == feed_id))), None)

    async def due(self, now: datetime) -> builtins.list[Feed]:
        """The feeds to poll by now, longest due first: not paused, and of servers the bot has not left."""
        left = exists().where(library.c.id == feed.c.guild, library.c.left_at.is_not(None))
        waiting = _kept().where(feed.c.due_at <= now, feed.c.paused_at.is_(None), ~left)
        return await self._feeds(waiting.order_by(feed.c.due_at, feed.c.id))

    async def pause(self, guild: int, number: int, *, by: int | None, now: datetime) -> Feed | None:
        """Poll it no more until `resume`. None where the server has none of that number."""
        return await self._change(guild, number, {"paused_at": now}, "feed paused", by=by, now=now)

    async def resume(self, guild: int, number: int, *, by: int | None, now: datetime) -> Feed | None:
        """Poll it again, at once, and forget its faults. None where the server has none of that number."""
        again = {"paused_at": None, "due_at": now, "failures": 0, "fault": None, "fault_told_at": None}
        return await self._change(guild, number, again, "feed resumed", by=by, now=now)

    @repeatable
    async def remove(self, guild: int, number: int, *, by: int | None, now: datetime) -> Feed | None:
        """Remove a feed and what is remembered of its entries; its articles stay. None where there is none."""
        async with self._database.write() as begun:
            found = await _find(begun, guild, number)
            if found is None:
                return None
            await begun.execute(delete(feed_entry).where(feed_entry.c.feed_id == found.id))
            await begun.execute(update(feed).where(feed.c.id == found.id).values(deleted_at=now))
            await record(begun, guild, "feed removed", str(number), who=by, at=now)
            return found

    @repeatable
    async def _change(
        self, guild: int, number: int, values: Mapping[str, Any], what: str, *, by: int | None, now: datetime
    ) -> Feed | None:
        async with self._database.write() as begun:
            found = await _find(begun, guild, number)
            if found is None:
                return None
            await begun.execute(update(feed).where(feed.c.id == found.id).values(dict(values)))
            await record(begun, guild, what, str(number), who=by, at=now)
            return await _get(begun, found.id)

    # Polls

    @repeatable
    async def polled(self, feed_id: int, found: Polled, *, due_at: datetime, now: datetime) -> int:
        """Write down a poll that succeeded: new entries are queued, faults forgotten. Returns how many are new."""
        kept = {"url": found.url, "title": found.title}
        marks = {"etag": found.etag, "modified": found.modified} if found.is_changed else {}
        values = {**{name: value for name, value in kept.items() if value}, **marks}
        well = {"polled_at": now, "due_at": due_at, "failures": 0, "fault": None, "fault_told_at": None}
        async with self._database.write() as begun:
            there = update(feed).where(feed.c.id == feed_id, feed.c.deleted_at.is_(None)).values(**values, **well)
            if (await begun.execute(there)).rowcount == 0:
                return 0
            return await _take(begun, feed_id, found.entries, now) if found.is_changed else 0

    @repeatable
    async def failed(self, feed_id: int, fault: str, *, failures: int, due_at: datetime, now: datetime) -> None:
        """Write down a poll that failed, as the last of ``failures``."""
        values = {"polled_at": now, "fault": fault, "failures": failures, "due_at": due_at}
        async with self._database.write() as begun:
            there = (feed.c.id == feed_id, feed.c.deleted_at.is_(None))
            await begun.execute(update(feed).where(*there).values(values))

    @repeatable
    async def hasten(self, feed_id: int, *, now: datetime) -> None:
        """Make a feed due now, so that its queue is worked off."""
        async with self._database.write() as begun:
            await begun.execute(update(feed).where(feed.c.id == feed_id, feed.c.due_at > now).values(due_at=now))

    @repeatable
    async def claim_fault(self, feed_id: int, *, now: datetime) -> bool:
        """Take it on to say that a feed is dead: True for exactly one caller until it lives again."""
        untold = (feed.c.id == feed_id, feed.c.fault_told_at.is_(None), feed.c.deleted_at.is_(None))
        async with self._database.write() as begun:
            told = await begun.execute(update(feed).where(*untold).values(fault_told_at=now))
            return told.rowcount == 1

    @repeatable
    async def release_fault(self, feed_id: int) -> None:
        """It could not be said: somebody may take it on again."""
        async with self._database.write() as begun:
            await begun.execute(update(feed).where(feed.c.id == feed_id).values(fault_told_at=None))

    # Entries

    async def queue(self, feed_id: int, limit: int) -> builtins.list[Queued]:
        """The next entries to read of a feed that is neither paused nor removed: those never tried come first."""
        live = exists().where(feed.c.id == feed_id, feed.c.paused_at.is_(None), feed.c.deleted_at.is_(None))
        waiting = (
            select(feed_entry.c.id, feed_entry.c.content, feed_entry.c.reason, feed_entry.c.url_key)
            .where(feed_entry.c.feed_id == feed_id, feed_entry.c.state == EntryState.QUEUED.value, live)
            .order_by(feed_entry.c.reason.is_not(None), feed_entry.c.id)
            .limit(limit)
        )
        async with self._database.read() as begun:
            return [Queued(row.id, row.content or "", row.reason, row.url_key) for row in await begun.execute(waiting)]

    async def article_at(self, guild: int, url_key: str) -> int | None:
        """The row id of an article that a server has, or had and removed, from the link with this key."""
        seen = or_(article.c.library == guild, and_(article.c.library == SHARED, article.c.deleted_at.is_(None)))
        found = select(article.c.id).where(article.c.url_key == url_key, seen).order_by(article.c.id.desc()).limit(1)
        async with self._database.read() as begun:
            return (await begun.execute(found)).scalar_one_or_none()

    @repeatable
    async def keep(self, entry_id: int, content: str, reason: str | None) -> None:
        """Keep an entry in the queue, with what is done of it, or with the ``reason`` why it could not be read."""
        async with self._database.write() as begun:
            changed = update(feed_entry).where(feed_entry.c.id == entry_id)
            await begun.execute(changed.values(content=content, reason=reason))

    @repeatable
    async def settle(
        self, entry_id: int, state: EntryState, *, article_id: int | None = None, reason: str | None = None
    ) -> None:
        """Say what became of an entry: it leaves the queue, and its content is forgotten."""
        values = {"state": state.value, "article_id": article_id, "reason": reason, "content": None}
        async with self._database.write() as begun:
            await begun.execute(update(feed_entry).where(feed_entry.c.id == entry_id).values(values))

    async def counts(self, feed_id: int) -> dict[EntryState, int]:
        """How many entries of a feed are in which state."""
        grouped = select(feed_entry.c.state, func.count().label("entries")).where(feed_entry.c.feed_id == feed_id)
        async with self._database.read() as begun:
            rows = (await begun.execute(grouped.group_by(feed_entry.c.state))).all()
        return {EntryState(row.state): row.entries for row in rows}

    async def faults(self, feed_id: int, limit: int) -> builtins.list[str]:
        """Why entries of a feed were not read, latest first; those that will be tried again, too."""
        found = (
            select(feed_entry.c.reason)
            .where(feed_entry.c.feed_id == feed_id, feed_entry.c.reason.is_not(None))
            .order_by(feed_entry.c.id.desc())
            .limit(limit)
        )
        async with self._database.read() as begun:
            return [reason for reason in (await begun.execute(found)).scalars() if reason]

    async def _feeds(self, query: Select[Any]) -> builtins.list[Feed]:
        async with self._database.read() as begun:
            return [_feed(row) for row in (await begun.execute(query)).mappings()]


def _kept() -> Select[Any]:
    columns = [column for column in feed.c if column is not feed.c.deleted_at]
    return select(*columns).where(feed.c.deleted_at.is_(None))


def _feed(row: RowMapping) -> Feed:
    return Feed(**row)


async def _get(begun: Transaction, feed_id: int) -> Feed:
    return _feed((await begun.execute(_kept().where(feed.c.id == feed_id))).mappings().one())


async def _find(begun: Transaction, guild: int, number: int) -> Feed | None:
    found = _kept().where(feed.c.guild == guild, feed.c.number == number)
    row = (await begun.execute(found)).mappings().one_or_none()
    return None if row is None else _feed(row)


async def _must_be_welcome(begun: Transaction, guild: int, url: str) -> None:
    """Raises `Refused`."""
    there = (await begun.execute(_kept().where(feed.c.guild == guild))).mappings().all()
    if same := next((row for row in there if row["url"] == url), None):
        raise Refused(f"This server has that feed already, as number {same['number']}: see /feed list.")
    if len(there) >= MAX_FEEDS:
        raise Refused(f"This server has {MAX_FEEDS} feeds already: remove one with /feed remove first.")


async def _take(begun: Transaction, feed_id: int, entries: Sequence[Seen], now: datetime) -> int:
    """Queue what is new among ``entries``, bring up to date what is known, and forget what left the feed long ago."""
    if not entries:
        return 0
    rows = await begun.execute(
        select(
            feed_entry.c.id, feed_entry.c.entry_key, feed_entry.c.url_key, feed_entry.c.text_key, feed_entry.c.seen_at
        ).where(feed_entry.c.feed_id == feed_id)
    )
    known = {row.id: row for row in rows}
    marks = {row.id: Known(row.id, row.entry_key, row.url_key, row.text_key) for row in known.values()}
    found = recognise(entries, marks.values())
    for row_id, seen in found.again.items():
        if values := _changed(marks[row_id], seen):
            await begun.execute(update(feed_entry).where(feed_entry.c.id == row_id).values(values))
    stale = [row_id for row_id in found.again if now - known[row_id].seen_at >= _SEEN_EVERY]
    for some in in_batches(stale):
        await begun.execute(update(feed_entry).where(feed_entry.c.id.in_(some)).values(seen_at=now))
    await _insert(begun, feed_id, found.new, EntryState.QUEUED, now)
    await _insert(begun, feed_id, found.same, EntryState.KNOWN, now)
    gone = (feed_entry.c.feed_id == feed_id, feed_entry.c.seen_at < now - KEEP_ENTRIES)
    await begun.execute(delete(feed_entry).where(*gone, feed_entry.c.state != EntryState.QUEUED.value))
    return len(found.new)


def _changed(was: Known, seen: Seen) -> dict[str, Any]:
    """The marks of an entry that are others by now."""
    marks = {"entry_key": seen.key, "url_key": seen.url_key, "text_key": seen.text_key}
    before = {"entry_key": was.key, "url_key": was.url_key, "text_key": was.text_key}
    return {name: mark for name, mark in marks.items() if mark is not None and mark != before[name]}


async def _insert(begun: Transaction, feed_id: int, entries: Iterable[Seen], state: EntryState, now: datetime) -> None:
    rows = [
        {
            "feed_id": feed_id,
            "entry_key": entry.key,
            "url_key": entry.url_key,
            "text_key": entry.text_key,
            "content": entry.content if state is EntryState.QUEUED else None,
            "state": state.value,
            "seen_at": now,
        }
        for entry in entries
    ]
    if rows:
        await begun.execute(insert(feed_entry), rows)
