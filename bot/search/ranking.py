"""The best ranking of articles: BM25 first, then what the first results say about the question.

Three steps, each on top of BM25Okapi over whole articles:

1. A term that is asked for n times weighs (k3 + 1) n / (k3 + n): Robertson & Walker, SIGIR 1994. An article that holds
   all of two terms or more counts `WHOLE_BONUS` more.
2. Rocchio's feedback without its negative part (Rocchio 1971), with weights that fall with rank: the first articles as
   unit vectors of BM25 weights, averaged with weights 1 / rank; the heaviest terms of the mean are asked for too, each
   with its weight there. Both scores are divided by that of the first article and added.
3. Articles that are alike should be ranked alike (the cluster hypothesis; Diaz, CIKM 2005): each of the first gains up
   to `ALIKE_SHARE` by its cosines with the others, weighted by the squares of their scores.

As in plain BM25, only articles that share a term with the query are ranked. The constants lie on plateaus found on
topical and known-item queries of several kinds; figures: `tests/quality/test_retrieval.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from bot.search.index import Bools, Floats, Index, Matches, Spellings, Weighted, top
from bot.search.vectors import Entries
from bot.tallies import Ints

K3: Final = 2.0
WHOLE_BONUS: Final = 0.15
FEEDBACK_ARTICLES: Final = 10
FEEDBACK_TERMS: Final = 20
ALIKE_ARTICLES: Final = 20
ALIKE_SHARE: Final = 0.08
CANDIDATES: Final = 100
"""How many articles are ranked anew; those behind them stay in the order of BM25."""


def best_articles(
    index: Index,
    asked: dict[Spellings, float],
    limit: int,
    *,
    accepted: Bools | None = None,
    newest: Callable[[Ints], Ints] = np.zeros_like,
) -> Matches:
    """The at most ``limit`` best articles, best first. ``asked`` says how often each term was asked for.

    Scores fall along the ranking, and are of the size of BM25's. ``accepted`` and ``newest`` as in `Index.matches`
    and `top`.
    """
    weights = {spellings: (K3 + 1) * count / (K3 + count) for spellings, count in asked.items()}
    matches = index.matches(weights, accepted)
    found = top(matches, max(limit, CANDIDATES), newest)
    if len(found.numbers) < 2 or found.scores[0] <= 0:  # a tiny library, where idf may be 0 or less: nothing to learn
        return Matches(found.numbers[:limit], found.scores[:limit])
    head = Matches(found.numbers[:CANDIDATES], found.scores[:CANDIDATES])
    if len(weights) > 1:
        whole = np.bincount(matches.numbers)[head.numbers] == len(weights)  # one for each term
        head = _sorted(Matches(head.numbers, head.scores * (1 + WHOLE_BONUS * whole)), newest)
    entries = index.entries(head.numbers)
    taught = _sorted(Matches(head.numbers, _with_feedback(index, head, entries)), newest)
    entries = entries.among(_places(head.numbers, taught.numbers[:ALIKE_ARTICLES]))
    head = _sorted(Matches(taught.numbers, _with_the_alike(index, taught, entries)), newest)
    return _joined(Matches(head.numbers, head.scores * found.scores[0]), found, limit)


def _with_feedback(index: Index, head: Matches, entries: Entries) -> Floats:
    """Scores with those for the terms that the first articles teach; the first article's own part is 1."""
    many = min(FEEDBACK_ARTICLES, int((head.scores > 0).sum()))
    teaching = index.weighed(entries.among(np.arange(many)), head.numbers[:many])
    ids = _distinct(teaching.ids, index.terms)
    sums = np.bincount(teaching.ids, teaching.units() / (1 + teaching.owners))[ids]
    # All that weigh as much as the last: which of them came first into the vocabulary must not decide.
    last = max(len(sums) - FEEDBACK_TERMS, 0)
    heaviest = np.flatnonzero(sums >= np.partition(sums, last)[last])
    learnt = index.scores_of(Weighted(ids[heaviest], np.maximum(sums[heaviest], 0)), entries, head.numbers)
    scores = head.scores / head.scores[0]
    return np.asarray(scores + learnt / learnt[0] if learnt[0] > 0 else scores)


def _with_the_alike(index: Index, head: Matches, entries: Entries) -> Floats:
    """Scores, the first one's being 1, with what the first articles gain by those that are like them.

    ``entries`` are those of the first `ALIKE_ARTICLES`.
    """
    scores: Floats = np.maximum(head.scores / head.scores[0], 0)
    of_first = scores[: len(entries.places)]
    first = index.weighed(entries, head.numbers[: len(of_first)])
    units = first.units()
    # By term, and so that what nobody else holds is 0 and not nearly 0, the weighted sum of the other articles.
    own = units * (of_first * of_first)[first.owners]
    others = np.bincount(first.ids, own).take(first.ids) - own
    gains = np.maximum(np.bincount(first.owners, units * others, len(of_first)), 0)
    most = gains.max()
    if most > 0:
        of_first += ALIKE_SHARE * gains / most
    return scores


def _places(numbers: Ints, wanted: Ints) -> Ints:
    """Where each of ``wanted`` stands among ``numbers``, which are distinct and hold them all."""
    order = np.argsort(numbers)
    return order[np.searchsorted(numbers, wanted, sorter=order)]


def _joined(head: Matches, found: Matches, limit: int) -> Matches:
    """The articles ranked anew and those behind them, whose scores go on from the last one's."""
    rest = found.scores[len(head.scores) :]
    behind = head.scores[-1] + np.minimum(rest - found.scores[len(head.scores) - 1], 0)
    numbers = np.concatenate((head.numbers, found.numbers[len(head.numbers) :]))
    return Matches(numbers[:limit], np.concatenate((head.scores, behind))[:limit])


def _sorted(matches: Matches, newest: Callable[[Ints], Ints]) -> Matches:
    return top(matches, len(matches.numbers), newest)


def _distinct(ids: Ints, most: int) -> Ints:
    """The distinct ones of ``ids``, which are less than ``most``: `numpy.unique` without its sort."""
    places = np.arange(len(ids))
    chosen = np.empty(most, np.intp)
    chosen[ids] = places
    is_chosen: Bools = chosen.take(ids) == places
    return ids[is_chosen]
