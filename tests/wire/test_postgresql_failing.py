"""The real bot while PostgreSQL is stopped, promoted, full, frozen or cut off: one sentence, and back by itself."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from bot import health
from bot.corpus import Corpus
from bot.health import Beat, NoHeartbeat
from tests.postgres import USER, Cluster, why_not
from tests.proxy import Proxy
from tests.sizes import cases, some
from tests.wire import objects, process, rigging
from tests.wire.answers import FIRST_RESPONSE_SECONDS, Answer
from tests.wire.double import BUTTON, COMPONENT, PATIENCE_SECONDS, Double, text_channels
from tests.wire.lives import POSTS, living, outcomes, schedule, tally, until_done
from tests.wire.objects import ADMIN, MEMBER
from tests.wire.process import Bot, Start, answer_of

asyncpg = pytest.importorskip("asyncpg")

BACK_SECONDS = 10.0
"""How soon the bot does everything again once its database is back."""
AWAY = "The server of the library does not answer"
DURABLE = {"synchronous_commit": "on"}  # what was acknowledged outlives the server, as it does by default
SETTINGS = {**DURABLE, "max_connections": "30", "superuser_reserved_connections": "1"}
DIGESTS, CUTS = cases(24, few=8), cases(40, few=8)
forked: Start = process.forked
FERRY = "The ferry to the islands will run all winter, the harbour office said on Monday. It sails at dawn."

pytestmark = pytest.mark.long  # each case waits for a server of PostgreSQL's


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A server of these tests' own; who stops it starts it again."""
    if (reason := why_not()) is not None:
        pytest.skip(reason)
    made = Cluster.new(SETTINGS)
    made.start()
    made.server.query("CREATE DATABASE blank TEMPLATE template0")
    asyncio.run(_migrate(made.server.url("blank")))
    yield made
    made.stop()
    made.delete()


async def _migrate(url: str) -> None:
    async with Corpus.open(url, bot=True):
        pass


@pytest.fixture
def name(cluster: Cluster) -> str:
    """An empty library on that server."""
    return cluster.server.create()


@asynccontextmanager
async def ready(double: Double, folder: Path, url: str, **settings: str) -> AsyncIterator[Bot]:
    """The bot, connected to Discord and to its library."""
    before = double.identified
    async with forked(double.address, folder, DATABASE_URL=url, **settings) as bot:
        await double.until(lambda: double.identified > before)
        await bot.line("ready in")
        yield bot


async def add(double: Double, title: str) -> Answer:
    """Add an article by its form; the answer says whether it was stored."""
    form = await double.command("article add", by=ADMIN)
    return await double.submit(form, {"Title": title, "Text": f"{FERRY} {title}."}, by=ADMIN)


async def press(double: Double, answer: Answer, label: str) -> Answer:
    """Press the button whose label begins so, and wait for no answer."""
    assert answer.message is not None
    buttons = [one for one in objects.walk(answer.message["components"]) if one["type"] == BUTTON]
    (button,) = [one for one in buttons if one["label"].startswith(label)]
    data = {"custom_id": button["custom_id"], "component_type": BUTTON, "id": button["id"]}
    return await double.ask(COMPONENT, data, MEMBER, message=answer.message)


async def beat_that(bot: Bot, holds: Callable[[Beat], object]) -> Beat:
    """Wait for a heartbeat that is as it should be."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            (file,) = bot.folder.glob("*.health")
            with suppress(NoHeartbeat):
                beat = await asyncio.to_thread(health.read, file)
                if holds(beat):
                    return beat
            await asyncio.sleep(0.05)


async def well_again(double: Double, bot: Bot, since: float, *titles: str) -> None:
    """Wait until commands find ``titles`` and health is good, both in time."""
    while "does not answer" in (found := await double.command("article list")).text:
        assert time.monotonic() - since < BACK_SECONDS
    beat = await beat_that(bot, lambda beat: beat.store_fault is None)
    assert time.monotonic() - since < BACK_SECONDS
    assert {one.state for one in health.judge(beat, beat.written_at) if one.about == "database"} == {"ok"}
    for title in titles:
        assert found.text.count(f"**{title}**") == 1, found.text
    assert bot.process.returncode is None


async def test_a_server_that_is_started_anew_is_missed_in_one_sentence_and_found_again(
    double: Double, tmp_path: Path, cluster: Cluster, name: str
) -> None:
    url, place = cluster.server.url(name), text_channels(double, 1)
    await schedule(url, place, 1)
    double.fail(*POSTS, status=503, times=1_000)
    async with ready(double, tmp_path, url, **rigging.settings(poll_seconds=3_600)) as bot:
        assert "Added to" in (await add(double, "Before")).text
        await double.until(lambda: double.sent(*POSTS))
        await asyncio.to_thread(cluster.stop)
        for asked in (double.command("quote", query="ferry"), double.command("article list"), add(double, "Meanwhile")):
            answer = await asked
            assert AWAY in answer.text
            assert answer.given_seconds is not None
            assert answer.given_seconds < FIRST_RESPONSE_SECONDS
        await beat_that(bot, lambda beat: beat.store_fault and AWAY in beat.store_fault)
        code, said = await answer_of(double.address, tmp_path, "health", DATABASE_URL=url)
        assert (code, AWAY in said) == (0, True)
        double.heal()
        await asyncio.to_thread(cluster.start)
        since = time.monotonic()
        await well_again(double, bot, since, "Before")
        await double.until(lambda: place[0].messages)
        assert time.monotonic() - since < BACK_SECONDS
        await until_done(url)
        assert "Added to" in (await add(double, "Meanwhile")).text
        assert bot.beyond_the_log == []
        code, _ = await bot.signalled(signal.SIGTERM)
    assert code == os.EX_OK
    assert set(tally(await outcomes(double, url))) == {"sent, posted 1 times, history readable"}


async def test_a_replica_that_is_promoted_has_all_that_was_acknowledged(double: Double, tmp_path: Path) -> None:
    if (reason := why_not()) is not None:
        pytest.skip(reason)
    async with pair() as (first, second):
        name = await asyncio.to_thread(first.server.create, like="template0")
        hosts = "&".join(f"host={one.server.folder}:{one.server.port}" for one in (first, second))
        url = f"postgresql+asyncpg://{USER}@/{name}?{hosts}"
        async with ready(double, tmp_path, url) as bot:
            assert "Added to" in (await add(double, "Before")).text
            await asyncio.to_thread(first.stop)
            assert AWAY in (await double.command("article list")).text
            await asyncio.to_thread(second.run, "pg_ctl", "-D", second.data, "-w", "promote")
            since = time.monotonic()
            await well_again(double, bot, since, "Before")
            await second.server.rows("ALTER SYSTEM RESET synchronous_standby_names")  # it has no replica itself
            assert "Added to" in (await add(double, "After")).text


@asynccontextmanager
async def pair() -> AsyncIterator[tuple[Cluster, Cluster]]:
    """A server, and one that copies it, which the first waits for at every commit."""
    waits = {**DURABLE, "hot_standby": "on"}
    first = await asyncio.to_thread(Cluster.new, waits)
    second = await asyncio.to_thread(Cluster.new, waits)
    try:
        await asyncio.to_thread(first.start)
        await asyncio.to_thread(_copy, first, second)
        await first.server.rows("ALTER SYSTEM SET synchronous_standby_names = '*'")
        await first.server.rows("SELECT pg_reload_conf()")
        yield first, second
    finally:
        for one in (first, second):
            with suppress(RuntimeError):
                await asyncio.to_thread(one.stop)
            one.delete()


def _copy(first: Cluster, second: Cluster) -> None:
    shutil.rmtree(second.data)
    second.run("pg_basebackup", "-h", first.folder, "-U", USER, "-D", second.data, "-R", "-X", "stream", "-c", "fast")
    second.start()


async def test_a_server_that_is_frozen_is_given_up_in_time_and_found_again(
    double: Double, tmp_path: Path, cluster: Cluster, name: str
) -> None:
    async with ready(double, tmp_path, cluster.server.url(name)) as bot:
        assert "Added to" in (await add(double, "Before")).text
        shown = await double.command("article list")
        quoted = await double.command("quote", query="ferry")
        with frozen(cluster):
            begun = time.monotonic()
            asked = [double.command("article list") for _ in range(20)]
            form = asyncio.create_task(double.command("article edit", by=ADMIN, article="1"))
            pressed = await press(double, quoted, "Article")
            answers = await asyncio.gather(*asked)
            assert time.monotonic() - begun < BACK_SECONDS
            assert all(AWAY in one.text for one in answers)
            assert max(one.seconds for one in [*answers, pressed]) < FIRST_RESPONSE_SECONDS
            assert "longer than Discord waits" in (await form).text
            await double.until(lambda: pressed.followups)
            assert AWAY in objects.text(pressed.followups[0])
            await beat_that(bot, lambda beat: beat.store_fault and AWAY in beat.store_fault)
        await well_again(double, bot, time.monotonic(), "Before")
        assert shown.text == (await double.command("article list")).text


class frozen:  # noqa: N801 - it is used as a function
    """No process of a server goes on until the block ends; the system itself still takes connections."""

    def __init__(self, cluster: Cluster) -> None:
        postmaster = int((cluster.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        self._processes = [postmaster, *map(int, children)]

    def __enter__(self) -> None:
        for one in self._processes:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGSTOP)

    def __exit__(self, *_: object) -> None:
        for one in self._processes:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)


async def test_a_bot_whose_server_is_frozen_ends_when_it_is_told_to(
    double: Double, tmp_path: Path, cluster: Cluster, name: str
) -> None:
    async with ready(double, tmp_path, cluster.server.url(name)) as bot:
        with frozen(cluster):  # what is under way, and what a process does at its end, waits some seconds each
            code, _ = await bot.signalled(signal.SIGTERM)
        assert code == os.EX_OK
        assert bot.beyond_the_log == []


async def test_a_server_that_takes_nobody_more_is_told_until_it_does(
    double: Double, tmp_path: Path, cluster: Cluster, name: str
) -> None:
    async with ready(double, tmp_path, cluster.server.url(name)) as bot:
        assert "Added to" in (await add(double, "Before")).text
        async with AsyncExitStack() as taken:
            await take_all(cluster, taken, name)
            answer = await double.command("article list")
            assert "takes no more connections" in answer.text
            assert answer.given_seconds is not None
            assert answer.given_seconds < FIRST_RESPONSE_SECONDS
            await beat_that(bot, lambda beat: beat.store_fault and "takes no more connections" in beat.store_fault)
        await well_again(double, bot, time.monotonic(), "Before")


async def take_all(cluster: Cluster, taken: AsyncExitStack, name: str) -> None:
    """Take every connection, those of whoever uses the database ``name`` too."""
    first = await _connected(cluster, taken)
    while True:
        with suppress(asyncpg.TooManyConnectionsError):
            while True:
                await _connected(cluster, taken)
        ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1"
        if not await first.fetch(ended, name):
            return


async def _connected(cluster: Cluster, taken: AsyncExitStack) -> Any:
    made = await asyncpg.connect(host=str(cluster.folder), user=USER, database="postgres")
    taken.push_async_callback(made.close)
    return made


@pytest.mark.parametrize("seed", some([1, 2], few=1))
async def test_digests_are_posted_once_over_a_network_that_is_cut_again_and_again(
    double: Double, tmp_path: Path, cluster: Cluster, name: str, seed: int
) -> None:
    """Before or after any message to the server: what was claimed, posted or marked then is found out later."""
    draw, url = random.Random(seed), cluster.server.url(name)
    await schedule(url, text_channels(double, 4), DIGESTS)
    async with Proxy(cluster.server) as proxy:
        async with living(double, tmp_path, settings={"DATABASE_URL": proxy.url(name)}) as bot:
            await double.until(lambda: double.sent(*POSTS))
            for number in range(1, CUTS + 1):
                proxy.cut_at(draw.randint(1, 60), draw.choice(("before", "after")))
                await proxy.until_cuts(number)
            proxy.mend()
            await until_done(url)
            code, _ = await bot.signalled(signal.SIGTERM)
        assert code == os.EX_OK
    assert tally(await outcomes(double, url)) == {"sent, posted 1 times, history readable": DIGESTS}


# At the start


async def test_a_bot_that_starts_before_its_database_waits_for_it(
    double: Double, tmp_path: Path, cluster: Cluster, name: str
) -> None:
    async with Proxy(cluster.server) as proxy:
        proxy.refuse()
        async with forked(double.address, tmp_path, DATABASE_URL=proxy.url(name)) as bot:
            assert AWAY in await bot.line("Trying again for some minutes.")
            proxy.mend()
            await bot.line("ready in")
            assert "library is empty" in (await double.command("article list")).text
            code, _ = await bot.signalled(signal.SIGTERM)
    assert code == os.EX_OK


async def test_a_database_that_goes_before_discord_is_reached_is_waited_for(
    double: Double, tmp_path: Path, cluster: Cluster, name: str
) -> None:
    async with Proxy(cluster.server) as proxy:
        double.fail("GET", "/users/@me", status=0, delay_seconds=1.0, strike=proxy.refuse)
        async with forked(double.address, tmp_path, DATABASE_URL=proxy.url(name)) as bot:
            await bot.line("Trying again for some minutes.")
            proxy.mend()
            await bot.line("ready in")
            code, _ = await bot.signalled(signal.SIGTERM)
    assert code == os.EX_OK


async def test_a_database_that_never_comes_ends_it_so_that_it_is_started_again(double: Double, tmp_path: Path) -> None:
    url = f"postgresql+asyncpg://{USER}@/news?host={tmp_path}"
    async with forked(double.address, tmp_path, DATABASE_URL=url, **rigging.settings(start_seconds=0.1)) as bot:
        assert await bot.ended() == os.EX_TEMPFAIL
    assert AWAY in bot.lines[0]
    assert AWAY in bot.lines[-1]
    assert double.requests == []


@pytest.mark.parametrize(
    ("user", "database", "said"), [("locked:wrong", "blank", "password"), (USER, "no", "createdb")]
)
async def test_what_no_further_try_can_mend_ends_it_for_good(
    double: Double, tmp_path: Path, cluster: Cluster, user: str, database: str, said: str
) -> None:
    await _lock(cluster)
    url = f"postgresql+asyncpg://{user}@/{database}?host={cluster.folder}"
    async with forked(double.address, tmp_path, DATABASE_URL=url) as bot:
        assert await bot.ended() == os.EX_CONFIG
    (line,) = bot.lines
    assert said in line
    assert "wrong" not in line


async def _lock(cluster: Cluster) -> None:
    """Ask a user of that server for a password, as servers do that others can reach."""
    rules = cluster.data / "pg_hba.conf"
    if "locked" not in (known := await asyncio.to_thread(rules.read_text)):
        await asyncio.to_thread(rules.write_text, f"local all locked scram-sha-256\n{known}")
        await cluster.server.rows("CREATE ROLE locked LOGIN PASSWORD 'right'")
        await cluster.server.rows("SELECT pg_reload_conf()")
