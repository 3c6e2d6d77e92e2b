"""/speaker, as a person in the channel sees it."""

from __future__ import annotations

import simcord

from bot.dates import PartialDate
from bot.model import Document
from tests.commands.conftest import World, button, buttons, shown

MARSH = "Elena Marsh"


async def add(world: World, day: str, text: str, title: str = "Ferry") -> None:
    """Add an article to the server's own library."""
    document = Document("typed", title, text, outlet="The Gazette", published=PartialDate.parse(day))
    await world.newsdesk.add(world.guild.id, document, added_by=1)


def said(words: str) -> str:
    return f"The ferry was late again on Monday.\n\n“{words},” said Elena Marsh, who runs it."


async def asked(world: World, **options: object) -> simcord.InteractionResult:
    return await world.member.slash(world.channel, "speaker", **options)


async def test_what_a_person_said_is_listed_newest_first_with_how_it_is_known(world: World) -> None:
    await add(world, "2025-03-02", said("We sail at dawn whatever the weather brings"))
    await add(world, "2025-05-12", said("We shall buy a second boat before the winter"))
    card = shown(await asked(world, name=MARSH))
    assert card.index("second boat") < card.index("whatever the weather")
    assert "2 quotations · first 2 March 2025 · latest 12 May 2025" in card
    assert card.count("named beside it as “Elena Marsh”") == 2
    assert card.count("`q-") == 2


async def test_near_repeats_are_folded_and_counted(world: World) -> None:
    words = "We sail at dawn whatever the weather brings to the islands"
    await add(world, "2025-03-02", said(words))
    await add(world, "2025-03-03", said(words) + "\n\nNobody was hurt.", title="Ferry again")
    card = shown(await asked(world, name=MARSH))
    assert card.count("whatever the weather") == 1
    assert "2 quotations, 1 without repeats" in card
    assert "also in 1 article: `#" in card


async def test_a_chart_with_its_numbers_in_words_shows_when(world: World) -> None:
    await add(world, "2025-03-02", said("We sail at dawn whatever the weather brings"))
    await add(world, "2025-05-12", said("We shall buy a second boat before the winter"))
    result = await asked(world, name=MARSH)
    assert result.response is not None
    gallery = [
        part
        for component in result.response.components
        for part in component.get("components", [])
        if part["type"] == 12
    ]
    assert gallery[0]["items"][0]["description"] == "Quotations by time: Mar 2025: 1, Apr 2025: 0, May 2025: 1"
    assert [attachment.filename for attachment in result.response.attachments] == ["picture.png"]


async def test_only_what_is_about_it_and_in_its_time_is_shown(world: World) -> None:
    await add(world, "2025-03-02", said("We sail at dawn whatever the weather brings"))
    await add(world, "2025-05-12", said("We shall buy a second boat before the winter"))
    assert "second boat" not in shown(await asked(world, name=MARSH, about="weather"))
    assert "whatever the weather" not in shown(await asked(world, name=MARSH, since="2025-05"))
    nothing = shown(await asked(world, name=MARSH, about="parliament"))
    assert "is quoted here, but not on “parliament”" in nothing


async def test_pages_turn_and_share_posts_the_page(world: World) -> None:
    animals = ["otter", "heron", "badger", "falcon", "weasel", "salmon", "beaver"]
    for number, animal in enumerate(animals, 1):
        await add(world, f"2025-03-0{number}", said(f"I have seen a {animal} near pier {number} with my own eyes"))
    result = await asked(world, name=MARSH)
    assert result.response is not None
    assert "page 1 of 2" in shown(result)
    assert buttons(result.response.components)["Previous"]["disabled"]
    await world.member.click(result.response, custom_id=button(result, "Next"))
    assert "page 2 of 2" in shown(result)
    assert "otter" in shown(result)
    await world.member.click(result.response, custom_id=button(result, "Share"))
    last = world.channel.last_message
    assert last is not None
    assert "Shared by member" in str([component.to_dict() for component in last.components])
    await world.member.click(result.response, custom_id=button(result, "Previous"))
    assert "page 1 of 2" in shown(result)


async def test_only_who_asked_may_turn_the_pages_also_after_a_restart(world: World) -> None:
    for number in range(1, 8):
        await add(world, f"2025-0{number}-01", said(f"Number {number} is the {number * 7}th boat of the fleet in port"))
    result = await asked(world, name=MARSH, public=True)
    assert result.response is not None
    await world.env.restart_bot()
    pressed = await world.admin.click(result.response, custom_id=button(result, "Next"))
    assert "Only the person who asked" in shown(pressed)
    await world.member.click(result.response, custom_id=button(result, "Next"))
    assert "page 2 of 2" in shown(result)


async def test_names_are_offered_by_how_often_they_are_quoted(world: World) -> None:
    await add(world, "2025-03-02", said("We sail at dawn whatever the weather brings"))
    found = await world.member.autocomplete(world.channel, "speaker", "name", "mars")
    assert [choice["value"] for choice in found] == [MARSH]
    people = await world.newsdesk.spoken.people(world.guild.id)
    offered = await world.member.autocomplete(world.channel, "speaker", "name", "")
    assert [choice["value"] for choice in offered] == [person.name for person in people][:25]


async def test_a_name_nobody_bears_is_one_helpful_sentence(world: World) -> None:
    card = shown(await asked(world, name="Nobody Inparticular"))
    assert card == "Nobody called “Nobody Inparticular” is quoted here\\: pick a name from the list as you type."


async def test_a_server_sees_nothing_that_another_ones_people_said(world: World) -> None:
    await add(world, "2025-03-02", said("We sail at dawn whatever the weather brings"))
    result = await world.stranger.slash(world.other_channel, "speaker", name=MARSH)
    assert "Nobody called" in shown(result)
    assert await world.stranger.autocomplete(world.other_channel, "speaker", "name", "marsh") == []
