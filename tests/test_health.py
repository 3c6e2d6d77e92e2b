"""The heartbeat of a running bot: kept whole, judged by what is in it and how old it is, and asked for cheaply."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import health
from bot.corpus.sqlite import path_of
from bot.discord_app import delivery, posting
from bot.health import Beat, Connection, NoHeartbeat
from bot.settings import load
from tests.test_cli import ROOT

NOW = datetime(2026, 5, 12, 8, 30, tzinfo=UTC)
WELL = Beat(
    written_at=NOW,
    pid=123,
    version="0.1.0",
    running_seconds=7_200.0,
    connection=Connection.READY,
    connection_seconds=3_600.0,
    latency_seconds=0.042,
    stored_seconds=30.0,
    looked_seconds=10.0,
    last_digest="sent",
    last_digest_at=NOW - timedelta(hours=1),
    digests={"sent": 2, "skipped": 1},
)


def states(beat: Beat, now: datetime = NOW) -> dict[str, str]:
    """What is not well, by what it is about."""
    return {one.about: one.state for one in health.judge(beat, now) if one.state != "ok"}


def said(beat: Beat, about: str) -> str:
    return next(one.said for one in health.judge(beat, NOW) if one.about == about)


def test_a_bot_that_is_well_is_a_line_each() -> None:
    found = health.judge(WELL, NOW + timedelta(seconds=9))
    assert [one.about for one in found] == ["event loop", "gateway", "database", "scheduler", "digests"]
    assert {one.state for one in found} == {"ok"}
    assert [one.said for one in found] == [
        "beating for 2 h in process 123, version 0.1.0.",
        "connected for 60 min, latency 42 ms.",
        "written to 39 s ago.",
        "looked for digests that are due 19 s ago.",
        "2 sent, 1 skipped in the last 24 hours.",
    ]


@pytest.mark.parametrize(("age", "state"), [(-61, "fault"), (-60, None), (0, None), (60, None), (61, "fault")])
def test_a_heartbeat_more_than_a_minute_away_is_a_fault_and_all_that_is_said(age: int, state: str | None) -> None:
    found = health.judge(WELL, NOW + timedelta(seconds=age))
    assert (len(found) == 1) == (state is not None)
    assert found[0].state == (state or "ok")


@pytest.mark.parametrize("connection", [Connection.DOWN, Connection.CONNECTING])
@pytest.mark.parametrize(("seconds", "state"), [(1, "warning"), (300, "warning"), (301, "fault")])
def test_being_away_from_discord_is_a_warning_and_after_five_minutes_a_fault(
    connection: Connection, seconds: float, state: str
) -> None:
    assert states(replace(WELL, connection=connection, connection_seconds=seconds)) == {"gateway": state}


def test_what_a_heartbeat_tells_grows_older_with_it() -> None:
    nearly = replace(WELL, connection=Connection.DOWN, connection_seconds=290, stored_seconds=290, looked_seconds=590)
    assert set(states(nearly).values()) == {"warning"}
    assert states(nearly, NOW + timedelta(seconds=20)) == dict.fromkeys(["gateway", "database", "scheduler"], "fault")


@pytest.mark.parametrize(("seconds", "state"), [(300, None), (301, "fault")])
@pytest.mark.parametrize("was_written", [True, False])
def test_nothing_written_for_five_minutes_is_a_fault(seconds: float, state: str | None, was_written: bool) -> None:
    beat = replace(WELL, stored_seconds=seconds if was_written else None, running_seconds=seconds)
    assert states(beat) == ({"database": state} if state else {})


def test_why_nothing_could_be_written_is_said() -> None:
    full = "The disk that holds newsdesk.db is full: make room and try again."
    assert states(replace(WELL, store_fault=full)) == {"database": "warning"}
    assert full in said(replace(WELL, store_fault=full), "database")
    assert full in said(replace(WELL, store_fault=full, stored_seconds=400), "database")


@pytest.mark.parametrize(("seconds", "state"), [(90, None), (91, "warning"), (600, "warning"), (601, "fault")])
def test_a_scheduler_that_does_not_look_is_late_and_then_a_fault(seconds: float, state: str | None) -> None:
    expected = {"scheduler": state} if state else {}
    assert states(replace(WELL, looked_seconds=seconds)) == expected
    # One that has never looked has had time since the bot was connected.
    assert states(replace(WELL, looked_seconds=None, connection_seconds=seconds)) == expected


def test_a_scheduler_need_not_look_before_the_bot_was_ever_connected() -> None:
    beat = replace(WELL, looked_seconds=None, connection=Connection.CONNECTING, connection_seconds=9_000)
    assert states(beat) == {"gateway": "fault"}


def test_a_look_is_late_only_after_two_polls_and_the_longest_post() -> None:
    assert health.LATE_SECONDS >= 2 * delivery.POLL_SECONDS + posting.POST_SECONDS
    assert health.STALE_SECONDS >= 3 * health.BEAT_SECONDS
    assert health.MOST_SECONDS_UNSTORED >= 3 * health.PROBE_SECONDS


@pytest.mark.parametrize("state", ["failed", "uncertain"])
def test_a_last_digest_that_failed_is_a_warning_and_no_fault(state: str) -> None:
    beat = replace(WELL, last_digest=state, digests={state: 1})
    assert states(beat) == {"digests": "warning"}
    assert f"of 2026-05-12 07:30 UTC is {state}" in said(beat, "digests")
    assert states(replace(WELL, digests={state: 1})) == {}  # one before it did: the count says so


def test_a_share_of_the_shards_is_told_and_which_of_them_are_down() -> None:
    share = replace(WELL, shards="0-3 of 8", processes=2)
    assert said(share, "gateway") == "connected for 60 min with shards 0-3 of 8, latency 42 ms."
    assert said(share, "processes") == "2 on this database, connected with every shard."
    down = replace(share, connection=Connection.DOWN, connection_seconds=90.0, shards_down="2")
    assert said(down, "gateway") == "shards 2 not connected to Discord for 90 s: it is being tried again."
    alone = replace(share, shards_absent="4-7")
    assert states(alone) == {"processes": "warning"}
    assert said(alone, "processes").startswith("none is connected with shards 4-7, where nobody is answered")


def test_the_file_stands_beside_the_database() -> None:
    assert health.file_of(Path("/data/newsdesk.db")) == Path("/data/newsdesk.db.health")


beats = st.builds(
    Beat,
    written_at=st.datetimes(timezones=st.just(UTC)),
    connection=st.sampled_from(Connection),
    running_seconds=st.floats(0, 1e9),
    connection_seconds=st.floats(0, 1e9),
    stored_seconds=st.none() | st.floats(0, 1e9),
    looked_seconds=st.none() | st.floats(0, 1e9),
    latency_seconds=st.none() | st.floats(0, 1e3),
    last_digest_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    shards_absent=st.none() | st.just("4-7"),
    processes=st.none() | st.integers(1, 9),
)


@given(beat=beats)
def test_what_was_written_is_read(beat: Beat, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.getbasetemp() / "newsdesk.db.health"
    health.write(file, beat)
    assert health.read(file) == beat
    assert health.judge(beat, beat.written_at)


@given(data=st.binary())
@pytest.mark.parametrize("whole", [b"", b"null", b"[]", b"{}", b'{"written_at": 5}'])
def test_what_is_no_heartbeat_is_a_fault_with_a_sentence(
    data: bytes, whole: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "newsdesk.db.health"
    file.write_bytes(whole + data)
    (found,) = health.examine(file, NOW)
    assert (found.state, found.about) == ("fault", "event loop")
    assert "another version" in found.said


def test_where_there_is_none_no_bot_runs(tmp_path: Path) -> None:
    with pytest.raises(NoHeartbeat, match=r"no bot runs on newsdesk\.db"):
        health.read(tmp_path / "newsdesk.db.health")


def test_whoever_reads_while_one_is_written_reads_a_whole_one(tmp_path: Path) -> None:
    file, is_over = tmp_path / "newsdesk.db.health", threading.Event()
    health.write(file, WELL)

    def write() -> None:
        while not is_over.is_set():
            health.write(file, WELL)

    writing = threading.Thread(target=write)
    writing.start()
    try:
        assert all(health.read(file) == WELL for _ in range(500))
    finally:
        is_over.set()
        writing.join()


# The verb


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs ``newsdesk health`` in a folder of its own, as a container does."""

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DISCORD_TOKEN")}
        return subprocess.run(
            [sys.executable, "-m", "bot", "health", *arguments],
            cwd=tmp_path,
            env={**kept, "PYTHONPATH": str(ROOT), **settings},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


def test_no_bot_is_exit_code_1(ask: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    ended = ask()
    assert ended.returncode == 1
    assert ended.stdout == "fault   event loop: no bot runs on newsdesk.db, or it is still starting: see its log.\n"
    assert ended.stderr == ""


def test_a_bot_that_is_well_is_exit_code_0_and_one_with_warnings_too(
    ask: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    beat = replace(WELL, written_at=now, last_digest="uncertain")
    health.write(tmp_path / "mine.db.health", beat)
    ended = ask("--json", DATABASE_URL="sqlite+aiosqlite:///mine.db")
    assert ended.returncode == 0
    told = json.loads(ended.stdout)
    assert [one["state"] for one in told] == ["ok", "ok", "ok", "ok", "warning"]
    health.write(tmp_path / "mine.db.health", replace(beat, written_at=now - timedelta(hours=1)))
    assert ask(DATABASE_URL="sqlite+aiosqlite:///mine.db").returncode == 1


def test_wrong_settings_are_exit_code_78(ask: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    ended = ask(DATABASE_URL="postgresql://somewhere")
    assert (ended.returncode, ended.stdout) == (78, "")
    assert "DATABASE_URL" in ended.stderr


def test_it_loads_neither_discord_nor_the_library(tmp_path: Path) -> None:
    """What a container asks every half a minute takes a fifth of a second of its processor, not two seconds."""
    asked = """
import sys
from bot.cli import main
sys.argv[1:] = ["health", "--json"]
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""
    ended = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    loaded = set(ended.stderr.split())
    assert {"bot.health", "bot.settings", "typer"} <= loaded
    heavy = {"discord", "numpy", "sqlalchemy", "aiosqlite", "aiohttp", "Stemmer", "prometheus_client", "rich"}
    assert loaded.isdisjoint(heavy)
    assert {name for name in loaded if name.startswith(("bot.", "commands"))} == {
        *("bot.cli", "bot.cli.health", "bot.cli.options", "bot.cli.printing"),
        *("bot.errors", "bot.findings", "bot.health", "bot.process", "bot.settings", "bot.systemd"),
        *("bot.logs", "bot.redaction", "bot.shards", "bot.tracebacks"),
    }


@pytest.mark.parametrize("url", ["newsdesk.db", "/data/newsdesk.db", "../x y/ä.db", "a%20b+c.db"])
def test_the_database_is_where_the_library_says_it_is(url: str) -> None:
    address = f"sqlite+aiosqlite:///{url}"
    assert load(Path("nowhere.env"), {"DATABASE_URL": address}).database_file == path_of(address)
