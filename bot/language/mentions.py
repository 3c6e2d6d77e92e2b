"""The speaker beside a verb of saying, as written: "Mr. Vale", "he", "a senior official". Used by `cues`.

Reads a row of signs backwards from a verb to its subject, forwards to the one named after it, or forwards from the
beginning of its sentence. Every walk is bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.language.nouns import (
    DETERMINERS,
    PREPOSITIONS,
    PRONOUNS,
    STOPS,
    WEEKDAYS,
    Mention,
    MentionKind,
    chain,
    is_adverb,
    is_name,
    is_possessive,
    noun_end,
    run_end,
    run_start,
)
from bot.language.phrases import Sign
from bot.language.saying import ATTRIBUTING_VERBS

_MOST_SENTENCE_SIGNS = 80
_MOST_APPOSITION_SIGNS = 32
_MOST_RELATIVE_SIGNS = 14
_MOST_SPEAKER_SIGNS = 14
_MOST_DATELINE_SIGNS = 5
_SUBORDINATOR_WORDS = "after when while as if since because before although though asked despite given during"
_SUBORDINATORS: Final = frozenset(_SUBORDINATOR_WORDS.split())
_VOICE_WORDS = "message statement letter post tweet words remarks speech account email answer response"
_VOICES: Final = frozenset(_VOICE_WORDS.split())
_RELATIVES = frozenset({"who", "that", "which"})
_BRACKETS = frozenset({",", ")", "—", "–", "-"})  # what closes an apposition


def subject_before(row: Sequence[Sign], verb: int, floor: int = 0) -> Mention | None:
    """The subject of the verb at ``verb``, looking back no further than ``floor`` or the sentence's start."""
    floor = _sentence_floor(row, verb, floor)
    position = _before_adverbs(row, verb - 1, floor)
    if position < floor:
        return None
    mark = row[position].word
    if mark in _RELATIVES and position > floor:
        return _relative(row, position, floor)
    if mark in _BRACKETS:
        return _before_apposition(row, position, floor)
    found = chain(row, position, floor)
    return _voice(row, _before_relative(row, found, floor)) if found else None


def _voice(row: Sequence[Sign], found: Mention) -> Mention:
    """For "Vale's statement" Vale: what it says he says."""
    if found.kind is not MentionKind.NOMINAL or row[found.last].word not in _VOICES:
        return found
    for index in range(found.first, found.last):
        if row[index].capital and is_possessive(row[index]):
            return Mention(run_start(row, index, found.first), index, MentionKind.NAME, found.reach)
    return found


def speaker_after(row: Sequence[Sign], start: int) -> Mention | None:
    """The speaker named from ``start`` on: after "said", "according to" or "by"."""
    end = min(len(row), start + _MOST_SPEAKER_SIGNS)
    position = start
    while position < end and (position == start or not row[position].opens):
        sign = row[position]
        if sign.quote >= 0 or not (sign.word[0].isalnum() or sign.word[0] == "@"):
            break
        if sign.word in PRONOUNS and position == start:
            return Mention(position, position, MentionKind.PRONOUN, position)
        if is_name(sign):
            last = run_end(row, position, end)
            if not is_possessive(row[last]):
                return Mention(position, last, MentionKind.NAME, start)
            position = last  # "said Vale's lawyer"
        elif sign.word in STOPS or sign.word in ATTRIBUTING_VERBS:
            break
        position += 1
    if position == start:
        return None
    first = row[start]
    fits = position - start > 1 or first.word in DETERMINERS or first.word.endswith("s")
    return Mention(start, position - 1, MentionKind.NOMINAL, start) if fits else None


def name_before(row: Sequence[Sign], end: int) -> Mention | None:
    """The name that ends directly before ``end``."""
    if end <= 0 or not is_name(row[end - 1]) or is_possessive(row[end - 1]):
        return None
    first = run_start(row, end - 1, _sentence_floor(row, end - 1, 0))
    return Mention(first, end - 1, MentionKind.NAME, first)


def clause_subject(row: Sequence[Sign], position: int) -> Mention | None:
    """The one the sentence of ``position`` is about: its first name, pronoun or noun that no preposition governs.

    An opening phrase ("In Norland on Monday," "Speaking to reporters,") and a dateline are passed over.
    """
    start = _after_opening(row, _sentence_floor(row, position, 0), position)
    index = start
    while index < position:
        sign = row[index]
        last = index
        governed = _is_governed(row, index, start)
        if sign.word in PRONOUNS:
            if sign.word not in ("it", "you") and not governed:
                return Mention(index, index, MentionKind.PRONOUN, index)
        elif is_name(sign):
            name = run_end(row, index, position)
            last = noun_end(row, name, position) if is_possessive(row[name]) else name
            if not governed and (last > name or not is_possessive(row[name])):
                return Mention(index, last, MentionKind.NAME if last == name else MentionKind.NOMINAL, index)
        elif sign.word in DETERMINERS:
            last = noun_end(row, index, position)
            if not governed and last > index and not (last + 1 < position and is_name(row[last + 1])):
                return Mention(index, last, MentionKind.NOMINAL, index)
        index = last + 1
    return None


def topic_before(row: Sequence[Sign], position: int) -> Mention | None:
    """The name that the sentence before the one of ``position`` is about, or this one up to ``position``."""
    start = _sentence_floor(row, position, 0)
    found = clause_subject(row, position)
    if found is None and start > 0:
        found = clause_subject(row, start - 1)
    return found if found and found.kind is MentionKind.NAME else None


def _sentence_floor(row: Sequence[Sign], position: int, floor: int) -> int:
    floor = max(floor, position - _MOST_SENTENCE_SIGNS)
    while position > floor and (position >= len(row) or not row[position].opens):
        position -= 1
    return position


def _before_adverbs(row: Sequence[Sign], position: int, floor: int) -> int:
    """The first sign back from ``position`` that may end a subject."""
    while position >= floor and is_adverb(row[position]):
        weekday = row[position].word in WEEKDAYS
        position -= 1
        if weekday and position >= floor and row[position].word in ("on", "last", "late", "early"):
            position -= 1
    return position


def _relative(row: Sequence[Sign], position: int, floor: int) -> Mention | None:
    """For "who" at ``position`` itself, with the one it stands for; for "that" what it stands for."""
    index = position - 1
    if row[index].word == "," and index > floor:
        index -= 1
    head = chain(row, index, floor)
    if head is None:
        return None
    return Mention(position, position, head.kind, position, (head.first, head.last))


def _before_apposition(row: Sequence[Sign], position: int, floor: int) -> Mention | None:
    """The subject before "(R-Ohio)", ", who leads the committee," or "— a lawyer —" that ends at ``position``."""
    opening = "(" if row[position].word == ")" else row[position].word
    best = None
    for index in range(position - 1, max(floor, position - _MOST_APPOSITION_SIGNS), -1):
        if row[index].quote >= 0:
            break
        if opening == "," and row[index].word == ")":
            return _before_apposition(row, index, floor)
        if row[index].word == opening:
            found = chain(row, index - 1, floor)
            if found and found.kind is not MentionKind.NOMINAL:
                return found
            best = best or found
            if opening != ",":
                break
    if best or opening != ",":
        return best
    found = chain(row, position - 1, floor)  # a stray comma: "Ruiz, said"
    return found if found and found.kind is MentionKind.NAME and found.reach - floor <= 3 else None


def _before_relative(row: Sequence[Sign], found: Mention, floor: int) -> Mention:
    """For "the man who worked for Vale said" the man, for others ``found``."""
    for index in range(found.reach - 1, max(floor, found.reach - 1 - _MOST_RELATIVE_SIGNS), -1):
        sign = row[index]
        if sign.quote >= 0 or sign.word in (",", ";", ":", "—", "that", "and", "but"):
            break
        if sign.word == "who":
            return chain(row, index - 1 - (row[index - 1].word == ","), floor) or found
    return found


def _after_opening(row: Sequence[Sign], start: int, end: int) -> int:
    """Where the clause begins that follows a sentence's opening phrase, or ``start``."""
    if start >= end:
        return start
    for index in range(start, min(end, start + _MOST_DATELINE_SIGNS)):
        if row[start].capital and row[index].word in ("—", "–"):
            return index + 1
    clause = start
    for index in range(start, min(end - 2, start + _MOST_APPOSITION_SIGNS)):
        if index == clause and not _opens_phrase(row, index):
            break
        if row[index].word == ",":
            clause = index + 1
    return clause


def _opens_phrase(row: Sequence[Sign], index: int) -> bool:
    """Whether what begins at ``index`` only leads up to a clause; also a place: "in Salem, Norland, Ruiz said"."""
    word = row[index].word
    if word in PREPOSITIONS or word in _SUBORDINATORS or word in ("which", "where") or word.endswith(("ing", "ed")):
        return True
    if word.endswith("ly") and row[index].opens:
        return True
    if row[index].opens or not is_name(row[index]):
        return False
    last = run_end(row, index, len(row))
    return last + 1 < len(row) and row[last + 1].word == ","


def _is_governed(row: Sequence[Sign], index: int, start: int) -> bool:
    """Whether a preposition governs the noun at ``index``."""
    index -= 1
    if index > start and row[index].word in DETERMINERS:
        index -= 1
    return index >= start and row[index].word in PREPOSITIONS
