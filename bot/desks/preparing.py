"""Documents prepared for storing: cleaned, and taken apart by language. Pure, so that it can be done in any process.

document -> **prepared** -> corpus. `bot.newsdesk` prepares one in a thread, `bot.desks.importing` many in processes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.errors import Refused
from bot.language.analysis import analyse
from bot.language.normal import clean, fingerprint
from bot.language.prepared import Prepared, check_storable
from bot.model import Document
from bot.reading.links import link_key


def prepare(document: Document) -> Prepared:
    """Find the passages and the speech of a document, once, before it is stored. Raises `Refused` for an empty text."""
    stored = cleaned(document)
    analysis = analyse("" if stored.title_in_text else stored.title, stored.text)
    url_key = link_key(stored.url) if stored.url else None
    return Prepared(stored, fingerprint(stored.text), len(stored.text.split()), analysis, url_key)


def prepare_all(documents: Sequence[Document]) -> list[Prepared | Refused]:
    """Each of several documents prepared, or in its place why it cannot be stored."""
    return [_prepared(document) for document in documents]


def cleaned(document: Document) -> Document:
    """A document as it is stored. Raises `Refused` for an empty text."""
    text = clean(document.text)
    if not text:
        raise Refused(f"“{document.title[:60]}” has no text: paste the article's text or upload it as a file.")
    return replace(
        document,
        title=one_line(document.title) or document.name,
        text=text,
        outlet=one_line(document.outlet or "") or None,
        authors=tuple(filter(None, map(one_line, document.authors))),
    )


def one_line(text: str) -> str:
    """``text`` cleaned, on one line."""
    return " ".join(clean(text).split())


def _prepared(document: Document) -> Prepared | Refused:
    try:
        prepared = prepare(document)
        check_storable(prepared.document)
    except Refused as refused:
        return refused
    return prepared
