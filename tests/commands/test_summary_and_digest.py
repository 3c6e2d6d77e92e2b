"""/summary and /digest."""

from __future__ import annotations

from tests.commands.conftest import World, shown
from tests.commands.test_article import add


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


async def test_an_empty_period_says_so_and_offers_the_newest(world: World) -> None:
    await world.env.advance_time(8 * 24 * 3600)
    card = shown(await world.member.slash(world.channel, "digest", period="7 days"))
    assert "Nothing was added in this period." in card
    assert "The newest article there is" in card


async def test_what_was_added_since_is_in_the_digest_of_its_period(world: World) -> None:
    await world.env.advance_time(8 * 24 * 3600)
    await add(world)
    card = shown(await world.member.slash(world.channel, "digest", period="24 hours"))
    assert "1 article, 1 story" in card
    assert "Zeppelin over Novgorod" in card


async def test_a_public_digest_is_in_the_channel(world: World) -> None:
    await world.member.slash(world.channel, "digest", period="all", public=True)
    assert len(world.channel.history()) == 1
