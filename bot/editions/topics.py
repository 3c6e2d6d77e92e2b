"""Topics: what several articles tell about one thing, in their own sentences.

articles found, best first, and the terms asked for -> **topics** -> cards, lines in a terminal. A sentence counts for
what it is worth in its article, for the terms it has, and for how well its article matches; sentences are chosen one
after the other so that each says something new (maximal marginal relevance, across the articles), and put in order of
time. Only what can be read alone is chosen: the sentences around it are from other articles.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Final, Self

from bot.editions.repeats import grouped
from bot.editions.salience import Matrix, bag_of_terms, likeness, quotable_sentences, salience
from bot.editions.stories import near_duplicates
from bot.editions.summaries import LENGTHS, Choice, possible_choices, speakers
from bot.model import Article, Span

MOST_ARTICLES: Final = 5
"""Sources of one summary: more would give each a line without its context."""
LOOKED_AT: Final = 12
"""Articles to look for, so that copies of one text do not use up the sources."""
_NEAR_BEST = 0.3  # of the best score: what matches far worse is about something else
_MOST_LINES_EACH = 3
_MOST_CANDIDATES_EACH = 25
_ASKED = 0.5  # weight of the terms asked for beside the worth in the article, which is at most 0.9
_NEW = 0.4  # weight of saying something new, as in a summary of one article
_SAME, _CONTAINED = 0.6, 0.7
"""Cosine of terms, or share of the terms of the shorter, from which two sentences are one statement."""

Found = tuple[Article, float]
"""An article and how well it matches."""


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A sentence of ``article``: ``span``; an answer may need its ``question``. ``speaker`` is whose turn it is from.

    ``also`` are the other articles that print it.
    """

    article: Article
    span: Span
    question: Span | None = None
    speaker: str | None = None
    also: tuple[Article, ...] = ()

    @property
    def spans(self) -> tuple[Span, ...]:
        """What of the article is shown, in its order."""
        return (self.question, self.span) if self.question else (self.span,)


@dataclass(frozen=True, slots=True)
class TopicSummary:
    """Lines on what was ``asked``, in order of time; none where no article was found, or none has one to quote.

    ``found`` is how many articles were looked at.
    """

    asked: str
    lines: tuple[TopicLine, ...]
    words: int
    found: int

    @classmethod
    def of(cls, asked: str, lines: Iterable[TopicLine], found: int = 0) -> Self:
        """Put lines in order, and say whose they are."""
        ordered = tuple(_with_speakers(sorted(lines, key=_in_time)))
        words = sum(len(span.of(line.article.text).split()) for line in ordered for span in line.spans)
        return cls(asked, ordered, words, found)

    @property
    def articles(self) -> list[Article]:
        """Where the lines are from, in their order."""
        return list({line.article.id: line.article for line in self.lines}.values())


@dataclass(frozen=True, slots=True)
class _Candidate:
    line: TopicLine
    text: str
    worth: float
    bag: Counter[str]

    @property
    def words(self) -> int:
        return sum(len(span.of(self.line.article.text).split()) for span in self.line.spans)


def sum_up(
    asked: str, found: Sequence[Found], wanted: Sequence[Collection[str]], length: str = "medium"
) -> TopicSummary:
    """What ``found`` tells, best match first, within the words of ``length`` (`summaries.LENGTHS`).

    ``wanted`` are the terms asked for, each with its other spellings. One sentence comes even where it is longer.
    """
    sources = _sources(found)
    candidates = _about([candidate for source in sources for candidate in _candidates(*source)], wanted)
    chosen = _chosen(candidates, _asked_for(candidates, wanted), LENGTHS[length])
    return TopicSummary.of(asked, chosen, len(found))


def _sources(found: Sequence[Found]) -> list[tuple[Article, float, tuple[Article, ...]]]:
    """The articles to quote, each with its match (the best is 1) and the copies of its text, which are not quoted."""
    if not found:
        return []
    best = max(score for _, score in found)
    near = {article.id: score / best if best > 0 else 1.0 for article, score in found}
    ranked = [article for article, _ in found if near[article.id] >= _NEAR_BEST]
    copies = {article.id: group for group in near_duplicates(ranked) for article in group}
    kept: dict[int, Article] = {}
    for article in ranked:
        if not any(one.id in kept for one in copies[article.id]):
            kept[article.id] = article
    return [
        (article, near[article.id], tuple(one for one in copies[article.id] if one.id != article.id))
        for article in list(kept.values())[:MOST_ARTICLES]
    ]


def _candidates(article: Article, match: float, copies: tuple[Article, ...]) -> list[_Candidate]:
    """The sentences of an article that can be read alone, an answer with its question where it needs it."""
    found = quotable_sentences(article.text)
    worth, _ = salience(found, article.title)
    alone = [choice for choice in possible_choices(article.text, found) if len(choice.with_it) == 1]

    def candidate(choice: Choice) -> _Candidate:
        sentence = found[choice.place]
        line = TopicLine(article, sentence.span, choice.question, also=copies)
        return _Candidate(line, sentence.text, match * float(worth[choice.place]), bag_of_terms(sentence.text))

    return [candidate(choice) for choice in alone]


def _about(candidates: Sequence[_Candidate], wanted: Sequence[Collection[str]]) -> list[_Candidate]:
    """Those that have a term asked for, all where none has one; of each article the best."""
    asked = {term for spellings in wanted for term in spellings}
    about = [one for one in candidates if not asked.isdisjoint(one.bag)] or candidates
    kept: Counter[int] = Counter()
    best = []
    for one in sorted(about, key=lambda one: -one.worth):
        kept[one.line.article.id] += 1
        if kept[one.line.article.id] <= _MOST_CANDIDATES_EACH:
            best.append(one)
    return best


def _asked_for(candidates: Sequence[_Candidate], wanted: Sequence[Collection[str]]) -> list[float]:
    """The share of what was asked for that each candidate has, 0 to 1; a term that few have counts more."""
    holding = [[not candidate.bag.keys().isdisjoint(spellings) for candidate in candidates] for spellings in wanted]
    weights = [math.log(1 + len(candidates) / sum(held)) if any(held) else 0.0 for held in holding]
    total = sum(weights) or 1.0
    return [
        sum(weight for weight, held in zip(weights, holding, strict=True) if held[at]) / total
        for at in range(len(candidates))
    ]


def _chosen(candidates: Sequence[_Candidate], asked_for: Sequence[float], most_words: int) -> list[TopicLine]:
    """Choose greedily until nothing more fits; what says the same as a chosen one never does."""
    alike = likeness([candidate.bag for candidate in candidates])
    statements = grouped([candidate.text for candidate in candidates])
    value = [one.worth + _ASKED * share for one, share in zip(candidates, asked_for, strict=True)]
    chosen: list[int] = []
    every = set(range(len(candidates)))
    left = {at for at in every if candidates[at].words <= most_words} or every
    room = most_words
    while left:
        best = max(left, key=lambda at: ((1 - _NEW) * value[at] - _NEW * _repeats(at, chosen, alike), -at))
        chosen.append(best)
        room -= candidates[best].words
        sources = Counter(candidates[at].line.article.id for at in chosen)
        left = {
            at
            for at in left - {best}
            if candidates[at].words <= room
            and statements[at] != statements[best]
            and alike[at, best] < _SAME
            and _shared(candidates[at].bag, candidates[best].bag) < _CONTAINED
            and sources[candidates[at].line.article.id] < _MOST_LINES_EACH
        }
    return [_with_others(at, candidates, statements) for at in chosen]


def _repeats(at: int, chosen: Sequence[int], alike: Matrix) -> float:
    return max((float(alike[at, other]) for other in chosen), default=0.0)


def _shared(bag: Counter[str], other: Counter[str]) -> float:
    """The share of the terms of the sentence with fewer that are in the other one."""
    return len(bag.keys() & other.keys()) / max(1, min(len(bag), len(other)))


def _with_others(at: int, candidates: Sequence[_Candidate], statements: Sequence[int]) -> TopicLine:
    """The line with all the articles that print it: copies of its own, and those that have the sentence alone."""
    line = candidates[at].line
    same = (one.line for one, group in zip(candidates, statements, strict=True) if group == statements[at])
    also = {article.id: article for other in same for article in (other.article, *other.also)}
    also.pop(line.article.id)
    return replace(line, also=tuple(also.values()))


def _with_speakers(lines: Iterable[TopicLine]) -> Iterator[TopicLine]:
    for article, told in groupby(lines, key=lambda line: line.article):
        some = list(told)
        said = speakers(article.text, [line.span for line in some])
        yield from (replace(line, speaker=speaker) for line, speaker in zip(some, said, strict=True))


def _in_time(line: TopicLine) -> tuple[date, int, Span]:
    article = line.article
    day = article.published.first_day if article.published else article.added_at.date()
    return day, article.id, line.span
