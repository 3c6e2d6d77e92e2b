"""What Newsdesk has set itself to reach on an ordinary machine with two cores, and whether a run reached it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from tests.bench.load import RATE as WANTED_RATE
from tests.bench.load import LoadRow
from tests.bench.measure import Figure
from tests.bench.search import Row
from tests.bench.servers import ServersRow
from tests.bench.store import StoreRow
from tests.bench.stories import StoriesRow

Verdict = Literal["met", "not met", "not measured"]
LONGEST_LAG_MS = 5.0
SERVER_KB = 10.0
POLL_MS = 200.0


@dataclass(frozen=True)
class Target:
    """``figure`` is to be at least (``at_least``) or under ``bound``."""

    passages: int
    what: str
    figure: Figure
    bound: float
    at_least: bool = False

    @property
    def verdict(self) -> Verdict:
        if self.figure is None:
            return "not measured"
        reached = self.figure >= self.bound if self.at_least else self.figure < self.bound
        return "met" if reached else "not met"

    @property
    def wanted(self) -> str:
        return f"{'at least' if self.at_least else 'under'} {self.bound:g}"


def targets(
    rows: Sequence[Row],
    stores: Sequence[StoreRow],
    stories: Sequence[StoriesRow] = (),
    loads: Sequence[LoadRow] = (),
    servers: Sequence[ServersRow] = (),
) -> list[Target]:
    """Every target with what this run measured for it."""
    return [
        *_at_a_hundred_thousand(rows, stores),
        _of_stories(stories),
        *_at_a_million(rows, stores),
        *(
            Target(row.passages, "event loop held, longest, ms", row.longest_lag_ms, LONGEST_LAG_MS)
            for row in stores
            if row.lags
        ),
        *_with_many_at_once(loads),
        *_of_servers(servers),
    ]


def _of_servers(rows: Sequence[ServersRow]) -> list[Target]:
    """What a server may cost that does nothing: so much that ten thousand are no burden."""
    return [
        target
        for row in rows
        for target in (
            Target(row.passages, f"{row.setting}: memory of one more server, KB", row.server_kb, SERVER_KB),
            Target(row.passages, f"{row.setting}: a look at what is due, CPU ms", row.all.poll_ms, POLL_MS),
        )
    ]


def _with_many_at_once(loads: Sequence[LoadRow]) -> list[Target]:
    """What is asked for at the highest rate; and at every rate that nobody is left without an answer."""
    return [
        target
        for row in loads
        if row.shedding
        for target in [
            Target(row.passages, f"{row.rate} questions a second: without an answer", float(row.late), 1),
            *(_at_the_wanted_rate(row) if row.rate == WANTED_RATE else []),
        ]
    ]


def _at_the_wanted_rate(row: LoadRow) -> list[Target]:
    asked = f"{row.rate} questions a second"
    return [
        Target(row.passages, f"{asked}: answered, of all", row.answered_share, 1, at_least=True),
        Target(row.passages, f"{asked}: answer, p99, ms", row.p99_ms, 250),
        Target(row.passages, f"{asked}: event loop held, longest, ms", row.lag_max_ms, 100),
    ]


def _at_a_hundred_thousand(rows: Sequence[Row], stores: Sequence[StoreRow]) -> list[Target]:
    size = 100_000
    faster = _faster(rows, size)
    return [
        Target(size, "median query, times faster than rank-bm25", faster(50), 300, at_least=True),
        Target(size, "p99 query, times faster than rank-bm25", faster(99), 250, at_least=True),
        Target(size, "memory of the index, MB", _of(rows, size, lambda row: row.used_mb), 50),
        Target(size, "first opening, s", _of_store(stores, size, lambda row: row.first_open_seconds), 0.6),
        Target(size, "ten-passage article stored and searchable, p99, ms", _of_store(stores, size, _added), 10),
        Target(size, "a quotation checked, p99, ms", _of_store(stores, size, lambda row: row.check_p99_ms), 50),
    ]


def _at_a_million(rows: Sequence[Row], stores: Sequence[StoreRow]) -> list[Target]:
    size = 1_000_000
    return [
        Target(size, "median query, ms", _of(rows, size, lambda row: row.median_ms), 5),
        Target(size, "p99 query, ms", _of(rows, size, lambda row: row.p99_ms), 25),
        Target(size, "memory of the index, MB", _of(rows, size, lambda row: row.used_mb), 300),
        Target(size, "opening with a snapshot, s", _of_store(stores, size, lambda row: row.open_seconds), 1),
    ]


def _of_stories(rows: Sequence[StoriesRow]) -> Target:
    figure = next((row.story_p99_ms for row in rows if row.articles == 10_000), None)
    return Target(100_000, "the story of an article added to 10,000, p99, ms", figure, 20)


def _added(row: StoreRow) -> Figure:
    return row.stored_p99_ms


def find(rows: Sequence[Row], peer: str, size: int) -> Row | None:
    return next((row for row in rows if (row.peer, row.passages) == (peer, size)), None)


def _of(rows: Sequence[Row], size: int, figure: Callable[[Row], Figure]) -> Figure:
    row = find(rows, "newsdesk", size)
    return figure(row) if row else None


def _of_store(stores: Sequence[StoreRow], size: int, figure: Callable[[StoreRow], Figure]) -> Figure:
    return next((figure(row) for row in stores if row.passages == size), None)


def _faster(rows: Sequence[Row], size: int) -> Callable[[float], Figure]:
    ours, theirs = find(rows, "newsdesk", size), find(rows, "rank-bm25", size)
    return lambda percent: ours.times_faster(theirs, percent) if ours and theirs else None
