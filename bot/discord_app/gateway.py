"""Whether the bot is connected to Discord, and since when: discord.py tells of changes and keeps no state.

gateway events -> `client` -> **gateway** -> `heartbeat`, `sampling`
"""

from __future__ import annotations

import math
import time

from bot.health import Connection


class Gateway:
    """The client calls `found` and `lost`; the rest is for whoever wants to know."""

    def __init__(self) -> None:
        self.connection = Connection.CONNECTING
        self._since = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long the connection has been what it is."""
        return time.monotonic() - self._since

    def found(self) -> None:
        """Discord said that a session has begun, or goes on."""
        self._turn(Connection.READY)

    def lost(self) -> None:
        """The connection broke, or a new one could not be had; one that never was is still being made."""
        if self.connection is Connection.READY:
            self._turn(Connection.DOWN)

    def _turn(self, connection: Connection) -> None:
        if connection is not self.connection:
            self.connection, self._since = connection, time.monotonic()


def known_latency(seconds: float) -> float | None:
    """The latency that discord.py gives, if it has measured one: it says nan or infinity otherwise."""
    return seconds if math.isfinite(seconds) else None
