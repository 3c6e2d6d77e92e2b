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
from bot.reading.documents import MAX_DOCUMENT_BYTES, read_document
from bot.reading.known import NONE_KNOWN, KnownDocuments
from bot.reading.sniffing import Kind, kind_of

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
    kind = kind_of(name, data)
    if len(data) > MAX_BYTES[kind]:
        size, most = f"{len(data) / (1 << 20):.1f} MiB", f"{MAX_BYTES[kind] >> 20} MiB"
        raise UnreadableDocument(name, f"the file is {size}; {most} is the most: split it up.")
    try:
        found = await _parse(kind, name, data, known, url)
    except UnreadableDocument as unreadable:
        raise UnreadableDocument(name, unreadable.reason) from None
    if not isinstance(found, Document):
        raise UnreadableDocument(name, "it cannot be read: save its text as .txt.")
    return found


async def _parse(kind: Kind, name: str, data: bytes, known: KnownDocuments, url: str | None) -> object:
    match kind:
        case Kind.TEXT | Kind.MARKDOWN if len(data) <= SHORT_TEXT_BYTES:
            return await asyncio.to_thread(read_document, name, data, known)
        case Kind.TEXT | Kind.MARKDOWN:
            return await sandbox.run(read_document, name, data, known)
        case Kind.WEB_PAGE:
            return await sandbox.run_named("bot.reading.webpages:read_webpage", data, url, known, name=name)
        case Kind.PDF:
            return await sandbox.run_named("bot.reading.pdfs:read_pdf", name, data, known)
        case Kind.WORD:
            return await sandbox.run_named("bot.reading.word:read_docx", name, data, known)
