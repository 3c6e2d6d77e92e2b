"""Feeds: the bytes of an RSS, Atom or JSON feed to a `FeedContent`; and where the feeds of a web page are.

    bytes -> feedparser, or `json_feeds` -> entries in plain text -> bot.desks.feeds

All of it is pure, and is run in the sandbox: the bytes are untrusted. feedparser takes RSS 0.9 to 2.0, Atom 0.3 and 1.0
and what is merely like XML, down to undefined entities and a missing end.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urlsplit

import feedparser

from bot.errors import UnreadableDocument
from bot.reading.entries import Entry, FeedContent, absolute, entry_of, moment, one_line, plausible
from bot.reading.fragments import plain_text
from bot.reading.json_feeds import looks_like_json, read_json_feed

MAX_ENTRIES: Final = 1_000
"""More of one feed are not read: the largest archives that are served as one feed have some hundreds."""

_NO_FEED = "this is no feed: give the address of an RSS, Atom or JSON feed, or of a page that names its feed."
_DECLARED = re.compile(rb"^[\s\xef\xbb\xbf]*<\?xml[^>]{0,200}?encoding\s*=")
_FOOTER = re.compile(r"\n+The post [^\n]{1,400} (?:first appeared|appeared first) on [^\n]{1,200}$")  # WordPress's
_FEED_TYPES: Final = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"}
)
_HEAD_BYTES = 1 << 19  # links of a page stand in its head; nothing after this is looked at
_MOST_LINKS = 10


def read_feed(data: bytes, url: str, charset: str | None = None) -> FeedContent:
    """The feed in ``data``, which was found at ``url``: relative links are taken from there.

    ``charset`` is what the server says of it. Raises `UnreadableDocument` where it is no feed at all; of a broken one
    what can be read is given.
    """
    if looks_like_json(data):
        return read_json_feed(data, url, MAX_ENTRIES)
    parsed = _parse(data, url, charset)
    if not parsed.get("version") and not parsed.entries:
        raise UnreadableDocument(url, _NO_FEED)
    title = one_line(_plain(parsed.feed.get("title_detail"))) or urlsplit(url).hostname or url
    entries = tuple(_entry(entry, url) for entry in parsed.entries[:MAX_ENTRIES])
    return FeedContent(title, entries, absolute(parsed.feed.get("link"), url))


def feed_links(data: bytes, url: str) -> list[str]:
    """The feeds that a web page names as its own, in its order."""
    page = _Page(url)
    page.feed(data[:_HEAD_BYTES].decode("utf-8", "replace"))
    page.close()
    return list(dict.fromkeys(page.found))[:_MOST_LINKS]


def _parse(data: bytes, url: str, charset: str | None) -> Any:
    try:
        return feedparser.parse(
            io.BytesIO(data),  # a stream: bytes that happen to be the name of a file would have it opened
            response_headers={"content-type": _media_type(data, charset), "content-location": url},
            sanitize_html=False,  # only plain text comes out of here
            resolve_relative_uris=False,
        )
    except Exception as error:  # of a parser of anything: whatever it stumbled over
        raise UnreadableDocument(url, f"the feed cannot be read ({type(error).__name__}).") from error


class _Page(HTMLParser):
    """Finds ``<link rel=alternate>`` of a feed's type."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._base = url

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "base":
            self._base = absolute(given.get("href"), self._base) or self._base
        elif tag == "link" and "alternate" in given.get("rel", "").lower().split():
            kind = given.get("type", "").partition(";")[0].strip().lower()
            link = absolute(given.get("href"), self._base)
            if kind in _FEED_TYPES and link is not None:
                self.found.append(link)


def _media_type(data: bytes, charset: str | None) -> str:
    """The type and encoding to read ``data`` by.

    Bytes that are UTF-8 and not mere ASCII are read as that, whatever is said of them: no other encoding looks like it.
    What the server says counts where the document says nothing. (feedparser would take "text/xml" for ASCII: RFC 3023.)
    """
    if not data.isascii() and _is_utf_8(data):
        return "application/xml; charset=utf-8"
    if charset and not _DECLARED.match(data):
        return f"application/xml; charset={charset}"
    return "application/xml"


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _entry(entry: Any, url: str) -> Entry:
    said = {name: dict.get(entry, name) for name in ("id", "link", "title_detail")}  # as it is: it guesses what is not
    texts = [_plain(part) for part in (*dict.get(entry, "content", ()), dict.get(entry, "summary_detail"))]
    text = _FOOTER.sub("", max(texts, key=len))
    return entry_of(
        said["id"] if isinstance(said["id"], str) else None,
        absolute(said["link"], url),
        _plain(said["title_detail"]),
        _published(entry),
        _authors(entry),
        text,
    )


def _published(entry: Any) -> datetime | None:
    """The first date that can be read, as written where its form is known: the day is the one where it was written."""
    for name in ("published", "created", "updated"):
        written = dict.get(entry, name)
        if found := moment(written) or _guessed(written, dict.get(entry, f"{name}_parsed")):
            return found
    return None


def _guessed(written: object, parsed: Any) -> datetime | None:
    """What feedparser took ``written`` for, in UTC, if its year stands there: it takes "2025-13-45" for some day."""
    if not parsed or not re.search(rf"(?<!\d){parsed[0]}(?!\d)", str(written)):
        return None
    try:
        return plausible(datetime(*parsed[:6]).replace(tzinfo=UTC))  # noqa: DTZ001
    except (ValueError, TypeError):
        return None


def _authors(entry: Any) -> Iterator[str]:
    whole = dict.get(entry, "author")
    if isinstance(whole, str) and "@" in whole:  # feedparser cuts addresses with a long top-level domain in two
        yield whole
        return
    for author in dict.get(entry, "authors", ()):
        if isinstance(author.get("name"), str):
            yield author["name"]


def _plain(detail: Any) -> str:
    """The text of a text construct of feedparser's: a value and its type."""
    if not detail:
        return ""
    value = detail.get("value")
    if not isinstance(value, str):
        return ""
    return value if detail.get("type") == "text/plain" else plain_text(value)
