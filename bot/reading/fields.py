"""What a document may say of itself, one set of rules for front matter, .jsonl lines and `documents.toml`.

Values come in as written (strings, lists of strings) and leave as `Fields`, checked, or as a `BadField` that says
which one is wrong and why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit

from bot.dates import PartialDate
from bot.errors import Refused
from bot.language.normal import clean
from bot.model import Document

FIELD_NAMES = {
    "title": "title",
    "outlet": "outlet",
    "authors": "authors",
    "author": "authors",
    "published": "published",
    "date": "published",
    "source": "url",
    "url": "url",
}
"""Every accepted spelling of a field and the field it means."""

MAX_NAME_CHARS = 300  # titles, outlets, one author: longer than any headline, short enough to cut on a card
MAX_URL_CHARS = 2000
MAX_AUTHORS = 50

_TIMESTAMP = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d")
_NOT_IN_URL = re.compile(r"[\s\x00-\x1f\x7f<>\"\\^`{|}]")
_NAME_BREAK = re.compile(r"\s*[,;]\s*(?:and\s|&\s)?\s*|\s+(?:and|&)\s+", re.IGNORECASE)
_NAME_SUFFIXES = {"jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "m.d.", "ph.d."}


class BadField(Exception):
    """``field`` (as its author spelled it) cannot be used, for ``reason``.

    Caught within this package, where the document's name is known.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Fields:
    """Metadata of a document; None or () where nothing is said."""

    title: str | None = None
    outlet: str | None = None
    authors: tuple[str, ...] = ()
    url: str | None = None
    published: PartialDate | None = None

    def over(self, document: Document) -> Document:
        """``document`` with everything that is said here put in place of what it had."""
        return replace(
            document,
            title=self.title or document.title,
            title_in_text=document.title_in_text and not self.title,
            outlet=self.outlet or document.outlet,
            authors=self.authors or document.authors,
            url=self.url or document.url,
            published=self.published or document.published,
        )


def read_fields(values: Mapping[str, object]) -> Fields:
    """`Fields` from written ``values``; names that are not in `FIELD_NAMES` are passed over. Raises `BadField`."""
    found: dict[str, tuple[str, object]] = {}
    for name, value in values.items():
        meaning = FIELD_NAMES.get(name)
        if meaning is None or value is None or value in ("", []):
            continue
        if meaning in found:
            raise BadField(name, f"says the same as “{found[meaning][0]}”: keep one of the two.")
        found[meaning] = (name, value)
    return _fields(found)


def usable_fields(values: Mapping[str, object]) -> Fields:
    """`Fields` from the records of another program: a value that cannot be used is passed over, as if not given."""
    found: dict[str, tuple[str, object]] = {}
    for name, value in values.items():
        meaning = FIELD_NAMES.get(name)
        with suppress(BadField):
            if meaning is not None and meaning not in found and _fields({meaning: (name, value)}) != Fields():
                found[meaning] = (name, value)
    return _fields(found)


def _fields(found: Mapping[str, tuple[str, object]]) -> Fields:
    return Fields(
        title=_line(*found["title"]) if "title" in found else None,
        outlet=_line(*found["outlet"]) if "outlet" in found else None,
        authors=_authors(*found["authors"]) if "authors" in found else (),
        url=_url(*found["url"]) if "url" in found else None,
        published=_published(*found["published"]) if "published" in found else None,
    )


def split_names(names: str) -> tuple[str, ...]:
    """The names in "A, B and C"; a suffix such as "Jr." stays with its name."""
    parts: list[str] = []
    for part in _NAME_BREAK.split(" ".join(names.split())):
        if part.lower() in _NAME_SUFFIXES and parts:
            parts[-1] += f" {part}"
        elif part:
            parts.append(part)
    return tuple(parts)


def _line(field: str, value: object, max_chars: int = MAX_NAME_CHARS) -> str | None:
    """One line of text, or None where only white space or invisible characters were written."""
    if not isinstance(value, str):
        raise BadField(field, "must be one line of text.")
    line = " ".join(clean(value).split())
    if len(line) > max_chars:
        raise BadField(field, f"has {len(line)} characters; {max_chars} is the most.")
    return line or None


def _authors(field: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        names = split_names(_line(field, value, MAX_NAME_CHARS * MAX_AUTHORS) or "")
    elif isinstance(value, list):
        names = tuple(name for item in value if (name := _line(field, item)))
    else:
        raise BadField(field, "must be a name or a list of names.")
    if len(names) > MAX_AUTHORS or any(len(name) > MAX_NAME_CHARS for name in names):
        raise BadField(field, f"must be at most {MAX_AUTHORS} names of at most {MAX_NAME_CHARS} characters.")
    return tuple(dict.fromkeys(names))


def _url(field: str, value: object) -> str | None:
    """A link somebody may be shown: http or https, a host, and nothing in it that hides where it goes."""
    url = value.strip() if isinstance(value, str) else ""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    except ValueError:
        good = False
    if not good or _NOT_IN_URL.search(url) or clean(url) != url or len(url) > MAX_URL_CHARS:
        raise BadField(
            field, "must be a link that starts with http:// or https://; a publication's name goes in outlet."
        )
    return url


def _published(field: str, value: object) -> PartialDate | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"{value:04}" if 0 < value < 10_000 else "?"
    elif isinstance(value, date):
        value = value.isoformat()
    written = _line(field, value)
    if written is None:
        return None
    stamp = _TIMESTAMP.match(written)
    try:
        return PartialDate.parse(stamp[1] if stamp else written)
    except Refused as refusal:
        raise BadField(field, str(refusal)) from None
