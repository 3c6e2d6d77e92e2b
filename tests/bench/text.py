"""Synthetic passages, queries and articles: what every peer of the bench is given.

The statistics are those of news. They were measured on 1,469 texts (US news of 2015/16, TIME 1963, CNN/DailyMail,
Wikinews; `../shared/data`) cut by `bot.language.passages` into 30,196 passages of 584,003 terms:

- The length of a passage in terms is normal, mean 19.5 and deviation 9.4, at least 1: Kolmogorov-Smirnov distance
  0.027, against 0.080 for a gamma and 0.126 for a lognormal of the same moments. Passages are packed up to 60 words,
  which cuts off the long tail that lengths of texts usually have.
- The probability of the term of rank r is (r + 0.25)^-0.46 (1 + r/1460)^-(2.2 - 0.46): Zipf-Mandelbrot with a second,
  steeper regime for rare terms (Ferrer i Cancho and Solé 2001; Gerlach and Altmann 2013). One regime cannot give both
  the commonest term in 18 % of the passages, which decides how long the longest posting lists are, and a vocabulary
  that goes on growing. Fitted to term and document frequencies at 24 ranks from 1 to 12,589 and to the growth of the
  vocabulary (Heaps): 22,028 terms in 454,593 tokens there, 2 % more here.
- Articles keep to their subject: a term repeats, with probability 0.24, one that stands earlier in its article (ten
  passages). Distinct are then 75 % of the terms in ten passages and 94 % of those in one; measured 74 % and 95 %.

A query is 2 to 5 distinct terms of one passage, so that something matches. A coin decides for each term whether it is
any term of the passage or the commoner one of two. Terms so drawn stand in 0.4/1.3/3.2 % of the passages (quartiles);
those of the 83 queries of the TIME collection in 0.6/1.3/2.7 %, and all terms of its passages in 0.2/0.7/1.9 %.

Words are made from ranks, shorter for commoner ones, and are not changed by `bot.language.tokens`, so that all peers
see the same tokens. Everything is determined by the seed, in blocks of 1,000 articles: 1,000 passages are the first of
10,000. A million take some three seconds and 80 MB.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

SEED = 20_260
PASSAGES_PER_ARTICLE = 10
VOCABULARY = 1 << 19  # ranks that can occur; a million passages reach 122,000 of them

_ARTICLES_PER_BLOCK = 1_000
_MEAN_TERMS, _DEVIATION_TERMS = 19.5, 9.4
_SHIFT, _HEAD_EXPONENT, _TAIL_EXPONENT, _BEND = 0.25, 0.46, 2.2, 1_460
_REPEATED = 0.24
_QUERY_TERMS = (2, 5)

# Consonants and vowels that no spelling rule of the stemmer and no transliteration takes for one another; a word that
# ends on a, o or u has no ending to cut.
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprst" for vowel in "aeiou"]
_LAST_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprst" for vowel in "aou"]
# Ranks up to here have words of two, three, four syllables. As in English, few of the words that could be are: 23 %,
# 8 % and 7 % of the forms of each length.
_LAST_RANKS = (500, 10_500, VOCABULARY)

Ids = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Passages:
    """Passage ``i`` is ``ids[starts[i]:starts[i + 1]]``: the ranks of its terms (0 is the commonest) in order."""

    starts: Places
    ids: Ids

    def __len__(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def lengths(self) -> Places:
        return np.diff(self.starts)

    def ids_of(self, number: int) -> list[int]:
        return [int(rank) for rank in self.ids[self.starts[number] : self.starts[number + 1]]]

    def documents(self, first: int = 0, last: int | None = None) -> Iterator[list[str]]:
        """The terms of passages ``first`` to ``last`` (exclusive), made as they are taken.

        Equal terms are one string, as a tokeniser that interns gives them; nothing is kept once the iteration ends,
        so strings that an index holds on to are counted as its memory.
        """
        words: dict[int, str] = {}
        for number in range(first, len(self) if last is None else min(last, len(self))):
            yield [words.get(rank) or words.setdefault(rank, word(rank)) for rank in self.ids_of(number)]


def passages(count: int, seed: int = SEED) -> Passages:
    """The first ``count`` passages that ``seed`` gives."""
    per_block = _ARTICLES_PER_BLOCK * PASSAGES_PER_ARTICLE
    blocks = [_block(seed, number) for number in range(-(-count // per_block))]
    lengths = np.concatenate([lengths for lengths, _ in blocks])[:count]
    starts = np.zeros(count + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return Passages(starts, np.concatenate([ids for _, ids in blocks])[: starts[-1]])


def queries(of: Passages, count: int, seed: int = SEED) -> list[list[str]]:
    """``count`` queries, each of terms of one passage."""
    chance = np.random.default_rng([seed, 1 << 40])
    fewest, most = _QUERY_TERMS
    asked: list[list[str]] = []
    while len(asked) < count:
        distinct = list(dict.fromkeys(of.ids_of(int(chance.integers(len(of))))))
        if len(distinct) < fewest:
            continue
        wanted = min(int(chance.integers(fewest, most + 1)), len(distinct))
        asked.append([word(rank) for rank in _drawn(chance, distinct, wanted)])
    return asked


def _drawn(chance: np.random.Generator, distinct: list[int], wanted: int) -> list[int]:
    """``wanted`` of the ranks, each any of those left or the commoner of two."""
    left = list(distinct)
    drawn = []
    for _ in range(wanted):
        one, other = chance.integers(len(left), size=2)
        chosen = min(left[one], left[other]) if chance.random() < 0.5 else left[one]
        left.remove(chosen)
        drawn.append(chosen)
    return drawn


def _block(seed: int, number: int) -> tuple[Places, Ids]:
    """The lengths and the terms of the passages of 1,000 articles."""
    chance = np.random.default_rng([seed, number])
    count = _ARTICLES_PER_BLOCK * PASSAGES_PER_ARTICLE
    lengths = np.maximum(1, np.rint(chance.normal(_MEAN_TERMS, _DEVIATION_TERMS, count))).astype(np.int64)
    by_article = lengths.reshape(_ARTICLES_PER_BLOCK, PASSAGES_PER_ARTICLE).sum(axis=1)
    begun = np.repeat(np.cumsum(by_article) - by_article, by_article)  # of each token, where its article begins
    places = np.arange(len(begun))
    drawn = np.searchsorted(_cumulative(), chance.random(len(places))).astype(np.int32)
    earlier = begun + (chance.random(len(places)) * (places - begun)).astype(np.int64)
    return lengths, drawn[np.where(chance.random(len(places)) < _REPEATED, earlier, places)]


@cache
def _cumulative() -> npt.NDArray[np.float64]:
    """The probability of a rank or any commoner one."""
    ranks = np.arange(1, VOCABULARY + 1, dtype=np.float64)
    weights = (ranks + _SHIFT) ** -_HEAD_EXPONENT * (1 + ranks / _BEND) ** -(_TAIL_EXPONENT - _HEAD_EXPONENT)
    return np.asarray(np.cumsum(weights) / weights.sum())


def word(rank: int) -> str:
    """The word of a rank: each rank has another."""
    syllables = next(number for number, last in enumerate(_LAST_RANKS, start=2) if rank < last)
    place = rank - (0 if syllables == 2 else _LAST_RANKS[syllables - 3])
    forms = len(_SYLLABLES) ** (syllables - 1) * len(_LAST_SYLLABLES)
    form = place * 1_000_003 % forms  # a prime: neighbours in rank get unlike words, and no two the same
    form, last = divmod(form, len(_LAST_SYLLABLES))
    spelled: str = _LAST_SYLLABLES[last]
    for _ in range(syllables - 1):
        form, syllable = divmod(form, len(_SYLLABLES))
        spelled = _SYLLABLES[syllable] + spelled
    return spelled
