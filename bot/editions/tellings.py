"""Tellings: a story as it is shown, with how many sources tell it and what its articles share.

stories -> **tellings** -> cards, lines in a terminal. What is shared explains why articles stand together, in the words
of the articles: names and dates first, then words that are rare elsewhere.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from bot.editions.bags import NAME_WEIGHT, UNSEEN, bag, names_in
from bot.editions.stories import grouped, sources
from bot.language.saying import SAYING_VERBS
from bot.language.tokens import Token, terms, tokenize
from bot.model import Article

MOST_SHARED: Final = 5
_MOST_READ, _READ_CHARS = 5, 1_200  # articles of a story, the most typical, and of each: what tells the event
_HELD_BY: Final = 2 / 3
"""The part of a story's articles that must hold what is shared."""
_MOST_PHRASE_TERMS = 4
_YEAR_DIGITS = 4
_POSSESSIVE = re.compile(r"[’']s?$")

Rarity: TypeAlias = Callable[[str], float]
"""How rare a term is where the articles are from, such as its idf; more is rarer."""
Phrase: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """Articles on one event, the most typical first; ``sources`` as `bot.editions.stories.sources`."""

    articles: tuple[Article, ...]
    sources: int
    shared: tuple[str, ...]

    def besides(self, article: Article) -> list[Article]:
        """The other articles."""
        return [other for other in self.articles if other.id != article.id]


def tell(story: Sequence[Article], rarity: Rarity) -> Telling:
    """What is said of a story: how many sources it has and what its articles share."""
    return Telling(tuple(story), sources(story), shared(story, rarity))


def tellings(articles: Sequence[Article]) -> list[Telling]:
    """Every story of these articles, in the order of `told_first`; a term is the rarer the fewer of them hold it."""
    bags = [bag(article) for article in articles]
    holders = Counter(term for one in bags for term in one.terms)
    stories = grouped(articles, bags)
    rarity = rarity_of(lambda term: holders[term], len(articles))
    return sorted((tell(story, rarity) for story in stories), key=told_first)


def rarity_of(frequency: Callable[[str], int], articles: int) -> Rarity:
    """The idf of terms (as `idf_of`) of which ``frequency`` says how many of ``articles`` hold them."""
    return lambda term: math.log((articles + UNSEEN) / max(frequency(term), 1))


def told_first(telling: Telling) -> tuple[int, int, int]:
    """To sort by: most sources first, then most articles, then in the order of their ids."""
    return -telling.sources, -len(telling.articles), min(article.id for article in telling.articles)


def shared(story: Sequence[Article], rarity: Rarity) -> tuple[str, ...]:
    """What the articles of a story share, most telling first, as they write it; nothing for one article.

    A name or a number counts as in a bag (`bot.editions.bags`); what stands inside a longer name is left out.
    """
    if len(story) < 2:
        return ()
    texts = [_beginning(article) for article in story[:_MOST_READ]]
    fewest = max(2, math.ceil(len(texts) * _HELD_BY))
    used = Counter(term for text in texts for term in set(terms(text)))
    common = {term for term, held in used.items() if held >= fewest}
    written: defaultdict[Phrase, list[str]] = defaultdict(list)
    holders: Counter[Phrase] = Counter()
    for text in texts:
        phrases = _phrases(text, common)
        holders.update(phrases.keys())
        for phrase, ways in phrases.items():
            written[phrase] += ways
    kept = {phrase: held for phrase, held in holders.items() if held >= fewest}
    rare = {term: rarity(term) for term in {term for phrase in kept for term in phrase}}
    weights = {
        phrase: held * sum(rare[term] for term in phrase) * _emphasis(phrase, written) for phrase, held in kept.items()
    }
    chosen: list[Phrase] = []
    for phrase in sorted(weights, key=lambda phrase: (-round(weights[phrase], 9), phrase)):
        if weights[phrase] > 0 and not set(phrase) <= {term for other in chosen for term in other}:
            chosen.append(phrase)
        if len(chosen) == MOST_SHARED:
            break
    return tuple(_spelled(written[phrase]) for phrase in chosen)


def _emphasis(phrase: Phrase, written: Mapping[Phrase, list[str]]) -> float:
    """How much a phrase stands out; no less than any of its words does, so that whole names come before their parts."""
    named = len(phrase) > 1 or phrase[0][0].isdigit() or _is_capital(_most_common(written[phrase]))
    often = max(len(written.get(part, ())) for part in (phrase, *((term,) for term in phrase)))
    return (NAME_WEIGHT if named else 1.0) * (1 + math.log(often))


def _beginning(article: Article) -> str:
    return f"{article.title}\n{article.text[:_READ_CHARS]}"


def _phrases(text: str, common: set[str]) -> dict[Phrase, list[str]]:
    """The words and names of a text that are made of ``common`` terms, by their terms, each time as it is written."""
    named = set(terms(" ".join(names_in(text.partition("\n")[2]))))
    found: defaultdict[Phrase, list[str]] = defaultdict(list)
    for run in _runs(text, named, common):
        for start, first in enumerate(run):
            phrase: Phrase = ()
            for last in run[start : start + _MOST_PHRASE_TERMS]:
                phrase = (*phrase, last.term)
                if _tells(phrase):
                    spelled = text[first.span.start : last.span.end]
                    is_word = len(phrase) == 1 and last.term not in named
                    found[phrase].append(_uncapitalised(spelled) if is_word else spelled)
    return found


def _runs(text: str, named: set[str], common: set[str]) -> Iterator[list[Token]]:
    """The ``common`` words of a text; names and numbers side by side in one run, with the word that a number counts."""
    run: list[Token] = []
    goes_on = False
    for token in tokenize(text):
        if token.term not in common:
            goes_on = False
            continue
        written = token.span.of(text)
        number, name = token.term[0].isdigit(), token.term in named and _is_capital(written)
        beside = bool(run) and text[run[-1].span.end : token.span.start] == " "
        if run and not (goes_on and beside and (number or name or run[-1].term[0].isdigit())):
            yield run
            run = []
        run.append(token)
        goes_on = number or name
    if run:
        yield run


def _uncapitalised(written: str) -> str:
    """A word that is no name without the capital it has where a sentence begins."""
    return written[0].lower() + written[1:] if _is_capital(written) and written[1:].islower() else written


def _is_capital(written: str) -> bool:
    return written[:1].isupper()


def _tells(phrase: Phrase) -> bool:
    """A number by itself says nothing, unless it is a year; nor does it that somebody said something."""
    last = phrase[-1]
    if len(phrase) > 1:
        return True
    return (len(last) == _YEAR_DIGITS if last.isdigit() else not last[0].isdigit()) and last not in _SAID


def _spelled(ways: Sequence[str]) -> str:
    """The most common way to write a phrase, without a possessive's ending."""
    return _POSSESSIVE.sub("", " ".join(_most_common(ways).split()))


def _most_common(ways: Sequence[str]) -> str:
    """Of several, the one that was read first."""
    return Counter(ways).most_common(1)[0][0] if len(ways) > 1 else ways[0]


_SAID: Final = frozenset(term for verb in SAYING_VERBS for term in terms(verb))
