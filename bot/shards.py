"""Shards: into how many parts Discord divides the servers, and which parts a process has.

SHARD_COUNT, SHARD_IDS -> **shards** -> the gateway connections of a process, and whose servers are its own

A server's shard follows from its id alone: https://docs.discord.com/developers/events/gateway#sharding
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

MOST_SHARDS = 16_384
"""More than the largest bots have: so many hold 40 million servers, at the 2,500 that Discord lets a shard have."""
_WRITTEN = re.compile(r"\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*)?")


@dataclass(frozen=True, slots=True)
class Shards:
    """The shards ``ids`` of ``count``."""

    count: int
    ids: frozenset[int]

    @classmethod
    def all_of(cls, count: int) -> Shards:
        """Every shard there is."""
        return cls(count, frozenset(range(count)))

    def hold(self, guild: int) -> bool:
        """Whether a server is in one of them."""
        return (guild >> 22) % self.count in self.ids

    @property
    def absent(self) -> frozenset[int]:
        """The shards that are not among them."""
        return frozenset(range(self.count)) - self.ids


ONE_SHARD = Shards.all_of(1)


def written(ids: Collection[int]) -> str:
    """As a person writes shards: 0-3,8."""
    runs = groupby(enumerate(sorted(ids)), lambda place: place[1] - place[0])
    ends = [[number for _, number in run] for _, run in runs]
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in ends)


def read(text: str, count: int) -> frozenset[int]:
    """The shards that ``written`` wrote, of ``count``. Raises `ValueError` that says what is wrong."""
    return frozenset(number for first, last in _runs(text, count) for number in range(first, last + 1))


def _runs(text: str, count: int) -> Iterator[tuple[int, int]]:
    for part in _parts(text):
        match = _WRITTEN.fullmatch(part)
        if match is None or int(match[1]) > int(match[2] or match[1]):
            raise ValueError(f"must be shards and runs of shards, such as 0-3,8, and {part.strip()[:20]!r} is neither")
        first, last = int(match[1]), int(match[2] or match[1])
        if last >= count:
            raise ValueError(f"names shard {last}, but of {count} shards the last is {count - 1}: the first one is 0")
        yield first, last


def _parts(text: str) -> Iterable[str]:
    return text.strip().strip(",").split(",")
