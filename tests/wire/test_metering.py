"""What is counted of a bot over real sockets, and what Prometheus reads of a process."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.corpus import Counts
from bot.corpus.articles import Articles
from bot.desks.backing_up import Keeping
from bot.discord_app import sampling
from bot.discord_app.admission import Admission
from bot.errors import CorpusError
from bot.metering import Outcome, Readings
from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from tests.metered import Remembering
from tests.test_metrics import get
from tests.wire.conftest import Serving
from tests.wire.double import PATIENCE_SECONDS, Double
from tests.wire.due import NOON, schedule_to, settled
from tests.wire.objects import ADMIN, CHANNEL
from tests.wire.process import forked
from tests.wire.serving import served

CABLE = "Divers laid the cable on Monday, the harbour office said. It rang at noon."


@pytest.fixture
def meter(newsdesk: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> Remembering:
    monkeypatch.setattr(sampling, "SAMPLE_SECONDS", 0.02)
    monkeypatch.setattr(sampling, "LAG_SECONDS", 0.01)
    newsdesk.meter = newsdesk.quoting._meter = meter = Remembering()
    return meter


async def counted(meter: Remembering, number: int) -> list[tuple[str, Outcome]]:
    """The first ``number`` answers: one is counted when its task ends, a moment after the person has it."""
    await meter.until(lambda: len(meter.answers) >= number)
    return meter.answers


async def reading(meter: Remembering, holds: Callable[[Readings], object]) -> Readings:
    await meter.until(lambda: meter.readings and holds(meter.readings[-1]))
    return meter.readings[-1]


async def test_each_command_is_counted_by_name_and_by_what_became_of_it(
    double: Double, serving: Serving, newsdesk: Newsdesk, meter: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    await newsdesk.add(SHARED, Document("cable", "The cable", CABLE))

    async def broken(self: Newsdesk, library: int) -> Counts:
        raise ZeroDivisionError

    async with serving():
        card = await double.command("quote", query="cable")
        await double.press(card, "Context")
        await double.type("schedule set", "zone", zone="Berlin")
        await double.command("article show", article="9999", by=ADMIN)
        await counted(meter, 4)
        monkeypatch.setattr(Newsdesk, "counts", broken)
        await double.command("help")
        await counted(meter, 5)
        double.fail("POST", "/interactions/*", status=404, code=10062)
        await double.ask(2, double._command_data("privacy", {}), ADMIN)
        found = await counted(meter, 6)
    assert found == [
        ("quote", Outcome.ANSWERED),
        ("button", Outcome.ANSWERED),
        ("typing", Outcome.ANSWERED),
        ("article show", Outcome.REFUSED),
        ("help", Outcome.ERROR),
        ("privacy", Outcome.ERROR),
    ]
    assert meter.searches == ["quotes"]
    assert all(0 < seconds < PATIENCE_SECONDS for seconds in meter.seconds)


async def test_what_is_turned_away_is_counted_as_shed(
    double: Double, serving: Serving, meter: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Admission.__init__, "__defaults__", (0, 0))
    async with serving():
        await double.command("help")
        await double.type("schedule set", "zone", zone="Berlin")
        assert await counted(meter, 2) == [("help", Outcome.SHED), ("typing", Outcome.SHED)]


async def test_how_things_stand_is_read_now_and_then(
    double: Double, serving: Serving, newsdesk: Newsdesk, meter: Remembering
) -> None:
    await newsdesk.add(SHARED, Document("cable", "The cable", CABLE))
    await schedule_to(newsdesk, double.places[CHANNEL])
    async with serving():
        await settled(newsdesk)
        await double.command("quote", query="cable")
        found = await reading(meter, lambda one: one.is_connected and one.digests["sent"] and one.passages)
        assert (found.articles, found.libraries, found.backup_at) == (1, 1, None)
        assert found.index_bytes > 0
        assert found.database_bytes >= newsdesk.corpus.file.stat().st_size
        assert found.disk_free_bytes > 0
        assert set(found.digests) == {"ready", "sending", "sent", "skipped", "failed", "uncertain"}
        double.fail("GET", "/gateway", status=503, times=1_000)
        double.lose_gateway()
        await reading(meter, lambda one: not one.is_connected)
    assert set(meter.beats) == {NOON.timestamp()}


async def test_a_database_that_cannot_be_read_is_no_traceback_and_sampling_goes_on(
    double: Double,
    serving: Serving,
    meter: Remembering,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tried = asyncio.Event()

    async def refuse(self: Articles) -> int:
        tried.set()
        raise CorpusError("newsdesk.db is damaged: restore the newest backup.")

    async with serving():
        with monkeypatch.context() as broken:
            broken.setattr(Articles, "total", refuse)
            await tried.wait()
        seen = len(meter.readings)
        await meter.until(lambda: len(meter.readings) > seen)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_held_loop_is_a_lag(double: Double, serving: Serving, meter: Remembering) -> None:
    async with serving():
        await meter.until(lambda: meter.lags)
        _stand_still(0.3)
        seen = len(meter.lags)
        await meter.until(lambda: len(meter.lags) > seen)
    assert max(meter.lags) > 0.25


def _stand_still(seconds: float) -> None:
    """Hold the event loop: the tests of this module run in the bot's."""
    time.sleep(seconds)


async def test_the_newest_backup_is_read(
    double: Double, newsdesk: Newsdesk, meter: Remembering, tmp_path: Path
) -> None:
    made = await newsdesk.corpus.back_up(tmp_path, now=NOON)
    async with served(newsdesk, keeping=Keeping(made.path.parent, days=7, weeks=4)):
        assert (await reading(meter, lambda _: True)).backup_at == NOON.timestamp()


async def test_where_nobody_reads_nothing_is_sampled(
    double: Double, serving: Serving, newsdesk: Newsdesk, meter: Remembering
) -> None:
    meter.is_read = False
    async with serving():
        assert {"sampling", "lag"}.isdisjoint(task.get_name() for task in asyncio.all_tasks())
        await double.command("help")
    assert not meter.readings
    assert not meter.lags


# A process of its own


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def test_prometheus_reads_a_running_bot_and_the_bot_ends_in_time(double: Double, tmp_path: Path) -> None:
    port = free_port()
    async with forked(double.address, tmp_path, METRICS_PORT=str(port)) as bot:
        await bot.line("ready in")
        await bot.line("made and checked")
        await double.command("help")
        lines = (await get(port)).splitlines()
        assert 'newsdesk_commands_total{command="help",outcome="answered"} 1.0' in lines
        told = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        assert float(told["newsdesk_heartbeat_timestamp_seconds"]) > time.time() - 60
        assert "newsdesk_backup_timestamp_seconds" in told  # of the last sample, which may have come before it
        code, _ = await bot.signalled(signal.SIGTERM)
    assert code == os.EX_OK
    assert bot.beyond_the_log == []


async def test_a_port_in_use_is_one_line_and_an_exit_code(double: Double, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        async with forked(double.address, tmp_path, METRICS_PORT=str(other.getsockname()[1])) as bot:
            assert await bot.ended() == os.EX_CONFIG
    (line,) = bot.beyond_the_log
    assert line.startswith("METRICS_PORT: port")
    assert double.requests == []
