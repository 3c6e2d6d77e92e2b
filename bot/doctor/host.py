"""What Newsdesk stands on: the folder of the data, the disk, SQLite itself, time zones."""

from __future__ import annotations

import importlib
import os
import shutil
import sqlite3
import zoneinfo
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from bot.corpus.sqlite import check_place, has_wal_reset_bug, size_bytes
from bot.errors import CorpusError
from bot.findings import Finding, misfit, ok, warning

LEAST_FREE_BYTES: Final = 100 << 20
FREE_FOR_ONE: Final = 3
"""Free space for each byte of the database: a copy before it is migrated, and twice its size to write it anew
(https://sqlite.org/lang_vacuum.html)."""
_FULL_BYTES = 10 << 20  # below it the next import or backup ends in an error

_ZONE = Path("Europe", "London")
_OLD_YEARS = 2


def examine_host(path: Path, today: date) -> Iterator[Finding]:
    """What the database file at ``path`` will be kept with. Blocks."""
    yield sqlite_version(sqlite3.sqlite_version_info)
    yield time_zones(today)
    folder = data_folder(path)
    yield folder
    if folder.state == "ok":
        yield disk(path)


def sqlite_version(version: tuple[int, int, int]) -> Finding:
    """Whether this version of SQLite is known to lose what was written."""
    written = ".".join(map(str, version))
    if has_wal_reset_bug(version):
        said = (
            f"version {written} has a bug that can, very rarely, damage a file that two programs write at one instant: "
            "use a Python with SQLite 3.51.3 or newer, and until then import only while the bot is stopped."
        )
        return warning("SQLite", said)
    return ok("SQLite", f"version {written}.")


def time_zones(today: date, system: Sequence[str] = zoneinfo.TZPATH) -> Finding:
    """Which zone data `zoneinfo` finds: the machine's, in the folders ``system``, before that of the package tzdata."""
    folder = next((Path(one) for one in system if (Path(one) / _ZONE).is_file()), None)
    try:
        where = "the package tzdata" if folder is None else str(folder)
        version = importlib.import_module("tzdata").IANA_VERSION if folder is None else _version_in(folder)
    except ImportError:
        return misfit("time zones", "there are none on this machine: run pip install tzdata.")
    if not version:
        return ok("time zones", f"of {where}, which does not tell their version.")
    if today.year - int(version[:4]) >= _OLD_YEARS:
        said = f"{version}, of {where}, are old, and clocks may have changed since: update this machine's tzdata."
        return warning("time zones", said)
    return ok("time zones", f"{version}, of {where}.")


def _version_in(folder: Path) -> str:
    """The version of a machine's zone data, such as 2025b; empty where neither of its two usual places tells."""
    for name in ("tzdata.zi", "+VERSION"):
        try:
            with (folder / name).open(encoding="ascii") as file:
                version = file.readline().removeprefix("# version").strip()
        except (OSError, ValueError):
            continue
        if version[:4].isdigit():
            return version
    return ""


def data_folder(path: Path) -> Finding:
    """Whether this user may write the database, its log, its lock and its folder. Nothing is written to find out."""
    about = "data folder"
    try:
        check_place(path)
        beside = [path.with_name(path.name + ending) for ending in ("", "-wal", "-shm", ".lock", ".indexes")]
        needed = os.R_OK | os.W_OK
        closed = [] if os.access(path.parent, needed | os.X_OK) else [path.parent]
        closed += [one for one in beside if one.exists() and not os.access(one, needed)]
    except CorpusError as error:
        return misfit(about, str(error))
    except OSError as error:
        return misfit(about, f"{path.parent} cannot be entered ({error.strerror}): see who owns it.")
    if closed:
        names = ", ".join(one.name for one in closed)
        said = f"this user cannot write to {names}: start Newsdesk as their owner, or give them to its user (chown)."
        return misfit(about, said)
    return ok(about, f"{path.parent} can be written to.")


def disk(path: Path) -> Finding:
    """Whether there is space for what is done with a database of this size."""
    about = "disk"
    size, free = size_bytes(path), shutil.disk_usage(path.parent).free
    needed = max(LEAST_FREE_BYTES, FREE_FOR_ONE * size)
    said = f"{_megabytes(free)} are free, and the database has {_megabytes(size)}"
    if free < _FULL_BYTES:
        return misfit(about, f"{said}: nothing more can be stored; make room.")
    if free < needed:
        return warning(
            about, f"{said}: make room, up to {_megabytes(needed)}, for backups and for updates of Newsdesk."
        )
    return ok(about, f"{said}.")


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):,.1f} MB"
