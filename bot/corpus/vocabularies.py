"""What search counts, written: the tally of an article and the terms that it brings to its library's vocabulary.

Always in the transaction that stores the article, after `touch` has taken the library's row: so two articles never
number the same term twice, whoever writes them.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

import numpy as np
from sqlalchemy import bindparam, delete, insert, select, update

from bot.corpus.database import Transaction
from bot.corpus.schema import library, tally, vocabulary
from bot.language.analysis import ANALYSIS_VERSION
from bot.language.counting import Counted
from bot.tallies import Entry, pack

_TERMS_AT_ONCE = 2_000
_NAME = (
    update(vocabulary)
    .where(vocabulary.c.term == bindparam("named"))
    .values(name_key=bindparam("key"), word=bindparam("spelled"))
)


class Touched(NamedTuple):
    """A library as a change has left it: its revision and stamp, and the first of the article numbers taken."""

    revision: int
    stamp: int
    number: int


class Tallied(NamedTuple):
    """What was stored of an article's counts: packed, and with the terms that are new in the vocabulary or as names."""

    counts: bytes
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
    if row is not None:
        return Touched(row.revision, stamp, row.next_number - numbers)
    await begun.execute(insert(library), {"id": changed, "next_number": 1 + numbers, "revision": 1, "stamp": stamp})
    return Touched(1, stamp, 1)


async def insert_tally(begun: Transaction, into: int, article_id: int, counted: Counted, revision: int) -> Tallied:
    """Store what was counted in a new article of library ``into``."""
    tallied = await _tallied(begun, into, counted, revision)
    values = {"article_id": article_id, "version": ANALYSIS_VERSION, "counts": tallied.counts}
    await begun.execute(insert(tally), values)
    return tallied


async def replace_tally(begun: Transaction, into: int, article_id: int, counted: Counted, revision: int) -> None:
    """Store what was counted in an article anew; it may have had no tally."""
    tallied = await _tallied(begun, into, counted, revision)
    await begun.execute(delete(tally).where(tally.c.article_id == article_id))
    values = {"article_id": article_id, "version": ANALYSIS_VERSION, "counts": tallied.counts}
    await begun.execute(insert(tally), values)


async def _tallied(begun: Transaction, into: int, counted: Counted, revision: int) -> Tallied:
    """Number the terms in the vocabulary of library ``into``; those that are new there, or newly names, are stored."""
    known = await _known(begun, into, counted.terms)
    words = dict(zip(counted.terms, counted.words, strict=True))
    keys = dict(zip(counted.terms, counted.name_keys, strict=True))
    unknown = [term for term in counted.terms if term not in known]
    first = await _take_ids(begun, into, len(unknown)) if unknown else 0
    new = [Entry(term, number, keys[term]) for number, term in enumerate(unknown, first)]
    named = [
        known[term]._replace(name_key=key)
        for term, key in keys.items()
        if key and term in known and known[term].name_key != key
    ]
    if new:
        rows = [{"library": into, **entry._asdict(), "word": words[entry.term], "changed": revision} for entry in new]
        await begun.execute(insert(vocabulary), rows)
    if named:
        parameters = [{"named": entry.term, "key": entry.name_key, "spelled": words[entry.term]} for entry in named]
        await begun.execute(_NAME.where(vocabulary.c.library == into).values(changed=revision), parameters)
    ids = {entry.term: entry.id for entry in (*known.values(), *new)}
    numbered = np.array([ids[term] for term in counted.terms], np.int32)
    return Tallied(pack(replace(counted.tally, terms=numbered[counted.tally.terms])), [*new, *named])


async def _known(begun: Transaction, of: int, terms: Sequence[str]) -> dict[str, Entry]:
    columns = (vocabulary.c.term, vocabulary.c.id, vocabulary.c.name_key)
    query = select(*columns).where(vocabulary.c.library == of)
    left = iter(terms)
    found: dict[str, Entry] = {}
    while some := list(islice(left, _TERMS_AT_ONCE)):
        rows = await begun.execute(query.where(vocabulary.c.term.in_(some)))
        found |= {row.term: Entry(row.term, row.id, row.name_key) for row in rows}
    return found


async def _take_ids(begun: Transaction, of: int, count: int) -> int:
    """The first of ``count`` ids that are free now."""
    taken = update(library).where(library.c.id == of).values(terms=library.c.terms + count).returning(library.c.terms)
    after: int = (await begun.execute(taken)).scalar_one()
    return after - count
