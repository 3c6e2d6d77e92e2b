"""Measures Newsdesk's search beside others on the same passages, tokens and queries: ``python -m tests.bench``.

    text -> (a process each) peers and the product -> rows -> tables and JSON, with each target met or not met

See `tests.bench.text` for what is searched, `tests.bench.peers` for who takes part, `tests.bench.store`,
`tests.bench.stories`, `tests.bench.load` and `tests.bench.servers` for what is measured of the whole product. A full
run takes most of an hour, the million of passages nearly all of it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tests.bench import load, search, servers, store, stories, summaries, watches
from tests.bench.measure import machine
from tests.bench.peers import PEERS
from tests.bench.report import Report, console, packages
from tests.bench.search import FAILED, Given
from tests.bench.text import SEED, passages, queries

STORE, STORIES, LOAD = "store", "stories", "load"
"""What the measurements of the whole product are called for ``--only``: alone, as a library grows, and with many people
at once."""
SUMMARIES, WATCHES, SERVERS = "summaries", "watches", "servers"
"""Those of summaries, of watches and of many servers, which are the same for every size: they are made once."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run with these command-line arguments (None: the process's own); the exit status, 1 where something failed."""
    asked = _parser().parse_args(arguments)
    settings = {"sizes": asked.sizes, "queries": asked.queries, "seconds": asked.seconds, "seed": SEED}
    report = Report(machine(packages()), settings)
    progress = Console(stderr=True)
    for size in asked.sizes:
        names = [name for name in asked.only if name != LOAD or size == _size_under_load(asked.sizes)]
        names = [name for name in names if name not in (SUMMARIES, WATCHES, SERVERS)]
        if not names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            made = passages(size)
            given = Given.write(Path(folder), made, queries(made, asked.queries), asked.seconds)
            del made
            for name in names:
                progress.print(f"{size:,} passages: {name}", highlight=False)
                _measure(report, name, given, asked.rates)
        report.write(asked.json)  # after each size: a long run that is broken off has not been in vain
    if SUMMARIES in asked.only:
        report.summaries = summaries.measure()
    if WATCHES in asked.only:
        report.watches = watches.measure()
    if SERVERS in asked.only:
        progress.print(f"{asked.servers:,} servers", highlight=False)
        for row in servers.measure(asked.servers, asked.rates or servers.RATES):
            progress.print(f"{row.setting}: {row.note or row.end}", highlight=False)
            report.servers.append(row)
            report.write(asked.json)
    report.write(asked.json)
    report.print(console(to_terminal=sys.stdout.isatty()))
    progress.print(f"written to {asked.json}", highlight=False)
    return int(any(note.startswith(FAILED) for note in report.notes))


def _measure(report: Report, name: str, given: Given, rates: Sequence[int]) -> None:
    if name == STORE:
        report.stores.append(store.measure(given))
    elif name == STORIES:
        report.stories.append(stories.measure(given))
    elif name == LOAD:
        report.loads += load.measure(given, load.stages(rates))
    else:
        report.rows.append(search.measure(name, given))


def _size_under_load(sizes: Sequence[int]) -> int:
    """The one size at which many people ask at once: how large the library is changes little there."""
    return load.PASSAGES if load.PASSAGES in sizes else max(sizes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=(__doc__ or "").partition("\n")[0])
    names = [*PEERS, STORE, SUMMARIES, WATCHES, STORIES, LOAD, SERVERS]
    parser.add_argument("--sizes", type=_count, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000], metavar="N")
    parser.add_argument("--queries", type=_count, default=500, metavar="N", help="how many each is asked (500)")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--seconds", type=float, default=60, help="how long one may go on asking, or adding (60)")
    parser.add_argument(
        "--rates", type=_count, nargs="+", default=[], metavar="N", help="questions a second of load and servers"
    )
    parser.add_argument("--servers", type=_count, default=servers.SERVERS, metavar="N", help="of many servers (10,000)")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), help="where the figures go (bench.json)")
    return parser


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return count


if __name__ == "__main__":
    sys.exit(main())
