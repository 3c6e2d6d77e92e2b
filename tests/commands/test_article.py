"""/article: admins add, list, show and remove, and nobody else sees it."""

from __future__ import annotations

import discord
import pytest
import simcord

from bot.model import SHARED, Document
from tests.commands.conftest import World, button, shown
from tests.commands.test_quote import submit

TEXT = "The zeppelin landed in Novgorod at dawn. Nobody there had expected a zeppelin."


async def add(world: World, **fields: str) -> simcord.InteractionResult:
    form = await world.admin.slash(world.channel, "article add")
    return await submit(world, form, **{"title": "Zeppelin over Novgorod", "text": TEXT, **fields})


async def test_an_added_article_is_found_by_the_next_quote_in_that_server_and_no_other(world: World) -> None:
    added = await add(world, outlet="The Gazette", date="12 May 2025", link="https://example.org/zeppelin")
    assert "Added to this server's library" in shown(added)
    assert "`#1`" in shown(added)
    here = await world.member.slash(world.channel, "quote", query="zeppelin novgorod")
    assert "landed in **Novgorod**" in shown(here)
    assert "12 May 2025" in shown(here)
    there = await world.stranger.slash(world.other_channel, "quote", query="zeppelin novgorod")
    assert "Nothing in the library matches" in shown(there)
    assert "zeppelin" not in shown(there).replace("zeppelin novgorod", "")


async def test_no_command_of_another_server_shows_what_was_added_here(world: World) -> None:
    await add(world, outlet="The Gazette")
    for command, options in (
        ("search", {"query": "zeppelin"}),
        ("summary", {"article": "Zeppelin over Novgorod"}),
        ("article show", {"article": "1"}),
        ("article list", {}),
        ("digest", {"period": "all"}),
        ("help", {}),
    ):
        answer = await world.stranger.slash(world.other_channel, command, **options)
        assert "Novgorod" not in shown(answer).replace("“Zeppelin over Novgorod”", ""), command
    assert "14 articles" in shown(await world.stranger.slash(world.other_channel, "help"))
    assert await world.stranger.autocomplete(world.other_channel, "summary", "article", "zeppelin") == []
    assert await world.stranger.autocomplete(world.other_channel, "quote", "source", "gazette") == []


async def test_a_member_without_manage_server_may_not_use_it(world: World) -> None:
    with pytest.raises(simcord.SetupError):
        await world.member.slash(world.channel, "article add")
    with pytest.raises(simcord.SetupError):
        await world.member.slash(world.channel, "schedule list")


async def test_the_same_text_twice_is_one_article(world: World) -> None:
    await add(world)
    again = await add(world, title="Another title")
    assert "Already in the library" in shown(again)
    assert "Zeppelin over Novgorod" in shown(again)


async def test_a_form_that_cannot_be_stored_is_kept_and_can_be_edited(world: World) -> None:
    refused = await add(world, date="the other day")
    assert "is not a date I can read" in shown(refused)
    assert refused.response is not None
    form = await world.admin.click(refused.response, custom_id=button(refused, "Edit"))
    assert form.modal is not None
    typed = [label["component"].get("value") for label in form.modal["components"]]
    assert typed == ["Zeppelin over Novgorod", None, "the other day", None, TEXT]
    added = await submit(world, form, date="2025-05")
    assert "Added to this server's library" in shown(added)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp://example.org/x", "example.org", "https://", "http://[x"])
async def test_a_link_that_is_none_is_refused(world: World, link: str) -> None:
    assert "The link must start with" in shown(await add(world, link=link))


async def test_a_blank_text_is_refused_with_a_hint(world: World) -> None:
    assert "has no text" in shown(await add(world, text=" \n\u200b "))


async def test_a_text_file_can_be_uploaded(world: World) -> None:
    data = "---\ntitle: Zeppelin\noutlet: The Gazette\npublished: 2025-05\n---\n\n" + TEXT
    answer = await world.admin.slash(world.channel, "article upload", file=("zeppelin.md", data.encode()))
    assert "Added to this server's library" in shown(answer)
    assert "The Gazette · May 2025" in shown(answer)


@pytest.mark.parametrize(
    ("name", "data"),
    [("x.txt", b""), ("x.txt", b"\x00\x01\x02PK"), ("x.md", b"\xff\xfe\xfa"), ("x.md", b"---\n- a\n---\nb")],
)
async def test_a_file_that_cannot_be_read_is_explained(world: World, name: str, data: bytes) -> None:
    answer = await world.admin.slash(world.channel, "article upload", file=(name, data))
    assert answer.ephemeral
    assert shown(answer).startswith(name.replace(".", "."))


async def test_removing_can_be_undone(world: World) -> None:
    await add(world)
    removed = await world.admin.slash(world.channel, "article remove", article="1")
    assert "Removed" in shown(removed)
    gone = await world.member.slash(world.channel, "quote", query="zeppelin")
    assert "Nothing in the library matches" in shown(gone)
    assert removed.response is not None
    await world.admin.click(removed.response, custom_id=button(removed, "Undo"))
    assert "Back in the library" in shown(removed)
    assert "Novgorod" in shown(await world.member.slash(world.channel, "quote", query="zeppelin"))


async def test_the_shared_library_cannot_be_changed_by_a_server(world: World) -> None:
    answer = await world.admin.slash(world.channel, "article remove", article="S1")
    assert "belongs to the shared library" in shown(answer)
    assert await world.admin.autocomplete(world.channel, "article remove", "article", "") == []


async def test_an_article_that_does_not_exist_is_explained(world: World) -> None:
    for ref in ("S999", "7", "no such thing", "#", "S"):
        answer = await world.member.slash(world.channel, "summary", article=ref)
        assert "There is no article" in shown(answer), ref


async def test_list_and_show_name_everything(world: World) -> None:
    await add(world, outlet="The Gazette")
    listed = shown(await world.admin.slash(world.channel, "article list", page=99))
    assert "15 articles, 1 of them this server's own" in listed
    assert "page 2 of 2" in listed
    one = shown(await world.admin.slash(world.channel, "article show", article="1"))
    assert "13 words" in one
    assert "this server's library" in one


async def test_articles_are_offered_by_words_of_title_or_outlet(world: World) -> None:
    await add(world, outlet="The Gazette")
    choices = await world.member.autocomplete(world.channel, "summary", "article", "gazette zepp")
    assert [(choice["name"], choice["value"]) for choice in choices] == [("Zeppelin over Novgorod (The Gazette)", "1")]
    assert len(await world.member.autocomplete(world.channel, "summary", "article", "")) == 15


async def test_a_link_is_a_button_that_says_where_it_goes(world: World) -> None:
    await add(world, link="https://news.example.org/zeppelin?a=1")
    answer = await world.member.slash(world.channel, "quote", query="zeppelin")
    assert answer.response is not None
    links = [
        component
        for row in answer.response.components
        for component in row.get("components", [])
        if component.get("style") == discord.ButtonStyle.link.value
    ]
    assert [(link["label"], link["url"]) for link in links] == [
        ("Read at news.example.org", "https://news.example.org/zeppelin?a=1")
    ]


async def test_a_text_that_is_shared_later_is_shown_once(world: World) -> None:
    await add(world)
    await world.newsdesk.add(SHARED, Document("host", "The host's copy", TEXT))
    card = shown(await world.admin.slash(world.channel, "quote", query="zeppelin novgorod"))
    assert "1 of 1" in card
    assert "`#1`" in card
    assert "15 articles" in shown(await world.admin.slash(world.channel, "help"))
    assert "The host" in shown(await world.stranger.slash(world.other_channel, "quote", query="zeppelin novgorod"))
