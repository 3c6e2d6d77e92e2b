"""One peer at one size, in a process of its own: so that its memory is its own, and a crash ends one row only.

passages and queries on disk -> (new process) build, open, ask, add -> `Row`
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from tests.bench.measure import (
    Figure,
    available_mb,
    difference,
    folder_mb,
    held_mb,
    peak_mb,
    percentile,
    settled_mb,
)
from tests.bench.peers import PEERS, Peer
from tests.bench.text import PASSAGES_PER_ARTICLE, Passages

FEWEST_QUERIES = 20  # asked however long they take
WARM_UPS = 5  # the last of the queries, asked before
ADDED_ARTICLES = 30

R = TypeVar("R")


@dataclass(frozen=True)
class Given:
    """Where the passages of a size and the queries lie. ``seconds`` is how long a peer may go on asking."""

    folder: Path
    passages: int
    seconds: float

    @classmethod
    def write(cls, folder: Path, passages: Passages, queries: list[list[str]], seconds: float) -> Given:
        np.save(folder / "starts.npy", passages.starts)
        np.save(folder / "ids.npy", passages.ids)
        (folder / "queries.json").write_text(json.dumps(queries), encoding="utf-8")
        return cls(folder, len(passages), seconds)

    def read(self) -> tuple[Passages, list[list[str]]]:
        passages = Passages(np.load(self.folder / "starts.npy"), np.load(self.folder / "ids.npy"))
        return passages, json.loads((self.folder / "queries.json").read_text(encoding="utf-8"))


@dataclass
class Row:
    """What was measured of a peer at a size. None: it has no such thing, or ``note`` says why it was not measured.

    ``query_ms`` are times of single queries, in the order of the queries; a slow peer answers the first of them only.
    """

    peer: str
    passages: int
    build_seconds: Figure = None
    open_seconds: Figure = None
    # Resident memory above that of the process before, which had loaded the library:
    memory_mb: Figure = None  # once built
    used_mb: Figure = None  # once all queries were asked: with what the first of them computes, or compiles
    peak_mb: Figure = None  # the highest while building
    held_mb: Figure = None  # the index by the size of its objects, to compare
    disk_mb: Figure = None
    add_ms: list[float] = field(default_factory=list)  # ten passages until they are found
    query_ms: list[float] = field(default_factory=list)
    note: str = ""

    @property
    def median_ms(self) -> Figure:
        return percentile(self.query_ms, 50)

    @property
    def p95_ms(self) -> Figure:
        return percentile(self.query_ms, 95)

    @property
    def p99_ms(self) -> Figure:
        return percentile(self.query_ms, 99)

    def times_faster(self, than: Row, percent: float) -> Figure:
        """How many times faster at a percentile, over the queries that both answered."""
        both = min(len(self.query_ms), len(than.query_ms))
        ours, theirs = percentile(self.query_ms[:both], percent), percentile(than.query_ms[:both], percent)
        return theirs / ours if ours and theirs else None


def measure(name: str, given: Given) -> Row:
    """Measure a peer in a new process; where it cannot be, the row says why."""
    short = _short_of_memory(PEERS[name], given.passages)
    if short:
        return Row(name, given.passages, note=short)
    try:
        return alone(_measured, name, given)
    except ModuleNotFoundError as error:
        return Row(name, given.passages, note=f"skipped: {error.name} is not installed (extra bench)")
    except Exception as error:  # noqa: BLE001 - whatever ends one row, the others go on
        return Row(name, given.passages, note=failure(error))


def alone(work: Callable[..., R], *arguments: Any) -> R:
    """What ``work`` returns in a new process. Raises what it raises, or `BrokenProcessPool` where the process died."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *arguments).result()


FAILED = "failed: "
"""How the note of a row begins whose measurement ended in an error."""


def failure(error: Exception) -> str:
    """A note for what ended a measurement."""
    if isinstance(error, BrokenProcessPool):
        return f"{FAILED}its process died"
    return f"{FAILED}{type(error).__name__}: {error}"


def _short_of_memory(peer: type[Peer], passages: int) -> str:
    needed, there = peer.build_kb * passages / 1024, available_mb()
    if there is None or needed < there:
        return ""
    return f"skipped: building takes some {needed:,.0f} MB, {there:,.0f} MB are available"


def _measured(name: str, given: Given) -> Row:
    passages, queries = given.read()
    with tempfile.TemporaryDirectory(dir=given.folder, ignore_cleanup_errors=True) as folder:
        peer = PEERS[name](Path(folder))
        peer.load()
        row = Row(name, len(passages))
        try:
            before = settled_mb()
            _build(peer, passages, row)
            row.memory_mb = difference(settled_mb(), before)
            row.peak_mb = difference(peak_mb(), before)
            _open(peer, queries, row)
            _ask(peer, queries, given.seconds, row)
            row.used_mb = difference(settled_mb(), before)
            _add(peer, passages, row)
        finally:
            peer.close()
    return row


def _build(peer: Peer, passages: Passages, row: Row) -> None:
    begun = time.perf_counter()
    peer.build(passages.documents())
    row.build_seconds = time.perf_counter() - begun
    row.disk_mb = folder_mb(peer.folder) or None
    if index := getattr(peer, "index", None):
        row.held_mb = held_mb(index)


def _open(peer: Peer, queries: list[list[str]], row: Row) -> None:
    """Opening is over when the first question is answered."""
    if peer.opens:
        peer.close()
        begun = time.perf_counter()
        peer.open()
        peer.search(queries[-1])
        row.open_seconds = time.perf_counter() - begun


def _ask(peer: Peer, queries: list[list[str]], seconds: float, row: Row) -> None:
    for terms in queries[-WARM_UPS:]:
        peer.search(terms)
    begun = time.perf_counter()
    for number, terms in enumerate(queries):
        if number >= FEWEST_QUERIES and time.perf_counter() - begun > seconds:
            row.note = f"asked {number} of {len(queries)} queries"
            break
        asked = time.perf_counter()
        peer.search(terms)
        row.query_ms.append((time.perf_counter() - asked) * 1000)


def _add(peer: Peer, passages: Passages, row: Row) -> None:
    """Add articles of ten passages that are there already, each with a word of its own by which it is looked for."""
    if not peer.adds:
        return
    documents = passages.documents(0, ADDED_ARTICLES * PASSAGES_PER_ARTICLE)
    number = 0
    while article := list(islice(documents, PASSAGES_PER_ARTICLE)):
        mark = f"added{number}x"
        marked = [[*terms, mark] for terms in article]
        begun = time.perf_counter()
        peer.add(marked)
        found = peer.search([mark])
        row.add_ms.append((time.perf_counter() - begun) * 1000)
        if not found:
            raise AssertionError(f"{peer.name} does not find what it has just added")
        number += 1
