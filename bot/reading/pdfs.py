"""A PDF's text to a `Document`: lines made paragraphs again, words broken at line ends joined, page furniture left out.

    bytes -> pypdf, page by page, in the order it gives -> lines -> repeated heads and page numbers off -> paragraphs

Runs in the sandbox: hostile files can make any parser hang.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from statistics import quantiles

from pypdf import PdfReader

from bot.errors import UnreadableDocument
from bot.language.paragraphs import LIST_MARKER
from bot.model import Document
from bot.reading.documents import document_from_text
from bot.reading.fields import Fields, usable_fields
from bot.reading.known import NONE_KNOWN, KnownDocuments

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is wrong with a file is said once, by us

MAX_PDF_BYTES = 20 * 1024 * 1024
MAX_PAGES = 500

_EDGE_LINES = 2  # a running head or foot stands in the first or last lines of its page
_REPEATED_SHARE = 0.5  # on left and right pages heads differ
_LEAST_PAGES = 2
_LEAST_PAGE_CHARS = 20  # fewer on a page with pictures: it was scanned
_FULL_LINE = 0.75  # of the usual width: a shorter line ends a paragraph if it ends a sentence, too
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"(?:page|seite|p\.)?\s*[-–—|]?\s*\d{1,4}\s*(?:(?:of|/|von|de)\s*\d{1,4})?\s*[-–—|]?", re.IGNORECASE
)
_BROKEN = re.compile(r"([^\W\d_]{2,})[-\u2010\u00ad]$")
_GOES_ON = re.compile(r"([^\W\d_A-Z]+)")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?:…][”’\"')»]*$")


def read_pdf(name: str, data: bytes, known: KnownDocuments = NONE_KNOWN) -> Document:
    """The text of the PDF ``data`` called ``name``.

    Raises `UnreadableDocument` for one that is locked, damaged, too large, or scanned and without text.
    """
    if len(data) > MAX_PDF_BYTES:
        reason = f"the PDF is {len(data) / (1 << 20):.1f} MiB; {MAX_PDF_BYTES >> 20} MiB is the most: split it up."
        raise UnreadableDocument(name, reason)
    try:
        pages, title = _pages(name, data)
    except UnreadableDocument:
        raise
    except Exception as error:  # what a parser raises for a hostile file is not ours to foresee
        raise UnreadableDocument(name, "the PDF is damaged: open it, print it to a new PDF and send that.") from error
    text = "\n\n".join(reflow(without_furniture(pages)))
    return document_from_text(name, text, _given(title, text), known, file_name=name)


def _pages(name: str, data: bytes) -> tuple[list[list[str]], str]:
    """The lines of each page, and the title the file gives itself."""
    reader = PdfReader(BytesIO(data), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableDocument(name, "the PDF is locked with a password: save a copy without one and send that.")
    if not reader.pages:
        raise UnreadableDocument(name, "the PDF has no pages.")
    if len(reader.pages) > MAX_PAGES:
        raise UnreadableDocument(name, f"the PDF has {len(reader.pages)} pages; {MAX_PAGES} is the most: split it up.")
    pages = [_lines(page.extract_text()) for page in reader.pages]
    if sum(len(line) for page in pages for line in page) < _LEAST_PAGE_CHARS * len(pages):
        raise UnreadableDocument(
            name,
            "the PDF holds pictures of pages and no text: put it through text recognition (OCR), or paste its text.",
        )
    return pages, str((reader.metadata and reader.metadata.title) or "")


def _lines(text: str) -> list[str]:
    """Lines without white space around them; "" stands for a blank one, and none stands first or last."""
    return [" ".join(line.split()) for line in text.strip().split("\n")]


def _given(title: str, text: str) -> Fields:
    """The file's own title, if it is the text's: many are those of a template, or the name of another file."""
    words = title.casefold().split()
    top = " ".join(text[:2_000].casefold().replace("#", " ").split())
    return usable_fields({"title": title}) if len(words) > 1 and " ".join(words) in top else Fields()


def without_furniture(pages: Sequence[list[str]]) -> list[list[str]]:
    """``pages`` of lines without running heads and feet and page numbers, known by coming back page after page."""
    edges = Counter(key for page in pages for key in {_furniture(line) for line in _edges(page)})
    often = max(_LEAST_PAGES, _REPEATED_SHARE * len(pages))
    # Heads of left and right pages stand on half of the pages each, so one fewer will do.
    repeated = {key for key, count in edges.items() if key and count >= max(_LEAST_PAGES, often - 1)}
    return [_trimmed(page, repeated) for page in pages]


def _edges(page: list[str]) -> list[str]:
    lines = [line for line in page if line]
    return [*lines[:_EDGE_LINES], *lines[-_EDGE_LINES:]]


def _furniture(line: str) -> str:
    """A line as running heads are compared, the page's number left open."""
    return _NUMBER.sub("#", line.casefold())


def _trimmed(page: list[str], repeated: set[str]) -> list[str]:
    kept = list(page)
    for end in (0, -1):
        for _ in range(_EDGE_LINES):
            while kept and not kept[end]:
                kept.pop(end)
            if (
                kept
                and _furniture(kept[end]) in repeated
                and (_PAGE_NUMBER.fullmatch(kept[end]) or len(kept[end]) < 120)
            ):
                kept.pop(end)
    return kept


def reflow(pages: Sequence[list[str]]) -> list[str]:
    """The paragraphs that lines belong to, a line each, over the ends of pages too; list items by themselves."""
    lines = [line for page in pages for line in page if line]
    known = set(_WORD.findall(" ".join(lines).casefold()))
    width = _usual_width(lines)
    paragraphs: list[str] = []
    before = ""  # the line above, if a paragraph may go on from it
    for page in pages:
        for line in page:
            if line and before and not _ends(before, line, width):
                paragraphs[-1] = _join(paragraphs[-1], line, known)
            elif line:
                paragraphs.append(line)
            before = line
        if _SENTENCE_END.search(before):
            before = ""
    return paragraphs


def _usual_width(lines: list[str]) -> float:
    """Of a full line: nine of ten are no longer."""
    widths = [len(line) for line in lines]
    return quantiles(widths, n=10)[-1] if len(widths) > 1 else max(widths, default=0)


def _ends(line: str, following: str, width: float) -> bool:
    """Whether a paragraph ends with ``line``, or something of its own begins with the one that follows."""
    if LIST_MARKER.match(following):
        return True
    if _BROKEN.search(line) and _GOES_ON.match(following):
        return False
    short = len(line) < _FULL_LINE * width
    return short and (bool(_SENTENCE_END.search(line)) or not _GOES_ON.match(following))


def _join(text: str, line: str, known: set[str]) -> str:
    """Two lines as one; a word broken at a hyphen is whole again, unless the document has it with one elsewhere."""
    first, second = _BROKEN.search(text), _GOES_ON.match(line)
    if not first or not second:
        return f"{text} {line}"
    hyphenated = f"{first[1]}-{second[1]}".casefold()
    stays = hyphenated in known and (first[1] + second[1]).casefold() not in known
    return f"{text[:-1]}-{line}" if stays and text[-1] != "\u00ad" else text[:-1] + line
