"""What a person sees when something breaks or takes long, and when Discord is told of the commands."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any

import discord
import pytest
import simcord
from discord import app_commands

from bot.corpus import Heading
from bot.desks.quoting import Answered, Quoting
from bot.desks.spoken import Spoken
from bot.discord_app import replies
from bot.errors import CorpusError, Refused
from bot.model import Document
from bot.newsdesk import Newsdesk
from bot.search.query import Query
from tests.commands.conftest import World, button, buttons, shown, texts
from tests.disks import full, read_only

REFERENCE = re.compile(r"reference `([2-9abcdefghjkmnpqrtuvwxyz]{7})`")
Entry = Callable[[World], Awaitable[simcord.InteractionResult]]


async def _by_slash(world: World) -> simcord.InteractionResult:
    return await world.member.slash(world.channel, "search", query="peace")


async def _by_button(world: World) -> simcord.InteractionResult:
    result = await world.member.slash(world.channel, "quote", query="peace")
    assert result.response is not None
    label = next(label for label in buttons(result.response.components) if label.startswith("Article"))
    return await world.member.click(result.response, custom_id=button(result, label))


async def _by_menu(world: World) -> simcord.InteractionResult:
    message = await world.member.send(world.channel, "He said “we sail at dawn whatever the weather brings” today.")
    return await world.member.context_menu(world.channel, "Check quote", message)


async def _by_form(world: World) -> simcord.InteractionResult:
    form = await world.admin.slash(world.channel, "article add")
    assert form.modal is not None
    fields = {label["component"]["custom_id"]: "" for label in form.modal["components"]}
    title, *_, text = fields
    return await world.admin.submit_modal(form, fields | {title: "Ferry", text: "The ferry sails at dawn. " * 150})


async def _by_form_with_a_choice(world: World) -> simcord.InteractionResult:
    said = "“We sail at dawn whatever the weather brings,” said Elena Marsh, who runs the ferry."
    await world.newsdesk.add(world.guild.id, Document("typed", "Ferry", said), added_by=1)
    result = await world.admin.slash(world.channel, "quote", query="sail dawn weather")
    assert result.response is not None
    form = await world.admin.click(result.response, custom_id=button(result, "Wrong speaker?"))
    assert form.modal is not None
    parts = [label["component"] for label in form.modal["components"]]
    values = {part["custom_id"]: [part["options"][0]["value"]] if "options" in part else "" for part in parts}
    return await world.admin.submit_modal(form, values)


ENTRIES: dict[str, tuple[Entry, type, str]] = {
    "search": (_by_slash, Quoting, "hits"),
    "newsdesk:article": (_by_button, Newsdesk, "article"),
    "Check quote": (_by_menu, Newsdesk, "check"),
    "modal_submit": (_by_form, Newsdesk, "add"),
}
CHOICE = {"modal_submit": (_by_form_with_a_choice, Spoken, "correct")}


@pytest.mark.parametrize(
    ("where", "entry"), [*ENTRIES.items(), *CHOICE.items()], ids=[*ENTRIES, "modal_submit with a choice"]
)
@pytest.mark.parametrize("error", [RuntimeError("the secret text of an article"), CorpusError("The disk is full.")])
async def test_what_nobody_who_asks_can_mend_is_told_with_a_reference_that_is_in_the_log(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    where: str,
    entry: tuple[Entry, type, str],
    error: Exception,
) -> None:
    give, owner, method = entry

    async def broken(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(owner, method, broken)
    result = await give(world)
    reference = REFERENCE.search(shown(result))
    assert reference is not None
    assert result.ephemeral
    assert "secret" not in shown(result)
    assert ("The disk is full" in shown(result)) is isinstance(error, CorpusError)
    (logged,) = [one for one in caplog.records if reference[1] in one.getMessage()]
    assert logged.getMessage() == f"error {reference[1]} in {where}, server {world.guild.id}"
    assert logged.exc_info is not None
    assert logged.exc_info[1] is error
    assert len(world.env.errors) <= 1


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
async def test_what_who_asks_can_mend_is_one_sentence_without_a_reference(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, entry: tuple[Entry, type, str]
) -> None:
    give, owner, method = entry

    async def refused(*_: Any, **__: Any) -> None:
        raise Refused("Nothing of that kind is done here.")

    monkeypatch.setattr(owner, method, refused)
    told = shown(await give(world))
    assert "Nothing of that kind is done here." in told
    assert "reference" not in told
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []
    assert len(world.env.errors) <= 1


async def test_choices_that_cannot_be_offered_are_in_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(Newsdesk, "find_headings", broken)
    with suppress(Exception):  # simcord tells of it, too
        await world.member.autocomplete(world.channel, "summary", "article", "peace")
    assert "exception in autocomplete for 'summary'" in caplog.text
    assert len(world.env.errors) <= 1


async def test_a_command_that_was_changed_meanwhile_is_explained(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    async def tell(_: object, refused: Exception) -> None:
        told.append(str(refused))

    monkeypatch.setattr("bot.discord_app.client.tell", tell)
    interaction: Any = None
    await type(world.client.tree).on_error(world.client.tree, interaction, app_commands.CommandNotFound("old", []))
    assert told == ["This command is no longer what your Discord takes it for: reload Discord and give it again."]


# The database takes nothing more


@pytest.mark.parametrize("close", [full, read_only])
async def test_a_disk_that_takes_nothing_more_is_told_and_stops_no_answer(
    world: World, close: Callable[[Newsdesk], AbstractAsyncContextManager[None]]
) -> None:
    before = await world.newsdesk.counts(world.guild.id)
    async with close(world.newsdesk):
        for _ in range(3):
            refused = await _by_form(world)
            assert REFERENCE.search(shown(refused))
            assert "Nothing is lost: Edit opens the form with what you typed." in shown(refused)
        answered = await world.member.slash(world.channel, "quote", query="peace")
        assert "`#S" in shown(answered)
        assert answered.response is not None
        turned = await world.member.click(answered.response, custom_id=button(answered, "Next"))
        assert turned.response is None or "no longer have" not in shown(turned)
        assert await world.newsdesk.counts(world.guild.id) == before
    assert "Added to this server's library" in shown(await _by_form(world))
    assert await world.newsdesk.corpus.integrity() == []
    assert await world.newsdesk.corpus.answers.load(_kept(answered)) is not None


def _kept(result: simcord.InteractionResult) -> str:
    return button(result, "Next").split(":")[2]


def make_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every answer take longer than the bot waits before it defers."""
    visible = Newsdesk.headings, Quoting.quotes

    async def slow_headings(self: Newsdesk, library: int) -> list[Heading]:
        await asyncio.sleep(0.2)
        return await visible[0](self, library)

    async def slow_quotes(self: Quoting, library: int, query: Query, limit: int, shown: int) -> Answered:
        await asyncio.sleep(0.2)
        return await visible[1](self, library, query, limit, shown)

    monkeypatch.setattr(Newsdesk, "headings", slow_headings)
    monkeypatch.setattr(Quoting, "quotes", slow_quotes)
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
