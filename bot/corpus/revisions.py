"""Changes of articles that are there: what is said of one is edited, or another text takes the place of its text.

A row's text never changes, so that whatever refers to a row and a span of it means the same words for good. A revised
article is a new row that takes the old one's number over; the old row is removed, keeps its text under a number nobody
knows, and the new row's ``revises`` leads to it. So index, passages, speech and fingerprint follow as they do for any
article that is added and any that is removed; all in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from bot.corpus import parts
from bot.corpus.arriving import filed_on, write_articles
from bot.corpus.articles import (
    COLUMNS,
    HIDDEN,
    LIVE,
    as_article,
    earlier_fingerprint,
)
from bot.corpus.audit import record
from bot.corpus.changes import replace_analysis
from bot.corpus.corrections import carry
from bot.corpus.database import Database, Transaction, repeatable
from bot.corpus.schema import article, feed_entry, speech
from bot.corpus.vocabularies import touch
from bot.errors import Refused
from bot.language.prepared import Prepared
from bot.model import Article, Facts, Passage, Span, Speech

Same = Sequence[tuple[Span, Span]]
"""Spans of quotations whose words are the same, in the text before and in the one after."""


class Overtaken(Refused):
    """Somebody else has changed or removed the article since it was read."""

    def __init__(self, number: int) -> None:
        super().__init__(f"Article {number} was changed or removed by somebody else meanwhile: look at it again.")


@dataclass(frozen=True, slots=True)
class Earlier:
    """A text that an article had until it was revised, under the number people know, with what was read in it."""

    article: Article
    until: datetime
    passages: tuple[Passage, ...]
    speeches: tuple[Speech, ...]


class Revisions:
    """Methods raise `CorpusError` where the database cannot be used, `Overtaken` where ``of`` is not as it was."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @repeatable
    async def edit(self, of: Article, prepared: Prepared, *, by: int | None, now: datetime) -> Article:
        """Say of an article what ``prepared``, made of the same text, says of it."""
        document = prepared.document
        after = Facts(document.title, document.outlet, document.authors, document.url, document.published)
        async with self._database.write() as begun:
            await _still(begun, of)
            # First, since it counts a change of the library, which the article is marked with.
            await replace_analysis(begun, of.library, of.id, prepared.analysis)
            published = document.published
            values = {
                "title": after.title,
                "outlet": after.outlet,
                "authors": after.authors,
                "url": after.url,
                "url_key": prepared.url_key,
                "published": None if published is None else str(published),
                "filed": filed_on(published, of.added_at).isoformat(),
                "title_in_text": int(document.title_in_text),
            }
            await begun.execute(update(article).where(article.c.id == of.id).values(values))
            changes = {name: list(pair) for name, pair in Facts.of(of).changes(after).items()}
            await record(begun, of.library, "article edited", of.ref, who=by, at=now, details=changes)
        return replace(
            of,
            title=after.title,
            outlet=after.outlet,
            authors=after.authors,
            url=after.url,
            published=after.published,
        )

    @repeatable
    async def revise(
        self,
        of: Article,
        prepared: Prepared,
        same: Same,
        *,
        by: int | None,
        now: datetime,
        details: Mapping[str, Any] | None = None,
    ) -> Article:
        """Give an article another text; corrections of ``same`` quotations stay. Raises `Refused`.

        It keeps its number, what is said of it, and when and by whom it was added: it is no news.
        """
        async with self._database.write() as begun:
            row = await _still(begun, of)
            await _must_be_new(begun, row, prepared.fingerprint)
            touched = await touch(begun, of.library)
            await begun.execute(
                update(article)
                .where(article.c.id == of.id)
                .values(
                    number=HIDDEN + of.id,
                    fingerprint=earlier_fingerprint(row.fingerprint, of.id),
                    deleted_at=now,
                    changed=touched.revision,
                )
            )
            (revised,), _ = await write_articles(
                begun,
                of.library,
                [prepared],
                [of.number],
                touched,
                added_by=of.added_by,
                at=of.added_at,
                revises=of.id,
            )
            await carry(begun, of.library, row.fingerprint, prepared.fingerprint, same)
            moved = update(feed_entry).where(feed_entry.c.article_id == of.id).values(article_id=revised.id)
            await begun.execute(moved)
            await record(begun, of.library, "article revised", of.ref, who=by, at=now, details=details)
        return revised

    async def earlier(self, of: Article, *, most: int = 50) -> list[Earlier]:
        """The texts an article had before, the latest first."""
        found: list[Earlier] = []
        async with self._database.read() as begun:
            row_id = await _revised_by(begun, of.id)
            while row_id is not None and len(found) < most:
                query = select(*COLUMNS, article.c.deleted_at, article.c.revises).where(article.c.id == row_id)
                row = (await begun.execute(query)).one_or_none()
                if row is None or not row.text:
                    break
                found.append(await _earlier(begun, row, of.number))
                row_id = row.revises
        return found


async def _still(begun: Transaction, of: Article) -> Row[Any]:
    """The row of an article, if all that is said of it is as it was read. Raises `Overtaken`."""
    query = select(*COLUMNS, article.c.fingerprint).where(article.c.id == of.id, LIVE)
    row = (await begun.execute(query)).one_or_none()
    if row is None or as_article(row) != of:
        raise Overtaken(of.number)
    return row


async def _must_be_new(begun: Transaction, row: Row[Any], fingerprint: str) -> None:
    """Raises `Refused` where the text is what the article reads already, or is another article of its library."""
    if fingerprint == row.fingerprint:
        raise Refused(f"This is the text that article {row.number} has already: give one that differs.")
    query = select(article.c.number, article.c.deleted_at).where(
        article.c.library == row.library, article.c.fingerprint == fingerprint
    )
    other = (await begun.execute(query)).one_or_none()
    if other is not None and other.deleted_at is None:
        raise Refused(f"This is the text of article {other.number}: keep that one, and remove article {row.number}.")
    if other is not None:
        raise Refused(
            f"This is the text of article {other.number}, which was removed: "
            "bring it back with /article restore, or purge it first with /article purge."
        )


async def _revised_by(begun: Transaction, row_id: int) -> int | None:
    query = select(article.c.revises).where(article.c.id == row_id)
    found: int | None = (await begun.execute(query)).scalar_one_or_none()
    return found


async def _earlier(begun: Transaction, row: Row[Any], number: int) -> Earlier:
    stored = (await parts.passages(begun, [row.id])).get(row.id, [])
    said = select(speech).where(speech.c.article_id == row.id).order_by(speech.c.position)
    speeches = tuple(parts.as_speech(one) for one in await begun.execute(said))
    passages = tuple(one.passage for one in stored)
    return Earlier(replace(as_article(row), number=number), row.deleted_at, passages, speeches)


async def chain(begun: Transaction, row_ids: Sequence[int]) -> list[int]:
    """These rows and all the earlier texts that they lead to."""
    found: list[int] = []
    left = list(row_ids)
    while left:
        found += left
        before: list[int] = []
        for some in parts.in_batches(left):
            query = select(article.c.revises).where(article.c.id.in_(some), article.c.revises.is_not(None))
            before += (await begun.execute(query)).scalars()
        left = before
    return found
