"""A piece of HTML, as feeds carry it, to plain text: paragraphs, list points, and nothing of the markup.

Not for whole web pages, in which the article would have to be found first. It runs in the sandbox, with all that reads
feeds.
"""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import Final

from bot.language.normal import clean

_BLOCKS: Final = frozenset(
    {
        "address", "article", "aside", "blockquote", "center", "dd", "details", "div", "dl", "dt", "fieldset",
        "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p",
        "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
    }
)  # fmt: skip
_DROPPED: Final = frozenset(
    {
        "audio", "button", "canvas", "figcaption", "iframe", "noscript", "object", "select", "svg", "template",
        "video",
    }
)  # fmt: skip
_PLAIN_ENTITIES_LEFT = re.compile(r"&(?:[a-zA-Z]{2,10}|#\d{2,6}|#x[0-9a-fA-F]{2,5});")


class _Reader(HTMLParser):
    """Collects text; a block begins and ends a paragraph, a break ends a line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._dropping: str | None = None
        self._raw = False  # in script or style, whose content the parser gives as text

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the parser's way to call it
        if self._dropping:
            return
        if tag in _DROPPED:
            self._dropping = tag
        elif tag in ("script", "style"):
            self._raw = True
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in _BLOCKS:
            self.parts.append("\n\n")

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        if tag not in _DROPPED and tag not in ("script", "style"):
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._dropping:
            self._dropping = None
        elif tag in ("script", "style"):
            self._raw = False
        elif tag in _BLOCKS and not self._dropping:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._dropping and not self._raw:
            self.parts.append(re.sub(r"\s+", " ", data))


def plain_text(html: str) -> str:
    """The text of a piece of HTML: paragraphs apart by an empty line, list points a line each with a dash."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = "".join(reader.parts)
    if _PLAIN_ENTITIES_LEFT.search(text):  # escaped once too often, as many feeds are
        text = unescape(text)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return clean(re.sub(r"\n{3,}", "\n\n", "\n".join("" if line == "-" else line for line in lines)))
