"""A small library read whole, in the look that asks it: what a question takes whose library is not in memory.

A larger one is read in instalments: `bot.corpus.changes`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from sqlalchemy import bindparam, exists, select

from bot.corpus.changes import FILED, SPEAKING, as_filed, by_article, packed_entries
from bot.corpus.dialects import ID, listed
from bot.corpus.fixed import FixedQuery, Raw
from bot.corpus.schema import article, correction, library, passage, vocabulary
from bot.model import SHARED
from bot.tallies import Changes

SMALL_ARTICLES: Final = 50
SMALL_TERMS: Final = 5_000
"""A library that never had more articles, nor terms, is read in a look, where others wait meanwhile: 50 articles of ten
passages take some 7 ms, reading and indexing, and five of three passages 1 ms."""


class Whole(NamedTuple):
    """Everything in a library, and the (revision, stamp) of the shared one at that moment."""

    changes: Changes  # that bring it to an empty shelf
    shared: tuple[int, int]


def whole(connection: Raw, of: int) -> Whole | None:
    """Everything in library ``of``; None where it is not small, or corrections are to be laid over what it sees."""
    found = {row.id: row for row in _LIBRARIES.rows(connection, libraries=[of, SHARED])}
    if any(row.is_corrected for row in found.values()):
        return None
    nothing = np.zeros(0, np.int64)
    now, shared = found.get(of), found.get(SHARED)
    state = (0, 0) if shared is None else (shared.revision, shared.stamp)
    if now is None:
        return Whole(Changes(0, 0, nothing, (), ()), state)
    if now.next_number - 1 > SMALL_ARTICLES or now.terms > SMALL_TERMS:
        return None
    speakers = by_article(_SPEAKING.rows(connection, of=of))
    filed = [as_filed(row, speakers) for row in _FILED.rows(connection, of=of)]
    (entries,) = _ENTRIES.rows(connection, of=of)
    changes = Changes(now.revision, now.stamp, nothing, filed, [entries.packed] if entries.packed else [])
    return Whole(changes, state)


_OF: Final = bindparam("of", type_=ID, required=False)  # SQLAlchemy asks for it as it writes out what parts entries
_LIVING: Final = article.c.library == _OF, article.c.deleted_at.is_(None)
_FILED: Final = FixedQuery(FILED.where(*_LIVING))
_SPEAKING: Final = FixedQuery(SPEAKING.join_from(passage, article).where(*_LIVING))
_ENTRIES: Final = FixedQuery(packed_entries(select(vocabulary).where(vocabulary.c.library == _OF).subquery()))
_LIBRARIES: Final = FixedQuery(
    select(
        library.c.id,
        library.c.revision,
        library.c.stamp,
        library.c.next_number,
        library.c.terms,
        exists().where(correction.c.library == library.c.id).label("is_corrected"),
    ).where(library.c.id.in_(listed("libraries")))
)
