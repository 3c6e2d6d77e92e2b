"""Summaries: a few sentences of an article that stand for the whole, word for word.

article -> salience -> **summaries** -> cards. Sentences are chosen one after the other for their worth and for saying
something new (maximal marginal relevance, Carbonell & Goldstein 1998), with a length in words, and put back into the
order of the document. A sentence that leans on another brings it along or is left out; an answer that needs its
question comes with it; a question never comes alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.editions.context import asks_alone, has_slug, is_question, is_unfinished, leans_back, points_at_picture
from bot.editions.salience import Matrix, Sentence, Vector, quotable_sentences, salience
from bot.language.blocks import blocks
from bot.language.sentences import sentences
from bot.model import Article, Kind, Span, Summary

LENGTHS: Final = {"short": 60, "medium": 120, "long": 220}
"""The most words of a summary. Never over half of the article: see `_budget`."""
TOO_SHORT_WORDS: Final = 60
"""A text of no more quotable words is its own summary."""
_LEAST_WORDS = 40
_NEW = 0.4  # weight of saying something new against worth; the 0.6 of the measured blend's MMR
_MOST_TOGETHER = 3  # sentences that one choice may bring along: more is a passage, not a point
_FEWEST_WORDS = 5  # "We're ready." tells nothing by itself
_INTRODUCTION_SHARE = 0.4  # of an interview's summary: people come for the answers


@dataclass(frozen=True, slots=True)
class Choice:
    """A sentence that may be chosen: ``with_it`` are the places of all that comes along, itself included."""

    place: int
    with_it: frozenset[int]
    question: Span | None = None

    @property
    def is_alone(self) -> bool:
        """Whether it can be taken without another sentence or a question."""
        return len(self.with_it) == 1 and self.question is None


def summarize(article: Article, length: str = "medium") -> Summary:
    """A summary of one of `LENGTHS`; a text too short to need one comes back whole, marked so.

    The spans are whole sentences of prose, list points and answers, and questions before their answers; empty where
    the article has none. Raises `KeyError` for another length.
    """
    most_words = LENGTHS[length]
    found = quotable_sentences(article.text)
    words = sum(sentence.words for sentence in found)
    if words <= TOO_SHORT_WORDS:
        return _summary(article, _whole(article.text, found), too_short=True)
    return _summary(article, choose(article, found, _budget(most_words, words)))


def best_sentence(article: Article) -> Span:
    """The sentence that tells the article best by itself; empty (0, 0) where it has none to quote."""
    found = quotable_sentences(article.text)
    return _best_alone(article, found) if found else Span(0, 0)


def choose(article: Article, found: Sequence[Sentence], most_words: int) -> list[Span]:
    """The spans to quote of the article's sentences ``found``, no more than ``most_words``, in document order.

    More words only where no sentence is short enough: then it is the best one alone.
    """
    worth, alike = salience(found, article.title)
    choices = possible_choices(article.text, found)
    return sorted(_picked(article.text, found, choices, worth, alike, most_words)) or [_best_alone(article, found)]


def _best_alone(article: Article, found: Sequence[Sentence]) -> Span:
    """The best sentence that needs no other; where all lean, begin as the article does."""
    worth, _ = salience(found, article.title)
    alone = [choice.place for choice in possible_choices(article.text, found) if choice.is_alone]
    return found[max(alone, key=lambda place: (worth[place], -place), default=0)].span


def possible_choices(text: str, found: Sequence[Sentence]) -> list[Choice]:
    """What of ``found`` can be read in a summary, each with what it needs, in document order."""
    leaning = [_leans(before, sentence) for before, sentence in zip([None, *found], found, strict=False)]
    captions = _captions(found)
    choices = (_choice(text, found, leaning, place) for place in range(len(found)))
    return [choice for choice in choices if choice is not None and captions.isdisjoint(choice.with_it)]


def _captions(found: Sequence[Sentence]) -> set[int]:
    """The places of what is of a picture; where most paragraphs open with a slug, that is the article's own form."""
    opening = [at for at, sentence in enumerate(found) if sentence.kind is Kind.PROSE and sentence.place == 0]
    slugged = {at for at in opening if has_slug(found[at].text)}
    pictured = {at for at, sentence in enumerate(found) if points_at_picture(sentence.text)}
    return pictured | slugged if len(slugged) * 2 <= len(opening) else pictured


def _leans(before: Sentence | None, sentence: Sentence) -> bool:
    """Whether a sentence needs the one before; what follows a question somebody puts to himself is its answer."""
    answers = before is not None and before.block == sentence.block and is_question(before.text)
    return answers or sentence.quoted or leans_back(sentence.text)


def _choice(text: str, found: Sequence[Sentence], leaning: Sequence[bool], place: int) -> Choice | None:
    if is_question(found[place].text) or found[place].words < _FEWEST_WORDS:
        return None
    first = place
    while leaning[first] and place - first < _MOST_TOGETHER and first > 0 and _follows(found[first - 1], found[first]):
        first -= 1
    with_it = frozenset(range(first, place + 1))
    if len(with_it) > _MOST_TOGETHER or any(is_unfinished(found[at].text) for at in with_it):
        return None
    if not leaning[first]:
        return Choice(place, with_it)
    asked = question_alone(text, found[first]) if found[first].place == 0 else None
    return Choice(place, with_it, asked) if asked else None


def _follows(before: Sentence, after: Sentence) -> bool:
    """Whether nothing stands between: the same block or turn, or the paragraph before."""
    if after.kind is Kind.ANSWER:
        return before.kind is Kind.ANSWER and after.place > 0
    return before.kind is after.kind and after.block - before.block <= 1


def question_alone(text: str, answer: Sentence) -> Span | None:
    """The sentence of the question to ``answer`` that can be read by itself: the last such; None if there is none."""
    if answer.question is None:
        return None
    asked = [span for span in sentences(text, answer.question) if span.of(text).rstrip().endswith("?")]
    return next((span for span in reversed(asked) if asks_alone(span.of(text))), None)


def _picked(
    text: str, found: Sequence[Sentence], choices: Sequence[Choice], worth: Vector, alike: Matrix, most_words: int
) -> set[Span]:
    """Choose greedily until nothing more fits."""
    spans = {choice: _spans(found, choice) for choice in choices}
    words = {span: len(span.of(text).split()) for needed in spans.values() for span in needed}
    prose = {sentence.span for sentence in found if sentence.kind is not Kind.ANSWER}
    prose_words = most_words * (_INTRODUCTION_SHARE if _is_interview(found) else 1.0)
    picked: set[Span] = set()
    places: set[int] = set()

    def fits(choice: Choice) -> bool:
        chosen = picked.union(spans[choice])
        if choice.place in places or sum(words[span] for span in chosen) > most_words:
            return False
        return not picked or spans[choice][-1] not in prose or sum(words[s] for s in chosen & prose) <= prose_words

    fitting = list(choices)
    while fitting := [choice for choice in fitting if fits(choice)]:  # what does not fit now never will
        best = max(fitting, key=lambda choice: (_gain(choice.with_it - places, places, worth, alike), -choice.place))
        places |= best.with_it
        picked.update(spans[best])
    return picked


def _gain(new: frozenset[int], places: set[int], worth: Vector, alike: Matrix) -> float:
    """Mean worth of what a choice adds, less its likeness to what is there."""
    repeated = max((alike[row, column] for row in new for column in places), default=0.0)
    return (1 - _NEW) * float(sum(worth[row] for row in new)) / len(new) - _NEW * float(repeated)


def _is_interview(found: Sequence[Sentence]) -> bool:
    answered = sum(sentence.words for sentence in found if sentence.kind is Kind.ANSWER)
    return answered * 2 > sum(sentence.words for sentence in found)


def _spans(found: Sequence[Sentence], choice: Choice) -> list[Span]:
    spans = [found[at].span for at in choice.with_it]
    return sorted([choice.question, *spans] if choice.question else spans)


def _whole(text: str, found: Sequence[Sentence]) -> list[Span]:
    """All sentences, each first answer after its question's."""
    asked = {sentence.question for sentence in found if sentence.question}
    return sorted([*(s.span for s in found), *(span for question in asked for span in sentences(text, question))])


def _budget(most_words: int, words: int) -> int:
    """Half of the article at most: a summary that is nearly the text saves nobody anything."""
    return min(most_words, max(_LEAST_WORDS, words // 2))


def _summary(article: Article, spans: Sequence[Span], *, too_short: bool = False) -> Summary:
    return Summary(article, tuple(spans), speakers(article.text, spans), _words(article.text, spans), too_short)


def speakers(text: str, spans: Iterable[Span]) -> tuple[str | None, ...]:
    """Who says each span: the speaker of the interview turn it is from, None for prose."""
    turns = [block for block in blocks(text) if block.speaker]
    return tuple(next((turn.speaker for turn in turns if turn.span.holds(span)), None) for span in spans)


def _words(text: str, spans: Iterable[Span]) -> int:
    return sum(len(span.of(text).split()) for span in spans)
