"""Which quotations of an article have a speaker beside them: paragraph by paragraph, in reading order.

Quotations, sentences and cues -> drafts, from which `speech` makes what is stored once it is known who "he" is. Here it
is decided what goes on with what: a quotation after another of its paragraph, or of the paragraph before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.language.cues import Cue, Rule, cue_of, signature
from bot.language.leads import announced, led_cue, topic_cue
from bot.language.mentions import topic_before
from bot.language.names import NOT_PEOPLE
from bot.language.nouns import MentionKind
from bot.language.phrases import Sign, signs
from bot.language.quotations import quotations
from bot.language.sentences import sentences
from bot.model import Block, Kind, Span

_OPEN_ENDS: Final = frozenset(",?!…―—–-")  # how a quotation ends whose cue follows
_LEADING = frozenset({Rule.ANNOUNCED, Rule.LED, Rule.HEADED})
_UNSURE = frozenset({None, Rule.CARRIED, Rule.LED, Rule.TOPIC})
_OPENING_MARKS = frozenset('“„«»"')
_DASHES = frozenset({"-", "–", "—", "―"})
_LONGEST_SIGNATURE_CHARS = 120
# A transcript's labels inside the quotation marks: "CLINTON: …", "Bo Vale: …".
_LABEL = re.compile(r"([A-Z][A-Z.’'-]{2,}(?: [A-Z]{2,})?|[A-Z][a-z]+ (?:[A-Z]\. )?[A-Z][A-Za-z’'-]+):\s+(?=\S)")
_MOST_JOINING_SIGNS = 4
_JOINED = frozenset({",", "and", "or", "&", ";", "/", "…", "—"})


@dataclass(frozen=True, slots=True)
class Draft:
    """A quotation, and by which ``rule`` which ``mention`` says it, if any.

    ``head`` is what to read the name from where the mention is "who"; ``topic`` is the name that the sentence before
    "he" is about. ``whole``: it begins as a sentence does and opens one of the article's, or follows a colon. Where it
    goes on with another, ``origin`` is the rule of that one.
    """

    span: Span
    whole: bool = False
    rule: Rule | None = None
    origin: Rule | None = None
    mention: Span | None = None
    head: Span | None = None
    kind: MentionKind = MentionKind.NAME
    cue: Span | None = None
    topic: Span | None = None


def drafts(text: str, blocks: Sequence[Block]) -> list[Draft]:
    """The quotations of the prose and list points among ``blocks``, in order."""
    reader = _Reader(text)
    for block in blocks:
        if reader.sign(block.span):
            continue
        quote_alone = block.kind is Kind.HEADING and text[block.span.start] in _OPENING_MARKS
        if block.kind in (Kind.PROSE, Kind.ITEM) or quote_alone:
            reader.read(block.span)
        else:
            reader.forget()
    return reader.found


def _is_joined(between: Sequence[Sign]) -> bool:
    """Whether two quotations are parts of one list: “…” and “…”."""
    return all(sign.word in _JOINED and not sign.opens for sign in between)


def _is_full_name(row: Sequence[Sign], cue: Cue) -> bool:
    """Whether a line of its own names a person: "Bo Vale, 31", not "White House" or "MORE NEWS"."""
    first, last = row[cue.mention.first], row[cue.mention.last]
    return last.start > first.start and last.word not in NOT_PEOPLE and first.word not in NOT_PEOPLE


class _Reader:
    """Reads paragraphs in order and remembers who was quoted last."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.found: list[Draft] = []
        self.forget()

    def forget(self) -> None:
        self._last: Draft | None = None  # of the paragraph before
        self._open = False  # its last quotation was not closed
        self._before: Span | None = None  # itself, where it has no quotation or ends in a colon
        self._alone = False  # it was one quotation and nothing else

    def read(self, span: Span) -> None:
        quoted = quotations(self._text, span)
        if not quoted:
            self.forget()
            self._before = span
            return
        row = signs(self._text, span, quoted, sentences(self._text, span))
        last = None
        last_at = -1
        for at, sign in enumerate(row):
            if sign.quote < 0:
                continue
            draft = self._draft(row, at, quoted[sign.quote], last, last_at)
            self.found.append(draft)
            if draft.rule:
                last, last_at = draft, at
        self._last = last
        self._open = quoted[-1].end == span.end
        self._alone = len(quoted) == 1 and len(row) == 1
        self._before = span if self._text[span.end - 1] == ":" and not self._open else None

    def _draft(self, row: Sequence[Sign], at: int, quote: Span, last: Draft | None, last_at: int) -> Draft:
        """The quotation at ``row[at]`` with who says it; ``last`` is the one attributed before it in its paragraph."""
        opens = row[at].opens
        begins = not quote.of(self._text)[:1].islower()
        whole = begins and (opens or row[at - 1].word == ":")
        if at == 0 and (label := _LABEL.match(self._text, quote.start, quote.end)):
            mention = Span(*label.span(1))
            return Draft(Span(label.end(), quote.end), True, Rule.LABEL, Rule.LABEL, mention)
        cue = cue_of(row, at, open_ended=self._is_open_ended(quote), whole=begins)
        left_open = self._last if at == 0 and self._open else None
        if cue and (left_open is None or cue.rule in (Rule.AFTER, Rule.INVERTED)):
            return self._said(row, quote, whole, cue)
        if left_open:
            return replace(left_open, span=quote, whole=whole, rule=Rule.OPEN)
        if last and opens:
            return replace(last, span=quote, whole=whole, rule=Rule.CONTINUED)
        if last and at - last_at <= _MOST_JOINING_SIGNS and _is_joined(row[last_at + 1 : at]):
            return replace(last, span=quote, whole=whole, rule=Rule.SHARED)
        if opens and (cue := topic_cue(row, at)):
            return self._said(row, quote, whole, cue)
        if opens and at == 0 and (before := self._led() or self._last):
            rule = before.rule if before.rule in _LEADING else Rule.CARRIED
            return replace(before, span=quote, whole=whole, rule=rule)
        return Draft(quote, whole)

    def _said(self, row: Sequence[Sign], quote: Span, whole: bool, cue: Cue) -> Draft:
        mention = cue.mention
        topic = topic_before(row, mention.first) if mention.kind is MentionKind.PRONOUN else None
        return Draft(
            quote,
            whole,
            cue.rule,
            cue.rule,
            Span(row[mention.first].start, row[mention.last].end),
            Span(row[mention.head[0]].start, row[mention.head[1]].end) if mention.head else None,
            mention.kind,
            None if cue.verb is None else Span(row[cue.verb].start, row[cue.verb].end),
            Span(row[topic.first].start, row[topic.last].end) if topic else None,
        )

    def _is_open_ended(self, quote: Span) -> bool:
        return self._text[max(quote.start, quote.end - 3) : quote.end].rstrip("’' *")[-1:] in _OPEN_ENDS

    def _led(self) -> Draft | None:
        """Who the paragraph before leads up to: the one its colon announces, or whom its last sentence is about."""
        span = self._before
        if span is None:
            return None
        last_sentence = sentences(self._text, span)[-1]
        quoted = [quote for quote in quotations(self._text, span) if last_sentence.holds(quote)]
        row = signs(self._text, last_sentence, quoted, [last_sentence])
        cue = announced(row) if self._text[span.end - 1] == ":" else led_cue(row)
        return self._said(row, span, whole=True, cue=cue) if cue else None

    def sign(self, span: Span) -> bool:
        """Whether a paragraph is a name and no more: a signature under a quotation that stands alone, else a heading.

        A signature's quotation becomes its signer's. After a heading the quotations that stand alone have one already.
        """
        if len(span) > _LONGEST_SIGNATURE_CHARS:
            return False
        text = self._text
        dashed = text[span.start] in _DASHES or text[max(0, span.start - 2) : span.start].strip() in _DASHES
        row = signs(text, span, [], [span])
        cue = signature(row)
        sure = dashed or self._open
        if cue is None or not (sure or (_is_full_name(row, cue) and not span.of(text).isupper())):
            return False
        if self._alone and (self.found[-1].rule in _UNSURE if sure else self.found[-1].rule is None):
            self.found[-1] = self._said(row, self.found[-1].span, whole=True, cue=cue)
            self.forget()
            return True
        self.forget()
        self._last = self._said(row, span, whole=True, cue=cue._replace(rule=Rule.HEADED))
        return True
