"""What admins say of speech, laid over what was read from the text: nothing read is ever overwritten.

A correction is kept by the text's fingerprint and its span there, so it lasts when the article is imported again, or
read anew by better rules that put a quotation's edge elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.model import Confidence, Method, Span, Speech

_SHARED_PART = 0.5  # of the shorter one: what overlaps so far is the same quotation, read by other rules


@dataclass(frozen=True, slots=True)
class Correction:
    """The words at ``span`` are ``speaker``'s; None: the article does not say whose."""

    span: Span
    speaker: str | None


def corrected(speeches: Sequence[Speech], corrections: Sequence[Correction]) -> list[Speech]:
    """``speeches`` with these corrections; the last one counts where two are of the same words."""
    return [_correct(speech, corrections) for speech in speeches]


def _correct(speech: Speech, corrections: Sequence[Correction]) -> Speech:
    known = next((one for one in reversed(corrections) if is_same(one.span, speech.span)), None)
    if known is None:
        return speech
    confidence = Confidence.STATED if known.speaker else Confidence.UNATTRIBUTED
    return replace(
        speech,
        speaker=known.speaker,
        confidence=confidence,
        method=Method.CORRECTED,
        mention=None,
        cue=None,
        evidence=None,
    )


def is_same(one: Span, other: Span) -> bool:
    """Whether two spans of a text are of the same quotation."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return one == other or shared > _SHARED_PART * min(len(one), len(other))
