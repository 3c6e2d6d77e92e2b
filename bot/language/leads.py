"""Whom the words around a quotation without a cue of its own are about: the sentence or the paragraph before.

Used by `attribution`; cues beside a quotation are in `cues`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.language.cues import NOUNS, Cue, Rule, colon_cue, is_passive, opening_cue
from bot.language.mentions import clause_subject, subject_before
from bot.language.nouns import Mention, MentionKind
from bot.language.phrases import Sign
from bot.language.saying import ATTRIBUTING_VERBS, SAYING_PARTICIPLES, SAYING_VERBS

_BEFORE_REACH = 40  # signs back from a quotation
_TRANSCRIPTS: Final = frozenset({"transcript", "transcripts", "excerpt", "excerpts", "exchange", "dialogue"})


def announced(row: Sequence[Sign]) -> Cue | None:
    """Who says what follows a sentence that ends in a colon; a transcript has speakers of its own."""
    for index, sign in enumerate(row):
        if sign.word in _TRANSCRIPTS:
            return Cue(Mention(0, index, MentionKind.NOMINAL, 0), None, Rule.ANNOUNCED)
    cue = opening_cue(row, len(row) - 1) or colon_cue(row, len(row)) if row else None
    return cue and cue._replace(rule=Rule.ANNOUNCED)


def led_cue(row: Sequence[Sign]) -> Cue | None:
    """Whom a sentence is about that reports speech or an opinion: the next paragraph may be their words."""
    for index, sign in enumerate(row):
        if not sign.capital and (sign.word in SAYING_PARTICIPLES or sign.word in ATTRIBUTING_VERBS):
            mention = clause_subject(row, index)
            if mention and mention.kind is not MentionKind.NOMINAL:
                return Cue(mention, index, Rule.LED)
    return None


def topic_cue(row: Sequence[Sign], at: int) -> Cue | None:
    """Who is reported to say something in the sentence before the one that the quotation at ``at`` opens."""
    for index in range(at - 1, max(-1, at - 1 - _BEFORE_REACH), -1):
        sign = row[index]
        if sign.word in SAYING_VERBS and not sign.capital and not is_passive(row, index):
            mention = subject_before(row, index)
            if mention and sign.word not in NOUNS:
                return Cue(mention, index, Rule.TOPIC)
        if sign.opens:
            break
    return None
