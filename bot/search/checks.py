"""Whether the library holds what a text says was said: the verdict on a claim, and where the words stand.

    claim, texts of its seeds -> `places` -> (their speech is read) -> `judge` -> `Checked`

Exact is exact: every word of the claim stands there in this order, and nothing between that the claim does not mark
with an ellipsis. Never does a verdict say that somebody did not say something: only that the library does not have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from bot.model import Article, Confidence, Quote, Span, Speech
from bot.search.alignment import Pair, Sought, align, in_a_row, windows
from bot.search.claims import Claim
from bot.search.differences import Differences, Edit, EditKind, Splice, differences
from bot.search.folding import Folded
from bot.search.literal import Literal
from bot.search.names import same_person

FEWEST_NEAR_WORDS: Final = 3
"""A claim of fewer words, or of stop words alone, is in the library word for word or not at all."""
MOST_FOLDED: Final = 12
"""Articles looked through for a claim that none holds word for word, the likeliest."""
MOST_ALIGNED: Final = 6
"""Of them, compared word by word: those that promise most."""
NEAR_LIKENESS: Final = 0.4
"""1 is word for word. Of 150 foreign sentences of news the likeliest reached 0.04, of claims with two thirds of their
content words replaced all but two stayed below 0.4, and of those with one or two words changed none did."""
_LEAST_PROMISE = 0.35  # of the claim's weight, found in an article's windows
_LEAST_OF_BEST = 0.6  # of what the most promising article promises
_LEAST_SCORE = 0.2
_MOVED = 0.8  # of a word's score is given back where it stands elsewhere
_FARTHEST_SENTENCES = 1  # an ellipsis may lead so far and be exact: to the next sentence
_AS_GOOD = 0.02  # scores that far apart are as good as each other
_FEWEST_SAME = 3
_SPOKEN_SHARE = 0.5  # of the words found, to be somebody's speech


class Verdict(StrEnum):
    """What can be said of a claim."""

    EXACT = "exact"
    NEAR = "near"
    OTHER_SPEAKER = "said by someone else"  # the words are there, exact or near; the speaker named is another
    NOT_FOUND = "not in the library"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a claim's words stand in an article, and how they differ there. ``score`` is 1 for words in a row."""

    article: Article
    score: float
    differences: Differences
    is_exact: bool

    @property
    def span(self) -> Span:
        """From the first to the last of the words."""
        parts = self.differences.parts
        return Span(min(part.start for part in parts), max(part.end for part in parts))


@dataclass(frozen=True, slots=True)
class Found:
    """The words of the library that a claim was compared with.

    ``quote`` holds the article, the span from the first to the last word, and its speaker if the article names one;
    ``quote.matched`` are the runs of words that the claim stands for. ``speech`` is whose speech they lie in, with how
    that is known. ``is_exact`` is about the words, whoever said them. ``also_in``: other articles that have them.
    """

    quote: Quote
    speech: Speech | None
    is_exact: bool
    edits: tuple[Edit, ...]
    splices: tuple[Splice, ...]
    also_in: tuple[Article, ...] = ()

    @property
    def speaker(self) -> str | None:
        """Who said the words; None where the article does not say, or they are its own."""
        return known_speaker(self.speech)


@dataclass(frozen=True, slots=True)
class Checked:
    """A claim and what the library has of it. Spans of the claim are of ``typed``.

    ``is_complete`` is False where so many articles hold the claim's words that only the likeliest were read: "not in
    the library" then means not in those.
    """

    typed: str
    claim: Claim
    verdict: Verdict
    found: Found | None = None
    is_complete: bool = True

    @property
    def text(self) -> str:
        """The words that were checked, as they were typed."""
        return self.claim.span.of(self.typed)

    @property
    def speaker_agrees(self) -> bool | None:
        """Whether the speaker the claim names is the one of the words; None where one of both is not known."""
        if self.found is None or self.found.speaker is None or self.claim.speaker is None:
            return None
        return same_person(self.claim.speaker, self.found.speaker)


@dataclass(frozen=True, slots=True)
class Checks:
    """All claims of a text, in order; ``left_out`` more were not looked at, there being too many."""

    checked: tuple[Checked, ...]
    left_out: int = 0

    def __iter__(self) -> Iterator[Checked]:
        return iter(self.checked)


def known_speaker(speech: Speech | None) -> str | None:
    """The speaker's name where the article gives it."""
    return None if speech is None or speech.confidence is Confidence.UNATTRIBUTED else speech.speaker


def is_literal(claim: Claim) -> bool:
    """Whether a claim can only be looked for word for word: it is too short, or has none but stop words."""
    return len(claim.words) < FEWEST_NEAR_WORDS or not claim.has_content


# Places


def places(text: str, claim: Claim, rarity: Mapping[str, float], articles: Sequence[Article]) -> list[Place]:
    """Where the words of a claim of ``text`` stand best in these articles; all that are equally good.

    ``rarity`` is what each folded word that is not a stop word says (`seeds.rarities`).
    """
    only = is_literal(claim)
    in_row = (
        []
        if claim.gaps and not only
        else list(_in_row(text, claim, Literal(claim, rarity, anchored=not only), articles))
    )
    if only or any(place.is_exact for place in in_row):
        return [place for place in in_row if place.is_exact]
    sought = Sought.of(claim, rarity)
    folded = [(article, Folded.of(article.text, rarity)) for article in articles[:MOST_FOLDED]]
    return _best([*in_row, *_aligned(text, claim, sought, folded)])


def _in_row(text: str, claim: Claim, literal: Literal, articles: Sequence[Article]) -> Iterator[Place]:
    """Where the words stand in a row; they may still differ in what folding takes away."""
    sought = Sought.of(claim, {})
    for article in articles:
        for span in literal.find(article.text):
            near = Folded.at(article.text, span)
            for pairs in in_a_row(near, sought):
                yield _place(text, claim, article, near, pairs, 1.0)


def _aligned(text: str, claim: Claim, sought: Sought, folded: Sequence[tuple[Article, Folded]]) -> Iterator[Place]:
    """The best alignments with the articles that promise most: those that may be exact, and the best of the others."""
    promising = [(*windows(one, sought), article, one) for article, one in folded]
    least = max([_LEAST_PROMISE, *(_LEAST_OF_BEST * promise for _, promise, _, _ in promising)])
    promising = sorted((item for item in promising if item[1] >= least), key=lambda item: -item[1])
    aligned = [(align(one, sought, parts), article, one) for parts, _, article, one in promising[:MOST_ALIGNED]]
    best = max((alignment.score for alignment, _, _ in aligned), default=0.0)
    for alignment, article, one in aligned:
        if alignment.same == len(claim.words) or alignment.score >= max(_LEAST_SCORE, best - _AS_GOOD):
            place = _place(text, claim, article, one, alignment.pairs, alignment.score)
            if place.is_exact or (alignment.same >= _FEWEST_SAME and _likeness(claim, place) >= NEAR_LIKENESS):
                yield place


def _likeness(claim: Claim, place: Place) -> float:
    """The score of an alignment, better where words have only changed their places."""
    moved = [edit.claimed for edit in place.differences.edits if edit.kind is EditKind.MOVED]
    many = sum(any(span.holds(word.span) for span in moved) for word in claim.words) if moved else 0
    return place.score + _MOVED * many / len(claim.words)


def _place(text: str, claim: Claim, article: Article, folded: Folded, pairs: Sequence[Pair], score: float) -> Place:
    found = differences(text, claim, folded, pairs)
    return Place(article, score, found, _is_exact(found))


def _is_exact(found: Differences) -> bool:
    same = all(edit.kind in (EditKind.SAME, EditKind.ASIDE, EditKind.ELLIPSIS) for edit in found.edits)
    apart = [splice.sentences_apart for splice in found.splices]
    return same and all(many is not None and many <= _FARTHEST_SENTENCES for many in apart)


def _best(found: Sequence[Place]) -> list[Place]:
    """The exact ones, where there are any; else those with the best score."""
    if exact := [place for place in found if place.is_exact]:
        return exact
    best = max((place.score for place in found), default=0.0)
    return [place for place in found if place.score >= best - _AS_GOOD]


# Judging


def judge(
    text: str,
    claim: Claim,
    found: Sequence[Place],
    said: Mapping[int, Sequence[Speech]],
    quote: Callable[[Place, Speech | None], Quote],
    *,
    is_complete: bool = True,
) -> Checked:
    """The verdict on a claim, given its `places` and the speech of their articles by row id."""
    if not found:
        return Checked(text, claim, Verdict.NOT_FOUND, is_complete=is_complete)
    spoken = [(place, _speech(place, said.get(place.article.id, ()))) for place in found]
    best, speech = max(spoken, key=lambda item: _preference(claim, *item))
    others = {place.article.id: place.article for place in found if place.article.id != best.article.id}
    made = Found(
        quote(best, speech),
        speech,
        best.is_exact,
        best.differences.edits,
        best.differences.splices,
        tuple(others.values()),
    )
    verdict = Verdict.EXACT if best.is_exact else Verdict.NEAR
    checked = Checked(text, claim, verdict, made, is_complete)
    if checked.speaker_agrees is False:
        return Checked(text, claim, Verdict.OTHER_SPEAKER, made, is_complete)
    return checked


def _preference(claim: Claim, place: Place, speech: Speech | None) -> tuple[bool, int, date, int]:
    """Exact before near; said by the one the claim names, by somebody else, by nobody known, in prose; newest."""
    speaker = known_speaker(speech)
    agrees = speaker is not None and claim.speaker is not None and same_person(claim.speaker, speaker)
    rank = 3 if agrees else 2 if speaker else 1 if speech else 0
    article = place.article
    published = article.published.last_day if article.published else article.added_at.date()
    return place.is_exact, rank, published, article.id


def _speech(place: Place, said: Sequence[Speech]) -> Speech | None:
    """The speech that most of the words lie in."""
    total = sum(map(len, place.differences.parts))
    shares = [(sum(_shared(part, one.span) for part in place.differences.parts), one) for one in said]
    most, best = max(shares, key=lambda item: item[0], default=(0, None))
    return best if most > 0 and most >= _SPOKEN_SHARE * total else None


def _shared(one: Span, other: Span) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))
