"""What search counts, written: the tally of an article and the terms that it brings to its library's vocabulary.

Always in the transaction that stores the article, after `touch` has taken the library's row: so two articles never
number the same term twice, whoever writes them.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

import numpy as np
from sqlalchemy import insert, select, update

from bot.corpus.database import Transaction
from bot.corpus.schema import library, tally, vocabulary
from bot.language.counting import Counted
from bot.language.tokens import TOKENISER_VERSION
from bot.tallies import Entry, Ints, pack

_TERMS_AT_ONCE = 2_000


async def touch(begun: Transaction, changed: int, *, numbers: int = 0) -> tuple[int, int]:
    """Count a change of a library, and take ``numbers`` numbers for articles: (its revision, the first number)."""
    stamp = secrets.randbits(62)
    query = (
        update(library)
        .where(library.c.id == changed)
        .values(next_number=library.c.next_number + numbers, revision=library.c.revision + 1, stamp=stamp)
        .returning(library.c.revision, library.c.next_number)
    )
    row = (await begun.execute(query)).one_or_none()
    if row is not None:
        return row.revision, row.next_number - numbers
    await begun.execute(insert(library), {"id": changed, "next_number": 1 + numbers, "revision": 1, "stamp": stamp})
    return 1, 1


async def insert_tally(begun: Transaction, into: int, article_id: int, counted: Counted, revision: int) -> None:
    """Store what was counted in a new article of library ``into``."""
    await begun.execute(insert(tally), {"article_id": article_id, **await _values(begun, into, counted, revision)})


async def replace_tally(begun: Transaction, into: int, article_id: int, counted: Counted, revision: int) -> None:
    """Store what was counted in an article anew; it may have had no tally."""
    values = await _values(begun, into, counted, revision)
    done = await begun.execute(update(tally).where(tally.c.article_id == article_id).values(values))
    if not done.rowcount:
        await begun.execute(insert(tally), {"article_id": article_id, **values})


async def _values(begun: Transaction, into: int, counted: Counted, revision: int) -> dict[str, object]:
    ids = await _number(begun, into, counted, revision)
    counts = pack(replace(counted.tally, terms=ids[counted.tally.terms]))
    return {"version": TOKENISER_VERSION, "counts": counts}


async def _number(begun: Transaction, of: int, counted: Counted, revision: int) -> Ints:
    """The id of each term in the vocabulary of library ``of``; terms that are new there, or newly names, are stored."""
    known = await _known(begun, of, counted.terms)
    new = [position for position, term in enumerate(counted.terms) if term not in known]
    first = await _take_ids(begun, of, len(new)) if new else 0
    rows = [
        {
            "library": of,
            "term": counted.terms[position],
            "id": number,
            "word": counted.words[position],
            "name_key": counted.name_keys[position],
            "changed": revision,
        }
        for number, position in enumerate(new, first)
    ]
    if rows:
        await begun.execute(insert(vocabulary), rows)
    for term, word, key in zip(counted.terms, counted.words, counted.name_keys, strict=True):
        if key is not None and term in known and known[term].name_key is None:
            named = update(vocabulary).where(vocabulary.c.library == of, vocabulary.c.term == term)
            await begun.execute(named.values(name_key=key, word=word, changed=revision))
    ids = {row["term"]: row["id"] for row in rows} | {term: entry.id for term, entry in known.items()}
    return np.array([ids[term] for term in counted.terms], np.int32)


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
