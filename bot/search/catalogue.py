"""The searchable form of what one server can see: its own library and the shared one, as one collection.

    articles and passages -> terms -> `Index` of passages and `Index` of articles -> ranked passages and articles

A catalogue never changes: when the library does, `bot.newsdesk` builds a new one. It holds terms and spans; texts
stay in the corpus.
"""

from __future__ import annotations

import difflib
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from bot.dates import PartialDate
from bot.language.tokens import Token, terms, tokenize
from bot.model import Article, Passage, Span, StoredPassage
from bot.search.index import Index, best
from bot.search.query import Query

# How much of an article's own score counts towards its passages: enough to prefer, among passages that match alike,
# the one whose article is about the question; too little to lift a passage that does not answer it.
ARTICLE_WEIGHT = 0.2
MARKED_CHARS = 2_000
MOST_CORRECTED_WORDS = 3


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage found: the row id of its article, the passage, and its score (higher is better)."""

    article_id: int
    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class _Card:
    """The catalogue's index card of an article: what limits and results need, without the text."""

    article_id: int
    outlet: str | None
    published: PartialDate | None


class Catalogue:
    """Built once from everything a server can see. Building tokenises every text: run it in a thread."""

    def __init__(self, shelf: Iterable[tuple[Article, Sequence[StoredPassage]]]) -> None:
        newest_first = sorted(shelf, key=lambda item: recency(item[0]), reverse=True)
        self._cards = [_Card(article.id, article.outlet, article.published) for article, _ in newest_first]
        self._passages: list[Passage] = []
        self._owners: list[int] = []  # position of each passage's article in _cards
        self._spellings: dict[str, Counter[str]] = defaultdict(Counter)
        article_terms, passage_terms = [], []
        for owner, (article, stored) in enumerate(newest_first):
            tokens = tokenize(article.text)
            article_terms.append(terms(article.title) + [token.term for token in tokens])
            self._note_spellings(article.text, tokens)
            for passage, asked in _with_questions(stored):
                self._passages.append(passage)
                self._owners.append(owner)
                found_by = [passage.span] if asked is None else [passage.span, asked]
                passage_terms.append([term for span in found_by for term in terms(span.of(article.text))])
        self._by_article = Index(article_terms)
        self._by_passage = Index(passage_terms)

    def quotes(self, query: Query, limit: int) -> list[Ranked]:
        """The passages that share a word with the query and lie within its limits, best first."""
        allows = self._allows(query)
        passages = self._by_passage.scores(query.terms, lambda number: allows(self._owners[number]))
        articles = self._by_article.scores(query.terms, allows)
        mixed = {
            number: score + ARTICLE_WEIGHT * articles.get(self._owners[number], 0.0)
            for number, score in passages.items()
        }
        return [self._ranked(number, score) for number, score in best(mixed, limit)]

    def articles(self, query: Query, limit: int) -> list[Ranked]:
        """Articles by whole-article score, each with the passage in it that matches best."""
        allows = self._allows(query)
        scores = best(self._by_article.scores(query.terms, allows), limit)
        wanted = {owner for owner, _ in scores}
        matching = self._by_passage.scores(query.terms, lambda number: self._owners[number] in wanted)
        best_passage: dict[int, int] = {}
        for number, _ in best(matching, len(matching)):
            best_passage.setdefault(self._owners[number], number)
        for number, owner in enumerate(self._owners):  # a match in a heading alone: the article's first passage
            if owner in wanted:
                best_passage.setdefault(owner, number)
        return [
            Ranked(self._cards[owner].article_id, self._passages[best_passage[owner]], score)
            for owner, score in scores
            if owner in best_passage
        ]

    def any_quote(self, query: Query, chance: random.Random) -> Ranked | None:
        """A passage by chance, within the query's limits; one whose speaker is known, where there is one."""
        allows = self._allows(query)
        allowed = [number for number, owner in enumerate(self._owners) if allows(owner)]
        spoken = [number for number in allowed if self._passages[number].speaker]
        return self._ranked(chance.choice(spoken or allowed), 0.0) if allowed else None

    def suggest(self, query: Query, limit: int = 5) -> list[str]:
        """Words of the library nearest to the query's words that it does not hold, as the library spells them.

        Few words of the query are looked up, and only among words of like length and beginning: comparing all with
        all takes seconds in a large library.
        """
        words = {token.term: token.span.of(query.text).casefold() for token in tokenize(query.text)}
        unknown = [word for term, word in words.items() if term not in self._spellings][:MOST_CORRECTED_WORDS]
        found: dict[str, None] = {}
        for word in unknown:
            near = [known for known in self._spelled if _may_be_meant(word, known)]
            found |= dict.fromkeys(difflib.get_close_matches(word, near, n=limit, cutoff=0.75))
        return list(found)[:limit]

    @cached_property
    def _spelled(self) -> list[str]:
        """Every term as the library spells it most often."""
        return list(dict.fromkeys(spellings.most_common(1)[0][0] for spellings in self._spellings.values()))

    def _allows(self, query: Query) -> Callable[[int], bool]:
        """A test of an article's position against the query's limits, computed once an article."""
        if not query.has_limits:
            return lambda _: True
        allowed = [query.allows(card.outlet, card.published) for card in self._cards]
        return allowed.__getitem__

    def _ranked(self, number: int, score: float) -> Ranked:
        return Ranked(self._cards[self._owners[number]].article_id, self._passages[number], score)

    def _note_spellings(self, text: str, tokens: Sequence[Token]) -> None:
        for token in tokens:
            self._spellings[token.term][token.span.of(text).casefold()] += 1


def recency(article: Article) -> tuple[date, int]:
    """Sort key: the last day an article may be of (the day it was added where it has no date), then its row id."""
    return (article.published.last_day if article.published else article.added_at.date(), article.id)


def matches(text: str, span: Span, query: Query) -> tuple[Span, ...]:
    """The query's words inside ``span`` of ``text``, by stem, as spans of ``text``: as far as a card may show it."""
    wanted = set(query.terms)
    shown = Span(span.start, min(span.end, span.start + MARKED_CHARS))
    return tuple(token.span for token in tokenize(text, shown) if token.term in wanted)


def _may_be_meant(word: str, known: str) -> bool:
    return abs(len(word) - len(known)) <= 2 and (word[:1] == known[:1] or word[1:3] == known[1:3])


def _with_questions(stored: Iterable[StoredPassage]) -> Iterable[tuple[Passage, Span | None]]:
    """Each passage, and the question whose words it is found by too: people ask what the interviewer asked.

    Only the first passage of an answer carries them. On every passage they would lift the shortest one of the answer,
    by BM25's length normalisation, above the one that answers.
    """
    previous: Span | None = None
    for row in stored:
        question = row.passage.question
        yield row.passage, question if question != previous else None
        previous = question
