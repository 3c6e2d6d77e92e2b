"""How a verb does its work: settings, log, event loop, the library, and its answer as lines or JSON.

options -> `start` -> settings -> `library` -> one question to `Newsdesk` -> lines or JSON on standard output
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import typer

from bot import logs, progress, terminal
from bot.cli.printing import print_json
from bot.cli.seeds import known_documents
from bot.metering import UNMETERED, Meter
from bot.newsdesk import Newsdesk
from bot.settings import Settings, load

T = TypeVar("T")


def start(
    work: Callable[[Settings], Coroutine[Any, Any, T]], *, is_bot: bool = False, settings: Settings | None = None
) -> T:
    """Run one command: settings, log, event loop. Only the bot logs what goes well: a verb prints its answer.

    ``settings`` are read, all of which must be right, where none are given. Raises `SettingsError`.
    """
    given = settings or load()
    secrets = [given.discord_token.get_secret_value()] if given.discord_token else []
    logs.configure(given.log_level if is_bot else "WARNING", given.log_format, secrets=secrets)

    async def run() -> T:
        logs.catch_tasks()
        return await work(given)

    try:
        return asyncio.run(run())
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@asynccontextmanager
async def library(settings: Settings, *, bot: bool = False, meter: Meter = UNMETERED) -> AsyncIterator[Newsdesk]:
    """The library of these settings; ``bot`` takes its lock. Raises `CorpusError`."""
    known = known_documents(settings.seeds_dir)
    with progress.bar("Reading anew by the rules of this version", "articles") as watch:
        async with Newsdesk.open(settings.database_url, bot=bot, known=known, meter=meter, watch=watch) as newsdesk:
            yield newsdesk


def tell(
    ask: Callable[[Newsdesk], Awaitable[T]],
    as_record: Callable[[T], terminal.Json | list[terminal.Json]],
    as_lines: Callable[[T], str],
    as_json: bool,
) -> None:
    """Ask the library one thing and print the answer."""

    async def work(settings: Settings) -> None:
        async with library(settings) as newsdesk:
            made = await ask(newsdesk)
        if as_json:
            print_json(as_record(made))
        else:
            typer.echo(as_lines(made))

    start(work)
