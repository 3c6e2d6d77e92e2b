"""/search and /help."""

from __future__ import annotations

from discord import app_commands

import commands
from tests.commands.conftest import World, button, shown


async def test_articles_are_ranked_each_with_its_best_passage(world: World) -> None:
    card = shown(await world.member.slash(world.channel, "search", query="energy grid strikes"))
    assert card.startswith("### Articles on energy grid strikes")
    assert "**1.** " in card
    assert "**2.** " in card
    assert card.count("\n> ") >= 2


async def test_pages_turn(world: World) -> None:
    result = await world.member.slash(world.channel, "search", query="trump call")
    assert result.response is not None
    assert "1–4 of" in shown(result)
    await world.member.click(result.response, custom_id=button(result, "Next"))
    assert "5–8 of" in shown(result)


async def test_no_result_says_so_and_suggests(world: World) -> None:
    card = shown(await world.member.slash(world.channel, "search", query="ceesefire"))
    assert "Nothing in the library matches" in card
    assert "fire" in card


async def test_hostile_queries_are_answered(world: World) -> None:
    for query in ('"', "-", "source:", "(((", "AND OR NOT", "\x00", "🗞" * 100, "\u202eabc", "*", "a" * 300):
        assert shown(await world.member.slash(world.channel, "search", query=query))


async def test_without_a_word_there_is_nothing_to_look_for(world: World) -> None:
    for query in (" ", "since:2025", "source:starter"):
        assert "no word to look for" in shown(await world.member.slash(world.channel, "search", query=query))


async def test_help_shows_how_to_ask(world: World) -> None:
    card = shown(await world.member.slash(world.channel, "help"))
    for part in ('"exact words"', "-word", "speaker:", "source:", "since:", "until:"):
        assert part in card


async def test_help_names_every_command(world: World) -> None:
    card = shown(await world.member.slash(world.channel, "help"))
    for command in commands.ALL:
        if command.name != "help" and not isinstance(command, app_commands.ContextMenu):
            assert f"`/{command.name}" in card
    assert "14 articles" in card
