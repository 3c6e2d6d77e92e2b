"""How often the word that was meant is among the three suggested, for slips of the hand in words of the news."""

from __future__ import annotations

import json
import random
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from bot.language.tokens import folded, terms
from bot.search.suggestions import nearest
from tests.sizes import cases

ARTICLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "search" / "time" / "docs.jsonl"
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SLIPS = cases(1_000, few=200)


def beside(letter: str) -> str:
    """The letters whose keys touch that of ``letter``; each row of keys stands half a key further right."""
    at = {key: (2 * column + row, row) for row, line in enumerate(KEYS) for column, key in enumerate(line)}
    x, y = at[letter]
    return "".join(key for key, (a, b) in at.items() if 0 < abs(a - x) + abs(b - y) <= 2 and abs(b - y) < 2)


def slip(word: str, chance: random.Random) -> str:
    """``word`` with a neighbouring key hit, two letters swapped, a letter doubled or a letter missed."""
    at = chance.randrange(len(word) - 1)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    return before + chance.choice(
        [chance.choice(beside(letter)) + after, after[0] + letter + after[1:], letter * 2 + after, after]
    )


@pytest.fixture(scope="module")
def counts() -> Counter[str]:
    """The number of articles with each term."""
    return Counter(term for text in _texts() for term in set(terms(text)))


@pytest.fixture(scope="module")
def written() -> list[str]:
    """Every word of the articles that can be typed wrong, folded, in the order of the letters."""
    found = sorted({word for text in _texts() for word in folded(text)})
    return [word for word in found if word.isascii() and word.isalpha() and terms(word)]


@cache
def _texts() -> list[str]:
    if not ARTICLES.is_file():
        pytest.skip("the test collections (../shared/data) are not on this machine")
    return [json.loads(line)["text"] for line in ARTICLES.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("shortest", "floor"), [(4, 0.93), (6, 0.97)])
def test_the_word_that_was_meant_is_suggested(
    counts: Counter[str], written: list[str], shortest: int, floor: float
) -> None:
    vocabulary = sorted(counts)
    frequencies = [counts[term] for term in vocabulary]
    typed = [word for word in written if len(word) >= shortest]
    chance = random.Random(7)
    found = tried = 0
    while tried < SLIPS:
        meant = chance.choice(typed)
        wrong = slip(meant, chance)
        if any(term in counts for term in terms(wrong)):  # it would have found something
            continue
        tried += 1
        found += terms(meant)[0] in nearest(wrong, vocabulary, frequencies, 3)
    assert found / tried >= floor, f"{found} of {tried}"
