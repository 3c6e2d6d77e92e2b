"""The whole product on a file: what opening, asking and adding cost through `Newsdesk`, and how the event loop fares.

A tenth of the articles go into the shared library and the rest into a server's own, so that every question is answered
over both. Each step runs in a process of its own: filling, the first opening after it (nothing but the database is
there), and a second one (with whatever the first left behind to open faster).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from bot.corpus import Corpus, sqlite
from bot.desks.preparing import prepare
from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from bot.process import favouring_the_event_loop
from bot.search.checks import Verdict
from tests.bench.articles import article, article_count
from tests.bench.claims import claims
from tests.bench.filling import fill
from tests.bench.loop import Heartbeat, Lag
from tests.bench.measure import Figure, difference, folder_mb, percentile, resident_mb, settled_mb
from tests.bench.search import FEWEST_QUERIES, WARM_UPS, Given, alone, failure
from tests.bench.text import PASSAGES_PER_ARTICLE, Passages, passages

R = TypeVar("R")

SERVER = 1
SHARED_ONE_IN = 10
ADDED_ARTICLES = 350  # enough for the index to compact on the way, and for a 99th percentile
FEWEST_ADDED = 5  # however long they take
SIDE_BY_SIDE = 50
_ROUNDS = 4
_IDLE_SECONDS = 1.0


@dataclass
class StoreRow:
    """What was measured of the product with so many passages. None or empty: not measured, and ``note`` says why."""

    passages: int
    fill_seconds: Figure = None
    disk_mb: Figure = None
    first_open_seconds: Figure = None  # until the first question is answered, with nothing but the database
    open_seconds: Figure = None  # the same, with what the opening before left behind
    memory_mb: Figure = None  # resident memory that opening and the first question added
    resident_mb: Figure = None  # of the process after all questions
    search_ms: list[float] = field(default_factory=list)
    quotes_ms: list[float] = field(default_factory=list)
    check_ms: list[float] = field(default_factory=list)  # a quotation: word for word, with changes, or not there
    add_ms: list[float] = field(default_factory=list)  # from handing an article's text over until a search finds it
    stored_ms: list[float] = field(default_factory=list)  # of that: storing it and bringing the index up to date
    lags: list[Lag] = field(default_factory=list)
    note: str = ""

    @property
    def stored_p99_ms(self) -> Figure:
        return percentile(self.stored_ms, 99)

    @property
    def check_p99_ms(self) -> Figure:
        return percentile(self.check_ms, 99)

    @property
    def longest_lag_ms(self) -> Figure:
        return max((lag.max_ms for lag in self.lags if lag.max_ms is not None and lag.scenario != "idle"), default=None)


def measure(given: Given) -> StoreRow:
    """Fill a database and measure the product on it; where a step fails the row says so and keeps what there is."""
    row = StoreRow(given.passages)
    folder = given.folder / "store"
    folder.mkdir()
    try:
        row.fill_seconds = alone(in_a_process, _fill, folder, given)
        first = alone(in_a_process, _open, folder, given)
        row.first_open_seconds, row.memory_mb = first
        row.disk_mb = folder_mb(folder)
        used: StoreRow = alone(in_a_process, _use, folder, given)
    except Exception as error:  # noqa: BLE001 - whatever ends one row, the others go on
        row.note = failure(error)
        return row
    used.first_open_seconds, used.memory_mb = first
    used.fill_seconds, used.disk_mb = row.fill_seconds, row.disk_mb
    return used


def in_a_process(step: Callable[[str, Given], Coroutine[Any, Any, R]], folder: Path, given: Given) -> R:
    """A step in a process of its own."""
    return asyncio.run(step(f"sqlite+aiosqlite:///{folder / 'newsdesk.db'}", given))


async def _fill(url: str, given: Given) -> float:
    """Seconds to store all articles."""
    made, _ = given.read()
    begun = time.perf_counter()
    await fill_library(url, made, SERVER)
    return time.perf_counter() - begun


async def fill_library(url: str, made: Passages, server: int) -> None:
    """Make the database at ``url``, with a tenth of the articles in the shared library and the rest in a server's."""
    async with Corpus.open(url, bot=True):
        pass
    numbers = range(article_count(made))
    articles = ((server if number % SHARED_ONE_IN else SHARED, article(made, number)) for number in numbers)
    await asyncio.to_thread(fill, sqlite.path_of(url), articles)


async def _open(url: str, given: Given) -> tuple[float, Figure]:
    """Seconds until the first question is answered, and the memory in MB that this added."""
    _, queries = given.read()
    before = settled_mb()
    begun = time.perf_counter()
    async with Newsdesk.open(url, bot=True) as desk:
        await _ask(desk.search, desk, queries[-1])
        return time.perf_counter() - begun, difference(settled_mb(), before)


async def _use(url: str, given: Given) -> StoreRow:
    made, queries = given.read()
    row = StoreRow(len(made))
    begun = time.perf_counter()
    async with AsyncExitStack() as calm:
        desk = await calm.enter_async_context(Newsdesk.open(url, bot=True))
        await _ask(desk.search, desk, queries[-1])
        row.open_seconds = time.perf_counter() - begun
        calm.enter_context(favouring_the_event_loop())  # as a bot does once it is up
        row.search_ms = await _asked(desk.search, desk, queries, given.seconds)
        row.quotes_ms = await _asked(desk.quotes, desk, queries, given.seconds)
        row.check_ms = await _checked(desk, claims(made, len(queries)), given.seconds)
        row.lags.append(await _idle())
        row.lags.append(await _side_by_side(desk, queries))
        row.resident_mb = resident_mb()
        marked = _marked_articles(given.passages)
        async with Heartbeat() as heart:
            row.stored_ms, row.add_ms = await _added(desk, marked, given.seconds)
        row.lags.append(heart.lag(f"{len(row.add_ms)} articles added one by one, each looked for"))
        row.lags.append(await _compacting(desk, queries))
        row.lags.append(await _adding_and_asking(desk, queries, _marked_articles(given.passages + 1), given.seconds))
    if len(row.add_ms) < ADDED_ARTICLES:
        row.note = f"added {len(row.add_ms)} of {ADDED_ARTICLES} articles"
    return row


Ask = Callable[..., Awaitable[list[R]]]


async def _ask(ask: Ask[R], desk: Newsdesk, terms: list[str]) -> list[R]:
    return await ask(SERVER, desk.query(" ".join(terms)))


async def _asked(ask: Ask[R], desk: Newsdesk, queries: list[list[str]], seconds: float) -> list[float]:
    """Milliseconds of each query, asked one after the other."""
    for terms in queries[-WARM_UPS:]:
        await _ask(ask, desk, terms)
    took: list[float] = []
    until = time.perf_counter() + seconds
    for terms in queries:
        if len(took) >= FEWEST_QUERIES and time.perf_counter() > until:
            break
        begun = time.perf_counter()
        await _ask(ask, desk, terms)
        took.append((time.perf_counter() - begun) * 1000)
    return took


async def _checked(desk: Newsdesk, typed: dict[str, Verdict], seconds: float) -> list[float]:
    """Milliseconds of checking each claim, from its text to the verdict, texts of articles read."""
    for claim in list(typed)[-WARM_UPS:]:
        await desk.check(SERVER, claim)
    took: list[float] = []
    until = time.perf_counter() + seconds
    for claim, wanted in typed.items():
        if len(took) >= FEWEST_QUERIES and time.perf_counter() > until:
            break
        begun = time.perf_counter()
        (checked,) = await desk.check(SERVER, claim)
        took.append((time.perf_counter() - begun) * 1000)
        if checked.verdict is not wanted:
            raise AssertionError(f"Newsdesk finds {checked.verdict} what is {wanted}")
    return took


def _marked_articles(seed: int) -> dict[str, Document]:
    """Articles that are not in the database (of another seed, with the same statistics), each by a word of its own.

    Made before anything is measured: making them holds the event loop too.
    """
    new = passages(ADDED_ARTICLES * PASSAGES_PER_ARTICLE, seed)
    marks = [f"added{seed}x{number}x" for number in range(ADDED_ARTICLES)]
    return {mark: article(new, number, mark) for number, mark in enumerate(marks)}


async def _added(desk: Newsdesk, marked: dict[str, Document], seconds: float) -> tuple[list[float], list[float]]:
    """Milliseconds of storing each article and indexing it, and from handing its text over until a search finds it."""
    stored: list[float] = []
    took: list[float] = []
    until = time.perf_counter() + seconds
    for mark, document in marked.items():
        if len(took) >= FEWEST_ADDED and time.perf_counter() > until:
            break
        begun = time.perf_counter()
        prepared = await asyncio.to_thread(prepare, document)
        storing = time.perf_counter()
        added = await desk.store(SERVER, prepared)
        await desk.indexes.catalogue(SERVER)
        stored.append((time.perf_counter() - storing) * 1000)
        found = await _ask(desk.search, desk, [mark])
        took.append((time.perf_counter() - begun) * 1000)
        if [hit.article.id for hit in found] != [added.article.id]:
            raise AssertionError("Newsdesk does not find what it has just added")
    return stored, took


async def _idle() -> Lag:
    async with Heartbeat() as heart:
        await asyncio.sleep(_IDLE_SECONDS)
    return heart.lag("idle")


async def _side_by_side(desk: Newsdesk, queries: list[list[str]]) -> Lag:
    asked = queries[:SIDE_BY_SIDE]
    async with Heartbeat() as heart:
        for _ in range(_ROUNDS):
            await asyncio.gather(*(_ask(desk.search, desk, terms) for terms in asked))
    return heart.lag(f"{len(asked)} questions side by side, {_ROUNDS} times")


async def _compacting(desk: Newsdesk, queries: list[list[str]]) -> Lag:
    """Questions one after the other while the index of all that was added is compacted in a thread."""
    catalogue = await desk.indexes.catalogue(SERVER)
    async with Heartbeat() as heart:
        compacting = [asyncio.create_task(asyncio.to_thread(shelf.compacted)) for shelf in catalogue.shelves]
        for terms in queries:
            await _ask(desk.search, desk, terms)
            if all(task.done() for task in compacting):
                break
        await asyncio.gather(*compacting)
    return heart.lag("the index compacted while questions are asked")


async def _adding_and_asking(
    desk: Newsdesk, queries: list[list[str]], marked: dict[str, Document], seconds: float
) -> Lag:
    """Questions one after the other while another task adds articles."""

    async def add() -> None:
        until = time.perf_counter() + seconds
        for document in marked.values():
            await desk.add(SERVER, document)
            if time.perf_counter() > until:
                break

    async with Heartbeat() as heart:
        adding = asyncio.create_task(add())
        for terms in queries:
            await _ask(desk.search, desk, terms)
            if adding.done():
                break
        await adding
    return heart.lag("articles added while questions are asked")
