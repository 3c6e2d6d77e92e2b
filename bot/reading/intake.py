"""From an entry of a feed to the document that is stored: the feed's own text, or the page it links to.

What is still to be done with an entry is kept as text in the queue: `pack` and `unpack`.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from bot.dates import PartialDate
from bot.model import Document
from bot.reading.documents import document_from_text
from bot.reading.entries import Entry
from bot.reading.fields import Fields, usable_fields
from bot.reading.links import canonical
from bot.reading.politeness import host_of

SHORT_WORDS: Final = 150
"""A text of fewer words is looked up at its link: most feeds that give only a beginning give less, few reports are."""
ALONE_WORDS: Final = 25
"""Where the page cannot be read, a feed's own text of so many words stands for itself."""

_ELLIPSIS = r"(?:…|\.\.\.|&hellip;)"
_GO_ON = r"(?:(?<=\n)|(?<=[.!?…”»\"] ))(?:Continue reading|Read (?:more|on|the (?:full|rest|whole)))\b[^\n]{0,100}"
_CUT = re.compile(rf"(?:{_ELLIPSIS}|\[{_ELLIPSIS}\]|{_GO_ON})[\s\])→»›.]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry in the queue: how often it was tried, and the document made of it once there is one."""

    entry: Entry
    tries: int = 0
    document: Document | None = None


def pack(waiting: Waiting) -> str:
    """As JSON, to be kept until the article is read."""
    return json.dumps(asdict(waiting), ensure_ascii=False, default=str)


def unpack(content: str) -> Waiting:
    """What `pack` was given."""
    kept = json.loads(content)
    return Waiting(_entry(kept["entry"]), kept["tries"], _document(kept["document"]) if kept["document"] else None)


def is_whole(text: str) -> bool:
    """Whether a feed's text is all there is, as far as can be told from it."""
    return len(text.split()) >= SHORT_WORDS and not is_cut(text)


def is_cut(text: str) -> bool:
    """Whether a text ends as one does that goes on elsewhere."""
    return bool(_CUT.search(text[-300:]))


def stands_alone(text: str) -> bool:
    """Whether a feed's text may stand for its article where that cannot be read."""
    return len(text.split()) >= ALONE_WORDS and not is_cut(text)


def from_feed(entry: Entry, outlet: str, today: date) -> Document:
    """The document of an entry's own text. Raises `UnreadableDocument`."""
    made = document_from_text(entry.link or entry.title or entry.key, entry.text, _said(entry, today))
    return replace(made, outlet=made.outlet or _outlet(outlet))


def from_page(page: Document, entry: Entry, outlet: str, today: date) -> Document:
    """The document of the page an entry links to, with what the entry says where the page is silent."""
    said = _said(entry, today)
    return replace(
        page,
        title=page.title or said.title or page.name,
        outlet=page.outlet if page.outlet and not _is_host(page.outlet, page.url or said.url) else _outlet(outlet),
        authors=page.authors or said.authors,
        published=page.published or said.published,
        url=page.url or said.url,
    )


def _said(entry: Entry, today: date) -> Fields:
    """What a feed says of an entry, as far as it can be used; a day to come is none."""
    day = entry.published.date() if entry.published else None
    known = day is not None and day <= today + timedelta(days=1)  # it may be tomorrow already where it was written
    given: dict[str, Any] = {"title": entry.title, "authors": list(entry.authors), "published": day if known else None}
    return usable_fields({**given, "url": canonical(entry.link) if entry.link else None})


def _outlet(outlet: str) -> str | None:
    return usable_fields({"outlet": outlet}).outlet


def _is_host(outlet: str, url: str | None) -> bool:
    """Whether ``outlet`` is only the host of the page: what a page that names none is filed under."""
    host = host_of(url or "").removeprefix("www.")
    return outlet.casefold().removeprefix("www.") == host


def _entry(kept: dict[str, Any]) -> Entry:
    published = kept["published"]
    when = datetime.fromisoformat(published) if published else None
    return Entry(**{**kept, "published": when, "authors": tuple(kept["authors"])})


def _document(kept: dict[str, Any]) -> Document:
    published = kept["published"]
    when = PartialDate(**published) if published else None
    return Document(**{**kept, "published": when, "authors": tuple(kept["authors"])})
