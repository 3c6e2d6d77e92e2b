"""Whether Discord is there for the bot: it answers, takes the token, shows the channels of digests. For the doctor.

Each thing is asked once and directly: discord.py would ask five times in half a minute, and it keeps the ``Date`` of an
answer, by which this machine's clock is judged, to itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any, Final

import aiohttp
import discord
from discord.http import Route

from bot.doctor.database import CLOCK_TOLERANCE
from bot.errors import TokenRefused
from bot.findings import Finding, misfit, ok, warning

PATIENCE_SECONDS: Final = 10.0  # for each answer
CLOCK_FAULT: Final = timedelta(minutes=5)
"""A clock so wrong posts digests visibly late or early, and makes TLS and tokens fail soon."""
MOST_CHANNELS: Final = 50

# https://docs.discord.com/developers/reference#user-agent
_AGENT = f"DiscordBot (https://github.com/Rapptz/discord.py, {discord.__version__})"
_PRIVILEGED = {  # flags of an application, which has either of each two
    "Presence": ("gateway_presence", "gateway_presence_limited"),
    "Server Members": ("gateway_guild_members", "gateway_guild_members_limited"),
    "Message Content": ("gateway_message_content", "gateway_message_content_limited"),
}
_GOOD, _UNAUTHORIZED, _CLOSED = 200, 401, (403, 404)
_TELLING = (_GOOD, _UNAUTHORIZED, *_CLOSED)
_FAILS = "it answers with an error (HTTP {}): see https://discordstatus.com."


@dataclass(frozen=True, slots=True)
class _Answer:
    """``date`` is when Discord gave it, by its clock, to the second; None where it did not say."""

    status: int
    body: Any
    date: datetime | None

    def told(self) -> dict[str, Any]:
        """What a good answer says. Raises `_Trouble` for another."""
        if self.status != _GOOD or not isinstance(self.body, dict):
            raise _Trouble(_FAILS.format(self.status))
        return self.body


class _Trouble(Exception):
    """No answer, or none that tells anything: ``str`` is what to say of it."""


async def examine_discord(
    token: str | None, channels: Mapping[int, str], now: Callable[[], datetime], shard_count: int | None = None
) -> AsyncIterator[Finding]:
    """Ask Discord about itself; with a ``token``, about its application and ``channels``, which say whose they are.

    ``shard_count`` is into how many shards the host has its servers divided; None: as Discord recommends.
    """
    timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, headers={"User-Agent": _AGENT}) as session:
        try:
            answer = await _get(session, "/gateway")
            yield ok("Discord", "it answers.")
            if answer.date is not None:
                yield clock(now() - answer.date)
            if token is not None:
                session.headers["Authorization"] = f"Bot {token}"
                async for finding in _examine_application(session, channels, shard_count):
                    yield finding
        except _Trouble as trouble:
            yield warning("Discord", str(trouble))


def clock(ahead: timedelta) -> Finding:
    """How far this machine's clock is ahead of Discord's; behind, where it is negative."""
    off = abs(ahead)
    side = "ahead of" if ahead > timedelta() else "behind"
    said = f"this machine's clock is {off.total_seconds():.0f} seconds {side} Discord's"
    if off <= CLOCK_TOLERANCE:
        return ok("clock", f"{said}.")
    said += ": let it be set over the network (NTP)."
    return misfit("clock", said) if off > CLOCK_FAULT else warning("clock", said)


async def _examine_application(
    session: aiohttp.ClientSession, channels: Mapping[int, str], shard_count: int | None
) -> AsyncIterator[Finding]:
    """The token of the ``session``, and what may be done with it. Raises `_Trouble`."""
    answer = await _get(session, "/users/@me")
    if answer.status == _UNAUTHORIZED:
        yield misfit("token", str(TokenRefused()))
        return
    answer.told()
    yield ok("token", "Discord takes it.")
    yield _intents((await _get(session, "/applications/@me")).told())
    yield _sessions((await _get(session, "/gateway/bot")).told(), shard_count)
    async for finding in _examine_channels(session, channels):
        yield finding


def _intents(application: dict[str, Any]) -> Finding:
    """What the application may be told that Newsdesk never asks for."""
    flags = discord.ApplicationFlags()
    flags.value = int(application.get("flags", 0))
    allowed = [name for name, either in _PRIVILEGED.items() if any(getattr(flags, flag) for flag in either)]
    if allowed:
        on = " and ".join(f"{name} Intent" for name in allowed)
        return warning("intents", f"{on}: Newsdesk needs none; switch it off in the Developer Portal, page Bot.")
    return ok("intents", "no privileged one is on, and none is needed.")


def _sessions(gateway: dict[str, Any], shard_count: int | None) -> Finding:
    """Into how many shards the servers should be divided, and how many sessions may still be begun today."""
    wanted, left = int(gateway["shards"]), int(gateway["session_start_limit"]["remaining"])
    count = wanted if shard_count is None else shard_count
    if left < count:
        said = f"only {left} sessions may be begun until the limit is reset: see the log for what begins so many."
        return warning("shards", said)
    if count < wanted:
        return warning(
            "shards", f"SHARD_COUNT is {count}, and Discord recommends {wanted}: leave it empty, or raise it."
        )
    return ok("shards", f"{count}, and Discord recommends {wanted}.")


async def _examine_channels(session: aiohttp.ClientSession, channels: Mapping[int, str]) -> AsyncIterator[Finding]:
    """Which of the channels the bot may see; of many, the first. Raises `_Trouble`."""
    asked, closed = min(len(channels), MOST_CHANNELS), 0
    for channel, whose in islice(channels.items(), MOST_CHANNELS):
        if (await _get(session, f"/channels/{channel}")).status in _CLOSED:
            closed += 1
            said = "goes to one that is gone or that I may not see: give me View Channel, or use /schedule edit."
            yield warning("channels", f"{whose} {said}")
    if asked and not closed:
        of = f" of {len(channels)}" if asked < len(channels) else ""
        yield ok("channels", f"the {asked}{of} that digests go to can be seen.")


async def _get(session: aiohttp.ClientSession, path: str) -> _Answer:
    """What Discord answers, good or a refusal. Raises `_Trouble` where it cannot, or has no time for us."""
    try:
        async with session.get(Route.BASE + path, allow_redirects=False) as response:
            if response.status not in _TELLING:
                raise _Trouble(_FAILS.format(response.status))
            return _Answer(response.status, await response.json(), _date(response.headers.get("Date")))
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        raise _Trouble(
            f"it cannot be reached ({type(error).__name__}): check this machine's network, firewall and name service."
        ) from error


def _date(header: str | None) -> datetime | None:
    """An HTTP date, which is always of UTC; None where there is none."""
    try:
        return parsedate_to_datetime(header).replace(tzinfo=UTC) if header else None
    except ValueError:
        return None
