"""Sentence boundaries by rule: the smallest thing that is ever quoted, summarised or counted.

Made for news: attributions belong to the question or shout they follow (“Now?” she asked.), closing quotes to the
sentence they close, and the full stops of titles, initials, acronyms, dates and decimals end nothing. One pass over
the text; each candidate looks at a bounded number of characters around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.language.paragraphs import paragraphs
from bot.language.saying import SAYING_VERBS
from bot.model import Span

_CLOSERS = "\"'”’»›)\\]"
# A note's number belongs to the sentence before it: "… in 1971. [3]".
_NOTES = r"(?>(?:[^\S\n]?\[[\w ]{1,24}\])*)"
_CANDIDATE = re.compile(
    rf"[.!?…‽⁇⁈\u061f\u06d4\u0964\u0965\u0589\u1362][.!?…‽{_CLOSERS}]*+{_NOTES}|[。！？｡]+[」』”’）]*+"
)
_BEFORE_CHARS, _AFTER_CHARS = 40, 140  # how far a decision looks
_OPENERS = "\"'“‘„‚«‹([―—–-*_ \t\n"
_QUOTES = frozenset("\"'”’»›")
_APOSTROPHE = re.compile("[’']")
_WORD = re.compile(r"\w[\w’'-]*")

# Never the end of a sentence: a name or an explanation follows.
_TITLES = """
mr mrs ms mx dr prof sen sens rep reps gov govs gen col lt sgt cpl pvt capt cmdr cdr adm maj brig rev hon fr pres supt
det insp messrs mme mlle msgr amb atty asst b assoc dir dist mt ft vs e.g i.e cf viz ca approx
"""
_NEVER = frozenset(_TITLES.split())
# The end of a sentence unless a number follows.
_NUMBERED = "no nos vol vols pp p fig figs art sec ch para op ver c"
_BEFORE_NUMBERS = frozenset(_NUMBERED.split())
# The end of a sentence only before a word that opens sentences. Capitals as written.
_ABBREVIATIONS = """
Inc Corp Co Cos Ltd LLC Bros Jr Sr St Ste Ave Blvd Rd Sq Dept Univ Assn Natl Intl etc al est ext Esq plc
Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Thu Thurs Fri Sat
Calif Fla Mass Pa Va Md Ariz Tex Wash Conn Ga Ky La Mich Minn Miss Mo Neb Nev Okla Ore Tenn Wis Colo Ala Ark Del Kan
Mont Ill Ind Wyo mi mph hr hrs min yr yrs oz lb lbs cm mm km sq dept
"""
_SOMETIMES = frozenset(_ABBREVIATIONS.split())
_OPENING_WORDS = """
the a an he she it they we i you his her its their our my your this that these those there here but and or so in on at
as if when while after before since then however although though because for from with by not no nobody nothing none now
some many most all both each every few several another other others what who
why how where which whose is are was were
do does did can could would should let also only even still yet meanwhile later earlier today yesterday once during
despite
according last next to one two three instead until unless whether perhaps maybe yes neither either
"""
_OPENING = frozenset(_OPENING_WORDS.split())
_SHOUTED_NAMES = frozenset({"yahoo", "jeopardy", "yum"})
_DOTTED = re.compile(r"(?:[A-Za-z]|[A-Z][a-z]{1,2})(?:\.(?:[A-Za-z]|[A-Z][a-z]{1,2}))+$")
_ENUMERATOR = re.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})$")
_SPEAKER_SAID = re.compile(
    r"(?:(?:the|The|a|A|an|An)\s+)?(?:[A-Z][\w.’'-]*\s+|of\s+|the\s+|de\s+|van\s+|von\s+|al-){1,6}(?:also\s+|then\s+)?([a-z]+)"
)
_ARTICLES = ("The ", "A ", "An ", "His ", "Her ", "Their ", "One ")
_NOUN_SAID = re.compile(r"(?:The|A|An|His|Her|Their|One)\s+(?:[\w’'-]+\s+){1,3}([a-z]+)")


def sentences(text: str, span: Span | None = None) -> list[Span]:
    """The sentences of ``text`` (or of its part ``span``): spans of ``text``, in order, apart, without outer blanks.

    Together they hold every character that is not white space. A paragraph's end is always a sentence's end.
    """
    return list(each_sentence(text, span))


def each_sentence(text: str, span: Span | None = None) -> Iterator[Span]:
    """As `sentences`, one after the other: what follows the last that is taken is not looked at."""
    for paragraph in paragraphs(text, span):
        yield from _split(text, paragraph)


def _split(text: str, paragraph: Span) -> Iterator[Span]:
    start = paragraph.start
    for candidate in _CANDIDATE.finditer(text, paragraph.start, paragraph.end):
        after = _next_start(text, candidate.end(), paragraph.end)
        if after is None or not _ends(text, start, candidate, after, paragraph.end):
            continue
        yield Span(start, candidate.end())
        start = after
    if start < paragraph.end:
        yield Span(start, paragraph.end)


def _next_start(text: str, position: int, end: int) -> int | None:
    """Where the text goes on after ``position``; None at its end."""
    while position < end and text[position].isspace():
        position += 1
    return position if position < end else None


def _ends(text: str, start: int, candidate: re.Match[str], after: int, end: int) -> bool:
    """Whether the sentence from ``start`` ends with ``candidate``; the text goes on at ``after``."""
    marks = candidate[0]
    if marks[0] in "。！？｡":
        return True
    if after == candidate.end():
        return False
    following = text[after : min(end, after + _AFTER_CHARS)]
    bare = following.lstrip(_OPENERS)
    if following[0] in ",;:)]}/&%" or bare[:1].islower():
        return False
    word = _WORD.match(bare)
    opens = word is not None and _APOSTROPHE.split(word[0].lower())[0] in _OPENING
    if marks.strip(".") == marks or marks.startswith("..") or not marks.startswith("."):
        return _ends_loudly(text, start, candidate, following, opens)
    before = text[max(start, candidate.start() - _BEFORE_CHARS) : candidate.start()]
    return _ends_at_stop(before, candidate.start() - start, bare, opens, _closed(marks), following)


def _closed(marks: str) -> bool:
    return not _QUOTES.isdisjoint(marks)


def _ends_loudly(text: str, start: int, candidate: re.Match[str], following: str, opens: bool) -> bool:
    """For question marks, exclamation marks and ellipses."""
    if _closed(candidate[0]) and (not opens or following.startswith(_ARTICLES)) and _says(following):
        return False
    word = text[max(start, candidate.start() - _BEFORE_CHARS) : candidate.start()].rpartition(" ")[2]
    return opens or word.lower() not in _SHOUTED_NAMES


def _says(following: str) -> bool:
    """Whether what follows a quotation is its speaker and a verb of saying: “Now?” Okafor said."""
    return any(
        (match := form.match(following)) is not None and match[1] in SAYING_VERBS
        for form in (_SPEAKER_SAID, _NOUN_SAID)
    )


def _ends_at_stop(before: str, length: int, bare: str, opens: bool, closed: bool, following: str) -> bool:
    """For one full stop after ``before``, the ``length`` characters of the sentence (only the last of them)."""
    last_word = before.rsplit(maxsplit=1)[-1].lstrip(_OPENERS) if before.split() else ""
    lower = last_word.lower()
    if length == len(before) == len(last_word) + before.count("(") and _ENUMERATOR.match(before):
        return False
    if lower in _NEVER:
        return False
    if lower in _BEFORE_NUMBERS:
        return not bare[:1].isdigit()
    if len(last_word) == 1 and last_word.isupper():
        return opens or last_word == "I" or closed
    if last_word in _SOMETIMES or _DOTTED.match(last_word):
        return opens or (closed and not _says(following))
    return True
