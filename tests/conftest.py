"""Fixtures that many tests share."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import settings

from bot.corpus import Corpus

# A machine that is busy with other tests is no fault of the example that is being tried: no deadline by the clock.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def documents_dir() -> Path:
    """The folder of the four original documents, which are not part of the repository."""
    folder = SHARED / "seeds"
    if not folder.is_dir():
        pytest.skip("the original documents (../shared/seeds) are not on this machine")
    return folder


@pytest.fixture(scope="session")
def blank_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, migrated once: to open a copy takes a quarter of the time that making one takes."""
    path = tmp_path_factory.mktemp("blank") / "newsdesk.db"

    async def make() -> None:
        async with Corpus.open(f"sqlite+aiosqlite:///{path}", bot=True):
            pass

    asyncio.run(make())
    return path
