"""Where quotation marks open and close in a paragraph. Used by `speech` and by `passages`."""

from __future__ import annotations

import re

from bot.model import Span

# Curly, German, guillemets both ways, straight. An opening mark whose closing one is missing quotes to the
# paragraph's end: so papers mark a speech that goes on in the next paragraph.
_QUOTATION = re.compile(
    r"“(?P<curly>[^”]*+)(?:”|\Z)|„(?P<german>[^“”]*+)[“”]|«(?P<french>[^»]*+)»|»(?P<inward>[^«]*+)«"
    r'|(?<![^\s(\[—–\-/“‘])"(?P<straight>[^"]*+)(?:"|\Z)'
)


def quotations(text: str, span: Span) -> list[Span]:
    """What stands in double quotation marks in ``text[span]``, without the marks: spans of ``text``, in order."""
    part = span.of(text)
    return [
        Span(span.start + match.start(match.lastgroup or 0), span.start + match.end(match.lastgroup or 0))
        for match in _QUOTATION.finditer(part)
    ]
