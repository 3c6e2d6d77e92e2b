"""rank-bm25 itself, as the yardstick: what its own class scores on the same terms, for tests and `newsdesk doctor`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rank_bm25 import BM25Okapi

from bot.search.index import Floats, Index

TOLERANCE = 1e-9


def reference_scores(documents: Sequence[Sequence[str]], query: Sequence[str]) -> Floats:
    """``BM25Okapi(documents).get_scores(query)``, and zeros where that divides by zero: without any term."""
    if not any(documents):
        return np.zeros(len(documents))
    return np.asarray(BM25Okapi(documents).get_scores(query), np.float64)


def largest_difference(index: Index, documents: Sequence[Sequence[str]], queries: Sequence[Sequence[str]]) -> float:
    """How far a score of ``index`` is from rank-bm25's over ``documents`` at most; infinite if they are others."""
    if index.corpus_size != len(documents):
        return float("inf")
    if not any(documents):
        return 0.0
    expected = BM25Okapi(documents)
    differences = (np.abs(index.get_scores(query) - expected.get_scores(query)).max() for query in queries)
    return float(max(differences, default=0.0))
