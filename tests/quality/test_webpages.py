"""How well the article is told from the rest of its page: pages of many makes in tests/quality/pages.

A page NAME.html says where it was saved from in its first line; NAME.md holds what is to come out of it, with its
title, outlet, authors, day and link as front matter. What is no article is in `pages/refused`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import pytest

from bot.errors import UnreadableDocument
from bot.model import Document
from bot.reading.documents import read_document
from bot.reading.webpages import read_webpage

FLOOR_F1 = 0.99  # measured 0.998; trafilatura by itself has 0.952 on these pages
FLOOR_OF_ONE = 0.9
PAGES = sorted((Path(__file__).parent / "pages").glob("*.html"))
REFUSED = {
    "blank": "no article was found",
    "script_only": "put on the page by a script",
    "consent_wall": "notice about cookies",
    "consent_wall_german": "notice about cookies",
    "paywall_stub": "rest is for subscribers",
    "paywall_by_markup": "rest is for subscribers",
    "front_page": "list of links",
    "topic_page": "list of links",
    "bot_check": "proof of being human",
    "not_found": "no article was found",
}
_TOKEN = re.compile(r"[^\W_]+|[^\w\s]")
_WIDE = re.compile(r"([\u3040-\u30ff\u3400-\u9fff])")


@dataclass(frozen=True)
class Read:
    """A page as it was read and as it should be."""

    name: str
    found: Document
    wanted: Document

    @property
    def f1(self) -> float:
        """Of the tokens, as in a bag."""
        found, wanted = _tokens(self.found.text), _tokens(self.wanted.text)
        common = (found & wanted).total()
        return 2 * common / (found.total() + wanted.total())


def _tokens(text: str) -> Counter[str]:
    return Counter(_TOKEN.findall(_WIDE.sub(r" \1 ", text.casefold())))


def _address(html: bytes) -> str:
    saved = re.match(rb"<!-- saved from url=(\S+) -->", html)
    assert saved
    return saved[1].decode()


@pytest.fixture(scope="module")
def pages() -> list[Read]:
    read = []
    for path in PAGES:
        html = path.read_bytes()
        wanted = read_document(f"{path.stem}.md", path.with_suffix(".md").read_bytes())
        read.append(Read(path.stem, read_webpage(html, _address(html)), wanted))
    return read


def test_there_are_pages_of_many_makes() -> None:
    assert len(PAGES) >= 40


def test_the_article_is_told_from_what_is_around_it(
    pages: list[Read], record_property: Callable[[str, object], None]
) -> None:
    scores = {page.name: page.f1 for page in pages}
    record_property("mean_f1", fmean(scores.values()))
    assert fmean(scores.values()) >= FLOOR_F1, scores
    assert not {name: score for name, score in scores.items() if score < FLOOR_OF_ONE}


@pytest.mark.parametrize("field", ["title", "outlet", "authors", "published", "url"])
def test_what_a_page_says_of_its_article_is_read(pages: list[Read], field: str) -> None:
    wrong = {
        page.name: (getattr(page.found, field), getattr(page.wanted, field))
        for page in pages
        if getattr(page.found, field) != getattr(page.wanted, field)
    }
    assert not wrong


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_article_is_refused_with_what_to_do(name: str) -> None:
    html = (Path(__file__).parent / "pages" / "refused" / f"{name}.html").read_bytes()
    with pytest.raises(UnreadableDocument, match=rf"{REFUSED[name]}.*paste it with /article add\."):
        read_webpage(html, _address(html))
