"""A paragraph as a row of words and marks in which each quotation is one sign: what cues and speakers are read from.

So "he said, “no,” and left" is a sentence of six signs, whatever was said. Used by `nouns`, `mentions` and `cues`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from bot.model import Span

# Initials and abbreviated titles keep their stops, which end no sentence.
_SIGN = re.compile(
    r"(?:[^\W\d_]\.){2,}"
    r"|(?:[A-Z]|Mr|Mrs|Ms|Mx|Dr|Sens?|Reps?|Gov|Gen|Col|Lt|Sgt|Capt|Prof|Rev|Hon|St|Jr|Sr|Maj|Adm)\.(?!\w)"
    r"|[^\W_](?:[\w’'.&/@-]*[\w’'])?|@\w+|[^\w\s]"
)
_BAR = "―"  # the dash that some papers set before a signature
_NO_QUOTE: Final = -1


class Sign(NamedTuple):
    """A word or mark of the article's own, or a whole quotation (``quote`` is its number in the paragraph)."""

    start: int
    end: int
    word: str  # lower case; "" for a quotation
    capital: bool
    opens: bool  # a sentence begins here
    quote: int = _NO_QUOTE


def signs(text: str, paragraph: Span, quoted: Sequence[Span], sentences: Sequence[Span]) -> list[Sign]:
    """The signs of ``paragraph`` in order. ``quoted`` are its quotations, ``sentences`` its sentences."""
    starts = {sentence.start for sentence in sentences}
    found: list[Sign] = []
    position = paragraph.start
    opens = True
    for number, quote in enumerate([*quoted, None]):
        end = quote.start - 1 if quote else paragraph.end
        for match in _SIGN.finditer(text, position, max(position, end)):
            start = match.start()
            word = match[0].replace(_BAR, "—")
            found.append(Sign(start, match.end(), word.lower(), word[0].isupper(), opens or start in starts))
            opens = False
        if quote:
            opening = quote.start - 1
            found.append(Sign(opening, quote.end + 1, "", False, opens or opening in starts, number))
            opens = False
            position = min(quote.end + 1, paragraph.end)
            opens = _next_word(text, position) in starts
    return found


def _next_word(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position
