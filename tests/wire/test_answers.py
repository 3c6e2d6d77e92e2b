"""What a running ``python -m bot run`` answers over the wire, on the starter library: one process for all tests."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

import commands
from bot.cli.seeds import PROJECT_SEEDS
from tests.wire.answers import FIRST_RESPONSE_SECONDS, UPDATE
from tests.wire.double import TOKEN, Double
from tests.wire.process import Bot, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

_RUN_OF_WORDS = 5  # so many words in a row of what was answered, and the log quotes it


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def discord() -> AsyncIterator[Double]:
    async with Double() as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module", autouse=True)
async def bot(discord: Double, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bot]:
    """The bot, logging all it can."""
    folder = tmp_path_factory.mktemp("bot")
    async with running(discord.address, folder, SEEDS_DIR=str(PROJECT_SEEDS), LOG_LEVEL="DEBUG") as started:
        await discord.ready()
        yield started


async def test_the_commands_are_registered_once(discord: Double) -> None:
    (registration,) = discord.sent("PUT", "/applications/*/commands")
    assert [command["name"] for command in registration.body] == [command.name for command in commands.ALL]


async def test_help_is_answered_to_the_person_alone(discord: Double) -> None:
    answer = await discord.command("help")
    assert answer.ephemeral
    assert "`/quote`" in answer.text


async def test_a_quote_is_answered_in_time(discord: Double) -> None:
    answer = await discord.command("quote", query="referendum")
    assert answer.seconds < FIRST_RESPONSE_SECONDS
    assert answer.ephemeral
    assert "**referendum**" in answer.text
    assert "for “referendum”" in answer.text.splitlines()[-1]


async def test_a_public_answer_is_for_everyone(discord: Double) -> None:
    answer = await discord.command("quote", query="referendum", public=True)
    assert answer.message in discord.rest.channel


async def test_next_turns_the_page_in_place(discord: Double) -> None:
    answer = await discord.command("quote", query="referendum")
    first = answer.text
    turned = await discord.press(answer, "Next")
    assert turned.kind == UPDATE
    assert first != turned.text
    assert "2 of " in turned.text


async def test_a_second_bot_on_the_same_library_is_refused_and_the_first_runs_on(discord: Double, bot: Bot) -> None:
    async with running(discord.address, bot.folder) as second:
        assert await second.ended() == os.EX_TEMPFAIL
    assert len(second.lines) == 1
    assert discord.identified == 1
    assert (await discord.command("help")).ephemeral


async def test_the_log_holds_no_token_and_no_text_of_an_article(discord: Double, bot: Bot) -> None:
    answer = await discord.command("quote", query="referendum")
    pressed = await discord.press(answer, "Context")
    log = "\n".join(bot.lines)
    assert bot.beyond_the_log == []
    for secret in (TOKEN, answer.interaction["token"], pressed.interaction["token"]):
        assert secret not in log
    words = re.findall(r"\w+", pressed.text)
    runs = (r"\W+".join(words[start : start + _RUN_OF_WORDS]) for start in range(len(words) - _RUN_OF_WORDS + 1))
    assert [run for run in runs if re.search(run, log)] == []
