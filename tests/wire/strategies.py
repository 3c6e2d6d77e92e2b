"""The three orders of posting and recording that come to mind first, each of which loses digests or doubles them.

They show that the faults of the double are real ones: a proof that only ever passes proves nothing. Each gets the same
digests, the same faults and is killed as often; what it has recorded survives a kill, as a row on the disk does.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import aiohttp

from tests.wire.double import TOKEN
from tests.wire.places import Place

Post = Callable[[int], Awaitable[None]]
"""Sends the digest of that number. Raises one of `LOST` where Discord did not confirm it."""

Step = Callable[[], None]
"""A moment in which the process may be killed: raises `Killed`."""

Strategy = Callable[[int, set[int], Post, Step], Awaitable[None]]
"""Sees to the digest of that number, with what was recorded so far."""

LOST = (aiohttp.ClientError, OSError)


class Killed(Exception):
    """The process is gone; only what was recorded is left."""


async def post_then_record(number: int, recorded: set[int], post: Post, step: Step) -> None:
    """Post, and record that it was posted: what was posted and not confirmed, or not recorded, is posted again."""
    if number not in recorded:
        await post(number)
        step()
        recorded.add(number)


async def record_then_post(number: int, recorded: set[int], post: Post, step: Step) -> None:
    """Record, then post: what was recorded and did not arrive is never posted."""
    if number not in recorded:
        recorded.add(number)
        step()
        await post(number)


async def record_post_and_retry(number: int, recorded: set[int], post: Post, step: Step) -> None:
    """Record, post, and post again at any error: what arrived and was not confirmed is doubled."""
    if number not in recorded:
        recorded.add(number)
        step()
        while True:
            try:
                await post(number)
            except LOST:
                step()
            else:
                break


async def carry_out(
    strategy: Strategy, address: str, places: Sequence[Place], digests: int, kills: int, seed: int
) -> int:
    """See to every digest, from the start again after each kill, as a supervisor restarts; returns how many kills."""
    chance, recorded, killed = random.Random(seed), set[int](), 0

    def step() -> None:
        nonlocal killed
        if killed < kills and chance.random() < 2 * kills / digests:
            killed += 1
            raise Killed

    async with _posting(address, places) as post:
        for _ in range(digests):  # more rounds than any takes
            unsettled = False
            for number in range(digests):
                try:
                    await strategy(number, recorded, post, step)
                except LOST:
                    unsettled = True
                except Killed:
                    unsettled = True
                    break
            if not unsettled:
                break
    return killed


def titled(number: int) -> str:
    return f"Digest {number}."


@asynccontextmanager
async def _posting(address: str, places: Sequence[Place]) -> AsyncIterator[Post]:
    """Plain requests: discord.py would repeat some of them by itself, after seconds."""
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {TOKEN}"}) as session:

        async def post(number: int) -> None:
            address_of_it = f"{address}/api/v10/channels/{places[number % len(places)].id}/messages"
            body = {"content": titled(number), "allowed_mentions": {"parse": []}}
            async with session.post(address_of_it, json=body) as response:
                response.raise_for_status()

        yield post
