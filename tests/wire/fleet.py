"""Several processes of one bot, each with its share of the shards, against one double and one database.

    async with fleet(discord, tmp_path, [(0, 3), (1,), (2,)], DATABASE_URL=url) as (first, second, third):
        await second.kill()                       # kill -9
        await second.start(Struck("stored", 3))   # again, until the double kills it over its third digest
        await second.ended()

Each has a folder of its own, and a name by which the double tells its sessions and requests from the others'.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.wire.double import PATIENCE_SECONDS, Double
from tests.wire.lives import Struck, living
from tests.wire.process import Bot, Start, forked, forked_answer
from tests.wire.rigging import Death
from tests.wire.servers import Shard


class Member:
    """One process of a fleet, from life to life; ``bot`` is the life it has or had last."""

    def __init__(self, discord: Double, folder: Path, shards: Sequence[int], count: int, start: Start) -> None:
        self.name = folder.name
        self.folder = folder
        self.shards = [Shard(one, count) for one in shards]
        self.settings = {"SHARD_IDS": ",".join(map(str, shards)), "SHARD_COUNT": str(count)}
        self.bot: Bot | None = None
        self._discord = discord
        self._start = start
        self._life = AsyncExitStack()

    @property
    def lives(self) -> bool:
        return self.bot is not None and self.bot.process.returncode is None

    def has(self, guild: str) -> bool:
        """Whether a server is on one of its shards."""
        return any(shard.has(guild) for shard in self.shards)

    async def start(self, end: Death | Struck | None = None) -> Bot:
        """Live again, until ``end`` where there is one; it is not ready yet."""
        assert not self.lives, f"{self.name} lives already"
        await self._life.aclose()
        life = living(self._discord, self.folder, end, process=self.name, start=self._start, settings=self.settings)
        self.bot = await self._life.enter_async_context(life)
        return self.bot

    async def ready(self) -> None:
        """Wait until each of its shards is connected and has been told of its servers."""
        await self._discord.ready(*self.shards, by=self.name)

    async def health(self) -> tuple[int, str]:
        """What ``newsdesk health`` says beside it: exit code, and all that it printed."""
        return await forked_answer(self._discord.address_of(self.name), self.folder, "health", **self.settings)

    async def kill(self) -> None:
        """``kill -9``, where it lives."""
        if self.lives and self.bot is not None:
            self.bot.process.kill()
            await self.ended()

    async def stop(self) -> int:
        """Its clean end; returns the exit code."""
        assert self.bot is not None
        self.bot.process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Wait for the end, and until the double has noticed it; returns the exit code."""
        assert self.bot is not None
        code = await self.bot.ended(seconds)
        await self._discord.until(lambda: not self._discord.gateway.connected(self.name))
        return code

    async def live_and_die(self, end: Death | Struck, seconds: float = PATIENCE_SECONDS) -> None:
        """One life to its violent end, in place of the one that it has."""
        await self.kill()
        await self.start(end)
        assert await self.ended(seconds) == -signal.SIGKILL, f"{self.name} did not die {end}"

    async def close(self) -> None:
        await self._life.aclose()


@asynccontextmanager
async def fleet(
    discord: Double,
    folder: Path,
    shares: Sequence[Sequence[int]],
    *,
    count: int | None = None,
    start: Start = forked,
    rigged: Mapping[str, str] | None = None,
    **settings: str,
) -> AsyncIterator[list[Member]]:
    """A process for each of the ``shares``, all ready; of ``count`` shards, of all that are shared out where None.

    ``rigged`` is from `rigging.settings`.
    """
    count = sum(map(len, shares)) if count is None else count
    members = [Member(discord, folder / f"process-{number}", ids, count, start) for number, ids in enumerate(shares)]
    try:
        for member in members:
            await asyncio.to_thread(member.folder.mkdir)
            member.settings |= {**settings, **(rigged or {})}
            await member.start()
        for member in members:
            await member.ready()
        yield members
    except Exception as error:
        for member in members:
            error.add_note(f"{member.name} said:\n" + "\n".join(member.bot.lines if member.bot else []))
        raise
    finally:
        for member in members:
            await member.close()
