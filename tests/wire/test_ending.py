"""A real process that is stopped over a digest, or whose disk is full: it ends or goes on, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from functools import partial
from pathlib import Path

from bot.corpus import Corpus, DeliveryState
from tests.disks import fill, small
from tests.timing import quickest
from tests.wire.answers import Answer
from tests.wire.double import PATIENCE_SECONDS, Double, text_channels
from tests.wire.lives import POSTS, due, live_until_done, living, outcomes, tally
from tests.wire.objects import ADMIN
from tests.wire.process import LOG_LINE, forked

ONCE = {"sent, posted 1 times, history readable": 1}


async def test_a_digest_under_way_does_not_delay_the_end_and_is_posted_at_the_next_start(
    double: Double, tmp_path: Path, blank_library: Path
) -> None:
    async def end(number: int) -> float:
        folder = tmp_path / str(number)
        folder.mkdir()
        place = text_channels(double, 1)
        url = await due(blank_library, folder, place, 1)
        double.fail(*POSTS, delay_seconds=PATIENCE_SECONDS)
        async with living(double, folder) as bot:
            await _claimed(url)
            code, seconds = await bot.signalled(signal.SIGTERM)
        assert code == os.EX_OK
        assert place[0].messages == []
        await live_until_done(double, folder, url)
        assert tally(await outcomes(double, url)) == ONCE
        return seconds

    assert await quickest(2, end) < 2


async def _claimed(url: str) -> None:
    """Wait until the bot has claimed its digest, and so is sending it."""
    async with Corpus.open(url, bot=False) as corpus, asyncio.timeout(PATIENCE_SECONDS):
        while not any(  # noqa: ASYNC110 - the rows are on the disk: nobody here tells of them
            one.state is DeliveryState.SENDING for one in await corpus.deliveries.unfinished()
        ):
            await asyncio.sleep(0.05)


async def test_a_digest_that_arrived_while_the_bot_was_being_stopped_is_not_posted_again(
    double: Double, tmp_path: Path, blank_library: Path
) -> None:
    url = await due(blank_library, tmp_path, text_channels(double, 1), 1)
    async with living(double, tmp_path) as bot:
        stop = partial(bot.process.send_signal, signal.SIGTERM)
        double.fail(*POSTS, drop=True, carried_out=True, strike=stop)
        assert await bot.ended() == os.EX_OK
    double.places.forget_nonces()
    await live_until_done(double, tmp_path, url)
    assert tally(await outcomes(double, url)) == ONCE


async def test_a_full_disk_stops_no_answer_and_room_is_all_it_takes(
    double: Double, tmp_path: Path, blank_library: Path
) -> None:
    async def add(number: int) -> Answer:
        form = await double.command("article add", by=ADMIN)
        told = {"Title": f"Cable {number}", "Text": f"Divers laid cable {number} on Monday. " * 100}
        return await double.submit(form, told, by=ADMIN)

    with small(tmp_path / "disk", 4_000) as disk:
        shutil.copy(blank_library, disk / "newsdesk.db")
        async with forked(double.address, disk) as bot:
            await double.ready()
            assert "Added to this server's library" in (await add(1)).text
            filler = fill(disk)
            refused = await add(2)
            while "reference" not in refused.text:  # what was allotted before the disk was full is used up first
                refused = await add(int(refused.text.partition("#")[2].partition("`")[0]) + 10)
            assert refused.ephemeral
            assert "**cable**" in (await double.command("quote", query="cable")).text
            filler.unlink()
            assert "Added to this server's library" in (await add(3)).text
            code, _ = await bot.signalled(signal.SIGTERM)
        assert code == os.EX_OK
        reference = refused.text.partition("reference `")[2][:7]
        (found,) = [line for line in bot.lines if reference in line]
        assert LOG_LINE.fullmatch(found)
        assert all(line.startswith("  ") for line in bot.beyond_the_log)
        async with Corpus.open(f"sqlite+aiosqlite:///{disk / 'newsdesk.db'}", bot=True) as corpus:
            assert await corpus.integrity() == []
