"""Where in a passage the words of a query stand, and which part of a long passage to show.

After ranking, before the cards: passages found -> spans of matched words -> the window that is shown. All spans are
of the article's text. Work is linear in the passage, whatever it holds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from bot.language.sentences import sentences
from bot.language.tokens import Token, places, terms, words
from bot.model import Span
from bot.search.query import Phrase, Query

MARKED_CHARS: Final = 6_000  # of a passage, which is three sentences; one thread marks for everybody
_NO_VARIANTS: Final[Mapping[str, Collection[str]]] = MappingProxyType({})
_FILLED: Final = 0.6  # of the room: a window that ends with a sentence may leave the rest empty
_LONGEST_STEP_CHARS: Final = 60  # a word is longer only in scripts without blanks, which are cut anywhere


def matches(
    text: str, span: Span, query: Query, variants: Mapping[str, Collection[str]] = _NO_VARIANTS
) -> tuple[Span, ...]:
    """The query's words inside ``span`` of ``text``, in order, as spans that do not overlap.

    Words are found by their term or by one of ``variants[term]``. A phrase is marked as a whole; its words are marked
    alone only where the phrase does not occur (the passage was chosen for another word). Nothing after the first
    `MARKED_CHARS` is marked.
    """
    shown = Span(span.start, min(span.end, span.start + MARKED_CHARS))
    found = {phrase: occurrences(text, shown, phrase) for phrase in query.phrases}
    whole = [phrase for phrase, spans in found.items() if spans]
    in_whole = Counter(term for phrase in whole for term in phrase.terms)
    alone = Counter(query.terms) - in_whole if in_whole else query.terms
    wanted = {spelling for term in alone for spelling in (term, *variants.get(term, ()))}
    single = places(text, shown, wanted)
    return tuple(_joined([*(one for spans in found.values() for one in spans), *single]))


def holds(text: str, span: Span, phrase: Phrase) -> bool:
    """Whether ``phrase`` occurs inside ``span`` of ``text``; see `occurrences`."""
    return next(_occurrences(text, span, phrase), None) is not None


def occurrences(text: str, span: Span, phrase: Phrase) -> list[Span]:
    """Where the words of ``phrase`` stand in a row inside ``span``, from left to right, without overlaps.

    Words are compared folded; a phrase of one word by its term, so that "talks" is found for "talk".
    """
    return list(_occurrences(text, span, phrase))


def _occurrences(text: str, span: Span, phrase: Phrase) -> Iterator[Span]:
    if len(phrase.words) == 1 and phrase.terms:
        return places(text, span, phrase.terms)
    return _in_a_row(words(text, span), phrase.words)


def _in_a_row(tokens: Sequence[Token], wanted: Sequence[str]) -> Iterator[Span]:
    """Where ``wanted`` stands in ``tokens``: Knuth, Morris and Pratt's search, linear on "a a a a b" too."""
    if not wanted:
        return
    fallback, matched = _fallbacks(wanted), 0
    for number, token in enumerate(tokens):
        while matched and token.term != wanted[matched]:
            matched = fallback[matched - 1]
        matched += token.term == wanted[matched]
        if matched == len(wanted):
            yield Span(tokens[number - matched + 1].span.start, token.span.end)
            matched = 0


def _fallbacks(wanted: Sequence[str]) -> list[int]:
    """For each beginning of ``wanted`` the length of its longest proper beginning that also ends it."""
    fallback, length = [0] * len(wanted), 0
    for at in range(1, len(wanted)):
        while length and wanted[at] != wanted[length]:
            length = fallback[length - 1]
        length += wanted[at] == wanted[length]
        fallback[at] = length
    return fallback


def _joined(spans: Sequence[Span]) -> Iterator[Span]:
    """The spans in order, those that overlap as one."""
    held: Span | None = None
    for span in sorted(spans):
        if held is not None and span.start < held.end:
            held = Span(held.start, max(held.end, span.end))
            continue
        if held is not None:
            yield held
        held = span
    if held is not None:
        yield held


def window(text: str, span: Span, matched: Sequence[Span], max_chars: int) -> Span:
    """The part of ``span``, at most ``max_chars`` long, that shows most of what was looked for: all of it if it fits.

    The most distinct matched words (by their terms, each worth the same) decide, the earliest place on a tie. It
    begins and ends with sentences where those fit, otherwise with words; without a match it is the beginning.
    """
    if len(span) <= max_chars:
        return span
    max_chars = max(max_chars, 1)
    core = _densest(text, [match for match in matched if span.holds(match)], max_chars)
    core = Span(core.start, min(core.end, core.start + max_chars)) if core else Span(span.start, span.start)
    start = _window_start(text, span, core, max_chars)
    return Span(start, _window_end(text, span, Span(start, core.end), max_chars))


def _densest(text: str, matched: Sequence[Span], max_chars: int) -> Span | None:
    """From the first to the last match of the best window."""
    ordered = sorted(matched)
    names = [tuple(terms(match.of(text))) for match in ordered]
    counts: Counter[tuple[str, ...]] = Counter()
    best, most, first = None, 0, 0
    for last, match in enumerate(ordered):
        counts[names[last]] += 1
        while first < last and match.end - ordered[first].start > max_chars:
            counts[names[first]] -= 1
            if not counts[names[first]]:
                del counts[names[first]]
            first += 1
        if len(counts) > most:
            best, most = Span(ordered[first].start, match.end), len(counts)
    return best


def _window_start(text: str, span: Span, core: Span, max_chars: int) -> int:
    """The first sentence from which the core still fits; else a word, with a third of the room before the core."""
    earliest = core.end - max_chars
    if earliest <= span.start:
        return span.start
    around = Span(max(span.start, earliest - _LONGEST_STEP_CHARS), core.end)  # where this begins is no sentence's start
    starts = [sentence.start for sentence in sentences(text, around) if sentence.start > around.start]
    at = bisect_left(starts, earliest)
    if at < len(starts) and starts[at] <= core.start:
        return starts[at]
    return _word_start(text, max(earliest, core.start - (max_chars - len(core)) // 3), core.start)


def _window_end(text: str, span: Span, core: Span, max_chars: int) -> int:
    """Where the last sentence that fits ends, if it leaves little room; else the last word. ``core`` is kept whole."""
    latest = core.start + max_chars
    if latest >= span.end:
        return span.end
    around = Span(core.start, min(span.end, latest + _LONGEST_STEP_CHARS))  # where this ends is no sentence's end
    ends = [sentence.end for sentence in sentences(text, around) if sentence.end <= latest]
    if ends and ends[-1] >= max(core.end, core.start + max_chars * _FILLED):
        return ends[-1]
    return _word_end(text, core.end, latest)


def _word_start(text: str, earliest: int, latest: int) -> int:
    """The first beginning of a word from ``earliest`` on; ``earliest`` itself where no blank is near."""
    if text[earliest - 1].isspace():
        return earliest
    for at in range(earliest, min(latest, earliest + _LONGEST_STEP_CHARS)):
        if text[at].isspace():
            return at + 1
    return earliest if latest - earliest > _LONGEST_STEP_CHARS else latest


def _word_end(text: str, earliest: int, latest: int) -> int:
    """The last end of a word up to ``latest``; ``latest`` itself where no blank is near."""
    if text[latest].isspace():
        return latest
    for at in range(latest - 1, max(earliest, latest - _LONGEST_STEP_CHARS) - 1, -1):
        if text[at].isspace():
            return at
    return latest
