"""Progress bars for long work: on standard error, and only where a person looks on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.newsdesk import Imported


@contextmanager
def bar(what: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a function that shows so many of so many done; nothing is shown before it is called, nor once all is."""
    with _progress(unit) as progress:
        task = progress.add_task(what, total=None, visible=False)
        yield lambda done, total: progress.update(task, completed=done, total=total, visible=done < total)


async def importing(outcome: AsyncIterator[tuple[Path, Imported]], files: int) -> AsyncIterator[Imported]:
    """Pass the results of an import on, and show how many files are read."""
    with bar("Importing", "files") as watch:
        seen: set[Path] = set()
        async for path, imported in outcome:
            seen.add(path)
            watch(len(seen) - 1, files)
            yield imported


def _progress(unit: str) -> Progress:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
