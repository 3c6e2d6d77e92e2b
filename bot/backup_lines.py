"""What `newsdesk backup`, `restore` and `move` say: where, how large, how checked; what it means, and what is next."""

from __future__ import annotations

import re
from datetime import UTC
from pathlib import Path
from typing import Final

from bot.corpus import KEEP_BACKUPS, Backup
from bot.corpus.moving import Moved
from bot.corpus.restoring import Restored
from bot.reading.files import printable

_PASSWORD: Final = re.compile(r"^(postgres\w*\+\w+://[^:/@]*):[^@]*(?=@)")  # as SQLAlchemy reads an address


def backup_lines(made: Backup) -> str:
    """Where it is, how large, and how it was checked."""
    return f"{made.path}\n{_size(made.size_bytes)}, {_checked(made.articles)}"


def restored_lines(restored: Restored, file: Path) -> str:
    """What the library is now, where the other one is, and what whoever restored it must know and do."""
    lines = [
        f"Restored from {printable(file)}: the library is as of {restored.as_of.astimezone(UTC):%d %B %Y, %H:%M} UTC.",
        f"{_size(restored.size_bytes)}, {_checked(restored.articles)}",
    ]
    if restored.kept is not None:
        days = f"the bot deletes it after {KEEP_BACKUPS.days} days"
        lines.append(f"The library that was there is kept as {printable(restored.kept)}; {days}.")
    lines.append(
        "Before the bot posts anything, it looks in the channels for the digests it may have posted since; what "
        "watches had found is not told again. Schedules, feeds, watches and settings are those of the backup."
    )
    lines.append(_forgotten(restored))
    return "\n".join(lines)


def moved_lines(moved: Moved, url: str) -> str:
    """How much was moved, how it was checked, and what the host must set: ``url``, without its password."""
    kept = f", {moved.kept:,} of them before it was broken off" if moved.kept else ""
    lines = [
        f"Moved {moved.source} to {moved.target}: {moved.rows:,} rows of {moved.tables} tables{kept}.",
        f"checked: every row, read back from there, and the text of every article by its SHA-256 ({moved.articles:,})",
        "Put this into .env instead of the DATABASE_URL that is there, and start the bot; it makes its indexes anew.",
        "DATABASE_URL=" + _PASSWORD.sub(r"\1:PASSWORD", url),
        f"The library that was moved is still in {moved.source}: delete it when you are sure.",
    ]
    return "\n".join(lines)


def _forgotten(restored: Restored) -> str:
    """What of what was deleted for good is back, as far as anybody can know."""
    back = "What was deleted for good after the backup is back, and the backup cannot know what that is."
    people = "What people deleted with /data delete is noted nowhere: whoever asked for it must do so again."
    if restored.kept is None:
        return f"{back} {people}"
    if restored.forgotten is None:
        return f"{back} The library that was there cannot be read, to ask it. {people}"
    if not restored.forgotten:
        return f"The library that was there notes no article purged and no server deleted since. {people}"
    named = ", ".join(restored.forgotten)
    return (
        f"{back} The library that was there notes: {named}. Purge these articles again (/article purge), and delete "
        f"these servers (newsdesk forget --server). {people}"
    )


def _checked(articles: int) -> str:
    return f"checked: every page, and the text of every article by its SHA-256 ({articles:,})"


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1_000_000:.1f} MB" if size_bytes >= 100_000 else f"{size_bytes / 1_000:.0f} kB"
