"""/check and "Check quote", as a person in the channel sees them."""

from __future__ import annotations

import simcord

from bot.model import Document
from tests.commands.conftest import World, button, buttons, shown

WORDS = "We sail at dawn whatever the weather brings to the islands"
TEXT = (
    f"The ferry was late again on Monday.\n\n“{WORDS},” said Elena Marsh, who runs it with Omar Haddad. "
    "Forty people had waited on the pier since noon.\n\nThe harbour office had no comment on the matter."
)


async def checked(world: World, text: str, **options: object) -> simcord.InteractionResult:
    document = Document("typed", "Ferry", TEXT, outlet="The Gazette")
    await world.newsdesk.add(world.guild.id, document, added_by=1)
    return await world.member.slash(world.channel, "check", text=text, **options)


async def test_words_as_they_stand_are_exact_with_speaker_and_source(world: World) -> None:
    card = shown(await checked(world, f"WE SAIL at dawn, {WORDS.partition('dawn ')[2]}"))
    assert card.startswith("✅ **Exact**")
    assert "— **Elena Marsh**" in card
    assert "The Gazette" in card
    assert "struck" not in card


async def test_what_differs_is_struck_with_what_the_article_has(world: World) -> None:
    card = shown(await checked(world, f"“{WORDS.replace('dawn', 'midnight').replace('weather', 'government')}”"))
    assert card.startswith("🟡 **Near**")
    assert "~~midnight~~ **dawn**" in card
    assert "~~government~~ **weather**" in card
    assert "~~struck~~: not in the article" in card


async def test_words_of_somebody_else_name_who_said_them(world: World) -> None:
    card = shown(await checked(world, f"“{WORDS},” said Omar Haddad."))
    assert card.startswith("🟠 **Said by someone else**, in these very words")
    assert "— **Elena Marsh**, not Omar Haddad" in card


async def test_a_name_that_an_admin_has_joined_is_the_same_speaker(world: World) -> None:
    assert "Said by someone else" in shown(await checked(world, f"“{WORDS},” said Nell Storm."))
    await world.newsdesk.add(world.guild.id, Document("typed", "Storm", "“It is a fine day,” said Nell Storm."))
    await world.admin.slash(world.channel, "people join", name="Nell Storm", person="Elena Marsh")
    assert shown(await checked(world, f"“{WORDS},” said Nell Storm.")).startswith("✅ **Exact**")


async def test_what_is_not_there_is_never_called_false(world: World) -> None:
    card = shown(await checked(world, "“The parliament dissolved itself over a parking ticket yesterday”"))
    assert card.startswith("⚪ **Not in the library**")
    assert "false" not in card.lower()


async def test_every_quotation_of_a_text_has_its_verdict_and_context(world: World) -> None:
    result = await checked(world, f"First: “{WORDS}”. Then: “Nobody ever went to the moon by bicycle alone”.")
    card = shown(result)
    assert card.index("✅") < card.index("⚪")
    assert result.response is not None
    context = await world.member.click(result.response, custom_id=button(result, "Context 1"))
    assert context.ephemeral
    assert "Forty people" in shown(context)
    assert "Context 2" not in buttons(result.response.components)


async def test_share_posts_the_verdicts_also_after_a_restart(world: World) -> None:
    result = await checked(world, f"“{WORDS}”", public=True)
    assert result.response is not None
    await world.env.restart_bot()
    pressed = await world.admin.click(result.response, custom_id=button(result, "Share"))
    assert "Only the person who asked" in shown(pressed)
    await world.member.click(result.response, custom_id=button(result, "Share"))
    last = world.channel.last_message
    assert last is not None
    assert "Shared by member" in str([component.to_dict() for component in last.components])


async def test_the_menu_of_a_message_checks_what_is_quoted_in_it(world: World) -> None:
    await checked(world, WORDS)
    message = await world.member.send(world.channel, f'Did she really say "{WORDS}"?')
    result = await world.member.context_menu(world.channel, "Check quote", message)
    assert result.ephemeral
    assert shown(result).startswith("✅ **Exact**")


async def test_another_servers_articles_are_not_checked_against(world: World) -> None:
    await checked(world, WORDS)
    result = await world.stranger.slash(world.other_channel, "check", text=f"“{WORDS}”")
    assert shown(result).startswith("⚪ **Not in the library**")


async def test_a_text_without_words_is_one_sentence(world: World) -> None:
    assert "There is nothing to check" in shown(await checked(world, "… !?"))


async def test_many_quotations_stay_within_every_limit(world: World) -> None:
    text = " ".join(f"“{WORDS} and {'x' * 40} number {number}”" for number in range(30))
    card = shown(await checked(world, text[:4000]))
    assert "more quotations: check them by themselves" in card
