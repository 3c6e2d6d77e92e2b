"""Precedents: what a library already held that is like an article that came in now.

articles of a period -> their heaviest terms -> postings -> the nearest of the others, by cosine. A digest puts what has
none first. No text is read.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from bot.search.index import Bools, Floats, Index, Weighted
from bot.tallies import Ints

ALIKE: Final = 0.3
"""Cosine of whole articles, as BM25 weights, from which an article has been told before. On ECB+, a third of it against
the rest: 0.84 of the articles whose event was there are found, 0.06 of the others (0.94 and 0.19 at 0.25)."""
_TERMS = 12  # of an article, the heaviest: what it is about
_CANDIDATES = 5  # that hold most of these are compared whole


def precedents(index: Index, numbers: Ints, among: Bools) -> dict[int, int]:
    """By the number of an article the one ``among`` those (by number) that is most like it, if one is `ALIKE`."""
    if not len(numbers) or not among.any():
        return {}
    found = {}
    for number in numbers.tolist():
        one = index.vectors(np.array([number]), index.rarities)
        article = Weighted(one.ids, one.units())
        near = _candidates(index, article, among)
        cosines = _cosines(index, article, near)
        if len(near) and cosines.max() >= ALIKE:
            found[number] = int(near[cosines.argmax()])
    return found


def _candidates(index: Index, article: Weighted, among: Bools) -> Ints:
    """The documents that hold most of what weighs most in an article, the first of equal ones."""
    heaviest = np.argsort(-article.weights, kind="stable")[:_TERMS]
    held = index.held(Weighted(article.ids[heaviest], article.weights[heaviest])) * among
    last = np.partition(held, max(len(held) - _CANDIDATES, 0))[max(len(held) - _CANDIDATES, 0)]
    near = np.flatnonzero((held >= last) & (held > 0))
    return near[np.argsort(-held[near], kind="stable")][:_CANDIDATES]


def _cosines(index: Index, article: Weighted, near: Ints) -> Floats:
    if not len(near):
        return np.zeros(0)
    others = index.vectors(near, index.rarities)
    order = np.argsort(article.ids)
    ids, weights = article.ids[order], article.weights[order]
    places = np.minimum(np.searchsorted(ids, others.ids), len(ids) - 1)
    shared = np.where(ids[places] == others.ids, weights[places], 0.0) * others.units()
    return np.bincount(others.owners, shared, len(near)).astype(np.float64, copy=False)
