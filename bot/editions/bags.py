"""Bags: what tells the event of an article, as terms and their weights, and how alike the bags of two articles are.

article -> **bag** -> `Vectors` -> stories. Who, what and where stand in the title and the first sentences, so these are
compared by themselves besides the text; names and numbers tell more than other words. A bag holds no word of the
library's statistics, so it never goes stale: how rare a term is comes in when bags are compared.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from bot.dates import PartialDate
from bot.language.sentences import sentences
from bot.language.tokens import terms
from bot.model import Article, Span
from bot.tallies import Ints

UNSEEN: Final = 20
"""Articles without any of the terms stand behind every batch: a word in two of two must weigh something."""
READ_CHARS: Final = 3_000  # who, what and where come early; background paragraphs make different events look alike
LEAD_SHARE: Final = 0.4
"""How much of the likeness of two articles is that of their titles and leads."""
NAME_WEIGHT: Final = 3.0
_LEAD_SENTENCES = 2
_LEAD_CHARS = 1_500  # where they are looked for
_SHINGLE_TERMS = 4
_MID_SENTENCE = re.compile(r"(?<=[\w,;] )[^\W\d_]\w*")
_ALL_AT_ONCE = 64
"""Bags, as many as a day has, whose cosines are computed together: a tenth of the steps, and some megabytes at most."""
_DIGITS = 9  # of a likeness: what is alike but for rounding must come out alike

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Bag:
    """Of one article: distinct ``terms`` and their weights in the text and in the title and lead, before any idf.

    ``shingles`` are hashes of the runs of four terms, ascending; good in this process only. ``mark`` orders bags by
    what the articles say: never by when they came.
    """

    article_id: int
    published: PartialDate | None
    mark: bytes
    terms: tuple[str, ...]
    text: Floats
    lead: Floats
    shingles: Ints

    @property
    def order(self) -> tuple[bytes, int]:
        """To sort by; articles that differ in their ids alone are alike in everything else."""
        return self.mark, self.article_id


def bag(article: Article) -> Bag:
    """The bag of an article. Takes half a millisecond or so: each part of the text is split into terms once."""
    body, more = article.text[:READ_CHARS], article.text[READ_CHARS : 2 * READ_CHARS]
    first = sentences(body, Span(0, min(len(body), _LEAD_CHARS)))[:_LEAD_SENTENCES]
    words = terms(body)
    title = [] if body.startswith(article.title) else terms(article.title)  # one taken from the text stands there
    lead = Counter(title)
    for sentence in first:
        lead.update(terms(sentence.of(body)))
    text = Counter(words)
    text.update(title)
    named = set(terms(" ".join(names_in(body))))
    said = tuple(dict.fromkeys(chain(text, lead)))
    telling = np.array([NAME_WEIGHT if term in named or term[0].isdigit() else 1.0 for term in said])
    return Bag(
        article.id,
        article.published,
        blake2b("\0".join((article.title, article.text, str(article.published))).encode(errors="replace")).digest(),
        said,
        _damped(telling * [text.get(term, 0) for term in said]),
        _damped(telling * [lead.get(term, 0) for term in said]),
        shingles([*words, *terms(more)]),
    )


def names_in(text: str) -> list[str]:
    """The words with a capital inside sentences, as they are written."""
    return [word for word in _MID_SENTENCE.findall(text) if word[0].isupper()]


def shingles_of(article: Article) -> Ints:
    """The `shingles` of an article's text, as its bag has them."""
    return shingles(terms(article.text[:READ_CHARS]) + terms(article.text[READ_CHARS : 2 * READ_CHARS]))


def shingles(words: Sequence[str]) -> Ints:
    """Hashes of the runs of four terms, ascending, each once; a shorter text is one run."""
    runs = zip(*(words[at:] for at in range(_SHINGLE_TERMS)), strict=False)
    hashes = set(map(hash, runs)) or ({hash(tuple(words))} if words else set())
    return np.array(sorted(hashes), np.int64)


def _damped(counts: Floats) -> Floats:
    """1 + log of a count, 0 of none."""
    return np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0.0)


class Vectors:
    """Bags as unit vectors, by place: text and lead beside each other, so that one product gives both cosines."""

    def __init__(self, columns: Ints, idf: Floats, lead_idf: Floats, bags: Sequence[Bag]) -> None:
        """Of the terms of ``bags``, one after the other: their numbers, from 0, and their idf in texts and in leads."""
        sizes = [len(one.terms) for one in bags]
        owners = np.repeat(np.arange(len(bags)), sizes)
        text = _unit(_joined([one.text for one in bags]) * idf, owners, len(bags)) * np.sqrt(1 - LEAD_SHARE)
        lead = _unit(_joined([one.lead for one in bags]) * lead_idf, owners, len(bags)) * np.sqrt(LEAD_SHARE)
        width = int(columns.max(initial=-1)) + 1
        every = np.concatenate((columns, columns + width))
        weights, owners = np.concatenate((text, lead)), np.concatenate((owners, owners))
        kept = np.flatnonzero(weights)
        by_column = kept[np.argsort(every[kept], kind="stable")]
        self._size = len(bags)
        self._owners, self._weights = owners[by_column], weights[by_column]
        self._starts = np.searchsorted(every[by_column], np.arange(2 * width + 1))
        by_owner = kept[np.argsort(owners[kept], kind="stable")]
        self._columns, self._own_weights = every[by_owner], weights[by_owner]
        self._firsts = np.searchsorted(owners[by_owner], np.arange(len(bags) + 1))
        self._square: Floats | None = None

    @classmethod
    def among(cls, bags: Sequence[Bag]) -> Self:
        """With the idf of these bags alone."""
        every = list(chain.from_iterable(one.terms for one in bags))
        numbers = {term: number for number, term in enumerate(dict.fromkeys(every))}
        columns = np.fromiter(map(numbers.__getitem__, every), np.int64, len(every))
        leading = np.bincount(columns, _joined([one.lead for one in bags]) > 0)
        idf, lead_idf = (idf_of(counts[columns], len(bags)) for counts in (np.bincount(columns), leading))
        return cls(columns, idf, lead_idf, bags)

    def cosines(self, place: int) -> Floats:
        """How alike one bag is to each, itself included: 0 to 1. Not to be written to."""
        if self._size > _ALL_AT_ONCE:
            return self._rows(place, place + 1)[0, :]
        if self._square is None:
            self._square = self._rows(0, self._size)
        return self._square[place, :]

    def _rows(self, first: int, stop: int) -> Floats:
        """The cosines of the bags from ``first`` to before ``stop``, one row for each."""
        own = slice(self._firsts[first], self._firsts[stop])
        columns = self._columns[own]
        starts, sizes = self._starts[columns], self._starts[columns + 1] - self._starts[columns]
        ends = np.cumsum(sizes)
        found = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + sizes, sizes)
        products = self._weights[found] * np.repeat(self._own_weights[own], sizes)
        at = np.repeat(np.arange(stop - first) * self._size, np.diff(self._firsts[first : stop + 1]))
        alike = np.bincount(np.repeat(at, sizes) + self._owners[found], products, (stop - first) * self._size)
        return np.asarray(np.round(alike, _DIGITS).reshape(stop - first, self._size), np.float64)


def idf_of(frequencies: Ints, articles: int) -> Floats:
    """How rare terms are that so many of ``articles`` hold: log((articles + `UNSEEN`) / that number)."""
    return np.asarray(np.log((articles + UNSEEN) / np.maximum(frequencies, 1)), np.float64)


def _unit(weights: Floats, owners: Ints, count: int) -> Floats:
    lengths = np.sqrt(np.bincount(owners, weights * weights, minlength=count))
    return np.asarray(weights / np.maximum(lengths, 1e-12)[owners], np.float64)


def _joined(arrays: Sequence[Floats]) -> Floats:
    return np.concatenate(arrays) if arrays else np.zeros(0)
