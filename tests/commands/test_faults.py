"""What a person sees when something breaks or takes long, and when Discord is told of the commands."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.corpus import Heading
from bot.discord_app import replies
from bot.model import Quote
from bot.newsdesk import Newsdesk
from bot.search.query import Query
from tests.commands.conftest import World, button, shown, texts


async def test_a_fault_is_one_sentence_with_a_reference_that_is_in_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the secret text of an article")

    monkeypatch.setattr(Newsdesk, "search", broken)
    result = await world.member.slash(world.channel, "search", query="peace")
    assert result.ephemeral
    reference = re.search(r"reference `([0-9a-f]{6})`", shown(result))
    assert reference is not None
    assert "secret" not in shown(result)
    assert f"error {reference[1]} in search" in caplog.text
    assert len(world.env.errors) == 1


async def test_a_fault_behind_a_button_is_told_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    result = await world.member.slash(world.channel, "quote", query="peace")
    assert result.response is not None

    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(Newsdesk, "articles_by_id", broken)
    pressed = await world.member.click(result.response, custom_id=button(result, "Next"))
    assert "Something went wrong on my side" in shown(pressed)


def make_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every answer take longer than the bot waits before it defers."""
    visible = Newsdesk.headings, Newsdesk.quotes

    async def slow_headings(self: Newsdesk, library: int) -> list[Heading]:
        await asyncio.sleep(0.2)
        return await visible[0](self, library)

    async def slow_quotes(self: Newsdesk, library: int, query: Query) -> list[Quote]:
        await asyncio.sleep(0.2)
        return await visible[1](self, library, query)

    monkeypatch.setattr(Newsdesk, "headings", slow_headings)
    monkeypatch.setattr(Newsdesk, "quotes", slow_quotes)
    monkeypatch.setattr(replies, "DEFER_AFTER_SECONDS", 0.02)


async def test_a_slow_answer_is_deferred_and_then_given(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    make_slow(monkeypatch)
    result = await world.member.slash(world.channel, "quote", query="referendum")
    assert _deferrals(world) == 1
    assert result.ephemeral
    assert "`#S" in shown(result)


async def test_a_slow_public_answer_ends_up_in_the_channel(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    make_slow(monkeypatch)
    result = await world.member.slash(world.channel, "quote", query="referendum", public=True)
    assert _deferrals(world) == 1
    (answer,) = result.followups
    assert not answer.ephemeral
    assert "`#S" in texts(answer.components)


async def test_a_mistake_told_late_is_told_to_the_person_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    make_slow(monkeypatch)
    result = await world.member.slash(world.channel, "summary", article="nothing", public=True)
    assert _deferrals(world) == 1
    assert result.ephemeral
    assert "There is no article" in shown(result)
    assert world.channel.history() == []


def _deferrals(world: World) -> int:
    bodies = [call.json for call in world.env.http_requests if call.path.endswith("/callback")]
    return sum(isinstance(body, dict) and body["type"] == 5 for body in bodies)


async def test_commands_are_registered_once_and_again_only_when_changed(world: World) -> None:
    def registrations() -> int:
        return sum(call.method == "PUT" and call.path.endswith("/commands") for call in world.env.http_requests)

    assert registrations() == 1
    await world.env.restart_bot()
    assert registrations() == 1
    world.client.tree.remove_command("help")
    await world.env.restart_bot()
    assert registrations() == 2


async def test_many_people_are_answered_at_once(world: World) -> None:
    newsdesk = world.newsdesk
    answers = await asyncio.gather(*(newsdesk.quotes(world.guild.id, newsdesk.query("peace")) for _ in range(50)))
    assert all(answer == answers[0] for answer in answers)


async def test_results_nobody_asked_for_in_a_month_are_forgotten(world: World) -> None:
    result = await world.member.slash(world.channel, "quote", query="peace", public=True)
    assert result.response is not None
    await world.newsdesk.tidy()
    kept = await world.member.click(result.response, custom_id=button(result, "Next"))
    assert kept.response is None or "no longer have" not in shown(kept)
    await world.env.advance_time(31 * 24 * 3600)
    await world.newsdesk.tidy()
    gone = await world.member.click(result.response, custom_id=button(result, "Next"))
    assert "I no longer have the results" in shown(gone)


async def test_a_thread_the_bot_cannot_see_is_explained(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    async def tell(_: object, refused: Exception) -> None:
        told.append(str(refused))

    monkeypatch.setattr("bot.discord_app.client.tell", tell)
    error = app_commands.TransformerError("1", discord.AppCommandOptionType.channel, app_commands.Transformer())
    interaction: Any = None
    await type(world.client.tree).on_error(world.client.tree, interaction, error)
    assert told == ["I cannot see that channel or thread: give me View Channel there, or reopen the thread."]


async def test_a_word_of_nonsense_is_compared_with_few_words(world: World) -> None:
    nonsense = " ".join(f"zzyx{number}q" for number in range(40))[:300]
    assert "Nothing in the library matches" in shown(await world.member.slash(world.channel, "search", query=nonsense))
