"""Progress bars for long work: on standard error, and only where a person looks on."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from bot.desks.importing import Imported


class Bar:
    """Shows so many of so many done: from the first call on, until all are."""

    def __init__(self, what: str, unit: str) -> None:
        self._what, self._unit = what, unit
        self._progress: Progress | None = None
        self._task = TaskID(0)
        self._note = ""

    def __call__(self, done: int, total: int, note: str | None = None) -> None:
        """So many of so many are done; ``note`` says what is being done."""
        if self._progress is None and done < total:
            self._start()
        if self._progress is not None:
            self._note = self._note if note is None else note
            self._progress.update(self._task, completed=done, total=total, note=self._note)
        if done >= total:
            self.stop()

    def stop(self) -> None:
        """Take the bar off the terminal."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _start(self) -> None:
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn(self._unit))
        self._progress = Progress(
            *columns,
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task(self._what, total=None, note="")
        self._progress.start()


@contextmanager
def bar(what: str, unit: str) -> Iterator[Bar]:
    """A bar that is gone when the block ends, however it does."""
    shown = Bar(what, unit)
    try:
        yield shown
    finally:
        shown.stop()


async def importing(outcome: AsyncGenerator[tuple[Path, Imported], None], files: int) -> AsyncGenerator[Imported, None]:
    """Pass the results of an import on, and show how many files and documents are read."""
    with bar("Importing", "files") as watch:
        seen: set[Path] = set()
        documents = 0
        async with aclosing(outcome) as results:
            async for path, imported in results:
                seen.add(path)
                documents += 1
                watch(len(seen) - 1, files, f"{documents} documents")
                yield imported
