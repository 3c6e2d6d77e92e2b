"""How names of outlets and people are compared: by their folded words, whatever their case, accents and quotes.

One rule for limits (``source:``, ``speaker:``) and for autocomplete.
"""

from __future__ import annotations

from functools import lru_cache

from bot.language.tokens import words

_LONGEST_NAME_CHARS = 300


@lru_cache(maxsize=8_192)
def name_key(name: str) -> str:
    """A name of an outlet or a person as names are compared: its folded words; an emoji or a mark alone as it is."""
    name = name[:_LONGEST_NAME_CHARS]
    return " ".join(token.term for token in words(name)) or name.strip().casefold()


def holds_words(typed: str, key: str) -> bool:
    """Whether what is typed is a part of the name with this `name_key`: "york tim" is of The New York Times."""
    return name_key(typed) in key


def begins_words(typed: str, key: str) -> bool:
    """Whether each word typed begins a word of the name with this `name_key`: "zelensk" of Volodymyr Zelensky."""
    spaced = f" {key}"
    return all(f" {word}" in spaced for word in name_key(typed).split())
