"""Bytes to text, or one plain reason why not: the first step of reading a document.

The type of a document is told by its content, never by its name: a PDF called ``notes.txt`` is a PDF.
"""

from __future__ import annotations

import codecs
import re

from bot.errors import UnreadableDocument

_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, None, "UTF-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, None, "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_FORMATS = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a Word document or an archive"),
    (b"\xd0\xcf\x11\xe0", "an old Word document"),
    (b"{\\rtf", "a rich-text document"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"\x89png", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"gif8", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_MAX_CONTROL_SHARE = 0.02  # stray form feeds and escapes occur in saved text; data that is no text has far more


def decode(name: str, data: bytes) -> str:
    """The text of ``data``: UTF-8 with or without a byte order mark, or UTF-16 with one; line ends become ``\\n``.

    ``name`` is only for the report. Raises `UnreadableDocument` for anything else.
    """
    if not data.strip():
        raise UnreadableDocument(name, "the file is empty.")
    _refuse_other_formats(name, data)
    text = _decode(name, data)
    if not text.strip():
        raise UnreadableDocument(name, "the file is empty.")
    if "\x00" in text or len(_CONTROL.findall(text)) > _MAX_CONTROL_SHARE * len(text):
        raise UnreadableDocument(name, "this is binary data, not text: only .txt and .md documents can be read.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refuse_other_formats(name: str, data: bytes) -> None:
    head = data[:64].lstrip().lower()
    for magic, kind in _FORMATS:
        if head.startswith(magic.lower()):
            raise UnreadableDocument(name, f"this is {kind}, not plain text: save its text as .txt or .md.")


def _decode(name: str, data: bytes) -> str:
    mark, codec, encoding = next((row for row in _ENCODINGS if data.startswith(row[0])), (b"", "utf-8", "UTF-8"))
    if codec is None:
        raise UnreadableDocument(name, f"the text is {encoding}: save it as UTF-8.")
    if not mark and b"\x00" in data:
        raise UnreadableDocument(name, "this is binary data, not text: only .txt and .md documents can be read.")
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        at = error.start + (len(mark) if codec == "utf-8-sig" else 0)
        at = min(at, len(data) - 1)
        line = data.count(b"\n", 0, at) + 1
        reason = f"byte {at + 1} (0x{data[at]:02X}, line {line}) is not {encoding}: save the file as UTF-8."
        raise UnreadableDocument(name, reason) from None
