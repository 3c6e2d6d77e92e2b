"""What a text claims was said: each quotation in it with the speaker it names; without any, the text itself.

    text typed -> `Claim`s -> seeds and alignment -> checks

Bounded, whatever is typed: `MOST_CHARS` of a text, `MOST_CLAIMS` quotations, `MOST_WORDS` words of each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.language.blocks import blocks
from bot.language.names import OPENING, without_titles
from bot.language.paragraphs import paragraphs
from bot.language.quotations import quotations
from bot.language.speech import speeches
from bot.language.tokens import STOP_WORDS, Token, words
from bot.language.turns import NOT_SPEAKERS
from bot.model import Span, Speech

MOST_CHARS: Final = 6_000
"""As many as a slash command's option can hold; a longer text is a document."""
MOST_CLAIMS: Final = 10
MOST_WORDS: Final = 300
"""Of one claim; it ends there. A minute of speech has some 150."""

_ELLIPSIS = re.compile(r"[\[(]\s*(?:…|\.{3,}|\.\s\.\s\.)\s*[\])]|…|\.{3,}|\.\s\.\s\.(?:\s\.)?")
_REMARK = re.compile(r"\[\s*(?:sic|!|\?)\s*\]", re.IGNORECASE)
_SINGLE = re.compile(r"(?<![\w’'])[‘'‚](?=\w)([^‘\n]{1,2000}?)[’'‘](?!\w)")
_CAPITAL = r"[^\W\d_a-z][\w.’'-]*"
_NAME = rf"(?P<name>(?:[Tt]he\s)?{_CAPITAL}(?:\s(?:(?:of|de|van|von|der|al|bin|del|la|the)\s)*{_CAPITAL}){{0,6}})"
_SIGNED = re.compile(rf"[\s,.;\"”’']*(?:[-–—~]{{1,2}}|:)\s*{_NAME}(?=\s*(?:$|[\n,.;(]))")
_SIGNED_AT_END = re.compile(rf"(?:\n\s*|[.!?…]\s*)[-–—~]{{1,2}}\s*{_NAME}(?:,[^\n\d.]{{0,60}})?\.?\s*\Z")
_LABELLED = re.compile(rf"(?:\A|\n|[.!?]\s)[\s>*_]*{_NAME}[*_]*\s*:\s*[*_]*$")
_LABEL_AT_START = re.compile(rf"\A[\s>*_]*{_NAME}[*_]*\s*:\s")
_SHORT_NAME_WORDS = 6
_NO_NAMES: Final = (OPENING | NOT_SPEAKERS) - {"the"}
_REACH_CHARS = 120


@dataclass(frozen=True, slots=True)
class Gap:
    """An ellipsis in a claim: before which of its words, and where it is typed."""

    before: int
    span: Span


@dataclass(frozen=True, slots=True)
class Claim:
    """Words that somebody is said to have said. Spans are of the typed text.

    ``span`` runs from the first to the last word that is compared; ``words`` are folded, stop words kept. ``speaker``
    is the name that the text gives beside them, if any. ``is_cut``: there were more than `MOST_WORDS`.
    """

    span: Span
    words: tuple[Token, ...]
    gaps: tuple[Gap, ...] = ()
    speaker: str | None = None
    is_cut: bool = False

    @property
    def has_content(self) -> bool:
        """Whether any of the words is one that the index knows: more than a stop word."""
        return any(word.term not in STOP_WORDS for word in self.words)


def claims_in(text: str) -> list[Claim]:
    """The claims of a text, in order: all its quotations, or the text itself. Empty where it has no word.

    ``text`` is cleaned (`bot.language.normal.clean`) and at most `MOST_CHARS` long.
    """
    quoted = [span for paragraph in paragraphs(text) for span in quotations(text, paragraph)]
    quoted = quoted or [Span(*match.span(1)) for match in _SINGLE.finditer(text)]
    said = speeches(text, blocks(text)) if quoted else []
    found = [claim_of(text, span, _speaker(text, span, said)) for span in quoted]
    found = [claim for claim in found if claim.words]
    return found or [claim for claim in (_whole(text),) if claim.words]


def _whole(text: str) -> Claim:
    """The text as one claim, without a name it is signed or labelled with."""
    span, speaker = Span(0, len(text)), None
    if (match := _SIGNED_AT_END.search(text, max(0, len(text) - 2 * _REACH_CHARS))) and (name := _person(match)):
        span, speaker = Span(0, match.start()), name
    elif (match := _LABEL_AT_START.match(text)) and (name := _person(match)):
        span, speaker = Span(match.end(), len(text)), name
    claim = claim_of(text, span, speaker)
    return claim if claim.words else claim_of(text, Span(0, len(text)), None)


def claim_of(text: str, span: Span, speaker: str | None = None) -> Claim:
    """The words at ``span`` as a claim."""
    remarks = [match.span() for match in _REMARK.finditer(text, span.start, span.end)]
    found = [word for word in words(text, span) if not any(a <= word.span.start < b for a, b in remarks)]
    kept = found[:MOST_WORDS]
    if not kept:
        return Claim(span, ())
    inner = Span(kept[0].span.start, kept[-1].span.end)
    return Claim(inner, tuple(kept), tuple(_gaps(text, inner, kept)), speaker, len(found) > len(kept))


def _gaps(text: str, span: Span, found: Sequence[Token]) -> Iterator[Gap]:
    """The ellipses between words."""
    before = 0
    for match in _ELLIPSIS.finditer(text, span.start, span.end):
        while before < len(found) and found[before].span.start < match.end():
            before += 1
        if 0 < before < len(found):
            yield Gap(before, Span(*match.span()))


def _speaker(text: str, quoted: Span, said: Sequence[Speech]) -> str | None:
    """Who a quotation is given to: by a verb of saying, by a name behind it after a dash, or before it and a colon."""
    for speech in said:
        if speech.speaker and speech.span.start < quoted.end and quoted.start < speech.span.end:
            return speech.speaker
    after = text[quoted.end + 1 : quoted.end + 1 + _REACH_CHARS]
    before = text[max(0, quoted.start - 1 - _REACH_CHARS) : max(0, quoted.start - 1)]
    for match in (_SIGNED.match(after), _LABELLED.search(before)):
        if match and (name := _person(match)):
            return name
    return None


def _person(match: re.Match[str]) -> str | None:
    """The name of a match without titles; None for what is no name."""
    name = without_titles(match["name"].rstrip(".,’'")) or match["name"].rstrip(".,’'")
    found = name.split()
    if not found or len(found) > _SHORT_NAME_WORDS or found[0].lower() in _NO_NAMES or _is_shouted(found):
        return None
    return name


def _is_shouted(name: Sequence[str]) -> bool:
    """Whether it is a headline's beginning rather than a name: two words or more, all in capitals."""
    return len(name) > 1 and " ".join(name).isupper()
