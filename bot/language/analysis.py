"""What a text is taken apart into, once, before it is stored: passages, speech, and the counts that search is made of.

stored text -> `blocks` -> `speech` -> `passages` -> `counting` -> `Analysis`, which the corpus keeps with the article.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.language.blocks import blocks
from bot.language.counting import Counted, count
from bot.language.passages import passages
from bot.language.speech import speeches
from bot.model import Passage, Speech

ANALYSIS_VERSION: Final = 4
"""Whoever changes what comes out of `analyse` for some text raises it: libraries are then read anew when opened."""


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """The passages and the speech of a text in its order, and how often each term stands in it and in each passage."""

    passages: tuple[Passage, ...]
    speeches: tuple[Speech, ...]
    counted: Counted


def analyse(title: str, text: str) -> Analysis:
    """Take a cleaned text apart. ``title`` is empty where it stands in the text: its words are counted once."""
    parts = blocks(text)
    said = speeches(text, parts)
    found = tuple(passages(text, parts, said))
    return Analysis(found, tuple(said), count(title, text, found))
