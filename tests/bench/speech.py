"""Measures how fast speech is read from articles: ``python -m tests.bench.speech [FILE]``.

FILE holds one JSON object with a ``text`` a line; without it the annotated articles in ../shared/data are read. Prints
articles a second in one process for blocks and speech together, the best of three rounds, and the memory at its peak.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bot.language.blocks import blocks
from bot.language.speech import speeches
from tests.bench.measure import peak_mb

ARTICLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "speech" / "dev.jsonl"
ROUNDS = 3


def articles_per_second(texts: Sequence[str]) -> float:
    """The best of `ROUNDS` rounds, in processor time: what else the machine does is left out."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for text in texts:
            speeches(text, blocks(text))
        seconds.append(time.process_time() - start)
    return len(texts) / min(seconds)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run with these command-line arguments (None: the process's own); the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    path = Path(given[0]) if given else ARTICLES
    texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    rate = articles_per_second(texts)
    characters = sum(map(len, texts)) / len(texts)
    Console().print(
        f"{len(texts)} articles of {characters:,.0f} characters: {rate:,.0f} a second, {peak_mb() or 0:.0f} MB",
        highlight=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
