"""/summary of an article and of a topic, as a person in the channel sees it."""

from __future__ import annotations

import re

import pytest
import simcord

from bot.dates import PartialDate
from bot.discord_app.markup import escape
from bot.model import Article, Document
from tests.commands.conftest import World, button, buttons, shown

FERRY = """The ferry of Novgorod stopped on Monday because its engine broke down in the fog.

Nobody was hurt. The ferry company hired two buses from Pskov for the winter season.

Rain fell."""
BUSES = """Two buses bring the people of Novgorod over the bridge while the ferry is repaired.

A mechanic from Riga said the ferry needs another engine, which costs a million.

The town hall has a new clock."""


async def add(world: World, text: str, title: str, day: str, server: int | None = None) -> Article:
    """Add an article to a server's own library, this one's by default."""
    document = Document("typed", title, text, outlet="The Gazette", published=PartialDate.parse(day))
    return (await world.newsdesk.add(server or world.guild.id, document, added_by=1)).article


async def add_both(world: World) -> tuple[Article, Article]:
    return await add(world, BUSES, "Buses", "2025-05-12"), await add(world, FERRY, "Ferry", "2025-03-02")


async def asked(world: World, **options: object) -> simcord.InteractionResult:
    return await world.member.slash(world.channel, "summary", **options)


def shared(world: World) -> str:
    """What was last posted in the channel for everyone."""
    last = world.channel.last_message
    assert last is not None
    return str([component.to_dict() for component in last.components])


async def test_a_topic_is_told_from_several_articles_in_order_of_time_with_their_sources(world: World) -> None:
    buses, ferry = await add_both(world)
    card = shown(await asked(world, topic="ferry Novgorod"))
    assert card.startswith("### Summary: ferry Novgorod\n-# 4 lines from 2 articles, oldest first")
    assert card.index("**Ferry** · The Gazette · 2 March 2025 · `#2`") < card.index("**Buses** · The Gazette")
    quoted = re.findall(r"^> (.+)$", card, re.MULTILINE)
    assert len(quoted) == 4
    for line in quoted:
        assert any(line in escape(article.text) for article in (buses, ferry))
    assert "new clock" not in card
    assert "Rain fell" not in card


async def test_a_copy_is_named_and_not_told_again(world: World) -> None:
    await add_both(world)
    await add(world, f"{BUSES}\n\nMore soon.", "Buses, again", "2025-05-13")
    card = shown(await asked(world, topic="ferry Novgorod"))
    assert card.count("over the bridge") == 1
    assert re.search(r"-# also in `#[13]`", card)


async def test_a_longer_summary_of_a_topic_tells_more(world: World) -> None:
    short = await asked(world, topic="Zelensky Trump", length="short")
    long = await asked(world, topic="Zelensky Trump", length="long")
    assert shown(short).count("\n> ") < shown(long).count("\n> ")


async def test_the_sources_open_with_buttons(world: World) -> None:
    await add_both(world)
    result = await asked(world, topic="ferry Novgorod")
    assert result.response is not None
    assert list(buttons(result.response.components)) == ["Article #2", "Article #1", "Share"]
    opened = await world.member.click(result.response, custom_id=button(result, "Article #2"))
    assert "**Ferry** · The Gazette" in shown(opened)


async def test_share_posts_the_topic_for_everyone_also_after_a_restart(world: World) -> None:
    await add_both(world)
    result = await asked(world, topic="ferry Novgorod")
    assert result.response is not None
    assert not world.channel.history()
    await world.env.restart_bot()
    await world.member.click(result.response, custom_id=button(result, "Share"))
    posted = shared(world)
    assert "Shared by member" in posted
    assert "its engine broke down" in posted
    assert "newsdesk:article:2" in posted


async def test_share_leaves_out_what_was_removed_since(world: World) -> None:
    await add_both(world)
    result = await asked(world, topic="ferry Novgorod")
    assert result.response is not None
    await world.newsdesk.remove(world.guild.id, "2")
    await world.member.click(result.response, custom_id=button(result, "Share"))
    assert "over the bridge" in shared(world)
    assert "engine broke down" not in shared(world)
    await world.newsdesk.remove(world.guild.id, "1")
    gone = await world.member.click(result.response, custom_id=button(result, "Share"))
    assert "has been removed" in shown(gone)


async def test_only_who_asked_may_share(world: World) -> None:
    await add_both(world)
    for options in ({"topic": "ferry Novgorod"}, {"article": "1"}):
        result = await asked(world, public=True, **options)
        assert result.response is not None
        pressed = await world.admin.click(result.response, custom_id=button(result, "Share"))
        assert "Only the person who asked" in shown(pressed)


async def test_share_posts_the_summary_of_an_article(world: World) -> None:
    result = await asked(world, article="S1", length="short")
    assert result.response is not None
    await world.member.click(result.response, custom_id=button(result, "Share"))
    assert "Shared by member" in shared(world)
    assert re.findall(r"> ([^\n]+)", shown(result))[0][:40] in shared(world)


async def test_an_article_that_was_removed_is_not_shared(world: World) -> None:
    await add_both(world)
    result = await asked(world, article="1")
    assert result.response is not None
    await world.newsdesk.remove(world.guild.id, "1")
    pressed = await world.member.click(result.response, custom_id=button(result, "Share"))
    assert "has been removed" in shown(pressed)
    assert not world.channel.history()


@pytest.mark.parametrize("options", [{}, {"article": "S1", "topic": "ferry"}])
async def test_an_article_or_a_topic_is_asked_for_one_of_the_two(world: World, options: dict[str, str]) -> None:
    card = shown(await asked(world, **options))
    assert card == "Give either an article or a topic\\: one of the two is summed up at a time."


async def test_nothing_found_says_so_and_suggests(world: World) -> None:
    card = shown(await asked(world, topic="referendm"))
    assert "Nothing in the library matches “referendm”" in card
    assert "**referendum**" in card


async def test_without_a_word_there_is_nothing_to_sum_up(world: World) -> None:
    for topic in (" ", "since:2025"):
        assert "no word to look for" in shown(await asked(world, topic=topic))


async def test_articles_without_a_sentence_to_read_alone_are_said_to_have_none(world: World) -> None:
    await add(world, "He calls the zeppelin too costly.", "Zeppelin", "2025-03-02")
    card = shown(await asked(world, topic="zeppelin"))
    assert card == "The articles on zeppelin have no sentence that can be read by itself: `/search` lists them."


async def test_limits_in_the_topic_hold(world: World) -> None:
    await add_both(world)
    card = shown(await asked(world, topic="ferry Novgorod until:2025-04"))
    assert "engine broke down" in card
    assert "over the bridge" not in card


async def test_a_server_is_told_nothing_of_another_ones_articles(world: World) -> None:
    await add_both(world)
    query = world.newsdesk.query("ferry Novgorod")
    assert (await world.newsdesk.topic_summary(world.guild.id, query)).lines
    assert (await world.newsdesk.topic_summary(world.other_guild.id, query)).found == 0
    result = await world.stranger.slash(world.other_channel, "summary", topic="ferry Novgorod")
    assert "Nothing in the library matches" in shown(result)


async def test_hostile_topics_are_answered(world: World) -> None:
    for topic in ('"', "-", "(((", "\x00", "🗞" * 100, "\u202eabc", "*", "a" * 300, "@everyone peace", "peace -talks"):
        assert shown(await asked(world, topic=topic))


async def test_a_public_summary_of_a_topic_is_in_the_channel(world: World) -> None:
    await asked(world, topic="energy grid", public=True)
    assert len(world.channel.history()) == 1
