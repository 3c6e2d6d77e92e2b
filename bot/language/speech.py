"""Direct speech: which words of an article are whose, where the article says so plainly.

Third step: text and blocks -> speech, stored beside the passages. Two ways to know: the label of an interview turn, and
a named speaker with a verb of saying in the sentence of the quotation or directly beside it. What is said by "he" or
"officials", or could be read two ways, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.language.names import OPENING, full_names, without_titles
from bot.language.quotations import quotations
from bot.language.saying import SAYING_VERBS
from bot.language.sentences import sentences
from bot.model import Block, Confidence, Kind, Method, Span, Speech, SpeechKind

_MOST_TITLE_WORDS, _MOST_SMALL_WORD_CHARS = 8, 3
_FEWEST_WORDS = 3  # two quoted words are a name, a title or irony more often than speech
_MOST_GAP_CHARS = 160  # between the verb and the quotation it opens
_CUE_REACH_CHARS = 260  # how far after a quotation its cue may stand

_SAID = "|".join(sorted(SAYING_VERBS, key=len, reverse=True))
_VERBS = _SAID + "|called|described"
_CAPITAL = r"[^\W\d_a-z][\w.’'&-]*"
_PARTICLE = r"(?:of|for|de|van|von|der|al|bin|del|la)\s(?:the\s)?"
_NAME = rf"(?P<name>(?:[Tt]he\s)?{_CAPITAL}(?:\s(?:{_PARTICLE})?{_CAPITAL}){{0,8}})"
_APPOSITION = r"(?:,\s(?:an?|the|who|whose|his|her|its|one|[a-z0-9][\w-]*)\b[^“”\"«»]{0,90}?,|\s\([^()]{1,40}\),?|,)?"
_BETWEEN = (
    r"(?:\s(?:also|then|later|has|had|have|once|recently|repeatedly|previously|further|again|himself|herself|would|"
    r"in turn|on \w+day|\w+day|[a-z]+ly))*"
)
_PREFIX = (  # "White House press secretary"
    r"(?:(?!(?:and|or|for|of|to|with|by|in|on|at|from|that|as|told|said|who|when|while|after)\b)[\w’'-]+\s){0,6}?"
)
_AFTER_SUBJECT = re.compile(rf"[\s,—–-]*{_PREFIX}{_NAME}{_APPOSITION}{_BETWEEN}\s(?:{_SAID})\b(?!\s(?:by|to be)\b)")
_ROLE = r"(?:(?!(?:that|to|in|on|of|at|by|with|as|how|why|when|it|he|she|they|there|about|from)\b)[a-z-]+\s){0,4}"
_AFTER_VERB = re.compile(rf"[\s,—–-]*(?:{_SAID})\s{_ROLE}{_NAME}")
_ACCORDING = re.compile(rf"[\s,—–-]*according\sto\s{_ROLE}{_NAME}")
_BEFORE_SUBJECT = re.compile(rf"(?<![\w’'.-]){_NAME}{_APPOSITION}{_BETWEEN}\s(?P<verb>{_VERBS})\b(?P<gap>[^“”«»]*)$")
_BEFORE_ACCORDING = re.compile(rf"[Aa]ccording\sto\s{_NAME},(?P<gap>[^“”«»]*)$")
_ADDING = re.compile(
    r"\b(?:noting|adding|saying|writing|arguing|warning|insisting|stressing|calling)\b[^“”\"«».;]{0,120}$"
)
_PRONOUN_CUE = re.compile(
    rf"[\s,—–-]*(?:(?:he|she|they|it|I|we|who|you)\b|(?:the|a|an|one|his|her|its|their)\s[a-z])|[\s,—–-]*(?:{_SAID})\b",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"\b(?:which|who|whose|whom|because|after|before|while|when|although|if)\b|;")
_NOT_SUBJECT_AFTER = re.compile(
    r"\b(?:in|on|at|from|of|to|with|by|for|about|near|and|or|than|as|against|between|under|over|into|told|via|that|like|what)\s(?:the\s)?$",
    re.IGNORECASE,
)
_OPEN_ENDS = frozenset(",?!…—–-")  # how a quotation ends whose cue follows; after a full stop a new sentence begins
_NOT_SPEAKER_WORDS = """
monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
october november december democrats republicans officials americans russians ukrainians critics experts sources analysts
lawmakers reporters police voters researchers scientists supporters opponents aides nobody everyone everybody someone
others people mr mrs ms dr god
"""
_NOT_SPEAKER: Final = frozenset(_NOT_SPEAKER_WORDS.split())


def speeches(text: str, blocks: Sequence[Block]) -> list[Speech]:
    """The direct speech of an article, in the order of the text. ``blocks`` are `blocks.blocks` of ``text``."""
    known = full_names(text)
    found: list[Speech] = []
    label: Span | None = None
    for block in blocks:
        if block.kind is Kind.ANSWER:
            label = _label(text, block) or label
            if block.speaker and label:
                found.append(_stated(block.span, SpeechKind.TURN, Method.TURN, block.speaker, label))
        elif block.kind in (Kind.PROSE, Kind.ITEM):
            found.extend(_block_speeches(text, block.span, known))
    return found


def _stated(span: Span, kind: SpeechKind, method: Method, speaker: str, mention: Span) -> Speech:
    return Speech(span, kind, Confidence.STATED, method, speaker, mention=mention, evidence=mention)


def _label(text: str, block: Block) -> Span | None:
    """The label before a turn's words, on the same line; None for a further paragraph of the turn."""
    line_start = text.rfind("\n", 0, block.span.start) + 1
    name = text[line_start : block.span.start].rstrip().rstrip("*_:： ").lstrip("*_")
    if not name:
        return None
    start = text.index(name, line_start)
    return Span(start, start + len(name))


@dataclass(frozen=True, slots=True)
class _Cue:
    speaker: str
    evidence: Span


def _block_speeches(text: str, block: Span, known: Mapping[str, str]) -> list[Speech]:
    """The attributed quotations of one paragraph."""
    found: list[Speech] = []
    cue: _Cue | None = None
    before = block.start
    placed = _placed(quotations(text, block), sentences(text, block))
    for number, (quote, within) in enumerate(placed):
        after = placed[number + 1][0].start - 1 if number + 1 < len(placed) else block.end
        reach = Span(max(within.start, before), min(within.end, after))
        own = _cue_of(text, quote, reach, known)
        if own is None and cue and _goes_on(text, placed[number - 1], quote, reach):
            own = cue
        cue, before = own, quote.end + 1
        words = quote.of(text)
        if own and len(words.split()) >= _FEWEST_WORDS and not _is_title(words):
            found.append(_stated(quote, SpeechKind.QUOTATION, Method.CUE, own.speaker, own.evidence))
    return found


def _placed(quoted: Sequence[Span], bounds: Sequence[Span]) -> list[tuple[Span, Span]]:
    """Each quotation with the span of the sentences it begins and ends in."""
    placed = []
    first = 0
    for quote in quoted:
        while first + 1 < len(bounds) and bounds[first].end <= quote.start:
            first += 1
        last = first
        while last + 1 < len(bounds) and bounds[last].end < quote.end:
            last += 1
        placed.append((quote, Span(bounds[first].start, bounds[last].end)))
    return placed


def _cue_of(text: str, quote: Span, reach: Span, known: Mapping[str, str]) -> _Cue | None:
    """Who says ``quote``: looks after it, then before it, within ``reach``."""
    start, end = reach.start, reach.end
    after_start = min(quote.end + 1, end)
    after = text[after_start : min(end, after_start + _CUE_REACH_CHARS)]
    open_ended = quote.of(text)[-3:].rstrip("’' ")[-1:] in _OPEN_ENDS or after.startswith(",")
    for form in (_AFTER_SUBJECT, _AFTER_VERB, _ACCORDING) if open_ended else (_ACCORDING,):
        if (match := form.match(after)) and (cue := _cue(match, after_start, known)):
            return cue
    if _PRONOUN_CUE.match(after):
        return None
    before_start = max(start, quote.start - 1 - _CUE_REACH_CHARS)
    before = text[before_start : max(before_start, quote.start - 1)]
    return _cue_before(before, before_start, known)


def _cue_before(before: str, offset: int, known: Mapping[str, str]) -> _Cue | None:
    """The cue that opens a quotation, the nearest: "Vale told reporters that ..."."""
    if (match := _BEFORE_ACCORDING.match(before)) and len(match["gap"]) <= _MOST_GAP_CHARS:
        return _cue(match, offset, known)
    best = None
    position = 0
    while match := _BEFORE_SUBJECT.search(before, position):
        best = match
        position = match.end("verb")
    if best is None or len(best["gap"]) > _MOST_GAP_CHARS or _ELSEWHERE.search(best["gap"]):
        return None
    if _NOT_SUBJECT_AFTER.search(before[: best.start("name")]):
        return None
    return _cue(best, offset, known)


def _cue(match: re.Match[str], offset: int, known: Mapping[str, str]) -> _Cue | None:
    """The speaker a match names; None where it is no name."""
    mention = match["name"].rstrip(".,’'") if not match["name"].endswith(("Jr.", "Sr.")) else match["name"]
    words = mention.split()
    while len(words) > 1 and words[-1].lower() in _NOT_SPEAKER:  # "said Vale Sunday"
        mention = mention[: -len(words.pop())].rstrip()
    if not words or words[0].lower() in OPENING - {"the"} or words[-1].lower() in _NOT_SPEAKER:
        return None
    if mention.endswith(("’s", "'s")) or any(word.endswith(("’s", "’", "'s")) for word in words[:-1]):
        return None
    name = without_titles(mention)
    if not name:
        return None
    person, of, _ = name.partition(" of ")  # "President Ruiz of Norland"
    name = person if of and person in known else name
    start = offset + match.start("name")
    return _Cue(known.get(name, name), Span(start, start + len(mention)))


def _goes_on(text: str, previous: tuple[Span, Span], quote: Span, reach: Span) -> bool:
    """Whether a quotation without a cue of its own goes on with the words of the ``previous`` one.

    It is a sentence of its own directly after that one's sentence, or stands in it after "adding that".
    """
    spoken, sentence = previous
    if quote.start < sentence.end:
        return _ADDING.search(text[spoken.end + 1 : quote.start - 1][-_CUE_REACH_CHARS:]) is not None
    between = text[sentence.end : quote.start - 1]
    rest = text[min(quote.end + 1, reach.end) : reach.end]
    return not between.strip() and not quote.of(text)[:1].islower() and not rest.strip(" .")


def _is_title(words: str) -> bool:
    """Whether quoted words name a book, a broadcast or a song: no small words but short ones."""
    long_words = [word for word in words.split() if len(word) > _MOST_SMALL_WORD_CHARS]
    return (
        len(words.split()) <= _MOST_TITLE_WORDS
        and all(word[0].isupper() for word in long_words)
        and not words.isupper()
    )
