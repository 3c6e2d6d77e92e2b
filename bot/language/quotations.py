"""Where quotation marks open and close in a paragraph. Used by `speech` and by `passages`.

Curly, German, guillemets both ways and straight marks, also where a curly one is closed by a straight one. An opening
mark whose closing one is missing quotes to the paragraph's end: so papers mark a speech that goes on in the next.
"""

from __future__ import annotations

import re

from bot.model import Span

# Typists mix marks: a straight one may close a curly one and the other way round; either may hold the other kind. A
# straight mark opens only after a blank, a bracket, a dash or another mark: not in 6" and not in HTML (href="...").
# A paragraph may open with a closing mark by mistake: ”…”. What a group repeats is kept by (?>…), not by *+, which
# Python 3.11.0 to 3.11.4 get wrong for groups.
_QUOTATION = re.compile(
    r'“(?P<curly>(?>(?:[^"“”]++|(?<=[\s(])"(?=\w)[^"“”]*+")*))(?:[”"]|(?=“)|\Z)'
    r"|„(?P<german>[^“”]*+)(?:[“”]|\Z)|«(?P<french>[^»]*+)(?:»|\Z)|»(?P<inward>[^«»]*+)«"
    r"|\A”(?=\w)(?P<turned>[^“”]*+)”"
    r'|(?<![^\s(\[―—–\-/“‘\'*_])"(?=\S)(?P<straight>(?>(?:[^"“”]++|“[^"“”]*+”)*))(?:["”]|(?=“)|\Z)'
)


def quotations(text: str, span: Span) -> list[Span]:
    """What stands in double quotation marks in ``text[span]``, without the marks: spans of ``text``, in order."""
    part = span.of(text)
    found = []
    for match in _QUOTATION.finditer(part):
        start, end = match.span(match.lastgroup or 0)
        if start < end:
            found.append(Span(span.start + start, span.start + end))
    return found
