"""Notices: what watches found, and what became of telling it. One row per watch and article, told at most once.

    article comes in -> found -> claimed -> told
                          |         └-> reason: refused, not confirmed, or the bot ended meanwhile
                          └-> reason: its article is gone

Articles are followed by their row ids, which only ever grow (`Transaction.settled`): up to which one all were looked at
is written in the transaction that stores what was found in them, so that none is missed and none looked at twice,
whoever added it (this bot, or a CLI verb beside it) and however often the bot is started. What is restored, edited,
revised or read anew keeps its row or says what it revises, and does not come in again.

Where several processes serve a database, each looks for the servers it owns (`bot.desks.ownership`) and keeps its own
place, in its row of `process`. Whoever takes over a server goes on from the place of the one that was furthest behind,
and what is found again there is noted once.

A notice is claimed on the disk before it is sent. After a crash nobody knows whether what was claimed arrived: it is
not sent again. Losing one is better than telling twice; digests, which must not be lost, go another way (`deliveries`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Row, Table, and_, case, delete, exists, func, insert, or_, select, update

from bot.corpus import parts
from bot.corpus.aftermath import POSITION, in_doubt_until
from bot.corpus.database import Database, Transaction, repeatable
from bot.corpus.notes import noted, write_down
from bot.corpus.schema import article, feed, feed_entry, notice, process, watch
from bot.corpus.visibility import stayed
from bot.corpus.watches import Watch
from bot.model import SHARED, Passage, Span

_FEEDS_READ_WITHIN: Final = timedelta(hours=1)  # of the start: the polls after it bring what is new
_FEEDS_WORKED_OFF_WITHIN: Final = timedelta(days=2)
_UNCONFIRMED: Final = "the bot ended while it was being told"


@dataclass(frozen=True, slots=True)
class CameIn:
    """An article that came in, by its row id, with its passages.

    ``copied_by`` are servers whose own library holds the text of a shared article, so that they do not see this one.
    """

    article_id: int
    title_in_text: bool
    passages: tuple[Passage, ...]
    copied_by: frozenset[int]


class Found(NamedTuple):
    """A watch found an article; ``span`` is the passage that matched."""

    watch_id: int
    article_id: int
    span: Span


class Target(NamedTuple):
    """Where something waits to be told: in a channel, or else to a person in private; of what came into ``guild``."""

    guild: int
    user_id: int | None
    channel_id: int | None


@dataclass(frozen=True, slots=True)
class Notice:
    """What waits to be told to whoever set up ``watch``."""

    watch: Watch
    article_id: int
    span: Span


class Notices:
    """Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database, me: int) -> None:
        self._database = database
        self._me = me

    # What comes in

    async def looked_at_by_all(self) -> int:
        """The row id up to which every process has looked, those too that are gone lately."""
        async with self._database.read() as begun:
            return await position_of_all(begun)

    async def looked_at(self) -> int:
        """The row id of the last article that was looked at. At first all that are there were."""
        async with self._database.read() as begun:
            stored, newest = await _position(begun), await _newest(begun)
        if stored is not None and stored <= newest:
            return stored
        await self.found([], newest, now=None)  # the first start, or the file of a backup
        return newest

    async def newest(self) -> int:
        """The row id of the article that was added last, of those before which none can come; 0 without one."""
        async with self._database.read() as begun:
            return await _newest(begun)

    async def are_settled(self) -> bool:
        """Whether `newest` is the last of all: else somebody who adds has not quite ended."""
        async with self._database.read() as begun:
            last = await _last(begun)
            return await begun.settled(last) == last

    async def came_in(self, after: int, until: int, guilds: Collection[int]) -> list[CameIn]:
        """The articles with row ids above ``after`` and up to ``until`` that are there and revise none before them.

        After a restore, without those that feeds bring a second time.

        ``guilds`` are the servers to look for copies in.
        """
        here = (article.c.id > after, article.c.id <= until)
        new: list[ColumnElement[bool]] = [article.c.deleted_at.is_(None), article.c.revises.is_(None)]
        columns = (article.c.id, article.c.library, article.c.title_in_text, article.c.fingerprint)
        async with self._database.read() as begun:
            if (doubt := await in_doubt_until(begun)) is not None:
                new.append(_not_brought_again(doubt))
            rows = (await begun.execute(select(*columns).where(*here, *new).order_by(article.c.id))).all()
            stored = await parts.passages(begun, [row.id for row in rows])
            copied = await _copied_by(begun, {row.fingerprint for row in rows if row.library == SHARED}, guilds)
        return [
            CameIn(
                row.id,
                bool(row.title_in_text),
                tuple(one.passage for one in stored.get(row.id, ())),
                frozenset(copied.get(row.fingerprint, ())) if row.library == SHARED else frozenset(),
            )
            for row in rows
        ]

    @repeatable
    async def found(self, found: Sequence[Found], upto: int, *, now: datetime | None, alone: bool = True) -> None:
        """Store what was found, of watches that are still live, and that all articles up to ``upto`` were looked at.

        By this process, where it is not ``alone``. What was found before is stored already.
        """
        async with self._database.write() as begun:
            watches = await _ids_among(begun, watch, {one.watch_id for one in found}, *_LIVE)
            articles = await _ids_among(begun, article, {one.article_id for one in found})
            before = await _found_before(begun, articles)
            rows = [
                {
                    "watch_id": one.watch_id,
                    "article_id": one.article_id,
                    "start_char": one.span.start,
                    "end_char": one.span.end,
                    "found_at": now,
                }
                for one in found
                if one.watch_id in watches and one.article_id in articles and one[:2] not in before
            ]
            if rows:
                await begun.execute(insert(notice), rows)
            if alone:
                await write_down(begun, POSITION, str(upto))
            else:
                await begun.execute(update(process).where(process.c.id == self._me).values(looked_at=upto))

    # What is told

    @repeatable
    async def give_up_claimed(self, living: Collection[int] = ()) -> int:
        """Close what was claimed by a process that is not ``living``: it ended while it was sent. Returns how many."""
        async with self._database.write() as begun:
            by_another = or_(notice.c.process_id.is_(None), notice.c.process_id.not_in(living))
            left = (notice.c.told_at.is_(None), notice.c.claimed_at.is_not(None), notice.c.reason.is_(None), by_another)
            return (await begun.execute(update(notice).where(*left).values(reason=_UNCONFIRMED))).rowcount

    async def targets(self) -> list[Target]:
        """Where something waits to be told, what waited longest first."""
        query = select(*_PLACE).join_from(notice, watch).where(*_WAITING, stayed(watch.c.guild)).group_by(*_PLACE)
        async with self._database.read() as begun:
            rows = (await begun.execute(query.order_by(func.min(notice.c.found_at)))).all()
        return [Target(row.guild, row.person, row.channel_id) for row in rows]

    async def told_since(self, when: datetime) -> dict[Target, datetime]:
        """Where something was told since then, and when last."""
        query = select(*_PLACE, func.max(notice.c.told_at).label("at")).join_from(notice, watch)
        async with self._database.read() as begun:
            rows = (await begun.execute(query.where(notice.c.told_at > when).group_by(*_PLACE))).all()
        return {Target(row.guild, row.person, row.channel_id): row.at for row in rows}

    async def waiting(self, target: Target, limit: int) -> list[Notice]:
        """What waits to be told there, the articles that came in first first."""
        here = (
            watch.c.channel_id == target.channel_id
            if target.channel_id is not None
            else and_(watch.c.channel_id.is_(None), watch.c.user_id == target.user_id)
        )
        spans = (notice.c.article_id, notice.c.start_char, notice.c.end_char)
        query = (
            select(watch, *spans)
            .join_from(notice, watch)
            .where(*_WAITING, watch.c.guild == target.guild, here)
            .order_by(notice.c.article_id, watch.c.id)
            .limit(limit)
        )
        async with self._database.read() as begun:
            return [_notice(row) for row in await begun.execute(query)]

    @repeatable
    async def claim(self, notices: Collection[Notice], *, now: datetime) -> list[Notice]:
        """Take these to tell them: those returned are the caller's alone, and on the disk before it knows."""
        taken: list[Notice] = []
        async with self._database.write() as begun:
            for one in notices:
                waits = update(notice).where(*_key(one), *_WAITING).values(claimed_at=now, process_id=self._me)
                if (await begun.execute(waits)).rowcount:
                    taken.append(one)
        return taken

    async def told(self, notices: Collection[Notice], *, now: datetime) -> None:
        """These notices have arrived where they were to be told."""
        await self._settle(notices, {"told_at": now})

    async def close(self, notices: Collection[Notice], reason: str) -> None:
        """They are not told, for ``reason``."""
        await self._settle(notices, {"reason": reason})

    async def release(self, notices: Collection[Notice]) -> None:
        """They surely were not sent, and wait again."""
        await self._settle(notices, {"claimed_at": None})

    @repeatable
    async def forget_before(self, when: datetime) -> int:
        """Delete what was found before ``when``, and return how many there were."""
        async with self._database.write() as begun:
            return (await begun.execute(delete(notice).where(notice.c.found_at < when))).rowcount

    @repeatable
    async def _settle(self, notices: Collection[Notice], values: dict[str, Any]) -> None:
        async with self._database.write() as begun:
            for some in parts.in_batches(notices):
                await begun.execute(update(notice).where(or_(*(and_(*_key(one)) for one in some))).values(values))


_LIVE: Final = (watch.c.paused_at.is_(None), watch.c.disabled_reason.is_(None))
_WAITING: Final = (notice.c.told_at.is_(None), notice.c.claimed_at.is_(None), notice.c.reason.is_(None))


_PERSON: Final = case((watch.c.channel_id.is_(None), watch.c.user_id), else_=None).label("person")
_PLACE: Final[tuple[ColumnElement[Any], ...]] = (watch.c.guild, _PERSON, watch.c.channel_id)


def _key(one: Notice) -> tuple[ColumnElement[bool], ...]:
    return notice.c.watch_id == one.watch.id, notice.c.article_id == one.article_id


async def _ids_among(begun: Transaction, table: Table, ids: Collection[int], *where: ColumnElement[bool]) -> set[int]:
    """Which of these row ids are there: somebody may have removed a watch, or purged an article, meanwhile."""
    found: set[int] = set()
    for some in parts.in_batches(ids):
        found.update((await begun.execute(select(table.c.id).where(table.c.id.in_(some), *where))).scalars())
    return found


def _notice(row: Row[Any]) -> Notice:
    stored = Watch(**{column.name: getattr(row, column.name) for column in watch.c})
    return Notice(stored, row.article_id, Span(row.start_char, row.end_char))


async def _position(begun: Transaction) -> int | None:
    """Where a bot that was alone has come, or of several processes the last; None: nobody has looked yet."""
    stored = await noted(begun, POSITION)
    behind = (await begun.execute(select(func.min(process.c.looked_at)))).scalar_one()
    return max((int(one) for one in (stored, behind) if one is not None), default=None)


async def position_of_all(begun: Transaction) -> int:
    """`Notices.looked_at_by_all` in a transaction."""
    stored, newest = await _position(begun), await _newest(begun)
    return newest if stored is None else min(stored, newest)


async def _found_before(begun: Transaction, articles: Collection[int]) -> set[tuple[int, int]]:
    """By watch and article, what of these articles was found already."""
    found: set[tuple[int, int]] = set()
    for some in parts.in_batches(articles):
        query = select(notice.c.watch_id, notice.c.article_id).where(notice.c.article_id.in_(some))
        found.update((row.watch_id, row.article_id) for row in await begun.execute(query))
    return found


async def _newest(begun: Transaction) -> int:
    return await begun.settled(await _last(begun))


async def _last(begun: Transaction) -> int:
    return int((await begun.execute(select(func.coalesce(func.max(article.c.id), 0)))).scalar_one())


def _not_brought_again(doubt: datetime) -> ColumnElement[bool]:
    """An article that no feed had when it was first read after a restore: what one had then may have been told.

    All feeds are due at that start. What is still in a queue after `_FEEDS_WORKED_OFF_WITHIN` counts as new.
    """
    looked_at = feed_entry.c.seen_at.between(doubt, doubt + _FEEDS_READ_WITHIN)
    same = or_(feed_entry.c.article_id == article.c.id, feed_entry.c.url_key == article.c.url_key)
    brought = exists().where(feed_entry.c.feed_id == feed.c.id, feed.c.guild == article.c.library, looked_at, same)
    return or_(article.c.added_at > doubt + _FEEDS_WORKED_OFF_WITHIN, ~brought)


async def _copied_by(begun: Transaction, fingerprints: Collection[str], guilds: Collection[int]) -> dict[str, set[int]]:
    """By fingerprint, which of these servers have the text in a library of their own."""
    found: dict[str, set[int]] = {}
    for some in parts.in_batches(guilds) if fingerprints else ():
        query = select(article.c.fingerprint, article.c.library).where(
            article.c.library.in_(some), article.c.fingerprint.in_(fingerprints), article.c.deleted_at.is_(None)
        )
        for row in await begun.execute(query):
            found.setdefault(row.fingerprint, set()).add(row.library)
    return found
