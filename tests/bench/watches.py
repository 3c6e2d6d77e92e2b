"""What a thousand watches cost when an article comes in: a section of ``python -m tests.bench``.

The articles are the starter library's, of 1,000 words each as in `tests.bench.summaries`; the watches are of words,
phrases, exclusions, outlets and speakers taken from these very articles, so that many of them are candidates. All is
counted: taking the article apart, comparing, and choosing passages. By themselves: ``python -m tests.bench.watches``.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import date
from random import Random

from rich.console import Console

from bot.language.analysis import analyse
from bot.language.tokens import terms
from bot.model import Article, Passage
from bot.search.percolation import Incoming, Percolator
from bot.search.query import Query
from tests.bench.measure import Figure, percentile
from tests.bench.summaries import WORDS, articles

WATCHES = 1_000
ROUNDS = 10
UNDER_MS = 50.0
_SEED = 4_711


@dataclass(frozen=True)
class WatchesRow:
    """The processor's time for each article in milliseconds, every article `ROUNDS` times.

    ``matched`` is how many watches did, on average.
    ``worst_ms`` are the times where every watch matches every article.
    """

    watches: int
    matched: float
    taken_ms: tuple[float, ...]
    worst_ms: tuple[float, ...]

    @property
    def median_ms(self) -> Figure:
        return percentile(self.taken_ms, 50)

    @property
    def p99_ms(self) -> Figure:
        return percentile(self.taken_ms, 99)

    @property
    def worst_p99_ms(self) -> Figure:
        return percentile(self.worst_ms, 99)

    def __str__(self) -> str:
        verdict = "met" if max(self.p99_ms or 0.0, self.worst_p99_ms or 0.0) < UNDER_MS else "not met"
        return (
            f"{self.watches:,} watches and an article of {WORDS:,} words: median {self.median_ms:.1f} ms, "
            f"p99 {self.p99_ms:.1f} ms, {self.matched:.0f} matched; where all of them match p99 "
            f"{self.worst_p99_ms:.1f} ms (wanted: under {UNDER_MS:g} ms; {verdict})"
        )


def measure() -> WatchesRow:
    """By the processor's time, which other processes do not lengthen: it runs in a thread, and nobody waits for it."""
    made = articles(WORDS)
    stored = [analyse("", article.text).passages for article in made]
    frequencies = Counter(term for article in made for term in set(terms(article.text)))
    chance = Random(_SEED)
    queries = [_query(chance, chance.choice(made)) for _ in range(WATCHES)]
    usual, matched = _timed(made, stored, Percolator(dict(enumerate(queries)), lambda term: frequencies[term]))
    common = [term for term, count in frequencies.items() if count == len(made)]
    everywhere = [_asked(" ".join(chance.sample(common, 3))) for _ in range(WATCHES)]
    worst, _ = _timed(made, stored, Percolator(dict(enumerate(everywhere)), lambda term: frequencies[term]))
    return WatchesRow(WATCHES, matched / len(usual), tuple(usual), tuple(worst))


def _timed(made: list[Article], stored: list[tuple[Passage, ...]], percolator: Percolator) -> tuple[list[float], int]:
    """Milliseconds of each article, and how often a watch matched in all."""
    taken, matched = [], 0
    for _ in range(ROUNDS):
        for article, passages in zip(made, stored, strict=True):
            start = time.thread_time()
            matched += len(percolator.matches(Incoming(article, passages, title_in_text=True)))
            taken.append((time.thread_time() - start) * 1_000)
    return taken, matched


def _query(chance: Random, article: Article) -> Query:
    """One of five kinds, of words that stand in ``article``."""
    words = article.text.split()
    place = chance.randrange(len(words) - 3)
    one, other = words[place], chance.choice(words)
    phrase = " ".join(words[place : place + 3]).replace('"', "")
    kind = chance.randrange(5)
    return _asked([one, f"{one} {other}", f'"{phrase}"', f"{one} -{other}", f"{one} speaker:{other}"][kind])


def _asked(text: str) -> Query:
    return Query.of(text, today=date(2026, 1, 1))


if __name__ == "__main__":
    Console().print(str(measure()), highlight=False)
    sys.exit(0)
