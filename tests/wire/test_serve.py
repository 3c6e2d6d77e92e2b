"""The bot's connection: begun, lost, taken up again and ended. In this process, over real sockets."""

from __future__ import annotations

import asyncio
import logging
import time

import pytest

import commands
from bot.corpus import Counts
from bot.discord_app import app
from bot.errors import NoConnection, SettingsError
from bot.newsdesk import Newsdesk
from tests.wire.conftest import Serving
from tests.wire.double import PATIENCE_SECONDS, TOKEN, Double
from tests.wire.objects import ADMIN

REGISTRATIONS = ("PUT", "/applications/*/commands")


async def test_a_restart_does_not_register_the_commands_again(double: Double, serving: Serving) -> None:
    for _ in range(2):
        async with serving():
            assert (await double.command("help")).ephemeral
    assert len(double.sent(*REGISTRATIONS)) == 1


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
    serving = asyncio.create_task(app.serve(newsdesk, commands.ALL, TOKEN, asyncio.Event()))
    await double.ready()
    double.rest.token = "another"
    double.lose_gateway()
    with pytest.raises(SettingsError, match="DISCORD_TOKEN"):
        await asyncio.wait_for(serving, PATIENCE_SECONDS)


@pytest.mark.parametrize("status", [503, 429])
async def test_a_discord_that_fails_at_start_is_no_connection(
    double: Double, newsdesk: Newsdesk, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "START_SECONDS", 0)
    double.fail("GET", "/users/@me", status=status, times=5)
    with pytest.raises(NoConnection, match=str(status)):
        await asyncio.wait_for(app.serve(newsdesk, commands.ALL, TOKEN, asyncio.Event()), PATIENCE_SECONDS)
