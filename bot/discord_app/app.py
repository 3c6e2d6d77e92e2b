"""The bot's life against Discord: from the open library to the last task awaited.

seeds read -> client connected; deliverer, notifier, poller, backups running -> a signal -> all ended -> library closed

Where Discord or the server of the library cannot be reached at the start it is tried for some minutes: a machine that
starts is often ahead of its network. Later discord.py itself takes a lost connection up again, however long that takes
(see `client`), and so does the library (`bot.corpus.presence`). What no further try can mend ends the bot with one
sentence and an exit code: `bot.errors`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

import aiohttp
import discord

from bot.desks.backing_up import BackingUp, Keeping
from bot.desks.pipe import Opening
from bot.discord_app.client import Command, NewsdeskClient
from bot.discord_app.heartbeat import beating
from bot.discord_app.processes import taking_part
from bot.discord_app.sampling import Sampler
from bot.errors import CorpusAway, CorpusError, NewsdeskError, NoConnection, TokenRefused, Unwelcome
from bot.model import SHARED
from bot.newsdesk import Newsdesk
from bot.shards import ONE_SHARD, Shards
from bot.systemd import ServiceManager
from bot.tasks import background, end, first_of

_log = logging.getLogger(__name__)

T = TypeVar("T")

TIDY_SECONDS = 600.0
PURGE_SECONDS = 86_400.0
LAST_ANSWERS_SECONDS = 1.0  # what commands under way get at the end: a host's Ctrl+C takes less than two in all

_ANSWERING_TASKS = ("CommandTree-invoker", "discord-ui-")  # discord.py's names for the tasks that answer; it keeps none
START_SECONDS = 300.0
"""How long a bot that starts tries to reach Discord, or its library: a router takes as long after a power cut."""
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 30.0  # between two tries

# The gateway's close codes that no new connection mends, by Discord's documentation of them.
_AUTHENTICATION_FAILED = 4004  # also for a token that was reset while the bot ran
_DISALLOWED_INTENTS = 4014
_UNWELCOME = {
    4010: "Discord refuses this process's shards (close code 4010): give every process the same SHARD_COUNT, and "
    "shards below it as SHARD_IDS.",
    4011: "Discord wants so many servers divided into more shards (close code 4011): leave SHARD_COUNT empty, or give "
    "every process a larger one.",
    4012: "Discord no longer speaks this version of its protocol (close code 4012): update Newsdesk.",
    4013: "Discord does not know an intent that was asked for (close code 4013): update Newsdesk.",
    _DISALLOWED_INTENTS: "Discord refuses a privileged intent (close code 4014), and Newsdesk needs none: update it, "
    "and see that nothing was changed in it to ask for one.",
}


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


@asynccontextmanager
async def until(stop: asyncio.Event) -> AsyncIterator[None]:
    """A block that is cut short once ``stop`` is set: what it waits for is cancelled, and the block ends."""
    limit = asyncio.timeout(None)

    async def cut() -> None:
        await stop.wait()
        limit.reschedule(0)

    try:
        async with limit, background(cut(), "stop"):
            yield
    except TimeoutError:
        if not limit.expired():
            raise


class Patience:
    """How a start that cannot be made yet is tried again: soon, then more rarely, and for `START_SECONDS` in all."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self._give_up = math.inf
        self._pause = _FIRST_PAUSE_SECONDS

    async def wait(self, error: NewsdeskError) -> None:
        """Say what is in the way and wait for the next try, or the stop. Raises ``error`` where it was tried enough."""
        now = asyncio.get_running_loop().time
        self._give_up = min(self._give_up, now() + START_SECONDS)
        if (left := self._give_up - now()) <= 0:
            raise error
        _log.warning("%s Trying again for some minutes.", error)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(self._pause, left)):
                await self._stop.wait()
        self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)


async def patiently(work: Callable[[], Awaitable[T]], stop: asyncio.Event) -> T:
    """Do ``work``, and again where the server of the library is away: a machine may start before its database."""
    patience = Patience(stop)
    while True:
        try:
            return await work()
        except CorpusAway as error:
            await patience.wait(error)


async def serve(
    newsdesk: Newsdesk,
    commands: Sequence[Command],
    token: str,
    stop: asyncio.Event,
    *,
    manager: ServiceManager | None = None,
    keeping: Keeping | None = None,
    shards: Shards | None = ONE_SHARD,
    second: Opening | None = None,
) -> None:
    """Run against Discord until ``stop`` is set. Raises `SettingsError`, `NoConnection`, `CorpusAway`, `CorpusDamaged`.

    It connects with ``shards``; None: with all of them, as many as Discord recommends.

    Where Discord cannot be reached at first, it is tried again with `Patience`. ``manager`` is told of
    the start, of every sign of life and of the end; ``keeping`` says where a backup a day goes; None: nowhere.
    ``second`` is what a second process would open (`bot.desks.second`); None: there is none.
    """
    patience = Patience(stop)
    async with (
        beating(newsdesk, manager or ServiceManager()) as heartbeat,
        taking_part(newsdesk.ownership, newsdesk.corpus.presence),
    ):
        while not stop.is_set():
            try:
                async with NewsdeskClient(newsdesk, commands, shards) as client:
                    heartbeat.follow(client)
                    return await _serve(client, token, stop, keeping, second)
            except (NoConnection, CorpusAway) as error:
                await patience.wait(error)
    return None


async def _serve(
    client: NewsdeskClient, token: str, stop: asyncio.Event, keeping: Keeping | None, second: Opening | None
) -> None:
    newsdesk = client.newsdesk
    try:
        await first_of(
            asyncio.create_task(_connect(client, token), name="gateway"),
            asyncio.create_task(client.deliverer.run(), name="deliverer"),
            asyncio.create_task(client.notifier.run(), name="notifier"),
            asyncio.create_task(client.feed_poller.run(), name="feeds"),
            asyncio.create_task(newsdesk.keep_up(), name="keeping up"),
            asyncio.create_task(_tidy(newsdesk), name="tidy"),
            asyncio.create_task(_purge(newsdesk), name="purge"),
            asyncio.create_task(client.membership.run(), name="membership"),
            asyncio.create_task(newsdesk.corpus.damaged(), name="damage"),
            *_where_asked_for(client, keeping, second),
            asyncio.create_task(stop.wait(), name="stop"),
        )
    finally:
        newsdesk.ownership.disconnected()
        await _finish_answers()
    _log.info("stopped")


def _where_asked_for(
    client: NewsdeskClient, keeping: Keeping | None, second: Opening | None
) -> Iterator[asyncio.Task[None]]:
    """What runs only where the host wants backups or a second process, or reads metrics."""
    newsdesk = client.newsdesk
    if keeping is not None:
        yield asyncio.create_task(BackingUp(newsdesk.corpus, keeping, newsdesk.now).run(), name="backups")
    if second is not None:
        yield asyncio.create_task(newsdesk.second.run(second), name="second process")
    if newsdesk.meter.is_read:
        yield asyncio.create_task(Sampler(client, keeping).run(), name="sampling")


async def _finish_answers() -> None:
    """Let commands and presses that are being answered end while the library and the connection are open."""
    answering = {task for task in asyncio.all_tasks() if task.get_name().startswith(_ANSWERING_TASKS)}
    if not answering:
        return
    await asyncio.wait(answering, timeout=LAST_ANSWERS_SECONDS)
    await end(answering)


async def _tidy(newsdesk: Newsdesk) -> None:
    """Every so often, forget what is not needed."""
    presence = newsdesk.corpus.presence
    while True:
        returns = presence.returns
        try:
            await newsdesk.tidy()
        except CorpusError as error:  # a full disk, say: people can still be answered
            _log.warning("old answers are kept for now: %s", error)
        await presence.pause(TIDY_SECONDS, returns)


async def _purge(newsdesk: Newsdesk) -> None:
    """At the start and every day, let what was removed long ago go for good."""
    presence = newsdesk.corpus.presence
    while True:
        returns = presence.returns
        try:
            if newsdesk.ownership.owns(SHARED):
                await newsdesk.editing.purge_removed()
        except CorpusError as error:
            _log.warning("what was removed long ago stays for now: %s", error)
        await presence.pause(PURGE_SECONDS, returns)


async def _connect(client: NewsdeskClient, token: str) -> None:
    """Stay connected; discord.py itself takes up what is lost again. Raises as `serve` does."""
    try:
        await client.start(token)
    except discord.LoginFailure as error:
        raise TokenRefused from error
    except discord.PrivilegedIntentsRequired as error:
        raise _closed(_DISALLOWED_INTENTS) from error
    except discord.ConnectionClosed as error:
        raise _closed(error.code) from error
    except discord.HTTPException as error:
        if error.status == 401:
            raise TokenRefused from error
        if error.status < 500 and error.status != 429:
            raise
        raise NoConnection(
            f"Discord answers with an error (HTTP {error.status}): see https://discordstatus.com."
        ) from error
    except (discord.GatewayNotFound, aiohttp.ClientError, TimeoutError, OSError) as error:
        raise NoConnection("Discord cannot be reached: check this machine's network.") from error


def _closed(code: int) -> TokenRefused | Unwelcome | NoConnection:
    """What a connection that Discord closed for good with that code means."""
    if code == _AUTHENTICATION_FAILED:
        return TokenRefused()
    if sentence := _UNWELCOME.get(code):
        return Unwelcome(sentence, code)
    return NoConnection(f"Discord closed the connection (close code {code}).")
