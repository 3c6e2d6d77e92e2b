"""The bot's connection: begun, lost, taken up again and ended. In this process, over real sockets."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import timedelta

import pytest

import commands
from bot.corpus import Counts, DeliveryState
from bot.corpus.articles import Articles
from bot.discord_app import app, delivery
from bot.discord_app.client import NewsdeskClient
from bot.discord_app.sharding import MOST_DELAY_SECONDS, PatientBackoff
from bot.errors import EX_CONFIG, EX_DATAERR, CorpusDamaged, NoConnection, SettingsError, Unwelcome
from bot.newsdesk import Newsdesk
from tests.clock import Clock
from tests.wire.conftest import Serving
from tests.wire.double import TOKEN, Double
from tests.wire.due import NOON, schedule_to, settled
from tests.wire.objects import ADMIN, CHANNEL
from tests.wire.serving import end_of, served

REGISTRATIONS = ("PUT", "/applications/*/commands")


async def test_a_restart_does_not_register_the_commands_again(double: Double, serving: Serving) -> None:
    for _ in range(2):
        async with serving():
            assert (await double.command("help")).ephemeral
    assert len(double.sent(*REGISTRATIONS)) == 1


async def test_what_is_told_of_a_client_that_is_closed_by_then_starts_nothing(newsdesk: Newsdesk) -> None:
    async with NewsdeskClient(newsdesk, commands.ALL) as client:
        pass
    for event in ("ready", "resumed", "disconnect"):
        client.dispatch(event)


async def test_a_form_is_opened_and_what_it_adds_is_found(double: Double, serving: Serving) -> None:
    async with serving():
        form = await double.command("article add", by=ADMIN)
        told = {"Title": "The bay is crossed", "Text": "Divers laid the cable on Monday. It rang at noon."}
        assert "Added to this server's library" in (await double.submit(form, told, by=ADMIN)).text
        assert "Divers laid the **cable** on Monday." in (await double.command("quote", query="cable")).text


async def test_a_lost_gateway_is_taken_up_again_without_a_traceback(
    double: Double, serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving():
        double.lose_gateway()
        await double.until(lambda: double.resumed)
        assert (await double.command("help")).ephemeral
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


async def test_a_gateway_that_fell_silent_does_not_delay_the_end(double: Double, serving: Serving) -> None:
    async with serving():
        double.stall_gateway()
        begun = time.monotonic()
    assert time.monotonic() - begun < 2


async def test_a_command_under_way_is_answered_before_the_end(
    double: Double, serving: Serving, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    counts, reached = Newsdesk.counts, asyncio.Event()

    async def after_the_stop(self: Newsdesk, library: int) -> Counts:
        reached.set()
        await asyncio.wait({task for task in asyncio.all_tasks() if task.get_name() == "stop"})
        return await counts(self, library)

    monkeypatch.setattr(Newsdesk, "counts", after_the_stop)
    async with serving():
        asked = asyncio.create_task(double.command("help"))
        await reached.wait()
    assert (await asked).ephemeral
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_command_that_does_not_end_does_not_delay_the_end(
    double: Double, serving: Serving, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reached = asyncio.Event()

    async def never(self: Newsdesk, library: int) -> None:
        reached.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Newsdesk, "counts", never)
    monkeypatch.setattr(app, "LAST_ANSWERS_SECONDS", 0.05)
    async with serving():
        asked = asyncio.create_task(double.command("help"))
        await reached.wait()
        begun = time.monotonic()
    asked.cancel()
    assert time.monotonic() - begun < 1
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_first_response_that_discord_failed_on_is_sent_again(double: Double, serving: Serving) -> None:
    double.fail("POST", "/interactions/*", status=429, retry_after_seconds=0.02)
    async with serving():
        assert (await double.command("help")).ephemeral
    assert [request.status for request in double.sent("POST", "/interactions/*")] == [429, 200]


async def test_a_token_that_was_reset_meanwhile_is_a_settings_error(double: Double, newsdesk: Newsdesk) -> None:
    async with served(newsdesk) as bot:
        await double.ready()
        double.rest.token = "another"
        double.lose_gateway()
        with pytest.raises(SettingsError, match="DISCORD_TOKEN"):
            await end_of(bot)


@pytest.mark.parametrize("code", [4010, 4011, 4012, 4013, 4014])
async def test_a_connection_that_discord_refuses_for_good_is_a_setting_to_mend(
    double: Double, newsdesk: Newsdesk, code: int
) -> None:
    """4014 is a privileged intent that was not granted; none is asked for."""
    double.gateway.refuses = code
    async with served(newsdesk) as bot:
        with pytest.raises(Unwelcome, match=f"close code {code}") as caught:
            await end_of(bot)
    assert caught.value.exit_code == EX_CONFIG
    assert double.identified == 0


async def test_a_token_that_http_refuses_meanwhile_is_a_settings_error(
    double: Double, newsdesk: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "POLL_SECONDS", 0.02)
    async with served(newsdesk) as bot:
        await double.ready()
        double.rest.token = "another"
        await schedule_to(newsdesk, double.places[CHANNEL])
        with pytest.raises(SettingsError, match="DISCORD_TOKEN"):
            await end_of(bot)
    double.rest.token = TOKEN
    async with served(newsdesk):
        assert (await settled(newsdesk)).state is DeliveryState.SENT
    assert len(double.rest.channel) == 1


async def test_a_discord_that_is_there_a_little_later_is_found_at_the_start(
    double: Double, serving: Serving, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(app, "_FIRST_PAUSE_SECONDS", 0.01)
    double.fail("GET", "/users/@me", status=503, times=3)
    async with serving():
        assert (await double.command("help")).ephemeral
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    error = "Discord answers with an error (HTTP 503): see https://discordstatus.com."
    assert told == [f"{error} Trying again for some minutes."] * 3


async def test_a_bot_that_waits_for_discord_can_be_stopped(
    double: Double, newsdesk: Newsdesk, caplog: pytest.LogCaptureFixture
) -> None:
    double.fail("GET", "/users/@me", drop=True, times=100)
    async with served(newsdesk):
        await double.until(lambda: double.requests)


async def test_damage_that_is_met_by_a_command_is_told_and_ends_the_bot(
    double: Double, newsdesk: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def damaged(self: Articles, library: int) -> None:
        async with self._database.read():
            raise CorpusDamaged("newsdesk.db is damaged: restore the newest backup.")

    monkeypatch.setattr(Articles, "counts", damaged)
    async with served(newsdesk) as bot:
        await double.ready()
        assert "restore the newest backup. If it stays, tell your host" in (await double.command("help")).text
        with pytest.raises(CorpusDamaged) as caught:
            await end_of(bot)
    assert caught.value.exit_code == EX_DATAERR


async def test_a_block_is_cut_short_by_the_stop_and_by_nothing_else() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_soon(stop.set)
    async with app.until(stop):
        await asyncio.Event().wait()
    assert stop.is_set()
    with pytest.raises(TimeoutError):
        async with app.until(asyncio.Event()):
            raise TimeoutError
    async with app.until(asyncio.Event()):
        await asyncio.sleep(0)


# An hour without a network


async def test_an_hour_without_a_network_is_told_now_and_then_and_loses_nothing(
    double: Double,
    newsdesk: Newsdesk,
    serving: Serving,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, delays = Clock(NOON), list[float]()

    def wait(self: PatientBackoff) -> float:
        """The seconds that would be waited pass at once, on the library's clock."""
        delays.append(seconds := waits(self))
        clock.advance(seconds=seconds)
        if sum(delays) > 3_600:
            double.heal()
        return 0.001

    waits = PatientBackoff.delay
    monkeypatch.setattr(PatientBackoff, "delay", wait)
    monkeypatch.setattr(newsdesk, "now", clock)
    monkeypatch.setattr(delivery, "POLL_SECONDS", 0.02)
    async with serving():
        double.fail("*", "*", drop=True, times=1_000_000)
        double.lose_gateway()
        schedule = await schedule_to(newsdesk, double.places[CHANNEL])
        await double.until(lambda: sum(delays) > 3_600)
        assert (await settled(newsdesk, schedule)).state is DeliveryState.SENT
        assert (await double.command("help")).ephemeral
    assert len(double.rest.channel) == 1
    assert max(delays) <= MOST_DELAY_SECONDS
    assert clock.now < NOON + timedelta(hours=1, seconds=MOST_DELAY_SECONDS)
    assert [
        record.getMessage() for record in caplog.records if record.exc_info and record.name != "discord.shard"
    ] == []


@pytest.mark.parametrize("status", [503, 429])
async def test_a_discord_that_fails_at_start_is_no_connection(
    double: Double, newsdesk: Newsdesk, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "START_SECONDS", 0)
    double.fail("GET", "/users/@me", status=status, times=5)
    async with served(newsdesk) as bot:
        with pytest.raises(NoConnection, match=str(status)):
            await end_of(bot)
