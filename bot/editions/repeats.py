"""Which quotations are the same statement, printed again in other words around it or cut elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

_REPEATED: Final = 0.5  # share of a quotation's runs of four words that another one has
_RUN_WORDS: Final = 4

Run = tuple[str, ...]


def grouped(texts: Sequence[str]) -> list[int]:
    """For each text the position of the fullest one that says the same, its own where none does.

    The longest come first, so that a part of a statement is its repetition. Takes time linear in the words.
    """
    heard: dict[Run, int] = {}
    groups = list(range(len(texts)))
    words = [words_of(text) for text in texts]
    for place in sorted(range(len(texts)), key=lambda place: (-len(words[place]), words[place], place)):
        runs = _runs(words[place])
        known = Counter(heard[run] for run in runs if run in heard)
        group, shared = min(known.items(), key=lambda item: (-item[1], item[0])) if known else (place, 0)
        if shared and shared >= _REPEATED * len(runs):
            groups[place] = group
        for run in runs:
            heard.setdefault(run, groups[place])
    return groups


def words_of(text: str) -> list[str]:
    """The words of a text as quotations are compared: folded, without marks."""
    return re.findall(r"\w+", text.casefold())


def _runs(words: Sequence[str]) -> set[Run]:
    return {tuple(words[at : at + _RUN_WORDS]) for at in range(max(1, len(words) - _RUN_WORDS + 1))}
