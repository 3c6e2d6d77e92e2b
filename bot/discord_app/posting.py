"""Posting: one frozen message on its way to a channel, and whether it is there.

delivery -> **posting** -> what Discord said of it. Nothing is decided here about what to do next: see `delivery`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, Protocol

import aiohttp
import discord

from bot.corpus import Delivery
from bot.discord_app.cards import Card
from bot.discord_app.guilds import own_rights, seen_guild
from bot.errors import TokenRefused

_log = logging.getLogger(__name__)

POST_SECONDS: Final = 45.0
"""Until then discord.py may try again by itself (it does after 500, 502, 504 and 429): within the nonce's life."""
_MOST_READ_MESSAGES = 1_000
_PAGE_MESSAGES = 100  # come with one request: all are looked at, as this machine's clock may have been years ahead
_LONGEST = timedelta(days=2)  # after it was due: six hours late, of a time that may have been changed, by a wrong clock
_SKEW = timedelta(days=1)  # how wrong this machine's clock may be for the message still to be looked for

_ALREADY_POSTED = 10008  # the message of this nonce was posted, and deleted since
_ARCHIVED = 50083
_CLOSED_CHANNEL = {  # Discord's error codes that no retry will mend
    10003: "the channel no longer exists",
    50001: "I may no longer see the channel",
    50013: "I may no longer write in the channel, or attach files there",
    160005: "the thread is locked",
    50007: "they take no private messages from me",
    50278: "they share no server with me any more",
}
_CANNOT_REOPEN = "the thread is archived and I may not reopen it"

Faults = (aiohttp.ClientError, OSError, TimeoutError)  # after these nobody knows whether the request arrived


class Fate(StrEnum):
    """What became of a request to post."""

    POSTED = "posted"
    REFUSED = "refused"  # for this message
    CLOSED = "closed"  # for every message to this channel
    NOT_YET = "not yet"  # surely not posted, and it may work in a moment
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``message_id`` where Discord told it, ``reason`` for what a person should know."""

    fate: Fate
    message_id: int | None = None
    reason: str | None = None


class Addressed(Protocol):
    """What is sent to a channel, under a nonce of at most 25 characters that Discord accepts once."""

    @property
    def channel_id(self) -> int:
        """Where it is posted."""
        ...

    @property
    def nonce(self) -> str:
        """What Discord knows the message by: at most 25 characters."""
        ...


class Unreadable(Exception):
    """A channel's history cannot be read. ``for_good``: not by trying again later either."""

    def __init__(self, reason: str, *, for_good: bool) -> None:
        super().__init__(reason)
        self.for_good = for_good


async def post(client: discord.AutoShardedClient, delivery: Addressed, guild: int | None, card: Card) -> Outcome:
    """Send ``card`` for ``delivery`` to a channel of ``guild``, or for None to a private one. Raises `TokenRefused`."""
    channel = client.get_partial_messageable(delivery.channel_id, guild_id=guild)
    try:
        async with asyncio.timeout(POST_SECONDS):
            message = await channel.send(view=card.view, files=card.files, nonce=delivery.nonce)
    except discord.HTTPException as error:
        return await _refusal(client, delivery, error)
    except Faults as error:
        return Outcome(Fate.UNKNOWN, reason=type(error).__name__)
    return Outcome(Fate.POSTED, message.id)


async def _refusal(client: discord.AutoShardedClient, delivery: Addressed, error: discord.HTTPException) -> Outcome:
    if error.status == 401:
        raise TokenRefused from error
    if error.code == _ALREADY_POSTED:
        return Outcome(Fate.POSTED)
    if error.code == _ARCHIVED:
        return await _reopened(client, delivery)
    if reason := _CLOSED_CHANNEL.get(error.code):
        return Outcome(Fate.CLOSED, reason=reason)
    told = f"HTTP {error.status}, code {error.code}"
    if error.status < 500 and error.status != 429:
        return Outcome(Fate.REFUSED, reason=f"Discord refused the message ({told})")
    return Outcome(Fate.UNKNOWN, reason=told)


async def _reopened(client: discord.AutoShardedClient, delivery: Addressed) -> Outcome:
    """Open an archived thread again, so that the next try gets through."""
    try:
        thread = await client.fetch_channel(delivery.channel_id)
        if isinstance(thread, discord.Thread):
            await thread.edit(archived=False)
    except (discord.Forbidden, discord.NotFound):
        return Outcome(Fate.CLOSED, reason=_CANNOT_REOPEN)
    except (discord.HTTPException, discord.InvalidData, *Faults) as error:
        return Outcome(Fate.NOT_YET, reason=type(error).__name__)
    return Outcome(Fate.NOT_YET, reason="the thread was archived")


async def find(client: discord.AutoShardedClient, delivery: Delivery, guild: int) -> int | None:
    """The id of the message in the channel that carries the delivery's reference; None where there surely is none.

    Raises `Unreadable`, `TokenRefused`.
    """
    channel = client.get_partial_messageable(delivery.channel_id, guild_id=guild)
    try:
        async with asyncio.timeout(POST_SECONDS):
            await _must_be_readable(client, delivery.channel_id, guild)
            return await _search(channel, delivery, client.user)
    except discord.HTTPException as error:
        if error.status == 401:
            raise TokenRefused from error
        known = _CLOSED_CHANNEL.get(error.code)
        raise Unreadable(
            known or f"HTTP {error.status}, code {error.code}", for_good=error.status in (403, 404)
        ) from error
    except Faults as error:
        raise Unreadable(type(error).__name__, for_good=False) from error


async def _must_be_readable(client: discord.AutoShardedClient, channel_id: int, guild_id: int) -> None:
    """Without the permission Discord shows an empty history and no error."""
    guild = await seen_guild(client, guild_id)
    if guild is None:
        raise Unreadable("the server is not available", for_good=False)
    try:
        allowed = await own_rights(client, guild, channel_id)
    except discord.ClientException as error:  # a channel of another kind, or another server's
        raise Unreadable("I cannot see what the channel is", for_good=False) from error
    if not (allowed.view_channel and allowed.read_message_history):
        raise Unreadable("I lack Read Message History in the channel", for_good=True)


async def _search(
    channel: discord.PartialMessageable, delivery: Delivery, ourselves: discord.ClientUser | None
) -> int | None:
    begun = delivery.claimed_at or delivery.planned_at
    oldest = begun - _SKEW
    latest = begun + _LONGEST if delivery.is_lost else None  # it may be of weeks ago, under all that came since
    read = 0
    async for message in channel.history(limit=_MOST_READ_MESSAGES, before=latest):
        read += 1
        if message.author == ourselves and any(delivery.nonce in text for text in _texts(message.components)):
            return message.id
        if message.created_at < oldest and read >= _PAGE_MESSAGES:
            return None
    if read == _MOST_READ_MESSAGES:
        raise Unreadable("too much was written in the channel since", for_good=True)
    return None


def _texts(components: Any) -> Iterator[str]:
    """What a message's components say, nested ones included."""
    for component in components:
        if isinstance(component, discord.TextDisplay):
            yield component.content
        yield from _texts(getattr(component, "children", ()))
