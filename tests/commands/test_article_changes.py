"""/article edit, revise, restore, purge, history: what admins do to articles that are there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord

from bot.discord_app.posted import Noted, post_notes
from bot.errors import CorpusError
from bot.model import SHARED, Document
from bot.quote_ids import quote_id
from tests.commands.conftest import World, button, buttons, shown, texts
from tests.commands.test_corrections import correct
from tests.commands.test_quote import submit

WORDS = "We sail at dawn whatever the weather brings"
KEPT = "The ferry belongs to the islands"
FIRST = f"The ferry was late on Monday.\n\n“{WORDS},” said Elena Marsh.\n\n“{KEPT},” said Omar Haddad."
SECOND = f"The ferry was late.\n\n“{KEPT},” said Omar Haddad.\n\n“{WORDS.replace('dawn', 'noon')},” said Elena Marsh."
DAY = 24 * 3600


@pytest.fixture
async def article(world: World) -> None:
    """Article 1 of the newsroom."""
    document = Document("typed", "Ferry news", FIRST, outlet="The Gazette", authors=("Ana Li", "Bo Å"))
    await world.newsdesk.add(world.guild.id, document, added_by=world.admin.id)


pytestmark = pytest.mark.usefixtures("article")


def typed(form: simcord.InteractionResult) -> dict[str, str | None]:
    """What stands in the fields of a form."""
    assert form.modal is not None
    return {label["label"]: label["component"].get("value") for label in form.modal["components"]}


async def press(world: World, result: simcord.InteractionResult, label: str) -> simcord.InteractionResult:
    assert result.response is not None
    return await world.admin.click(result.response, custom_id=button(result, label))


async def edit(world: World, **fields: str) -> simcord.InteractionResult:
    form = await world.admin.slash(world.channel, "article edit", article="1")
    return await submit(world, form, **fields)


async def revise(world: World, text: str = SECOND, number: int = 1) -> simcord.InteractionResult:
    form = await world.admin.slash(world.channel, "article revise", article=f"{number}")
    return await submit(world, form, text=text)


async def quoted(world: World, query: str, **options: Any) -> str:
    return shown(await world.member.slash(world.channel, "quote", query=query, **options))


# Edit


async def test_the_form_is_filled_in_and_the_change_is_shown_before_it_is_saved(world: World) -> None:
    form = await world.admin.slash(world.channel, "article edit", article="1")
    assert typed(form) == {
        "Title": "Ferry news", "Outlet": "The Gazette", "Authors": "Ana Li, Bo Å", "Link": None, "Date": None,
    }  # fmt: skip
    card = await submit(world, form, outlet="Harbour Post", date="May 2025")
    assert card.ephemeral
    assert "**Outlet:** The Gazette → Harbour Post" in shown(card)
    assert "**Date:** — → May 2025" in shown(card)
    assert "**Title:**" not in shown(card)
    assert "Harbour Post" not in await quoted(world, "sail dawn")
    await press(world, card, "Save")
    assert shown(card).startswith("### Changed")
    assert "Harbour Post" in await quoted(world, "sail dawn")


async def test_the_index_the_filters_and_autocomplete_follow_an_edit(world: World) -> None:
    await press(world, await edit(world, title="Zeppelin", outlet="Harbour Post", date="12 May 2024"), "Save")
    assert WORDS.rsplit(maxsplit=1)[-1] in await quoted(world, "sail dawn", source="harbour post", until="2024-06")
    assert "Nothing in the library matches" in await quoted(world, "sail dawn", source="gazette")
    assert "Nothing in the library matches" in await quoted(world, "sail dawn", since="2024-06")
    found = await world.member.autocomplete(world.channel, "summary", "article", "zeppelin harbour")
    assert [choice["value"] for choice in found] == ["1"]
    assert "Zeppelin" in shown(await world.member.slash(world.channel, "search", query="zeppelin"))


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("date", "the other day", "is not a date I can read"),
        ("link", "ftp://x", "must start with https"),
        ("title", " ", "needs a title"),
    ],
)
async def test_what_cannot_be_read_is_explained_and_not_lost(world: World, field: str, value: str, said: str) -> None:
    refused = await edit(world, outlet="Harbour Post", **{field: value})
    assert said in shown(refused)
    form = await press(world, refused, "Edit")
    assert typed(form)["Outlet"] == "Harbour Post"
    assert typed(form)[field.capitalize()] == value
    card = await submit(world, form, **{field: {"date": "2025", "link": "https://a.example", "title": "Ferry"}[field]})
    await press(world, card, "Save")
    assert "### Changed" in shown(card)


async def test_cancel_and_no_change_change_nothing(world: World) -> None:
    card = await edit(world, outlet="Harbour Post")
    await press(world, card, "Cancel")
    assert shown(card) == "Nothing was changed."
    assert "Nothing would change" in shown(await edit(world))
    assert "The Gazette" in await quoted(world, "sail dawn")


async def test_what_somebody_else_changed_meanwhile_is_shown_before_it_is_saved(world: World) -> None:
    mine = await edit(world, outlet="Harbour Post")
    await press(world, await edit(world, outlet="The Islander"), "Save")
    await press(world, mine, "Save")
    assert "Somebody else has changed this article meanwhile" in shown(mine)
    assert "The Islander → Harbour Post" in shown(mine)
    await press(world, mine, "Save")
    assert "Harbour Post" in await quoted(world, "sail dawn")


async def test_a_draft_survives_a_restart(world: World) -> None:
    card = await edit(world, outlet="Harbour Post")
    await world.env.restart_bot()
    await press(world, card, "Save")
    assert "### Changed" in shown(card)


async def test_the_shared_library_cannot_be_changed_from_discord(world: World) -> None:
    for command in ("edit", "revise", "history", "purge", "restore"):
        said = shown(await world.admin.slash(world.channel, f"article {command}", article="S1"))
        assert "belongs to the shared library" in said or "can no longer be brought back" in said, command
    assert await world.admin.autocomplete(world.channel, "article edit", "article", "") == [
        {"name": "Ferry news (The Gazette)", "value": "1"}
    ]


async def test_another_server_cannot_touch_or_see_it(world: World) -> None:
    for command in ("edit", "revise", "purge", "restore", "history"):
        answer = await world.stranger.slash(world.other_channel, f"article {command}", article="1")
        assert answer.modal is None, command
        assert "Ferry" not in shown(answer), command
        assert await world.stranger.autocomplete(world.other_channel, f"article {command}", "article", "") == []


async def test_members_without_the_right_do_not_see_the_commands(world: World) -> None:
    for command in ("edit", "revise", "history", "purge", "restore"):
        with pytest.raises(simcord.SetupError):
            await world.member.slash(world.channel, f"article {command}", article="1")


# Revise


async def test_what_becomes_of_the_quotations_is_shown_before_it_is_saved(world: World) -> None:
    form = await world.admin.slash(world.channel, "article revise", article="1")
    assert typed(form) == {"Text": FIRST}
    card = await submit(world, form, text=SECOND)
    assert card.ephemeral
    assert "quotations: 1 changed, 1 as before" in shown(card)
    assert "We sail at ~~dawn~~ **noon** whatever" in shown(card)
    assert KEPT not in shown(card)
    assert "dawn" in await quoted(world, "sail whatever weather")
    await press(world, card, "Save")
    assert shown(card).startswith("### Revised")
    assert "noon" in await quoted(world, "sail whatever weather")
    assert "`#1`" in await quoted(world, "sail whatever weather")


async def test_added_and_removed_quotations_are_told(world: World) -> None:
    card = shown(await revise(world, f"“{KEPT},” said Omar Haddad.\n\n“Nobody asked us,” said Bo Vale."))
    assert "quotations: 1 added, 1 removed, 1 as before" in card
    assert f"**Removed**, Elena Marsh\n> ~~{WORDS},~~" in card
    assert "**Added**, Bo Vale\n> Nobody asked us," in card


async def test_search_and_check_know_the_current_text_alone(world: World) -> None:
    await press(world, await revise(world), "Save")
    assert "Near" in shown(await world.member.slash(world.channel, "check", text=f"“{WORDS}”"))
    changed = WORDS.replace("dawn", "noon")
    assert "Exact" in shown(await world.member.slash(world.channel, "check", text=f"“{changed}”"))
    assert "Nothing in the library matches" in await quoted(world, '"at dawn"')
    assert "Nothing in the library matches" in await quoted(world, "monday late ferry dawn", speaker="dawn")
    listed = shown(await world.admin.slash(world.channel, "article list"))
    assert listed.count("Ferry news") == 1
    assert "1 of them this server's own" in listed


async def test_an_old_quotation_id_leads_to_the_words_or_says_what_happened(world: World) -> None:
    article = await world.newsdesk.article(world.guild.id, "1")
    said = {one.span.of(article.text): one.span for one in await world.newsdesk.spoken.of(world.guild.id, article)}
    moved, gone = quote_id(article, said[f"{KEPT},"]), quote_id(article, said[f"{WORDS},"])
    await press(world, await revise(world), "Save")
    assert KEPT in shown(await world.member.slash(world.channel, "quote", id=moved))
    answer = shown(await world.member.slash(world.channel, "quote", id=gone))
    assert "Article 1 was revised on 1 January 2026" in answer
    other = shown(await world.member.slash(world.channel, "quote", id="q-1-zzzzzz"))
    assert "are no longer in article 1" in other


async def test_buttons_under_an_answer_of_before_never_show_other_words_as_that_quotation(world: World) -> None:
    before = await world.member.slash(world.channel, "quote", query="sail dawn whatever")
    await press(world, await revise(world), "Save")
    assert before.response is not None
    context = await world.member.click(before.response, custom_id=button(before, "Context"))
    assert "revised since" in shown(context)
    opened = await world.member.click(before.response, custom_id=button(before, "Article #1"))
    assert "The ferry was late" in shown(opened)


async def test_a_corrected_speaker_stays_with_words_that_did_not_change(world: World) -> None:
    result = await world.admin.slash(world.channel, "quote", query="ferry belongs islands")
    await correct(world, result, **{"or": "Ines Duarte"})
    await press(world, await revise(world), "Save")
    assert "**Ines Duarte**, as corrected by an admin" in await quoted(world, "ferry belongs islands")


async def test_a_file_is_taken_and_its_header_is_not_text(world: World) -> None:
    data = f"---\ntitle: Another\n---\n\n{SECOND}".encode()
    card = await world.admin.slash(world.channel, "article revise", article="1", file=("new.md", data))
    await press(world, card, "Save")
    article = await world.newsdesk.article(world.guild.id, "1")
    assert (article.text, article.title) == (SECOND, "Ferry news")


async def test_a_text_that_makes_no_sense_is_refused_in_a_sentence(world: World) -> None:
    await world.newsdesk.add(world.guild.id, Document("typed", "Two", "A second article."), added_by=1)
    assert "Nothing would change" in shown(await revise(world, FIRST))
    assert "has no text" in shown(await revise(world, " \n "))
    card = await revise(world, "A second article.")
    refused = await press(world, card, "Save")
    assert "This is the text of article 2" in shown(refused)
    assert "dawn" in await quoted(world, "sail whatever weather")


async def test_a_text_somebody_else_revised_meanwhile_is_compared_anew(world: World) -> None:
    mine = await revise(world)
    await press(world, await revise(world, FIRST.replace("dawn", "dusk")), "Save")
    await press(world, mine, "Save")
    assert "Somebody else has revised this article meanwhile" in shown(mine)
    assert "~~dusk~~ **noon**" in shown(mine)
    await press(world, mine, "Save")
    assert "noon" in await quoted(world, "sail whatever weather")


async def test_a_very_long_text_is_previewed_within_the_limits(world: World) -> None:
    many = "\n\n".join(
        f"“Number {n} is `*what*` @everyone said there, and <#{n}>,” said Elena Marsh." for n in range(150)
    )
    data = f"{FIRST}\n\n{many}".encode()
    card = await world.admin.slash(world.channel, "article revise", article="1", file=("new.txt", data))
    assert re.search(r"and \d+ more quotations", shown(card))


# Digests


async def digest(world: World) -> discord.Message:
    """A digest that quotes the article, posted; the clock stands after it."""
    options = {"channel": world.channel, "time": "08:30", "zone": "UTC", "period": "24 hours", "topic": "ferry"}
    await world.admin.slash(world.channel, "schedule set", **options)
    await world.env.advance_time(9 * 3600)
    await world.client.deliverer.tick()
    await world.env.settle()
    message = world.channel.last_message
    assert message is not None
    assert WORDS in written(message)
    return message


def written(message: discord.Message) -> str:
    return texts([dict(component.to_dict()) for component in message.components])


async def test_digests_that_quoted_changed_words_are_corrected_once_if_the_admin_says_so(world: World) -> None:
    posted = await digest(world)
    card = await revise(world)
    assert "**1 digest** of the last 30 days shows words that are no longer quoted" in shown(card)
    await press(world, card, "Save")
    assert len(world.channel.history()) == 1
    await press(world, card, "Note it in 1 digest")
    await world.env.settle()
    assert "### Digests corrected" in shown(card)
    assert len(world.channel.history()) == 2
    note = world.channel.last_message
    assert note is not None
    assert note.reference is not None
    assert note.reference.message_id == posted.id
    assert "Correction to the digest of 1 January 2026" in written(note)
    assert "We sail at ~~dawn~~ **noon** whatever" in written(note)
    assert KEPT not in written(note)
    history = shown(await world.admin.slash(world.channel, "article history", article="1"))
    assert "**digest corrected**" in history


async def noted(world: World) -> Noted:
    """What a press does, whoever presses."""
    (article,) = [one for one in await world.newsdesk.corpus.articles.visible(world.guild.id) if one.library]
    _, after, revised = await world.newsdesk.editing.last_revision(world.guild.id, article.id)
    return await post_notes(world.client, world.newsdesk, after, revised, by=world.admin.id)


async def test_a_note_is_posted_once_however_often_somebody_presses(world: World) -> None:
    await digest(world)
    await press(world, await revise(world), "Save")
    first, second = await noted(world), await noted(world)
    assert (len(first.links), first.before) == (1, 0)
    assert (len(second.links), second.before) == (0, 1)
    assert len(world.channel.history()) == 2


async def test_a_note_that_was_posted_before_a_crash_is_sent_under_the_same_nonce(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise CorpusError("the disk is full")

    await digest(world)
    await press(world, await revise(world), "Save")
    with monkeypatch.context() as patch:
        patch.setattr(world.newsdesk.corpus.audit, "note", broken)
        with pytest.raises(CorpusError):
            await noted(world)
    await noted(world)
    sent = [one.json for one in world.env.http_requests if one.method == "POST" and one.path.endswith("/messages")]
    notes = [body for body in sent if isinstance(body, dict) and "message_reference" in body]
    assert [body["enforce_nonce"] for body in notes] == [True, True]  # Discord gives the first message back then
    assert len({body["nonce"] for body in notes}) == 1


async def test_a_channel_that_is_closed_is_named_and_can_be_tried_again(world: World) -> None:
    await digest(world)
    card = await revise(world)
    await press(world, card, "Save")
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50013, times=1)
    await press(world, card, "Note it in 1 digest")
    assert "I may not write there" in shown(card)
    await press(world, card, "Note it in 1 digest")
    await world.env.settle()
    assert len(world.channel.history()) == 2


async def test_digests_without_the_changed_words_or_too_old_are_left_alone(world: World) -> None:
    await digest(world)
    assert "shows words" not in shown(await revise(world, f"{FIRST}\n\n“Nobody asked us,” said Bo Vale."))
    await world.env.advance_time(31 * DAY)
    assert "shows words" not in shown(await revise(world))


# Remove and restore


async def test_what_was_removed_is_offered_with_who_and_when_and_comes_back(world: World) -> None:
    await world.admin.slash(world.channel, "article remove", article="1")
    offered = await world.admin.autocomplete(world.channel, "article restore", "article", "ferry")
    assert offered == [{"name": "Ferry news (removed 1 January 2026 by you)", "value": "1"}]
    answer = shown(await world.admin.slash(world.channel, "article restore", article="1"))
    assert "Back in the library: **Ferry news**" in answer
    assert "dawn" in await quoted(world, "sail whatever weather")
    assert await world.admin.autocomplete(world.channel, "article restore", "article", "") == []


async def test_after_thirty_days_it_cannot_be_brought_back_and_then_is_gone(world: World) -> None:
    await world.admin.slash(world.channel, "article remove", article="1")
    await world.env.advance_time(31 * DAY)
    assert await world.admin.autocomplete(world.channel, "article restore", "article", "") == []
    said = shown(await world.admin.slash(world.channel, "article restore", article="1"))
    assert "can no longer be brought back" in said
    await world.newsdesk.editing.purge_removed()
    assert not await world.newsdesk.corpus.removals.purge(world.guild.id, 1, by=None, now=world.newsdesk.now())


# Purge


def left_in(folder: Path, *words: str) -> list[str]:
    """Those of ``words`` that stand in the files of the database."""
    held = b"".join(file.read_bytes() for file in folder.rglob("newsdesk.db*") if file.is_file()).lower()
    return [word for word in words if word.encode() in held]


async def test_a_purge_asks_for_the_number_and_leaves_no_copy(world: World, tmp_path: Path) -> None:
    text = "The Brontosaurier of Quillfeather sleeps. “Marzipan forever,” said Ada Quillfeather."
    await world.newsdesk.add(world.guild.id, Document("typed", "Brontosaurier", text), added_by=1)
    await world.member.slash(world.channel, "check", text="“Marzipan forever”")
    await press(world, await revise(world, text + " More of Quillfeather.", number=2), "Save")
    form = await world.admin.slash(world.channel, "article purge", article="2")
    assert "nothing was purged" in shown(await submit(world, form, **{"type 2 to purge it": "3"}))
    assert "Marzipan" in await quoted(world, "marzipan forever")
    form = await world.admin.slash(world.channel, "article purge", article="2")
    assert "is purged" in shown(await submit(world, form, **{"type 2 to purge it": "2"}))
    assert left_in(tmp_path, "brontosaur", "quillfeath", "marzipan") == []
    assert left_in(tmp_path, "ferry") == ["ferry"]
    assert "Nothing in the library matches" in await quoted(world, "marzipan forever")
    assert "purged already" in shown(await world.admin.slash(world.channel, "article purge", article="2"))
    history = shown(await world.admin.slash(world.channel, "article history", article="2"))
    assert "**purged**" in history
    assert "**revised**" in history


async def test_a_removed_article_can_be_purged_and_the_library_goes_on(world: World) -> None:
    await world.admin.slash(world.channel, "article remove", article="1")
    form = await world.admin.slash(world.channel, "article purge", article="1")
    await submit(world, form, **{"type 1 to purge it": "1"})
    added = await world.newsdesk.add(world.guild.id, Document("typed", "Ferry again", FIRST), added_by=1)
    assert added.article.number == 2
    assert "dawn" in await quoted(world, "sail whatever weather")


# History


async def test_history_tells_who_did_what_newest_first_with_what_changed(world: World) -> None:
    await press(world, await edit(world, outlet="Harbour Post"), "Save")
    await world.env.advance_time(60)
    await press(world, await revise(world), "Save")
    await world.admin.slash(world.channel, "article remove", article="1")
    result = await world.admin.slash(world.channel, "article history", article="1")
    assert result.ephemeral
    card = shown(result)
    order = [card.index(f"**{what}**") for what in ("removed", "revised", "edited", "added")]
    assert order == sorted(order)
    assert "outlet: The Gazette → Harbour Post" in card
    assert "quotations: 1 changed" in card
    assert f"<@{world.admin.id}>" in card
    assert "Nothing is known of an article 9" in shown(
        await world.admin.slash(world.channel, "article history", article="9")
    )


async def test_history_has_pages(world: World) -> None:
    for number in range(12):
        await press(world, await edit(world, outlet=f"Outlet {number}"), "Save")
    result = await world.admin.slash(world.channel, "article history", article="1")
    assert "page 1 of 2" in shown(result)
    assert "Outlet 11" in shown(result)
    await press(world, result, "Next")
    assert "page 2 of 2" in shown(result)
    assert "**added**" in shown(result)
    assert result.response is not None
    assert buttons(result.response.components)["Next"]["disabled"]
    await press(world, result, "Previous")
    assert "page 1 of 2" in shown(result)


async def test_an_article_of_the_shared_library_is_not_hidden_by_an_old_revision(world: World) -> None:
    await press(world, await revise(world), "Save")
    await world.newsdesk.add(SHARED, Document("host", "The host's copy", FIRST))
    assert "The host's copy" in await quoted(world, '"at dawn"')
