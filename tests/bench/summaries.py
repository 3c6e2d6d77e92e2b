"""Measures how long a summary of an article of 1,000 words takes: a section of ``python -m tests.bench``.

The articles are the starter library's, one after the other until they have so many words, begun with each in turn; by
themselves: ``python -m tests.bench.summaries``.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

from rich.console import Console

from bot.editions.summaries import LENGTHS, summarize
from bot.model import Article
from bot.reading.documents import read_document
from tests.bench.measure import Figure, percentile

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
WORDS = 1_000
ROUNDS = 10
UNDER_MS = 20.0


@dataclass(frozen=True)
class SummaryRow:
    """The time of each summary in milliseconds, every article in every length, `ROUNDS` times."""

    articles: int
    words: int
    taken_ms: tuple[float, ...]

    @property
    def median_ms(self) -> Figure:
        return percentile(self.taken_ms, 50)

    @property
    def p99_ms(self) -> Figure:
        return percentile(self.taken_ms, 99)

    def __str__(self) -> str:
        verdict = "met" if (self.p99_ms or 0.0) < UNDER_MS else "not met"
        return (
            f"Summaries of {self.articles} articles of {self.words:,} words: median {self.median_ms:.1f} ms, "
            f"p99 {self.p99_ms:.1f} ms (wanted: under {UNDER_MS:g} ms; {verdict})"
        )


def measure() -> SummaryRow:
    """By the clock: it is what a person waits for."""
    made = articles(WORDS)
    taken = []
    for _ in range(ROUNDS):
        for article in made:
            for length in LENGTHS:
                start = time.perf_counter()
                summarize(article, length)
                taken.append((time.perf_counter() - start) * 1_000)
    return SummaryRow(len(made), min(article.words for article in made), tuple(taken))


def articles(words: int) -> list[Article]:
    """As many as the starter library has, of whole paragraphs, each of at least ``words`` words."""
    documents = [read_document(path.name, path.read_bytes()) for path in sorted(SEEDS.glob("[0-9]*.md"))]
    texts = [document.text.strip() for document in documents]
    return [_article(number, documents[number].title, _from(texts, number, words)) for number in range(len(texts))]


def _from(texts: list[str], first: int, words: int) -> str:
    """The paragraphs of ``texts`` from number ``first`` on, as many as it takes."""
    kept: list[str] = []
    paragraphs = (paragraph for text in islice(cycle(texts), first, None) for paragraph in text.split("\n\n"))
    while sum(len(paragraph.split()) for paragraph in kept) < words:
        kept.append(next(paragraphs))
    return "\n\n".join(kept)


def _article(number: int, title: str, text: str) -> Article:
    added = datetime(2026, 1, 1, tzinfo=UTC)
    return Article(number, 0, number, title, None, (), None, None, added, None, None, len(text.split()), text)


def main() -> int:
    Console().print(str(measure()), highlight=False, soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
