"""Which articles may hold a claim: those with most of its words, the rare ones counting most.

    claim -> (postings of articles and passages) -> `Seeds` -> texts to read

No article is scored by its text here. What an article holds is summed up over its whole and over its best passage:
long articles hold every common word somewhere, but a sentence stands in one or two passages.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from bot.search.index import Floats, Index
from bot.tallies import Ints

MOST_LIKELY: Final = 24
"""Articles read for an ordinary claim."""
MOST_READ: Final = 200
"""Articles whose texts are searched where so many hold every rare word, or where a claim has none."""
_MOST_TERMS = 64  # of a claim, the rarest
_LEAST_HELD = 0.3  # of a claim's weight, by an article
_LEAST_OF_BEST = 0.6
_ALL = 1 - 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Seeds:
    """Articles by number, most alike first. ``is_complete``: no other can hold the claim word for word."""

    numbers: Ints
    is_complete: bool


def rarities(index: Index, terms: Iterable[str]) -> dict[str, float]:
    """How much each term says about where it was found: log((N + 1) / (n + 0.5)), above 0 in the smallest library."""
    size = index.corpus_size + 1
    return {term: math.log(size / (index.document_frequency(term) + 0.5)) for term in terms}


def seeds(
    articles: Index, passages: Index, owners: Ints, rarity: Mapping[str, float], newest: Callable[[Ints], Ints]
) -> Seeds:
    """The articles that may hold a claim of these terms. ``owners`` and ``newest`` are as a `Catalogue` has them."""
    living = articles.living
    if not rarity:
        return _newest(np.flatnonzero(living), newest)
    rarest = dict(sorted(rarity.items(), key=lambda item: -item[1])[:_MOST_TERMS])
    whole = _held(articles, rarest) * living
    best = np.zeros(len(whole))
    if len(owners):
        firsts = np.flatnonzero(np.diff(owners, prepend=-1))
        best[owners[firsts]] = np.maximum.reduceat(_held(passages, rarest), firsts)
    scores = whole + best
    found = np.flatnonzero(whole >= _LEAST_HELD)
    found = found[scores[found] >= _LEAST_OF_BEST * scores.max(initial=0.0)]
    order = np.lexsort((-newest(found), -scores[found]))
    found = found[order]
    full = int(((best[found] >= _ALL) & (whole[found] >= _ALL)).sum())
    return Seeds(found[: max(MOST_LIKELY, min(full, MOST_READ))], full <= MOST_READ)


def _newest(numbers: Ints, newest: Callable[[Ints], Ints]) -> Seeds:
    """The newest of all: where there is nothing to go by."""
    order = np.argsort(-newest(numbers), kind="stable")
    return Seeds(numbers[order[:MOST_READ]], len(numbers) <= MOST_READ)


def _held(index: Index, rarity: Mapping[str, float]) -> Floats:
    """By number, which share of the terms' weight a document holds."""
    total = sum(rarity.values()) or 1.0
    shares = []
    for part in index.parts:
        found: list[Ints] = []
        weights: list[float] = []
        for term, weight in rarity.items():
            known = part.vocabulary.id_of(term)
            for documents, _ in part.postings.of(-1 if known is None else known):
                found.append(documents)
                weights.append(weight)
        ever = part.postings.documents_ever
        if found:
            each = np.repeat(weights, [len(some) for some in found])
            shares.append(np.bincount(np.concatenate(found).astype(np.intp), each, ever) / total)
        else:
            shares.append(np.zeros(ever))
    return np.concatenate(shares)
