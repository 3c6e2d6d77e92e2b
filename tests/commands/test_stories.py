"""Cards about one article say which others are on its event: to who may see them, and never at the answer's cost."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest
import simcord

from bot.discord_app import events
from bot.discord_app.desk import Interaction
from bot.errors import CorpusError
from bot.model import SHARED, Article, Document
from bot.newsdesk import Newsdesk
from tests.commands.conftest import World, shown
from tests.commands.test_article import add
from tests.events import PLACES, reports

FIRST, SECOND, THIRD = reports(0, 3, "2026-01-01")


async def report(world: World, document: Document) -> simcord.InteractionResult:
    return await add(
        world, title=document.title, text=document.text, outlet=document.outlet or "", date=str(document.published)
    )


async def test_who_adds_an_article_learns_what_is_on_its_event_already(world: World) -> None:
    await world.newsdesk.add(SHARED, FIRST)
    assert "Same event" not in shown(await add(world))
    added = shown(await report(world, SECOND))
    assert "**Same event:** `#S15` (shared: " in added
    assert PLACES[0] in added.partition("Same event")[2]
    also = shown(await report(world, THIRD))
    assert set(also.partition("**Same event:** ")[2].partition(" (shared")[0].split(", ")) == {"`#2`", "`#S15`"}


async def test_a_file_that_is_uploaded_is_answered_so_too(world: World) -> None:
    await report(world, FIRST)
    data = f"---\ntitle: {SECOND.title}\npublished: 2026-01-01\n---\n\n{SECOND.text}"
    answer = await world.admin.slash(world.channel, "article upload", file=("second.md", data.encode()))
    assert "**Same event:** `#1`" in shown(answer)


async def test_the_card_of_an_article_names_the_others_until_they_are_removed(world: World) -> None:
    await report(world, FIRST)
    await report(world, SECOND)
    assert "**Same event:** `#1`" in shown(await world.admin.slash(world.channel, "article show", article="2"))
    await world.admin.slash(world.channel, "article remove", article="1")
    assert "Same event" not in shown(await world.admin.slash(world.channel, "article show", article="2"))


async def test_the_article_button_under_a_quote_shows_it_too(world: World) -> None:
    await report(world, FIRST)
    await report(world, SECOND)
    quote = await world.member.slash(world.channel, "quote", query=SECOND.text.partition(".")[0])
    assert quote.response is not None
    ref = next(ref for ref in ("1", "2") if f"`#{ref}`" in shown(quote))
    pressed = await world.member.click(quote.response, custom_id=f"newsdesk:article:{ref}")
    assert f"**Same event:** `#{3 - int(ref)}`" in shown(pressed)


async def test_another_server_learns_nothing(world: World) -> None:
    await report(world, FIRST)
    await world.newsdesk.add(SHARED, SECOND)
    assert "Same event" not in shown(await world.stranger.slash(world.other_channel, "article show", article="S15"))
    assert "**Same event:** `#1`" in shown(await world.admin.slash(world.channel, "article show", article="S15"))


async def test_what_was_added_is_answered_even_where_its_story_cannot_be_had(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(newsdesk: Newsdesk, library: int, article: Article) -> None:
        raise CorpusError("The disk is full: make room.")

    monkeypatch.setattr(Newsdesk, "story", fails)
    assert "Added to this server's library" in shown(await report(world, FIRST))


async def test_an_answer_does_not_wait_long_for_a_story(newsdesk: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Asked:
        client = SimpleNamespace(newsdesk=newsdesk)
        guild_id = 7

    async def never_ends(newsdesk: Newsdesk, library: int, article: Article) -> None:
        await asyncio.Event().wait()

    article = (await newsdesk.add(7, FIRST)).article
    assert await events.story_of(cast(Interaction, Asked()), article) is not None
    monkeypatch.setattr(events, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(Newsdesk, "story", never_ends)
    assert await events.story_of(cast(Interaction, Asked()), article) is None
