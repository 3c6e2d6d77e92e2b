"""A simulated Discord for the commands: two servers, a member, an admin, and a stranger in the other server.

The client, the commands, the corpus and the starter library are real; simcord plays Discord. Every request the bot
makes is held against Discord's document and limits when a test ends.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import discord
import pytest
import simcord

import commands
from bot.cli.seeds import PROJECT_SEEDS, plant
from bot.discord_app.client import NewsdeskClient
from bot.newsdesk import Newsdesk
from tests import contract
from tests.web import Web

START = datetime(2026, 1, 1, tzinfo=UTC)  # where simcord's clock begins


class Clock:
    """The time the bot reads: simcord's, once there is one."""

    def __init__(self) -> None:
        self.env: simcord.Env | None = None

    def __call__(self) -> datetime:
        return self.env.now() if self.env else START


@dataclass
class World:
    """Who and what a test may act on."""

    env: simcord.Env
    client: NewsdeskClient
    newsdesk: Newsdesk
    guild: simcord.GuildHandle
    channel: simcord.ChannelHandle
    member: simcord.MemberActor
    admin: simcord.MemberActor
    other_guild: simcord.GuildHandle
    other_channel: simcord.ChannelHandle
    stranger: simcord.MemberActor
    web: Web


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def starter_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the starter articles, made once and copied for every test."""
    path = tmp_path_factory.mktemp("starter") / "newsdesk.db"

    async def fill() -> None:
        async with Newsdesk.open(f"sqlite+aiosqlite:///{path}", bot=True, now=lambda: START) as newsdesk:
            async for _ in plant(newsdesk, PROJECT_SEEDS):
                pass

    asyncio.run(fill())
    return path


@pytest.fixture
def url(tmp_path: Path, starter_library: Path) -> str:
    return f"sqlite+aiosqlite:///{shutil.copy(starter_library, tmp_path / 'newsdesk.db')}"


@pytest.fixture
async def newsdesk(url: str, clock: Clock, web: Web) -> AsyncIterator[Newsdesk]:
    """The starter library, for this test alone."""
    async with Newsdesk.open(url, bot=True, now=clock, chance=Random(1), fetcher=web) as opened:
        yield opened


@pytest.fixture
def simcord_bot(newsdesk: Newsdesk) -> NewsdeskClient:
    return NewsdeskClient(newsdesk, commands.ALL)


@pytest.fixture
async def world(
    simcord_env: simcord.Env, simcord_bot: NewsdeskClient, newsdesk: Newsdesk, clock: Clock, web: Web
) -> AsyncIterator[World]:
    clock.env = simcord_env
    guild = simcord_env.create_guild("The newsroom")
    admins = guild.create_role("Editors", permissions=discord.Permissions(manage_guild=True))
    other = simcord_env.create_guild("Another server")
    yield World(
        env=simcord_env,
        client=simcord_bot,
        newsdesk=newsdesk,
        guild=guild,
        channel=guild.create_text_channel("newsdesk"),
        member=guild.add_member(simcord_env.create_user("member")),
        admin=guild.add_member(simcord_env.create_user("admin"), roles=[admins]),
        other_guild=other,
        other_channel=other.create_text_channel("elsewhere"),
        stranger=other.add_member(simcord_env.create_user("stranger"), roles=[
            other.create_role("Editors", permissions=discord.Permissions(manage_guild=True))
        ]),
        web=web,
    )  # fmt: skip
    contract.check(simcord_env)


def texts(components: list[dict[str, Any]]) -> str:
    """All text a card shows, as Markdown, a line a display."""
    found: list[str] = []
    for component in components:
        if component["type"] == discord.ComponentType.text_display.value:
            found.append(component["content"])
        found.append(texts(component.get("components", [])))
    return "\n".join(text for text in found if text)


def shown(result: simcord.InteractionResult) -> str:
    """What the person who gave a command sees."""
    assert result.response is not None, "the bot did not answer"
    return texts(result.response.components)


def buttons(components: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The buttons of a card by their label."""
    found: dict[str, dict[str, Any]] = {}
    for component in components:
        if component["type"] == discord.ComponentType.button.value:
            found[component["label"]] = component
        found |= buttons(component.get("components", []))
    return found


def button(result: simcord.InteractionResult, label: str) -> str:
    """The custom id of a button of an answer."""
    assert result.response is not None
    custom_id = buttons(result.response.components)[label]["custom_id"]
    assert isinstance(custom_id, str)
    return custom_id
