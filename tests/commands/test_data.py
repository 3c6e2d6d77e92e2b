"""/data: one's own for everybody, the library for admins, as a file or gone for good."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
import simcord
from sqlalchemy import insert

from bot.corpus.schema import visit, watch
from bot.desks import packing
from bot.discord_app import data
from bot.errors import Refused
from bot.model import Document
from tests.commands.conftest import World, button, shown
from tests.holdings import cells_with, files_with

LIBRARY = "this server's library"


async def watching(world: World, user: int, query: str = "quaggamire") -> None:
    row = {"guild": world.guild.id, "user_id": user, "number": 1, "query": query, "created_at": world.newsdesk.now()}
    async with world.newsdesk.corpus.leaving._database.write() as begun:
        await begun.insert(watch, row)
        seen = {"article_id": 1} if "article_id" in visit.c else {}
        at = {"guild": world.guild.id, "user_id": user, "at": world.newsdesk.now()}
        await begun.execute(insert(visit), at | seen)


async def added(world: World, text: str = "The xylographer of Novgorod carved blocks.") -> None:
    await world.newsdesk.add(world.guild.id, Document("typed", "Blocks", text), added_by=world.admin.id)


async def file_of(result: simcord.InteractionResult) -> bytes:
    assert result.response is not None
    (attachment,) = result.response.attachments
    return await attachment.read()


async def type_name(world: World, name: str) -> simcord.InteractionResult:
    form = await world.admin.slash(world.channel, "data delete", what=LIBRARY)
    assert form.modal is not None
    (label,) = form.modal["components"]
    assert label["component"]["placeholder"] == "The newsroom"
    return await world.admin.submit_modal(form, {label["component"]["custom_id"]: name})


# One's own


async def test_anybody_gets_their_own_as_a_file_to_them_alone(world: World) -> None:
    await watching(world, world.member.id)
    await watching(world, world.admin.id, "somebody else's")
    await world.member.slash(world.channel, "quote", query="referendum")
    given = await world.member.slash(world.channel, "data export")
    assert given.ephemeral
    kept = json.loads(await file_of(given))
    assert [one["query"] for one in kept["watches"]] == ["quaggamire"]
    assert [one["payload"]["asked"] for one in kept["answers"]] == ["referendum"]
    assert "somebody else's" not in str(kept)


async def test_one_s_own_is_deleted_when_the_button_is_pressed_and_not_before(world: World, tmp_path: Path) -> None:
    await watching(world, world.member.id)
    await world.member.slash(world.channel, "quote", query="referendum")
    asked = await world.member.slash(world.channel, "data delete")
    assert asked.ephemeral
    assert "1 watch, 1 answer or draft, when you last used `/catchup`" in shown(asked)
    path = tmp_path / "newsdesk.db"
    assert "watch.user_id" in cells_with(path, world.member.id)
    assert asked.response is not None
    await world.member.click(asked.response, custom_id=button(asked, "Delete"))
    assert "3 entries of yours are gone for good" in shown(asked)
    assert cells_with(path, world.member.id) == set()
    assert files_with(tmp_path, ["quaggamire"]) == []
    empty = await world.member.slash(world.channel, "data delete")
    assert "I keep nothing of your own here" in shown(empty)


async def test_who_deletes_their_own_leaves_their_articles_without_their_name(world: World, tmp_path: Path) -> None:
    await added(world)
    asked = await world.admin.slash(world.channel, "data delete")
    assert "Your name goes from 2 articles and changes" in shown(asked)
    assert asked.response is not None
    await world.admin.click(asked.response, custom_id=button(asked, "Delete"))
    assert cells_with(tmp_path / "newsdesk.db", world.admin.id) == set()
    assert "Novgorod" in shown(await world.member.slash(world.channel, "quote", query="xylographer"))


async def test_only_who_asked_can_press_delete(world: World, tmp_path: Path) -> None:
    await watching(world, world.member.id)
    asked = await world.member.slash(world.channel, "data delete")
    assert asked.response is not None
    with pytest.raises(simcord.SetupError):  # it is ephemeral: nobody else even sees it
        await world.admin.click(asked.response, custom_id=button(asked, "Delete"))
    assert "watch.user_id" in cells_with(tmp_path / "newsdesk.db", world.member.id)


# The library


async def test_who_may_not_manage_the_server_has_and_deletes_no_library(world: World) -> None:
    await added(world)
    for command in ("data export", "data delete"):
        refused = await world.member.slash(world.channel, command, what=LIBRARY)
        assert refused.ephemeral
        assert refused.modal is None
        assert "Only who may manage this server can have or delete its library" in shown(refused)


async def test_an_admin_gets_the_library_as_a_zip_without_anybodys_id(world: World) -> None:
    await added(world)
    await watching(world, world.member.id)
    given = await world.admin.slash(world.channel, "data export", what=LIBRARY)
    assert given.ephemeral
    packed = zipfile.ZipFile(BytesIO(await file_of(given)))
    (line,) = packed.read("articles.jsonl").decode().splitlines()
    assert json.loads(line)["text"] == "The xylographer of Novgorod carved blocks."
    everything = b"".join(packed.read(name) for name in packed.namelist())
    assert str(world.admin.id).encode() not in everything
    assert str(world.member.id).encode() not in everything
    assert b"quaggamire" not in everything


async def test_a_library_that_is_too_large_for_discord_is_the_hosts_to_export(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await added(world)

    async def small(corpus: object, guild: int, *, max_bytes: int) -> bytes:
        assert 5_000_000 < max_bytes < 30_000_000
        return await packing.pack_library(world.newsdesk.corpus, guild, max_bytes=500)

    monkeypatch.setattr(data, "pack_library", small)
    refused = await world.admin.slash(world.channel, "data export", what=LIBRARY)
    assert f"newsdesk export FOLDER --server {world.guild.id}" in shown(refused).replace("\\", "")


async def test_a_library_is_deleted_after_its_servers_name_was_typed(world: World, tmp_path: Path) -> None:
    await added(world)
    await world.admin.slash(
        world.channel, "schedule set", channel=world.channel, time="08:30", zone="Europe/Berlin", period="all"
    )
    await world.newsdesk.add(world.other_guild.id, Document("typed", "Elsewhere", "A quaggamire lies elsewhere."))
    done = await type_name(world, "  the NEWSROOM ")
    assert "gone for good" in shown(done)
    assert done.ephemeral
    assert files_with(tmp_path, ["xylograph", "Novgorod"]) == []
    assert cells_with(tmp_path / "newsdesk.db", world.guild.id) == {"library.id", "audit.library"}
    found = await world.member.slash(world.channel, "quote", query="xylographer novgorod")
    assert "Nothing in the library matches" in shown(found)
    assert "quaggamire" in shown(await world.stranger.slash(world.other_channel, "quote", query="quaggamire")).lower()
    await world.env.advance_time(48 * 3600)
    await world.client.deliverer.tick()
    assert world.channel.history() == []


async def test_another_name_deletes_nothing(world: World) -> None:
    await added(world)
    refused = await type_name(world, "Another server")
    assert "That is not this server's name, which is The newsroom: nothing was deleted." in shown(refused).replace(
        "\\", ""
    )
    assert "Novgorod" in shown(await world.member.slash(world.channel, "quote", query="xylographer"))


async def test_an_admin_of_another_server_deletes_only_their_own(world: World) -> None:
    await added(world)
    form = await world.stranger.slash(world.other_channel, "data delete", what=LIBRARY)
    assert form.modal is not None
    (label,) = form.modal["components"]
    await world.stranger.submit_modal(form, {label["component"]["custom_id"]: "Another server"})
    assert "Novgorod" in shown(await world.member.slash(world.channel, "quote", query="xylographer"))


def test_the_refusal_is_one_sentence() -> None:
    assert str(Refused(data.NOT_AN_ADMIN)).count(".") == 1
