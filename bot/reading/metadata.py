"""What a document without front matter says of itself: title, authors, outlet and day, where the text tells them.

Only forms that leave no doubt are read (a byline, a dateline, an editor's note, a line that is only a date); the
rest stays unknown, since a wrong source under a quotation is worse than none. Only the first and last lines of a text
are looked at, each up to a fixed length. Nothing is taken out of the text.
"""

from __future__ import annotations

import re
from itertools import islice

from bot.dates import PartialDate
from bot.errors import Refused
from bot.reading.fields import Fields, split_names

TOP_LINES = 8  # title, subheading, byline, date, caption, note: below that a line is part of the story
END_LINES = 5
MAX_LINE_CHARS = 300  # nothing looked for here stands in a longer line; datelines are looked for in its beginning
MAX_HEADLINE_CHARS = 120
MAX_HEADLINE_WORDS = 20
FIRST_WORDS = 8
MAX_FIRST_WORDS_CHARS = 70

_HEADING = re.compile(r"#[ \t]+(\S.*?)[ \t#]*$")
_BYLINE = re.compile(r"(?:(?:Written |Story |Reporting )?[Bb]y|BY):?\s+(\S.*)$")
_PART_BREAK = re.compile(r"\s*[|•·]\s*|\s+[–—-]\s+")
_NAME = re.compile(
    r"[^\W\d_a-z][\w.'’-]*(?: (?:[^\W\d_a-z][\w.'’-]*|de|del|der|den|van|von|da|di|bin|al|el|la|le|ten)){1,4}$"
)
_ROLE = re.compile(
    r"\b(?:writer|reporter|correspondent|editor|staff|contributor|columnist|bureau|chief)s?\b", re.IGNORECASE
)
_NOTE = re.compile(r"(?:Editor(?:[’']s|s[’']|s)? [Nn]ote|EDITOR[’']S NOTE)\b")
_READS = re.compile(  # a capital "The" inside a sentence marks a publication's name; "Read Zelensky's story" does not
    r"\bRead (?P<outlet>The(?: [A-Z][\w&.-]*){1,4})[’']s? (?:[a-z]+ ){0,2}"
    r"(?:article|coverage|report|reporting|series|story)\b"
)
_ORIGINAL = re.compile(
    r"This (?:article|story|piece|report|interview|essay) (?:was )?(?:originally |first )(?:published|appeared)"
    r" (?:in|by|on|at) (?P<outlet>(?:[Tt]he )?[A-Z][\w&-]*(?: (?:of |and )?[A-Z][\w&-]*){0,4})(?=[.,]|\s+(?:on|in)\s|$)"
)
_MONTH_DAY = r"(?:[A-Z][a-z]{2,8}\.? \d{1,2}|\d{1,2} [A-Z][a-z]{2,8}\.?)"
_DATELINE = re.compile(
    r"(?P<place>[A-Z][A-Z.'’ -]{1,30}(?:, [A-Z][A-Za-z.]{1,20}(?: [A-Z][A-Za-z.]{1,20})?)?)"
    rf"(?:,? (?P<day>{_MONTH_DAY})(?P<year>,? \d{{4}})?)?"
    r"(?: \((?P<outlet>[A-Z][\w.&]*(?: [A-Z][\w.&]*){0,3})\))?"
    r" ?[—–-]{1,2} ?(?=\S)"
)
_PUBLISHED = re.compile(r"(?:Published|Posted|Date)(?: on)?:? +(?P<date>\S.{3,40})$", re.IGNORECASE)
_WEEKDAY = re.compile(r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day),? +", re.IGNORECASE)
_CLOCK = re.compile(r",?(?: at)? +\d{1,2}[:.]\d{2}.*$")
_LIST_MARK = re.compile(r"(?:[-*•+>]|\d{1,3}[.)])(?:\s|$)")
_LEFT_OPEN = re.compile(
    r"(?:a|an|and|as|at|but|by|for|from|he|his|in|is|it|of|on|or|that|the|their|to|was|were|with)$", re.IGNORECASE
)
_SENTENCE_END = (".", "!", ":", ";", ",", "…", "—", "–", "-")

_HASH = re.compile(r"(?=[a-f]*\d)[0-9a-f]{6,}$", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NAMELESS = frozenset({"article", "doc", "document", "file", "message", "new", "paste", "text", "unnamed", "untitled"})


def describe_text(text: str) -> Fields:
    """What ``text`` tells of itself: authors, outlet and day. Its title is `title_of`'s."""
    top = _top_lines(text)
    return Fields(authors=_authors(top), outlet=_outlet(top, _end_lines(text)), published=_published(top))


def title_of(text: str, file_name: str = "") -> str:
    """A title for ``text``: its heading, its headline, its file's name, else its first words with an ellipsis.

    Never empty unless ``text`` is.
    """
    top = _top_lines(text)
    return _heading(top) or _headline(text, top) or title_from_name(file_name) or _first_words(text)


def title_from_name(file_name: str) -> str | None:
    """The words in a file's name: no folders, suffix, leading numbers or hashes. None where nothing is left."""
    base = file_name.replace("\\", "/").rsplit("/", 1)[-1][:MAX_LINE_CHARS]
    stem = base.rpartition(".")[0] or base
    words = re.split(r"[\s_.()\[\]-]+", _UUID.sub(" ", stem))
    words = [word for word in words if word and not _HASH.match(word)]
    while words and words[0].isdigit():
        words = words[1:]
    telling = [word for word in words if not word.isdigit() and word.lower() not in _NAMELESS]
    if not any(char.isalpha() for word in telling for char in word):
        return None
    title = " ".join("".join(char for char in word if char.isprintable()) for word in words)[:MAX_HEADLINE_CHARS]
    return title[0].upper() + title[1:]


def _top_lines(text: str) -> list[str]:
    """The first lines with something on them, without the white space around; long ones cut."""
    head = text[: 20 * MAX_LINE_CHARS].split("\n")
    return list(islice((line.strip()[: MAX_LINE_CHARS + 1] for line in head if line.strip()), TOP_LINES))


def _end_lines(text: str) -> list[str]:
    return [line.strip() for line in text[-4 * MAX_LINE_CHARS :].rsplit("\n", END_LINES)[1:]]


def _heading(top: list[str]) -> str | None:
    """The first Markdown heading of the first rank, if only notes and bylines stand above it."""
    for line in top:
        if match := _HEADING.match(line):
            return match[1] if len(match[1]) <= MAX_LINE_CHARS else None
        if not _about_the_document(line):
            return None
    return None


def _headline(text: str, top: list[str]) -> str | None:
    """The first line that is not about the document, if it reads like a headline and not like the start of a text."""
    lines = [line.strip() for line in text[: 20 * MAX_LINE_CHARS].split("\n")]
    at = next((at for at, line in enumerate(lines) if line and not _about_the_document(line)), None)
    if at is None or lines[at][: MAX_LINE_CHARS + 1] not in top:
        return None
    line, below = lines[at], next((line for line in lines[at + 1 :] if line), "")
    follows_at_once = at + 1 < len(lines) and bool(lines[at + 1])
    if not below or not _reads_like_headline(line) or (follows_at_once and _is_wrapped(below)):
        return None
    return line


def _reads_like_headline(line: str) -> bool:
    words = line.split()
    bare = line.rstrip("\"'”’»)] ")
    return (
        2 <= len(words) <= MAX_HEADLINE_WORDS
        and len(line) <= MAX_HEADLINE_CHARS
        and not bare.endswith(_SENTENCE_END)
        and not line[0].islower()
        and not _LIST_MARK.match(line)
        and not _LEFT_OPEN.match(words[-1])
    )


def _is_wrapped(below: str) -> bool:
    """Whether the line right below a line continues it, as in a paragraph broken at a fixed width."""
    if _about_the_document(below):
        return False
    return below[0].islower() or (len(below) <= 90 and not below.endswith((".", "!", "?", "”", '"')))


def _about_the_document(line: str) -> bool:
    """Whether ``line`` is a byline, a date, an editor's note: about the document and not of it."""
    if _NOTE.match(line) or _ORIGINAL.match(line):
        return True
    return len(line) <= MAX_LINE_CHARS and bool(_byline(line) or _dated_line(line))


def _authors(top: list[str]) -> tuple[str, ...]:
    return next((names for line in top if (names := _byline(line))), ())


def _byline(line: str) -> tuple[str, ...]:
    """The names in "By A, B and C"; () where the line is no byline. A name is two to five capitalised words."""
    line = line.strip("*_ ")
    match = _BYLINE.match(line) if len(line) <= MAX_LINE_CHARS else None
    if not match:
        return ()
    first_part = _PART_BREAK.split(match[1])[0].rstrip("*_ ")
    names = [name for name in split_names(first_part) if not _ROLE.search(name)]
    while len(names) > 1 and not _NAME.match(names[-1]):
        names.pop()  # "By Jane Roe and John Doe, Reuters": the last is no person, and may be no outlet either
    return tuple(names) if names and all(map(_NAME.match, names)) else ()


def _outlet(top: list[str], end: list[str]) -> str | None:
    for line in top:
        if _NOTE.match(line) and (match := _READS.search(line)):
            return match["outlet"]
        if (match := _DATELINE.match(line)) and match["outlet"]:
            return match["outlet"]
    for line in top + end:
        if match := _ORIGINAL.search(line[:MAX_LINE_CHARS]):
            outlet = match["outlet"]
            return outlet[0].upper() + outlet[1:]
    return None


def _published(top: list[str]) -> PartialDate | None:
    for line in top:
        if dated := _dated_line(line):
            return dated
        if (match := _DATELINE.match(line)) and match["year"]:
            return _parse(match["day"] + match["year"])
    return None


def _dated_line(line: str) -> PartialDate | None:
    """The day of "Published May 12, 2025", or of a line or a part of a byline that is only a date."""
    if len(line) > MAX_LINE_CHARS:
        return None
    for part in _PART_BREAK.split(line.strip("*_ ")):
        match = _PUBLISHED.match(part)
        if dated := _parse(match["date"] if match else part):
            return dated
    return None


def _parse(written: str) -> PartialDate | None:
    """The day that ``written`` is; None where it is anything else, or only a year, which may be any number."""
    written = _CLOCK.sub("", _WEEKDAY.sub("", written.strip(), count=1)).rstrip(". ")
    if not 7 <= len(written) <= 30:
        return None
    try:
        return PartialDate.parse(written)
    except Refused:
        return None


def _first_words(text: str) -> str:
    """The first words of the first sentence that is not about the document, with an ellipsis where it goes on."""
    lines = [line for line in text[: 20 * MAX_LINE_CHARS].split("\n") if line.strip()]
    line = next((line for line in lines if not _about_the_document(line.strip())), "") or next(iter(lines), text)
    words = line[: 4 * MAX_LINE_CHARS].split()
    title = " ".join(words[:FIRST_WORDS])
    if len(title) > MAX_FIRST_WORDS_CHARS:
        title = title[:MAX_FIRST_WORDS_CHARS].rpartition(" ")[0] or title[:MAX_FIRST_WORDS_CHARS]
    return title if title == " ".join(line.split()) else title.rstrip(".,;:—–-…") + "…"
