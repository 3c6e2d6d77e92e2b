"""The notifier: tells what watches found, at most once, and not in a flood.

    corpus -> `Newsdesk.watching` -> notices -> gathered by place -> claimed on disk -> one message a place and minute

A place is a channel, or a person in private. All that waits for it goes into one message (`notice_cards`). Before
anything is claimed it is made sure that whoever watches is still in the server: what a server reads is for its members,
and without a connection nothing is claimed. After a claim nothing is ever sent again: see `bot.corpus.notices`.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import discord

from bot.corpus import Notice, Target, Watch
from bot.discord_app.cards import Card
from bot.discord_app.delivery import guarded
from bot.discord_app.guilds import seen_guild
from bot.discord_app.notice_cards import MOST_SHOWN, Told, notice_card
from bot.discord_app.posting import Fate, Outcome, post
from bot.errors import TokenRefused
from bot.model import Article, Span
from bot.newsdesk import Newsdesk

_log = logging.getLogger(__name__)

POLL_SECONDS: Final = 5
"""Also how long what comes in at once is gathered before it is told."""
PAUSE: Final = timedelta(minutes=1)
"""Between two messages to a channel, or to a person."""
AT_ONCE: Final = 4
"""Places told at the same time."""
_MOST_IN_A_MESSAGE: Final = 1_000  # notices; what is more waits for the next one

_LEFT = "you were not in the server any more when something came in"
_GONE = "its article was removed before it was told"
_UNCONFIRMED = "Discord did not confirm it"
_CANNOT_WRITE = "you take no private messages from me"
_NO_MEMBER = (10007, 10013)  # Discord's codes for an unknown member and an unknown user


@dataclass(frozen=True, slots=True)
class _Message:
    channel_id: int
    nonce: str


class Notifier:
    """One runs beside a client; its owner awaits `run` and cancels it to stop."""

    def __init__(self, client: discord.AutoShardedClient, newsdesk: Newsdesk) -> None:
        self._client = client
        self._newsdesk = newsdesk
        self._notices = newsdesk.corpus.notices
        self._watches = newsdesk.corpus.watches
        self._ownership = newsdesk.ownership
        self._given_up: frozenset[int] | None = None  # what all but these had claimed is given up
        self._turn = asyncio.Lock()
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._last: dict[tuple[str, int], datetime] | None = None  # when each place was told something

    async def run(self) -> None:
        """Poll until cancelled. A fault is logged and the next poll tries again."""
        await self._client.wait_until_ready()
        presence = self._newsdesk.corpus.presence
        while True:
            returns = presence.returns
            await guarded(self.tick(), "telling what watches found")
            await presence.pause(POLL_SECONDS, returns)

    async def tick(self) -> None:
        """Look at what came in, and tell what waits. Raises `SettingsError`, and `CorpusError`."""
        async with self._turn:
            if not self._ownership.is_current:
                return
            last = await self._begun()
            await self._newsdesk.watching.follow()
            now = self._newsdesk.now()
            due: dict[tuple[str, int], Target] = {}
            for target in await self._notices.targets():
                place = _place(target)
                if not self._ownership.owns(target.guild):
                    continue
                if place not in due and not timedelta() <= now - last.get(place, now - PAUSE) < PAUSE:
                    due[place] = target
            await self._tell_all(list(due.values()))
            self._last = {place: when for place, when in last.items() if timedelta() <= now - when < PAUSE}

    async def _begun(self) -> dict[tuple[str, int], datetime]:
        """When each place was told something; after a start, what is known of before it."""
        if self._given_up != (living := self._ownership.living):
            if left := await self._notices.give_up_claimed(living):
                _log.warning("%d notices were being told when the bot ended, and are not told again", left)
            self._given_up = living
        if self._last is None:
            told = await self._notices.told_since(self._newsdesk.now() - PAUSE)
            self._last = {_place(target): when for target, when in sorted(told.items(), key=lambda item: item[1])}
        return self._last

    async def _tell_all(self, targets: Sequence[Target]) -> None:
        """Raises `SettingsError`: then nothing can be told at all."""
        try:
            async with asyncio.TaskGroup() as telling:
                for target in targets:
                    telling.create_task(self._in_turn(target), name="telling")
        except ExceptionGroup as errors:  # of nothing else: see `Deliverer`
            raise errors.exceptions[0] from None

    async def _in_turn(self, target: Target) -> None:
        async with self._at_once:
            await guarded(self._tell(target), "a notice")

    async def _tell(self, target: Target) -> None:
        """Tell in one message what waits for a place."""
        guild = await seen_guild(self._client, target.guild)
        if guild is None:  # an outage, or the bot was removed: it waits
            return
        if self._last is not None:  # a fault, too, is tried again after the pause and not at once
            self._last[_place(target)] = self._newsdesk.now()
        waiting = await self._of_members(guild, await self._notices.waiting(target, _MOST_IN_A_MESSAGE))
        articles, waiting = await self._still_there(target, waiting)
        channel_id = await self._channel_of(target) if waiting else None
        if channel_id is None:
            return
        card = await self._card(waiting, articles, guild.name if target.channel_id is None else None)
        claimed = await self._notices.claim(waiting, now=self._newsdesk.now())
        if len(claimed) < len(waiting):  # a watch was removed or paused this very moment: the card may be of it
            await self._notices.release(claimed)
            return
        message = _Message(channel_id, secrets.token_hex(10))
        outcome = await post(self._client, message, target.guild if target.channel_id else None, card)
        await self._note(target, claimed, outcome)

    async def _of_members(self, guild: discord.Guild, waiting: Sequence[Notice]) -> list[Notice]:
        """Without the watches of people who are no longer in the server, which are stopped. Raises `TokenRefused`."""
        here = {user_id for user_id in {one.watch.user_id for one in waiting} if await self._is_member(guild, user_id)}
        return [one for one in waiting if one.watch.user_id in here]

    async def _is_member(self, guild: discord.Guild, user_id: int) -> bool:
        try:
            await guild.fetch_member(user_id)
        except discord.NotFound as error:
            if error.code not in _NO_MEMBER:
                raise
            await self._watches.stop_all_of(guild.id, user_id, _LEFT)
            return False
        except discord.HTTPException as error:
            if error.status == 401:
                raise TokenRefused from error
            raise
        return True

    async def _still_there(self, target: Target, waiting: Sequence[Notice]) -> tuple[dict[int, Article], list[Notice]]:
        """The articles that were found, and the notices of those that were not removed since; the others are closed."""
        articles = await self._newsdesk.articles_by_id(target.guild, {one.article_id for one in waiting})
        if gone := [one for one in waiting if one.article_id not in articles]:
            await self._notices.close(gone, _GONE)
        return articles, [one for one in waiting if one.article_id in articles]

    async def _channel_of(self, target: Target) -> int | None:
        """Where to send to; None where a person cannot be written to. Raises `TokenRefused`."""
        if target.channel_id is not None or target.user_id is None:
            return target.channel_id
        try:
            return (await self._client.create_dm(discord.Object(target.user_id))).id
        except discord.HTTPException as error:
            if error.status == 401:
                raise TokenRefused from error
            if error.status >= 500 or error.status == 429:
                raise
            await self._watches.stop_private(target.user_id, _CANNOT_WRITE)
            return None

    async def _card(self, notices: Sequence[Notice], articles: Mapping[int, Article], server: str | None) -> Card:
        """The newest articles with their passages; an article that several watches found stands there once."""
        watches: dict[int, list[Watch]] = {}
        spans: dict[int, Span] = {}
        for one in notices:
            watches.setdefault(one.article_id, []).append(one.watch)
            spans.setdefault(one.article_id, one.span)
        newest = sorted(watches, reverse=True)
        shown = []
        for id_ in newest[:MOST_SHOWN]:
            marked = await self._newsdesk.watching.marked(articles[id_], spans[id_], watches[id_])
            shown.append(Told(articles[id_], spans[id_], marked, tuple(watches[id_])))
        return await asyncio.to_thread(notice_card, shown, [watches[id_] for id_ in newest[MOST_SHOWN:]], server)

    async def _note(self, target: Target, claimed: Sequence[Notice], outcome: Outcome) -> None:
        """Write down what Discord said of a message."""
        match outcome.fate:
            case Fate.POSTED:
                await self._notices.told(claimed, now=self._newsdesk.now())
                _log.info("told %d notices in one message of server %d", len(claimed), target.guild)
            case Fate.CLOSED:
                await self._notices.close(claimed, outcome.reason or "")
                await self._stop(target, outcome.reason or "")
            case Fate.NOT_YET:
                await self._notices.release(claimed)
            case Fate.REFUSED | Fate.UNKNOWN:
                await self._notices.close(claimed, outcome.reason or _UNCONFIRMED)
                _log.warning("%d notices are lost: %s", len(claimed), outcome.reason)

    async def _stop(self, target: Target, reason: str) -> None:
        if target.channel_id is not None:
            await self._watches.stop_in(target.channel_id, reason)
        elif target.user_id is not None:
            await self._watches.stop_private(target.user_id, _CANNOT_WRITE)
        _log.warning("watches of server %d stopped: %s", target.guild, reason)


def _place(target: Target) -> tuple[str, int]:
    """A person is one place, whatever the server."""
    if target.channel_id is not None:
        return "channel", target.channel_id
    return "person", target.user_id or 0
