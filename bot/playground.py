"""Try the bot in a browser without Discord: the real client and commands on a simulated server.

simcord plays Discord in this process and serves one page on the loopback interface; nothing leaves the machine. The
library is a new one in a temporary folder, filled from the seeds, and goes when the playground ends.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import discord

from bot.discord_app.client import Command, NewsdeskClient
from bot.errors import EX_UNAVAILABLE, NewsdeskError
from bot.newsdesk import Newsdesk
from bot.reading.fetching import Fetcher
from bot.reading.known import KnownDocuments
from bot.tasks import first_of

if TYPE_CHECKING:
    import simcord

TICK_SECONDS = 1.0
_NAME = "Newsdesk"  # as the messages of the page are signed
_WELCOME = (
    "Welcome to Newsdesk's playground. Type `/` and pick a command, for example `/quote` with the query "
    "`referendum`, or `/summary` with the topic `energy grid`. Switch the viewer to **admin** for `/article` (try "
    "`/article fetch` with a link) and `/schedule`."
)


class PlaygroundMissing(NewsdeskError):
    """The extra that the playground needs is not installed."""

    exit_code = EX_UNAVAILABLE


class PortTaken(NewsdeskError):
    """The page cannot be served on the port that was asked for."""

    exit_code = EX_UNAVAILABLE


def _wall_clock() -> datetime:
    return datetime.now(UTC)


async def play(
    commands: Sequence[Command],
    stop: asyncio.Event,
    *,
    known: KnownDocuments,
    fill: Callable[[Newsdesk], AsyncIterator[object]],
    port: int,
    announce: Callable[[str, int], None],
    now: Callable[[], datetime] = _wall_clock,
    fetcher: Fetcher | None = None,
) -> None:
    """Serve the page until ``stop`` is set or its session is ended there.

    ``fill`` puts the seeds into the new library; ``announce`` is told the page's address and how many articles it has.
    ``now`` is the time in UTC that the bot and the simulated Discord go by; ``fetcher`` follows links. Raises
    `PlaygroundMissing`, `PortTaken`.
    """
    _require_simcord()
    with tempfile.TemporaryDirectory(prefix="newsdesk-") as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'playground.db'}"
        async with Newsdesk.open(url, bot=True, known=known, now=now, fetcher=fetcher) as newsdesk:
            articles = [document async for document in fill(newsdesk)]
            if stop.is_set():
                return
            async with (
                _simulated(NewsdeskClient(newsdesk, commands)) as (env, channel, viewers),
                _served(env, channel, viewers, port) as page,
            ):
                announce(page.url, len(articles))
                await _until_closed(env, channel, page, stop)


@asynccontextmanager
async def _simulated(
    client: NewsdeskClient,
) -> AsyncIterator[tuple[simcord.Env, simcord.ChannelHandle, list[simcord.MemberActor]]]:
    """The client logged in to a simulated server with one channel, a member and an admin."""
    import simcord

    async with simcord.run(client, check_errors=False) as env:
        await env.advance_time(_behind_seconds(env, client.newsdesk))
        if client.user is not None:
            await client.user.edit(username=_NAME)
        guild = env.create_guild("The newsroom")
        channel = guild.create_text_channel("newsdesk")
        admins = guild.create_role("Editors", permissions=discord.Permissions(manage_guild=True))
        member = guild.add_member(env.create_user("member"))
        admin = guild.add_member(env.create_user("admin"), roles=[admins])
        await admin.send(channel, _WELCOME)
        yield env, channel, [member, admin]
        await client.close()


@asynccontextmanager
async def _served(
    env: simcord.Env, channel: simcord.ChannelHandle, viewers: list[simcord.MemberActor], port: int
) -> AsyncIterator[simcord.Preview]:
    """The page of the channel on ``port``, any free one for 0. Raises `PortTaken`, `PlaygroundMissing`."""
    from simcord import SetupError

    async with AsyncExitStack() as stack:
        try:
            page = await stack.enter_async_context(
                env.preview(channel, viewers=viewers, layout="channel", port=port or None)
            )
        except SetupError as error:
            if isinstance(error.__cause__, OSError):
                raise PortTaken(
                    f"Port {port} cannot be used, another program may have it: give another with --port, or none."
                ) from error
            raise _missing() from error
        yield page


def _require_simcord() -> None:
    """Raise `PlaygroundMissing` where the extra is not installed."""
    logging.getLogger("discord.state").setLevel(logging.ERROR)  # simcord probes discord.py with a client of no intents
    try:
        import simcord  # noqa: F401
    except ImportError as error:
        raise _missing() from error


def _missing() -> PlaygroundMissing:
    return PlaygroundMissing("The playground is not installed: run `make try`, or pip install 'newsdesk[try]'.")


async def _until_closed(
    env: simcord.Env, channel: simcord.ChannelHandle, page: simcord.Preview, stop: asyncio.Event
) -> None:
    """Keep the simulated clock ticking until Ctrl+C or until the page ends the session."""
    # A context of their own: simcord gives a task that inherits its context the simulated clock, and waits for it.
    await first_of(
        asyncio.create_task(stop.wait(), context=contextvars.Context()),
        asyncio.create_task(page.wait_closed(), context=contextvars.Context()),
        asyncio.create_task(_tick(env, channel, page), context=contextvars.Context()),
        asyncio.create_task(_bot(env).feed_poller.run(), context=contextvars.Context()),
    )


async def _tick(env: simcord.Env, channel: simcord.ChannelHandle, page: simcord.Preview) -> None:
    """Let the simulated clock follow the real one, post what is due, and show what was posted."""
    client = _bot(env)
    owed = False
    while True:
        await asyncio.sleep(TICK_SECONDS)
        env.backend.advance_clock(_behind_seconds(env, client.newsdesk))
        before = len(channel.history())
        await client.deliverer.tick()
        await client.notifier.tick()
        # Only for what came by itself: a person's own action shows its answer, and the page refuses whatever is
        # pressed between a refresh and its next look, half a second later.
        owed = owed or len(channel.history()) > before
        owed = owed and not await _refresh(page)


def _bot(env: simcord.Env) -> NewsdeskClient:
    if not isinstance(env.bot, NewsdeskClient):
        raise TypeError("the playground runs Newsdesk's own client")
    return env.bot


def _behind_seconds(env: simcord.Env, newsdesk: Newsdesk) -> float:
    """How far the simulated clock is behind the bot's; 0 where the bot's was set back."""
    return max(0.0, (newsdesk.now() - env.now()).total_seconds())


async def _refresh(page: simcord.Preview) -> bool:
    """Show what is new; False while a command is under way: the next tick tries again."""
    from simcord import SetupError

    try:
        await page.refresh()
    except (SetupError, TimeoutError):
        return False
    return True


def open_browser(url: str) -> None:
    """Open the page where a person sits in front of a screen; never a text browser in the terminal."""
    if sys.stdout.isatty() and (sys.platform in ("darwin", "win32") or _has_graphical_browser()):
        webbrowser.open(url)


def _has_graphical_browser() -> bool:
    try:
        return isinstance(webbrowser.get(), webbrowser.BackgroundBrowser)
    except webbrowser.Error:
        return False
