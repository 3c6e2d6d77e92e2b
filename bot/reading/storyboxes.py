"""Which box of a page holds its story: told by where the long paragraphs are, before trafilatura looks for it.

trafilatura goes by the names of boxes; on a page whose names say nothing it takes paragraphs from everywhere and leaves
lists and headings out. A box that holds nearly all long paragraphs is the story's whatever it is called.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from itertools import islice

from lxml.html import HtmlElement, builder

from bot.reading.surroundings import BLOCKS

_LONG_PARAGRAPH_CHARS = 60
_LEAST_LONG_PARAGRAPHS = 3
_SHARE = 0.8  # of the text in long paragraphs; a standfirst outside of the box may have the rest
_TEXT_BLOCKS = ("p", "div", "h2", "h3", "h4", "blockquote", "li", "pre")
_MOST_BELOW_HEADLINE, _STANDFIRST_WORDS = 30, 7


def story_alone(page: HtmlElement) -> HtmlElement:
    """A page whose body is the box that holds the story of ``page``; ``page`` itself where no box does."""
    body = page.find("body")
    box = None if body is None else _story_box(body)
    if body is None or box is None or box is body:
        return page
    story = deepcopy(box)
    story.tag, story.tail = "article", None
    return builder.HTML(builder.BODY(story))


def _story_box(body: HtmlElement) -> HtmlElement | None:
    """The innermost box with most of the text in long paragraphs; None where there are too few of these."""
    sizes = {paragraph: len(paragraph.text_content()) for paragraph in body.iter("p")}
    sizes = {paragraph: size for paragraph, size in sizes.items() if size >= _LONG_PARAGRAPH_CHARS}
    if len(sizes) < _LEAST_LONG_PARAGRAPHS:
        return None
    held: dict[HtmlElement, int] = {}
    for paragraph, size in sizes.items():
        for box in paragraph.iterancestors():
            held[box] = held.get(box, 0) + size
    wanted = _SHARE * sum(sizes.values())
    box = body
    while True:
        inner = next((child for child in box if held.get(child, 0) >= wanted), None)
        if inner is None:
            return box
        box = inner


def standfirst(page: HtmlElement, first_words: str) -> list[str]:
    """The sentences between the headline and the paragraph that begins with ``first_words``, on a page without boxes.

    Many pages have them outside of the box their story is in.
    """
    heading = next(page.iter("h1"), None)
    body = page.find("body")
    if heading is None or body is None:
        return []
    found: list[str] = []
    below = (element for element in heading.itersiblings() if isinstance(element.tag, str))
    for element in islice(_leaves(below, heading, body), _MOST_BELOW_HEADLINE):
        words = " ".join(element.text_content().split())
        if words.startswith(first_words):
            return found
        if len(words.split()) >= _STANDFIRST_WORDS and words[-1] in '.!?”"»…。':
            found.append(words)
    return []


def _leaves(below: Iterator[HtmlElement], heading: HtmlElement, body: HtmlElement) -> Iterator[HtmlElement]:
    """The blocks after the headline in order, those without blocks in them."""
    while heading is not body:
        for element in below:
            for inner in element.iter(*_TEXT_BLOCKS):
                if not any(child.tag in BLOCKS for child in inner.iterdescendants()):
                    yield inner
        heading = heading.getparent()
        below = (element for element in heading.itersiblings() if isinstance(element.tag, str))
