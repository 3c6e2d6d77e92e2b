"""The aftermath of a restore: what a library that comes out of a copy cannot know, and must not do twice.

A copy of a library says so in a note (`copying` puts it there). The first bot that opens it finds the note, however the
copy got where it is, and settles at once, in one transaction, before anything else:

- Digests that were ready may have been posted since: they count as sent and not confirmed, and are looked for in their
  channels by their reference before anything is posted.
- Dates that fell due before this start and have no row may have been posted, too: `in_doubt_until` says until when, and
  planning has them looked for in the same way.
- What watches had found may have been told: it is not told again, nor what feeds bring a second time.
- Which commands are registered is not known: they are registered anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, or_, select, update

from bot.corpus.database import Database, Transaction, repeatable
from bot.corpus.notes import COMMANDS, noted, write_down
from bot.corpus.schema import article, delivery, note, notice

COPIED: Final = "copied from a library at"
IN_DOUBT: Final = "in doubt until"
POSITION: Final = "notices: articles looked at"

_MAYBE_TOLD: Final = "a backup was restored, and it may have been told before"


@dataclass(frozen=True, slots=True)
class Settled:
    """Of a library that was restored: when it was copied, and how much is looked for or no longer told."""

    copied_at: datetime
    digests: int
    notices: int


class Aftermath:
    """Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @repeatable
    async def settle(self, *, now: datetime) -> Settled | None:
        """Take in that the library was restored; None where it was not, or that was taken in before."""
        async with self._database.read() as begun:
            doubt = await in_doubt_until(begun)
            if await noted(begun, COPIED) is None and (doubt is None or doubt <= now):
                return None
        async with self._database.write() as begun:
            copied_at = await noted(begun, COPIED)
            if copied_at is None:  # the first start was by a clock that was ahead
                await write_down(begun, IN_DOUBT, now.isoformat())
                return None
            ready = {"state": "sending", "claimed_at": delivery.c.planned_at}
            digests = await begun.execute(update(delivery).where(delivery.c.state == "ready").values(ready))
            untold = (notice.c.told_at.is_(None), notice.c.claimed_at.is_(None), notice.c.reason.is_(None))
            notices = await begun.execute(update(notice).where(*untold).values(reason=_MAYBE_TOLD))
            newest = (await begun.execute(select(func.coalesce(func.max(article.c.id), 0)))).scalar_one()
            await begun.execute(delete(note).where(or_(note.c.key == COPIED, note.c.key.startswith(COMMANDS))))
            await write_down(begun, IN_DOUBT, now.isoformat())
            await write_down(begun, POSITION, str(newest))
        return Settled(datetime.fromisoformat(copied_at), digests.rowcount, notices.rowcount)


async def in_doubt_until(begun: Transaction) -> datetime | None:
    """The first start after the last restore: what was due or came in before may have been posted; None: no restore."""
    stored = await noted(begun, IN_DOUBT)
    return None if stored is None else datetime.fromisoformat(stored)
