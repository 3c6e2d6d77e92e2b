"""JSON Feed, versions 1 and 1.1 (jsonfeed.org): the same `FeedContent` as of the other formats.

What is missing or has another type than it should is passed over; an item without any of it is none.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from bot.errors import UnreadableDocument
from bot.reading.entries import Entry, FeedContent, absolute, entry_of, moment, one_line
from bot.reading.fragments import plain_text

_WRONG: Final = "this is JSON, but no JSON Feed: give the address of an RSS, Atom or JSON feed."


def looks_like_json(data: bytes) -> bool:
    """Whether a feed is JSON by its first characters."""
    return data[:64].removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"[")


def read_json_feed(data: bytes, url: str, most_entries: int) -> FeedContent:
    """Raises `UnreadableDocument` where it is no JSON Feed."""
    try:
        feed = json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        raise UnreadableDocument(url, "the feed is JSON that cannot be read: it may have been cut off.") from None
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise UnreadableDocument(url, _WRONG)
    title = one_line(_string(feed, "title")) or urlsplit(url).hostname or url
    items = [item for item in feed["items"] if isinstance(item, dict)][:most_entries]
    authors = list(_authors(feed))
    entries = tuple(entry for item in items if (entry := _entry(item, url, authors)) is not None)
    return FeedContent(title, entries, absolute(feed.get("home_page_url"), url))


def _entry(item: dict[str, Any], url: str, authors: list[str]) -> Entry | None:
    # An external link is what the item tells of, its own address where it stands.
    link = absolute(item.get("url"), url) or absolute(item.get("external_url"), url)
    html, plain = _string(item, "content_html"), _string(item, "content_text")
    text = plain_text(html) if html else plain or _string(item, "summary")
    title = _string(item, "title")
    given_id = item.get("id")
    named = str(given_id) if isinstance(given_id, str | int | float) and not isinstance(given_id, bool) else None
    if not (named or link or title.strip() or text.strip()):
        return None
    published = moment(item.get("date_published")) or moment(item.get("date_modified"))
    return entry_of(named, link, title, published, list(_authors(item)) or authors, text)


def _string(of: dict[str, Any], name: str) -> str:
    value = of.get(name)
    return value if isinstance(value, str) else ""


def _authors(of: dict[str, Any]) -> Iterator[str]:
    """The names of ``authors`` (version 1.1) or of ``author`` (version 1)."""
    several = of.get("authors")
    for author in several if isinstance(several, list) else [of.get("author")]:
        if isinstance(author, dict) and isinstance(author.get("name"), str):
            yield author["name"]
