"""Ownership: of the processes that serve a database, each server has one, and soon another one when that dies."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.corpus import Corpus, Process
from bot.desks.ownership import BEAT_SECONDS, DEAD_SECONDS, KEEP_SECONDS, LEASE_SECONDS, Ownership, absent_shards, owner
from bot.model import SHARED
from bot.shards import Shards
from tests.sizes import some

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
GUILDS = [SHARED, *(number << 22 for number in range(1, 60))]
TAKEN_OVER_SECONDS = 30.0

GUILD = st.integers(0, 2**63 - 1)
SHARES = st.integers(1, 6).flatmap(
    lambda count: st.builds(Shards, st.just(count), st.frozensets(st.integers(0, count - 1)))
)
LIVING = st.lists(
    st.builds(Process, st.integers(1, 2**62), SHARES, st.just(1), st.just(NOON)),
    max_size=6,
    unique_by=lambda one: one.id,
)


# Whose a server is, by one view


@given(guild=GUILD, living=LIVING, shuffled=st.randoms(use_true_random=False))
def test_every_server_has_one_owner_whoever_looks(guild: int, living: list[Process], shuffled: random.Random) -> None:
    found = owner(guild, living)
    connected = {one.id for one in living if one.shards.ids}
    assert (found in connected) if connected else found is None
    shuffled.shuffle(living)
    assert owner(guild, living) == found


@given(guild=GUILD, living=LIVING)
def test_it_is_one_that_is_connected_with_its_shard_where_there_is_one(guild: int, living: list[Process]) -> None:
    holding = {one.id for one in living if one.shards.hold(guild)}
    if holding:
        assert owner(guild, living) in holding


@given(guild=GUILD, living=LIVING, data=st.data())
def test_a_process_that_goes_moves_its_own_servers_alone(
    guild: int, living: list[Process], data: st.DataObject
) -> None:
    if not living:
        return
    gone = data.draw(st.sampled_from(living))
    before = owner(guild, living)
    if before != gone.id:
        assert owner(guild, [one for one in living if one is not gone]) == before


def test_servers_of_absent_shards_are_shared_out_evenly() -> None:
    living = [Process(number, Shards(8, frozenset({number})), 1, NOON) for number in range(4)]
    adrift = [guild << 22 for guild in range(4_000) if guild % 8 >= 4]
    shares = [sum(owner(guild, living) == one.id for guild in adrift) for one in living]
    assert min(shares) > 0.8 * len(adrift) / 4
    assert absent_shards(living) == {4, 5, 6, 7}


# Several processes on one database


class Seconds:
    """A monotonic clock that the test turns."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


Start = Callable[[Shards | None], "Ownership"]


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
async def corpora(library_url: str) -> AsyncIterator[list[Corpus]]:
    """A few on one library."""
    async with AsyncExitStack() as opened:
        yield [await opened.enter_async_context(Corpus.open(library_url, bot=False)) for _ in range(4)]


def process(corpus: Corpus, seconds: Seconds, shards: Shards | None) -> Ownership:
    made = Ownership(corpus.processes, alone=False, now=lambda: NOON, clock=seconds)
    if shards is not None:
        made.connected(shards)
    return made


async def look(*processes: Ownership) -> None:
    for one in processes:
        await one.look()


def owners(processes: Sequence[Ownership], guild: int) -> list[Ownership]:
    return [one for one in processes if one.owns(guild)]


def shares(number: int) -> list[Shards]:
    return [Shards(number, frozenset({shard})) for shard in range(number)]


async def test_each_owns_the_servers_of_its_shards(corpora: list[Corpus], seconds: Seconds) -> None:
    processes = [process(corpus, seconds, share) for corpus, share in zip(corpora, shares(4), strict=True)]
    assert not any(one.owns(guild) for one in processes for guild in GUILDS), "nothing before the first look"
    await look(*processes, *processes)
    for guild in GUILDS:
        (one,) = owners(processes, guild)
        assert shares(4)[processes.index(one)].hold(guild)


async def test_one_that_is_not_connected_owns_nothing_and_what_it_claimed_is_its_own(
    corpora: list[Corpus], seconds: Seconds
) -> None:
    ready, starting = process(corpora[0], seconds, Shards(2, frozenset({0}))), process(corpora[1], seconds, None)
    await look(ready, starting, ready)
    assert all(owners([ready, starting], guild) == [ready] for guild in GUILDS)
    assert ready.is_living(starting.me)
    assert not ready.is_living(None)
    starting.connected(Shards(2, frozenset({1})))
    await look(starting, ready)
    assert [owners([ready, starting], guild) for guild in (4 << 22, 5 << 22)] == [[ready], [starting]]


@pytest.mark.parametrize("seed", some(range(8), few=2))
async def test_a_dead_process_is_replaced_in_thirty_seconds_and_nobody_else_before(
    corpora: list[Corpus], seconds: Seconds, seed: int
) -> None:
    """They look when they come to it, each at moments of its own; two of them die at random moments."""
    chance = random.Random(seed)
    living = [process(corpus, seconds, share) for corpus, share in zip(corpora, shares(4), strict=True)]
    await look(*living, *living)
    due = {one: seconds.now + chance.uniform(0, BEAT_SECONDS) for one in living}
    for _ in range(2):
        dead = living.pop(chance.randrange(len(living)))
        due.pop(dead)
        died = seconds.now
        while seconds.now < died + TAKEN_OVER_SECONDS:
            one = min(due, key=lambda each: due[each])
            seconds.now = max(seconds.now, due[one])
            await one.look()
            due[one] += BEAT_SECONDS + chance.uniform(0, 0.5)
            for guild in GUILDS:
                found = owners(living, guild)
                assert len(found) <= 1 or seconds.now > died + DEAD_SECONDS, "views differ for some seconds after it"
                assert not (found and dead.owns(guild)), "two processes at work on one server"
        assert all(len(owners(living, guild)) == 1 for guild in GUILDS)
        assert all(not one.is_living(dead.me) for one in living)


async def test_a_process_that_ends_in_order_is_replaced_at_once(corpora: list[Corpus], seconds: Seconds) -> None:
    first, second = (process(corpus, seconds, share) for corpus, share in zip(corpora[:2], shares(2), strict=True))
    await look(first, second, first)
    await first.leave()
    assert not any(first.owns(guild) for guild in GUILDS)
    await look(second)
    assert all(second.owns(guild) for guild in GUILDS)


async def test_one_that_cannot_beat_does_nothing_before_the_others_take_it_for_dead(
    corpora: list[Corpus], seconds: Seconds
) -> None:
    stalled, other = (process(corpus, seconds, share) for corpus, share in zip(corpora[:2], shares(2), strict=True))
    await look(stalled, other, stalled)
    (its,) = {stalled.owns(guild): guild for guild in GUILDS if stalled.owns(guild)}.values()
    begun = seconds.now
    while not other.owns(its):
        seconds.now += 0.5
        await look(other)
        assert not (stalled.owns(its) and other.owns(its))
        assert stalled.owns(its) == (seconds.now - begun < LEASE_SECONDS)
    await look(stalled, other)  # it is back
    assert owners([stalled, other], its) == [stalled]


async def test_a_process_that_starts_again_after_a_kill_is_another_one(corpora: list[Corpus], seconds: Seconds) -> None:
    killed = process(corpora[0], seconds, shares(1)[0])
    await look(killed)
    seconds.now += 1
    again = process(corpora[1], seconds, shares(1)[0])
    await look(again)
    assert again.is_living(killed.me), "its beat may still move"
    seconds.now += DEAD_SECONDS
    await look(again)
    assert not again.is_living(killed.me)
    assert all(again.owns(guild) for guild in GUILDS)


async def test_rows_of_those_that_are_gone_are_forgotten_after_a_while(corpora: list[Corpus], seconds: Seconds) -> None:
    gone, stays = (process(corpus, seconds, share) for corpus, share in zip(corpora[:2], shares(2), strict=True))
    await look(gone, stays)
    seconds.now += KEEP_SECONDS
    await look(stays)
    assert len(await corpora[2].processes.all()) == 2
    seconds.now += 1
    await look(stays)
    assert [one.id for one in await corpora[2].processes.all()] == [stays.me]
    await look(gone)  # it was only suspended, and is there again
    assert len(await corpora[2].processes.all()) == 2


async def test_the_version_changes_with_the_processes_and_not_with_their_beats(
    corpora: list[Corpus], seconds: Seconds
) -> None:
    first, second = (process(corpus, seconds, share) for corpus, share in zip(corpora[:2], shares(2), strict=True))
    await look(first)
    before = first.version
    await look(first, second)
    assert first.version == before
    assert await first.look()
    assert first.version == before + 1
    for _ in range(3):
        await second.look()
        assert not await first.look()


async def test_shards_that_stay_absent_are_logged_once(
    corpora: list[Corpus], seconds: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    first = process(corpora[0], seconds, Shards(4, frozenset({0, 2})))
    for passing in (0, DEAD_SECONDS, 1, 100):
        seconds.now += passing
        await look(first)
        assert first.absent == {1, 3}
    told = [record.getMessage() for record in caplog.records]
    assert told == ["no process is connected with shards 1,3: nobody is answered there"]


async def test_one_that_is_alone_owns_everything_and_writes_nothing(corpora: list[Corpus], seconds: Seconds) -> None:
    alone = Ownership(corpora[0].processes, alone=True, now=lambda: NOON, clock=seconds)
    assert not await alone.look()
    assert all(alone.owns(guild) for guild in GUILDS)
    assert alone.is_living(alone.me)
    assert not alone.is_living(1)
    await alone.leave()
    assert await corpora[0].processes.all() == []
