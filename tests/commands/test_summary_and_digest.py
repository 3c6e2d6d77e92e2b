"""/summary and /digest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import simcord

from bot.model import Document
from tests.commands.conftest import World, button, buttons, shown, texts
from tests.commands.test_article import add


def _all(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from _all(component.get("components", []))


def button_state(result: simcord.InteractionResult, label: str) -> bool:
    """Whether a button is switched off."""
    assert result.response is not None
    return bool(buttons(result.response.components)[label].get("disabled"))


async def test_a_summary_has_the_articles_own_sentences_and_the_time_saved(world: World) -> None:
    article = await world.newsdesk.article(0, "S1")
    card = shown(await world.member.slash(world.channel, "summary", article="S1", length="short"))
    summary = await world.newsdesk.summary(0, "S1", "short")
    assert card.startswith("### Summary")
    assert f"of {article.words} words" in card
    assert summary.sentences
    assert all(0 <= span.start < span.end <= len(article.text) for span in summary.sentences)


async def test_a_longer_summary_says_more(world: World) -> None:
    short = await world.newsdesk.summary(0, "S1", "short")
    long = await world.newsdesk.summary(0, "S1", "long")
    assert short.words < long.words


async def test_a_short_text_is_honestly_too_short(world: World) -> None:
    await add(world)
    card = shown(await world.member.slash(world.channel, "summary", article="1"))
    assert "too short to summarise" in card
    assert "Nobody there had expected" in card


async def test_a_digest_has_stories_with_a_line_and_who_was_quoted(world: World) -> None:
    card = shown(await world.member.slash(world.channel, "digest", period="all"))
    assert card.startswith("### Everything in the library\n14 articles")
    assert "**Most quoted:**" in card
    assert "\n> “" in card


async def test_a_quiet_period_says_so_and_brings_something_from_the_archive(world: World) -> None:
    await world.env.advance_time(8 * 24 * 3600)
    card = shown(await world.member.slash(world.channel, "digest", period="7 days"))
    assert card.startswith("### The last 7 days\nNothing new was added in this period.\n**From the archive**")
    assert "picked for today from 14 articles" in card
    assert "`#S" in card


async def test_what_was_added_since_is_in_the_digest_of_its_period(world: World) -> None:
    await world.env.advance_time(8 * 24 * 3600)
    await add(world)
    card = shown(await world.member.slash(world.channel, "digest", period="24 hours"))
    assert "1 article, 1 story" in card
    assert "Zeppelin over Novgorod" in card


async def test_a_public_digest_is_in_the_channel(world: World) -> None:
    await world.member.slash(world.channel, "digest", period="all", public=True)
    assert len(world.channel.history()) == 1


# Topics, parts, pictures


TOWNS = {
    "Bergen": "fishermen found an anchor",
    "Oslo": "the library lends out cellos",
    "Narvik": "a train stood in the snow",
    "Molde": "roses bloom in the square",
    "Halden": "a fortress is for sale",
    "Moss": "the bakery burns its rye",
    "Hamar": "skaters wait for the ice",
    "Horten": "a submarine was painted green",
    "Larvik": "larks sing at the quarry",
    "Skien": "actors read Ibsen aloud",
    "Voss": "parachutists land in a garden",
}


async def _fill(world: World) -> None:
    """Eleven stories of four days, from two outlets, long enough for several parts."""
    for number, (town, event) in enumerate(TOWNS.items()):
        own = f"{town}ers and {town}folk of {town}dale"
        text = f"In {town} {event}, which {own} had not seen in {town}hus or {town}vik. " * 2
        document = Document(
            "typed",
            f"{town}: {event} while {own} look on",
            f"{text}“We in {town} like how {event} today,” said Ada {town}sen of {town}.",
            outlet=("Posten", "Bladet")[number % 2],
            url=f"https://news.example/{town}",
        )
        await world.newsdesk.add(world.guild.id, document, added_by=world.member.id if number else None)
        if number % 3 == 2:
            await world.env.advance_time(24 * 3600)


async def _digest(world: World, **options: object) -> simcord.InteractionResult:
    await world.env.advance_time(8 * 24 * 3600)
    await _fill(world)
    return await world.member.slash(world.channel, "digest", period="7 days", **options)


def _stories(card: str) -> list[str]:
    return re.findall(r"^\*\*(\w+)\\: ", card, re.MULTILINE)


async def test_a_topic_narrows_a_digest_down(world: World) -> None:
    card = shown(await _digest(world, topic='"submarine was painted" -ibsen'))
    assert card.startswith('### The last 7 days: "submarine was painted" -ibsen\n1 article, 1 story')
    assert _stories(card) == ["Horten"]


async def test_a_topic_that_nothing_came_in_on_says_so(world: World) -> None:
    card = shown(await _digest(world, topic="zeppelin"))
    assert card == "### The last 7 days\nNothing new on “zeppelin” was added in this period."


async def test_a_topic_of_no_words_says_what_to_do(world: World) -> None:
    card = shown(await world.member.slash(world.channel, "digest", topic="the of"))
    assert card.startswith("There is nothing to look for in “the of”")


async def _press(world: World, result: simcord.InteractionResult, label: str) -> None:
    """Press a button of the member's answer, which turns in its place."""
    assert result.response is not None
    await world.member.click(result.response, custom_id=button(result, label))


def _posted(world: World) -> list[dict[str, Any]]:
    """The components of the channel's last message."""
    message = world.channel.last_message
    assert message is not None
    return [dict(component.to_dict()) for component in message.components]


async def test_a_long_digest_is_turned_through_part_by_part(world: World) -> None:
    result = await _digest(world)
    assert shown(result).startswith("### The last 7 days (1/")
    assert button_state(result, "Previous")
    told = _stories(shown(result))
    while not button_state(result, "Next"):
        await _press(world, result, "Next")
        told += _stories(shown(result))
    assert len(told) == 10
    assert set(told) < set(TOWNS)
    assert "-# and 1 more story: `/search` finds them" in shown(result)
    while not button_state(result, "Previous"):
        await _press(world, result, "Previous")
    assert shown(result).startswith("### The last 7 days (1/")


async def test_the_first_part_has_who_added_what_and_a_chart(world: World) -> None:
    result = await _digest(world)
    card = shown(result)
    assert f"**Added:** 10 by <@{world.member.id}>, 1 by feeds, imports and others" in card
    assert "**Articles a day:** 🟧 Posten 6 · 🟦 Bladet 5" in card
    assert result.response is not None
    (shown_picture,) = [part for part in _all(result.response.components) if part["type"] == 12]
    (picture,) = shown_picture["items"]
    assert picture["description"].startswith("Articles a day by outlet. ")
    assert [one.filename for one in result.response.attachments] == ["picture.png"]


async def test_who_added_an_article_is_never_pinged(world: World) -> None:
    await _digest(world, public=True)
    sent = [request.json for request in world.env.http_requests if "<@" in str(request.json)]
    assert sent
    assert all(body is not None and body["data"]["allowed_mentions"] == {"parse": []} for body in sent)


async def test_a_part_is_shared_with_who_shared_it_and_without_buttons(world: World) -> None:
    result = await _digest(world)
    await _press(world, result, "Next")
    second = shown(result)
    await _press(world, result, "Share")
    assert texts(_posted(world)) == f"{second}\n-# Shared by member"
    assert buttons(_posted(world)) == {}


async def test_only_who_asked_may_turn_the_parts(world: World) -> None:
    result = await _digest(world, public=True)
    assert result.response is not None
    pressed = await world.admin.click(result.response, custom_id=button(result, "Next"))
    assert "Only the person who asked can press these buttons" in shown(pressed)


async def test_what_was_removed_since_is_not_shown_again(world: World) -> None:
    result = await _digest(world)
    towns = _stories(shown(result))
    await world.newsdesk.remove(world.guild.id, towns[0])
    await _press(world, result, "Next")  # nine fit into one part
    assert _stories(shown(result))[0] == towns[1]
    assert towns[0] not in shown(result).partition("**Most quoted:**")[0]


async def test_the_parts_are_turned_and_the_same_after_a_restart(world: World) -> None:
    result = await _digest(world)
    first = shown(result)
    await world.env.restart_bot()
    await _press(world, result, "Next")
    assert shown(result).startswith("### The last 7 days (2/")
    await _press(world, result, "Previous")
    assert shown(result) == first


async def test_a_quotation_whose_speaker_was_corrected_has_the_new_one(world: World) -> None:
    result = await _digest(world, topic="submarine")
    assert "— **Ada Hortensen**" in shown(result)
    article = await world.newsdesk.article(world.guild.id, "Horten")
    (said,) = await world.newsdesk.spoken.of(world.guild.id, article)
    await world.newsdesk.spoken.correct(world.guild.id, article, said.span, "Erik Moe", by=None)
    await _press(world, result, "Share")
    assert "— **Erik Moe**" in texts(_posted(world))


async def test_an_answer_of_the_archive_is_shared_as_it_was(world: World) -> None:
    await world.env.advance_time(8 * 24 * 3600)
    result = await world.member.slash(world.channel, "digest", period="7 days")
    await _press(world, result, "Share")
    assert texts(_posted(world)) == f"{shown(result)}\n-# Shared by member"


async def test_a_scheduled_digest_brings_its_picture(world: World) -> None:
    await world.env.advance_time(8 * 24 * 3600)
    await _fill(world)
    at = (world.newsdesk.now() + timedelta(minutes=1)).strftime("%H:%M")
    options = {"channel": world.channel, "time": at, "zone": "UTC", "period": "7 days"}
    await world.admin.slash(world.channel, "schedule set", **options)
    await world.env.advance_time(60)
    await world.client.deliverer.tick()
    first, second = sorted(world.channel.history(), key=lambda message: message.id)
    said = [texts([dict(component.to_dict()) for component in one.components]) for one in (first, second)]
    assert "**Articles a day:** 🟧 Posten 6 · 🟦 Bladet 5" in said[0]
    assert ["(1/2)" in said[0], "(2/2)" in said[1]] == [True, True]
    assert [[one.filename for one in message.attachments] for message in (first, second)] == [["picture.png"], []]
