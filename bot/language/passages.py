"""Passages: the unit of search and quoting, one to three whole sentences of one block.

Last step of reading: text, blocks and speech -> what the index holds. Nothing is ever quoted that cuts a sentence.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from bot.language.quotations import quotations
from bot.language.sentences import sentences
from bot.model import Block, Kind, Passage, Span, Speech, SpeechKind

_MOST_WORDS = 60  # about what is read at one glance on a card
_MOST_SENTENCES = 3


def passages(text: str, blocks: Sequence[Block], speeches: Sequence[Speech]) -> list[Passage]:
    """The passages of an article in order.

    ``speaker`` is the turn's for answers, else the one person whose speech stands inside, if it is one.
    """
    ordered = sorted(speeches, key=lambda speech: speech.span)
    starts = [speech.span.start for speech in ordered]
    found = []
    for block in blocks:
        if not block.kind.quotable:
            continue
        for span in _packed(text, block.span):
            first = bisect_left(starts, span.start)
            first -= first > 0 and ordered[first - 1].span.end > span.start  # it began in the passage before
            inside = ordered[first : bisect_left(starts, span.end)]
            speaker = block.speaker if block.kind is Kind.ANSWER else _only(inside)
            found.append(Passage(span, block.kind, speaker, block.question))
    return found


def speaker_of(span: Span, speeches: Sequence[Speech]) -> str | None:
    """As whose words the passage at ``span`` is served, given the speech of its article as it is known by now."""
    inside = said_in(span, speeches)
    turn = next((one for one in inside if one.kind is SpeechKind.TURN and one.span.holds(span)), None)
    return _only(inside if turn is None else [turn])


def said_in(span: Span, speeches: Sequence[Speech]) -> list[Speech]:
    """The speech of which some words stand in ``span``."""
    return [one for one in speeches if one.span.start < span.end and span.start < one.span.end]


def _only(inside: Sequence[Speech]) -> str | None:
    """Whose words all speech of a passage is, if the article itself names them there; None if any may be another's."""
    speakers = {speech.speaker for speech in inside}
    return speakers.pop() if len(speakers) == 1 and any(speech.is_named for speech in inside) else None


def _packed(text: str, block: Span) -> Iterator[Span]:
    """The sentences of a block, packed together while they are few and short.

    A group of sentences that one quotation holds together starts a new passage rather than being parted, where it
    fits into one.
    """
    open_ = None
    words = count = 0
    for group in _groups(text, block):
        lengths = [len(sentence.of(text).split()) for sentence in group]
        if open_ and (words + sum(lengths) > _MOST_WORDS or count + len(group) > _MOST_SENTENCES):
            yield open_
            open_ = None
        for sentence, length in zip(group, lengths, strict=True):
            if open_ and (words + length > _MOST_WORDS or count == _MOST_SENTENCES):
                yield open_
                open_ = None
            if open_ is None:
                open_, words, count = sentence, length, 1
            else:
                open_, words, count = Span(open_.start, sentence.end), words + length, count + 1
    if open_:
        yield open_


def _groups(text: str, block: Span) -> list[list[Span]]:
    """The sentences of a block, those together that a quotation runs over."""
    groups: list[list[Span]] = []
    quoted = iter(quotations(text, block))
    quote = next(quoted, None)
    held_to = -1
    for sentence in sentences(text, block):
        if groups and sentence.start < held_to:
            groups[-1].append(sentence)
        else:
            groups.append([sentence])
        while quote and quote.start < sentence.end:
            held_to = max(held_to, quote.end)
            quote = next(quoted, None)
    return groups
