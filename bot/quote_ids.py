"""Quotation ids: ``q-s12-4h2k9x`` names the words of an article that begin at one place and read so, for good.

The article's id, then where the words begin, then a check of what they are: nothing is stored, a better rule for
cutting passages changes no id, and an id never names other words than it was given to. Written in Crockford's base 32,
which has no I, L, O or U: it can be said aloud.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from bot.model import Article, Span, parse_ref

_DIGITS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_MISREAD: Final = str.maketrans("ilo", "110")
_CHECK_CHARS: Final = 3  # 15 bits: of the dozen spans that can begin at one place, another's is met once in 2,700
_ID = re.compile(r"q-?(?P<ref>s?\d{1,9})-(?P<start>[0-9a-z]{1,7})(?P<check>[0-9a-z]{3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class QuoteId:
    """What an id says: the article by library and number, where the words begin, and their check."""

    library: int
    number: int
    start: int
    check: str

    def names(self, words: str) -> bool:
        """Whether these are the words it was made of."""
        return _check(words) == self.check


def quote_id(article: Article, span: Span) -> str:
    """The id of the words of ``article`` at ``span``."""
    return f"q-{article.ref.lower()}-{_number(span.start)}{_check(span.of(article.text))}"


def parse_quote_id(typed: str, library: int) -> QuoteId | None:
    """What an id means to somebody in ``library``, who can name no other server's articles; None where it is none."""
    match = _ID.fullmatch(typed.strip().strip("`#").lower())
    place = parse_ref(match["ref"], library) if match else None
    if match is None or place is None:
        return None
    digits = match["start"].translate(_MISREAD)
    if not set(digits) <= set(_DIGITS):
        return None
    return QuoteId(*place, int(digits.translate(_TO_PYTHON), 32), match["check"].translate(_MISREAD))


_TO_PYTHON = str.maketrans(_DIGITS, "0123456789abcdefghijklmnopqrstuv")


def _number(value: int) -> str:
    digits = ""
    while value or not digits:
        value, digit = divmod(value, 32)
        digits = _DIGITS[digit] + digits
    return digits


def _check(words: str) -> str:
    number = int.from_bytes(hashlib.sha256(words.encode("utf-8", "replace")).digest()[:4], "big")
    return _number(number % 32**_CHECK_CHARS).rjust(_CHECK_CHARS, "0")
