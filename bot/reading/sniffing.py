"""The kind of a document, told by its bytes and not by its name: the first step of reading what nobody vouches for.

A name decides one thing alone, which bytes cannot tell: whether a plain text is Markdown.
"""

from __future__ import annotations

import re
from enum import StrEnum

from bot.errors import UnreadableDocument

MARKDOWN_SUFFIXES = (".md", ".markdown")
WEB_PAGE_SUFFIXES = (".html", ".htm", ".xhtml")
_HEAD_BYTES = (
    1024  # a PDF may have as much in front of its mark, and so much white space and comments stand before tags
)


class Kind(StrEnum):
    """What can be read."""

    TEXT = "txt"
    MARKDOWN = "md"
    WEB_PAGE = "html"
    PDF = "pdf"
    WORD = "docx"


_PICTURE, _SOUND, _VIDEO = "a picture", "a sound recording", "a video"
_ARCHIVE, _PROGRAM, _FONT, _DATABASE = "an archive", "a program", "a font", "a database"
_UNWRAP = {
    _ARCHIVE: "take the files out and send them one by one.",
    _PICTURE: "send the article's text; words in pictures are not read.",
    _PROGRAM: "it is never opened; send the article's text.",
    "an old Word document": "save it as .docx or .txt.",
    "a rich-text document": "save it as .docx or .txt.",
    "an OpenDocument text": "save it as .docx or .txt.",
    "an e-book": "save its text as .txt.",
    "a feed": "add it with /feed add.",
}
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", _PICTURE),
    (0, b"\xff\xd8\xff", _PICTURE),
    (0, b"GIF87a", _PICTURE),
    (0, b"GIF89a", _PICTURE),
    (0, b"II*\x00", _PICTURE),
    (0, b"MM\x00*", _PICTURE),
    (0, b"\x00\x00\x01\x00", _PICTURE),
    (0, b"8BPS", _PICTURE),
    (0, b"\x00\x00\x00\x0cjP", _PICTURE),
    (8, b"WEBP", _PICTURE),
    (4, b"ftypavif", _PICTURE),
    (4, b"ftyphei", _PICTURE),
    (4, b"ftypmif", _PICTURE),
    (4, b"ftyp", _VIDEO),
    (8, b"AVI ", _VIDEO),
    (0, b"\x1aE\xdf\xa3", _VIDEO),
    (0, b"FLV\x01", _VIDEO),
    (0, b"\x00\x00\x01\xba", _VIDEO),
    (0, b"ID3", _SOUND),
    (0, b"\xff\xfb", _SOUND),
    (0, b"OggS", _SOUND),
    (0, b"fLaC", _SOUND),
    (8, b"WAVE", _SOUND),
    (0, b"\x7fELF", _PROGRAM),
    (0, b"\xfe\xed\xfa", _PROGRAM),
    (0, b"\xce\xfa\xed\xfe", _PROGRAM),
    (0, b"\xcf\xfa\xed\xfe", _PROGRAM),
    (0, b"\xca\xfe\xba\xbe", _PROGRAM),
    (0, b"\x00asm", _PROGRAM),
    (0, b"dex\n", _PROGRAM),
    (0, b"#!/", _PROGRAM),
    (0, b"\x1f\x8b", _ARCHIVE),
    (0, b"BZh", _ARCHIVE),
    (0, b"\xfd7zXZ\x00", _ARCHIVE),
    (0, b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (0, b"Rar!\x1a\x07", _ARCHIVE),
    (0, b"\x28\xb5\x2f\xfd", _ARCHIVE),
    (0, b"\x04\x22\x4d\x18", _ARCHIVE),
    (0, b"MSCF", _ARCHIVE),
    (257, b"ustar", _ARCHIVE),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word document"),
    (0, b"{\\rtf", "a rich-text document"),
    (0, b"SQLite format 3\x00", _DATABASE),
    (0, b"wOFF", _FONT),
    (0, b"wOF2", _FONT),
    (0, b"OTTO\x00", _FONT),
    (0, b"\x00\x01\x00\x00", _FONT),
    (0, b"%!PS", "a PostScript file"),
)
_ZIP_NAMES_BYTES = 1 << 20  # of some ten thousand files; looking through all 20 MB could hold the loop 100 ms
_ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_ZIPS = (
    (b"xl/workbook.xml", "a spreadsheet"),
    (b"ppt/presentation.xml", "a presentation"),
    (b"mimetypeapplication/vnd.oasis.opendocument", "an OpenDocument text"),
    (b"mimetypeapplication/epub+zip", "an e-book"),
    (b"META-INF/MANIFEST.MF", _PROGRAM),
    (b"AndroidManifest.xml", _PROGRAM),
)
_WORD_MARKS = (b"[Content_Types].xml", b"word/document")
_SPACE = rb"(?:\s|<!--.{0,900}?-->|<\?xml[^>]{0,200}\?>|<!DOCTYPE\s+(?!html|svg|rss)[^>]{0,200}>)*"
_PAGE = re.compile(_SPACE + rb"(?:<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>])", re.IGNORECASE | re.DOTALL)
_PART = re.compile(
    _SPACE
    + rb"<(?:script|iframe|h[1-6]|div|table|style|title|main|article|section|header|nav|meta|link|p|a|b|br)[\s>/]",
    re.IGNORECASE | re.DOTALL,
)
_FEED = re.compile(_SPACE + rb"<(?:rss|feed|rdf:RDF)[\s>]", re.IGNORECASE | re.DOTALL)
_SVG = re.compile(_SPACE + rb"(?:<!doctype\s+svg|<svg[\s>])", re.IGNORECASE | re.DOTALL)
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def kind_of(name: str, data: bytes) -> Kind:
    """What ``data`` is. Raises `UnreadableDocument`, saying what it is instead, for what cannot be read.

    What looks like text is `Kind.TEXT`; whether it is one, `bot.reading.decoding` finds out.
    """
    head = _readable_head(data)
    if b"%PDF-" in data[:_HEAD_BYTES]:
        return Kind.PDF
    if data.startswith(_ZIP_MARKS):
        return _kind_of_zip(name, data)
    if magic := next((what for at, mark, what in _MAGIC if data.startswith(mark, at)), None):
        raise _not_readable(name, magic)
    if b"\x00" in data[:512] and data.startswith((b"MZ", b"BM")):  # two letters that a text may begin with
        raise _not_readable(name, _PROGRAM if data.startswith(b"MZ") else _PICTURE)
    if _SVG.match(head):
        raise _not_readable(name, _PICTURE)
    if _FEED.match(head):
        raise _not_readable(name, "a feed")
    return _kind_of_text(name, head)


def _kind_of_text(name: str, head: bytes) -> Kind:
    lower = name.lower()
    if _PAGE.match(head):
        return Kind.WEB_PAGE
    if lower.endswith(MARKDOWN_SUFFIXES):
        return Kind.MARKDOWN
    return Kind.WEB_PAGE if _PART.match(head) else Kind.TEXT


def _kind_of_zip(name: str, data: bytes) -> Kind:
    """By the names in it, which stand unpacked at its end; some kinds say what they are at the beginning."""
    names = data[:_HEAD_BYTES] + data[-_ZIP_NAMES_BYTES:]
    if all(mark in names for mark in _WORD_MARKS):
        return Kind.WORD
    raise _not_readable(name, next((what for mark, what in _ZIPS if mark in names), _ARCHIVE))


def _readable_head(data: bytes) -> bytes:
    """The beginning of ``data`` in an encoding in which tags can be looked for."""
    head = data[: 2 * _HEAD_BYTES]
    if head.startswith(_BOMS[1:]):
        return head.decode("utf-16", "replace").encode("utf-8", "replace")
    return head.removeprefix(_BOMS[0])


def _not_readable(name: str, what: str) -> UnreadableDocument:
    todo = _UNWRAP.get(what, "only .txt, .md, .html, .pdf and .docx documents can be read.")
    return UnreadableDocument(name, f"this is {what}: {todo}")
