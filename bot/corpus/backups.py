"""Backups: checked copies of the library in a folder, named by their moment, and which of them are kept.

    library -> `copying` -> newsdesk-2025-05-12T083000Z.db -> `expired` says which older ones go

`bot.desks.backing_up` has one made a day; `restoring` puts one in the library's place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.corpus import sqlite
from bot.corpus.copying import Watch, Work, copy, discard, put, stoppable, unfinished, unwatched
from bot.corpus.lock import held
from bot.corpus.migrate import MIGRATIONS, is_current
from bot.errors import CorpusError

_NAMED: Final = re.compile(r"newsdesk-(\d{4}-\d{2}-\d{2}T\d{6})Z\.db")
_MOMENT: Final = "%Y-%m-%dT%H%M%S"
_WORKPLACE: Final = ".newsdesk-backup"  # the names of the lock and of the unfinished file in a folder begin so


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made and checked, texts and all."""

    path: Path
    size_bytes: int
    articles: int


def dated(stem: str, moment: datetime) -> str:
    """A file's name that says its moment in UTC, to the second: ``newsdesk`` -> ``newsdesk-2025-05-12T083000Z.db``."""
    return f"{stem}-{moment.astimezone(UTC):{_MOMENT}}Z.db"


def moment_of(name: str) -> datetime | None:
    """The moment in the name of a backup; None for any other name."""
    if (match := _NAMED.fullmatch(name)) is None:
        return None
    try:
        return datetime.strptime(match[1], _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None


def backups_in(folder: Path) -> dict[datetime, Path]:
    """The backups in a folder by their moments, oldest first; none where there is no folder. Blocks.

    Raises `CorpusError`.
    """
    try:
        found = {moment: file for file in folder.iterdir() if (moment := moment_of(file.name)) and file.is_file()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _unusable(folder, error) from error
    return dict(sorted(found.items()))


def newest_backup(folder: Path) -> tuple[Path, datetime] | None:
    """The backup of the latest moment, and that moment; None without one. Blocks. Raises `CorpusError`."""
    found = backups_in(folder)
    return next(((file, moment) for moment, file in reversed(found.items())), None)


def expired(moments: Collection[datetime], now: datetime, days: int, weeks: int) -> list[datetime]:
    """Which backups are no longer kept, oldest first.

    Kept are all of the last ``days`` days on which there were any (``days`` is at least 1), and the first of each of
    the last ``weeks`` weeks, Monday to Sunday in UTC, that had any before. Days without a backup do not count, so that
    neither a long pause nor a clock that was set forward and back lets good ones go; those dated after ``now`` are of
    such a clock: they stay, and count for nothing.
    """
    past = sorted(moment for moment in moments if moment <= now)
    recent = sorted({moment.date() for moment in past})[-days:]
    before = [moment for moment in past if moment.date() not in recent]
    first_of: dict[tuple[int, int], datetime] = {}
    for moment in before:
        year, week, _ = moment.isocalendar()
        first_of.setdefault((year, week), moment)
    kept = sorted(first_of.values())[max(len(first_of) - weeks, 0) :]
    return [moment for moment in before if moment not in kept]


async def back_up(library: Path, target: Path, *, now: datetime, watch: Watch = unwatched) -> Backup:
    """Copy the library to ``target``, a new file or a folder that gets one of a dated name.

    A bot may be running on it; a cancellation breaks it off. Raises `CorpusError`: then no file was made.
    """
    await is_current(library, MIGRATIONS)  # one of a newer Newsdesk is not understood; an older one will be migrated
    try:
        return await stoppable(lambda work: make(library, target, now=now, work=work), watch)
    except OSError as error:
        raise sqlite.explain(error, target) from error


def make(source: Path, target: Path, *, now: datetime, work: Work) -> Backup:
    """`back_up` in a thread. Raises `CorpusError`, and `Stopped`."""
    if sqlite.stored_revision(source) is None:
        raise CorpusError(f"There is no library at {source}: see DATABASE_URL.")
    target = target / dated("newsdesk", now) if target.is_dir() else target
    if target.exists():
        raise CorpusError(f"{target} is there already: give another name, or a folder.")
    if not target.parent.is_dir():
        raise CorpusError(f"There is no folder {target.parent}: make it first.")
    with _working_in(target.parent) as part:
        articles = copy(source, part, target, made_at=now, work=work).articles
        size = part.stat().st_size
        put(part, target)
    return Backup(target, size, articles)


def make_room(folder: Path, *, now: datetime, days: int, weeks: int) -> list[str]:
    """Delete the backups that are `expired`; returns their names. Blocks. Raises `CorpusError`."""
    there = backups_in(folder)
    gone = [there[moment] for moment in expired(there, now, days, weeks)]
    try:
        for file in gone:
            file.unlink(missing_ok=True)
    except OSError as error:
        raise _unusable(folder, error) from error
    return [file.name for file in gone]


def make_folder(folder: Path) -> None:
    """Make the folder of the backups, for its owner alone, where there is none. Blocks. Raises `CorpusError`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, error) from error


@contextmanager
def _working_in(folder: Path) -> Iterator[Path]:
    """The name of the unfinished file in a folder, for one process at a time; what a dead one left there is gone."""
    place = folder / _WORKPLACE
    part = unfinished(place)
    try:
        with held(place, f"Another backup is being written to {folder}: try again when it is done."):
            discard(part)
            yield part
    except OSError as error:
        raise _unusable(folder, error) from error


def _unusable(folder: Path, error: OSError) -> CorpusError:
    reason = error.strerror or type(error).__name__
    return CorpusError(f"The folder of the backups, {folder}, cannot be used ({reason}): see BACKUP_DIR and its owner.")
