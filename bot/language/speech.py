"""Direct speech: which words of an article are whose, and how far the article says so.

Third step: text and blocks -> speech, stored beside the passages. An interview's answers come from the blocks;
quotations from `attribution`, where the speaker stands beside them, and `people`, who tells whom "he" means. Nothing is
guessed: words in quotation marks with nobody tied to them are speech only where they are whole sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.language.attribution import Draft, drafts
from bot.language.coreference import People, Person
from bot.language.cues import Rule
from bot.language.nouns import MentionKind
from bot.model import Block, Confidence, Kind, Method, Span, Speech, SpeechKind

_FEWEST_WORDS = 5  # of words that nobody is tied to: fewer are irony or a name; and a fragment has fewer
_MOST_TITLE_WORDS, _MOST_SMALL_WORD_CHARS = 8, 3
_ENDS = (".", "!", "?", "…", ",", "-", "―", "—", "–", "”", "’", "'", '"', ")")

# Speakers found so are right for 0.96 of the quotations of PolNeAR's training articles that have five words or more.
_PLAIN: Final = frozenset(
    {Rule.AFTER, Rule.INVERTED, Rule.ACCORDING, Rule.BEFORE, Rule.END, Rule.JOINED, Rule.ALONE, Rule.LABEL}
)
_GOING_ON: Final = frozenset({Rule.CONTINUED, Rule.SHARED, Rule.OPEN, Rule.ANNOUNCED, Rule.CARRIED})
_BESIDE: Final = frozenset({Rule.CONTINUED, Rule.SHARED})


def speeches(text: str, blocks: Sequence[Block]) -> list[Speech]:
    """The direct speech of an article, in the order of the text. ``blocks`` are `blocks.blocks` of ``text``."""
    drafted = drafts(text, blocks)
    names = [(draft.head or draft.mention or draft.span).of(text) for draft in drafted if _is_name(draft)]
    topics = [draft.topic.of(text) for draft in drafted if draft.topic and not _is_name(draft)]
    people = People(text, names, topics, [draft.span for draft in drafted])
    found = [speech for draft in drafted if (speech := _speech(text, draft, people))]
    found.extend(_turns(text, blocks))
    return sorted(found, key=lambda speech: speech.span)


def _speech(text: str, draft: Draft, people: People) -> Speech | None:
    """What a draft comes to; None where it is not speech, as far as can be told."""
    if draft.mention is None:
        return _unattributed(text, draft)
    if _is_title(draft.span.of(text)) and draft.rule not in (Rule.AFTER, Rule.INVERTED):
        return None
    mention = draft.mention
    evidence = mention if draft.cue is None else _around(mention, draft.cue)
    stated = draft.rule in _PLAIN or (draft.rule in _BESIDE and draft.origin in _PLAIN)
    confidence = Confidence.STATED if stated else Confidence.RESOLVED
    name = None
    if _is_name(draft):
        name = people.named((draft.head or mention).of(text))
        evidence = _around(evidence, draft.head or mention)
    elif person := _meant(people, draft, mention, text):
        name = person.name
        confidence = Confidence.STATED if stated and person.near else Confidence.RESOLVED
        evidence = _around(evidence, person.span)
    if name:
        people.spoke(name, mention)
    elif draft.kind is MentionKind.PRONOUN or not stated:
        confidence = Confidence.UNATTRIBUTED
    method = Method.CONTINUED if draft.rule in _GOING_ON else Method.CUE
    return Speech(draft.span, _kind(text, draft), confidence, method, name, mention, draft.cue, evidence)


def _is_name(draft: Draft) -> bool:
    return draft.kind is MentionKind.NAME


def _meant(people: People, draft: Draft, mention: Span, text: str) -> Person | None:
    words = mention.of(text)
    if draft.kind is MentionKind.PRONOUN:
        return people.by_pronoun(words, mention.start)
    return people.by_title(words, mention.start)


def _around(one: Span, other: Span) -> Span:
    return Span(min(one.start, other.start), max(one.end, other.end))


def _unattributed(text: str, draft: Draft) -> Speech | None:
    """Speech of nobody known: a whole sentence in quotation marks. Anything less may be irony, a name or a title."""
    words = draft.span.of(text)
    if not draft.whole or len(words.split()) < _FEWEST_WORDS or _is_title(words) or not words.rstrip().endswith(_ENDS):
        return None
    return Speech(draft.span, SpeechKind.QUOTATION, Confidence.UNATTRIBUTED)


def _kind(text: str, draft: Draft) -> SpeechKind:
    """A few words inside a sentence of the article's own are a fragment; "No," he said is not."""
    words = draft.span.of(text)
    if draft.whole or len(words.split()) >= _FEWEST_WORDS:
        return SpeechKind.QUOTATION
    spoken = not words[:1].islower() and words.rstrip().endswith((".", "!", "?", ","))
    return SpeechKind.QUOTATION if spoken else SpeechKind.FRAGMENT


def _is_title(words: str) -> bool:
    """Whether quoted words name a book, a broadcast or a song: no small words but short ones."""
    split = words.split()
    long_words = [word for word in split if len(word) > _MOST_SMALL_WORD_CHARS]
    return (
        1 < len(split) <= _MOST_TITLE_WORDS
        and bool(long_words)
        and all(word[0].isupper() for word in long_words)
        and not words.isupper()
        and not words.endswith(("!", "?"))
    )


def _turns(text: str, blocks: Sequence[Block]) -> list[Speech]:
    """The answers of an interview, all paragraphs of an answer as one."""
    found: list[Speech] = []
    label: Span | None = None
    goes_on = False
    for block in blocks:
        own = _label(text, block) if block.kind is Kind.ANSWER else None
        label = own or label
        if block.kind is not Kind.ANSWER or not block.speaker or label is None:
            goes_on = False
        elif goes_on and own is None:
            found[-1] = replace(found[-1], span=Span(found[-1].span.start, block.span.end))
        else:
            goes_on = True
            turn = Speech(block.span, SpeechKind.TURN, Confidence.STATED, Method.TURN, block.speaker, label)
            found.append(replace(turn, evidence=label))
    return found


def _label(text: str, block: Block) -> Span | None:
    """The label before a turn's words, on the same line; None for a further paragraph of the turn."""
    line_start = text.rfind("\n", 0, block.span.start) + 1
    name = text[line_start : block.span.start].rstrip().rstrip("*_:： ").lstrip("*_")
    if not name:
        return None
    start = text.index(name, line_start)
    return Span(start, start + len(name))
