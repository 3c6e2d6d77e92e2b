"""The bot's life against Discord: from the open library to the last task awaited.

seeds read -> client connected; deliverer, notifier, poller and backups running -> SIGTERM or SIGINT -> all ended
    -> library closed
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord

from bot.desks.backing_up import BackingUp, Keeping
from bot.discord_app.client import Command, NewsdeskClient
from bot.errors import EX_TEMPFAIL, CorpusError, NewsdeskError, TokenRefused
from bot.newsdesk import Newsdesk
from bot.process import favouring_the_event_loop

_log = logging.getLogger(__name__)

TIDY_SECONDS = 600.0
PURGE_SECONDS = 86_400.0
LAST_ANSWERS_SECONDS = 1.0  # what commands under way get at the end: a host's Ctrl+C takes less than two in all

_ANSWERING_TASKS = ("CommandTree-invoker", "discord-ui-")  # discord.py's names for the tasks that answer; it keeps none
_AUTHENTICATION_FAILED = 4004  # the gateway's close code for a token that was reset while the bot ran


class NoConnection(NewsdeskError):
    """Discord cannot be reached, or cannot answer; trying again later may help."""

    exit_code = EX_TEMPFAIL


@asynccontextmanager
async def stop_signal() -> AsyncIterator[asyncio.Event]:
    """An event that SIGINT, SIGTERM or SIGHUP sets. The signals act as usual again afterwards."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    caught = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    for number in caught:
        with contextlib.suppress(NotImplementedError):  # Windows has no loop signals: Ctrl+C raises there instead
            loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in caught:
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)


async def serve(
    newsdesk: Newsdesk,
    commands: Sequence[Command],
    token: str,
    stop: asyncio.Event,
    *,
    keeping: Keeping | None = None,
) -> None:
    """Run against Discord until ``stop`` is set. Raises `TokenRefused`, `NoConnection`.

    ``keeping`` says where a backup a day goes; None: nowhere.
    """
    async with NewsdeskClient(newsdesk, commands) as client:
        try:
            with favouring_the_event_loop():
                await first_of(
                    asyncio.create_task(_connect(client, token), name="gateway"),
                    asyncio.create_task(client.deliverer.run(), name="deliverer"),
                    asyncio.create_task(client.notifier.run(), name="notifier"),
                    asyncio.create_task(client.feed_poller.run(), name="feeds"),
                    asyncio.create_task(_tidy(newsdesk), name="tidy"),
                    asyncio.create_task(_purge(newsdesk), name="purge"),
                    *_backing_up(newsdesk, keeping),
                    asyncio.create_task(client.membership.run(), name="membership"),
                    asyncio.create_task(stop.wait(), name="stop"),
                )
        finally:
            await _finish_answers()
    _log.info("stopped")


def _backing_up(newsdesk: Newsdesk, keeping: Keeping | None) -> list[asyncio.Task[None]]:
    if keeping is None:
        return []
    return [asyncio.create_task(BackingUp(newsdesk.corpus, keeping, newsdesk.now).run(), name="backups")]


async def _finish_answers() -> None:
    """Let commands and presses that are being answered end while the library and the connection are open."""
    answering = {task for task in asyncio.all_tasks() if task.get_name().startswith(_ANSWERING_TASKS)}
    if not answering:
        return
    await asyncio.wait(answering, timeout=LAST_ANSWERS_SECONDS)
    for task in answering:
        task.cancel()
    await asyncio.gather(*answering, return_exceptions=True)


async def _tidy(newsdesk: Newsdesk) -> None:
    """Every so often, forget what is not needed."""
    while True:
        try:
            await newsdesk.tidy()
        except CorpusError as error:  # a full disk, say: people can still be answered
            _log.warning("old answers are kept for now: %s", error)
        await asyncio.sleep(TIDY_SECONDS)


async def _purge(newsdesk: Newsdesk) -> None:
    """At the start and every day, let what was removed long ago go for good."""
    while True:
        try:
            await newsdesk.editing.purge_removed()
        except CorpusError as error:
            _log.warning("what was removed long ago stays for now: %s", error)
        await asyncio.sleep(PURGE_SECONDS)


async def first_of(*tasks: asyncio.Task[Any]) -> None:
    """Wait for the first of ``tasks`` to end, then end and await the others. Raises what the first one raised."""
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _connect(client: NewsdeskClient, token: str) -> None:
    """Stay connected; discord.py itself takes up what is lost again. Raises as `serve` does."""
    try:
        await client.start(token)
    except discord.LoginFailure as error:
        raise TokenRefused from error
    except discord.ConnectionClosed as error:
        if error.code == _AUTHENTICATION_FAILED:
            raise TokenRefused from error
        raise NoConnection(f"Discord closed the connection (code {error.code}): a restart will try again.") from error
    except discord.HTTPException as error:
        if error.status < 500 and error.status != 429:
            raise
        raise NoConnection(
            f"Discord answers with an error (HTTP {error.status}): see https://discordstatus.com; "
            "a restart will try again."
        ) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise NoConnection(
            "Discord cannot be reached: check this machine's network; a restart will try again."
        ) from error
