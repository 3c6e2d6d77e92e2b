"""Salience: what each sentence of an article is worth to somebody who reads only a few.

article -> **salience** -> summaries (many sentences), digests (one line). A sentence counts for being like the others
(BM25-TextRank: Mihalcea & Tarau 2004 with the weights of Barrios et al. 2016), for standing early, and for the words
it shares with the title: 0.3 each, the blend that measured best on news (tests/quality/test_summaries.py).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.editions.context import stands_inside_quotation_after
from bot.language.blocks import blocks
from bot.language.boilerplate import before_text, is_boilerplate
from bot.language.sentences import each_sentence
from bot.language.tokens import terms
from bot.model import Block, Kind, Span

MOST_SENTENCES: Final = 300
"""Later sentences of a very long text are not looked at: cost grows with the square, and news tells the news early."""
_MOST_CHARS = 1_000  # of a sentence: longer is no prose
_CENTRAL, _EARLY, _TITLED = 0.3, 0.3, 0.3
_EARLY_SENTENCES = 8.0
_EARLY_IN_TURN = 2.0  # an answer says what it says at once
_FULL_WORDS = 12.0
_K1, _B = 1.2, 0.75
_DAMPING, _ROUNDS = 0.85, 30

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that may be quoted and what is around it.

    ``block`` numbers the article's blocks, headings and all; ``place`` counts the sentences of the block, or of all
    blocks of one interview turn. ``quoted`` tells that it begins inside a quotation.
    """

    span: Span
    text: str
    words: int
    kind: Kind
    block: int
    place: int
    question: Span | None = None
    quoted: bool = False


def quotable_sentences(text: str) -> list[Sentence]:
    """The sentences of the prose, list points and answers of ``text`` in document order, at most `MOST_SENTENCES`."""
    found: list[Sentence] = []
    for number, block in enumerate(blocks(text)):
        if not block.kind.quotable:
            continue
        found += _sentences_of(text, block, number, found[-1] if found else None)
        if len(found) >= MOST_SENTENCES:
            break
    return found[:MOST_SENTENCES]


def _sentences_of(text: str, block: Block, number: int, before: Sentence | None) -> list[Sentence]:
    same_turn = before is not None and block.kind is Kind.ANSWER and before.kind is Kind.ANSWER
    goes_on = before is not None and same_turn and before.block == number - 1 and before.question == block.question
    place = before.place + 1 if before is not None and goes_on else 0
    found = []
    inside = False
    for span in islice(_own_sentences(text, block), MOST_SENTENCES):
        sentence = span.of(text)
        found.append(Sentence(span, sentence, len(sentence.split()), block.kind, number, place, block.question, inside))
        inside = stands_inside_quotation_after(sentence, inside)
        place += 1
    return found


def _own_sentences(text: str, block: Block) -> Iterator[Span]:
    """The sentences of a block that are the article's: without a dateline before them, or a credit among them."""
    if block.kind is Kind.ANSWER:
        return each_sentence(text, block.span)
    start = block.span.start + before_text(text[block.span.start : block.span.start + _MOST_CHARS])
    every = each_sentence(text, Span(start, block.span.end))
    first = list(islice(every, 2))
    if len(first) < 2:
        return iter(first)
    return (span for span in chain(first, every) if not is_boilerplate(span.of(text)))


def salience(found: Sequence[Sentence], title: str) -> tuple[Vector, Matrix]:
    """The worth of each sentence, 0 to 0.9, and how alike each two are, 0 to 1 (cosine of terms)."""
    if not found:
        return np.zeros(0), np.zeros((0, 0))
    bags = [bag_of_terms(sentence.text) for sentence in found]
    counts = _counts(bags)
    worth = _CENTRAL * _centrality(counts, bags) + _EARLY * _earliness(found) + _TITLED * _titled(bags, title)
    return worth * _fullness(found), _cosines(counts, bags)


def bag_of_terms(sentence: str) -> Counter[str]:
    """The terms of a sentence and how often each occurs in it."""
    return Counter(terms(sentence[:_MOST_CHARS]))


def likeness(bags: Sequence[Counter[str]]) -> Matrix:
    """How alike each two sentences are, by their `bag_of_terms`: (sentences, sentences), 0 to 1."""
    return _cosines(_counts(bags), bags)


def _counts(bags: Sequence[Counter[str]]) -> Matrix:
    """Occurrences of terms, (sentences, terms); only of terms in two sentences or more: the others link nothing."""
    frequency = Counter(term for bag in bags for term in bag)
    columns = {term: column for column, term in enumerate(sorted(t for t, n in frequency.items() if n > 1))}
    counts = np.zeros((len(bags), len(columns)))
    for row, bag in enumerate(bags):
        for term, count in bag.items():
            if term in columns:
                counts[row, columns[term]] = count
    return counts


def _centrality(counts: Matrix, bags: Sequence[Counter[str]]) -> Vector:
    """PageRank over sentences, each voting for the others by the BM25 score of its terms in them; the highest is 1."""
    lengths = np.array([bag.total() for bag in bags], dtype=float)
    frequency = (counts > 0).sum(axis=0)
    idf = np.log(1 + (len(bags) - frequency + 0.5) / (frequency + 0.5))
    norms = _K1 * (1 - _B + _B * lengths / max(1.0, float(lengths.mean())))
    votes = (counts > 0) @ (idf * counts * (_K1 + 1) / (counts + norms[:, None] + 1e-12)).T
    np.fill_diagonal(votes, 0.0)
    given = votes.sum(axis=1, keepdims=True)
    votes = np.divide(votes, given, out=np.full_like(votes, 1 / len(bags)), where=given > 0)
    ranks = np.full(len(bags), 1 / len(bags))
    for _ in range(_ROUNDS):
        ranks = (1 - _DAMPING) / len(bags) + _DAMPING * (ranks @ votes)
    return np.asarray(ranks / ranks.max())


def _earliness(found: Sequence[Sentence]) -> Vector:
    """1 for the first sentence, falling; in an interview each answer begins anew, below the article's own opening."""
    return np.array(
        [
            math.exp(-sentence.place / _EARLY_IN_TURN) / 2
            if sentence.kind is Kind.ANSWER
            else math.exp(-at / _EARLY_SENTENCES)
            for at, sentence in enumerate(found)
        ]
    )


def _fullness(found: Sequence[Sentence]) -> Vector:
    """Below 1 for a sentence of few words: TextRank's length norm favours them, a reader learns little from them."""
    return np.array([min(1.0, sentence.words / _FULL_WORDS) for sentence in found])


def _titled(bags: Sequence[Counter[str]], title: str) -> Vector:
    """The share of the title's terms in each sentence; without a title the first sentence stands for it."""
    wanted = set(terms(title[:_MOST_CHARS])) or set(bags[0])
    return np.array([len(wanted & bag.keys()) / max(1, len(wanted)) for bag in bags])


def _cosines(counts: Matrix, bags: Sequence[Counter[str]]) -> Matrix:
    lengths = np.array([math.sqrt(sum(n * n for n in bag.values())) or 1.0 for bag in bags])
    return np.asarray(counts @ counts.T / np.outer(lengths, lengths))
