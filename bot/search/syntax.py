"""What a person types into a search box, taken apart: words, phrases, what to leave out, and limits.

    peace talks "security guarantees" -football source:Reuters speaker:Rubio since:"last week"

First step from a question to a `Query`. There is no wrong input: whatever makes no sense as an operator is words. One
pass from left to right, linear in the length of the text.

- ``"a phrase"`` in straight, curly, German, guillemet or corner quotes, in any pairing that a keyboard may produce. A
  quote that is never closed, or that stands inside a word (``12" vinyl``), is no quote.
- ``-word`` and ``-"a phrase"`` where the minus begins a word. A minus alone, doubled or inside a word leaves nothing
  out, nor does the en dash or the true minus before a digit ("2020 –2022", "−5 degrees"), nor any em dash.
- ``source:``, ``speaker:``, ``since:``, ``until:``, ``after:`` and ``before:``, in any case, with a value in quotes or
  of one word (dates also of several: ``since:12 May 2025``). *Since* and *until* include the days they name, *after*
  and *before* do not. A blank may follow the colon unless what comes then is an operator itself, an address or no
  date. Of several the last one counts; any other ``name:value`` is words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice

from bot.dates import Days, read_days

MOST_OPERATORS = 16
"""How many operators of one text are tried; more are words."""
MOST_DATE_WORDS = 4  # "the last ten days"

_DOUBLE = '"＂“”„‟〝〞〟❝❞'
_GUILLEMETS, _SINGLE_GUILLEMETS = "«»", "‹›"
_CLOSERS = (
    dict.fromkeys(_DOUBLE, '"＂“”‟〞〟❝❞')  # „ and 〝 only ever open
    | dict.fromkeys(_GUILLEMETS, _GUILLEMETS)  # «so», »so« and »so»
    | dict.fromkeys(_SINGLE_GUILLEMETS, _SINGLE_GUILLEMETS)
    | {"「": "」", "『": "』"}
)
_ALWAYS_OPEN = "„〝「『"  # also in the middle of a word: scripts without blanks have no other place for them
_FIRST_OF_THE_EAST = "\u2e80"  # where the scripts written without blanks begin, all but those of South-East Asia

_QUOTES = "".join(_CLOSERS)
_CLOSING = {closers: re.compile(f"[{closers}]") for closers in set(_CLOSERS.values())}
_RUN = re.compile(rf"[{_QUOTES}]|[^\s{_QUOTES}]+")  # one quotation mark, or all up to the next blank or mark
_BRACKETS = "([{<"
_DASHES = "-‐‑‒–—―−﹘﹣－"
_MINUS = re.compile(rf"[-‐‑﹣－](?![{_DASHES}])|[–−](?![{_DASHES}\d])")
_OPERATOR = re.compile("(source|speaker|since|until|after|before)[:：]", re.IGNORECASE | re.ASCII)
_AFTER_VALUE = ".,;:!?)]}>…"
_LONGEST_DATE_CHARS = 40


@dataclass(slots=True)
class Typed:
    """A text taken apart. ``sought`` holds (text, whether it is a phrase) in the order typed."""

    sought: list[tuple[str, bool]] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    source: str | None = None
    speaker: str | None = None
    since: date | None = None
    until: date | None = None


def take_apart(text: str, today: date) -> Typed:
    """Read ``text``; dates in it are seen from ``today``. Takes any string and raises nothing."""
    return _Reader(text, today).read()


class _Reader:
    """One pass over one text.

    A method named for a thing that may stand at an offset notes it and returns the offset where it ends; None where it
    is not there.
    """

    def __init__(self, text: str, today: date) -> None:
        self.text = text
        self.today = today
        self.typed = Typed()
        self._words_from: int | None = None  # where the words began that are being passed
        self._words_end = 0
        self._operators = 0
        self._last_closer: dict[str, int] = {}

    def read(self) -> Typed:
        position = 0
        while run := _RUN.search(self.text, position):
            start, position = run.span()
            if (end := self._special(start, position)) is not None:
                position = end
            elif not self._is_quote(start):
                self._pass_words(start, position)
        self._end_words()
        return self.typed

    def _special(self, start: int, end: int) -> int | None:
        """The phrase, exclusion or operator at ``start``, where a run begins that ends at ``end``."""
        if self._is_quote(start):
            return self._phrase(start)
        if start and not self.text[start - 1].isspace():
            return None
        while start < end and self.text[start] in _BRACKETS:
            start += 1
        return self._exclusion(start, end) or self._operator(start, end)

    # Words and phrases

    def _pass_words(self, start: int, end: int) -> None:
        """Go past plain words; those that follow one another are noted as one piece of text."""
        if self._words_from is None:
            self._words_from = start
        self._words_end = end

    def _end_words(self) -> None:
        if self._words_from is not None:
            self.typed.sought.append((self.text[self._words_from : self._words_end], False))
            self._words_from = None

    def _phrase(self, start: int) -> int | None:
        if (close := self._close(start)) is None:
            return None
        self._end_words()
        self.typed.sought.append((self.text[start + 1 : close], True))
        return close + 1

    def _is_quote(self, position: int) -> bool:
        return self.text[position : position + 1] in _CLOSERS

    def _close(self, start: int) -> int | None:
        """Where the quote is closed that the mark at ``start`` opens; None where it opens none."""
        mark = self.text[start]
        if mark not in _ALWAYS_OPEN and self._in_word(start):
            return None
        closers = _CLOSERS[mark]
        if closers not in self._last_closer:  # so that many marks without a match are not searched for again and again
            self._last_closer[closers] = max(map(self.text.rfind, closers))
        if self._last_closer[closers] <= start:
            return None
        found = _CLOSING[closers].search(self.text, start + 1)
        return found.start() if found else None

    def _in_word(self, position: int) -> bool:
        before = self.text[position - 1 : position]
        return before < _FIRST_OF_THE_EAST and (before.isalnum() or bool(before and unicodedata.combining(before)))

    # What to leave out

    def _exclusion(self, start: int, end: int) -> int | None:
        """A minus and what it leaves out: a word, a phrase, or the first word of a quote that is never closed."""
        if not (minus := _MINUS.match(self.text, start, end)):
            return None
        start = minus.end()
        if start < end:
            return self._exclude(start, end)
        if not self._is_quote(start):
            return None
        if (close := self._close(start)) is not None:
            return self._exclude(start + 1, close) + 1
        word = _RUN.match(self.text, start + 1)
        return self._exclude(*word.span()) if word and not self._is_quote(word.start()) else None

    def _exclude(self, start: int, end: int) -> int:
        self._end_words()
        self.typed.excluded.append(self.text[start:end])
        return end

    # Limits

    def _operator(self, start: int, end: int) -> int | None:
        if self._operators == MOST_OPERATORS or not (operator := _OPERATOR.match(self.text, start, end)):
            return None
        self._operators += 1
        value = operator.end()
        if value == end:
            following = _RUN.search(self.text, end)
            value = following.start() if following else end
        name = operator[1].lower()
        position = self._name(name, value) if name in ("source", "speaker") else self._date(name, value)
        if position is not None:
            self._end_words()
        elif value == end and self._is_quote(value) and (close := self._close(value)) is not None:
            self._pass_words(start, close)  # since:"the flood": neither a date nor meant as a phrase
            return close + 1
        return position

    def _name(self, name: str, start: int) -> int | None:
        value, end = self._quoted(start) or self._word(start)
        if not any(map(str.isalnum, value)):
            return None
        if name == "source":
            self.typed.source = value.strip()
        else:
            self.typed.speaker = value.strip()
        return end

    def _quoted(self, start: int) -> tuple[str, int] | None:
        """The text in quotes at ``start``, and where it ends."""
        if not self._is_quote(start) or (close := self._close(start)) is None:
            return None
        return self.text[start + 1 : close], close + 1

    def _word(self, start: int) -> tuple[str, int]:
        """The word at ``start`` that can be a name, and where it ends; empty where there is none."""
        run = _RUN.match(self.text, start + self._is_quote(start))
        if not run or not run[0][0].isalnum() or "://" in run[0] or _OPERATOR.match(run[0]):
            return "", start
        return run[0].rstrip(_AFTER_VALUE), run.end()

    def _date(self, name: str, start: int) -> int | None:
        quoted = self._quoted(start)
        for value, end in [quoted] if quoted else self._date_words(start):
            if (days := read_days(value, self.today)) and self._limit(name, days):
                return end
        return None

    def _date_words(self, start: int) -> list[tuple[str, int]]:
        """What may be a date from ``start`` on, each with its end: the most words first."""
        ends = []
        for run in islice(_RUN.finditer(self.text, start), MOST_DATE_WORDS):
            if self._is_quote(run.start()) or run.end() - start > _LONGEST_DATE_CHARS:
                break
            ends.append(run.end())
        return [(self.text[start:end].rstrip(_AFTER_VALUE), end) for end in reversed(ends)]

    def _limit(self, name: str, days: Days) -> bool:
        """Note a limit; false where there is no day after or before."""
        first, last = days
        try:
            if name in ("since", "after"):
                self.typed.since = last + timedelta(days=1) if name == "after" else first
            else:
                self.typed.until = first - timedelta(days=1) if name == "before" else last
        except OverflowError:
            return False
        return True
