"""Who did what, when: a row beside each change that an admin may ask about, in that change's own transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update

from bot.corpus import schema
from bot.corpus.database import Database, Transaction, repeatable

Details: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """``who`` (a Discord user id; None for the program or the CLI) did ``what`` to ``subject``, and how it changed."""

    at: datetime
    who: int | None
    what: str
    subject: str
    details: Details


class Audit:
    """What was written down. Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_article(self, library: int, number: int, *, limit: int, offset: int) -> tuple[list[Event], int]:
        """What was done to an article and to its quotations, the newest first, and how much that is in all."""
        table, wanted = schema.audit, about_article(library, number)
        newest = select(table).where(wanted).order_by(table.c.id.desc()).limit(limit).offset(offset)
        async with self._database.read() as begun:
            total = (await begun.execute(select(func.count()).select_from(table).where(wanted))).scalar_one()
            rows = (await begun.execute(newest)).all()
        return [Event(row.at, row.who, row.what, row.subject, json.loads(row.details or "{}")) for row in rows], total

    @repeatable
    async def note(
        self, library: int, what: str, subject: str, *, who: int | None, at: datetime, details: Details
    ) -> None:
        """Write down what was done outside the database."""
        async with self._database.write() as begun:
            await record(begun, library, what, subject, who=who, at=at, details=details)


async def record(
    begun: Transaction,
    library: int,
    what: str,
    subject: str,
    *,
    who: int | None,
    at: datetime,
    details: Details | None = None,
) -> None:
    """Note that ``who`` (a Discord user id; None for the program or the CLI) did ``what`` to ``subject`` in a library.

    ``what`` is a word or two ("article added"), ``subject`` the number people know it by, ``details`` what it was
    before and is now. Never article text.
    """
    await record_all(begun, library, what, [subject], who=who, at=at, details=details)


async def record_all(
    begun: Transaction,
    library: int,
    what: str,
    subjects: Iterable[str],
    *,
    who: int | None,
    at: datetime,
    details: Mapping[str, Any] | None = None,
) -> None:
    """The same of several subjects, of one at least."""
    kept = json.dumps(details, ensure_ascii=False) if details else None
    about = {"at": at, "library": library, "who": who, "what": what, "details": kept}
    await begun.execute(insert(schema.audit), [{**about, "subject": subject} for subject in subjects])


async def forget_details(begun: Transaction, library: int, number: int) -> None:
    """Keep who did what to an article, and no longer what it was: titles and names are in the details."""
    await begun.execute(update(schema.audit).where(about_article(library, number)).values(details=None))


def about_article(library: int, number: int) -> ColumnElement[bool]:
    """Events of an article by its number, and of its quotations by their ids (`bot.quote_ids`)."""
    table = schema.audit
    itself = and_(
        table.c.subject == str(number), or_(table.c.what.like("article %"), table.c.what == "digest corrected")
    )
    return and_(table.c.library == library, or_(itself, table.c.subject.like(f"q-{number}-%")))
