"""rank-bm25 itself, as the yardstick: what its own class scores on the same terms, for tests and `newsdesk doctor`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rank_bm25 import BM25Okapi

from bot.search.index import Index

TOLERANCE = 1e-9


def largest_difference(index: Index, documents: Sequence[Sequence[str]], queries: Sequence[Sequence[str]]) -> float:
    """How far a score of ``index`` is from rank-bm25's over ``documents`` at most; infinite if they are others."""
    if index.corpus_size != len(documents):
        return float("inf")
    if not any(documents):
        return 0.0
    expected = BM25Okapi(documents)
    differences = (np.abs(index.get_scores(query) - expected.get_scores(query)).max() for query in queries)
    return float(max(differences, default=0.0))
