"""`newsdesk doctor` asks Discord: here a double of it, which refuses, fails, is late or is not there."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.discord_app import reach
from bot.doctor import Finding
from bot.errors import EX_CONFIG
from tests.wire import objects
from tests.wire.double import TOKEN, Double
from tests.wire.launch import pointed_at
from tests.wire.objects import CHANNEL
from tests.wire.process import answer_of, forked, forked_answer

ANOTHER_TOKEN = TOKEN.replace("anyone", "nobody")
WELL = ("Discord", "clock", "token", "intents", "shards")
OF_SCHEDULE = "schedule 1 of server 7"


async def asked(
    token: str | None = TOKEN, channels: Mapping[int, str] | None = None, *, ahead_seconds: float = 0
) -> list[Finding]:
    """What is found by a machine whose clock is ahead of Discord's."""

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=ahead_seconds)

    return [one async for one in reach.examine_discord(token, channels or {}, now)]


def states(found: list[Finding]) -> list[tuple[str, str]]:
    return [(one.state, one.about) for one in found]


@pytest.fixture
def nowhere() -> Iterator[str]:
    """An address at which nobody listens, and that nobody else can take meanwhile."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{closed.getsockname()[1]}"


async def test_all_is_well(double: Double) -> None:
    found = await asked(channels={int(CHANNEL): OF_SCHEDULE})
    assert states(found) == [("ok", about) for about in (*WELL, "channels")]
    assert found[-1].said == "the 1 that digests go to can be seen."
    paths = [request.path for request in double.requests]
    assert paths == ["/gateway", "/users/@me", "/applications/@me", "/gateway/bot", f"/channels/{CHANNEL}"]
    assert {request.method for request in double.requests} == {"GET"}


@pytest.mark.parametrize(
    ("count", "left", "told"),
    [
        (None, 1_000, "3, and Discord recommends 3."),
        (4, 1_000, "4, and Discord recommends 3."),
        (2, 1_000, "SHARD_COUNT is 2, and Discord recommends 3: leave it empty, or raise it."),
        (None, 2, "only 2 sessions may be begun until the limit is reset: see the log for what begins so many."),
    ],
)
async def test_the_number_of_shards_is_held_against_what_discord_recommends(
    double: Double, count: int | None, left: int, told: str
) -> None:
    double.rest.starts.shards, double.rest.starts.remaining = 3, left
    found = [one async for one in reach.examine_discord(TOKEN, {}, lambda: datetime.now(UTC), count)]
    (shards,) = [one for one in found if one.about == "shards"]
    assert shards.said == told
    assert shards.state == ("ok" if "and Discord recommends 3." in told else "warning")


async def test_without_a_token_it_is_only_asked_whether_it_is_there(double: Double) -> None:
    assert states(await asked(None, {int(CHANNEL): OF_SCHEDULE})) == [("ok", "Discord"), ("ok", "clock")]
    assert [request.path for request in double.requests] == ["/gateway"]


async def test_a_refused_token_is_a_fault_of_the_settings_that_does_not_say_it(double: Double) -> None:
    found = await asked(ANOTHER_TOKEN)
    assert states(found)[2:] == [("fault", "token")]
    assert found[-1].exit_code == EX_CONFIG
    assert "Discord refused DISCORD_TOKEN" in found[-1].said
    assert ANOTHER_TOKEN not in found[-1].said


@pytest.mark.parametrize("status", [500, 503, 429, 403])
async def test_a_discord_that_fails_is_a_warning_and_asked_once(double: Double, status: int) -> None:
    double.fail("GET", "/users/@me", status=status)
    found = await asked()
    assert states(found)[2:] == [("warning", "Discord")]
    assert f"HTTP {status}" in found[-1].said
    assert len(double.sent("GET", "/users/@me")) == 1


async def test_a_lost_answer_is_a_warning(double: Double) -> None:
    double.fail("GET", "/gateway", drop=True, times=2)  # aiohttp asks once more where nothing was answered at all
    found = await asked()
    assert states(found) == [("warning", "Discord")]
    assert "cannot be reached (ServerDisconnectedError)" in found[0].said


async def test_a_discord_that_does_not_answer_is_a_warning(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reach, "PATIENCE_SECONDS", 0.05)
    double.fail("GET", "/gateway", status=0, delay_seconds=0.5)
    found = await asked()
    assert states(found) == [("warning", "Discord")]
    assert "Timeout" in found[0].said


async def test_no_network_is_a_warning(nowhere: str) -> None:
    with pointed_at(nowhere):
        found = await asked()
    assert states(found) == [("warning", "Discord")]
    assert "cannot be reached (ClientConnectorError)" in found[0].said


@pytest.mark.parametrize(
    ("ahead_seconds", "state", "said"),
    [(20, "ok", "ahead of"), (40, "warning", "ahead of"), (-40, "warning", "behind"),
     (290, "warning", "ahead of"), (310, "fault", "ahead of"), (-310, "fault", "behind")],
)  # fmt: skip
async def test_the_clock_is_held_against_discords(double: Double, ahead_seconds: float, state: str, said: str) -> None:
    (found,) = [one for one in await asked(None, ahead_seconds=ahead_seconds) if one.about == "clock"]
    assert (found.state, found.exit_code) == (state, EX_CONFIG if state == "fault" else 0)
    assert said in found.said


async def test_an_answer_without_a_time_says_nothing_of_the_clock(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "_date", lambda _: None)
    assert states(await asked(None)) == [("ok", "Discord")]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (1 << 18, "Message Content Intent: Newsdesk needs none"),
        (1 << 13 | 1 << 14, "Presence Intent and Server Members"),
    ],
)
async def test_a_privileged_intent_that_is_not_needed_is_a_warning(
    double: Double, monkeypatch: pytest.MonkeyPatch, flags: int, said: str
) -> None:
    plain = objects.application()
    monkeypatch.setattr(objects, "application", lambda: plain | {"flags": flags})
    (found,) = [one for one in await asked() if one.about == "intents"]
    assert (found.state, found.said.startswith(said)) == ("warning", True)


@pytest.mark.parametrize(("status", "code"), [(403, 50001), (404, 10003)])
async def test_a_channel_that_cannot_be_seen_is_a_warning(double: Double, status: int, code: int) -> None:
    double.fail("GET", f"/channels/{CHANNEL}", status=status, code=code)
    found = await asked(channels={int(CHANNEL): OF_SCHEDULE})
    assert states(found)[-1] == ("warning", "channels")
    assert found[-1].said.startswith(f"{OF_SCHEDULE} goes to one that is gone or that I may not see")


async def test_no_more_channels_are_asked_for_than_discord_likes(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "MOST_CHANNELS", 1)
    found = await asked(channels={int(CHANNEL): OF_SCHEDULE, 8: "schedule 2 of server 7"})
    assert found[-1].said == "the 1 of 2 that digests go to can be seen."


# As a host starts it


async def test_the_verb_asks_discord_with_the_token_and_never_prints_it(
    double: Double, tmp_path: Path, blank_library: Path
) -> None:
    shutil.copy(blank_library, tmp_path / "newsdesk.db")
    code, out = await answer_of(double.address, tmp_path, "doctor", "--json")
    found: list[dict[str, Any]] = json.loads(out)
    assert code == os.EX_OK
    assert [one["state"] for one in found if one["about"] in ("Discord", "token", "intents")] == ["ok"] * 4
    assert TOKEN not in out


async def test_the_verb_ends_with_78_for_a_refused_token(double: Double, tmp_path: Path) -> None:
    code, out = await forked_answer(double.address, tmp_path, "doctor", DISCORD_TOKEN=ANOTHER_TOKEN)
    assert code == os.EX_CONFIG
    assert "fault   token: Discord refused DISCORD_TOKEN" in out
    assert ANOTHER_TOKEN not in out


async def test_the_verb_ends_with_0_where_discord_cannot_be_reached(nowhere: str, tmp_path: Path) -> None:
    code, out = await forked_answer(nowhere, tmp_path, "doctor")
    assert (code, "warning Discord: it cannot be reached" in out) == (os.EX_OK, True)


async def test_offline_asks_nobody(double: Double, tmp_path: Path) -> None:
    code, out = await forked_answer(double.address, tmp_path, "doctor", "--offline")
    assert (code, "Discord: " in out, double.requests) == (os.EX_OK, False, [])


async def test_it_works_beside_a_running_bot(double: Double, tmp_path: Path) -> None:
    async with forked(double.address, tmp_path) as bot:
        await double.ready()
        code, out = await forked_answer(double.address, tmp_path, "doctor")
        assert (code, "ok      bot: one runs on this library." in out) == (os.EX_OK, True)
        assert (await bot.signalled(signal.SIGTERM))[0] == os.EX_OK
    assert bot.beyond_the_log == []
