"""What is kept of a library: made once, and let go with all that went into making it once nobody asks any more."""

from __future__ import annotations

import asyncio

from bot.desks.keeping import Kept

STATE = (1, 1)


async def test_what_nobody_asks_for_leaves_memory_and_so_does_its_lock() -> None:
    kept, made = Kept[int](), list[int]()

    async def make() -> int:
        made.append(len(made))
        return made[-1]

    assert [await kept.get(library, STATE, make) for library in (1, 2, 1)] == [0, 1, 0]
    kept.tidy()
    assert await kept.get(2, STATE, make) == 1
    kept.tidy()
    assert kept._making.keys() == kept._made.keys() == {2}
    assert await kept.get(1, STATE, make) == 2


async def test_what_is_being_made_for_long_is_still_made_once() -> None:
    kept, made, may_end = Kept[int](), list[int](), asyncio.Event()

    async def make() -> int:
        made.append(1)
        await may_end.wait()
        return 1

    first = asyncio.create_task(kept.get(1, STATE, make))
    await asyncio.sleep(0)
    kept.tidy()
    kept.tidy()
    second = asyncio.create_task(kept.get(1, STATE, make))
    await asyncio.sleep(0)
    may_end.set()
    assert (await first, await second) == (1, 1)
    assert made == [1]
