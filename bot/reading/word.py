"""A Word document (.docx) to a `Document`: paragraphs, headings, lists and tables, nothing else.

    bytes -> zip, two or three of its parts up to a size -> defusedxml -> paragraphs in document order

A .docx is a zip of XML: sizes are capped as unpacked, and XML that declares entities is refused. Runs in the sandbox.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError
from zipfile import BadZipFile, ZipFile

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bot.errors import UnreadableDocument
from bot.model import Document
from bot.reading.documents import document_from_text
from bot.reading.fields import usable_fields
from bot.reading.known import NONE_KNOWN, KnownDocuments

MAX_WORD_BYTES = 20 * 1024 * 1024
MAX_PART_BYTES = 40 * 1024 * 1024  # unpacked: a novel with all its formatting takes some 10 MiB

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HEADING = re.compile(r"heading ?([1-6])$", re.IGNORECASE)
_NOT_TEXT = frozenset(
    {"del", "moveFrom", "instrText", "txbxContent", "delText", "pPr", "rPr"}
)  # struck out, or no words
_SIGNS = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "softHyphen": ""}
_DAMAGED = "the Word document is damaged: open it, save it anew and send that."


def read_docx(name: str, data: bytes, known: KnownDocuments = NONE_KNOWN) -> Document:
    """The text of the .docx ``data`` called ``name``.

    Raises `UnreadableDocument` for one that is damaged, too large, or no Word document.
    """
    if len(data) > MAX_WORD_BYTES:
        reason = (
            f"the document is {len(data) / (1 << 20):.1f} MiB; {MAX_WORD_BYTES >> 20} MiB is the most: split it up."
        )
        raise UnreadableDocument(name, reason)
    try:
        with ZipFile(BytesIO(data)) as parts:
            body = _part(name, parts, "word/document.xml")
            if body is None:
                raise UnreadableDocument(name, "this is no Word document: only .docx can be read.")
            styles = _headings(_part(name, parts, "word/styles.xml"))
            lists = _numbered_lists(_part(name, parts, "word/numbering.xml"))
            core = _part(name, parts, "docProps/core.xml")
    except (
        BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OSError,
        ParseError,
    ) as error:
        raise UnreadableDocument(name, _DAMAGED) from error  # RuntimeError: a part with a password
    text = "\n".join(_Reader(styles, lists).blocks(body)).strip()
    given = usable_fields({"title": _own_title(core, text)})
    return document_from_text(name, text, given, known, file_name=name)


def _part(name: str, parts: ZipFile, path: str) -> Element | None:
    """The root of one XML part; None where there is no such part."""
    if path not in parts.namelist():
        return None
    with parts.open(path) as part:
        xml = part.read(MAX_PART_BYTES + 1)
    if len(xml) > MAX_PART_BYTES:
        raise UnreadableDocument(name, f"its text is larger than {MAX_PART_BYTES >> 20} MiB unpacked: split it up.")
    try:
        root: Element = fromstring(xml.replace(_STRICT[1:-1].encode(), _W[1:-1].encode()), forbid_dtd=True)
    except DefusedXmlException as error:
        raise UnreadableDocument(name, _DAMAGED) from error
    return root


def _own_title(core: Element | None, text: str) -> str:
    """The file's own title, if its text has it: many are those of a template or of another document."""
    title = " ".join((core.findtext(f".//{_TITLE}") or "").split()) if core is not None else ""
    return title if title and title.casefold() in " ".join(text[:2_000].casefold().split()) else ""


def _value(element: Element | None) -> str:
    return "" if element is None else element.get(f"{_W}val") or ""


def _headings(styles: Element | None) -> dict[str, int]:
    """The rank of headings by the id of their style; ids are in the language of Word, names are not."""
    found: dict[str, int] = {}
    for style in styles.iter(f"{_W}style") if styles is not None else ():
        called = _value(style.find(f"{_W}name"))
        if match := _HEADING.match(called):
            found[style.get(f"{_W}styleId") or ""] = int(match[1])
        elif called.lower() == "title":
            found[style.get(f"{_W}styleId") or ""] = 1
    return found


def _numbered_lists(numbering: Element | None) -> dict[tuple[str, str], bool]:
    """Whether a list (its id and level) counts its items; others have bullets."""
    if numbering is None:
        return {}
    kinds: dict[str, dict[str, bool]] = {}
    for abstract in numbering.iter(f"{_W}abstractNum"):
        levels = {
            level.get(f"{_W}ilvl") or "0": _value(level.find(f"{_W}numFmt")) not in ("bullet", "none", "")
            for level in abstract.iter(f"{_W}lvl")
        }
        kinds[abstract.get(f"{_W}abstractNumId") or ""] = levels
    return {
        (number.get(f"{_W}numId") or "", level): counts
        for number in numbering.iter(f"{_W}num")
        for level, counts in kinds.get(_value(number.find(f"{_W}abstractNumId")), {}).items()
    }


@dataclass(slots=True)
class _Reader:
    """Reads a body in order and counts the items of its lists."""

    headings: dict[str, int]
    counts: dict[tuple[str, str], bool]
    reached: dict[tuple[str, str], int] = field(default_factory=dict)

    def blocks(self, root: Element) -> Iterator[str]:
        """Lines: each paragraph with a blank line before it, the items of a list without one between them."""
        in_list = False
        for paragraph in root.iter(f"{_W}p"):
            words = "\n".join(" ".join(line.split()) for line in _words(paragraph).split("\n")).strip()
            if not words:
                in_list = False
                continue
            mark = self._mark(paragraph)
            is_item = bool(mark) and not mark.startswith("#")
            if not (is_item and in_list):
                yield ""
            in_list = is_item
            yield f"{mark} {' '.join(words.split())}" if mark else words

    def _mark(self, paragraph: Element) -> str:
        """What a paragraph opens with: ``##`` for a heading, ``-`` or ``1.`` for an item, nothing else."""
        about = paragraph.find(f"{_W}pPr")
        if about is None:
            return ""
        style = _value(about.find(f"{_W}pStyle"))
        rank = self.headings.get(style) or int((_HEADING.match(style) or "00")[1])
        if rank:
            return "#" * rank
        number = about.find(f"{_W}numPr")
        if number is None or _value(number.find(f"{_W}numId")) in ("", "0"):
            return "-" if style.lower().startswith("listbullet") else ""
        place = _value(number.find(f"{_W}numId")), _value(number.find(f"{_W}ilvl")) or "0"
        if not self.counts.get(place):
            return "-"
        self.reached[place] = self.reached.get(place, 0) + 1
        return f"{self.reached[place]}."


def _words(paragraph: Element) -> str:
    """The words of a paragraph as they stand once all changes are accepted; without those in text boxes on it."""
    parts: list[str] = []
    waiting = list(reversed(paragraph))
    while waiting:
        element = waiting.pop()
        kind = element.tag.removeprefix(_W)
        if kind == "t":
            parts.append(element.text or "")
        elif kind in _SIGNS:
            parts.append(_SIGNS[kind])
        elif kind not in _NOT_TEXT and element.tag != _FALLBACK:
            waiting += reversed(element)
    return "".join(parts)
