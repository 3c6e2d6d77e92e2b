"""Ranking: rank-bm25's Okapi function over anything that has been cut into terms.

One class stands between Newsdesk and rank-bm25, so that how scores are computed is decided here alone. The
documents are whatever the caller ranks (passages, articles), known by their position.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from rank_bm25 import BM25Okapi


class Index:
    """BM25Okapi (k1 1.5, b 0.75, epsilon 0.25: rank-bm25's own defaults) without its traps.

    - An empty collection, or one of empty documents, answers nothing; ``BM25Okapi`` divides by zero there.
    - A match is a document that shares a term with the query, whatever its score: in a small collection the idf of a
      common word is negative, so that a true match may score 0 or less.
    - Documents without a match are never returned; ``get_top_n`` returns them.
    - Equal scores keep the order of the documents, which is the caller's (newest first).
    """

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self._postings: dict[str, list[int]] = defaultdict(list)
        for number, document in enumerate(documents):
            for term in dict.fromkeys(document):
                self._postings[term].append(number)
        self._size = len(documents)
        self._postings.default_factory = None
        self._okapi = BM25Okapi(documents) if self._postings else None

    def __len__(self) -> int:
        return self._size

    def scores(self, query: Sequence[str], accept: Callable[[int], bool] | None = None) -> dict[int, float]:
        """Score of each document that shares a term with ``query`` and that ``accept`` lets through."""
        candidates = sorted(self._matches(query, accept))
        if self._okapi is None or not candidates:
            return {}
        scores: Iterable[float] = self._okapi.get_batch_scores(list(query), candidates)
        return dict(zip(candidates, scores, strict=True))

    def _matches(self, query: Sequence[str], accept: Callable[[int], bool] | None) -> set[int]:
        matches = {number for term in set(query) for number in self._postings.get(term, ())}
        return matches if accept is None else {number for number in matches if accept(number)}


def best(scores: dict[int, float], limit: int) -> list[tuple[int, float]]:
    """The ``limit`` highest scores, highest first, ties in the order of the documents."""
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit]
