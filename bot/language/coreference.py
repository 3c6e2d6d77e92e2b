"""Whom a mention stands for in its article: "Vale", "he", "the minister", "the ministry". Used by `speech`.

Only the article is evidence. A surname stands for the one full name with it; a pronoun for the person of its gender
last spoken of, those that are the subject of their sentence before others; a title for the one name it goes with.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Final

from bot.language.genders import FEMALE_NAMES, MALE_NAMES
from bot.language.names import NOT_PEOPLE, full_names, without_titles
from bot.language.turns import NOT_SPEAKERS
from bot.model import Span

_CAPITALISED = re.compile(r"[A-ZÀ-Þ][\w’'-]+")
_POSSESSIVE = ("’s", "'s", "’", "'")
_GROUPS_WORDS = """
democrats republicans officials americans russians ukrainians critics experts sources analysts lawmakers reporters
police voters researchers scientists supporters opponents aides nobody everyone everybody someone others people mr mrs
ms dr god conservatives liberals progressives independents christians muslims jews catholics evangelicals hispanics
latinos mexicans europeans germans chinese israelis palestinians iranians senators congressmen mayors governors
monday tuesday wednesday thursday friday saturday sunday
"""
_GROUPS: Final = frozenset(_GROUPS_WORDS.split())
_MASCULINE = frozenset({"he", "him", "his"})
_TITLED = re.compile(r"\b(Mrs?|Ms|Miss|Sir)\b\.?\s$")
_PRONOUN_AFTER = re.compile(r"[^.\n“”\"]{0,80}?\b(he|his|him|she|her)\b")
_MOST_MENTIONS = 24  # looked at, going back from a pronoun
_FARTHEST_CHARS, _FARTHEST_TITLE_CHARS = 1_200, 30_000
_MOST_GENDER_MENTIONS = 40
_GOVERNED = re.compile(
    r"\b(?:to|with|for|of|by|on|against|about|from|than|at|like|over|under|and|in|between)\s(?:[A-Z][\w.’'-]*\s){0,3}$"
)
_SENTENCE_START = re.compile(r"(?:^|[.!?:”\"\n]\s*)(?:(?:But|And|Yet|Still|So),?\s)?(?:[A-Z][\w.’'-]*\s){0,4}$")
_HEADS = re.compile(r"the\s(?:[\w-]+\s){0,2}([\w-]+)$", re.IGNORECASE)
_MOST_TITLE_LOOKUPS = 8
_MOST_TOPICS = 100  # looked for in the whole text
_CLEAR_LEAD = 5.0  # in salience, before anybody else a pronoun can mean
_ADJACENT_LINES = 2
_NAME_REACH_CHARS = 90
_NAME_AFTER = re.compile(r" ((?:[A-Z](?:\.|[\w’-]+) ?){1,4})")  # "Prime Minister [Bo Vale]"
_NAME_BEFORE = re.compile(r"(?:[A-Z][\w.-]+ ){1,5}$")  # "the [Norland Trade ]Ministry"
_APPOSED = re.compile(r"([A-Z][\w’-]+), (?:[\w.’-]+ ){0,8}$")  # "[Vale], the former prime minister"


@dataclass(frozen=True, slots=True)
class Person:
    """A name that somebody goes by, and where in the text it is evident."""

    name: str
    span: Span
    near: bool = False  # the one it can be: named there or in the paragraph before, and nobody else of its gender


class People:
    """Those named in one article.

    ``speakers`` are mentions that a verb of saying marks as names; ``topics`` are what sentences before a "he said" are
    about, which may be a noun that only its place makes a capital: "Towns are different."
    """

    def __init__(
        self,
        text: str,
        speakers: Iterable[str] = (),
        topics: Iterable[str] = (),
        quoted: Sequence[Span] = (),
    ) -> None:
        self._text = text
        self._known = full_names(text)
        self._speakers = {name for mention in speakers if (name := self.named(mention))}
        some = islice(dict.fromkeys(topics), _MOST_TOPICS)
        self._speakers |= {name for mention in some if (name := self.named(mention)) and self._is_evident(name)}
        self._quoted = quoted
        self._quote_starts = [span.start for span in quoted]
        self._said: list[Person] = []
        self._genders: dict[str, str | None] = {}

    def named(self, mention: str) -> str | None:
        """The fullest name for ``mention``, which is a name as written; None where it names no one."""
        words = mention.split()
        if (
            not words
            or words[-1].lower().rstrip(".,") in _GROUPS
            or (len(words) == 1 and mention.lower() in NOT_SPEAKERS)
        ):
            return None
        name = without_titles(mention)
        name = name.title() if name.isupper() and name.title() in self._known else name  # a transcript's "VALE"
        person, of, _ = name.partition(" of ")  # "President Ruiz of Norland"
        name = person if of and person in self._known else name
        return None if name.startswith("of ") else self._known.get(name, name) or None

    def _is_evident(self, name: str) -> bool:
        """Whether the article has a name elsewhere than where a sentence begins."""
        return name in self._known or re.search(rf"[\w,;] {re.escape(name)}\b", self._text) is not None

    def spoke(self, name: str, span: Span) -> None:
        """Remember who spoke at ``span``: those who speak are spoken of."""
        self._said.append(Person(name, span))

    def by_pronoun(self, pronoun: str, position: int) -> Person | None:
        """Whom "he" or "she" at ``position`` stands for."""
        wanted = {"he": "m", "she": "f"}.get(pronoun.lower())
        if wanted is None:
            return None
        scored = []
        for person, spoken in self._before(position):
            gender = self._gender(person.name)
            if gender in (None, wanted):
                score = self._salience(person, position, spoken=spoken, sure=gender is not None)
                scored.append((score, spoken, person))
        if not scored:
            return None
        score, spoken, best = max(scored, key=lambda one: one[0])
        lead = score - max((other for other, _, person in scored if person.name != best.name), default=-math.inf)
        paragraph = self._paragraph(position)
        if best.span.start >= paragraph:
            named = {person.name for _, _, person in scored if person.span.start >= paragraph}
            return replace(best, near=spoken or len(named) == 1)
        # Of the paragraph before, the one man or woman it tells of: as often right as where the paragraph itself names
        # only one (0.82 and 0.84 on train, whose own names are right to some 0.87).
        adjacent = self._text.count("\n", best.span.end, position) <= _ADJACENT_LINES
        told = not spoken and self._gender(best.name) == wanted
        return replace(best, near=adjacent and told and lead >= _CLEAR_LEAD)

    def by_title(self, mention: str, position: int) -> Person | None:
        """Who or what "the minister" or "the ministry" at ``position`` is.

        None where several names go with the title, and none or more than one of them stands in its paragraph.
        """
        match = _HEADS.match(mention)
        if match is None or match[1].lower().endswith("s"):
            return None
        head = match[1]
        found: dict[str, Person] = {}
        end = position
        for _ in range(_MOST_TITLE_LOOKUPS):
            end = self._lowered.rfind(head.lower(), max(0, position - _FARTHEST_TITLE_CHARS), end)
            if end < 0:
                break
            if person := self._titled(end, end + len(head)):
                found.setdefault(person.name, person)
        if len(found) > 1:
            paragraph = self._paragraph(position)
            near = {person.name: person for person, _ in self._before(position) if person.span.start >= paragraph}
            found = {name: near[name] for name in found if name in near}
        return next(iter(found.values())) if len(found) == 1 else None

    def _paragraph(self, position: int) -> int:
        return self._text.rfind("\n", max(0, position - _FARTHEST_CHARS), position) + 1

    @cached_property
    def _lowered(self) -> str:
        lowered = self._text.lower()
        return lowered if len(lowered) == len(self._text) else self._text  # "İ" grows

    def _titled(self, start: int, end: int) -> Person | None:
        """The name that goes with the title at ``start``: "Prime Minister Bo Vale", "Bo Vale, the minister"."""
        text = self._text
        if text[end : end + 1].isalnum() or (start and (text[start - 1].isalnum())):
            return None
        if text[start].isupper() and text[start:end].lower() in NOT_PEOPLE:
            before = _NAME_BEFORE.search(text, max(0, start - _NAME_REACH_CHARS), start)
            name = before and without_titles(before[0].strip() + " " + text[start:end])
            return Person(name, Span(start - len(before[0]), end)) if before and name else None
        if after := _NAME_AFTER.match(text, end, end + _NAME_REACH_CHARS):
            words = after[1].strip()
            name = self._known.get(without_titles(words.rstrip(".,").removesuffix("’s").removesuffix("'s")))
            if name:
                return Person(name, Span(end + 1, end + 1 + len(words)))
        if before := _APPOSED.search(text, max(0, start - _NAME_REACH_CHARS), start):
            name = self._known.get(before[1])
            if name:
                return Person(name, Span(start - len(before[0]), start - len(before[0]) + len(before[1])))
        return None

    @cached_property
    def _mentions(self) -> list[Person]:
        """All places where somebody's surname stands outside quotations."""
        surnames = {name.split()[-1]: full for name, full in self._known.items()}
        surnames |= {name.split()[-1]: name for name in self._speakers if name.split()[-1].lower() not in NOT_PEOPLE}
        found = []
        for match in _CAPITALISED.finditer(self._text):
            word = match[0]
            bare = word[:-2] if word.endswith(_POSSESSIVE[:2]) else word.rstrip("’'")
            if (name := surnames.get(bare)) and not self._is_quoted(match.start()):
                found.append(Person(name, Span(match.start(), match.start() + len(bare))))
        return found

    @cached_property
    def _by_name(self) -> defaultdict[str, list[Person]]:
        found: defaultdict[str, list[Person]] = defaultdict(list)
        for person in self._mentions:
            found[person.name].append(person)
        return found

    @cached_property
    def _starts(self) -> list[int]:
        return [person.span.start for person in self._mentions]

    def _is_quoted(self, position: int) -> bool:
        index = bisect_left(self._quote_starts, position + 1) - 1
        return index >= 0 and self._quoted[index].end > position

    def _before(self, position: int) -> list[tuple[Person, bool]]:
        last = bisect_left(self._starts, position)
        named = [(person, False) for person in self._mentions[max(0, last - _MOST_MENTIONS) : last]]
        said = [(person, True) for person in self._said[-4:] if person.span.start < position]
        return [pair for pair in named + said if position - pair[0].span.start <= _FARTHEST_CHARS]

    def _salience(self, person: Person, position: int, *, spoken: bool, sure: bool) -> float:
        text = self._text
        start, end = person.span.start, person.span.end
        before = text[max(0, start - 60) : start]
        score = -(position - end) / 120 - 2.0 * text.count("\n\n", end, position)
        if spoken:
            score += 2.5
        if text[end : end + 2] in _POSSESSIVE:
            score -= 1.5
        if _SENTENCE_START.search(before):
            score += 1.5
        elif _GOVERNED.search(before):
            score -= 1.5
        return score + (2.0 if sure else 0.0)

    def _gender(self, name: str) -> str | None:
        """ "m", "f" or None where the article leaves it open."""
        if name not in self._genders:
            self._genders[name] = self._gender_of(name)
        return self._genders[name]

    def _gender_of(self, name: str) -> str | None:
        words = name.split()
        first = words[0].lower().rstrip(".")
        if len(words) > 1 and first in MALE_NAMES:
            return "m"
        if len(words) > 1 and first in FEMALE_NAMES:
            return "f"
        votes: Counter[str] = Counter()
        for person in self._by_name[name][:_MOST_GENDER_MENTIONS]:
            if title := _TITLED.search(self._text, max(0, person.span.start - 7), person.span.start):
                return "m" if title[1] in ("Mr", "Sir") else "f"
            if pronoun := _PRONOUN_AFTER.match(self._text, person.span.end):
                votes["m" if pronoun[1] in _MASCULINE else "f"] += 1
        if votes["m"] > 2 * votes["f"]:
            return "m"
        return "f" if votes["f"] > 2 * votes["m"] else None
