"""Something derived from a library, kept until the library changes, and made once however many ask for it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """By library, what was made of it and of which state of it."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[tuple[int, int], T]] = {}
        self._asked_for: set[int] = set()
        self._making: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, library: int, state: tuple[int, int], make: Callable[[], Awaitable[T]]) -> T:
        """What was made for ``library`` in this ``state``, or what ``make`` makes of it now, once for all who ask."""
        self._asked_for.add(library)
        async with self._making[library]:
            made = self._made.get(library)
            if made is None or made[0] != state:
                made = self._made[library] = (state, await make())
            return made[1]

    def tidy(self) -> None:
        """Forget what nobody has asked for since the last time."""
        self._made = {library: made for library, made in self._made.items() if library in self._asked_for}
        drop_unused(self._making, self._asked_for)
        self._asked_for.clear()


def drop_unused(turns: dict[int, asyncio.Lock], asked_for: Collection[int]) -> None:
    """Forget the locks of libraries that nobody has asked for lately: there is one for each that ever was asked for."""
    for library in [one for one, turn in turns.items() if one not in asked_for and not turn.locked()]:
        del turns[library]
