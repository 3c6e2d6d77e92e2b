"""The heartbeat of a bot over real sockets: what it tells while Discord comes and goes, and when it stops."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import health
from bot.corpus import DeliveryState
from bot.corpus.notes import Notes
from bot.discord_app import delivery
from bot.errors import CorpusError
from bot.health import Beat, Connection, NoHeartbeat
from bot.newsdesk import Newsdesk
from bot.systemd import ServiceManager
from tests.wire.conftest import Serving
from tests.wire.double import PATIENCE_SECONDS, Double
from tests.wire.due import NOON, schedule_to, settled
from tests.wire.objects import CHANNEL
from tests.wire.process import ROOT, forked, running
from tests.wire.serving import served


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "BEAT_SECONDS", 0.02)
    monkeypatch.setattr(health, "PROBE_SECONDS", 0.02)
    monkeypatch.setattr(delivery, "POLL_SECONDS", 0.02)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "newsdesk.db.health"


async def beat_that(file: Path, holds: Callable[[Beat], object]) -> Beat:
    """Wait for a heartbeat that is as it should be; the bot in this process writes one after the other."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                beat = await asyncio.to_thread(health.read, file)
            except NoHeartbeat:
                continue
            if holds(beat):
                return beat


def states(beat: Beat, after_seconds: float = 0) -> dict[str, str]:
    found = health.judge(beat, beat.written_at + timedelta(seconds=after_seconds))
    return {one.about: one.state for one in found}


async def test_a_bot_that_runs_is_well_and_leaves_no_heartbeat_behind(
    double: Double, serving: Serving, file: Path
) -> None:
    async with serving():
        beat = await beat_that(file, lambda beat: beat.stored_seconds is not None and beat.looked_seconds is not None)
        assert (beat.pid, beat.connection, beat.written_at) == (os.getpid(), Connection.READY, NOON)
        assert set(states(beat).values()) == {"ok"}
    assert [path.name for path in file.parent.glob("*.health*")] == []


async def test_a_lost_connection_is_told_and_so_is_its_return(double: Double, serving: Serving, file: Path) -> None:
    async with serving():
        await beat_that(file, lambda beat: beat.connection is Connection.READY)
        double.fail("GET", "/gateway", status=503, times=1_000)
        double.lose_gateway()
        down = await beat_that(file, lambda beat: beat.connection is Connection.DOWN)
        assert states(down)["gateway"] == "warning"
        later = await beat_that(file, lambda beat: beat.connection_seconds > down.connection_seconds)
        assert later.connection is Connection.DOWN
        double.heal()
        back = await beat_that(file, lambda beat: beat.connection is Connection.READY)
        assert states(back)["gateway"] == "ok"
        assert back.running_seconds - back.connection_seconds > later.running_seconds


async def test_a_discord_that_never_answers_is_being_connected_to(
    double: Double, newsdesk: Newsdesk, file: Path
) -> None:
    double.fail("GET", "/gateway", status=503, times=1_000)
    async with served(newsdesk):
        beat = await beat_that(file, lambda beat: beat.stored_seconds is not None)
        assert (beat.connection, beat.looked_seconds) == (Connection.CONNECTING, None)
        assert states(beat) | {"gateway": ""} == dict.fromkeys(states(beat), "ok") | {"gateway": ""}
    with pytest.raises(NoHeartbeat):
        health.read(file)


async def test_a_database_that_cannot_be_written_is_told_with_the_reason(
    double: Double, serving: Serving, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(self: Notes, key: str, value: str) -> None:
        raise CorpusError("The disk that holds newsdesk.db is full: make room and try again.")

    write = Notes.set
    async with serving():
        well = await beat_that(file, lambda beat: beat.stored_seconds is not None)
        monkeypatch.setattr(Notes, "set", refuse)
        full = await beat_that(file, lambda beat: beat.store_fault)
        assert states(full)["database"] == "warning"
        grown = await beat_that(file, lambda beat: (beat.stored_seconds or 0) > (well.stored_seconds or 0) + 0.05)
        assert grown.store_fault == "The disk that holds newsdesk.db is full: make room and try again."
        monkeypatch.setattr(Notes, "set", write)
        await beat_that(file, lambda beat: not beat.store_fault)


async def test_how_the_last_digest_fared_is_told(
    double: Double, serving: Serving, newsdesk: Newsdesk, file: Path
) -> None:
    await schedule_to(newsdesk, double.places[CHANNEL])
    double.fail("POST", "/channels/*/messages", status=400, carried_out=False)
    async with serving():
        assert (await settled(newsdesk)).state is DeliveryState.FAILED
        beat = await beat_that(file, lambda beat: beat.last_digest)
    assert (beat.last_digest, beat.last_digest_at, beat.digests) == ("failed", NOON, {"failed": 1})
    assert states(beat)["digests"] == "warning"


async def test_probing_for_an_hour_leaves_the_log_of_the_database_short(newsdesk: Newsdesk, file: Path) -> None:
    for minute in range(60):
        await newsdesk.corpus.notes.set("last written", (NOON + timedelta(minutes=minute)).isoformat())
    log = newsdesk.corpus.file.with_name(f"{newsdesk.corpus.file.name}-wal")
    assert log.stat().st_size < 1_000_000


async def test_a_file_that_cannot_be_written_is_a_line_in_the_log_and_the_bot_answers(
    double: Double, serving: Serving, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(file: Path, beat: Beat) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(health, "write", refuse)
    async with serving():
        for _ in range(5):
            assert (await double.command("help")).ephemeral
    assert len([text for text in caplog.messages if "the heartbeat cannot be written" in text]) == 1


def test_a_loop_that_stands_still_is_over_after_a_minute() -> None:
    beat = Beat(NOON, 1, "", 9_000, Connection.READY, 9_000, stored_seconds=1, looked_seconds=1)
    assert states(beat, health.STALE_SECONDS + 1) == {"event loop": "fault"}


async def test_while_the_loop_stands_still_no_heartbeat_is_written(
    double: Double, serving: Serving, file: Path
) -> None:
    async with serving():
        await beat_that(file, lambda beat: beat.looked_seconds is not None)
        _stand_still(0.2)  # a beat that was on its way to the disk gets there
        before = health.read(file)
        _stand_still(0.3)
        assert health.read(file) == before
        await beat_that(file, lambda beat: beat.running_seconds > before.running_seconds)


def _stand_still(seconds: float) -> None:
    """Hold the event loop: the tests of this module run in the bot's."""
    time.sleep(seconds)


# What systemd hears


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The service manager's end of the socket at ``notify``."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.setblocking(False)
        yield heard


async def told(heard: socket.socket, what: bytes) -> list[bytes]:
    """Everything that is said until ``what`` is."""
    said: list[bytes] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while what not in said:
            said.append(await asyncio.get_running_loop().sock_recv(heard, 4096))
    return said


def drain(heard: socket.socket) -> list[bytes]:
    """Everything that was said by now."""
    said = []
    while True:
        try:
            said.append(heard.recv(4096))
        except BlockingIOError:
            return said


async def test_systemd_hears_of_the_start_of_life_and_of_the_end(
    double: Double, tmp_path: Path, manager: socket.socket
) -> None:
    environ = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
    async with running(double.address, tmp_path, **environ) as bot:
        assert (await told(manager, b"READY=1"))[0] == b"READY=1"
        await told(manager, b"WATCHDOG=1")
        await told(manager, b"WATCHDOG=1")
        await bot.signalled(signal.SIGTERM)
    assert drain(manager)[-1] == b"STOPPING=1"
    assert bot.beyond_the_log == []


async def test_it_hears_how_the_bot_is(
    double: Double, newsdesk: Newsdesk, tmp_path: Path, manager: socket.socket, file: Path
) -> None:
    async with served(newsdesk, manager=ServiceManager(str(tmp_path / "notify"))):
        said = await told(manager, b"STATUS=Connected to Discord.")
        assert said == [b"READY=1", b"STATUS=Not connected to Discord; trying again.", b"STATUS=Connected to Discord."]
        double.fail("GET", "/gateway", status=503, times=1_000)
        double.lose_gateway()
        assert await told(manager, lost := b"STATUS=Not connected to Discord; trying again.") == [lost]


async def test_it_hears_no_sign_of_life_of_a_loop_that_stands_still(
    double: Double, newsdesk: Newsdesk, tmp_path: Path, manager: socket.socket
) -> None:
    async with served(newsdesk, manager=ServiceManager(str(tmp_path / "notify"), watchdog_seconds=0.06)):
        await told(manager, b"WATCHDOG=1")
        drain(manager)
        _stand_still(0.3)
        assert drain(manager) == []
        await told(manager, b"WATCHDOG=1")


async def test_it_hears_none_where_beats_do_not_come_although_the_loop_turns(
    double: Double, newsdesk: Newsdesk, tmp_path: Path, manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when every thread hangs on a disk that does not answer."""
    go_on, hangs, write = threading.Event(), asyncio.Event(), health.write
    loop = asyncio.get_running_loop()

    def hang(file: Path, beat: Beat) -> None:
        loop.call_soon_threadsafe(hangs.set)
        go_on.wait(PATIENCE_SECONDS)
        write(file, beat)

    monkeypatch.setattr(health, "write", hang)
    monkeypatch.setattr(health, "STALE_SECONDS", 0.1)
    async with served(newsdesk, manager=ServiceManager(str(tmp_path / "notify"), watchdog_seconds=0.06)):
        await hangs.wait()
        await asyncio.sleep(0.2)  # it was alive a moment ago, and may say so
        drain(manager)
        await asyncio.sleep(0.2)
        assert drain(manager) == []
        go_on.set()
        await told(manager, b"WATCHDOG=1")


# The verb beside a process


async def health_of(folder: Path) -> tuple[int, dict[str, str]]:
    """What ``newsdesk health`` says in a folder: exit code, states."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "health", "--json"),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, {one["about"]: one["state"] for one in json.loads(out)}


async def test_the_verb_tells_a_running_bot_from_one_that_ended(double: Double, tmp_path: Path, file: Path) -> None:
    async with forked(double.address, tmp_path) as bot:
        await bot.line("ready in")
        code, found = await health_of(tmp_path)
        assert code == os.EX_OK
        assert found["event loop"] == found["database"] == "ok"
        await bot.signalled(signal.SIGTERM)
        assert await health_of(tmp_path) == (1, {"event loop": "fault"})


async def test_the_heartbeat_of_a_bot_that_was_killed_stays_and_grows_old(
    double: Double, tmp_path: Path, file: Path
) -> None:
    async with forked(double.address, tmp_path) as bot:
        await bot.line("ready in")
        await bot.signalled(signal.SIGKILL)
    beat = health.read(file)
    assert beat.pid == bot.pid
    health.write(file, replace(beat, written_at=beat.written_at - timedelta(seconds=health.STALE_SECONDS)))
    assert await health_of(tmp_path) == (1, {"event loop": "fault"})
