"""/catchup: what came in since each person last asked, and nothing twice."""

from __future__ import annotations

from bot.desks.preparing import prepare
from bot.model import Document
from tests.commands.conftest import World, shown
from tests.commands.test_summary_and_digest import _fill, _press

HOUR = 3600


async def add(world: World, title: str, text: str) -> None:
    await world.newsdesk.add(world.guild.id, Document("a.txt", title, text))


async def catchup(world: World, actor: object = None) -> str:
    return shown(await (actor or world.member).slash(world.channel, "catchup"))  # type: ignore[attr-defined]


async def test_at_first_it_is_the_last_24_hours_and_then_what_came_since(world: World) -> None:
    first = await catchup(world)
    assert "Since <t:" in first
    assert "14 articles" in first  # the starter library was read this very moment
    await world.env.advance_time(HOUR)
    await add(world, "Ferry", "The ferry to the islands will run all winter, the harbour office said on Friday.")
    second = await catchup(world)
    assert "1 article, 1 story" in second
    assert "The ferry to the islands will run all winter" in second


async def test_nothing_new_is_one_line(world: World) -> None:
    await catchup(world)
    await world.env.advance_time(HOUR)
    asked = int(world.newsdesk.now().timestamp()) - HOUR
    assert await catchup(world) == f"Nothing came in since <t:{asked}:R>."


async def test_each_person_has_a_visit_of_their_own(world: World) -> None:
    await catchup(world)
    assert "14 articles" in await catchup(world, world.admin)
    assert "Nothing came in" in await catchup(world)


async def test_only_who_asked_sees_it_and_another_servers_articles_are_not_in_it(world: World) -> None:
    await catchup(world)
    await world.newsdesk.add(world.other_guild.id, Document("a.txt", "Secret", "The secret of another server is out."))
    answer = await world.member.slash(world.channel, "catchup")
    assert answer.response is not None
    assert answer.response.ephemeral
    assert "Nothing came in" in shown(answer)


async def test_its_pages_turn_after_a_restart(world: World) -> None:
    answer = await world.member.slash(world.channel, "catchup")  # the starter library's twelve stories
    assert "(1/2)" in shown(answer)
    await world.env.restart_bot()
    await _press(world, answer, "Next")
    assert "(2/2)" in shown(answer)


async def test_it_tells_more_stories_than_a_digest(world: World) -> None:
    await catchup(world)
    await _fill(world)
    card = await catchup(world)
    assert "11 stories" in card
    assert "more stor" not in card


async def test_what_was_being_added_at_the_last_visit_comes_next_time(world: World) -> None:
    begun = world.newsdesk.now()
    await world.env.advance_time(60)
    await catchup(world)
    document = Document("a.txt", "Ferry", "The ferry to the islands will run all winter, the harbour office said.")
    prepared = prepare(document)
    await world.newsdesk.corpus.articles.add(world.guild.id, prepared, added_by=None, now=begun)
    assert "1 article, 1 story" in await catchup(world)
