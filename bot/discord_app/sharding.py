"""Sharding: the connections of a client's shards, each begun, lost and taken up again by itself.

discord.py's `AutoShardedClient` starts them one after the other, and begins a new session where one that was lost could
not be taken up at once: what was asked meanwhile would never be answered. Here a session is resumed however long it
takes, as with a single connection; shards do not wait for one another; and sessions begin as far apart as Discord asks.
https://docs.discord.com/developers/events/gateway#rate-limiting
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final, Literal

import aiohttp
import discord
from discord.backoff import ExponentialBackoff
from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from discord.shard import Shard
from typing_extensions import override
from yarl import URL

from bot.tasks import end

_log = logging.getLogger("discord.shard")  # whose lines `bot.logs` shortens

MOST_DELAY_SECONDS = 30.0
IDENTIFY_SECONDS: Final = 5.0
"""Between two sessions that begin, where Discord lets one begin at a time."""
CONNECT_SECONDS: Final = 60.0
_FAULTS = (OSError, aiohttp.ClientError, discord.HTTPException, discord.ConnectionClosed, TimeoutError)


class PatientBackoff(ExponentialBackoff[Literal[False]]):
    """How long to wait before it is tried again to take up a lost connection.

    discord.py's own waits grow to 17 minutes, so that after an hour without a network nobody is answered for as long
    again.
    """

    @override
    def delay(self) -> float:
        return min(super().delay(), MOST_DELAY_SECONDS)


class PatientShard(Shard):
    """One connection. What takes it up again is a task of its own, which `close` ends."""

    def __init__(self, ws: DiscordWebSocket, client: ShardedClient, queue_put: Any) -> None:
        super().__init__(ws, client, queue_put)
        self._owner = client
        self._backoff = PatientBackoff()
        self._taking_up: asyncio.Task[None] | None = None

    @override
    async def reconnect(self) -> None:
        await self.reidentify(ReconnectWebSocket(self.id, resume=True))

    @override
    async def reidentify(self, exc: ReconnectWebSocket) -> None:
        if not exc.resume:
            self._owner.begin_anew(self.id)
        self._taking_up = asyncio.create_task(super().reidentify(exc), name=f"shard {self.id}")

    @override
    async def close(self) -> None:
        if self._taking_up is not None:
            await end([self._taking_up])
        await super().close()


class ShardedClient(discord.AutoShardedClient):
    """Its shards are as in the module's description."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._identifying = asyncio.Lock()
        self._before: dict[int, list[discord.Guild]] = {}  # the servers of shards that begin a new session

    def begin_anew(self, shard_id: int) -> None:
        """A shard begins a new session: the servers that Discord then names no more, it has left meanwhile."""
        self._before[shard_id] = [guild for guild in self.guilds if guild.shard_id == shard_id]

    @override
    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        if event == "shard_connect":  # by now there is a new object for every server that was named
            for guild in self._before.pop(args[0], ()):
                if self.get_guild(guild.id) is guild:
                    self._connection._remove_guild(guild)  # noqa: SLF001 - discord.py leaves it there for ever
        super().dispatch(event, *args, **kwargs)

    @override
    async def launch_shard(self, gateway: URL, shard_id: int, *, initial: bool = False) -> None:
        """discord.py's own calls itself again, ever deeper, as long as Discord is away."""
        backoff = PatientBackoff()
        while True:
            try:
                opening = DiscordWebSocket.from_client(self, initial=initial, gateway=gateway, shard_id=shard_id)
                async with asyncio.timeout(CONNECT_SECONDS):
                    socket = await opening
                break
            except _FAULTS:
                self.dispatch("disconnect")
                seconds = backoff.delay()
                _log.exception("Attempting a reconnect in %.2fs", seconds)
                await asyncio.sleep(seconds)
        own = vars(self)  # discord.py's own shards, and its queue of what has become of them
        shard = PatientShard(socket, self, own["_AutoShardedClient__queue"].put_nowait)
        own["_AutoShardedClient__shards"][shard_id] = shard
        shard.launch()

    @override
    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        async with self._identifying:
            if not initial:
                await asyncio.sleep(IDENTIFY_SECONDS)
