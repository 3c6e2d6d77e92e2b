"""Bytes that nobody vouches for to a `Document`: an upload, or what is behind a link.

    bytes -> sniffing.kind_of -> txt, md -> documents.read_document  -+-> what is known of the text (known) -> Document
                              -> html, pdf, docx -> their parsers    -+

All of it happens in the sandbox, but for short plain texts, which are read in a few milliseconds.
"""

from __future__ import annotations

import asyncio

from bot.errors import UnreadableDocument
from bot.model import Document
from bot.reading import sandbox
from bot.reading.documents import MAX_DOCUMENT_BYTES, read_document, too_large
from bot.reading.known import NONE_KNOWN, KnownDocuments
from bot.reading.sniffing import Kind, kind_of

PARSERS = {  # by name: what they need is loaded in the sandbox alone
    Kind.WEB_PAGE: "bot.reading.webpages:read_webpage",
    Kind.PDF: "bot.reading.pdfs:read_pdf",
    Kind.WORD: "bot.reading.word:read_docx",
}
MAX_BYTES = dict.fromkeys(Kind, MAX_DOCUMENT_BYTES) | {Kind.PDF: 20 << 20, Kind.WORD: 20 << 20}
MAX_BYTES_OF_ANY = max(MAX_BYTES.values())

# A regular expression holds the interpreter until it is done, thread or not: 5 MB of hostile text held it for 0.9 s,
# this much for 12 ms.
SHORT_TEXT_BYTES = 1 << 16


async def read_untrusted(
    name: str, data: bytes, known: KnownDocuments = NONE_KNOWN, url: str | None = None
) -> Document:
    """The document in ``data``, whatever ``name`` makes believe it is; ``url`` is where it was found, if on the web.

    Raises `UnreadableDocument`, and nothing else whatever the bytes are.
    """
    kind = _checked_kind(name, data)
    try:
        if kind in PARSERS:
            return _document(name, await sandbox.run_named(PARSERS[kind], *_given(kind, name, data, known, url)))
        if len(data) > SHORT_TEXT_BYTES:
            return _document(name, await sandbox.run(read_document, name, data, known))
        return await asyncio.to_thread(read_document, name, data, known)
    except UnreadableDocument as unreadable:
        raise UnreadableDocument(name, unreadable.reason) from None


def read_in_thread(name: str, data: bytes, known: KnownDocuments = NONE_KNOWN) -> Document:
    """The same for an import, in a thread of its own: plain texts there, all others in the sandbox."""
    kind = _checked_kind(name, data)
    try:
        if kind in PARSERS:
            return _document(name, sandbox.wait_for(PARSERS[kind], *_given(kind, name, data, known, None)))
        return read_document(name, data, known)
    except UnreadableDocument as unreadable:
        raise UnreadableDocument(name, unreadable.reason) from None


def _checked_kind(name: str, data: bytes) -> Kind:
    kind = kind_of(name, data)
    if len(data) > MAX_BYTES[kind]:
        raise UnreadableDocument(name, too_large(len(data), MAX_BYTES[kind]))
    return kind


def _given(kind: Kind, name: str, data: bytes, known: KnownDocuments, url: str | None) -> tuple[object, ...]:
    """The arguments of a kind's parser."""
    return (data, url, known, name) if kind is Kind.WEB_PAGE else (name, data, known)


def _document(name: str, found: object) -> Document:
    if not isinstance(found, Document):
        raise UnreadableDocument(name, "it cannot be read: save its text as .txt.")
    return found
