"""The one tokeniser of documents and queries: text -> terms.

What a person types and what a newspaper prints meet here: case, accents, quotes, "U.S." and "US", "cease-fire" and
"ceasefire", "1,000" and "1000" come out alike; English stop words go and the rest is stemmed (Snowball). Stored token
counts depend on it: whoever changes what comes out raises `analysis.ANALYSIS_VERSION`.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import Stemmer

from bot.language.normal import GENERIC_MARKS
from bot.model import Span

_STOP_WORDS = """
    a about above after again against all also am an and any are as at be because been before being below between both
    but by can cannot could did do does doing down during each few for from further had has have having he her here
    hers herself him himself his how i if in into is it its itself just me more most my myself no nor not now of off on
    once only or other our ours ourselves out over own s same she should so some such than that the their theirs them
    themselves then there these they this those through to too under until up very was we were what when where which
    while who whom why will with would you your yours yourself yourselves
    arent cant couldnt didnt doesnt dont hadnt hasnt havent isnt mustnt shant shouldnt wasnt werent wont wouldnt
"""
STOP_WORDS: Final = frozenset(_STOP_WORDS.split())
"""Snowball's English list and the contractions it spells with an apostrophe; "us" is left out, being also the U.S."""

_PREFIX_WORDS = """
    anti bi co counter cyber de dis e extra hyper inter intra mega mid mini mis multi neo non over para post pre pro
    proto pseudo re semi sub super tele trans tri ultra un under uni
"""
_PREFIXES: Final = frozenset(_PREFIX_WORDS.split())
_SUFFIX_WORDS = """
    back bearer down fire fighter holder house in keeper line mail maker making man men monger off out over
    person place ship strike time up ward wide woman women work worker
"""
_SUFFIXES: Final = frozenset(_SUFFIX_WORDS.split())


@dataclass(frozen=True, slots=True)
class Token:
    """A term and where it stands in the text it was found in."""

    term: str
    span: Span


# Letters that no decomposition brings to their plain form.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h"})
_GENERIC = re.compile(f"[{GENERIC_MARKS}]+")
_QUOTES = re.compile("[’‘ʼ＇`´]")
_JOINERS = re.compile("[-‐‑.,']+")


def _class_of(marks: Iterator[int]) -> str:
    """The inside of a regex character class for ascending code points, as ranges."""
    ranges: list[list[int]] = []
    for mark in marks:
        if ranges and mark == ranges[-1][1] + 1:
            ranges[-1][1] = mark
        else:
            ranges.append([mark, mark])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


def _is_mark(code: int) -> bool:
    return unicodedata.category(chr(code)).startswith("M")


_MARKS = _class_of(
    code for block in (range(0x300, 0x10000), range(0x11000, 0x12000)) for code in block if _is_mark(code)
)
# Scripts written without spaces: each letter with its marks is a term.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_APOSTROPHES = "'’‘ʼ＇`´"
_HYPHENS = "-‐‑"
_CHUNK = re.compile(f"[^\\W_][\\w{_MARKS}]*(?:[{_HYPHENS}.,{_APOSTROPHES}][^\\W_][\\w{_MARKS}]*)*")
_PIECE = re.compile(f"[{_UNSPACED}][{_MARKS}]*|(?:(?![{_UNSPACED}_])[\\w{_MARKS}])+")
_ENDING = re.compile(r"(?<=.)'(?:s|ll|re|ve|d|m)$")
_LONGEST_TERM_CHARS = 64  # longer is no word; a vocabulary must not be filled with megabytes
_LONGEST_CACHED_CHARS = 40
_MOST_CACHED = 100_000

_stem = Stemmer.Stemmer("english", maxCacheSize=30_000).stemWord
_Found: TypeAlias = tuple[tuple[str, int, int], ...]
_analysed: dict[str, _Found] = {}
_folded: dict[str, _Found] = {}


def tokenize(text: str, span: Span | None = None) -> list[Token]:
    """The terms of ``text`` (or of its part ``span``) in order, each with its place in ``text``."""
    start, end = (span.start, span.end) if span else (0, len(text))
    return [
        Token(term, Span(chunk.start() + first, chunk.start() + last))
        for chunk in _CHUNK.finditer(text, start, end)
        for term, first, last in _analyse(chunk[0])
    ]


def places(text: str, span: Span, wanted: Collection[str]) -> Iterator[Span]:
    """Where in the part ``span`` of ``text`` the terms ``wanted`` stand, in order; faster than `tokenize`."""
    for chunk in _CHUNK.finditer(text, span.start, span.end):
        for term, first, last in _analyse(chunk[0]):
            if term in wanted:
                yield Span(chunk.start() + first, chunk.start() + last)


def terms(text: str) -> list[str]:
    """The terms of ``text`` in order: what is counted, searched and compared. Empty where all are stop words."""
    return [term for chunk in _CHUNK.findall(text) for term, _, _ in _analyse(chunk)]


def words(text: str, span: Span | None = None) -> list[Token]:
    """Every word of ``text`` (or of its part ``span``) in order: folded as its term is, unstemmed, stop words kept.

    What phrases are compared by, word for word; the ``term`` of these tokens is the folded word.
    """
    start, end = (span.start, span.end) if span else (0, len(text))
    return [
        Token(word, Span(chunk.start() + first, chunk.start() + last))
        for chunk in _CHUNK.finditer(text, start, end)
        for word, first, last in _fold_all(chunk[0])
    ]


def folded(text: str) -> list[str]:
    """The words of ``text`` in order as `words` gives them, without their places: in a third of the time."""
    return [word for chunk in _CHUNK.findall(text) for word, _, _ in _fold_all(chunk)]


def _analyse(chunk: str) -> _Found:
    """The (term, start, end) of a run of letters, digits and what may join them. Remembered: words repeat."""
    found = _analysed.get(chunk)
    if found is None:
        counted = ((_term(chunk[start:end]), start, end) for start, end in _word_spans(chunk))
        found = tuple((term, start, end) for term, start, end in counted if term)
        _remember(_analysed, chunk, found)
    return found


def _fold_all(chunk: str) -> _Found:
    """As `_analyse`, of the folded words."""
    found = _folded.get(chunk)
    if found is None:
        kept = ((_bare(chunk[start:end])[:_LONGEST_TERM_CHARS], start, end) for start, end in _word_spans(chunk))
        found = tuple((word, start, end) for word, start, end in kept if word)
        _remember(_folded, chunk, found)
    return found


def _remember(cache: dict[str, _Found], chunk: str, found: _Found) -> None:
    if len(chunk) <= _LONGEST_CACHED_CHARS:
        if len(cache) >= _MOST_CACHED:
            cache.clear()
        cache[sys.intern(chunk)] = found


def _word_spans(chunk: str) -> Iterator[tuple[int, int]]:
    """Where the words of a chunk stand: its pieces, put together where what parts them does not part words."""
    pieces = [piece.span() for piece in _PIECE.finditer(chunk)]
    if not pieces:
        return
    start, end = last_start, _ = pieces[0]
    for next_start, next_end in pieces[1:]:
        before, after = chunk[last_start:end], chunk[next_start:next_end]
        if not _joins(before, chunk[end:next_start], after):
            yield start, end
            start = next_start
        last_start, end = next_start, next_end
    yield start, end


def _joins(before: str, mark: str, after: str) -> bool:
    """Whether the pieces on both sides of ``mark`` are one word."""
    if not mark:
        return False  # the letters of a script without spaces
    if mark in _APOSTROPHES:
        return True
    if mark == ".":  # U.S, 3.4
        return (len(before) == len(after) == 1 and before.isalpha() and after.isalpha()) or (
            before.isdigit() and after.isdigit()
        )
    if mark == ",":
        return before.isdigit() and after.isdigit() and len(after) == 3
    return mark in _HYPHENS and _compounds(before, after)


def _compounds(before: str, after: str) -> bool:
    """Whether English also writes the two as one word: re-election, cease-fire, run-off, e-mail.

    Other compounds ("peace-talks", "30-day") are two words. Joining all costs search 0.007 and 0.010 nDCG@10 (TIME
    and MED), and a query for "peace talks" should find them.
    """
    if not (before.isalpha() and after.isalpha()):
        return False
    after = after.lower()
    return before.lower() in _PREFIXES or after in _SUFFIXES or after.removesuffix("s") in _SUFFIXES


def _term(word: str) -> str:
    """A word as it is counted: bare and stemmed; empty for a stop word."""
    word = _bare(word)
    if word in STOP_WORDS:
        return ""
    return str(_stem(word[:_LONGEST_TERM_CHARS]))


def _bare(word: str) -> str:
    """A word folded, without possessive ending or what joins its parts."""
    word = _ENDING.sub("", fold(word))
    return word if word.replace(".", "").isdigit() else _JOINERS.sub("", word)


def fold(word: str) -> str:
    """Case, accents, width, ligatures and quotes folded; the marks of scripts are kept."""
    if word.isascii():
        return word.lower().replace(",", "")
    word = _QUOTES.sub("'", unicodedata.normalize("NFKC", word)).casefold()
    word = _GENERIC.sub("", unicodedata.normalize("NFD", word))
    return unicodedata.normalize("NFC", word).translate(_PLAIN).replace(",", "")
