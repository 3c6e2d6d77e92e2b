"""The stored form of a document's text, and the fingerprint that tells whether two texts are the same.

First step after reading: whatever a document brings (line ends of three systems, control characters, marks piled on
letters, invisible direction switches) becomes plain text here, so that every later span counts the same characters.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Final

GENERIC_MARKS: Final = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
"""The blocks of combining marks that belong to no one script, as the inside of a regex character class."""

_MOST_GENERIC_MARKS = 4  # Vietnamese needs 2, phonetic notation 3; more is "zalgo"
_MOST_MARKS = 30  # of any script: the bound of the Stream-Safe Text Format (Unicode Standard Annex 15, section 13)

_DELETED = dict.fromkeys(
    [
        *(*range(0x20), *range(0x7F, 0xA0)),  # controls
        *(*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C),  # direction switches
        *(0xFEFF, 0x200B, 0x2060, 0x00AD),  # invisible: byte order mark, zero-width space, word joiner, soft hyphen
    ]
)
# A form feed or vertical tab parts words and a page, so it may not just vanish.
_KEPT = {ord("\n"): "\n", ord("\t"): "\t"} | dict.fromkeys((0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029), "\n")
_CHARACTERS: Final = {**_DELETED, **_KEPT}
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_PILED_MARKS = re.compile(rf"([{GENERIC_MARKS}]{{{_MOST_GENERIC_MARKS}}})[{GENERIC_MARKS}]+")
_MAYBE_MARKS = re.compile(rf"[^\w\s\x00-\xff]{{{_MOST_MARKS + 1},}}")
_BLANK_LINES = re.compile(r"\n{4,}")


def clean(text: str) -> str:
    """The stored form of ``text``: composed (NFC), lines ended by ``\\n``, free of controls and of piled-up marks.

    Trailing blanks go, more than two blank lines become one, leading and trailing blank lines go. Joiners (ZWJ, ZWNJ)
    and the marks of scripts stay. Takes any string; ``clean(clean(text)) == clean(text)``.
    """
    while (cleaned := _clean_once(text)) != text:  # cutting marks may let others compose: rarely a third round
        text = cleaned
    return text


def places(text: str, cleaned: str) -> list[int]:
    """For each character of ``cleaned``, which is ``clean(text)``, where it stands in ``text``; last, where that ends.

    ``text`` is composed (NFC): then cleaning only leaves out, or puts a line feed or a replacement character.
    """
    found: list[int] = []
    at = 0
    for character in cleaned:
        while at < len(text) and not _became(text[at], character):
            at += 1
        found.append(at)
        at += 1
    return [*found, found[-1] + 1 if found else 0]


def _became(original: str, character: str) -> bool:
    return (
        original == character
        or _CHARACTERS.get(ord(original)) == character
        or bool(character == "\ufffd" and _SURROGATES.match(original))
    )


def fingerprint(text: str) -> str:
    """SHA-256 (hex) of the cleaned text with every run of white space as one space: line wrapping does not matter."""
    return fingerprint_of_clean(clean(text))


def fingerprint_of_clean(text: str) -> str:
    """The `fingerprint` of a text that is in its stored form already."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()


def _clean_once(text: str) -> str:
    text = text.replace("\r\n", "\n")
    text = text.translate(_CHARACTERS) if text.isascii() else _composed(text)
    text = "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")
    return _BLANK_LINES.sub("\n\n", text) if "\n\n\n\n" in text else text


def _composed(text: str) -> str:
    text = _SURROGATES.sub("\ufffd", text).translate(_CHARACTERS)
    # Cut before composing: CPython sorts a run of marks by insertion, which takes hours for a megabyte of them.
    return _PILED_MARKS.sub(r"\1", unicodedata.normalize("NFC", _MAYBE_MARKS.sub(_cut_marks, text)))


def _cut_marks(run: re.Match[str]) -> str:
    kept, length = [], 0
    for character in run[0]:
        length = length + 1 if unicodedata.category(character).startswith("M") else 0
        if length <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)
