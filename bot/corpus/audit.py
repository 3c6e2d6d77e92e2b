"""Who did what, when: a row beside each change that an admin may ask about, in that change's own transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert

from bot.corpus import schema
from bot.corpus.database import Transaction


async def record(begun: Transaction, library: int, what: str, subject: str, *, who: int | None, at: datetime) -> None:
    """Note that ``who`` (a Discord user id; None for the program or the CLI) did ``what`` to ``subject`` in a library.

    ``what`` is a word or two ("article added"), ``subject`` the number people know it by. Never article text.
    """
    await record_all(begun, library, what, [subject], who=who, at=at)


async def record_all(
    begun: Transaction, library: int, what: str, subjects: Iterable[str], *, who: int | None, at: datetime
) -> None:
    """The same of several subjects, of one at least."""
    about = {"at": at, "library": library, "who": who, "what": what}
    await begun.execute(insert(schema.audit), [{**about, "subject": subject} for subject in subjects])
