"""Who says a quotation, from the words beside it: after it, before it in its sentence, or at the sentence's end.

Used by `attribution`. Rows of signs come from `phrases`, subjects of verbs from `mentions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from bot.language.mentions import clause_subject, name_before, speaker_after, subject_before
from bot.language.nouns import PRONOUNS, Mention, MentionKind, is_name
from bot.language.phrases import Sign
from bot.language.saying import ATTRIBUTING_VERBS, SAYING_PARTICIPLES, SAYING_VERBS

_AFTER_REACH = 34  # signs after a quotation in which its verb must come
_BEFORE_REACH = 40
_MOST_WITH_SIGNS = 8  # "with committee chair Dana Ruiz calling it"
_MOST_REPORTED_SIGNS = 3  # between "said" and the subject of what is said: "said that he"
_MOST_CLOSING_SIGNS = 7
_MOST_SIGNATURE_SIGNS = 16
_DASHES = frozenset({"-", "–", "—"})
_MOST_OPINION_SIGNS = 10  # beyond them, a verb as "criticised" is right for a quotation in 0.7, within in 0.88
_REPORTS: Final = SAYING_VERBS | SAYING_PARTICIPLES
_PASSIVE = frozenset({"was", "were", "been", "being", "is", "are", "be"})
_BEFORE_LABELS = frozenset({",", "by", "from", "-", "–", "—", ".", "]", ")"})
_SKIPPED = frozenset({",", "—", "–", "-", "…", ".", ")", "]", "'", "’", "*"})
_JOINING = frozenset({"as", "and", "but", "or", "so"})
_BEFORE_BARE_VERBS = frozenset({"and", "but", "to", "then", ",", "not", "also", "or"})
_NOUN_WORDS = """
remarks notes reports claims calls attacks tweet post posts promises pledges offers states charges comments used views
demands answers quotes tells praises write argue claim insist believe think ask add note warn explain call chant suggest
declare promise signs names began
"""
NOUNS: Final = frozenset(_NOUN_WORDS.split())  # as often nouns or infinitives as verbs: "in her opening remarks"
_SIGN_WORDS = """
sign signs ad ads banner banners poster posters shirt shirts caption headline video poll polls survey bottles placard
"""
_SIGNS: Final = frozenset(_SIGN_WORDS.split())  # on which words stand, whoever says them
_BEFORE_NAMES = frozenset({"—", "–", "-", "and", "with", ",", ";"})
_WITH_PARTICLE = {"went": "on", "goes": "on", "put": "it", "puts": "it"}
_NAMING_WORDS = "called named dubbed labeled labelled signed released published used posted issued"
_NAMING: Final = frozenset(_NAMING_WORDS.split())  # "a book called": the book says nothing


class Rule(StrEnum):
    """How a cue was found. How often they are right is measured by tests/quality/test_speech.py."""

    AFTER = "after"  # “…,” Vale said
    INVERTED = "inverted"  # “…,” said Vale
    ACCORDING = "according"  # “…,” according to Vale
    BEFORE = "before"  # Vale said “…”
    NESTED = "nested"  # Orlov said that Vale called it “…”
    OPINION = "opinion"  # Vale criticised it as “…”
    JOINED = "joined"  # Vale said that it was late, adding “…”
    ALONE = "alone"  # Vale left, saying “…”
    PARTICIPLE = "participle"  # Vale left Norland to Ruiz, saying “…”
    LABEL = "label"  # Vale: “…”
    COLON = "colon"  # Vale took to the stage: “…”
    END = "end"  # The “…” talks will go on, Vale said.
    SHARED = "shared"  # Vale called it “…” and “…”
    CONTINUED = "continued"  # “…,” Vale said. “…”
    TOPIC = "topic"  # Vale said that it was late. “…”
    OPEN = "open"  # the quotation of the paragraph before was not closed
    ANNOUNCED = "announced"  # the paragraph before ends in a colon
    SIGNED = "signed"  # “…” — Bo Vale, or so in the paragraph after
    HEADED = "headed"  # the paragraph before is a name
    LED = "led"  # the paragraph before reports speech of one who is not quoted there
    CARRIED = "carried"  # the paragraph before quotes this speaker last


class Cue(NamedTuple):
    """A speaker, and the sign of the verb of saying if there is one."""

    mention: Mention
    verb: int | None
    rule: Rule


def cue_of(row: Sequence[Sign], at: int, *, open_ended: bool, whole: bool) -> Cue | None:
    """Who says the quotation at ``row[at]``.

    ``open_ended``: its last mark is one that a cue follows, as a comma. ``whole``: it begins as a sentence does, so
    that a cue after it goes before one that stands in front.
    """
    goes_on = at + 1 < len(row) and not row[at + 1].opens
    dashed = at + 1 < len(row) and row[at + 1].word in _DASHES
    after = _after(row, at, open_ended=open_ended) if open_ended or goes_on or dashed else None
    if after and (whole or row[at].opens or _closes(row, after)):
        return after
    return opening_cue(row, at) or after or colon_cue(row, at) or _at_end(row, at)


def _closes(row: Sequence[Sign], cue: Cue) -> bool:
    """Whether the sentence ends soon after a cue, and so with it: "…, Vale said on Monday"."""
    last = max(cue.verb or 0, cue.mention.last)
    for index in range(last + 1, min(len(row), last + _MOST_CLOSING_SIGNS)):
        if row[index].word == "." or row[index].opens:
            return True
        if row[index].quote >= 0 or row[index].word in (":", "that"):
            return False
    return last + _MOST_CLOSING_SIGNS >= len(row)


def signature(row: Sequence[Sign]) -> Cue | None:
    """Who signs the quotation before a paragraph: "— Bo Vale, prime minister"."""
    if not row or len(row) > _MOST_SIGNATURE_SIGNS:
        return None
    start = 1 if row[0].word in _DASHES else 0
    mention = speaker_after(row, start) if start < len(row) else None
    if mention is None or mention.kind is not MentionKind.NAME:
        return None
    end = mention.last + 1
    closed = end == len(row) or row[end].word in (",", ".", "(", '"', "”")
    return Cue(mention, None, Rule.SIGNED) if closed else None


def _after(row: Sequence[Sign], at: int, *, open_ended: bool) -> Cue | None:
    start = at + 1
    if row[at].opens and start < len(row) and row[start].word in _DASHES and (cue := signature(row[start:])):
        return _moved(cue, start)
    while start < len(row) and row[start].word in _SKIPPED and not row[start].opens:
        start += 1
    if start >= len(row):
        return None
    if row[start].opens:
        return _exclaimed(row, start) if start == at + 1 else None
    inverted = start
    while inverted + 1 < len(row) and row[inverted].word.endswith("ly"):
        inverted += 1
    if cue := _according(row, start) or _inverted(row, inverted):
        return cue
    cue = _subject_first(row, start + (row[start].word in _JOINING))
    bare = start == at + 1 and not open_ended  # no comma: “…” Vale said, but not: “…” phrase Vale used
    return None if cue and bare and cue.mention.first != start else cue


def _moved(cue: Cue, by: int) -> Cue:
    mention = cue.mention
    return cue._replace(mention=mention._replace(first=mention.first + by, last=mention.last + by))


def _subject_first(row: Sequence[Sign], start: int) -> Cue | None:
    """The cue "Vale said" that begins at ``start``."""
    for verb in range(start + 1, min(len(row), start + _AFTER_REACH)):
        if row[verb].opens or row[verb].quote >= 0 or row[verb].word in (";", ":"):
            break
        if _is_verb(row, verb) and not is_passive(row, verb):
            mention = subject_before(row, verb, start)
            if mention and mention.reach <= start:
                return Cue(mention, verb, Rule.AFTER)
            return _name_first(row, start, verb)
    return _name_closed(row, start)


def _name_first(row: Sequence[Sign], start: int, verb: int) -> Cue | None:
    """For a verb of saying whose long subject begins with a name: “…,” expert Ana Orlov of the Institute for … said."""
    mention = speaker_after(row, start) if row[verb].word in SAYING_VERBS else None
    return Cue(mention, verb, Rule.AFTER) if mention and mention.kind is MentionKind.NAME else None


def _name_closed(row: Sequence[Sign], start: int) -> Cue | None:
    """For a name and any verb of the past that end the sentence: “…,” Vale began."""
    mention = speaker_after(row, start)
    if mention is None or mention.kind is not MentionKind.NAME or mention.last + 2 >= len(row):
        return None
    verb, end = row[mention.last + 1], row[mention.last + 2]
    closed = end.word == "." or end.opens
    return Cue(mention, mention.last + 1, Rule.AFTER) if closed and verb.word.endswith("ed") else None


def _exclaimed(row: Sequence[Sign], start: int) -> Cue | None:
    """After a question or a shout, whose mark does not tell that the sentence goes on: “…?” Vale pressed."""
    cue = _subject_first(row, start)
    if cue is None or cue.verb is None or cue.mention.kind is MentionKind.NOMINAL:
        return None
    ends = cue.verb + 1 == len(row) or row[cue.verb + 1].word in (".", ",") or row[cue.verb + 1].opens
    return cue if ends else None


def _according(row: Sequence[Sign], index: int) -> Cue | None:
    if row[index].word != "according" or index + 1 >= len(row) or row[index + 1].word != "to":
        return None
    mention = speaker_after(row, index + 2)
    return Cue(mention, index, Rule.ACCORDING) if mention else None


def _inverted(row: Sequence[Sign], verb: int) -> Cue | None:
    """The cue "said Vale" whose verb is at ``verb``; before a name any verb of the past will do: "beamed Vale"."""
    if row[verb].capital or verb + 1 >= len(row):
        return None
    if not _is_verb(row, verb) and not (row[verb].word.endswith("ed") and is_name(row[verb + 1])):
        return None
    mention = speaker_after(row, verb + 1)
    return Cue(mention, verb, Rule.INVERTED) if mention else None


def _is_verb(row: Sequence[Sign], index: int) -> bool:
    word = row[index].word
    if word in _WITH_PARTICLE:
        return index + 1 < len(row) and row[index + 1].word == _WITH_PARTICLE[word]
    return word in ATTRIBUTING_VERBS and not row[index].capital


def opening_cue(row: Sequence[Sign], at: int) -> Cue | None:
    """The cue that opens the quotation at ``at``: the nearest, one that reports speech before one of opinion."""
    if row[at].opens:
        return None
    weak = None
    for index in range(at - 1, max(-1, at - 1 - _BEFORE_REACH), -1):
        word = row[index].word
        if word in _REPORTS or (weak is None and word in ATTRIBUTING_VERBS):
            cue = _cue_at(row, index, at)
            if cue and _is_reported(row, cue):
                cue = cue._replace(rule=Rule.NESTED)
            if cue and word in _REPORTS:
                return cue if weak is None or _reports(cue, weak) else weak
            weak = cue
        elif weak is None and (cue := _according(row, index)):
            return cue
        if row[index].opens:
            break
    return weak


def _is_reported(row: Sequence[Sign], cue: Cue) -> bool:
    """Whether somebody else says it: "Orlov said Vale told Ruiz “…”", where the words are one's by the other's word."""
    first = cue.mention.reach
    return any(sign.word in SAYING_VERBS for sign in row[max(0, first - _MOST_REPORTED_SIGNS) : first])


def _reports(cue: Cue, weak: Cue) -> bool:
    """Whether ``weak`` stands inside what ``cue`` reports: "Vale said he thought it “…”"."""
    if cue.verb is None or weak.mention.kind is not MentionKind.PRONOUN:
        return False
    return 0 <= weak.mention.first - cue.verb <= _MOST_REPORTED_SIGNS


def _cue_at(row: Sequence[Sign], verb: int, at: int) -> Cue | None:
    """The cue whose verb stands before the quotation at ``at``."""
    sign = row[verb]
    if sign.capital:
        return None
    if sign.word in SAYING_PARTICIPLES:
        return _elliptic(row, verb)
    if is_passive(row, verb):
        return _passive(row, verb, at)
    if mention := subject_before(row, verb):
        nominal = mention.kind is MentionKind.NOMINAL
        noun = nominal and sign.word in NOUNS and row[verb + 1].word != ":"
        naming = nominal and sign.word in _NAMING and row[mention.first].word in ("a", "an")
        if noun or naming:
            return None
        if nominal and row[mention.last].word in _SIGNS:
            return Cue(mention, verb, Rule.OPINION)
        said = sign.word in SAYING_VERBS or (not nominal and at - verb <= _MOST_OPINION_SIGNS)
        return Cue(mention, verb, Rule.BEFORE if said else Rule.OPINION)
    before = row[verb - 1].word if verb else ""
    if sign.word not in NOUNS and (before in _BEFORE_BARE_VERBS or before.endswith("ly")):
        return _elliptic(row, verb)
    return None


def _passive(row: Sequence[Sign], verb: int, at: int) -> Cue | None:
    """For "was called by Vale “…”" Vale."""
    for index in range(verb + 1, at):
        if row[index].word == "by" and (mention := speaker_after(row, index + 1)):
            return Cue(mention, verb, Rule.BEFORE)
    return None


def _elliptic(row: Sequence[Sign], verb: int) -> Cue | None:
    """For a verb without a subject of its own ("adding that", "and called it"): that of the clause it goes on with."""
    if row[verb - 1].word in _SIGNS:
        return None
    named = name_before(row, verb)
    if named and named.first > 0 and row[named.first - 1].word in _BEFORE_NAMES:  # "and Vale calling it “…”"
        return Cue(named, verb, Rule.JOINED)
    for index in range(verb - 1, max(-1, verb - 1 - _BEFORE_REACH), -1):
        sign = row[index]
        if sign.word == "with" and verb - index < _MOST_WITH_SIGNS:
            mention = speaker_after(row, index + 1)
            if mention and mention.last == verb - 1:
                return Cue(mention, verb, Rule.PARTICIPLE)
        if sign.word in SAYING_VERBS and not sign.capital and (mention := subject_before(row, index)):
            return Cue(mention, verb, Rule.JOINED)
        if sign.opens:
            break
    mention = clause_subject(row, verb)
    if mention is None:
        return None
    alone = not any(is_name(sign) or sign.word in PRONOUNS for sign in row[mention.last + 1 : verb])
    return Cue(mention, verb, Rule.ALONE if alone else Rule.PARTICIPLE)


def colon_cue(row: Sequence[Sign], at: int) -> Cue | None:
    """For what a colon opens: "Vale: “…”", "by Bo Vale: “…”", else the one the sentence is about."""
    if at == 0 or row[at - 1].word != ":":
        return None
    label = name_before(row, at - 1)
    if label and (row[label.first].opens or row[label.first - 1].word in _BEFORE_LABELS):
        return Cue(label, None, Rule.LABEL)
    mention = clause_subject(row, at - 1)
    return Cue(mention, None, Rule.COLON) if mention else None


def _at_end(row: Sequence[Sign], at: int) -> Cue | None:
    """A cue that closes the sentence: "The “…” talks will go on, Vale said on Monday"."""
    if at + 1 >= len(row) or row[at + 1].opens:
        return None
    for index in range(at + 2, min(len(row), at + 2 * _AFTER_REACH)):
        if row[index].opens:
            break
        if row[index].word in SAYING_VERBS and row[index - 1].quote < 0 and not row[index].capital:
            if row[index - 1].word == ",":
                if cue := _inverted(row, index):
                    return Cue(cue.mention, index, Rule.END)
                continue
            mention = subject_before(row, index, at + 1)
            if mention and (row[mention.reach - 1].word == "," or row[mention.reach - 1].quote >= 0):
                return Cue(mention, index, Rule.END)
        elif cue := _according(row, index):
            return cue
    return None


def is_passive(row: Sequence[Sign], verb: int) -> bool:
    """Whether the verb is told of its subject: "was called", "is often described", "released by"."""
    if verb + 1 < len(row) and row[verb + 1].word == "by":
        return True
    before = row[verb - 1].word if verb else ""
    return before in _PASSIVE or (before.endswith("ly") and verb > 1 and row[verb - 2].word in _PASSIVE)
