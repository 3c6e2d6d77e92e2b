"""Rising terms: the words that more articles of a period use than of the period before.

in how many articles each term stands, now and before -> **rising** -> digests. Ranked by the log-likelihood ratio G2 of
the fourfold table (articles with and without the term, now and before): Dunning, "Accurate methods for the statistics
of surprise and coincidence", Computational Linguistics 19 (1993), which holds for small counts where chi-square does
not. Articles are counted, not occurrences: one long text that repeats a word does not make it rise.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.language.tokens import Token, tokenize
from bot.tallies import Ints

MOST_RISING: Final = 5
FEWEST_ARTICLES: Final = 3
"""That use a rising term: fewer are a chance."""
FEWEST_COMPARED: Final = 5
"""Articles in either period: with fewer nothing can be said."""
LEAST_G2: Final = 10.83
"""Chi-square with one degree of freedom at p = 0.001."""
CANDIDATES: Final = 24
"""Terms to look at where five are wanted: two can be one name, and all can be those of one text in many copies."""
_JOINED = 0.5  # of a term's uses, from which it and its neighbour are one name
_POSSESSIVE = re.compile(r"['’]s$")

Floats = NDArray[np.float64]


def g2(now: Ints, articles: int, before: Ints, articles_before: int) -> Floats:
    """By term, how surprising it is that ``now`` of ``articles`` use it after ``before`` of ``articles_before`` did.

    0 for terms that do not rise, and for all where either period is too small or too few use them.
    """
    if min(articles, articles_before) < FEWEST_COMPARED:
        return np.zeros(len(now))
    total, using = articles + articles_before, now + before
    cells = [(now, articles, using), (before, articles_before, using)]
    cells += [(size - count, size, total - using) for count, size, _ in cells]
    ratio = 2 * sum(_surprise(count, size * margin / total) for count, size, margin in cells)
    rises = (now >= FEWEST_ARTICLES) & (now * articles_before > before * articles)
    return np.asarray(np.where(rises, ratio, 0.0), np.float64)


def _surprise(count: Ints, expected: Floats) -> Floats:
    """count * log(count / expected), which goes to 0 with the count."""
    some = count > 0
    return np.asarray(count * np.log(np.where(some, count, 1) / np.where(some, expected, 1.0)), np.float64)


def likeliest(surprise: Floats) -> Ints:
    """The places of the `CANDIDATES` most surprising terms, of equal ones all, that may turn out to rise.

    Half the least will do: copies among the articles make their own words rise, and those of all others less.
    """
    rising = np.flatnonzero(surprise >= LEAST_G2 / 2)
    if len(rising) <= CANDIDATES:
        return rising
    values = surprise[rising]
    return np.asarray(rising[values >= np.partition(values, len(values) - CANDIDATES)[len(values) - CANDIDATES]])


def spelled(ranked: Sequence[str], texts: Iterable[str]) -> dict[str, str]:
    """``ranked`` terms, each as the texts write it most often, in that order; two that are one name are told once.

    A term that stands in none of the texts is left out.
    """
    wanted = set(ranked)
    written: defaultdict[str, Counter[str]] = defaultdict(Counter)
    names: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for text in texts:
        tokens = tokenize(text)
        for token in tokens:
            if token.term in wanted:
                written[token.term][_word(text, token)] += 1
        for first, second in pairwise(tokens):
            if {first.term, second.term} <= wanted and (name := _name(text, first, second)):
                names[first.term, second.term][name] += 1
    found: dict[str, str] = {}
    told: set[str] = set()
    for term in ranked:
        if term in told or not written[term]:
            continue
        pair = _pair(term, names, written)
        found[term] = _commonest(names[pair] if pair else written[term])
        told |= set(pair or (term,))
    return found


def _pair(
    term: str, names: dict[tuple[str, str], Counter[str]], written: dict[str, Counter[str]]
) -> tuple[str, str] | None:
    """The two terms of the name that ``term`` is part of: one of them seldom stands without the other."""
    pairs = [
        (count.total(), pair)
        for pair, count in names.items()
        if term in pair and count.total() >= _JOINED * min(written[one].total() for one in pair)
    ]
    return max(pairs)[1] if pairs else None


def _word(text: str, token: Token) -> str:
    return _POSSESSIVE.sub("", token.span.of(text))


def _name(text: str, first: Token, second: Token) -> str:
    """The two words where they stand side by side with capitals, else ""."""
    parts = first.span.of(text), text[first.span.end : second.span.start], _word(text, second)
    is_name = parts[1] == " " and parts[0][:1].isupper() and parts[2][:1].isupper() and first.term != second.term
    return "".join(parts) if is_name else ""


def _commonest(words: Counter[str]) -> str:
    return min(words, key=lambda word: (-words[word], word))
