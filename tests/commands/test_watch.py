"""/watch: who watches is told once of what comes in, and of nothing else."""

from __future__ import annotations

import discord
import pytest

from bot.discord_app.notifier import Notifier
from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from tests.commands.conftest import World, buttons, shown, texts

FERRY = "The ferry to the islands will run all winter. “Nobody is left behind,” said Ines Duarte, the harbour master."


def document(text: str = FERRY, title: str = "Ferry keeps running", **fields: object) -> Document:
    return Document("ferry.txt", title, text, **fields)  # type: ignore[arg-type]


async def watch(world: World, query: str = "ferry", actor: object = None, **options: object) -> str:
    who = actor or world.member
    return shown(await who.slash(world.channel, "watch add", query=query, **options))  # type: ignore[attr-defined]


async def told(world: World) -> None:
    await world.client.notifier.tick()
    await world.env.settle()


def private(world: World) -> list[str]:
    """What the member was told in private, oldest first."""
    if world.member.id not in world.env.backend.dm_channels:
        return []
    return [written(message) for message in world.member.user.dm_channel.history()]


def public(world: World) -> list[str]:
    return [written(message) for message in world.channel.history()]


def written(message: discord.Message) -> str:
    return texts([dict(component.to_dict()) for component in message.components])


async def listed(world: World, actor: object = None) -> str:
    return shown(await (actor or world.member).slash(world.channel, "watch list"))  # type: ignore[attr-defined]


async def test_who_watches_is_told_in_private_once_with_the_passage_and_why(world: World) -> None:
    answer = await watch(world, "ferry -plane")
    assert "**1.** `ferry -plane` · told in private" in answer
    await world.newsdesk.add(world.guild.id, document())
    await told(world)
    await told(world)
    (message,) = private(world)
    assert "An article you watch for came in in The newsroom" in message
    assert "The **ferry** to the islands" in message
    assert "because you watch `ferry -plane` (`/watch remove 1`)" in message
    assert public(world) == []


async def test_in_a_channel_nobody_is_named_and_the_article_is_a_button_away(world: World) -> None:
    await watch(world, where="here")
    await watch(world, "islands", world.admin, where="here")
    await world.newsdesk.add(world.guild.id, document())
    await told(world)
    (message,) = public(world)
    assert "because `ferry`, `islands` is watched in this channel" in message
    assert "**ferry** to the **islands**" in message
    assert "<@" not in message
    last = world.channel.last_message
    assert last is not None
    assert list(buttons([dict(part.to_dict()) for part in last.components])) == ["Article #1"]
    assert private(world) == []


async def test_nothing_is_told_of_what_was_there_before_or_does_not_match(world: World) -> None:
    await world.newsdesk.add(world.guild.id, document())
    await watch(world)
    await world.newsdesk.add(world.guild.id, document("The market opens at six on Friday.", "Market"))
    await told(world)
    assert private(world) == []


async def test_what_another_process_adds_is_told_and_what_is_restored_is_not(world: World, url: str) -> None:
    await watch(world)
    await told(world)
    async with Newsdesk.open(url, bot=False, now=world.newsdesk.now) as beside:
        stored = (await beside.add(world.guild.id, document())).article
    await told(world)
    assert len(private(world)) == 1
    await world.newsdesk.remove(world.guild.id, stored.ref)
    await world.newsdesk.restore(world.guild.id, stored.ref)
    await world.newsdesk.reread(lambda _done, _total: None)
    await world.env.advance_time(120)
    await told(world)
    assert len(private(world)) == 1


async def test_a_restart_tells_nothing_twice_and_misses_nothing(world: World, url: str) -> None:
    await watch(world)
    await world.newsdesk.add(world.guild.id, document())
    await told(world)
    async with Newsdesk.open(url, bot=False, now=world.newsdesk.now) as later:
        await later.add(world.guild.id, document("A second ferry was ordered.", "Second"))
        again = Notifier(world.client, later)
        await again.tick()  # a minute has not passed
        assert len(private(world)) == 1
        await world.env.advance_time(60)
        await again.tick()
        await world.env.settle()
        assert len(private(world)) == 2
        assert "A second **ferry**" in private(world)[1]


async def test_what_was_claimed_before_a_crash_is_not_sent_again(world: World) -> None:
    await watch(world)
    await world.newsdesk.add(world.guild.id, document())
    await world.newsdesk.watching.follow()
    notices = world.newsdesk.corpus.notices
    (target,) = await notices.targets()
    assert len(await notices.claim(await notices.waiting(target, 10), now=world.newsdesk.now())) == 1
    await told(world)
    assert private(world) == []
    assert await notices.targets() == []


async def test_many_at_once_are_one_message_a_minute(world: World) -> None:
    await watch(world)
    for number in range(42):
        await world.newsdesk.add(
            world.guild.id, document(f"Ferry number {number} left the harbour.", f"Ferry {number}")
        )
    await told(world)
    (message,) = private(world)
    assert "42 articles you watch for came in" in message
    assert message.count("because you watch") == 5
    assert "and 37 more: `/search` `ferry`" in message
    await world.newsdesk.add(world.guild.id, document("One more ferry.", "One more"))
    await told(world)
    assert len(private(world)) == 1
    await world.env.advance_time(60)
    await told(world)
    assert len(private(world)) == 2


async def test_two_watches_of_one_person_tell_of_an_article_once(world: World) -> None:
    await watch(world)
    await watch(world, "islands", speaker="duarte")
    await world.newsdesk.add(world.guild.id, document())
    await told(world)
    (message,) = private(world)
    assert 'because you watch `ferry` (`/watch remove 1`), `islands speaker:"duarte"` (`/watch remove 2`)' in message


async def test_the_shared_library_is_told_and_other_servers_are_not(world: World) -> None:
    await watch(world)
    await world.newsdesk.add(world.other_guild.id, document("The secret ferry of another server.", "Secret"))
    await told(world)
    assert private(world) == []
    await world.newsdesk.add(SHARED, document())
    await told(world)
    assert len(private(world)) == 1


async def test_a_shared_article_that_the_server_has_already_is_not_told(world: World) -> None:
    await world.newsdesk.add(world.guild.id, document())
    await watch(world)
    await world.newsdesk.add(SHARED, document())
    await told(world)
    assert private(world) == []


async def test_closed_private_messages_stop_the_watch_and_the_list_says_so(world: World) -> None:
    await watch(world)
    await world.newsdesk.add(world.guild.id, document())
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50007, times=1)
    await told(world)
    assert "Stopped: you take no private messages from me" in await listed(world)
    await world.newsdesk.add(world.guild.id, document("A second ferry.", "Second"))
    await world.env.advance_time(120)
    await told(world)
    assert private(world) == []
    assert "`ferry`" in shown(await world.member.slash(world.channel, "watch resume", number=1))
    await world.newsdesk.add(world.guild.id, document("A third ferry.", "Third"))
    await told(world)
    (message,) = private(world)
    assert "A third" in message
    assert "A second" not in message


async def test_a_closed_channel_stops_what_is_told_there(world: World) -> None:
    await watch(world, where="here")
    await watch(world, "islands")
    await world.newsdesk.add(world.guild.id, document())
    world.env.inject_error("POST", f"/channels/{world.channel.id}/messages", status=403, code=50013, times=1)
    await told(world)
    seen = await listed(world)
    assert "Stopped: I may no longer write in the channel" in seen
    assert seen.count("Stopped") == 1
    assert len(private(world)) == 1


async def test_who_left_the_server_is_told_nothing_of_it(world: World) -> None:
    await watch(world)
    await world.newsdesk.add(world.guild.id, document())
    world.guild.remove_member(world.member)
    await told(world)
    assert private(world) == []
    (stopped,) = await world.newsdesk.corpus.watches.list(world.guild.id, world.member.id)
    assert stopped.disabled_reason == "you were not in the server any more when something came in"


async def test_without_a_connection_nothing_is_claimed_and_it_is_told_later(world: World) -> None:
    await watch(world)
    await world.newsdesk.add(world.guild.id, document())
    world.env.inject_error("GET", "/guilds/*/members/*", status=400)
    await told(world)
    assert private(world) == []
    await world.env.advance_time(60)
    await told(world)
    assert len(private(world)) == 1


async def test_a_message_that_is_not_confirmed_is_not_sent_again(world: World) -> None:
    await watch(world)
    await world.newsdesk.add(world.guild.id, document())
    world.env.inject_error("POST", "/channels/*/messages", status=503, times=None)
    await told(world)
    assert await world.newsdesk.corpus.notices.targets() == []
    (kept,) = await world.newsdesk.corpus.watches.list(world.guild.id, world.member.id)
    assert kept.is_live


async def test_an_article_that_was_removed_before_it_was_told_is_not(world: World) -> None:
    await watch(world)
    stored = (await world.newsdesk.add(world.guild.id, document())).article
    await world.newsdesk.watching.follow()
    await world.newsdesk.remove(world.guild.id, stored.ref)
    await told(world)
    assert private(world) == []
    assert await world.newsdesk.corpus.notices.targets() == []


async def test_a_paused_watch_tells_nothing_and_a_removed_one_is_gone(world: World) -> None:
    await watch(world)
    assert "Paused" in shown(await world.member.slash(world.channel, "watch pause", number=1))
    await world.newsdesk.add(world.guild.id, document())
    await told(world)
    assert "You are told again" in shown(await world.member.slash(world.channel, "watch resume", number=1))
    await told(world)
    assert private(world) == []
    assert "Removed" in shown(await world.member.slash(world.channel, "watch remove", number=1))
    assert "You watch for nothing here" in await listed(world)
    assert "You have no watch 1 here" in shown(await world.member.slash(world.channel, "watch remove", number=1))


async def test_each_sees_their_own_and_admins_how_many_there_are(world: World) -> None:
    await watch(world)
    assert "ferry" not in await listed(world, world.admin)
    assert "In this server: 1 of 1 person" in await listed(world, world.admin)
    assert "In this server" not in await listed(world)
    assert "You have no watch 1" in shown(await world.admin.slash(world.channel, "watch remove", number=1))


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("the", "nothing to look for"),
        ("-ferry", "nothing to look for"),
        ("ferry since:2025", "leave out since: and until:"),
    ],
)
async def test_what_cannot_be_watched_is_refused(world: World, query: str, why: str) -> None:
    assert why in (await watch(world, query)).replace("\\", "")
    assert "You watch for nothing here" in await listed(world)


async def test_the_same_twice_is_refused(world: World) -> None:
    await watch(world)
    assert "what you watch already, as number 1" in await watch(world)


async def test_the_bot_writes_in_no_channel_for_whom_may_not_write_there_or_where_it_may_not(world: World) -> None:
    everyone, ourselves = world.guild.default_role, world.client.user
    assert ourselves is not None
    silent, allowed = discord.PermissionOverwrite(send_messages=False), discord.PermissionOverwrite(send_messages=True)
    closed = world.guild.create_text_channel("closed", overwrites={ourselves: silent})
    read_only = world.guild.create_text_channel("read-only", overwrites={everyone: silent, ourselves: allowed})
    for channel, who in ((closed, "I may not write"), (read_only, "You may not write")):
        answer = await world.member.slash(channel, "watch add", query="ferry", where="here")
        assert f"{who} in this channel" in shown(answer)
    assert "You watch for nothing here" in await listed(world)


async def test_a_query_cannot_leave_its_code_span(world: World) -> None:
    await watch(world, "ferry `@everyone` **bold**")
    assert "`ferry '@everyone' **bold**`" in await listed(world)


async def test_autocomplete_offers_ones_own(world: World) -> None:
    await watch(world)
    choices = await world.member.autocomplete(world.channel, "watch remove", "number", "")
    assert [choice["name"] for choice in choices] == ["1: ferry"]
    assert await world.admin.autocomplete(world.channel, "watch remove", "number", "") == []
