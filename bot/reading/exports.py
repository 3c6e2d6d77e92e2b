"""What `newsdesk export` wrote, read again: articles as they were stored, and what admins have said of them.

    newsdesk-export.jsonl   marks an export; a line a joined name, a line a corrected speaker
    articles.jsonl          a line an article, with its text and everything that is known of it
    texts/12.txt            the text of article 12 alone, for people: not read again

The lines are as untrusted as any others: each is checked, and only an export may say what number an article had.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any, Final

from bot.dates import PartialDate
from bot.errors import Refused, UnreadableDocument
from bot.language.normal import clean
from bot.model import Document, Origin, Span
from bot.reading.documents import MAX_TEXT_CHARS
from bot.reading.fields import MAX_NAME_CHARS, usable_fields
from bot.reading.records import MAX_LINE_BYTES, capped_lines, parse_record

MANIFEST: Final = "newsdesk-export.jsonl"
ARTICLES: Final = "articles.jsonl"
TEXTS: Final = "texts"
VERSION: Final = 1
_MOST_ANNOTATIONS = 200_000
_MOST_NUMBER = 99_999_999  # what comes after it can still be said: see `bot.model.parse_ref`
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class CorrectedSpeech:
    """Whose words those at ``span`` of the text with this fingerprint are; None: the article does not say whose."""

    fingerprint: str
    span: Span
    speaker: str | None


@dataclass(frozen=True, slots=True)
class Annotations:
    """What admins have said: the person of each joined name, and whose words quotations are."""

    names: Mapping[str, str]
    corrections: tuple[CorrectedSpeech, ...]


NO_ANNOTATIONS: Final = Annotations({}, ())


def manifest_lines(annotations: Annotations) -> Iterator[str]:
    """The lines of the file that marks an export."""
    yield _line({"newsdesk_export": VERSION})
    for name, person in sorted(annotations.names.items()):
        yield _line({"name": name, "person": person})
    for one in sorted(annotations.corrections, key=lambda one: (one.fingerprint, one.span)):
        span = {"start": one.span.start, "end": one.span.end}
        yield _line({"text_sha256": one.fingerprint, **span, "speaker": one.speaker})


def article_line(document: Document, origin: Origin) -> str:
    """The line of an article."""
    return _line(
        {
            "number": origin.number,
            "id": document.source_id,
            "title": document.title,
            "title_in_text": document.title_in_text,
            "outlet": document.outlet,
            "authors": list(document.authors),
            "published": None if document.published is None else str(document.published),
            "url": document.url,
            "added_at": origin.added_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "added_by": origin.added_by,
            "text": document.text,
        }
    )


def read_annotations(name: str, lines: IO[bytes]) -> Annotations:
    """What the file that marks an export holds. Raises `UnreadableDocument` for any other file and for a bad line."""
    names: dict[str, str] = {}
    corrections: list[CorrectedSpeech] = []
    for number, record in enumerate(_records(name, lines)):
        if number == 0:
            _check_version(name, record)
        elif number > _MOST_ANNOTATIONS:
            raise UnreadableDocument(name, f"it has more than {_MOST_ANNOTATIONS:,} lines.")
        elif "name" in record:
            names[_said(name, record, "name")] = _said(name, record, "person")
        else:
            corrections.append(_correction(name, record))
    return Annotations(names, tuple(corrections))


def read_articles(name: str, lines: IO[bytes]) -> Iterator[Document | UnreadableDocument]:
    """The documents of an export, each with its `Origin`; a line that cannot be read is a reason in its place."""
    for number, line in enumerate(capped_lines(lines), start=1):
        try:
            yield _document(f"{name}:{number}", _checked_line(f"{name}:{number}", line))
        except UnreadableDocument as unreadable:
            yield unreadable


def _line(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def _records(name: str, lines: IO[bytes]) -> Iterator[dict[str, object]]:
    for number, line in enumerate(capped_lines(lines), start=1):
        yield _checked_line(f"{name}:{number}", line)


def _checked_line(name: str, line: bytes) -> dict[str, object]:
    if len(line) > MAX_LINE_BYTES:
        raise UnreadableDocument(name, f"the line is longer than {MAX_LINE_BYTES >> 20} MiB.")
    return parse_record(name, line)


def _check_version(name: str, record: Mapping[str, object]) -> None:
    version = record.get("newsdesk_export")
    if version != VERSION or isinstance(version, bool):
        raise UnreadableDocument(name, "this is no export that this version of Newsdesk reads: export it anew.")


def _document(name: str, record: Mapping[str, object]) -> Document:
    text = record.get("text")
    cleaned = clean(text) if isinstance(text, str) else ""
    if not cleaned.strip() or len(cleaned) > MAX_TEXT_CHARS:
        raise UnreadableDocument(name, "“text” is missing, empty or too long.")
    authors = record.get("authors")
    return Document(
        name=name,
        title=_one_line(record.get("title")) or name,
        text=cleaned,
        outlet=_one_line(record.get("outlet")) or None,
        authors=tuple(filter(None, map(_one_line, authors))) if isinstance(authors, list) else (),
        url=usable_fields({"url": record.get("url")}).url,
        published=_published(record.get("published")),
        source_id=_one_line(record.get("id")) or None,
        title_in_text=record.get("title_in_text") is True,
        origin=_origin(record),
    )


def _origin(record: Mapping[str, object]) -> Origin | None:
    """None where any of it cannot be used: the article then comes in as a new one."""
    number, by, at = record.get("number"), record.get("added_by"), record.get("added_at")
    if not _is_whole(number, 1, _MOST_NUMBER) or not (by is None or _is_whole(by, 0, 2**63 - 1)):
        return None
    try:
        added_at = datetime.fromisoformat(at) if isinstance(at, str) else None
        if added_at is None or added_at.tzinfo is None:
            return None
        return Origin(number, added_at.astimezone(UTC), by)  # type: ignore[arg-type]
    except (ValueError, OverflowError):
        return None


def _correction(name: str, record: Mapping[str, object]) -> CorrectedSpeech:
    text, start, end = record.get("text_sha256"), record.get("start"), record.get("end")
    if not isinstance(text, str) or not _FINGERPRINT.fullmatch(text):
        raise UnreadableDocument(name, "a line is neither a joined name nor a corrected speaker.")
    if not _is_whole(start, 0, MAX_TEXT_CHARS) or not _is_whole(end, start, MAX_TEXT_CHARS):  # type: ignore[arg-type]
        raise UnreadableDocument(name, "the words of a corrected speaker are nowhere.")
    speaker = None if record.get("speaker") is None else _said(name, record, "speaker")
    return CorrectedSpeech(text, Span(start, end), speaker)  # type: ignore[arg-type]


def _said(name: str, record: Mapping[str, object], field: str) -> str:
    said = _one_line(record.get(field))
    if not said or len(said) > MAX_NAME_CHARS:
        raise UnreadableDocument(name, f"“{field}” is missing or longer than {MAX_NAME_CHARS} characters.")
    return said


def _published(value: object) -> PartialDate | None:
    try:
        return PartialDate.parse(value) if isinstance(value, str) else None
    except Refused:
        return None


def _one_line(value: object) -> str:
    return " ".join(clean(value).split()) if isinstance(value, str) else ""


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
