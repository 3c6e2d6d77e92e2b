"""Autocomplete of outlets and people: from memory, most frequent first, and at once."""

from __future__ import annotations

import pytest

from bot.discord_app.limits import CHOICE_CHARS, CHOICES
from bot.search.names import name_key, part_of
from tests.commands.conftest import World


async def offered(world: World, option: str, typed: str, command: str = "quote") -> list[str]:
    found = await world.member.autocomplete(world.channel, command, option, typed)
    assert all(len(choice["name"]) <= CHOICE_CHARS for choice in found)
    return [choice["value"] for choice in found]


@pytest.mark.parametrize("command", ["quote", "search"])
async def test_people_are_offered_by_the_beginning_of_their_names(world: World, command: str) -> None:
    assert (await offered(world, "speaker", "zelensk", command))[0].startswith("Volodymyr Zelensky")
    assert await offered(world, "speaker", "elensk", command) == []


async def test_before_anything_is_typed_the_most_quoted_are_offered(world: World) -> None:
    people = await world.newsdesk.spoken.people(world.guild.id)
    assert await offered(world, "speaker", "") == [person.name for person in people][:CHOICES]


async def test_outlets_are_offered_by_any_part_of_their_names_whatever_the_case(world: World) -> None:
    assert await offered(world, "source", "STARTER lib") == ["Newsdesk Starter Library"]
    assert await offered(world, "source", "nobody") == []


async def test_a_long_name_is_cut_so_that_it_still_names_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet = "The Re-Elected " * 20
    use_outlets(world, monkeypatch, [outlet])
    (value,) = await offered(world, "source", "elected")
    assert part_of(value)(name_key(outlet))


async def test_what_is_offered_follows_the_library(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    use_outlets(world, monkeypatch, ["The Gazette"])
    assert await offered(world, "source", "") == ["The Gazette"]
    use_outlets(world, monkeypatch, ["The Herald"])
    assert await offered(world, "source", "") == ["The Herald"]


def use_outlets(world: World, monkeypatch: pytest.MonkeyPatch, outlets: list[str]) -> None:
    async def known(library: int, typed: str, limit: int) -> list[str]:
        return [name for name in outlets if part_of(typed)(name_key(name))]

    monkeypatch.setattr(world.newsdesk, "outlets", known)
