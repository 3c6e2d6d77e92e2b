"""What stands around an article on its web page, taken off before the article is looked for.

trafilatura knows most of it; here is what it lets through: boxes within an article that are none of it, tables that
only lay out a page, and text whose paragraphs are no elements. A box goes only where it is small beside the page or
holds no story, so that a page built in one big "newsletter" box is not emptied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy

from lxml.html import HtmlElement, builder

_TAGS = frozenset({"aside", "nav", "form", "dialog", "figcaption", "button", "template", "svg"})
_KEPT = frozenset({"html", "body", "main", "article", "h1"})
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:newsletters?|subscri(?:be|ption)|paywall-?offer|promos?|related|recirc\w*|recommend\w*|"
    r"read-?(?:more|next|also)|more-?(?:on|from|stories)|most-?read|trending|cookies?|consent|gdpr|cmp|share|sharing|"
    r"social|caption|credits?|wp-caption-text|advert\w*|ads?|sponsor\w*|donat\w*|breadcrumbs?|toc|"
    r"table-?of-?contents|pull-?quote|author-?(?:bio|box|card)|bio|tags?|ticker|sr-only|visually-?hidden|"
    r"screen-?reader\w*|modal|popup|overlay|toolbar|pagination|print-?only|press-?contact)(?:$|[\s_-])",
    re.IGNORECASE,
)
_OF_READERS = re.compile(
    r"(?:^|[\s_-])(?:comments?(?:-?(?:list|area|section))?|disqus\w*|respond|kommentare?|commentaires?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BLOCK_NAMES = """
address article aside blockquote body center dd details div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6
header hr li main nav ol p pre section table tbody td th thead tr ul
"""
BLOCKS = frozenset(_BLOCK_NAMES.split())
_INLINE = frozenset({"p", "span", "font"})  # may not hold a paragraph
_LEAST_OWN_WORDS = 3
_MOST_SHARE = 0.4  # of the page's words: a box with more is the page
_STORY_PARAGRAPHS, _STORY_PARAGRAPH_CHARS = 3, 120
_MOST_LINK_CHARS = 160
_LAYOUT_CELL_CHARS, _LAYOUT_SHARE = 400, 0.5


def take_off_surroundings(tree: HtmlElement) -> HtmlElement:
    """A copy of the page without the boxes around and within its article, its paragraphs marked as such."""
    page = deepcopy(tree)
    body = page.find("body")
    if body is None:
        return page
    _drop_boxes(body)
    for table in list(body.iter("table")):
        _unfold(table)
    for paragraph in list(body.iter("p")):
        if _is_only_a_link(paragraph):
            paragraph.drop_tree()
    for element in list(body.iter("div", "td", "section", "article", "body", "center", "font", "p", "span")):
        _mark_paragraphs(element)
    return page


def _drop_boxes(body: HtmlElement) -> None:
    most = _MOST_SHARE * len(body.text_content())
    for element in list(body.iter()):
        if not isinstance(element.tag, str) or element.getparent() is None or element.tag in _KEPT:
            continue  # a comment, or gone with a box around it
        small = len(element.text_content()) <= most
        if _is_of_readers(element) or (small and _is_around(element) and not _has_story(element)):
            element.drop_tree()


def _name(element: HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def _is_of_readers(element: HtmlElement) -> bool:
    """Whether this is a list of comments; a page that is nothing else has no ``h1`` outside of it."""
    return _OF_READERS.search(_name(element)) is not None and next(element.iter("h1"), None) is None


def _is_around(element: HtmlElement) -> bool:
    if element.tag in _TAGS or element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    return _NAMED.search(_name(element)) is not None


def _has_story(element: HtmlElement) -> bool:
    """Whether a box holds as much running text as an article does."""
    paragraphs = (paragraph.text_content() for paragraph in element.iter("p"))
    return sum(len(text) >= _STORY_PARAGRAPH_CHARS for text in paragraphs) >= _STORY_PARAGRAPHS


def _is_only_a_link(paragraph: HtmlElement) -> bool:
    """Whether all a paragraph says is a link that is no sentence: it leads to another article."""
    words = " ".join(paragraph.text_content().split())
    linked = " ".join(" ".join(link.text_content() for link in paragraph.iter("a")).split())
    return bool(words) and words == linked and len(words) <= _MOST_LINK_CHARS and words[-1] not in '.!?”"»…'


def _unfold(table: HtmlElement) -> None:
    """Put the cell that holds most of a table in the table's place: it only laid out a page."""
    total = len(table.text_content())
    for cell in table.iter("td"):
        size = len(cell.text_content())
        if size >= max(_LAYOUT_CELL_CHARS, _LAYOUT_SHARE * total) and table.getparent() is not None:
            cell.tag, cell.tail = "div", table.tail
            table.getparent().replace(table, cell)
            return


def _mark_paragraphs(element: HtmlElement) -> None:
    """Make paragraphs of text that stands in a box by itself, or is parted by two line breaks."""
    own = (element.text or "") + "".join(child.tail or "" for child in element)
    broken = _has_double_breaks(element)
    if len(own.split()) < _LEAST_OWN_WORDS or (element.tag in _INLINE and not broken):
        return
    if element.tag == "div" and not broken and not any(child.tag in BLOCKS for child in element.iterdescendants()):
        element.tag = "p"
        return
    if element.tag in _INLINE:
        element.tag = "div"
    parts = list(_runs(element))
    element.text = None
    for child in list(element):
        element.remove(child)
    element.extend(parts)


def _has_double_breaks(element: HtmlElement) -> bool:
    breaks = [child for child in element if child.tag == "br"]
    return any(
        one.getnext() is not None and one.getnext().tag == "br" and not (one.tail or "").strip() for one in breaks
    )


def _runs(element: HtmlElement) -> Iterator[HtmlElement]:
    """The blocks of an element as they are, and what stands between them and between double breaks as paragraphs."""
    run = builder.P()
    run.text = element.text
    breaks = 0
    for child in list(element):
        tail, child.tail = child.tail, None
        if child.tag in BLOCKS or (child.tag == "br" and breaks):
            if run.text_content().strip():
                yield run
            if child.tag in BLOCKS:
                yield child
            run, breaks = builder.P(), 0
            run.text = tail
            continue
        breaks = 1 if child.tag == "br" and not (tail or "").strip() else 0
        child.tail = tail
        run.append(child)
    if run.text_content().strip():
        yield run
