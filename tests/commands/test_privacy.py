"""/privacy: what is kept, of whom, how long, who sees it, how to be rid of it; the facts are those of the schema."""

from __future__ import annotations

from bot.corpus import HOLDINGS, KEEP_AFTER_LEAVING, KEEP_ANSWERS, KEEP_BACKUPS
from tests.commands.conftest import World, shown


async def test_everybody_reads_all_that_is_kept_and_nothing_is_cut_off(world: World) -> None:
    told = await world.member.slash(world.channel, "privacy")
    assert told.ephemeral
    card = shown(told)
    for holding in HOLDINGS:
        assert f"{holding.what}\n-# seen by {holding.seen_by} · kept {holding.kept}" in card
    assert "…" not in card
    assert "`/data export` and `/data delete`" in card
    assert card.endswith("For servers you have left, ask the bot's host.")


async def test_the_days_it_names_are_those_that_are_kept_to(world: World) -> None:
    card = shown(await world.member.slash(world.channel, "privacy"))
    assert f"kept {KEEP_ANSWERS.days} days" in card
    assert f"is deleted {KEEP_AFTER_LEAVING.days} days later" in card
    assert f"goes after {KEEP_BACKUPS.days} days" in card
    await world.member.slash(world.channel, "quote", query="referendum")
    await world.env.advance_time(KEEP_ANSWERS.total_seconds() - 60)
    await world.newsdesk.tidy()
    assert (await world.newsdesk.corpus.extracts.person(world.guild.id, world.member.id))["answers"]
    await world.env.advance_time(120)
    await world.newsdesk.tidy()
    assert not (await world.newsdesk.corpus.extracts.person(world.guild.id, world.member.id))["answers"]
