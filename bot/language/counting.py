"""Counting: an article's terms, in the whole of it and in each of its passages, as they are stored with it.

Last step before storing: title, text and passages -> `Counted`. Search reads nothing else of a text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bot.language.tokens import Token, terms, tokenize
from bot.language.variants import names_in, variant_key
from bot.model import Passage, Span
from bot.tallies import Tally


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """The distinct terms of an article, in the order they come; ``tally`` counts them by their position here.

    ``words`` is how the article spells each, ``name_keys`` the variant key of those it uses as names.
    """

    terms: tuple[str, ...]
    words: tuple[str, ...]
    name_keys: tuple[str | None, ...]
    tally: Tally


def count(title: str, text: str, passages: Sequence[Passage]) -> Counted:
    """Count an article's units: the whole of it, then each passage. ``title`` is empty where it stands in the text."""
    tokens = tokenize(text)
    units = [[*terms(title), *(token.term for token in tokens)], *_units(tokens, passages)]
    places: dict[str, int] = {}
    tallies = [Counter(unit) for unit in units]
    for term in tallies[0]:
        places[term] = len(places)
    ids = [places.setdefault(term, len(places)) for tally in tallies for term in tally]
    frequencies = [frequency for tally in tallies for frequency in tally.values()]
    names = names_in(text, tokens)
    spelled = _spellings([*((title, token) for token in tokenize(title)), *((text, token) for token in tokens)])
    return Counted(
        terms=tuple(places),
        words=tuple(spelled[term] if term in names else spelled[term].casefold() for term in places),
        name_keys=tuple(variant_key(term) if term in names else None for term in places),
        tally=Tally(
            np.array([len(tally) for tally in tallies]), np.array(ids, np.int32), np.array(frequencies, np.int32)
        ),
    )


def _units(tokens: Sequence[Token], passages: Iterable[Passage]) -> Iterator[list[str]]:
    """The terms of each passage, those of the question that it answers with the first passage of the answer.

    People ask what the interviewer asked. On every passage of an answer the question's words would lift the shortest
    one, by BM25's length normalisation, above the one that answers.
    """
    starts = [token.span.start for token in tokens]

    def within(span: Span) -> list[str]:
        return [token.term for token in tokens[bisect_left(starts, span.start) : bisect_left(starts, span.end)]]

    previous: Span | None = None
    for passage in passages:
        asked = passage.question if passage.question != previous else None
        yield within(passage.span) + (within(asked) if asked else [])
        previous = passage.question


def _spellings(tokens: Iterable[tuple[str, Token]]) -> dict[str, str]:
    """Each term as it is spelled most often, the first of several."""
    spelled = Counter((token.term, text[token.span.start : token.span.end]) for text, token in tokens)
    return {term: word for (term, word), _ in reversed(spelled.most_common())}
