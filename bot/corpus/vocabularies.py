"""What search counts, written: the tally of an article and the terms that it brings to its library's vocabulary.

Always in the transaction that stores the article, after `touch` has taken the library's row: so two articles never
number the same term twice, whoever writes them.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

import numpy as np
from sqlalchemy import bindparam, delete, insert, select, update

from bot.corpus.database import Transaction
from bot.corpus.schema import library, tally, vocabulary
from bot.language.analysis import ANALYSIS_VERSION
from bot.language.counting import Counted
from bot.tallies import Entry, pack

_TERMS_AT_ONCE = 500  # each hundred of them holds the event loop some 0.5 ms
_NAME = (
    update(vocabulary)
    .where(vocabulary.c.term == bindparam("named"))
    .values(name_key=bindparam("key"), word=bindparam("spelled"))
)


T = TypeVar("T")


class Touched(NamedTuple):
    """A library as a change has left it: its revision and stamp, and the first of the article numbers taken."""

    revision: int
    stamp: int
    number: int


class Tallied(NamedTuple):
    """What was stored of articles' counts: packed, and with the terms that are new in the vocabulary or as names."""

    counts: list[bytes]
    entries: list[Entry]


async def touch(begun: Transaction, changed: int, *, numbers: int = 0) -> Touched:
    """Count a change of a library, and take ``numbers`` numbers for articles."""
    stamp = secrets.randbits(62)
    query = (
        update(library)
        .where(library.c.id == changed)
        .values(next_number=library.c.next_number + numbers, revision=library.c.revision + 1, stamp=stamp)
        .returning(library.c.revision, library.c.next_number)
    )
    row = (await begun.execute(query)).one_or_none()
    await begun.tells_of(changed)
    if row is not None:
        return Touched(row.revision, stamp, row.next_number - numbers)
    await begun.execute(insert(library), {"id": changed, "next_number": 1 + numbers, "revision": 1, "stamp": stamp})
    return Touched(1, stamp, 1)


async def insert_tallies(
    begun: Transaction, into: int, counted: Sequence[tuple[int, Counted]], revision: int
) -> Tallied:
    """Store what was counted in new articles of library ``into``, given by their row ids."""
    tallied = await _tallied(begun, into, [one for _, one in counted], revision)
    rows = [
        {"article_id": article_id, "version": ANALYSIS_VERSION, "counts": counts}
        for (article_id, _), counts in zip(counted, tallied.counts, strict=True)
    ]
    await begun.execute(insert(tally), rows)
    return tallied


async def replace_tally(begun: Transaction, into: int, article_id: int, counted: Counted, revision: int) -> None:
    """Store what was counted in an article anew; it may have had no tally."""
    await begun.execute(delete(tally).where(tally.c.article_id == article_id))
    await insert_tallies(begun, into, [(article_id, counted)], revision)


async def _tallied(begun: Transaction, into: int, counted: Sequence[Counted], revision: int) -> Tallied:
    """Number the terms in the vocabulary of library ``into``; those that are new there, or newly names, are stored."""
    terms = list(dict.fromkeys(term for one in counted for term in one.terms))
    known = await _known(begun, into, terms)
    unknown = [term for term in terms if term not in known]
    first = await _take_ids(begun, into, len(unknown)) if unknown else 0
    ids = {term: entry.id for term, entry in known.items()} | {term: at for at, term in enumerate(unknown, first)}
    if len(counted) == 1:
        entries, words = _new_entries(counted, known, ids)
        packed = [_packed(counted[0], ids)]
    else:  # a millisecond each: others are answered meanwhile
        entries, words = await asyncio.to_thread(_new_entries, counted, known, ids)
        packed = await asyncio.to_thread(lambda: [_packed(one, ids) for one in counted])
    new = [entries[term] for term in unknown]
    named = [entry for term, entry in entries.items() if term in known]
    if new:
        rows = [{"library": into, **entry._asdict(), "word": words[entry.term], "changed": revision} for entry in new]
        for some in _pieces(rows, _TERMS_AT_ONCE):
            await begun.execute(insert(vocabulary), some)
    if named:
        parameters = [{"named": entry.term, "key": entry.name_key, "spelled": words[entry.term]} for entry in named]
        await begun.execute(_NAME.where(vocabulary.c.library == into).values(changed=revision), parameters)
    return Tallied(packed, [*new, *named])


def _new_entries(
    counted: Sequence[Counted], known: Mapping[str, Entry], ids: Mapping[str, int]
) -> tuple[dict[str, Entry], dict[str, str]]:
    """The entries that are not in ``known`` as they are now, and how each is spelled; a later article's key counts."""
    entries: dict[str, Entry] = {}
    words: dict[str, str] = {}
    for one in counted:
        for term, word, key in zip(one.terms, one.words, one.name_keys, strict=True):
            before = entries.get(term) or known.get(term)
            if before is None or (key and before.name_key != key):
                entries[term] = Entry(term, ids[term], key)
                words[term] = word
    return entries, words


def _packed(counted: Counted, ids: Mapping[str, int]) -> bytes:
    numbered = np.array([ids[term] for term in counted.terms], np.int32)
    return pack(replace(counted.tally, terms=numbered[counted.tally.terms]))


async def _known(begun: Transaction, of: int, terms: Sequence[str]) -> dict[str, Entry]:
    columns = (vocabulary.c.term, vocabulary.c.id, vocabulary.c.name_key)
    query = select(*columns).where(vocabulary.c.library == of)
    found: dict[str, Entry] = {}
    for some in _pieces(terms, _TERMS_AT_ONCE):
        rows = await begun.execute(query.where(vocabulary.c.term.in_(some)))
        found |= {row.term: Entry(row.term, row.id, row.name_key) for row in rows}
    return found


def _pieces(every: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """``every`` in its order, in pieces of at most ``size``."""
    return (every[start : start + size] for start in range(0, len(every), size))


async def _take_ids(begun: Transaction, of: int, count: int) -> int:
    """The first of ``count`` ids that are free now."""
    taken = update(library).where(library.c.id == of).values(terms=library.c.terms + count).returning(library.c.terms)
    after: int = (await begun.execute(taken)).scalar_one()
    return after - count
