"""How names of outlets and people are compared: by their folded words, whatever their case, accents and quotes.

One rule for limits (``source:``, ``speaker:``) and for autocomplete.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from bot.language.people import name_key as person_key
from bot.language.tokens import words
from bot.language.variants import word_key

_LONGEST_NAME_CHARS = 300


@lru_cache(maxsize=8_192)
def name_key(name: str) -> str:
    """A name of an outlet or a person as names are compared: its folded words; an emoji or a mark alone as it is."""
    name = name[:_LONGEST_NAME_CHARS]
    return " ".join(token.term for token in words(name)) or name.strip().casefold()


def part_of(typed: str) -> Callable[[str], bool]:
    """A test of a name's `name_key`: whether what is typed is a part of it. "york tim" is of The New York Times."""
    wanted = name_key(typed)
    return lambda key: wanted in key


def named_by(typed: str) -> Callable[[str], bool]:
    """A test of a name's `name_key`: whether each word typed begins a word of it, or is one in another spelling.

    "zelensk" names Volodymyr Zelensky, and so does "zelenskyy".
    """
    wanted = [(f" {word}", word_key(word)) for word in name_key(typed).split()]

    def is_named(key: str) -> bool:
        spaced = f" {key}"
        return all(begun in spaced or variant in map(word_key, key.split()) for begun, variant in wanted)

    return is_named


def same_person(one: str, other: str) -> bool:
    """Whether two names may be one person's, whatever titles and spellings: one is part of the other, or both have
    the same surname and first names of which one begins the other ("J. Ruiz", "Juan Carlos Ruiz")."""
    first, second = person_key(one), person_key(other)
    if set(first) <= set(second) or set(second) <= set(first):
        return True
    return first[-1] == second[-1] and (first[0].startswith(second[0]) or second[0].startswith(first[0]))
