"""The entries of a feed, whatever format it has, and what each is recognised by.

    a feed's own fields -> `entry_of` -> an `Entry` -> `marks_of` -> was it there before?

An entry is recognised by its id, its link or its text: a feed may change any of them by itself (new ids after a move,
links with another tracking parameter, touched dates), and none of that makes it another entry.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urljoin, urlsplit

from bot.language.normal import clean, fingerprint
from bot.reading.documents import MAX_TEXT_CHARS
from bot.reading.fields import MAX_AUTHORS, MAX_NAME_CHARS, MAX_URL_CHARS, split_names

MAX_KEY_CHARS: Final = 500
TELLING_WORDS: Final = 20
"""A text of so many words is, with its title, nobody else's; a shorter one may stand in a feed every day."""

_FIRST_YEAR = 1600
_NO_DAY: Final = frozenset({(1900, 1, 1), (1970, 1, 1)})  # what programs write that know none
_NOT_A_NAME = re.compile(r"@|https?:|^(?:admin|administrator|unknown|none|null|staff)$", re.IGNORECASE)
_NAME_IN_BRACKETS = re.compile(r"\S+@\S+\s*\((.+)\)\s*$")  # RSS 2.0: editor@example.org (Ines Duarte)
_BY = re.compile(r"by\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: ``key`` is its id, else its link, else made of its text; ``published`` is in its feed's own zone."""

    key: str
    link: str | None
    title: str
    published: datetime | None
    authors: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class FeedContent:
    """A feed as read, its entries in its own order; ``link`` is the page it belongs to."""

    title: str
    entries: tuple[Entry, ...]
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """What an entry is recognised by: one of them that was there before is enough."""

    key: str
    url_key: str | None
    text_key: str | None


def entry_of(
    given_id: str | None,
    link: str | None,
    title: str,
    published: datetime | None,
    authors: Iterable[str],
    text: str,
) -> Entry:
    """An entry of what a feed says of it, each part made fit to be kept. ``link`` is absolute already."""
    text = clean(text[:MAX_TEXT_CHARS])
    title = one_line(title)
    given_id = clean(given_id or "").strip()
    key = given_id or link or f"text:{fingerprint(f'{title} {text}')}"
    if len(key) > MAX_KEY_CHARS:
        key = f"hash:{hashlib.sha256(key.encode()).hexdigest()}"
    return Entry(key, link, title, published, _names(authors), text)


def marks_of(entries: Sequence[Entry], link_key: Callable[[str], str], home: str | None = None) -> list[Marks]:
    """What each of ``entries`` is recognised by; ``link_key`` makes the same of links that lead to the same page.

    A link says nothing of an entry where it leads to the site's ``home`` or other entries of the feed have it, too.
    """
    links = [link_key(entry.link) if entry.link and _leads_somewhere(entry.link) else None for entry in entries]
    texts = [_text_key(entry) for entry in entries]
    shared = Counter(link for link, _ in set(zip(links, texts, strict=True)))
    shared_ids = Counter(link for link, _ in set(zip(links, (entry.key for entry in entries), strict=True)))
    common = {link for link in shared if min(shared[link], shared_ids[link]) > 1}
    if home:
        common.add(link_key(home))
    return [
        Marks(entry.key, None if link in common else link, text)
        for entry, link, text in zip(entries, links, texts, strict=True)
    ]


def absolute(link: object, base: str) -> str | None:
    """``link`` as a whole http address, seen from ``base``; None where it is none."""
    if not isinstance(link, str) or not link.strip():
        return None
    try:
        whole = urljoin(base, link.strip())
        parts = urlsplit(whole)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return whole if good and len(whole) <= MAX_URL_CHARS and clean(whole) == whole else None


def moment(written: object) -> datetime | None:
    """The instant that a feed wrote, in the zone it wrote it in (UTC where it named none); None where it is none."""
    if not isinstance(written, str):
        return None
    found = _iso(written.strip()) or _rfc_822(written.strip())
    return plausible(found)


def plausible(when: datetime | None) -> datetime | None:
    """``when``, unless it is what a program writes that knows no date."""
    if when is None or when.year < _FIRST_YEAR or (when.year, when.month, when.day) in _NO_DAY:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def one_line(text: str) -> str:
    """``text`` on one line, no longer than a title can be."""
    line = " ".join(clean(text[: 8 * MAX_NAME_CHARS]).split())
    return (
        line
        if len(line) <= MAX_NAME_CHARS
        else (line[:MAX_NAME_CHARS].rpartition(" ")[0] or line[: MAX_NAME_CHARS - 1]) + "…"
    )


def _iso(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return None


def _rfc_822(written: str) -> datetime | None:
    try:
        return parsedate_to_datetime(written)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _names(authors: Iterable[str]) -> tuple[str, ...]:
    """People's names among ``authors``: without addresses, and without what only says that there is none."""
    names: list[str] = []
    for author in authors:
        line = " ".join(clean(author[: 8 * MAX_NAME_CHARS]).split())
        bracketed = _NAME_IN_BRACKETS.match(line)
        line = _BY.sub("", bracketed[1] if bracketed else line, count=1) if line else ""
        names += [name for name in split_names(line) if len(name) <= MAX_NAME_CHARS and not _NOT_A_NAME.search(name)]
    return tuple(dict.fromkeys(names))[:MAX_AUTHORS]


def _text_key(entry: Entry) -> str | None:
    """The same for entries of one title and text; None where the text is too short to be nobody else's."""
    telling = len(entry.text.split()) >= TELLING_WORDS
    return fingerprint(f"{entry.title}\n{entry.text}") if telling else None


def _leads_somewhere(link: str) -> bool:
    """Whether a link names more than a site."""
    parts = urlsplit(link)
    return bool(parts.path.strip("/") or parts.query)
