"""What a run of the bench measured, as tables for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.bench.load import LoadRow
from tests.bench.measure import Figure, percentile
from tests.bench.peers import PEERS, RankBm25
from tests.bench.search import Row
from tests.bench.servers import ServersRow
from tests.bench.store import StoreRow
from tests.bench.stories import StoriesRow
from tests.bench.summaries import SummaryRow
from tests.bench.targets import Target, find, targets
from tests.bench.watches import WatchesRow

_STYLES = {"met": "green", "not met": "red", "not measured": "yellow"}
_WIDTH = 130  # where the output is no terminal


@dataclass
class Report:
    """``settings`` is what was asked for; ``machine`` is `tests.bench.measure.machine`."""

    machine: dict[str, Any]
    settings: dict[str, Any]
    rows: list[Row] = field(default_factory=list)
    stores: list[StoreRow] = field(default_factory=list)
    summaries: SummaryRow | None = None
    watches: WatchesRow | None = None
    stories: list[StoriesRow] = field(default_factory=list)
    loads: list[LoadRow] = field(default_factory=list)
    servers: list[ServersRow] = field(default_factory=list)

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(self.as_json(), indent=1), encoding="utf-8")

    def as_json(self) -> dict[str, Any]:
        """Times in milliseconds or seconds and memory in MB, as the names say; null where nothing was measured."""
        return {
            "machine": self.machine,
            "settings": self.settings,
            "peers": [self._peer(row) for row in self.rows],
            "store": [_store(row) for row in self.stores],
            "summaries": _summaries(self.summaries) if self.summaries else None,
            "watches": _watches(self.watches) if self.watches else None,
            "stories": [_stories(row) for row in self.stories],
            "load": [_load(row) for row in self.loads],
            "servers": [_servers(row) for row in self.servers],
            "targets": [asdict(target) | {"verdict": target.verdict} for target in self._targets()],
        }

    @property
    def notes(self) -> list[str]:
        """What each measurement has to remark."""
        rows: list[Row | StoreRow | StoriesRow | LoadRow] = [*self.rows, *self.stores, *self.stories, *self.loads]
        return [*(row.note for row in rows), *(row.note for row in self.servers)]

    def _targets(self) -> list[Target]:
        return targets(self.rows, self.stores, self.stories, self.loads, self.servers)

    def _peer(self, row: Row) -> dict[str, Any]:
        figures = {"median_ms": row.median_ms, "p95_ms": row.p95_ms, "p99_ms": row.p99_ms}
        ratios = {f"times_faster_{name}": self._faster(row, percent) for name, percent in (("median", 50), ("p99", 99))}
        return asdict(row) | figures | ratios | {"add_median_ms": percentile(row.add_ms, 50)}

    def _faster(self, row: Row, percent: float) -> Figure:
        yardstick = find(self.rows, RankBm25.name, row.passages)
        return row.times_faster(yardstick, percent) if yardstick else None

    def print(self, console: Console) -> None:
        self._print_machine(console)
        for size in sorted({row.passages for row in self.rows}):
            console.print(self._peers_table([row for row in self.rows if row.passages == size], size))
            _print_notes(console, ((row.peer, row.note) for row in self.rows if row.passages == size))
        if self.rows:
            console.print(_memory_table(self.rows))
        if self.stores:
            console.print(_stores_table(self.stores))
            console.print(_checks_table(self.stores))
            console.print(_lags_table(self.stores))
            _print_notes(console, ((f"{row.passages:,}", row.note) for row in self.stores))
        if self.stories:
            console.print(_stories_table(self.stories))
            _print_notes(console, ((f"{row.articles:,} articles", row.note) for row in self.stories))
        if self.loads:
            console.print(_loads_table(self.loads))
            _print_notes(console, ((f"{row.rate} a second", row.note) for row in self.loads))
        if self.servers:
            console.print(_servers_table(self.servers, self.machine["cores"]))
            console.print(_one_more_table(self.servers))
            console.print(_steps_table(self.servers))
            _print_notes(console, ((row.setting, row.note) for row in self.servers))
        console.print(_targets_table(self._targets()))
        if self.summaries:
            console.print(str(self.summaries), highlight=False)
        if self.watches:
            console.print(str(self.watches), highlight=False)

    def _print_machine(self, console: Console) -> None:
        machine = self.machine
        console.print(
            f"{machine['cpu']}, {machine['cores']} cores, {shown(machine['memory_mb'], 0)} MB; {machine['system']}; "
            f"Python {machine['python']}, SQLite {machine['sqlite']}; "
            f"load average {shown(machine['load_average'], 2)} at the start",
            highlight=False,
        )
        packages = ", ".join(f"{name} {version or '(missing)'}" for name, version in machine["packages"].items())
        console.print(packages, highlight=False)
        console.print(", ".join(f"{name} {value}" for name, value in self.settings.items()), highlight=False)

    def _peers_table(self, rows: Sequence[Row], size: int) -> Table:
        asked = ("median\nms", "p95\nms", "p99\nms", "queries\nasked", "median\n×", "p99\n×")
        title = f"{size:,} passages (×: times faster than rank-bm25; add: ten passages, median)"
        table = _table(title, "peer", "build\ns", "open\ns", *asked, "add\nms")
        for row in rows:
            table.add_row(
                row.peer,
                shown(row.build_seconds, 2),
                shown(row.open_seconds, 3),
                *(shown(figure, 3) for figure in (row.median_ms, row.p95_ms, row.p99_ms)),
                str(len(row.query_ms)),
                *(shown(self._faster(row, percent), 1) for percent in (50, 99)),
                shown(percentile(row.add_ms, 50), 2),
            )
        return table


def console(*, to_terminal: bool) -> Console:
    return Console() if to_terminal else Console(width=_WIDTH)


def packages() -> list[str]:
    """The distributions whose versions decide the figures."""
    return list(dict.fromkeys(package for peer in PEERS.values() for package in peer.packages))


def shown(figure: Figure, digits: int) -> str:
    return "–" if figure is None else f"{figure:,.{digits}f}"


def _store(row: StoreRow) -> dict[str, Any]:
    figures = {
        f"{what}_{name}_ms": percentile(getattr(row, f"{what}_ms"), percent)
        for what in ("search", "quotes", "check", "stored", "add")
        for name, percent in (("median", 50), ("p99", 99))
    }
    return asdict(row) | figures | {"longest_lag_ms": row.longest_lag_ms}


def _summaries(row: SummaryRow) -> dict[str, Any]:
    return {"articles": row.articles, "words": row.words, "median_ms": row.median_ms, "p99_ms": row.p99_ms}


def _watches(row: WatchesRow) -> dict[str, Any]:
    times = {"median_ms": row.median_ms, "p99_ms": row.p99_ms, "worst_p99_ms": row.worst_p99_ms}
    return {"watches": row.watches, "matched": row.matched, **times}


def _stories(row: StoriesRow) -> dict[str, Any]:
    figures = {
        f"{what}_{name}_ms": percentile(getattr(row, f"{what}_ms"), percent)
        for what in ("added", "story", "both")
        for name, percent in (("median", 50), ("p99", 99))
    }
    return asdict(row) | figures


def _table(title: str, first: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    table.add_column(first, no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _memory_table(rows: Sequence[Row]) -> Table:
    columns = ("built", "after the\nqueries", "of its\nobjects", "peak while\nbuilding", "disk")
    table = _table("Memory in MB that an index adds to a process", "peer", "passages", *columns)
    for row in rows:
        figures = (row.memory_mb, row.used_mb, row.held_mb, row.peak_mb, row.disk_mb)
        table.add_row(row.peer, f"{row.passages:,}", *(shown(figure, 1) for figure in figures))
    return table


def _stores_table(stores: Sequence[StoreRow]) -> Table:
    times = (
        "search\nms",
        "\np99",
        "quotes\nms",
        "\np99",
        "check\nms",
        "\np99",
        "store\nms",
        "\np99",
        "add\nms",
        "\np99",
    )
    opening = ("first\nopen s", "open\ns", "open\nMB", "resident\nMB")
    title = (
        "Newsdesk on a file: opening until the first answer, whole questions, an article stored until the index has "
        "it, and added from its text until it is found (median and p99)"
    )
    table = _table(title, "passages", "fill\ns", "disk\nMB", *opening, *times)
    for row in stores:
        table.add_row(
            f"{row.passages:,}",
            shown(row.fill_seconds, 1),
            shown(row.disk_mb, 0),
            shown(row.first_open_seconds, 2),
            shown(row.open_seconds, 2),
            shown(row.memory_mb, 1),
            shown(row.resident_mb, 1),
            *(
                shown(percentile(times, percent), 2)
                for times in (row.search_ms, row.quotes_ms, row.stored_ms, row.add_ms)
                for percent in (50, 99)
            ),
        )
    return table


def _checks_table(stores: Sequence[StoreRow]) -> Table:
    title = "Checking a quotation: a third word for word, a third with changes, a third not there"
    table = _table(title, "passages", "checked", "median ms", "p95 ms", "p99 ms")
    for row in stores:
        figures = (shown(percentile(row.check_ms, percent), 2) for percent in (50, 95, 99))
        table.add_row(f"{row.passages:,}", str(len(row.check_ms)), *figures)
    return table


def _lags_table(stores: Sequence[StoreRow]) -> Table:
    table = _table("Event loop: how late a beat a millisecond came", "while", "passages", "beats", "p99 ms", "max ms")
    for row in stores:
        for lag in row.lags:
            table.add_row(lag.scenario, f"{row.passages:,}", str(lag.beats), shown(lag.p99_ms, 2), shown(lag.max_ms, 2))
    return table


def _stories_table(rows: Sequence[StoriesRow]) -> Table:
    title = "Stories: an article added, then which others tell of its event (median and p99, ms), and the event loop"
    columns = ("added", "together", "add", "\np99", "story", "\np99", "both", "\np99", "loop held\nlongest ms")
    table = _table(title, "articles", *columns)
    for row in rows:
        times = (row.added_ms, row.story_ms, row.both_ms)
        figures = (shown(percentile(ms, percent), 2) for ms in times for percent in (50, 99))
        held = shown(row.lag.max_ms if row.lag else None, 2)
        table.add_row(f"{row.articles:,}", str(len(row.both_ms)), str(row.together), *figures, held)
    return table


def _loads_table(loads: Sequence[LoadRow]) -> Table:
    title = (
        "Many people at once: slash commands at a steady rate over real sockets, digests going out meanwhile "
        "(milliseconds until the answer; late: no answer in Discord's three seconds; *: without refusing any)"
    )
    counted = ("asked", "answered", "refused", "late", "deferred")
    timed = ("median", "p99", "refused\np99", "loop\np99", "\nmax")
    table = _table(title, "a\nsecond", "s", *counted, *timed, "cores", "digests")
    for row in loads:
        table.add_row(
            f"{row.rate}{'' if row.shedding else '*'}",
            f"{row.seconds:g}",
            *(f"{number:,}" for number in (row.asked, row.answered, row.refused, row.late, row.deferred)),
            *(shown(percentile(row.answer_ms, percent), 0) for percent in (50, 99)),
            shown(percentile(row.refusal_ms, 99), 0),
            shown(row.lag_p99_ms, 1),
            shown(row.lag_max_ms, 0),
            shown(row.cpu, 2),
            str(row.digests),
        )
    return table


def _load(row: LoadRow) -> dict[str, Any]:
    figures = {
        f"answer_{name}_ms": percentile(row.answer_ms, percent) for name, percent in (("median", 50), ("p99", 99))
    }
    return asdict(row) | figures


def _servers_table(rows: Sequence[ServersRow], cores: int) -> Table:
    title = (
        f"Many servers: all processes of a bot, its database and the double of Discord share {cores} cores, so that "
        "what counts is how the settings compare (memory of all processes together)"
    )
    starting = ("ready\ns", "idle\nMB", "a process\nMB", "first look\nCPU ms", "later ones\nCPU ms")
    table = _table(title, "setting", "servers", *starting, "commands\na second", "stops")
    for row in rows:
        for started in (row.few, row.all):
            each = started.idle_mb / row.processes if started.idle_mb is not None else None
            looks = (started.first_poll_ms, started.poll_ms)
            asked = (shown(row.rate, 0), row.end) if started is row.all else ("", "")
            times = (shown(started.ready_seconds, 1), shown(started.idle_mb, 0), shown(each, 0))
            table.add_row(row.setting, f"{started.servers:,}", *times, *(shown(ms, 0) for ms in looks), *asked)
    return table


def _one_more_table(rows: Sequence[ServersRow]) -> Table:
    title = "What one more server costs, in all processes together; asking: what one that has asked something adds"
    columns = ("memory\nKB", "asking\nKB", "ready\nms", "a look at what is due\nCPU µs", "database\nKB")
    table = _table(title, "setting", *columns)
    for row in rows:
        figures = (row.server_kb, row.asking_kb, row.server_ready_ms, row.server_poll_us, row.server_disk_kb)
        table.add_row(row.setting, *(shown(figure, 1) for figure in figures))
    return table


def _steps_table(rows: Sequence[ServersRow]) -> Table:
    title = "Commands at a steady rate, each in any of the servers (milliseconds until the answer)"
    counted = ("asked", "answered", "refused", "late")
    table = _table(title, "setting", "a second", *counted, "median", "p99", "cores of\nthe bots", "database", "double")
    for row in rows:
        for step, cores in zip(row.steps, row.cores, strict=False):
            times = (shown(percentile(step.answer_ms, percent), 0) for percent in (50, 99))
            numbers = (step.rate, step.asked, step.answered, step.refused, step.late)
            used = (shown(one, 2) for one in (cores.bots, cores.database, cores.double))
            table.add_row(row.setting, *(f"{number:,}" for number in numbers), *times, *used)
    return table


def _servers(row: ServersRow) -> dict[str, Any]:
    more = {
        "server_kb": row.server_kb,
        "asking_kb": row.asking_kb,
        "server_ready_ms": row.server_ready_ms,
        "server_poll_us": row.server_poll_us,
        "server_disk_kb": row.server_disk_kb,
        "rate": row.rate,
        "end": row.end,
    }
    return asdict(row) | more | {"steps": [_load(step) for step in row.steps]}


def _targets_table(found: Sequence[Target]) -> Table:
    table = Table(title="Targets", title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    for column in ("passages", "what", "wanted", "measured", "verdict"):
        table.add_column(column, no_wrap=True)
    for target in found:
        verdict = f"[{_STYLES[target.verdict]}]{target.verdict}[/]"
        table.add_row(f"{target.passages:,}", target.what, target.wanted, shown(target.figure, 3), verdict)
    return table


def _print_notes(console: Console, notes: Iterable[tuple[str, str]]) -> None:
    for name, note in notes:
        if note:
            console.print(f"  {name}: {note}", highlight=False, markup=False)
