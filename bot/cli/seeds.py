"""The seeds: documents that are read into the shared library, and what is known of documents by their text."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

from bot import logs, terminal
from bot.desks.importing import Imported
from bot.errors import UnreadableDocument
from bot.model import SHARED
from bot.newsdesk import Newsdesk
from bot.reading.files import find_files
from bot.reading.known import KnownDocuments
from bot.settings import Settings

PROJECT_SEEDS = Path(__file__).resolve().parents[2] / "seeds"


def known_documents(seeds: Path | None) -> KnownDocuments:
    """The documents known by the fingerprint of their text: the project's list and that of the host's seeds."""
    known = KnownDocuments.load(PROJECT_SEEDS / "documents.toml")
    if seeds is None:
        return known
    own = KnownDocuments.load(seeds / "documents.toml")
    return KnownDocuments({**known.by_fingerprint, **own.by_fingerprint})


def seeds_to_try(settings: Settings) -> Path:
    """The host's seeds where there are any; from another folder than the project's, the starter library."""
    own = settings.seeds_dir
    return own if own is not None and own.is_dir() else PROJECT_SEEDS


async def plant(newsdesk: Newsdesk, folder: Path, stop: asyncio.Event | None = None) -> AsyncIterator[Imported]:
    """Read the seeds into the shared library until ``stop`` is set; what the host has removed stays removed."""
    try:
        files = find_files([folder])
    except UnreadableDocument as error:
        logs.say(f"No seeds are read: {error}", logging.WARNING)
        return
    async with aclosing(newsdesk.import_files(SHARED, files, restore=False)) as results:
        async for _, imported in results:
            if imported.fault:
                logs.say(terminal.imported_line(imported), logging.WARNING)
            else:
                yield imported
            if stop is not None and stop.is_set():
                return
