"""Whether the bot is connected to Discord, and since when: discord.py tells of changes and keeps no state.

gateway events -> `client` -> **gateway** -> `heartbeat`, `sampling`
"""

from __future__ import annotations

import math
import time

from bot.health import Connection
from bot.shards import Shards


class Gateway:
    """The client calls `found` and `lost`; the rest is for whoever wants to know.

    ``connection`` is ready while every shard of this process is.
    """

    def __init__(self) -> None:
        self.connection = Connection.CONNECTING
        self.share: Shards | None = None  # which shards those are, once one is connected
        self._up: set[int] = set()
        self._since = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long the connection has been what it is."""
        return time.monotonic() - self._since

    @property
    def down(self) -> frozenset[int]:
        """The shards of this process that are not connected."""
        return self.share.ids - self._up if self.share else frozenset()

    def found(self, shard: int, share: Shards) -> None:
        """Discord said that a session of one of the ``share`` has begun, or goes on."""
        self.share = share
        self._up.add(shard)
        if not self.down:
            self._turn(Connection.READY)

    def lost(self, shard: int) -> None:
        """A connection broke, or a new one could not be had; one that never was is still being made."""
        self._up.discard(shard)
        if self.connection is Connection.READY:
            self._turn(Connection.DOWN)

    def _turn(self, connection: Connection) -> None:
        if connection is not self.connection:
            self.connection, self._since = connection, time.monotonic()


def known_latency(seconds: float) -> float | None:
    """The latency that discord.py gives, if it has measured one: it says nan or infinity otherwise."""
    return seconds if math.isfinite(seconds) else None
