"""How a claim differs from the words it stands against, word by word, and what it skips.

    alignment -> `Edit`s and `Splice`s -> checks

Words are the same whatever their case, accents, quotation marks and hyphens. What the index folds further makes a
difference here: a contraction's ending ("we'll", "we"), a currency, a percent sign, a minus.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final, NamedTuple

from bot.language.sentences import sentences
from bot.model import Span
from bot.search.alignment import Pair
from bot.search.claims import Claim, Gap
from bot.search.folding import Folded

_ENDING = re.compile(r"[’'‘ʼ＇`´](s|ll|re|ve|d|m)$", re.IGNORECASE)
_SIGNS_BEFORE, _SIGNS_AFTER = "$€£¥₹₽₴", "%‰°€£¥₹₽₴"
_MINUS = re.compile(r"(?<!\w)[-−–]\Z")
_SIGN_CHARS = 4  # how far a sign may stand from its number
_ASIDE = re.compile(r"[^\w“„«\"]*[”\"»][^“”„«»\"\n]{1,200}[“„«\"][^\w”»\"]*")
_HYPHENS = re.compile(r"[-‐‑–]")
_LONG_GAP_WORDS: Final = 12  # of words left out: shown alone, not as changed into what stands beside it
_MOST_GAP_CHARS = 20_000  # of a gap whose sentences are counted


class EditKind(StrEnum):
    """What became of some words of the source in a claim."""

    SAME = "same"
    LEFT_OUT = "left out"  # in the source only
    ADDED = "added"  # in the claim only
    CHANGED = "changed"
    MOVED = "moved"  # the same words at another place: exchanged, or in another order
    ASIDE = "aside"  # the article's own words between two parts of a quotation, which the claim does not repeat
    ELLIPSIS = "ellipsis"  # in the source only, and the claim says so: ``claimed`` is its ellipsis


@dataclass(frozen=True, slots=True)
class Edit:
    """``claimed`` is a span of the typed text and ``stored`` one of the article's; one of both may be empty."""

    kind: EditKind
    claimed: Span
    stored: Span


@dataclass(frozen=True, slots=True)
class Splice:
    """What a claim skips between two of its words: ``stored``, with so many words.

    ``claimed`` is the ellipsis that says so; None where nothing does. ``sentences_apart`` is 0 within a sentence and 1
    from a sentence to the next; None where the claim goes back to an earlier place.
    """

    stored: Span
    words: int
    claimed: Span | None
    sentences_apart: int | None


class Differences(NamedTuple):
    """``edits`` hold every word of the claim once, in order; ``parts`` are the runs of the article they stand in."""

    edits: tuple[Edit, ...]
    splices: tuple[Splice, ...]
    parts: tuple[Span, ...]


class _Step(NamedTuple):
    """Words by number: ``claimed`` and ``stored`` from first to end (exclusive), in one ``part`` of the article."""

    kind: EditKind
    claimed: tuple[int, int]
    stored: tuple[int, int]
    part: int
    gap: Gap | None = None


def differences(text: str, claim: Claim, folded: Folded, pairs: Sequence[Pair]) -> Differences:
    """``text`` is what was typed; ``pairs`` are an alignment's, at least one of them with a stored word."""
    return _Reader(text, claim, folded).read(pairs)


class _Reader:
    def __init__(self, text: str, claim: Claim, folded: Folded) -> None:
        self._text, self._claim, self._folded = text, claim, folded
        self._splices: list[Splice] = []
        self._parts: list[list[int]] = [[]]  # the stored words of each run

    def read(self, pairs: Sequence[Pair]) -> Differences:
        steps = _joined(self._steps(pairs))
        steps = self._moved([self._hyphened(step) for step in steps])
        edits = tuple(Edit(step.kind, self._claimed(step), self._stored(step)) for step in steps)
        parts = tuple(self._folded.span(part[0], part[-1] + 1) for part in self._parts)
        return Differences(edits, tuple(self._splices), parts)

    # Steps

    def _steps(self, pairs: Sequence[Pair]) -> Iterator[_Step]:
        """A step a word of the claim, and one for what is passed over before it."""
        at = next(pair.stored for pair in pairs if pair.stored is not None)
        after, farthest = -1, -1  # the claim's last word that has a counterpart, and the highest counterpart
        for claimed, stored in ((pair.claimed, pair.stored) for pair in pairs):
            if stored is None:
                yield _Step(EditKind.ADDED, (claimed, claimed + 1), (at, at), len(self._parts))
                continue
            if after >= 0 and stored != at:
                yield from self._skipped(after, claimed, at, stored)
            self._parts[-1].append(stored)
            kind = EditKind.SAME if self._is_same(claimed, stored) else EditKind.CHANGED
            if kind is EditKind.SAME and stored <= farthest:
                kind = EditKind.MOVED
            yield _Step(kind, (claimed, claimed + 1), (stored, stored + 1), len(self._parts))
            at, after, farthest = stored + 1, claimed, max(stored, farthest)

    def _skipped(self, after: int, claimed: int, first: int, end: int) -> Iterator[_Step]:
        """What is passed over in the source between two words of the claim."""
        part = len(self._parts)
        self._parts.append([])
        gap = next((gap for gap in self._claim.gaps if after < gap.before <= claimed), None)
        if end < first:
            at = self._folded.token(end).span.start
            self._splices.append(Splice(Span(at, at), 0, gap.span if gap else None, None))
            return
        between = Span(self._folded.token(first - 1).span.end, self._folded.token(end).span.start)
        if _ASIDE.fullmatch(between.of(self._folded.text)):
            yield _Step(EditKind.ASIDE, (claimed, claimed), (first, end), part)
            return
        splice = self._splice(first - 1, end, self._folded.span(first, end), gap)
        kind = EditKind.LEFT_OUT if gap is None else EditKind.ELLIPSIS
        yield _Step(kind, (claimed, claimed), (first, end), part, gap)
        if gap is not None or splice.sentences_apart:
            self._splices.append(splice)

    def _splice(self, before: int, after: int, skipped: Span, gap: Gap | None) -> Splice:
        text = self._folded.text
        around = Span(self._folded.token(before).span.start, self._folded.token(after).span.end)
        counted = Span(around.start, min(around.end, around.start + _MOST_GAP_CHARS))
        apart = max(0, len(sentences(text, counted)) - 1)
        return Splice(skipped, len(skipped.of(text).split()), gap.span if gap else None, apart)

    def _is_same(self, claimed: int, stored: int) -> bool:
        one, other = self._claim.words[claimed], self._folded.token(stored)
        if one.term != other.term:
            return False
        return _mark(self._text, one.span) == _mark(self._folded.text, other.span)

    def _hyphened(self, step: _Step) -> _Step:
        """Words changed in nothing but a hyphen are the same: well-being, wellbeing."""
        if step.kind is not EditKind.CHANGED:
            return step
        claimed, stored = self._claimed(step).of(self._text), self._stored(step).of(self._folded.text)
        if not (_HYPHENS.search(claimed) or _HYPHENS.search(stored)) or any(map(str.isdigit, claimed)):
            return step
        one, other = self._words(step)
        return step._replace(kind=EditKind.SAME) if "".join(one) == "".join(other) else step

    def _moved(self, steps: Sequence[_Step]) -> list[_Step]:
        """Words that are changed in place or order alone are marked as such."""
        words = [(tuple(one), tuple(other)) for one, other in map(self._words, steps)]
        apart = [at for at, pair in enumerate(words) if pair[0] != pair[1] and steps[at].kind not in _SKIPS]
        moved = {at for at in apart if sorted(words[at][0]) == sorted(words[at][1])}
        by_stored = {words[at][1]: at for at in apart if words[at][1]}
        for at in apart:
            there = by_stored.get(words[at][0])
            if there is not None and (not words[at][1] or words[there][0] in ((), words[at][1])):
                moved |= {at, there}
        return [step._replace(kind=EditKind.MOVED) if at in moved else step for at, step in enumerate(steps)]

    # Spans

    def _words(self, step: _Step) -> tuple[list[str], list[str]]:
        (first, end), (stored_first, stored_end) = step.claimed, step.stored
        return [word.term for word in self._claim.words[first:end]], self._folded.words[stored_first:stored_end]

    def _claimed(self, step: _Step) -> Span:
        first, end = step.claimed
        if step.gap:
            return step.gap.span
        words = self._claim.words
        if first < end:
            return _signed(self._text, Span(words[first].span.start, words[end - 1].span.end), step.kind)
        at = words[first].span.start if first < len(words) else words[-1].span.end
        return Span(at, at)

    def _stored(self, step: _Step) -> Span:
        first, end = step.stored
        if first < end:
            return _signed(self._folded.text, self._folded.span(first, end), step.kind)
        at = self._folded.token(first - 1).span.end if first else self._folded.token(first).span.start
        return Span(at, at)


def _signed(text: str, span: Span, kind: EditKind) -> Span:
    """The span of what was changed, with a sign at its ends, which may be all that was."""
    if kind is not EditKind.CHANGED:
        return span
    before, after = text[max(0, span.start - 1) : span.start], text[span.end : span.end + 1]
    signed = before and (before in _SIGNS_BEFORE or _MINUS.search(text[max(0, span.start - 2) : span.start]))
    return Span(span.start - bool(signed), span.end + bool(after and after in _SIGNS_AFTER))


def _mark(text: str, word: Span) -> tuple[str, str, str, bool]:
    """What belongs to a word and is folded away: a contraction's ending, signs before and after a number, a minus."""
    written = word.of(text)
    ending = _ENDING.search(written)
    if not any(map(str.isdigit, written)):
        return (ending[1].lower() if ending else ""), "", "", False
    before, after = text[max(0, word.start - _SIGN_CHARS) : word.start], text[word.end : word.end + _SIGN_CHARS]
    first, last = before.rstrip()[-1:], after.lstrip()[:1]
    return (
        ending[1].lower() if ending else "",
        first if first and first in _SIGNS_BEFORE else "",
        last if last and last in _SIGNS_AFTER else "",
        _MINUS.search(before) is not None,
    )


def _joined(steps: Iterator[_Step]) -> list[_Step]:
    """Steps of the same kind as one, and words changed, added and left out side by side as one change."""
    found: list[_Step] = []
    for (alike, _), group in groupby(steps, _grouped):
        some = list(group)
        first, last = some[0], some[-1]
        claimed, stored = (first.claimed[0], last.claimed[1]), (first.stored[0], last.stored[1])
        kind = first.kind
        if alike == "difference":
            nothing_claimed, nothing_stored = claimed[0] == claimed[1], stored[0] == stored[1]
            kind = EditKind.LEFT_OUT if nothing_claimed else EditKind.ADDED if nothing_stored else EditKind.CHANGED
        found.append(first._replace(kind=kind, claimed=claimed, stored=stored))
    return found


def _grouped(step: _Step) -> tuple[str, int]:
    """Steps with the same key side by side are one."""
    is_long = step.kind is EditKind.LEFT_OUT and step.stored[1] - step.stored[0] > _LONG_GAP_WORDS
    if is_long or step.kind in _SKIPS:
        return f"skipped {step.stored}", step.part
    if step.kind in (EditKind.SAME, EditKind.MOVED):
        return step.kind.value, step.part
    return "difference", 0


_SKIPS: Final = frozenset({EditKind.ASIDE, EditKind.ELLIPSIS})
