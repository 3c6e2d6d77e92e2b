"""Fixtures for tests over real sockets: a double of Discord, and a library for a bot in this process."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from bot.discord_app import app
from bot.discord_app.client import NewsdeskClient
from bot.newsdesk import Newsdesk
from bot.shards import ONE_SHARD, Shards
from tests.wire.double import PATIENCE_SECONDS, Double
from tests.wire.due import NOON
from tests.wire.launch import hasten, pointed_at
from tests.wire.serving import served

Serving = Callable[..., AbstractAsyncContextManager[NewsdeskClient]]


@pytest.fixture
async def double() -> AsyncIterator[Double]:
    async with Double() as opened:
        with pointed_at(opened.address):
            yield opened


@pytest.fixture
def url(tmp_path: Path, blank_library: Path) -> str:
    """Of the library that `newsdesk` opens. Tests of delivery take `library_url`, which is in each kind of database."""
    return f"sqlite+aiosqlite:///{shutil.copy(blank_library, tmp_path / 'newsdesk.db')}"


@pytest.fixture
async def newsdesk(url: str) -> AsyncIterator[Newsdesk]:
    """An empty library at noon."""
    async with Newsdesk.open(url, bot=True, now=lambda: NOON, alone=True) as opened:
        yield opened


@pytest.fixture
def serving(double: Double, newsdesk: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> Serving:
    """Runs the bot in this process, from its start until it is ready to its clean end, with `app.serve`."""
    started: asyncio.Queue[NewsdeskClient] = asyncio.Queue()

    class HastyClient(NewsdeskClient):
        async def setup_hook(self) -> None:
            hasten(self)
            await super().setup_hook()
            started.put_nowait(self)

    monkeypatch.setattr(app, "NewsdeskClient", HastyClient)

    @asynccontextmanager
    async def start(shards: Shards | None = ONE_SHARD) -> AsyncIterator[NewsdeskClient]:
        async with served(newsdesk, shards=shards):
            async with asyncio.timeout(PATIENCE_SECONDS):
                client = await started.get()
                await client.wait_until_ready()
            yield client

    return start
