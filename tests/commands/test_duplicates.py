"""/article duplicates: what is there twice, in what people see."""

from __future__ import annotations

from bot.model import Document
from tests.commands.conftest import World, shown

TEXT = "\n\n".join(
    f"On day {day} the ferry sailed to village number {day} with freight, {day + 3} passengers and the mail."
    for day in range(12)
)


async def test_groups_are_shown_with_the_oldest_and_how_to_remove_one(world: World) -> None:
    await world.newsdesk.add(world.guild.id, Document("a", "*Ferry* sails", TEXT, outlet="Wire"))
    await world.newsdesk.add(world.guild.id, Document("b", "Ferry sails", TEXT + " So it was.", outlet="Post"))
    result = await world.admin.slash(world.channel, "article duplicates")
    assert result.ephemeral
    said = shown(result)
    assert "`#1`" in said
    assert "oldest" in said
    assert "`#2` · Post" in said
    assert "% in common" in said
    assert "`/article remove article:2`" in said
    assert "\\*Ferry\\* sails" in said


async def test_where_nothing_is_there_twice_it_says_so(world: World) -> None:
    assert "No two articles" in shown(await world.admin.slash(world.channel, "article duplicates", page=3))
