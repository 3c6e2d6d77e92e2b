"""The verbs that serve people: `try` in a browser, `run` against Discord."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from pathlib import Path
from typing import Annotated, Final

import typer

from bot import terminal
from bot.cli.seeds import known_documents, plant, seeds_to_try
from bot.cli.verbs import library, start
from bot.desks.backing_up import Keeping
from bot.desks.pipe import Opening
from bot.metering import UNMETERED, Meter
from bot.newsdesk import Newsdesk
from bot.process import cores, favouring_the_event_loop
from bot.settings import Settings, service_manager
from bot.version import version

app = typer.Typer()

_log = logging.getLogger(__name__)

LARGE_ARTICLES: Final = 5_000
"""A library of so many, some 50,000 passages, has a second process from the start."""


@app.command("try")
def try_(
    port: Annotated[int | None, typer.Option(help="Port of the page; any free one by default.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Try the bot in a browser, without Discord."""
    from bot import playground

    def announce(url: str, articles: int) -> None:
        typer.echo(
            f"Newsdesk is running with {articles} articles. Open this page, and press Ctrl+C here to stop:\n{url}"
        )
        if browser:
            playground.open_browser(url)

    async def serve(settings: Settings) -> None:
        from bot.discord_app.app import stop_signal
        from commands import ALL

        async with stop_signal() as stop:
            await playground.play(
                ALL,
                stop,
                known=known_documents(settings.seeds_dir),
                fill=lambda newsdesk: plant(newsdesk, seeds_to_try(settings), stop),
                port=settings.try_port if port is None else port,
                announce=announce,
            )

    start(serve)


@app.command()
def run() -> None:
    """Run the bot against Discord with the token from .env."""

    async def serve(settings: Settings) -> None:
        token = settings.require_token()
        from bot.discord_app.app import patiently, serve, stop_signal, until
        from commands import ALL

        meter, listening = _metering(settings.metrics_port)
        async with stop_signal() as stop, AsyncExitStack() as opened:
            async with until(stop):
                newsdesk = await patiently(
                    lambda: opened.enter_async_context(library(settings, bot=True, meter=meter)), stop
                )
                await opened.enter_async_context(listening)
                if (seeds := settings.seeds_dir) is not None:
                    await patiently(lambda: _plant(newsdesk, seeds, stop), stop)
            if not stop.is_set():
                manager = service_manager()
                kept = keeping(settings)
                second = await second_process(settings, newsdesk)
                with favouring_the_event_loop():
                    await serve(
                        newsdesk, ALL, token, stop, keeping=kept, manager=manager, shards=settings.shards, second=second
                    )

    start(serve, is_bot=True)


async def _plant(newsdesk: Newsdesk, seeds: Path, stop: asyncio.Event) -> None:
    planted = [one async for one in plant(newsdesk, seeds, stop)]
    _log.info("seeds: %s", terminal.imported_total(planted).lower())


def _metering(port: int) -> tuple[Meter, AbstractAsyncContextManager[object]]:
    """What takes note of what happens, and in whose block it can be read at ``port``; for port 0 nothing and nowhere.

    It is read only once the library is open: a second bot on the same library is told of that, and not of the port.
    """
    if not port:
        return UNMETERED, nullcontext()
    from bot.metrics import Metrics, listening

    metrics = Metrics(version())
    return metrics, listening(metrics, port)


async def second_process(settings: Settings, newsdesk: Newsdesk) -> Opening | None:
    """What a second process would open; None where the host wants none, or it would be of no use."""
    when = settings.second_process
    if when == "never" or (when == "auto" and cores() < 2) or settings.on_server:
        return None
    at_once = when == "always" or await newsdesk.corpus.changes.largest() >= LARGE_ARTICLES
    return Opening(settings.database_url, settings.log_level, settings.log_format, at_once)


def keeping(settings: Settings) -> Keeping | None:
    """Where the bot's backups go and how many are kept; None where the host wants none or a server has the library."""
    if settings.backup_dir is None or settings.on_server:
        return None
    return Keeping(settings.backup_dir.absolute(), settings.backup_days, settings.backup_weeks)
