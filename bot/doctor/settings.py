"""The settings, all faults at once, and what they name: the token's shape, the folders of seeds and backups."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from bot.corpus import newest_backup
from bot.errors import CorpusError, SettingsError, UnreadableDocument
from bot.findings import Finding, misfit, ok, warning
from bot.reading.files import find_files, printable
from bot.settings import Given

BACKUP_OVERDUE = timedelta(days=2)
"""One is made a day: older than this, at least one has failed."""


def examine_settings(given: Given, now: datetime) -> Iterator[Finding]:
    """Blocks: reads the two folders."""
    for name, sentence in given.faults:
        yield misfit("settings", f"{name}: {sentence}")
    for name, meant in given.look_alikes.items():
        yield warning("settings", f"{name} in {given.env_file} is no setting: did you mean {meant}?")
    if given.is_open:
        said = f"every user of this machine can read the token in {given.env_file}: run chmod 600 {given.env_file}."
        yield warning("settings", said)
    if not given.faults:
        yield ok("settings", "all can be used.")
    if not given.is_wrong("DISCORD_TOKEN"):
        yield _token(given)
    if not given.is_wrong("SEEDS_DIR"):
        yield _seeds(given.settings.seeds_dir)
    if given.settings.on_server:
        yield ok("backups", "the library is kept by PostgreSQL, and is backed up there.")
    elif not given.is_wrong("BACKUP_DIR"):
        yield _backups(given.settings.backup_dir, now)


def _token(given: Given) -> Finding:
    try:
        given.settings.require_token()
    except SettingsError as missing:
        return warning("token", str(missing))
    return ok("token", "it has the shape of a bot's token.")


def _seeds(folder: Path | None) -> Finding:
    if folder is None:
        return ok("seeds", "SEEDS_DIR is empty: no documents are read at the start.")
    todo = "make the folder and let the bot's user read it, or leave SEEDS_DIR empty."
    try:
        files = find_files([folder])
        closed = [one for one in (folder, *files) if not os.access(one, os.R_OK)]
    except UnreadableDocument as error:
        return warning("seeds", f"SEEDS_DIR is {error.name}, and {error.reason.rstrip('.')}: {todo}")
    if closed:
        return warning("seeds", f"{printable(closed[0])} cannot be read: {todo}")
    return ok("seeds", f"{len(files)} files in {printable(folder)} are read at the start.")


def _backups(folder: Path | None, now: datetime) -> Finding:
    """Where backups go, and how old the newest is."""
    if folder is None:
        return ok("backups", "BACKUP_DIR is empty: Newsdesk makes none.")
    try:
        there = folder.exists()
        place = folder if there else next(parent for parent in folder.absolute().parents if parent.exists())
        if not place.is_dir() or not os.access(place, os.R_OK | os.W_OK | os.X_OK):
            said = f"{printable(place)} is no folder that this user can write to: mend it, or change BACKUP_DIR."
            return misfit("backups", said)
        found = newest_backup(folder) if there else None
    except CorpusError as error:
        return misfit("backups", str(error))
    except OSError as error:
        return misfit("backups", f"BACKUP_DIR cannot be used ({error.strerror}): mend it, or change it.")
    if found is None:
        return warning("backups", f"there is none in {printable(folder)} yet: a running bot makes one a day.")
    _, made = found
    if now - made > BACKUP_OVERDUE:
        said = f"the newest is of {made:%Y-%m-%d}: see that a bot runs, and what its log says of backups."
        return warning("backups", said)
    return ok("backups", f"the newest is of {made:%Y-%m-%d %H:%M} UTC.")
