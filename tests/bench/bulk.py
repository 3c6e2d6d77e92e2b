"""What a library of many articles costs to fill and to keep in order: ``python -m tests.bench.bulk``.

Articles of some 500 words are imported from a .zip of .jsonl, as `newsdesk import` does it, each durable once it is
reported; imported again, as after an import that was broken off; found by what is typed, also right after an article
was added; looked through for duplicates; exported, and the export imported into an empty library.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from bot.corpus import Outcome
from bot.model import Document
from bot.newsdesk import Newsdesk
from bot.process import favouring_the_event_loop
from tests.bench.articles import article
from tests.bench.loop import Heartbeat, Lag
from tests.bench.measure import Figure, peak_mb, percentile
from tests.bench.text import PASSAGES_PER_ARTICLE, SEED, Passages, passages, word

SERVER = 7
IMPORT_SECONDS = 180.0
TYPED_MS = 5.0
DUPLICATES_SECONDS = 5.0
LAG_MS = 100.0
TYPED = 1_000
ADDED = 100
_PARAGRAPHS = 17  # of some 30 words: 500 in all
_QUOTED_ONE_IN = 4  # paragraphs are speech
_COPIES_ONE_IN = 50  # articles are another's text but for a paragraph
_FILES = 10


@dataclass(frozen=True)
class Line:
    """One figure, what it is of, and what it is to be under."""

    what: str
    figure: Figure
    unit: str
    under: float | None = None

    @property
    def is_met(self) -> bool:
        return self.under is None or (self.figure is not None and self.figure < self.under)

    def __str__(self) -> str:
        wanted = "" if self.under is None else f" (under {self.under:g}: {'met' if self.is_met else 'not met'})"
        shown = "not measured" if self.figure is None else f"{self.figure:,.1f} {self.unit}"
        return f"{self.what:<58} {shown:>16}{wanted}"


def documents(count: int) -> Iterator[Document]:
    """Articles with speech in them; one in fifty tells what the one before it tells, with another last paragraph."""
    made = passages(2 * count * PASSAGES_PER_ARTICLE)
    before: Document | None = None
    for number in range(count):
        paragraphs = _paragraphs(made, number)
        base = article(made, number)
        if before is not None and number % _COPIES_ONE_IN == 0:
            text = before.text.rpartition("\n\n")[0] + f"\n\n{paragraphs[-1]}"
            yield replace(base, text=text, title=before.title)
            before = None
        else:
            before = replace(base, text="\n\n".join(paragraphs))
            yield before


def _paragraphs(made: Passages, number: int) -> list[str]:
    taken = [article(made, 2 * number + more).text for more in range(2)]
    paragraphs = "\n\n".join(taken).split("\n\n")[:_PARAGRAPHS]
    speaker = f"{word(600 + number % 400).capitalize()} {word(3_000 + number % 900).capitalize()}"
    return [
        f"“{paragraph}” said {speaker}." if at % _QUOTED_ONE_IN == 1 else paragraph
        for at, paragraph in enumerate(paragraphs)
    ]


def write_archive(path: Path, count: int) -> int:
    """A .zip of .jsonl files with ``count`` articles; how many words they have on average."""
    words = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        lines: list[list[str]] = [[] for _ in range(_FILES)]
        for number, document in enumerate(documents(count)):
            words += len(document.text.split())
            record = {"id": document.source_id, "title": document.title, "outlet": document.outlet}
            record |= {"published": str(document.published), "text": document.text}
            lines[number * _FILES // count].append(json.dumps(record))
        for number, some in enumerate(lines):
            archive.writestr(f"{number}.jsonl", "\n".join(some))
    return words // count


async def measure(count: int, folder: Path) -> list[Line]:
    """Everything, in an empty ``folder``."""
    words = await asyncio.to_thread(write_archive, folder / "in.zip", count)
    found = [Line("articles", float(count), ""), Line("words an article", float(words), "")]
    url = f"sqlite+aiosqlite:///{folder / 'newsdesk.db'}"
    async with Newsdesk.open(url, bot=True) as desk:
        with favouring_the_event_loop():  # as a bot does once it is up
            found += await _imported(desk, folder / "in.zip", count, Outcome.ADDED)
            found += await _imported(desk, folder / "in.zip", count, Outcome.UNCHANGED)
            found += await _duplicates(desk)
            found += await _exported(desk, folder)
            found += await _typed(desk)
    async with Newsdesk.open(f"sqlite+aiosqlite:///{folder / 'second.db'}", bot=True) as desk:
        begun = time.perf_counter()
        got = [one async for _, one in desk.import_files(SERVER, [folder / "out.zip"])]
        found.append(Line(f"the export of {len(got):,} imported", time.perf_counter() - begun, "s", IMPORT_SECONDS))
    return found


async def _duplicates(desk: Newsdesk) -> list[Line]:
    begun = time.perf_counter()
    async with Heartbeat() as heart:
        found = await desk.duplicates(SERVER)
    seconds = time.perf_counter() - begun
    groups = Line("groups of duplicates found", float(len(found)), "")
    return [
        groups,
        Line("duplicates looked for", seconds, "s", DUPLICATES_SECONDS),
        _lag(heart.lag("looking for them")),
    ]


async def _exported(desk: Newsdesk, folder: Path) -> list[Line]:
    begun = time.perf_counter()
    async with Heartbeat() as heart:
        await desk.export(SERVER, folder / "out.zip", lambda _done, _total: None)
    return [Line("exported", time.perf_counter() - begun, "s"), _lag(heart.lag("exporting"))]


async def _imported(desk: Newsdesk, path: Path, count: int, outcome: Outcome) -> list[Line]:
    begun, cpu = time.perf_counter(), time.process_time()
    async with Heartbeat() as heart:
        got = [one async for _, one in desk.import_files(SERVER, [path])]
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    if [one.added and one.added.outcome for one in got] != [outcome] * count:
        raise AssertionError(f"not every article is {outcome}")
    what = "imported" if outcome is Outcome.ADDED else "imported again"
    per_second = Line(f"{what}, articles a second", count / seconds, "")
    computed = Line(f"{what}: this process's share of the processor", cpu, "s")
    return [Line(what, seconds, "s", IMPORT_SECONDS), per_second, computed, _lag(heart.lag(what))]


async def _typed(desk: Newsdesk) -> list[Line]:
    """What is typed as it is typed, a letter more each time; then the same with an article added before each."""
    chance = random.Random(SEED)
    titles = [heading.title for heading in await desk.headings(SERVER)]
    typed = [_beginning(chance.choice(titles), chance) for _ in range(TYPED)]
    await desk.find_headings(SERVER, "")
    async with Heartbeat() as heart:
        alone = [await _timed(desk, one) for one in typed]
    fresh = [replace(one, text=f"{one.text}\n\nAdded {at}.") for at, one in enumerate(documents(ADDED))]
    after: list[float] = []
    lags: list[float] = []
    for at, document in enumerate(fresh):
        added = await desk.add(SERVER, replace(document, title=f"{document.title} fresh{at}x"))
        async with Heartbeat() as beats:
            after.append(await _timed(desk, f"fresh{at}x", added.article.ref))
        lags += beats.late_ms
    return [
        Line("an article found as its title is typed, median", percentile(alone, 50), "ms"),
        Line("an article found as its title is typed, p99", percentile(alone, 99), "ms", TYPED_MS),
        Line("an article found right after it was added, p99", percentile(after, 99), "ms", TYPED_MS),
        Line("event loop held while typing, longest", heart.lag("").max_ms, "ms", TYPED_MS),
        Line("event loop held right after, longest", max(lags, default=None), "ms", TYPED_MS),
    ]


def _beginning(title: str, chance: random.Random) -> str:
    """Some of the words of a title in any order, the last of them not yet typed to its end."""
    words = chance.sample(title.split(), min(len(title.split()), chance.randint(1, 3)))
    words[-1] = words[-1][: chance.randint(1, len(words[-1]))]
    return " ".join(words)


async def _timed(desk: Newsdesk, typed: str, wanted: str | None = None) -> float:
    begun = time.perf_counter()
    found = await desk.find_headings(SERVER, typed)
    took = (time.perf_counter() - begun) * 1000
    if not found or (wanted is not None and [one.ref for one in found] != [wanted]):
        raise AssertionError(f"{typed} does not find its article")
    return took


def _lag(lag: Lag) -> Line:
    return Line(f"event loop held while {lag.scenario}, longest", lag.max_ms, "ms", LAG_MS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the exit status is 1 where something is not met."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bulk", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--articles", type=int, default=10_000, metavar="N", help="how many (10,000)")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(asked.articles, Path(folder)))
    console = Console(soft_wrap=True)
    for line in [*found, Line("peak memory", peak_mb(), "MB")]:
        console.print(str(line), highlight=False, markup=False)
    return int(not all(line.is_met for line in found))


if __name__ == "__main__":
    sys.exit(main())
