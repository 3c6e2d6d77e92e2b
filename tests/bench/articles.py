"""Articles made of synthetic passages: text as a newspaper sets it, for what measures the whole product.

`tests.bench.text` gives terms; here they get stop words, sentences and paragraphs, a paragraph a passage, so that
`bot.language` finds in the text the passages that the peers are given.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice

from bot.dates import PartialDate
from bot.model import Document
from tests.bench.text import PASSAGES_PER_ARTICLE, Passages, word

_STOP_WORDS = ("the", "of", "and", "to", "in", "for", "with", "on")
_TERMS_PER_SENTENCE = 19  # at most three sentences a passage
_FIRST_NAME_RANK, _NAMES_ONE_IN = 500, 10  # a tenth of the terms beyond the commonest are names, spelled with a capital
_TITLE_TERMS = 6
_OUTLETS = 40


def article_count(passages: Passages) -> int:
    return len(passages) // PASSAGES_PER_ARTICLE


def article(passages: Passages, number: int, mark: str = "") -> Document:
    """Article ``number``; ``mark`` is a word to find it by that no other article has."""
    first = number * PASSAGES_PER_ARTICLE
    ranks = [passages.ids_of(first + offset) for offset in range(PASSAGES_PER_ARTICLE)]
    title = " ".join(islice((_spelled(rank) for passage in ranks for rank in passage), _TITLE_TERMS)).capitalize()
    return Document(
        name=f"article-{number}.txt",
        title=f"{title} {mark}".strip(),
        text="\n\n".join([*(_paragraph(passage) for passage in ranks), *([f"The {mark}."] if mark else [])]),
        outlet=f"Outlet {number % _OUTLETS}",
        published=PartialDate(2000 + number % 25, 1 + number % 12, 1 + number % 28),
        source_id=str(number),
    )


def _paragraph(ranks: list[int]) -> str:
    return " ".join(
        _sentence(ranks[start : start + _TERMS_PER_SENTENCE]) for start in range(0, len(ranks), _TERMS_PER_SENTENCE)
    )


def _sentence(ranks: list[int]) -> str:
    """With a stop word before every other term. News has three for four terms: with so many, long passages part."""
    words = list(_with_stop_words(ranks))
    return " ".join([words[0].capitalize(), *words[1:]]) + "."


def _with_stop_words(ranks: list[int]) -> Iterator[str]:
    stop_words = cycle(_STOP_WORDS)
    for place, rank in enumerate(ranks):
        if place % 2 == 0:
            yield next(stop_words)
        yield _spelled(rank)


def _spelled(rank: int) -> str:
    is_name = rank >= _FIRST_NAME_RANK and rank % _NAMES_ONE_IN == 0
    return word(rank).capitalize() if is_name else word(rank)
