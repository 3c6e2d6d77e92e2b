"""Floors for summaries of a topic on the ECB+ texts: do the lines tell of the event asked for, and each its own thing?

The library holds all 496 texts, in which events come in pairs that are easily taken for one another. Each event is
asked for by the terms that tell it best from the others (document frequency in it, times idf): two, as people ask, or
four. On topic is the share of lines from articles on that event; redundancy is, for each line, the cosine of its terms
with the line most like it, in the mean. Beside it stand the first sentences of the same search's articles, as many
words. There is no other part of these texts: settings are round numbers that move the figures little. ``pytest -s``
prints them.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.editions.context import leans_back
from bot.editions.repeats import grouped
from bot.editions.salience import bag_of_terms, likeness, quotable_sentences
from bot.editions.summaries import LENGTHS
from bot.editions.topics import MOST_ARTICLES, TopicSummary
from bot.language.tokens import terms
from bot.model import SHARED, Document, Hit
from bot.newsdesk import Length, Newsdesk
from tests.stored import store_many

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "stories" / "ecbplus_dev.jsonl"
DIGEST = "f729b5433331fa997554319b60ad080eb601619c88a03e8cc499efa66ac1d945"
ON_TOPIC_FLOORS = {2: 0.86, 4: 0.95}
"""By the number of terms asked for; reached are 0.877 and 0.970, what search finds being the bound."""
REDUNDANCY_CEILING = 0.33  # reached: 0.304 and 0.281; first sentences 0.489 and 0.509
LENGTH: Length = "medium"

pytestmark = pytest.mark.long

Lines = list[tuple[str, str | None]]
"""Texts, each with its article's own id."""


@dataclass(frozen=True)
class Told:
    """What the library says about one event when asked with so many terms, and what it found."""

    event: str
    asked: int
    summary: TopicSummary
    hits: list[Hit]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    if not DATA.is_file():
        pytest.skip("the ECB+ texts (../shared/data) are not on this machine")
    data = DATA.read_bytes()
    assert hashlib.sha256(data).hexdigest() == DIGEST, "other data: measure again before comparing with the floors"
    return [json.loads(line) for line in data.decode("utf-8").splitlines()]


@pytest.fixture(scope="module")
def told(rows: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> list[Told]:
    """Every event asked for through the whole product."""

    async def ask() -> list[Told]:
        url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('topics') / 'newsdesk.db'}"
        async with Newsdesk.open(url, bot=True) as newsdesk:
            texts = [Document(row["id"], "", row["text"], source_id=row["id"]) for row in rows]
            await store_many(newsdesk, SHARED, texts)
            found = []
            for event, words in _questions(rows).items():
                for asked in ON_TOPIC_FLOORS:
                    query = newsdesk.query(" ".join(words[:asked]))
                    summary = await newsdesk.topic_summary(SHARED, query, LENGTH)
                    found.append(Told(event, asked, summary, await newsdesk.search(SHARED, query, MOST_ARTICLES)))
            return found

    return asyncio.run(ask())


def _questions(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """For each event the words, as they are written, of the terms that tell it best, the best first."""
    holders: Counter[str] = Counter()
    within: dict[str, Counter[str]] = defaultdict(Counter)
    written: dict[str, str] = {}
    for row in rows:
        for word in row["text"].split():
            for term in terms(word):
                written.setdefault(term, word.strip(".,;:!?()\"'`“”"))
        bag = set(terms(row["text"]))
        holders.update(bag)
        within[row["event"]].update(bag)

    def best(event: str) -> list[str]:
        weights = {term: n * math.log(len(rows) / holders[term]) for term, n in within[event].items()}
        return sorted(weights, key=lambda term: (-weights[term], term))[: max(ON_TOPIC_FLOORS)]

    return {event: [written[term] for term in best(event)] for event in within}


def _first_sentences(hits: list[Hit], most_words: int) -> Lines:
    """The first sentences of what was found, one of each article in turns, as long as they fit."""
    found = [[(one.text, hit.article.source_id) for one in quotable_sentences(hit.article.text)] for hit in hits]
    kept: Lines = []
    for text, source in (lines[turn] for turn in range(3) for lines in found if turn < len(lines)):
        if sum(len(one.split()) for one, _ in kept) + len(text.split()) > most_words:
            break
        kept.append((text, source))
    return kept


@pytest.mark.parametrize("asked", ON_TOPIC_FLOORS)
def test_a_summary_of_a_topic_keeps_to_it_and_does_not_repeat_itself(
    rows: list[dict[str, Any]], told: list[Told], asked: int
) -> None:
    event_of = {row["id"]: row["event"] for row in rows}
    ours, firsts = _Figures(event_of), _Figures(event_of)
    made = [one for one in told if one.asked == asked]
    for one in made:
        ours.add(one.event, [(line.span.of(line.article.text), line.article.source_id) for line in one.summary.lines])
        firsts.add(one.event, _first_sentences(one.hits, LENGTHS[LENGTH]))
    sources = sum(len(one.summary.articles) for one in made) / len(made)
    print(  # noqa: T201
        f"\ntopics, {len(made)} events by {asked} terms: {ours}; first sentences: {firsts}; "
        f"{len(ours.on_topic) / len(made):.1f} lines from {sources:.1f} articles"
    )
    assert ours.share_on_topic >= ON_TOPIC_FLOORS[asked]
    assert ours.redundancy <= REDUNDANCY_CEILING
    assert ours.redundancy < 0.7 * firsts.redundancy


@dataclass
class _Figures:
    event_of: dict[str, str]
    on_topic: list[bool] = field(default_factory=list)
    redundant: list[float] = field(default_factory=list)

    def add(self, event: str, lines: Lines) -> None:
        self.on_topic += [self.event_of[source or ""] == event for _, source in lines]
        if len(lines) > 1:
            alike = likeness([bag_of_terms(text) for text, _ in lines])
            np.fill_diagonal(alike, 0.0)
            self.redundant.append(float(alike.max(axis=1).mean()))

    @property
    def share_on_topic(self) -> float:
        return sum(self.on_topic) / len(self.on_topic)

    @property
    def redundancy(self) -> float:
        return sum(self.redundant) / len(self.redundant)

    def __str__(self) -> str:
        return f"on topic {self.share_on_topic:.3f}, redundancy {self.redundancy:.3f}"


def test_no_line_of_a_topic_leans_or_is_told_twice(told: list[Told]) -> None:
    for one in told:
        lines = [line.span.of(line.article.text) for line in one.summary.lines]
        assert lines
        assert not any(leans_back(line) for line in lines)
        assert max(Counter(grouped(lines)).values()) == 1
        assert len(lines) == 1 or one.summary.words <= LENGTHS[LENGTH]
