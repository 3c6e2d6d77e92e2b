"""Beyond what can be answered in time, people are told so at once instead of waiting for nothing. Real sockets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.corpus import Counts
from bot.discord_app import admission
from bot.discord_app.admission import BUSY, Admission
from bot.newsdesk import Newsdesk
from tests.wire.answers import Answer
from tests.wire.conftest import Serving
from tests.wire.double import PATIENCE_SECONDS, Double
from tests.wire.objects import ADMIN

MOST = 3


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Admission.__init__, "__defaults__", (MOST, MOST))


@asynccontextmanager
async def full(double: Double, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[asyncio.Task[Answer]]]:
    """As many questions in hand as may be; they are answered when the block ends, and nothing is in hand after it."""
    counts, go_on, reached = Newsdesk.counts, asyncio.Event(), asyncio.Semaphore(0)

    async def held(self: Newsdesk, library: int) -> Counts:
        reached.release()
        await go_on.wait()
        return await counts(self, library)

    monkeypatch.setattr(Newsdesk, "counts", held)
    asked: list[asyncio.Task[Answer]] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(asked) < MOST:
            one = asyncio.create_task(double.command("help"))
            holding = asyncio.create_task(reached.acquire())
            await asyncio.wait({one, holding}, return_when=asyncio.FIRST_COMPLETED)
            if holding.done():
                asked.append(one)
            else:  # refused: what was answered before is still in hand
                holding.cancel()
    try:
        yield asked
    finally:
        go_on.set()
        await asyncio.gather(*asked)
        while (await double.command("help")).text == BUSY:
            pass  # what was answered is in hand until its task ends, a moment later


async def test_one_too_many_is_told_so_alone_and_the_others_are_answered(
    double: Double, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(), full(double, monkeypatch) as asked:
        refused = await double.command("help")
        assert (refused.text, refused.ephemeral) == (BUSY, True)
        assert not any(task.done() for task in asked)
    assert all("`/quote`" in task.result().text for task in asked)


async def test_one_who_types_meanwhile_is_offered_nothing(
    double: Double, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving():
        async with full(double, monkeypatch):
            assert (await double.type("schedule set", "zone", zone="Berlin")).choices == []
        assert (await double.type("schedule set", "zone", zone="Berlin")).choices != []


async def test_a_button_pressed_meanwhile_leaves_its_card_and_a_form_sent_is_taken(
    double: Double, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody has typed into a form would be lost."""
    told = {"Title": "The bay is crossed", "Text": "Divers laid the cable on Monday. It rang at noon."}
    async with serving():
        form = await double.command("article add", by=ADMIN)
        await double.submit(form, told, by=ADMIN)
        other = await double.command("article add", by=ADMIN)
        card = await double.command("quote", query="cable")
        before = card.text
        async with full(double, monkeypatch):
            refused = await double.press(card, "Context")
            assert (refused.text, refused.ephemeral, card.text) == (BUSY, True, before)
            taken = await double.submit(other, {"Title": "The tide", "Text": "It was high at six."}, by=ADMIN)
            assert "Added to this server's library" in taken.text
        assert "It rang at noon." in (await double.press(card, "Context")).text


async def test_the_host_reads_of_it_once_a_minute(
    double: Double, serving: Serving, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def told() -> list[str]:
        return [message for message in caplog.messages if "questions are in hand: refused" in message]

    async with serving(), full(double, monkeypatch):
        for _ in range(5):
            await double.command("help")
        assert told() == [f"{MOST} questions are in hand: refused 1 more"]
        monkeypatch.setattr(admission, "TELL_SECONDS", 0)
        await double.command("help")
        assert told()[1:] == [f"{MOST} questions are in hand: refused 5 more"]


async def test_a_refusal_that_cannot_be_sent_is_no_error(
    double: Double, serving: Serving, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving():
        async with full(double, monkeypatch):
            double.fail("POST", "/interactions/*", drop=True)
            await double.ask(2, {"id": "1", "name": "help", "type": 1, "options": []}, ADMIN)
            await double.until(lambda: 0 in {request.status for request in double.requests})
        assert (await double.command("help")).ephemeral
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
