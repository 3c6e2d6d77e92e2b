"""How numbers of things are written, in cards and in the terminal alike."""

from __future__ import annotations


def counted(number: int, noun: str, nouns: str | None = None) -> str:
    """ "1 story", "1,200 articles"; ``nouns`` where the plural is not the noun with an s."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"
