"""Percolation: which of many standing queries an article that came in matches, and which passage to show for each.

queries -> `Percolator`, each under the rarest term it needs; article -> `Incoming` -> candidates -> matches

The other way round than search: the queries are indexed, and the article is what is asked. Its terms look up the
queries registered under them; only of those are the rest of the terms, phrases and exclusions compared, all on word
lists made once an article. No score is computed.

A query means what it means to `/search`: the same tokeniser, phrases word for word in title or text, exclusions,
``source:``, ``speaker:``, and names in their other spellings. What differs:

- Every word must occur. `/search` ranks articles that share any of the words; who is told unasked wants those that
  share all of them.
- A spelling of a name is looked for wherever the article itself has the name and not the word. `/search` looks for
  none where another article of the library holds the word as a common one.
- Speakers are those that the article was stored with, before any correction.
- Limits may stand alone: all that comes from an outlet, or quotes a person. A phrase of common words alone is found.
- The passage shown is the one that holds most of what was asked for, the first of several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, reduce
from operator import and_, or_
from typing import NamedTuple

from bot.language.tokens import folded, terms, tokenize
from bot.language.variants import names_in, variant_key
from bot.model import Article, Passage, Span
from bot.search.highlights import matches
from bot.search.names import name_key, named_by, part_of
from bot.search.phrases import is_word
from bot.search.query import Query


class Match(NamedTuple):
    """A query that matches, by the id it was registered under, and the passage to show for it."""

    id: int
    span: Span


class _Terms(NamedTuple):
    """What stands in a text: its terms, and the variant keys of those that are names there."""

    terms: frozenset[str]
    name_keys: frozenset[str]

    def holds(self, term: str) -> bool:
        """Whether ``term`` stands there, or a name that is it in another spelling."""
        return term in self.terms or variant_key(term) in self.name_keys


class _Words:
    """A text as folded words, to look for many phrases in."""

    def __init__(self, text: str) -> None:
        self._words = folded(text)
        self._places: dict[str, list[int]] = {}
        for place, word in enumerate(self._words):
            self._places.setdefault(word, []).append(place)

    def hold(self, phrase: Sequence[str]) -> bool:
        """Whether these words stand there in a row."""
        places = [self._places.get(word, ()) for word in phrase]
        rarest = min(range(len(phrase)), key=lambda number: len(places[number]))
        wanted = list(phrase)
        starts = (place - rarest for place in places[rarest])
        return any(start >= 0 and self._words[start : start + len(wanted)] == wanted for start in starts)


class Incoming:
    """An article as queries are compared with it: made once, whatever their number. Use a thread."""

    def __init__(self, article: Article, passages: Sequence[Passage], *, title_in_text: bool = False) -> None:
        """``title_in_text``: its title is counted there, as in the index."""
        tokens = tokenize(article.text)
        names = names_in(article.text, tokens)
        counted = [] if title_in_text else terms(article.title)
        self.article = article
        self.held = _Terms(frozenset(counted).union(token.term for token in tokens), frozenset(map(variant_key, names)))
        self.outlet = None if article.outlet is None else name_key(article.outlet)
        self._passages = passages

    @cached_property
    def words(self) -> _Words:
        """The words of title and text."""
        return _Words(f"{self.article.title}\n{self.article.text}")

    @cached_property
    def speakers(self) -> dict[str, int]:
        """Who speaks in the passages, as names are compared, each with the passages (a bit each) in which they do."""
        found: dict[str, int] = {}
        for number, passage in enumerate(self._passages):
            if passage.speaker:
                key = name_key(passage.speaker)
                found[key] = found.get(key, 0) | 1 << number
        return found

    def passages_with(self, term: str, *, exact: bool) -> int:
        """The passages (a bit each) that hold ``term``, or unless ``exact`` a name that is it in another spelling."""
        by_term, by_name = self._standing
        return by_term.get(term, 0) if exact else by_term.get(term, 0) | by_name.get(variant_key(term), 0)

    def passages_with_phrase(self, phrase: Sequence[str]) -> int:
        """The passages (a bit each) that hold these words in a row."""
        return sum(1 << number for number, words in enumerate(self._passage_words) if words.hold(phrase))

    def span(self, number: int) -> Span:
        """Where a passage stands in the text."""
        return self._passages[number].span

    @property
    def every_passage(self) -> int:
        """A bit set of all passages."""
        return (1 << len(self._passages)) - 1

    @cached_property
    def _standing(self) -> tuple[dict[str, int], dict[str, int]]:
        """Which passages hold each term, and which hold a name of each variant key."""
        by_term: dict[str, int] = {}
        by_name: dict[str, int] = {}
        for number, passage in enumerate(self._passages):
            for term in terms(passage.span.of(self.article.text)):
                by_term[term] = by_term.get(term, 0) | 1 << number
        for term, standing in by_term.items():
            if (key := variant_key(term)) in self.held.name_keys:
                by_name[key] = by_name.get(key, 0) | standing
        return by_term, by_name

    @cached_property
    def _passage_words(self) -> list[_Words]:
        return [_Words(passage.span.of(self.article.text)) for passage in self._passages]

    @property
    def is_quotable(self) -> bool:
        """Whether there is anything to show of it: `/search` finds no article of headings alone."""
        return bool(self._passages)


class _Standing:
    """A query taken apart for comparing."""

    def __init__(self, id_: int, query: Query) -> None:
        in_phrases = {term for phrase in query.phrases for term in phrase.terms}
        self.id = id_
        self.exact = tuple(in_phrases)  # `/search` looks for the words of a phrase in no other spelling
        self.loose = tuple(dict.fromkeys(term for term in query.terms if term not in in_phrases))
        self.phrases = tuple(phrase.words for phrase in query.phrases if not is_word(phrase))
        self.without = tuple(phrase.terms[0] for phrase in query.excluded if is_word(phrase))
        self.without_phrases = tuple(phrase.words for phrase in query.excluded if not is_word(phrase))
        self._from = part_of(query.source) if query.source else None
        self._speaks = _speaks(query) if query.speaker else None

    def match(self, incoming: Incoming) -> Match | None:
        held = incoming.held
        if not (held.terms.issuperset(self.exact) and all(map(held.holds, self.loose))):
            return None
        if any(map(held.holds, self.without)) or not self._within_limits(incoming):
            return None
        if self.phrases and not all(map(incoming.words.hold, self.phrases)):
            return None
        if self.without_phrases and any(map(incoming.words.hold, self.without_phrases)):
            return None
        return Match(self.id, incoming.span(self._passage(incoming)))

    def _within_limits(self, incoming: Incoming) -> bool:
        if self._from is not None and not (incoming.outlet is not None and self._from(incoming.outlet)):
            return False
        return self._speaks is None or any(map(self._speaks, incoming.speakers))

    def _passage(self, incoming: Incoming) -> int:
        """The first passage, by the speaker asked for, that holds most phrases, and of those most words."""
        own = incoming.every_passage
        if self._speaks is not None:
            own = reduce(or_, (bits for key, bits in incoming.speakers.items() if self._speaks(key)), 0)
        words = [
            *(incoming.passages_with(term, exact=True) for term in self.exact),
            *(incoming.passages_with(term, exact=False) for term in self.loose),
        ]
        phrases = list(map(incoming.passages_with_phrase, self.phrases))
        whole = reduce(and_, (*phrases, *words), own)
        best = whole or _holding_most(_holding_most(own, phrases), words)
        return (best & -best).bit_length() - 1


def _holding_most(among: int, held: Iterable[int]) -> int:
    """Those of the bits ``among`` that are set in as many of ``held`` as any."""
    at_least = [among]  # by how many
    for bits in held:
        reached = [0, *(those & bits for those in at_least)]
        at_least = [one | other for one, other in zip([*at_least, 0], reached, strict=True)]
    return next(those for those in reversed(at_least) if those)


def _speaks(query: Query) -> Callable[[str], bool]:
    fits = named_by(query.speaker or "")
    return lambda key: key in query.speaker_keys or fits(key)


class Percolator:
    """Many queries, to be compared with one article after the other. It never changes; any thread may ask it."""

    def __init__(self, queries: Mapping[int, Query], frequency: Callable[[str], int]) -> None:
        """``queries`` by an id of the caller's; ``frequency`` says in how many articles a term stands.

        A query is only ever looked at when an article holds its rarest term, so that is what the cost hangs on. Which
        term that is may change as the library grows, and nothing is wrong then but the cost.
        """
        self._by_term: dict[str, list[_Standing]] = {}
        self._by_name: dict[str, list[_Standing]] = {}
        self._always: list[_Standing] = []  # without a term: limits alone, or a phrase of stop words
        for id_, query in queries.items():
            self._register(_Standing(id_, query), frequency)

    def _register(self, one: _Standing, frequency: Callable[[str], int]) -> None:
        needed = (*one.exact, *one.loose)
        if not needed:
            self._always.append(one)
            return
        rarest = min(needed, key=lambda term: (frequency(term), -len(term), term))
        self._by_term.setdefault(rarest, []).append(one)
        if rarest in one.loose:
            self._by_name.setdefault(variant_key(rarest), []).append(one)

    def matches(self, incoming: Incoming) -> list[Match]:
        """Every query that matches, in the order of their ids. A thousand take a few milliseconds: use a thread."""
        if not incoming.is_quotable:
            return []
        candidates = {one.id: one for one in self._candidates(incoming.held)}
        found = (one.match(incoming) for _, one in sorted(candidates.items()))
        return [match for match in found if match is not None]

    def _candidates(self, held: _Terms) -> Iterator[_Standing]:
        yield from self._always
        for term in self._by_term.keys() & held.terms:
            yield from self._by_term[term]
        for key in self._by_name.keys() & held.name_keys:
            yield from self._by_name[key]


def marks(text: str, span: Span, query: Query) -> tuple[Span, ...]:
    """The words of ``query`` inside a passage of ``text``, names in their other spellings too, as in `/search`."""
    here = {token.term for token in tokenize(text, span)}
    keys = {term: variant_key(term) for term in query.terms}
    spellings = {term: [other for other in here if variant_key(other) == key] for term, key in keys.items()}
    return matches(text, span, query, spellings)
