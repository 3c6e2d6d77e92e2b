"""A connection that is lost loses nobody's question: what was asked meanwhile is answered once it is taken up again."""

from __future__ import annotations

import asyncio
import logging

import pytest

from bot.discord_app.client import NewsdeskClient
from tests.wire.conftest import Serving
from tests.wire.double import Double


async def test_what_was_asked_while_the_socket_was_cut_is_answered_after_the_resume(
    double: Double, serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving():
        double.lose_gateway()
        asked = [asyncio.create_task(double.command("help")) for _ in range(5)]
        answers = await asyncio.gather(*asked)
        assert double.resumed == 1
        assert double.identified == 1
    assert all(answer.ephemeral for answer in answers)
    assert len(double.sent("POST", "/interactions/*")) == len(answers)  # each dispatch was replayed once
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_request_to_reconnect_is_followed_and_the_session_kept(double: Double, serving: Serving) -> None:
    async with serving():
        await double.gateway.ask_to_reconnect()
        await double.until(lambda: double.resumed)
        assert (await double.command("help")).ephemeral
    assert double.identified == 1


@pytest.mark.parametrize("resumable", [True, False])
async def test_an_invalid_session_is_resumed_or_begun_anew(double: Double, serving: Serving, resumable: bool) -> None:
    async with serving():
        await double.gateway.invalidate(resumable=resumable)
        await double.until(lambda: double.resumed or double.identified == 2)
        assert (await double.command("help")).ephemeral
    assert (double.identified, double.resumed) == ((1, 1) if resumable else (2, 0))


async def test_a_session_that_is_gone_when_it_is_resumed_is_begun_anew(double: Double, serving: Serving) -> None:
    async with serving():
        double.gateway.forget_session()
        double.lose_gateway()
        await double.until(lambda: double.identified == 2)
        assert (await double.command("help")).ephemeral
    assert double.resumed == 0


async def test_a_connection_whose_heartbeats_are_not_acknowledged_is_given_up_and_resumed(
    double: Double, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    double.gateway.heartbeat_ms = 50
    starting = NewsdeskClient.setup_hook

    async def impatient(self: NewsdeskClient) -> None:
        self._connection.heartbeat_timeout = 0.3
        await starting(self)

    monkeypatch.setattr(NewsdeskClient, "setup_hook", impatient)
    async with serving():
        await double.until(lambda: double.gateway.heartbeats > 3)
        assert double.resumed == 0
        double.gateway.acknowledges = False
        await double.until(lambda: double.resumed)
        double.gateway.acknowledges = True
        assert (await double.command("help")).ephemeral
