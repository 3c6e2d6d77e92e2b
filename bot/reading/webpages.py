"""A web page to a `Document`: its article alone, with what the page says of it.

    bytes -> lxml tree -> what is around the article taken off -> trafilatura -> paragraphs, headings, lists
          -> what is no article refused (bot.reading.walls) -> what the page says of it (bot.reading.pagefacts)

Runs in the sandbox: hostile pages can make any parser hang.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.metadata import extract_metadata
from trafilatura.settings import Document as Extracted
from trafilatura.utils import load_html

from bot.errors import UnreadableDocument
from bot.language.boilerplate import is_boilerplate
from bot.model import Document
from bot.reading.documents import document_from_text
from bot.reading.fields import Fields
from bot.reading.known import NONE_KNOWN, KnownDocuments
from bot.reading.metadata import describe_text
from bot.reading.pagefacts import article_body, page_facts
from bot.reading.storyboxes import standfirst, story_alone
from bot.reading.surroundings import take_off_surroundings
from bot.reading.walls import refuse_what_is_no_article, size

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what is wrong is said once, by us
logging.getLogger("htmldate").setLevel(logging.CRITICAL)

MAX_WEBPAGE_BYTES = 5 * 1024 * 1024

_SHOWN_LINK_CHARS = 100
_LEAST_REPEATED_WORDS = 6
_MUCH_MORE = 1.5
_LONG_CELL_WORDS = 25
_ON_TOP = 2  # blocks: a standfirst may stand above the byline
_MOST_BYLINE_WORDS = 12
_LABEL = re.compile(  # alone in a block: what it announced was taken off, or is none of the article
    r"(?:advertisement|anzeige|publicité|publicidad|read (?:more|next|also)|related(?: (?:articles|stories))?|see also|"
    r"more on this story|share(?: this.*)?|lire aussi|à lire aussi|lesen sie auch|mehr zum thema|lee también|"
    r"leggi anche|lees ook|читайте также|back to (?:top|the front page))\W*",
    re.IGNORECASE,
)
_KNOWN_BY_CHARS = 60
_BLANK = re.compile(r"[^\S\n]+")
_LEVEL = re.compile(r"h([1-6])$")


def read_webpage(html: bytes, url: str | None, known: KnownDocuments = NONE_KNOWN, name: str | None = None) -> Document:
    """The article in the page ``html`` that was found at ``url``; ``name`` is for reports.

    Raises `UnreadableDocument` for a page without an article: blank, a consent notice, a paywall, a list of links.
    """
    name = name or (url or "this page")[:_SHOWN_LINK_CHARS]
    if len(html) > MAX_WEBPAGE_BYTES:
        raise UnreadableDocument(name, f"the page is larger than {MAX_WEBPAGE_BYTES >> 20} MiB: paste its text.")
    try:
        return _read(name, html, url, known)
    except UnreadableDocument:
        raise
    except Exception as error:  # what a parser raises for a hostile page is not ours to foresee
        raise UnreadableDocument(name, "the page cannot be read: paste its text.") from error


def _read(name: str, html: bytes, url: str | None, known: KnownDocuments) -> Document:
    tree = load_html(html)
    if tree is None:
        raise UnreadableDocument(name, "this is no web page: paste the text of the article.")
    page = take_off_surroundings(tree)
    extracted = _extract(page, url)
    facts = page_facts(tree, extracted, url)
    blocks = list(_own_blocks(list(_blocks(extracted.body)), facts))
    text = "\n\n".join(_above(page, blocks) + blocks)
    given = article_body(tree)
    if size(given) > _MUCH_MORE * size(text):
        text = "\n\n".join(filter(None, map(str.strip, given.split("\n"))))
    refuse_what_is_no_article(name, tree, text, tree.text_content())
    return document_from_text(name, text, _better_outlet(facts, text), known)


def _extract(page: HtmlElement, url: str | None) -> Extracted:
    """The story of ``page`` and what trafilatura finds said of it."""
    extracted = bare_extraction(story_alone(page), url=url, fast=True, include_comments=False)
    found = extract_metadata(page, url)
    found.body = extracted.body if isinstance(extracted, Extracted) else None
    return found


def _above(page: HtmlElement, blocks: Sequence[str]) -> list[str]:
    """What stands between the headline and the first of ``blocks``, and is not among them."""
    if not blocks:
        return []
    first = " ".join(blocks[0].lstrip("#-0123456789. ").split())
    return [line for line in standfirst(page, first[:_KNOWN_BY_CHARS]) if line not in blocks]


def _better_outlet(facts: Fields, text: str) -> Fields:
    """``facts`` with the outlet that the text names, where the page only has the name of its host."""
    if facts.outlet and "." in facts.outlet and " " not in facts.outlet:
        return replace(facts, outlet=describe_text(text).outlet or facts.outlet)
    return facts


def _blocks(element: HtmlElement | None) -> Iterator[str]:
    """The paragraphs, headings, lists and tables of trafilatura's tree, as `bot.language.blocks` reads them."""
    if element is None:
        return
    if element.tag in ("p", "head", "list", "table"):
        yield from filter(None, _BLOCKS[element.tag](element))
    elif len(element) == 0 or element.tag == "item":
        yield from filter(None, [_words(element)])
    else:
        yield from filter(None, [_line(element.text)])
        for child in element:
            yield from _blocks(child)
            yield from filter(None, [_line(child.tail)])


def _paragraph(element: HtmlElement) -> list[str]:
    return _words(element).split("\n\n")


def _heading(element: HtmlElement) -> list[str]:
    level = _LEVEL.match(element.get("rend") or "")
    words = " ".join(_words(element).split())
    return [f"{'#' * int(level[1] if level else 2)} {words}"] if words else []


def _list(element: HtmlElement) -> list[str]:
    """The items as one block, a line each; an item of several paragraphs goes on over lines."""
    items = [" ".join(_words(item).split()) for item in element.iter("item")]
    ordered = element.get("rend") == "ol"
    marks = (f"{number}." if ordered else "-" for number in range(1, len(items) + 1))
    return ["\n".join(f"{mark} {words}" for mark, words in zip(marks, filter(None, items), strict=False))]


def _table(element: HtmlElement) -> list[str]:
    """A line a row where cells are short; where a table only lays out a page, what its cells hold."""
    rows = [list(row.iter("cell")) for row in element.iter("row")]
    if any(len(_words(cell).split()) > _LONG_CELL_WORDS for row in rows for cell in row):
        return [block for row in rows for cell in row for block in _cell(cell)]
    lines = (" | ".join(filter(None, (" ".join(_words(cell).split()) for cell in row))) for row in rows)
    return ["\n".join(filter(None, lines))]


def _cell(cell: HtmlElement) -> Iterator[str]:
    yield from filter(None, _own_text(cell).split("\n\n"))
    for child in cell:
        if child.tag in _BLOCKS:
            yield from _blocks(child)


def _own_text(cell: HtmlElement) -> str:
    """What a cell says outside of blocks within it."""
    parts = [_line(cell.text)]
    for child in cell:
        parts += [] if child.tag in _BLOCKS else ["\n" if child.tag == "lb" else _words(child)]
        parts.append(_line(child.tail))
    return _tidied(" ".join(parts))


_BLOCKS = {"p": _paragraph, "head": _heading, "list": _list, "table": _table}


def _words(element: HtmlElement) -> str:
    """All text of an element on as many lines as it has line breaks, blank lines where two follow each other."""
    parts: list[str] = []
    for part in element.iter():
        if part.tag == "lb":
            parts.append("\n")
        elif part.tag in ("p", "item", "cell") and part is not element:
            parts.append("\n\n")
        parts.append(" ".join((part.text or "").split("\n")))
        if part is not element:
            parts.append(" ".join((part.tail or "").split("\n")))
    return _tidied("".join(parts))


def _tidied(text: str) -> str:
    lines = "\n".join(_BLANK.sub(" ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def _own_blocks(blocks: Sequence[str], facts: Fields) -> Iterator[str]:
    """``blocks`` without labels, without headline and byline on top, and without what a page shows twice."""
    seen: set[str] = set()
    for block in blocks:
        words = " ".join(block.lstrip("# ").split())
        key = words.casefold()
        repeated = key in seen and len(key.split()) >= _LEAST_REPEATED_WORDS
        if repeated or _LABEL.fullmatch(words) or (len(seen) < _ON_TOP and _is_headline_or_byline(words, facts)):
            continue
        seen.add(key)
        yield block


def _is_headline_or_byline(words: str, facts: Fields) -> bool:
    """Whether a line on top only says again what is known of the article: title, authors, day."""
    if facts.title and words.casefold() == " ".join(facts.title.casefold().split()):
        return True
    if len(words.split()) > _MOST_BYLINE_WORDS or words.endswith((".", "!", "?", ":")):
        return False
    return any(name in words for name in facts.authors) or is_boilerplate(words)
