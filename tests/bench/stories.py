"""Stories in a growing library: what it costs to add an article and to learn which others tell of its event.

A year of articles, dated evenly, in which every fifth day's article retells one of the days before: half its passages
are the other's. The articles measured are of the last day, half of them such retellings. Filling and measuring run in
processes of their own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from bot.corpus import Corpus, sqlite
from bot.dates import PartialDate
from bot.desks.preparing import prepare
from bot.model import Document
from bot.newsdesk import Newsdesk
from bot.process import favouring_the_event_loop
from tests.bench.articles import article, article_count
from tests.bench.filling import fill
from tests.bench.loop import Heartbeat, Lag
from tests.bench.measure import Figure, percentile
from tests.bench.search import Given, alone, failure
from tests.bench.store import FEWEST_ADDED, SERVER, in_a_process
from tests.bench.text import PASSAGES_PER_ARTICLE, Passages, passages

ADDED = 300
_FIRST_DAY, _DAYS = date(2025, 1, 1), 365
_RETOLD_ONE_IN = 5
_SEED = 4_711


@dataclass
class StoriesRow:
    """Milliseconds of each article; ``together`` is how many were found in a story with others."""

    articles: int
    added_ms: list[float] = field(default_factory=list)  # stored, durably, and indexed
    story_ms: list[float] = field(default_factory=list)  # and then its story found
    both_ms: list[float] = field(default_factory=list)
    together: int = 0
    lag: Lag | None = None
    note: str = ""

    @property
    def story_p99_ms(self) -> Figure:
        return percentile(self.story_ms, 99)


def measure(given: Given) -> StoriesRow:
    """Fill a database and measure stories in it; where a step fails the row says so."""
    folder = given.folder / "stories"
    folder.mkdir()
    try:
        alone(in_a_process, _fill, folder, given)
        row: StoriesRow = alone(in_a_process, _use, folder, given)
    except Exception as error:  # noqa: BLE001 - whatever ends one row, the others go on
        return StoriesRow(given.passages // PASSAGES_PER_ARTICLE, note=failure(error))
    return row


async def _fill(url: str, given: Given) -> None:
    made, _ = given.read()
    async with Corpus.open(url, bot=True):
        pass
    await asyncio.to_thread(fill, sqlite.path_of(url), _year(made))


def _year(made: Passages) -> Iterator[tuple[int, Document]]:
    count = article_count(made)
    for number in range(count):
        told = article(made, number)
        if number % _RETOLD_ONE_IN == 0 and number:
            told = _retelling(told, article(made, number - 1))
        yield SERVER, replace(told, published=_day_of(number, count))


def _day_of(number: int, count: int) -> PartialDate:
    return PartialDate.of(_FIRST_DAY + timedelta(days=number * _DAYS // count))


def _retelling(told: Document, other: Document) -> Document:
    """``told`` with every other paragraph from ``other``, the first among them."""
    own, others = told.text.split("\n\n"), other.text.split("\n\n")
    own[::2] = others[: len(own[::2])]
    return replace(told, title=other.title, text="\n\n".join(own))


def _of_the_last_day(made: Passages) -> list[Document]:
    """New articles; every other one retells an article of the library's last days."""
    new = passages(ADDED * PASSAGES_PER_ARTICLE, _SEED)
    count = article_count(made)
    of_late = max(1, count * 3 // _DAYS)  # what was added on the last three days
    documents = []
    for number in range(ADDED):
        told = replace(article(new, number), published=_day_of(count - 1, count))
        other = article(made, count - 1 - number // 2 % of_late)
        documents.append(_retelling(told, other) if number % 2 else told)
    return documents


async def _use(url: str, given: Given) -> StoriesRow:
    made, _ = given.read()
    row = StoriesRow(article_count(made))
    documents = _of_the_last_day(made)
    async with Newsdesk.open(url, bot=True) as desk:
        await desk.indexes.catalogue(SERVER)
        with favouring_the_event_loop():
            async with Heartbeat() as heart:
                await _added(desk, documents, row, given.seconds)
            row.lag = heart.lag(f"{len(row.both_ms)} articles added, and their stories found")
    return row


async def _added(desk: Newsdesk, documents: list[Document], row: StoriesRow, seconds: float) -> None:
    until = time.perf_counter() + seconds
    for document in documents:
        if len(row.both_ms) >= FEWEST_ADDED and time.perf_counter() > until:
            break
        prepared = await asyncio.to_thread(prepare, document)
        begun = time.perf_counter()
        added = await desk.store(SERVER, prepared)
        await desk.indexes.catalogue(SERVER)
        stored = time.perf_counter()
        story = await desk.story(SERVER, added.article)
        ended = time.perf_counter()
        row.added_ms.append((stored - begun) * 1000)
        row.story_ms.append((ended - stored) * 1000)
        row.both_ms.append((ended - begun) * 1000)
        row.together += len(story.articles) > 1
