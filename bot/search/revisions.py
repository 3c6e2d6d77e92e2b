"""What a new text does to an article's quotations: which are added, removed, changed, and how, word by word.

two texts and their speech -> equal words, then the most alike -> differences -> `Revised`
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from rapidfuzz import fuzz, process

from bot.model import Method, Span, Speech
from bot.search.alignment import Sought, align
from bot.search.claims import claim_of
from bot.search.differences import Edit, EditKind, differences
from bot.search.folding import Folded

ALIKE: Final = 60.0
"""Of 100 (Levenshtein ratio): quotations that are less alike are two, one removed and one added."""
_MOST_COMPARED = 200  # of those without a counterpart, on each side: beyond, they count as removed and added


@dataclass(frozen=True, slots=True)
class Reworded:
    """A quotation in two texts. Of ``edits`` the claimed spans are of the text before, the stored ones of the new."""

    before: Speech
    after: Speech
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Revised:
    """Two texts of an article; every quotation of either is in one of the four, in its text's order."""

    before: str
    after: str
    same: tuple[tuple[Speech, Speech], ...]
    changed: tuple[Reworded, ...]
    added: tuple[Speech, ...]
    removed: tuple[Speech, ...]

    @property
    def respoken(self) -> list[tuple[Speech, Speech]]:
        """Quotations with the same words and another speaker; what an admin has said of a speaker stays."""
        return [pair for pair in self.same if pair[0].speaker != pair[1].speaker and not _is_corrected(pair[0])]

    @property
    def gone(self) -> list[Speech]:
        """The quotations whose words are no longer those of any quotation."""
        return sorted([*self.removed, *(one.before for one in self.changed)], key=lambda one: one.span)


def compare(before: str, said_before: Sequence[Speech], after: str, said_after: Sequence[Speech]) -> Revised:
    """What becomes of the quotations of ``before`` in ``after``. Takes a tenth of a second at most: use a thread."""
    same = _same(before, said_before, after, said_after)
    left_before = [at for at in range(len(said_before)) if at not in same]
    left_after = [at for at in range(len(said_after)) if at not in set(same.values())]
    alike = _alike(
        {at: squeezed(said_before[at].span.of(before)) for at in left_before[:_MOST_COMPARED]},
        {at: squeezed(said_after[at].span.of(after)) for at in left_after[:_MOST_COMPARED]},
    )
    taken = set(alike.values())
    return Revised(
        before,
        after,
        tuple((said_before[one], said_after[other]) for one, other in sorted(same.items())),
        tuple(
            Reworded(
                said_before[one],
                said_after[other],
                _edits(before, said_before[one].span, after, said_after[other].span),
            )
            for one, other in sorted(alike.items())
        ),
        tuple(said_after[at] for at in left_after if at not in taken),
        tuple(said_before[at] for at in left_before if at not in alike),
    )


def squeezed(text: str) -> str:
    """The words with one blank between: how lines are broken makes no difference."""
    return " ".join(text.split())


def _is_corrected(speech: Speech) -> bool:
    return speech.method is Method.CORRECTED


def _same(before: str, said: Sequence[Speech], after: str, said_after: Sequence[Speech]) -> dict[int, int]:
    """By number, the quotations with the very same words; those that are printed twice in their order."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at in reversed(range(len(said_after))):
        places[squeezed(said_after[at].span.of(after))].append(at)
    found = ((at, places.get(squeezed(one.span.of(before)))) for at, one in enumerate(said))
    return {at: there.pop() for at, there in found if there}


def _alike(before: dict[int, str], after: dict[int, str]) -> dict[int, int]:
    """By number, the most alike of those that are left, each once."""
    if not before or not after:
        return {}
    scores = process.cdist(list(before.values()), list(after.values()), scorer=fuzz.ratio, score_cutoff=ALIKE)
    rows, columns = np.nonzero(scores)
    ordered = sorted(zip(rows.tolist(), columns.tolist(), strict=True), key=lambda at: (-scores[at], at))
    numbers, others = list(before), list(after)
    found: dict[int, int] = {}
    for row, column in ordered:
        if numbers[row] not in found and others[column] not in found.values():
            found[numbers[row]] = others[column]
    return found


def _edits(before: str, span: Span, after: str, now: Span) -> tuple[Edit, ...]:
    """The words of ``span`` against those of ``now``, every word of both once."""
    claim, folded = claim_of(before, span), Folded.at(after, now)
    pairs = align(folded, Sought.of(claim, {}), [(0, len(folded.words))]).pairs if claim.words else ()
    if all(pair.stored is None for pair in pairs):
        return (Edit(EditKind.CHANGED, span, now),)
    edits = differences(before, claim, folded, pairs).edits
    first, last = min(edit.stored.start for edit in edits), max(edit.stored.end for edit in edits)
    begin = claim.span.end if claim.is_cut else span.end
    whole = (
        *_outside(before, after, Span(span.start, span.start), Span(now.start, first)),
        *edits,
        *_outside(before, after, Span(begin, span.end), Span(last, now.end)),
    )
    if all(edit.kind is EditKind.SAME for edit in whole):
        return (Edit(EditKind.CHANGED, span, now),)  # in what folding takes away: a comma, a capital
    return whole


def _outside(before: str, after: str, claimed: Span, stored: Span) -> Iterator[Edit]:
    """What stands before the first word that was compared, or behind the last."""
    was = claimed.of(before) if claimed.start < claimed.end else ""
    is_now = stored.of(after) if stored.start < stored.end else ""
    if not any(map(str.isalnum, was + is_now)):
        return
    if squeezed(was) == squeezed(is_now):
        yield Edit(EditKind.SAME, claimed, stored)
    else:
        yield Edit(EditKind.CHANGED if was.strip() else EditKind.LEFT_OUT, claimed, stored)
