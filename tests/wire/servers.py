"""Which servers the bot is in, which shard each is on, and how often sessions may be started.

There is one server to begin with. Those that a test populates beside it are the numbers of a range: one of them takes
no memory until something is done in it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.wire.objects import GUILD, Json
from tests.wire.refusals import Refusal

STEP = 1 << 22  # between two ids whose servers are on neighbouring shards
FIRST = (int(GUILD) // STEP + 1) * STEP
IDENTIFY_SECONDS = 5.0  # Discord takes one IDENTIFY of each rate limit key in so many seconds (gateway.mdx)
SESSIONS_A_DAY = 1_000
MOST_SERVERS = 2_500  # on a shard
_RECOMMENDED_SERVERS = 1_000  # on a shard, when Discord is asked for a number of shards


@dataclass(frozen=True)
class Shard:
    """One of ``count`` shards, as IDENTIFY names it."""

    id: int = 0
    count: int = 1

    def has(self, guild: str | None) -> bool:
        """Whether it is told of a server; what happens outside of servers is the first one's."""
        return self.id == (0 if guild is None else (int(guild) >> 22) % self.count)


class Servers:
    """Ids, as strings. ``down`` are those in an outage: the bot is in them and is told that they are unavailable."""

    def __init__(self) -> None:
        self.down: set[str] = set()
        self._populated = range(FIRST, FIRST, STEP)
        self._left: set[str] = set()

    def populate(self, number: int) -> list[str]:
        """So many servers more, spread evenly over any number of shards; their ids."""
        known = len(self._populated)
        self._populated = range(FIRST, FIRST + (known + number) * STEP, STEP)
        return [str(guild) for guild in self._populated[known:]]

    def leave(self, guild: str) -> None:
        """From now on the bot is not in this server."""
        self._left.add(guild)

    def must_know(self, guild: str) -> None:
        """Raises `Refusal` for a server that the bot is not in."""
        if guild not in self:
            raise Refusal(404, 10004, "Unknown Guild")

    def of(self, shard: Shard) -> list[str]:
        """The servers that a shard is told of."""
        return [guild for guild in self if shard.has(guild)]

    def exists(self, guild: str) -> bool:
        """Whether there is such a server, whoever is in it."""
        return guild == GUILD or int(guild) in self._populated

    def __contains__(self, guild: str) -> bool:
        return self.exists(guild) and guild not in self._left

    def __iter__(self) -> Iterator[str]:
        everywhere = [GUILD, *map(str, self._populated)]
        return (guild for guild in everywhere if guild not in self._left)

    def __len__(self) -> int:
        return 1 + len(self._populated) - len(self._left)


class Starts:
    """How sessions may be started, and what ``GET /gateway/bot`` tells of it.

    ``shards`` is what Discord recommends, None for its own rule. IDENTIFYs may come as fast as they like unless
    ``seconds`` is set, to `IDENTIFY_SECONDS` or less; ``hasty`` has the shards that came too soon.
    """

    def __init__(self, servers: Servers) -> None:
        self.shards: int | None = None
        self.max_concurrency = 1
        self.seconds = 0.0
        self.total = self.remaining = SESSIONS_A_DAY
        self.most_servers = MOST_SERVERS
        self.hasty: list[Shard] = []
        self._servers = servers
        self._taken: dict[int, float] = {}

    def as_json(self, url: str) -> Json:
        shards = self.shards or 1 + len(self._servers) // _RECOMMENDED_SERVERS
        counted = {"total": self.total, "remaining": self.remaining, "reset_after": 86_400_000}
        return {
            "url": url,
            "shards": shards,
            "session_start_limit": {**counted, "max_concurrency": self.max_concurrency},
        }

    def take(self, shard: Shard) -> bool:
        """Whether an IDENTIFY is taken now: one of each rate limit key is, in ``seconds``. All count for the day."""
        self.remaining -= 1
        now, key = time.monotonic(), shard.id % self.max_concurrency
        if self.seconds and now - self._taken.get(key, -self.seconds) < self.seconds:
            self.hasty.append(shard)
            return False
        self._taken[key] = now
        return True

    def needs_more_shards(self, shard: Shard) -> bool:
        """Whether a shard would have more servers than Discord puts on one."""
        return len(self._servers) > self.most_servers and len(self._servers.of(shard)) > self.most_servers
