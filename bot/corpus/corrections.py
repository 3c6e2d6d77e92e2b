"""Corrections of speech, in the database: what the admins of a server, or the host for all, have said.

A reader's own corrections count before the host's. They are laid over what is read (`bot.corrections`), here and
nowhere else, whenever speech or a passage's speaker leaves the corpus.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, or_, select

from bot.corpus import parts
from bot.corpus.audit import record
from bot.corpus.database import Database, Transaction, repeatable
from bot.corpus.fixed import FixedQuery, Raw
from bot.corpus.parts import in_batches
from bot.corpus.schema import article, correction
from bot.corpus.visibility import seen_from
from bot.corpus.vocabularies import touch
from bot.corrections import Correction, corrected, is_same
from bot.language.passages import speaker_of
from bot.model import SHARED, Article, Span, Speech

Speakers = dict[int, dict[int, str | None]]
"""Whose words passages are, by article row id and position."""


class Undone(NamedTuple):
    """What a correction replaced: ``was_corrected`` tells a correction from what was read in the text."""

    was_corrected: bool
    speaker: str | None


class Corrections:
    """Methods raise `CorpusError` where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @repeatable
    async def add(
        self, reader: int, of: Article, new: Correction, *, subject: str, by: int | None, now: datetime
    ) -> Undone:
        """Say for everybody in ``reader`` whose words these are; returns what `undo` needs.

        ``subject`` is what people call the quotation, for the audit.
        """
        async with self._database.write() as begun:
            await touch(begun, reader)  # makes the library's row, too, where the server has no article of its own
            before = await _take(begun, reader, of, new)
            values = {**await _key(begun, reader, of, new), "speaker": new.speaker}
            await begun.execute(insert(correction), values)
            changed = {"speaker": [before.speaker or "", new.speaker or ""]}
            await record(begun, reader, "speaker corrected", subject, who=by, at=now, details=changed)
            return before

    @repeatable
    async def undo(
        self, reader: int, of: Article, made: Correction, before: Undone, *, subject: str, by: int | None, now: datetime
    ) -> None:
        """Bring back what was there before ``made`` was added."""
        async with self._database.write() as begun:
            await touch(begun, reader)
            await _take(begun, reader, of, made)
            if before.was_corrected:
                values = {**await _key(begun, reader, of, made), "speaker": before.speaker}
                await begun.execute(insert(correction), values)
            await record(begun, reader, "speaker correction undone", subject, who=by, at=now)

    async def speakers(self, reader: int) -> Speakers:
        """Whose words the passages of all corrected articles are that ``reader`` sees; others are as they were read."""
        async with self._database.read() as begun:
            return await speakers_of(begun, reader, await corrected_articles(begun, reader))

    async def any_of(self, reader: int) -> bool:
        """Whether ``reader`` has corrections of its own."""
        async with self._database.read() as begun:
            return await _has_any(begun, {reader})


async def _key(begun: Transaction, reader: int, of: Article, new: Correction) -> dict[str, object]:
    fingerprint = (await begun.execute(select(article.c.fingerprint).where(article.c.id == of.id))).scalar_one()
    return {
        "library": reader,
        "fingerprint": fingerprint,
        "start_char": new.span.start,
        "end_char": new.span.end,
    }


async def _take(begun: Transaction, reader: int, of: Article, new: Correction) -> Undone:
    """Delete the correction that stands where ``new`` is to stand."""
    key = await _key(begun, reader, of, new)
    here = [correction.c[name] == value for name, value in key.items()]
    row = (await begun.execute(select(correction.c.speaker).where(*here))).one_or_none()
    if row is None:
        return Undone(was_corrected=False, speaker=None)
    await begun.execute(delete(correction).where(*here))
    return Undone(was_corrected=True, speaker=row.speaker)


async def carry(begun: Transaction, reader: int, before: str, after: str, same: Sequence[tuple[Span, Span]]) -> None:
    """Lay the corrections of a text over the one that takes its place; ``before`` and ``after`` are fingerprints.

    ``same`` are the spans of quotations whose words are the same, in both. The host's corrections of the text become
    ``reader``'s own.
    """
    query = (
        select(correction.c.start_char, correction.c.end_char, correction.c.speaker)
        .where(correction.c.fingerprint == before, correction.c.library.in_({reader, SHARED}))
        .order_by(correction.c.library != SHARED)
    )
    known = [Correction(Span(row.start_char, row.end_char), row.speaker) for row in await begun.execute(query)]
    carried = {new: one.speaker for one in known for old, new in same if is_same(one.span, old)}
    for span, speaker in carried.items():
        key = {"library": reader, "fingerprint": after, "start_char": span.start, "end_char": span.end}
        await begun.execute(delete(correction).where(*(correction.c[name] == value for name, value in key.items())))
        await begun.execute(insert(correction), {**key, "speaker": speaker})


async def corrected_speeches(
    begun: Transaction, reader: int, speeches: dict[int, list[Speech]]
) -> dict[int, list[Speech]]:
    """The speech of articles as ``reader`` has corrected it."""
    known = await _corrections(begun, reader, speeches)
    return {id_: corrected(said, known[id_]) if id_ in known else said for id_, said in speeches.items()}


_ANY = FixedQuery(
    select(correction.c.fingerprint)
    .where(or_(correction.c.library == bindparam("reader"), correction.c.library == SHARED))
    .limit(1)
)


def are_any(connection: Raw, reader: int) -> bool:
    """Whether anything that ``reader`` sees may be corrected: most have no correction, and need not look further."""
    return bool(_ANY.rows(connection, reader=reader))


async def _has_any(begun: Transaction, libraries: set[int]) -> bool:
    """Whether these libraries have corrections: asked first, since nearly all have none and joining costs 20 ms."""
    query = select(correction.c.fingerprint).where(correction.c.library.in_(libraries)).limit(1)
    return (await begun.execute(query)).first() is not None


async def corrected_articles(begun: Transaction, reader: int) -> set[int]:
    """The row ids of the articles that ``reader`` sees and that have corrections."""
    if not await _has_any(begun, {reader, SHARED}):
        return set()
    query = (
        select(article.c.id)
        .join(correction, correction.c.fingerprint == article.c.fingerprint)
        .where(correction.c.library.in_({reader, SHARED}), seen_from(reader))
    )
    return set((await begun.execute(query)).scalars())


async def speakers_of(begun: Transaction, reader: int, ids: Collection[int]) -> Speakers:
    """Whose words the passages are of those of these articles that ``reader`` has corrected."""
    known = await _corrections(begun, reader, ids)
    if not known:
        return {}
    passages = await parts.passages(begun, known)
    speeches = await parts.speeches(begun, known)
    found: Speakers = {}
    for id_, corrections in known.items():
        said = corrected(speeches.get(id_, ()), corrections)
        found[id_] = {
            position: speaker_of(one.passage.span, said) for position, one in enumerate(passages.get(id_, ()))
        }
    return found


async def _corrections(begun: Transaction, reader: int, ids: Iterable[int]) -> dict[int, list[Correction]]:
    """The corrections of these articles, by row id; the reader's own last."""
    found: dict[int, list[Correction]] = {}
    if not await _has_any(begun, {reader, SHARED}):
        return found
    for some in in_batches(list(ids)):
        query = (
            select(article.c.id, correction.c.start_char, correction.c.end_char, correction.c.speaker)
            .join(correction, correction.c.fingerprint == article.c.fingerprint)
            .where(article.c.id.in_(some), correction.c.library.in_({reader, SHARED}))
            .order_by(correction.c.library != SHARED)
        )
        for row in await begun.execute(query):
            found.setdefault(row.id, []).append(Correction(Span(row.start_char, row.end_char), row.speaker))
    return found
