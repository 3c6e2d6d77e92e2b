"""One document's bytes to a `Document`: decoded, its front matter read, its metadata found.

What is said of a document, the strongest first: its own front matter, what is known of its text
(`bot.reading.known`), what the text itself tells (`bot.reading.metadata`), its file name.
"""

from __future__ import annotations

import unicodedata

from bot.errors import UnreadableDocument
from bot.language.normal import clean
from bot.model import Document
from bot.reading.decoding import decode
from bot.reading.fields import Fields
from bot.reading.frontmatter import split_front_matter
from bot.reading.known import NONE_KNOWN, KnownDocuments
from bot.reading.markdown import plain
from bot.reading.metadata import describe_text, title_of

MAX_DOCUMENT_BYTES = 5 * 1024 * 1024
MARKDOWN_SUFFIXES = (".md", ".markdown")
MAX_TEXT_CHARS = 1_000_000  # some 170,000 words: longer than a long novel, and no article


def read_document(name: str, data: bytes, known: KnownDocuments = NONE_KNOWN) -> Document:
    """The document in the bytes of a .txt or .md file called ``name``.

    Raises `UnreadableDocument`, and nothing else whatever the bytes are.
    """
    if len(data) > MAX_DOCUMENT_BYTES:
        raise UnreadableDocument(name, too_large(len(data)))
    given, body = split_front_matter(name, decode(name, data))
    if name.lower().endswith(MARKDOWN_SUFFIXES):
        body = plain(body)
    return document_from_text(name, body, given, known, file_name=name)


def body_of(name: str, data: bytes) -> str:
    """The text of such a file alone, composed (NFC) and otherwise as it is there. Raises `UnreadableDocument`."""
    _, body = split_front_matter(name, decode(name, data))
    return unicodedata.normalize("NFC", plain(body) if name.lower().endswith(MARKDOWN_SUFFIXES) else body)


def document_from_text(
    name: str,
    text: str,
    given: Fields,
    known: KnownDocuments = NONE_KNOWN,
    *,
    file_name: str = "",
    source_id: str | None = None,
) -> Document:
    """The document with this ``text``, of which ``given`` is said already.

    ``file_name`` makes the title where nothing better does. Raises `UnreadableDocument` for a text that is empty
    or too long.
    """
    text = clean(text)
    if not text.strip():
        raise UnreadableDocument(name, "there is no text in it, only metadata or white space.")
    if len(text) > MAX_TEXT_CHARS:
        reason = f"the text has {len(text):,} characters; {MAX_TEXT_CHARS:,} is the most: split it up."
        raise UnreadableDocument(name, reason)
    title = title_of(text, file_name)
    plain = Document(name=name, title=title, text=text, source_id=source_id, title_in_text=title == title_of(text))
    return given.over(known.describe(describe_text(text).over(plain)))


def too_large(size_bytes: int, most_bytes: int = MAX_DOCUMENT_BYTES) -> str:
    """The reason for refusing a document of this size."""
    return f"the file is {size_bytes / (1 << 20):.1f} MiB; {most_bytes >> 20} MiB is the most: split it up."
