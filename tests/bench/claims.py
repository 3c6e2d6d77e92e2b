"""Synthetic claims: sentences of the library as they are, with words left out and changed, and foreign ones."""

from __future__ import annotations

import random
from collections.abc import Iterator

from bot.search.checks import Verdict
from tests.bench.articles import article, article_count
from tests.bench.text import SEED, Passages, passages

_FEWEST_WORDS = 12
_FOREIGN = 1_000  # passages of another seed, enough that no claim is made twice
_FOREIGN_SEED = SEED + 7


def claims(of: Passages, count: int, seed: int = SEED) -> dict[str, Verdict]:
    """``count`` claims in turn word for word, near and foreign, each with the verdict it must get."""
    chance = random.Random(seed)
    own, foreign = _sentences(of, chance), _sentences(passages(_FOREIGN, _FOREIGN_SEED), chance)
    made: dict[str, Verdict] = {}
    while len(made) < count:
        made[next(own)] = Verdict.EXACT
        made[_edited(next(own), chance)] = Verdict.NEAR
        made[next(foreign)] = Verdict.NOT_FOUND
    return dict(list(made.items())[:count])


def _sentences(of: Passages, chance: random.Random) -> Iterator[str]:
    """Sentences drawn from all articles."""
    while True:
        text = article(of, chance.randrange(article_count(of))).text
        sentence = chance.choice(text.replace("\n\n", " ").split(". ")).rstrip(".")
        if len(sentence.split()) >= _FEWEST_WORDS:
            yield sentence


def _edited(sentence: str, chance: random.Random) -> str:
    """One word left out and another changed."""
    words = sentence.split()
    del words[chance.randrange(1, len(words) - 1)]
    words[chance.randrange(1, len(words) - 1)] = "altogether"
    return " ".join(words)
