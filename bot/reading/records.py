"""Documents from a .jsonl file: one JSON object a line with ``id``, ``title``, ``text`` and any front-matter field.

The lines are streamed: a file of any length needs the memory of its longest line, and a line has a cap.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import IO

from bot.errors import UnreadableDocument
from bot.language.normal import clean
from bot.model import Document
from bot.reading.documents import MAX_DOCUMENT_BYTES, document_from_text
from bot.reading.fields import MAX_NAME_CHARS, usable_fields
from bot.reading.known import NONE_KNOWN, KnownDocuments

MAX_LINE_BYTES = MAX_DOCUMENT_BYTES

_BINARY = "this is binary data or UTF-16, not lines of JSON in UTF-8."


def read_records(
    name: str, lines: IO[bytes], known: KnownDocuments = NONE_KNOWN
) -> Iterator[Document | UnreadableDocument]:
    """One document, or the reason why there is none, for each line of ``lines`` that is not blank.

    ``name`` is the file's; a report names the line as ``name:line``. Data that is no text at all is reported once.
    """
    for number, line in enumerate(capped_lines(lines), start=1):
        if number == 1:
            if b"\x00" in line[:4096]:
                yield UnreadableDocument(name, _BINARY)
                return
            line = line.removeprefix(codecs.BOM_UTF8)  # noqa: PLW2901 - the mark is no part of the line
        if line.strip():
            try:
                yield _read_record(f"{name}:{number}", line, known)
            except UnreadableDocument as unreadable:
                yield unreadable


def capped_lines(lines: IO[bytes]) -> Iterator[bytes]:
    """Each line of a file, cut after `MAX_LINE_BYTES` + 1 bytes; the rest of a longer one is read past in pieces."""
    while line := lines.readline(MAX_LINE_BYTES + 1):
        yield line
        while line and not line.endswith(b"\n"):
            line = lines.readline(1 << 16)


def _read_record(name: str, line: bytes, known: KnownDocuments) -> Document:
    if len(line.rstrip(b"\r\n")) > MAX_LINE_BYTES:
        raise UnreadableDocument(name, f"the line is longer than {MAX_LINE_BYTES >> 20} MiB.")
    record = parse_record(name, line)
    text = record.get("text")
    if not isinstance(text, str):
        raise UnreadableDocument(name, "“text” is missing or is not a string.")
    given = usable_fields(record)  # such files come from other programs: no text is lost for a date in a foreign form
    return document_from_text(name, text, given, known, source_id=_source_id(name, record.get("id")))


def parse_record(name: str, line: bytes) -> dict[str, object]:
    """The JSON object in a line. Raises `UnreadableDocument`."""
    try:
        record = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise UnreadableDocument(name, f"byte {error.start + 1} of the line is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise UnreadableDocument(name, f"the line is not JSON ({error.msg}, column {error.colno}).") from None
    except (ValueError, RecursionError):  # a number of more than 4,300 digits; thousands of open brackets
        raise UnreadableDocument(name, "the line is not JSON that can be read.") from None
    if not isinstance(record, dict):
        raise UnreadableDocument(name, 'the line is not a JSON object: write {"id": …, "title": …, "text": …}.')
    return record


def _source_id(name: str, value: object) -> str | None:
    """The id its owner gave a document, as text; None where none was given."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise UnreadableDocument(name, "“id” must be a string or a whole number.")
    try:
        source_id = clean(str(value))
    except ValueError:  # an int of more than 4,300 digits
        source_id = " " * (MAX_NAME_CHARS + 1)
    if len(source_id) > MAX_NAME_CHARS:
        raise UnreadableDocument(name, f"“id” is longer than {MAX_NAME_CHARS} characters.")
    return source_id
