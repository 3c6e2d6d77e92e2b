"""Wrong speaker?: admins say who said it, for their server, and can take it back."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import simcord

from bot.model import SHARED, Document
from tests.commands.conftest import World, button, buttons, shown

WORDS = "We sail at dawn whatever the weather brings"
TEXT = f"The ferry was late on Monday.\n\n“{WORDS},” said Elena Marsh, who runs it with Omar Haddad."
TWO = (
    f"“{WORDS},” said Elena Marsh. “We shall buy a second boat before the winter,” said Omar Haddad. "
    "Bo Vale said nothing."
)


async def quoted(world: World, text: str = TEXT, library: int | None = None) -> simcord.InteractionResult:
    document = Document("typed", "Ferry", text, outlet="The Gazette")
    await world.newsdesk.add(world.guild.id if library is None else library, document, added_by=1)
    return await world.admin.slash(world.channel, "quote", query="sail dawn weather")


async def correct(
    world: World, result: simcord.InteractionResult, **chosen: object
) -> tuple[simcord.InteractionResult, dict[str, list[str]]]:
    """Press the button, choose in the form by its labels, and send it; also returns what was there to choose."""
    assert result.response is not None
    form = await world.admin.click(result.response, custom_id=button(result, "Wrong speaker?"))
    assert form.modal is not None
    values: dict[str, object] = {}
    offered = {}
    for label in form.modal["components"]:
        component = label["component"]
        options = [option["value"] for option in component.get("options", [])]
        offered[label["label"]] = options
        empty: object = [] if options else ""
        values[component["custom_id"]] = chosen.get(label["label"].split()[0].lower(), empty)
    return await world.admin.submit_modal(form, values), offered


async def test_a_corrected_speaker_is_shown_found_and_counted_at_once(world: World) -> None:
    result = await quoted(world)
    assert "— **Elena Marsh**, quoted in the article" in shown(result)
    sent, offered = await correct(world, result, who=["Omar Haddad"])
    assert offered["Who said them"] == ["-", "Elena Marsh", "Omar Haddad"]
    assert "— **Omar Haddad**, as corrected by an admin" in shown(result)
    found = await world.member.slash(world.channel, "quote", query="sail dawn", speaker="omar haddad")
    assert WORDS.rsplit(maxsplit=1)[-1] in shown(found)
    missing = await world.member.slash(world.channel, "quote", query="sail dawn", speaker="elena marsh")
    assert "Nothing in the library matches" in shown(missing)
    record = await world.member.slash(world.channel, "speaker", name="Omar Haddad")
    assert "corrected by an admin" in shown(record)
    assert sent.followups[-1].ephemeral


async def test_undo_brings_back_what_the_text_says_also_after_a_restart(world: World) -> None:
    result = await quoted(world)
    sent, _ = await correct(world, result, who=["-"])
    assert "*unattributed*" in shown(result)
    await world.env.restart_bot()
    note = sent.followups[-1]
    custom_id = buttons(note.components)["Undo"]["custom_id"]
    await world.admin.click(note, custom_id=custom_id)
    again = await world.admin.slash(world.channel, "quote", query="sail dawn weather")
    assert "— **Elena Marsh**, quoted in the article" in shown(again)


async def test_another_name_can_be_typed(world: World) -> None:
    result = await quoted(world)
    await correct(world, result, **{"or": "  Ines   Duarte "})
    assert "— **Ines Duarte**, as corrected by an admin" in shown(result)


async def test_a_form_without_a_choice_changes_nothing_and_says_so(world: World) -> None:
    result = await quoted(world)
    sent, _ = await correct(world, result)
    assert "nothing was changed" in shown(sent)
    assert "— **Elena Marsh**, quoted in the article" in shown(result)


async def test_of_several_quotations_one_is_chosen(world: World) -> None:
    result = await quoted(world, TWO)
    _, offered = await correct(world, result, which=["1"], who=["Bo Vale"])
    assert offered["Which words"] == ["0", "1"]
    record = shown(await world.member.slash(world.channel, "speaker", name="Bo Vale"))
    assert "second boat" in record
    assert "Elena Marsh" in shown(await world.member.slash(world.channel, "speaker", name="Elena Marsh"))


async def test_a_shared_article_is_corrected_for_this_server_alone(world: World) -> None:
    result = await quoted(world, library=SHARED)
    await correct(world, result, who=["Omar Haddad"])
    here = await world.member.slash(world.channel, "quote", query="sail dawn weather")
    there = await world.stranger.slash(world.other_channel, "quote", query="sail dawn weather")
    assert "**Omar Haddad**" in shown(here)
    assert "**Elena Marsh**, quoted in the article" in shown(there)
    assert await world.stranger.autocomplete(world.other_channel, "quote", "speaker", "omar h") == []


async def test_a_correction_lasts_when_the_article_is_removed_and_added_again(world: World) -> None:
    await correct(world, await quoted(world), who=["Omar Haddad"])
    await world.newsdesk.remove(world.guild.id, "1", by=1)
    again = await quoted(world)
    assert "— **Omar Haddad**, as corrected by an admin" in shown(again)


async def test_only_admins_see_the_button_and_may_press_it(world: World) -> None:
    await quoted(world)
    seen = await world.member.slash(world.channel, "quote", query="sail dawn weather")
    assert seen.response is not None
    assert "Wrong speaker?" not in buttons(seen.response.components)


async def test_who_is_no_admin_any_more_may_not_press_it(world: World) -> None:
    result = await quoted(world)
    assert result.response is not None
    world.env.backend.remove_member_role(world.guild.id, world.admin.id, world.guild.roles["Editors"].id)
    pressed = await world.admin.click(result.response, custom_id=button(result, "Wrong speaker?"))
    assert "Only who may manage this server" in shown(pressed)


async def test_words_nobody_is_quoted_in_have_no_button(world: World) -> None:
    result = await quoted(world, "The ferry will sail at dawn whatever the weather brings.")
    assert result.response is not None
    assert "Wrong speaker?" not in buttons(result.response.components)


async def test_the_audit_knows_who_corrected_what(world: World) -> None:
    await correct(world, await quoted(world), who=["Omar Haddad"])
    rows = await audit(world)
    assert [(what, subject.startswith("q-1-")) for what, subject, who in rows if who == world.admin.id] == [
        ("speaker corrected", True)
    ]


async def audit(world: World) -> list[tuple[str, str, int]]:
    path = world.newsdesk.corpus.folder.with_name(world.newsdesk.corpus.folder.name.removesuffix(".indexes"))
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.execute("SELECT what, subject, who FROM audit WHERE library = ?", (world.guild.id,)))


# Names of one person


async def test_a_name_is_joined_to_a_person_and_parted_again(world: World) -> None:
    for name in ("Elena Marsh", "Nell Storm"):
        text = f"“{WORDS}, {name.split()[-1]} of the sea,” said {name}."
        await world.newsdesk.add(world.guild.id, Document("typed", "Ferry", text), added_by=1)
    before = shown(await world.admin.slash(world.channel, "people list"))
    assert "**Elena Marsh** (1)" in before
    joined = shown(await world.admin.slash(world.channel, "people join", name="Nell Storm", person="Elena Marsh"))
    assert "**Elena Marsh** (2), also as" in joined
    assert "2 quotations" in shown(await world.member.slash(world.channel, "speaker", name="Nell Storm"))
    by_name = await world.member.slash(world.channel, "quote", query="sail dawn", speaker="Elena Marsh")
    assert "1 of 2" in shown(by_name)
    await world.admin.slash(world.channel, "people part", name="Nell Storm")
    assert "**Elena Marsh** (1)" in shown(await world.admin.slash(world.channel, "people list"))


async def test_joining_somebody_to_themselves_is_refused(world: World) -> None:
    await quoted(world)
    answer = shown(await world.admin.slash(world.channel, "people join", name="Elena Marsh", person="Marsh"))
    assert "is one person already" in answer


# Recalled and related


async def test_a_quote_is_recalled_by_the_id_on_its_card(world: World) -> None:
    result = await quoted(world)
    id_ = shown(result).rpartition("`q-")[2].partition("`")[0]
    again = await world.member.slash(world.channel, "quote", id=f"q-{id_}")
    assert WORDS in shown(again).replace("**", "")
    elsewhere = await world.stranger.slash(world.other_channel, "quote", id=f"q-{id_}")
    assert "There is no quotation" in shown(elsewhere)


async def test_the_article_behind_a_quote_is_one_press_away_for_everybody(world: World) -> None:
    result = await quoted(world)
    assert result.response is not None
    await world.admin.click(result.response, custom_id=button(result, "Share"))
    posted = world.channel.last_message
    assert posted is not None
    custom_id = buttons([dict(component.to_dict()) for component in posted.components])["Article #1"]["custom_id"]
    article = await world.member.click(posted, custom_id=custom_id)
    assert article.ephemeral
    assert "The Gazette" in shown(article)
    assert "words" in shown(article)


async def test_find_related_lists_the_articles_nearest_to_a_message(world: World) -> None:
    await quoted(world)
    message = await world.member.send(world.channel, "Does -anybody know whether they sail in bad weather at dawn?")
    related = await world.member.context_menu(world.channel, "Find related", message)
    assert related.ephemeral
    assert "Ferry" in shown(related)


async def test_find_related_of_a_message_without_words_says_so(world: World) -> None:
    message = await world.member.send(world.channel, "🙂")
    related = await world.member.context_menu(world.channel, "Find related", message)
    assert "No article in the library" in shown(related)
