"""Did you mean: the words of a library nearest to one it does not hold.

Asked only when nothing was found. First every word that one slip can have turned into what was typed is stemmed and
looked up: some 500, wherever the slip is, 0.5 ms. Only when too few of them are in the library is the part of its
sorted vocabulary that begins with the same letter compared, for two slips: 5 ms where that part is 40,000 terms.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from string import ascii_lowercase
from typing import Final

import numpy as np
import Stemmer
from rapidfuzz import process
from rapidfuzz.distance import OSA, Levenshtein

from bot.language.tokens import terms

_SHORTEST_CHARS: Final = 3  # shorter terms are near to everything
_LONG_CHARS: Final = 6  # from here two slips are allowed
_LONGEST_CHARS: Final = 40  # longer is no word, and trying all slips takes longer
_LAST: Final = "\U0010ffff"
_stem = Stemmer.Stemmer("english", maxCacheSize=0).stemWords  # the tokeniser's, many at a time, without its memory


def nearest(word: str, vocabulary: Sequence[str], frequencies: Sequence[int], limit: int = 3) -> list[str]:
    """At most ``limit`` terms of ``vocabulary`` (sorted) that ``word`` may be a misspelling of, the likeliest first.

    ``word`` is what was typed, folded but not stemmed (`bot.language.tokens.words`): a slip in an ending is seen only
    there. Near is an optimal string alignment distance (a letter wrong, missing, too many, or two swapped) of 1, of 2
    from six letters on; ranked by distance, same first letter before others, then by how often they occur.
    ``frequencies`` are the document frequencies beside ``vocabulary``; a term of frequency 0 is not visible here and
    is never suggested. Numbers have no spelling.
    """
    if not _SHORTEST_CHARS <= len(word) <= _LONGEST_CHARS or not any(map(str.isalpha, word)):
        return []
    word = word.encode("utf-8", "replace").decode()  # no lone surrogates, which the stemmer refuses
    found = {position: 1 for position in _positions(_one_slip_undone(word), vocabulary) if frequencies[position]}
    if len(found) < limit:
        for position, distance in _near(word, vocabulary):
            if frequencies[position]:
                found.setdefault(position, distance)
    ranked = sorted(found, key=lambda at: (found[at], vocabulary[at][0] != word[0], -frequencies[at], at))
    return [vocabulary[position] for position in ranked[:limit]]


def _one_slip_undone(word: str) -> Iterator[str]:
    """Every word that one slip can have made ``word`` of, with the letters a to z."""
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        yield before + after[1:]
        yield before + after[1:2] + after[:1] + after[2:]
        for letter in ascii_lowercase:
            yield before + letter + after[1:]
            yield before + letter + after


def _positions(words: Iterable[str], vocabulary: Sequence[str]) -> Iterator[int]:
    """Where the stems of ``words`` stand in ``vocabulary``, as far as they do."""
    for term in set(_stem(list(words))):
        position = bisect_left(vocabulary, term)
        if term and position < len(vocabulary) and vocabulary[position] == term:
            yield position


def _near(word: str, vocabulary: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The position and distance of the terms near to that of ``word`` that begin like it.

    Compared by Levenshtein distance, which takes half the time; a swap counts 2 there. (Two swaps are not found.)
    """
    for term in terms(word)[:1]:
        most = 2 if len(term) >= _LONG_CHARS else 1
        start = bisect_left(vocabulary, term[0])
        part = vocabulary[start : bisect_left(vocabulary, term[0] + _LAST, start)]
        rough = process.cdist([term], part, scorer=Levenshtein.distance, score_cutoff=most + 1, dtype=np.uint8)[0]
        for number in np.flatnonzero(rough <= most + 1).tolist():
            distance = OSA.distance(term, part[number])
            if distance <= most:
                yield start + number, distance
