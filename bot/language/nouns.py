"""Noun phrases in a row of signs: names, and nouns with what stands before them. Used by `mentions`.

Every walk goes a bounded number of signs.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from bot.language.names import NOT_PEOPLE, PARTICLES, TITLES
from bot.language.phrases import Sign
from bot.language.saying import ATTRIBUTING_VERBS, SAYING_PARTICIPLES

_MOST_PREMODIFIERS = 7  # "the campaign's longtime senior foreign policy adviser"
_MOST_CHAIN = 4  # "a spokesman for the head of the ministry of health"
_MOST_BRACKETED = 8
_MOST_NOUN_WORDS = 4

_PRONOUN_WORDS = "he she they it i we you"
PRONOUNS: Final = frozenset(_PRONOUN_WORDS.split())
_DETERMINER_WORDS = """
the a an his her its their our my your one some many several most two three four five six this that these those another
other both each every no few all any
"""
DETERMINERS: Final = frozenset(_DETERMINER_WORDS.split())
_LONE_WORDS = "one some many several others both most few"
_LONE: Final = frozenset(_LONE_WORDS.split())  # determiners that can be the whole phrase: "many said"
_PREPOSITION_WORDS = "of for at with from in to on by about near against under over within among behind"
PREPOSITIONS: Final = frozenset(_PREPOSITION_WORDS.split())
_STOP_WORDS = """
that which who whom whose and but or as if when while after before because since than then so yet though although where
why how whether until unless is are was were be been being has have had do does did will would can could should may
might must not said told into through between during without like despite according via per what there here
"""
STOPS: Final = frozenset(_STOP_WORDS.split()) | PREPOSITIONS
_BETWEEN_WORDS = """
also later having once recently repeatedly previously further again himself herself themselves itself 'd ’d just even
now still often always never earlier today yesterday monday tuesday wednesday thursday friday saturday sunday both all
first finally ever instead simply too afternoon morning evening night week 've ’ve n't soon likewise then has had have
did does would will may might could can must is was are were being been not
"""
BETWEEN: Final = frozenset(_BETWEEN_WORDS.split())
"""What may stand between a subject and its verb, besides words in -ly."""
_WEEKDAY_WORDS = "monday tuesday wednesday thursday friday saturday sunday"
WEEKDAYS: Final = frozenset(_WEEKDAY_WORDS.split())
_NOT_NAME_WORDS = """
january february march april june july august september october november december jan feb aug sept in on at but and
after before when while as if for so yet still also now then however there
"""
_NOT_NAMES: Final = frozenset(_NOT_NAME_WORDS.split()) | WEEKDAYS


class MentionKind(StrEnum):
    """What a mention can be told by."""

    NAME = "name"
    PRONOUN = "pronoun"
    NOMINAL = "nominal"


class Mention(NamedTuple):
    """Signs ``first`` to ``last`` (inclusive) of a row; ``reach`` is the first sign of what describes it before it.

    ``head`` are the signs that "who" stands for: "Vale" in "Vale, who said".
    """

    first: int
    last: int
    kind: MentionKind
    reach: int
    head: tuple[int, int] | None = None


def is_name(sign: Sign) -> bool:
    """Whether a sign looks like a part of a name: a capital that the beginning of a sentence does not explain."""
    word = sign.word
    if not sign.capital:
        return word[:1] == "@" and len(word) > 1
    if word in PRONOUNS or word in DETERMINERS or word in _NOT_NAMES or word in SAYING_PARTICIPLES:
        return False
    return not sign.opens or not (
        word in STOPS or word in BETWEEN or word in ATTRIBUTING_VERBS or word.endswith(("ing", "ly"))
    )


def is_possessive(sign: Sign) -> bool:
    """Whether a word says whose something is."""
    return sign.word.endswith(("’s", "'s", "s’", "s'"))


def is_adverb(sign: Sign) -> bool:
    """Whether a word may stand between a name and its verb."""
    return sign.word in BETWEEN or (sign.word.endswith("ly") and not sign.capital)


def run_start(row: Sequence[Sign], last: int, floor: int) -> int:
    """Where the capitalised words that end at ``last`` begin; particles and "of" may stand between them."""
    first = last
    while first > floor and not row[first].opens and not is_possessive(row[first - 1]):
        before = row[first - 1]
        if is_name(before):
            first -= 1
        elif first - 2 >= floor and _links(before.word) and _is_head(row[first - 2], before.word):
            first -= 2
        else:
            break
    return first


def _links(word: str) -> bool:
    return word in PARTICLES or word in ("of", "&")


def _is_head(sign: Sign, link: str) -> bool:
    """Whether a name goes on after ``link``: in "University of Norland", not in "President of Norland"."""
    return is_name(sign) and not is_possessive(sign) and not (link == "of" and sign.word in TITLES)


def run_end(row: Sequence[Sign], first: int, end: int) -> int:
    """Where the capitalised words that begin at ``first`` end, before ``end``."""
    last = first
    while last + 1 < end and not row[last + 1].opens and not is_possessive(row[last]):
        following = row[last + 1].word
        linked = following in PARTICLES or (following == "of" and row[last].word in NOT_PEOPLE)
        if is_name(row[last + 1]):
            last += 1
        elif linked and last + 2 < end and is_name(row[last + 2]):
            last += 2
        else:
            break
    return last


def noun_end(row: Sequence[Sign], index: int, end: int) -> int:
    """The last of the few lower-case words after ``index`` that can be one noun with it."""
    last = index
    while last + 1 < end and last - index < _MOST_NOUN_WORDS and _is_noun(row[last + 1]):
        last += 1
    return last


def _is_noun(sign: Sign) -> bool:
    word = sign.word
    return (
        word[:1].isalpha()
        and not sign.capital
        and not (word in STOPS or word in BETWEEN or word in PRONOUNS)
        and not (word in ATTRIBUTING_VERBS or word in SAYING_PARTICIPLES)
    )


def chain(row: Sequence[Sign], position: int, floor: int) -> Mention | None:
    """The noun phrase that ends at ``position``, by the noun it hangs on: "a friend of Ruiz" is the friend."""
    found = phrase(row, position, floor)
    for _ in range(_MOST_CHAIN):
        if found is None or found.kind is MentionKind.PRONOUN or found.reach - 2 < floor:
            break
        link = row[found.reach - 1].word
        if link != "and" and link not in PREPOSITIONS:
            break
        head = phrase(row, found.reach - 2, floor)
        if head is None:
            break
        if link == "and":
            return Mention(head.first, found.last, MentionKind.NOMINAL, head.reach)
        if head.kind is MentionKind.PRONOUN:
            break
        if found.kind is MentionKind.NAME and found.reach == found.first and row[head.last].word in TITLES:
            return Mention(head.first, found.last, head.kind, head.reach)  # "Secretary of Defense Dana Ruiz"
        last = head.last if head.kind is MentionKind.NAME else found.last
        found = Mention(head.first, last, head.kind, head.reach)
    return found


def phrase(row: Sequence[Sign], position: int, floor: int) -> Mention | None:
    """The noun phrase without prepositions that ends at ``position``."""
    if position < floor or row[position].quote >= 0:
        return None
    sign = row[position]
    if sign.word in PRONOUNS:
        return Mention(position, position, MentionKind.PRONOUN, position)
    if sign.word == ")":
        return _before_bracket(row, position, floor)
    if is_name(sign) and not is_possessive(sign):
        first = run_start(row, position, floor)
        return Mention(first, position, MentionKind.NAME, premodified(row, first, floor))
    if not sign.word[:1].isalpha() or sign.word in STOPS or sign.word in BETWEEN or sign.word in ATTRIBUTING_VERBS:
        return None
    return _nominal(row, position, floor)


def _nominal(row: Sequence[Sign], position: int, floor: int) -> Mention | None:
    """The phrase of the common noun at ``position``: with an article, in the plural, or first in its sentence."""
    first = premodified(row, position, floor)
    opener = row[first]
    if opener.word in DETERMINERS or is_possessive(opener):
        fits = first < position or opener.word in _LONE
    else:
        fits = row[position].word.endswith("s") or row[position].word == "people" or opener.capital or first == floor
    return Mention(first, position, MentionKind.NOMINAL, first) if fits else None


def _before_bracket(row: Sequence[Sign], position: int, floor: int) -> Mention | None:
    index = position
    while index > max(floor, position - _MOST_BRACKETED) and row[index].word != "(":
        index -= 1
    return phrase(row, index - 1, floor)


def premodified(row: Sequence[Sign], first: int, floor: int) -> int:
    """Where the words before a noun that belong to it begin: "[the ministry's chief] spokesman"."""
    index = first
    while index > floor and first - index < _MOST_PREMODIFIERS:
        sign = row[index - 1]
        if sign.quote >= 0 or not sign.word[0].isalnum() or sign.word in STOPS or sign.word in PRONOUNS:
            break
        if sign.word in ATTRIBUTING_VERBS or (sign.word in BETWEEN and sign.word != "first"):
            break
        index -= 1
        if sign.word in DETERMINERS:
            break
    if index < first and row[index].opens and row[index].word in _NOT_NAMES:
        index += 1
    return index
