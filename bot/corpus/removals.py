"""What was removed: for how long it can come back, and how it goes for good.

A purge leaves no readable copy in the database file: the text and everything that was made of it or quotes it is
overwritten, and then the file is written anew and the write-ahead log cut (`Removals.wipe`). What stays of an article
is its row, without a word in it: so its number is never used again, and every index learns that it is gone.

What goes with a text, of its earlier versions too: title, outlet, authors, link; passages, speech, counts; the terms of
the vocabulary that nothing else in its library uses; corrections, and names joined that nobody else is quoted under;
what watches found in it; what feeds keep of its entry; the details in the audit. With a purge that was asked for also
all stored answers of the server (drafts, results behind buttons) and the frozen text of its digests since the article
came; thirty days after a removal both are gone by themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import String, cast, delete, func, literal, or_, select, update

from bot.corpus import parts
from bot.corpus.articles import LIVE, REMOVED
from bot.corpus.audit import forget_details, record
from bot.corpus.database import Database, Transaction, repeatable
from bot.corpus.deliveries import UNFINISHED, DeliveryState
from bot.corpus.fingerprints import PURGED
from bot.corpus.parts import in_batches
from bot.corpus.revisions import chain
from bot.corpus.schema import (
    alias,
    answer,
    article,
    audit,
    correction,
    delivery,
    feed_entry,
    notice,
    schedule,
    speech,
    tally,
    vocabulary,
)
from bot.corpus.vocabularies import replace_tally, touch
from bot.language.counting import count
from bot.model import SHARED
from bot.tallies import unpack

PURGED_BEFORE_IT_WAS_POSTED = "an article that it told of was purged before it was posted"
_TALLIES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Removed:
    """An article that can still be brought back, and who took it out when."""

    number: int
    title: str
    outlet: str | None
    at: datetime
    by: int | None


class Removals:
    """Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, library: int, since: datetime) -> list[Removed]:
        """What was removed from a library after ``since``, the latest first."""
        columns = (article.c.number, article.c.title, article.c.outlet, article.c.deleted_at)
        query = select(*columns).where(article.c.library == library, REMOVED, article.c.deleted_at > since)
        events = select(audit.c.subject, audit.c.who).where(
            audit.c.library == library, audit.c.what == "article removed"
        )
        async with self._database.read() as begun:
            rows = (await begun.execute(query.order_by(article.c.deleted_at.desc(), article.c.id.desc()))).all()
            told = await begun.execute(events.where(audit.c.at > since).order_by(audit.c.id)) if rows else ()
            by = {row.subject: row.who for row in told}
        return [Removed(row.number, row.title, row.outlet, row.deleted_at, by.get(str(row.number))) for row in rows]

    @repeatable
    async def purge(self, library: int, number: int, *, by: int | None, now: datetime) -> bool:
        """Make an article unreadable for good, removed or not; False where there is none of that number to purge."""
        query = select(article.c.id, article.c.added_at).where(
            article.c.library == library, article.c.number == number, or_(LIVE, REMOVED)
        )
        async with self._database.write() as begun:
            row = (await begun.execute(query)).one_or_none()
            if row is None:
                return False
            await _purge(begun, library, {row.id: number}, by=by, now=now)
            await begun.execute(delete(answer).where(answer.c.guild == library))
            await _forget_digests(begun, library, number, row.added_at, now)
        return True

    async def purge_removed(self, before: datetime, *, now: datetime) -> dict[int, int]:
        """Purge what servers removed before then: how many articles, by library. A transaction a library.

        What the host took out of the shared library stays, so that the starter articles do not come back by themselves.
        """
        query = select(article.c.library, article.c.id, article.c.number).where(
            article.c.deleted_at < before, article.c.library != SHARED, REMOVED
        )
        async with self._database.read() as begun:
            due: dict[int, dict[int, int]] = {}
            for row in await begun.execute(query):
                due.setdefault(row.library, {})[row.id] = row.number
        for library, numbers in due.items():
            await self._purge_those(library, numbers, before, now)
        return {library: len(numbers) for library, numbers in due.items()}

    @repeatable
    async def _purge_those(self, library: int, numbers: dict[int, int], before: datetime, now: datetime) -> None:
        """Purge those of these articles (row id -> number) that nobody has brought back meanwhile."""
        async with self._database.write() as begun:
            still = select(article.c.id).where(article.c.id.in_(numbers), article.c.deleted_at < before)
            left = set((await begun.execute(still)).scalars())
            await _purge(begun, library, {id_: numbers[id_] for id_ in left}, by=None, now=now)

    @repeatable
    async def forget_digests(self, before: datetime) -> int:
        """Forget the text of digests that were settled before then; how many there were."""
        old = (delivery.c.finished_at < before, delivery.c.payload != "")
        async with self._database.read() as begun:
            if (await begun.execute(select(delivery.c.id).where(*old).limit(1))).first() is None:
                return 0
        async with self._database.write() as begun:
            return (await begun.execute(update(delivery).where(*old).values(payload=""))).rowcount

    async def wipe(self) -> None:
        """Leave nothing of what was purged between the rows and in the write-ahead log. Raises `CorpusError`."""
        await self._database.wipe()


async def _purge(begun: Transaction, library: int, numbers: dict[int, int], *, by: int | None, now: datetime) -> None:
    """Blank these articles of a library (row id -> number) with their earlier texts."""
    if not numbers:
        return
    revision = (await touch(begun, library)).revision
    ids = await chain(begun, list(numbers))
    terms = await _terms_of(begun, ids)
    names = await _names_of(begun, ids)
    await _forget_corrections(begun, library, ids)
    await _blank(begun, library, ids, revision, now)
    await _forget_terms(begun, library, terms, revision)
    await _forget_names(begun, library, names)
    for number in numbers.values():
        await forget_details(begun, library, number)
        await record(begun, library, "article purged", str(number), who=by, at=now)


async def _blank(begun: Transaction, library: int, ids: Sequence[int], revision: int, now: datetime) -> None:
    """Leave nothing in the rows that could be read, and nothing beside them."""
    nothing = count("", "", ())
    for id_ in ids:
        await parts.delete_parts(begun, id_)
        await replace_tally(begun, library, id_, nothing, revision)  # for one without, an index would read the text
    for some in in_batches(ids):
        await begun.execute(delete(notice).where(notice.c.article_id.in_(some)))
        await begun.execute(update(feed_entry).where(feed_entry.c.article_id.in_(some)).values(content=None))
        values = {
            **dict.fromkeys(("outlet", "url", "url_key", "source_id", "published", "added_by", "revises"), None),
            "title": "",
            "authors": (),
            "text": "",
            "words": 0,
            "title_in_text": 0,
            "fingerprint": literal(PURGED) + cast(article.c.id, String),
            "deleted_at": func.coalesce(article.c.deleted_at, literal(now, article.c.deleted_at.type)),
            "changed": revision,
        }
        await begun.execute(update(article).where(article.c.id.in_(some)).values(values))


async def _terms_of(begun: Transaction, ids: Collection[int]) -> set[int]:
    """The numbers of the terms that these articles count."""
    found: set[int] = set()
    for some in in_batches(ids):
        for packed in (await begun.execute(select(tally.c.counts).where(tally.c.article_id.in_(some)))).scalars():
            found.update(unpack(packed).terms.tolist())
    return found


async def _forget_terms(begun: Transaction, library: int, terms: set[int], revision: int) -> None:
    """Take the words off those of these terms that no article of the library counts; their numbers stay taken."""
    last, left = 0, np.array(sorted(terms), np.int64)
    query = select(tally.c.article_id, tally.c.counts).join(article, article.c.id == tally.c.article_id)
    query = query.where(article.c.library == library).order_by(tally.c.article_id).limit(_TALLIES_AT_ONCE)
    while left.size and (rows := (await begun.execute(query.where(tally.c.article_id > last))).all()):
        last = rows[-1].article_id
        left = await asyncio.to_thread(_unused, left, [row.counts for row in rows])
    for some in in_batches(left.tolist()):
        blanked = {"term": literal("~") + cast(vocabulary.c.id, String), "word": "", "name_key": None}
        here = (vocabulary.c.library == library, vocabulary.c.id.in_(some))
        await begun.execute(update(vocabulary).where(*here).values(**blanked, changed=revision))


def _unused(terms: np.ndarray, packed: Sequence[bytes]) -> np.ndarray:
    """Those of ``terms`` that none of these tallies counts."""
    for counts in packed:
        terms = terms[~np.isin(terms, unpack(counts).terms)]
    return terms


async def _forget_corrections(begun: Transaction, library: int, ids: Collection[int]) -> None:
    for some in in_batches(ids):
        prints = (await begun.execute(select(article.c.fingerprint).where(article.c.id.in_(some)))).scalars()
        known = [one.partition(".")[0] for one in prints]
        here = (correction.c.library == library, correction.c.fingerprint.in_(known))
        await begun.execute(delete(correction).where(*here))


async def _names_of(begun: Transaction, ids: Collection[int]) -> set[str]:
    found: set[str] = set()
    for some in in_batches(ids):
        here = (speech.c.article_id.in_(some), speech.c.speaker.is_not(None))
        found.update((await begun.execute(select(speech.c.speaker).where(*here).distinct())).scalars())
    return found


async def _forget_names(begun: Transaction, library: int, names: Collection[str]) -> None:
    """Forget what was said of those of these names that nobody is quoted under any more."""
    for some in in_batches(names):
        quoted = select(speech.c.speaker).join(article, article.c.id == speech.c.article_id)
        quoted = quoted.where(speech.c.speaker.in_(some), article.c.library.in_({library, SHARED}))
        gone = set(some) - set((await begun.execute(quoted.distinct())).scalars())
        told = or_(alias.c.name.in_(gone), alias.c.person.in_(gone))
        await begun.execute(delete(alias).where(alias.c.library == library, told))
        events = (audit.c.library == library, audit.c.what.like("name %"), audit.c.subject.in_(gone))
        await begun.execute(update(audit).where(*events).values(subject="purged"))


async def _forget_digests(begun: Transaction, library: int, number: int, since: datetime, now: datetime) -> None:
    """Forget the text of a server's digests since then; one that still waits and names the article is not posted.

    One that is being posted this moment keeps its text until `Removals.forget_digests`.
    """
    its = delivery.c.schedule_id.in_(select(schedule.c.id).where(schedule.c.guild == library))
    came = (its, delivery.c.planned_at >= since)
    ready = delivery.c.state == DeliveryState.READY.value
    skipped = {"state": DeliveryState.SKIPPED.value, "reason": PURGED_BEFORE_IT_WAS_POSTED, "finished_at": now}
    names_it = delivery.c.payload.contains(f"`#{number}`")
    await begun.execute(update(delivery).where(*came, ready, names_it).values(skipped))
    settled = delivery.c.state.not_in(UNFINISHED)
    await begun.execute(update(delivery).where(*came, settled).values(payload=""))
