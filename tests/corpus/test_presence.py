"""Who waits for a turn, and who waits for a server's return."""

from __future__ import annotations

import asyncio

import pytest

from bot.corpus.presence import Presence
from bot.corpus.turns import Turns
from bot.errors import CorpusAway

FOREVER = 3600.0


async def taken(turns: Turns, done: list[int], number: int, until: asyncio.Event) -> None:
    async with turns:
        done.append(number)
        await until.wait()


async def test_turns_are_taken_in_order_and_passed_on_by_who_gives_up() -> None:
    turns, done, until = Turns(2), list[int](), asyncio.Event()
    tasks = [asyncio.create_task(taken(turns, done, number, until)) for number in range(5)]
    await asyncio.sleep(0)
    assert done == [0, 1]
    tasks[2].cancel()
    tasks[0].cancel()
    await asyncio.sleep(0)
    tasks[3].cancel()  # whose turn it is just now
    await asyncio.wait(tasks[2:4])
    await asyncio.sleep(0)
    assert done == [0, 1, 4]
    until.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with turns, turns:
        pass


async def test_who_waits_is_told_with_who_found_it_and_a_later_one_tries() -> None:
    turns, entered, away = Turns(1), asyncio.Event(), asyncio.Event()

    async def find_out() -> None:
        async with turns:
            entered.set()
            await away.wait()
            raise CorpusAway

    async def wait() -> None:
        async with turns:
            pass

    tasks = [asyncio.create_task(find_out()), *(asyncio.create_task(wait()) for _ in range(3))]
    await entered.wait()
    away.set()
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in told] == [CorpusAway] * 4
    await wait()


async def test_who_pauses_goes_on_when_it_is_back_also_where_that_was_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.corpus.presence.SETTLE_SECONDS", 0.001)
    presence = Presence()
    returns = presence.returns
    pausing = asyncio.create_task(presence.pause(FOREVER, returns))
    await asyncio.sleep(0)
    presence.found()  # it always was there
    presence.lost(CorpusAway())
    await asyncio.sleep(0.01)
    assert not pausing.done()
    presence.found()
    assert await pausing
    assert await presence.pause(FOREVER, returns)
    assert not await presence.pause(0.01, presence.returns)


async def test_it_is_looked_for_at_once_and_again_while_it_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.corpus.presence.PROBE_SECONDS", 0.01)
    presence = Presence()
    probing = asyncio.create_task(presence.until_probe(FOREVER))
    await asyncio.sleep(0)
    presence.lost(CorpusAway())
    await probing
    await presence.until_probe(FOREVER)
