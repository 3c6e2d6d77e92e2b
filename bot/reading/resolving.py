"""Names to addresses that may be dialled: the second gate of fetching.

The third, which looks at each socket, is in `bot.reading.fetching`; this one is there so that a name that stands for a
private address is refused with the right words, and one that stands for several is dialled at the public ones alone.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult

LOOKUPS = 4  # at a time, in threads of their own: a name server that does not answer holds up no other work


class NotPublic(OSError):
    """An address that may not be dialled."""


class SystemResolver(AbstractResolver):
    """Asks the system, as `socket.getaddrinfo` does."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="resolving")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of ``host``. Raises `OSError`."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _look_up, host, port, family)
        return [_result(host, *where) for where in found]

    async def close(self) -> None:
        """End the threads; a look-up under way is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class CheckedResolver(AbstractResolver):
    """The addresses another resolver finds, without those that may not be dialled."""

    def __init__(self, resolver: AbstractResolver, may_dial: Callable[[str, int], bool]) -> None:
        self._resolver = resolver
        self._may_dial = may_dial

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises `NotPublic` where the name stands for nothing else, and what the other resolver raises."""
        found = await self._resolver.resolve(host, port, family)
        public = [result for result in found if self._may_dial(result["host"], result["port"])]
        if not public:
            raise NotPublic(host) if found else OSError(f"{host} stands for nothing")
        return public

    async def close(self) -> None:
        """Close the other resolver."""
        await self._resolver.close()


def _look_up(host: str, port: int, family: int) -> list[tuple[int, int, str, int]]:
    flags = socket.AI_ADDRCONFIG
    found = socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM, flags=flags)
    return [(int(family), protocol, str(where[0]), int(where[1])) for family, _, protocol, _, where in found]


def _result(host: str, family: int, protocol: int, address: str, port: int) -> ResolveResult:
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=protocol, flags=flags)
