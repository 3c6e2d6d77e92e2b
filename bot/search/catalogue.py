"""What one server can search: its own shelf and the shared one, as one collection with one set of statistics.

shelves -> `Catalogue`; query -> ranked articles and passages, as row ids and positions. A catalogue never changes: when
a library does, `bot.desks.indexes` makes another, which costs next to nothing. It reads no text: phrases, which only
the text can confirm, are narrowed down to the passages that hold all their words.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np

from bot.language.tokens import terms, words
from bot.language.variants import same_name, variant_key
from bot.search.index import Bools, Index, Matches, Part, Spellings, places_in, top
from bot.search.joint import Link
from bot.search.names import named_by, part_of
from bot.search.phrases import is_word
from bot.search.precedents import precedents
from bot.search.query import Query
from bot.search.ranking import best_articles
from bot.search.seeds import rarities, seeds
from bot.search.shelf import NO_NAME, NOTHING_CORRECTED, Cards, Known, Names, Shelf, Spoken
from bot.search.suggestions import nearest
from bot.tallies import Ints

# How much of an article's own score counts towards its passages: enough to prefer, among passages that match alike,
# the one whose article is about the question; too little to lift a passage that does not answer it.
ARTICLE_WEIGHT = 0.2
MOST_CORRECTED_WORDS = 3
_CORRECTED_CHARS = 500  # who types more has not mistyped a word
_SUGGESTIONS_A_WORD = 3
_ROW_ID_BITS = 40
_MOST_SPELLED = 2_000  # terms whose spellings are remembered: each is asked for three times in a question

Ranking: TypeAlias = Literal["plain", "best"]


@dataclass(frozen=True, slots=True)
class Placed:
    """An article that can be seen: its row id, 60 bits of its fingerprint, its shelf's place, its number here."""

    article_id: int
    fingerprint: int
    shelf: int
    number: int = field(compare=False)  # another in another catalogue


@dataclass(frozen=True, slots=True)
class Ranked:
    """An article found: its row id, the positions of its passages that match best, best first, and its score."""

    article_id: int
    positions: tuple[int, ...]
    score: float


class Catalogue:
    """Takes a millisecond or so to ask at a hundred thousand passages: in a thread, or where that does no harm."""

    def __init__(self, shelves: Sequence[Shelf], link: Link | None = None) -> None:
        """``link`` holds the vocabulary of the second shelf against that of the first, where there are two."""
        links = [] if link is None else [link]
        self.shelves = tuple(shelves)
        self._articles = Index([Part(shelf.vocabulary, shelf.articles, shelf.vectors) for shelf in shelves], links)
        self._passages = Index([Part(shelf.vocabulary, shelf.passages) for shelf in shelves], links)
        self._spelled: dict[str, Spellings] = {}

    # Answers

    def quotes(self, query: Query, limit: int) -> list[Ranked]:
        """The passages that share a term with the query and lie within its limits, best first: one position each."""
        asked = self._asked(query)
        found = self._passages.matches(asked, self._accepted_passages(query))
        owners = self._owners[found.numbers]
        mixed = found.scores + ARTICLE_WEIGHT * self._articles.all_scores(asked).take(owners)
        return self._quotes(top(found._replace(scores=mixed), limit, self._newest_of_passages))

    def articles(self, query: Query, limit: int, *, ranking: Ranking = "best", positions: int = 1) -> list[Ranked]:
        """Articles, ranked as a whole, each with the ``positions`` passages in it that match best."""
        asked = _terms_alone(query) if ranking == "plain" else self._asked(query)
        within, newest = self._accepted_articles(query), self._newest.__getitem__
        if ranking == "plain":
            chosen = top(self._articles.matches(asked, within), limit, newest)
        else:
            chosen = best_articles(self._articles, asked, limit, accepted=within, newest=newest)
        firsts, ends = self._first_passages(chosen.numbers), self._first_passages(chosen.numbers + 1)
        here = np.concatenate([np.zeros(0, np.intp), *map(np.arange, firsts, ends)])
        if (accepted := self._accepted_passages(query)) is not None:
            here = here[accepted[here]]
        order = np.argsort(-self._passages.scores_among(asked, here), kind="stable")
        best: dict[int, list[int]] = {number: [] for number in chosen.numbers.tolist()}
        for number, passage in zip(self._owners[here[order]].tolist(), here[order].tolist(), strict=True):
            best[number].append(passage)
        ids = self._cards.ids[chosen.numbers].tolist()
        ranked = []
        for id_, first, (number, score) in zip(ids, firsts.tolist(), chosen.pairs(), strict=True):
            places = tuple(passage - first for passage in best[number][:positions])
            ranked.append(Ranked(id_, places or (0,), score))
        return ranked

    def any_quote(self, query: Query, chance: random.Random) -> Ranked | None:
        """A passage by chance, within the query's limits; one whose speaker is known, where there is one."""
        allowed = _both(self._accepted_passages(query), self._passages.living)
        spoken = np.flatnonzero(allowed & (_joined([shelf.speaking for shelf in self.shelves]) != NO_NAME))
        numbers = spoken if len(spoken) else np.flatnonzero(allowed)
        if not len(numbers):
            return None
        return self._quotes(Matches(numbers[[chance.randrange(len(numbers))]], np.zeros(1)))[0]

    def spellings(self, term: str) -> Spellings:
        """``term`` and the names of these shelves that are it in another spelling; a common word has none."""
        known = self._spelled.get(term)
        if known is None:
            known = self._find_spellings(term)
            if len(self._spelled) < _MOST_SPELLED:
                self._spelled[term] = known
        return known

    def _find_spellings(self, term: str) -> Spellings:
        key = variant_key(term)
        named = {name for shelf in self.shelves for name in shelf.vocabulary.namesakes(key)}
        if term not in named and self._passages.document_frequency(term):
            return (term,)
        others = (name for name in named if name != term and same_name(term, name))
        return (term, *sorted(name for name in others if self._articles.document_frequency(name)))

    def suggest(self, query: Query) -> list[str]:
        """Terms of these shelves that look like the query's terms that are not in them, nearest first."""
        typed = dict.fromkeys(word.term for word in words(query.sought[:_CORRECTED_CHARS]))
        unknown = [word for word in typed if any(not self._is_known(term) for term in terms(word))]
        known, frequencies = self._terms
        found = (nearest(word, known, frequencies, _SUGGESTIONS_A_WORD) for word in unknown[:MOST_CORRECTED_WORDS])
        return list(dict.fromkeys(term for near in found for term in near))

    def _is_known(self, term: str) -> bool:
        return any(self._articles.document_frequency(spelling) for spelling in self.spellings(term))

    def rarities(self, terms: Iterable[str]) -> dict[str, float]:
        """How much it says of an article that it holds a term; see `bot.search.seeds`."""
        return rarities(self._articles, terms)

    def seeds(self, rarity: Mapping[str, float]) -> tuple[list[int], bool]:
        """The row ids of the articles that may hold a claim of these terms, and whether no others can."""
        found = seeds(self._articles, self._passages, self._owners, rarity, self._newest.__getitem__)
        return self._cards.ids[found.numbers].tolist(), found.is_complete

    def matching(self, query: Query) -> frozenset[int]:
        """The row ids of all articles that share a term with the query and lie within its limits; phrases are to be
        read. Where nothing is looked for but within limits, or without some words, all of those.
        """
        if query.finds_nothing:
            return frozenset()
        accepted = self._fitting(query)
        if query.terms:
            numbers = self._articles.matches(self._asked(query), accepted).numbers
        else:
            numbers = np.flatnonzero(_both(accepted, self._articles.living))
        return frozenset(self._cards.ids[numbers].tolist())

    def precedents(self, ids: Collection[int], besides: Collection[int]) -> dict[int, int]:
        """By row id the article most like it, of all but those ``besides``, where one is: see `search.precedents`."""
        among = self._articles.living.copy()
        among[self._numbers(besides)] = False
        found = precedents(self._articles, self._numbers(ids), among)
        return {int(self._cards.ids[number]): int(self._cards.ids[other]) for number, other in found.items()}

    def uses(self, ids: Collection[int]) -> Ints:
        """By the number of a term, in how many of these articles it stands."""
        return self._articles.uses(self._numbers(ids))

    def holding(self, term: str, ids: Collection[int]) -> list[int]:
        """Which of these articles hold ``term``, in the order they came."""
        numbers = self._numbers(ids)
        return sorted(self._cards.ids[numbers[self._articles.holding(term)[numbers]]].tolist())

    def named(self, terms: Ints) -> list[str]:
        """The terms of these numbers."""
        return self._articles.named(terms)

    def days(self) -> list[tuple[int, date | None]]:
        """Every article by row id, in the order they came, with the day it was published where that is known."""
        numbers = np.flatnonzero(self._articles.living)
        numbers = numbers[np.argsort(self._cards.ids[numbers])]
        first, last = self._cards.first_day[numbers], self._cards.last_day[numbers]
        known = np.where((first == last) & (first > 0), first, 0).tolist()
        ids = self._cards.ids[numbers].tolist()
        return [(id_, date.fromordinal(day) if day else None) for id_, day in zip(ids, known, strict=True)]

    # Nearness

    @property
    def size(self) -> int:
        """How many articles can be seen."""
        return self._articles.corpus_size

    def placed(self, article_id: int) -> Placed | None:
        """Where an article is; None where it cannot be seen."""
        found = np.flatnonzero((self._cards.ids == article_id) & self._articles.living)
        return self._placed(int(found[0])) if len(found) else None

    def near(
        self,
        placed: Placed,
        asked: Mapping[str, float],
        days: tuple[date, date] | None,
        limit: int,
        *,
        least: float,
    ) -> list[Placed]:
        """The articles that may be of these days and are at least ``least`` alike to one, itself among them.

        Looked for among the ``limit`` nearest to weighted terms of it, and all as near as the last. An article without
        a date may be of any day. Which articles they are does not hang on the order in which they came.
        """
        accepted: Bools | None = None
        if days is not None:
            first, last = self._cards.first_day, self._cards.last_day
            accepted = (first == 0) | ((last >= days[0].toordinal()) & (first <= days[1].toordinal()))
        matches = self._articles.matches({(term,): weight for term, weight in asked.items()}, accepted)
        found = top(matches, limit)
        if not len(found.numbers):
            return []
        numbers = np.unique(matches.numbers[matches.scores >= found.scores[-1]])
        alike = self._articles.alike(placed.number, numbers)
        return [self._placed(number) for number in numbers[alike >= least].tolist()]

    def numbered(self, place: int, terms: Iterable[str]) -> Ints:
        """Terms by their ids in the vocabulary of a shelf, -1 for one it does not hold; good while it is the same."""
        known = map(self.shelves[place].vocabulary.id_of, terms)
        return np.array([-1 if number is None else number for number in known], np.int64)

    def counted(self, place: int, ids: Ints) -> tuple[Ints, Ints]:
        """Terms that were `numbered`: their numbers in this catalogue, and how many articles hold each."""
        return self._articles.counted(place, ids)

    def article_frequency(self, term: str) -> int:
        """How many articles hold ``term``."""
        return self._articles.document_frequency(term)

    def _placed(self, number: int) -> Placed:
        shelf = int(np.searchsorted(self._articles.offsets, number, "right")) - 1
        return Placed(int(self._cards.ids[number]), int(self._cards.fingerprint[number]), shelf, number)

    @cached_property
    def outlets(self) -> list[Known]:
        """Where the articles are from, and how many; most first."""
        return _counted([(shelf.outlets, shelf.cards.outlet[shelf.articles.living]) for shelf in self.shelves])

    # Limits

    def _accepted_articles(self, query: Query) -> Bools:
        """By article number, whether it has something to show and fits the query as far as `_fitting` knows."""
        return _both(self._fitting(query), self._quotable)

    def _fitting(self, query: Query) -> Bools | None:
        """By article number, whether it is within the limits and may hold the phrases; None for all."""
        accepted = self._within_limits(query)
        if query.speaker:
            speaking = np.zeros(self._articles.documents_ever, np.bool_)
            speaking[self._owners[self._spoken_by(query)]] = True
            accepted = _both(accepted, speaking)
        return self._holding(self._articles, query, accepted)

    def _accepted_passages(self, query: Query) -> Bools | None:
        """The same by passage number."""
        articles = self._within_limits(query)
        accepted = None if articles is None else articles[self._owners]
        if query.speaker:
            accepted = _both(accepted, self._spoken_by(query))
        return self._holding(self._passages, query, accepted)

    def _within_limits(self, query: Query) -> Bools | None:
        accepted: Bools | None = None
        if query.source:
            outlets = [(shelf.outlets, shelf.cards.outlet) for shelf in self.shelves]
            accepted = _named(outlets, part_of(query.source))
        if query.since or query.until:
            since = query.since.toordinal() if query.since else 0
            until = query.until.toordinal() if query.until else np.iinfo(np.int32).max
            first, last = self._cards.first_day, self._cards.last_day
            accepted = _both(accepted, (first > 0) & (last >= since) & (first <= until))
        return accepted

    def _holding(self, index: Index, query: Query, accepted: Bools | None) -> Bools | None:
        """``accepted`` without documents that hold an excluded word, however spelled, or lack a word of a phrase."""
        for phrase in query.phrases:
            for term in phrase.terms:
                accepted = _both(accepted, index.holding(term))
        for phrase in query.excluded:
            if is_word(phrase):
                for spelling in self.spellings(phrase.terms[0]):
                    accepted = _both(accepted, ~index.holding(spelling))
        return accepted

    def _spoken_by(self, query: Query) -> Bools:
        """By passage number, whether the speaker asked for is its speaker."""
        speakers = [(shelf.speakers, shelf.speaking) for shelf in self.shelves]
        fits = named_by(query.speaker or "")
        return _named(speakers, lambda key: key in query.speaker_keys or fits(key))

    # Inside

    def _asked(self, query: Query) -> dict[Spellings, float]:
        """The query's terms with the spellings of each name as one, and how often each was asked for."""
        asked: dict[Spellings, float] = {}
        for term, count in Counter(query.terms).items():
            spellings = next((known for known in asked if term in known), None) or self.spellings(term)
            asked[spellings] = asked.get(spellings, 0.0) + count
        return asked

    @cached_property
    def _quotable(self) -> Bools:
        """By article number, whether it has a passage to show: one of headings only has none."""
        quotable = np.zeros(self._articles.documents_ever, np.bool_)
        quotable[self._owners] = True
        return quotable

    def _quotes(self, chosen: Matches) -> list[Ranked]:
        """These passages."""
        owners = self._owners[chosen.numbers]
        positions = chosen.numbers - self._first_passages(owners)
        found = zip(self._cards.ids[owners].tolist(), positions.tolist(), chosen.scores.tolist(), strict=True)
        return [Ranked(id_, (position,), score) for id_, position, score in found]

    def _first_passages(self, articles: Ints) -> Ints:
        """The numbers of the first passages of articles by number."""
        return places_in(self._owners, articles)

    def _newest_of_passages(self, numbers: Ints) -> Ints:
        return self._newest[self._owners[numbers]]

    @cached_property
    def _newest(self) -> Ints:
        """By article number, a number that is the higher the newer it is: by the day it is filed under, then row id."""
        return (self._cards.filed.astype(np.int64) << _ROW_ID_BITS) + self._cards.ids

    @cached_property
    def _cards(self) -> Cards:
        first, *rest = (shelf.cards for shelf in self.shelves)
        for more in rest:
            first = first.followed_by(more)
        return first

    def _numbers(self, ids: Collection[int]) -> Ints:
        """The article numbers of these row ids, as far as they are there, ascending."""
        return np.flatnonzero(np.isin(self._cards.ids, list(ids)) & self._articles.living)

    @cached_property
    def _owners(self) -> Ints:
        """By passage number, the number of its article; ascending."""
        offsets = self._articles.offsets
        return _joined(
            [
                shelf.owners + offset if offset else shelf.owners
                for shelf, offset in zip(self.shelves, offsets, strict=True)
            ]
        )

    @cached_property
    def _terms(self) -> tuple[list[str], list[int]]:
        """Every term that a visible article holds, sorted, and how many hold it."""
        counts: Counter[str] = Counter()
        for shelf in self.shelves:
            frequencies = shelf.articles.document_frequencies.tolist()
            known = shelf.vocabulary.items()
            counts.update({term: frequencies[number] for term, number in known if number < len(frequencies)})
        ordered = sorted(term for term, count in counts.items() if count)
        return ordered, [counts[term] for term in ordered]


def _terms_alone(query: Query) -> dict[Spellings, float]:
    """The query's terms just as rank-bm25 counts them."""
    return {(term,): float(count) for term, count in Counter(query.terms).items()}


def combined(own: Shelf, shared: Shelf, link: Link, spoken: Spoken = NOTHING_CORRECTED) -> Catalogue:
    """What a server with a library of its own sees: a shared article whose text its own library holds too is its own.

    ``spoken`` is whose words passages are by what its admins have corrected.

    As `bot.corpus.articles` reads articles; both are held together by tests.
    """
    fingerprints = own.cards.fingerprint[own.articles.living]
    twins = np.flatnonzero(shared.articles.living & np.isin(shared.cards.fingerprint, fingerprints))
    shelves = own.with_speakers(spoken), shared.without_articles(twins).with_speakers(spoken)
    return Catalogue(shelves, link)


def _both(one: Bools | None, other: Bools) -> Bools:
    return other if one is None else one & other


def _joined(arrays: Sequence[Ints]) -> Ints:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _named(named: Sequence[tuple[Names, Ints]], wanted: Callable[[str], bool]) -> Bools:
    """Which of these names, given by number, are wanted by their key."""
    return np.concatenate(
        [np.array([*map(wanted, names.keys()), False], np.bool_)[numbers] for names, numbers in named]  # the last: none
    )


def _counted(named: Sequence[tuple[Names, Ints]]) -> list[Known]:
    """Names by how often their numbers occur, most first."""
    counts: Counter[tuple[str, str]] = Counter()
    for names, numbers in named:
        known = list(zip(names.all(), names.keys(), strict=False))
        found = np.bincount(numbers[numbers != NO_NAME], minlength=len(known)).tolist()
        counts.update(dict(zip(known, found, strict=False)))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Known(name, key, count) for (name, key), count in ordered if count]
