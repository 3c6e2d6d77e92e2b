"""Which names are one person's: spellings of a name joined over articles, and a surname with the one who bears it.

Names as articles give them -> `Person`. What an admin has said of a name counts before the rules. Never a guess: where
two people bear a surname, the surname alone stays a name of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from bot.language.names import without_titles
from bot.language.tokens import words
from bot.language.variants import word_key
from bot.model import Person

_SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv"})

Key = tuple[str, ...]
"""The folded words of a name, each as all its spellings have it, without titles, initials and "Jr."."""


def people(uses: Mapping[str, int], told: Mapping[str, str] | None = None) -> list[Person]:
    """The people whose names these are, most quoted first; ``uses`` counts how often each name is quoted.

    ``told`` is the admins' list: the person of a name. A person is called by the fullest of the names, of several the
    one used most; if told, by what was told.
    """
    told = told or {}
    groups: defaultdict[Key, list[str]] = defaultdict(list)
    keys = {name: name_key(name) for name in uses if name not in told}
    bearers = _bearers(keys.values())
    for name, key in keys.items():
        groups[_full(key, bearers)].append(name)
    for name in uses:
        if name in told:
            groups[_told_key(told[name], keys, bearers)].append(name)
    called = {_told_key(person, keys, bearers): person for name, person in told.items() if name in uses}
    found = [_person(names, uses, called.get(key)) for key, names in groups.items()]
    return sorted(found, key=lambda person: (-person.uses, person.name))


def _told_key(person: str, keys: Mapping[str, Key], bearers: Mapping[str, set[Key]]) -> Key:
    """The group of a person an admin names: that of the name, where the rules know one; else one of its own."""
    return _full(keys[person], bearers) if person in keys else ("", person)


def _person(names: list[str], uses: Mapping[str, int], called: str | None) -> Person:
    fullest = max(sorted(names), key=lambda name: (len(name_key(name)), uses[name]))
    return Person(called or fullest, tuple(sorted(names)), sum(uses[name] for name in names))


@lru_cache(maxsize=32_768)
def name_key(name: str) -> Key:
    """What the spellings of a full name have in common; a name of marks alone is its own key."""
    folded = [token.term for token in words(without_titles(name) or name)]
    kept = [word for word in folded if len(word) > 1 and word not in _SUFFIXES] or folded
    return tuple(map(word_key, kept)) or (name,)


def _bearers(keys: Iterable[Key]) -> dict[str, set[Key]]:
    """By surname, the fuller names that end in it."""
    found: defaultdict[str, set[Key]] = defaultdict(set)
    for key in keys:
        if len(key) > 1:
            found[key[-1]].add(key)
    return found


def _full(key: Key, bearers: Mapping[str, set[Key]]) -> Key:
    """The fuller name a surname stands for, where there is one alone."""
    fuller = bearers.get(key[0], set()) if len(key) == 1 else set()
    return next(iter(fuller)) if len(fuller) == 1 else key
