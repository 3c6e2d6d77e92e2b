"""The poller: looks for feeds that are due, polls a few at a time, and says once where one has died.

    Newsdesk.feeds.due -> by host, four hosts at a time -> Newsdesk.feeds.poll -> dead? -> its channel

The clock is read at every look, nothing sleeps until a due time. Feeds of one host take turns, so that a slow host
holds back its own feeds alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import discord

from bot.corpus import Feed
from bot.discord_app.delivery import guarded
from bot.discord_app.feed_cards import dead_card
from bot.discord_app.posting import POST_SECONDS, Faults
from bot.newsdesk import Newsdesk
from bot.polling import POLL_EVERY
from bot.reading.politeness import host_of

_log = logging.getLogger(__name__)

LOOK_SECONDS = 20
AT_ONCE: Final = 4


class FeedPoller:
    """Polls what is due. One runs beside a client; its owner awaits `run` and cancels it to stop."""

    def __init__(self, client: discord.AutoShardedClient, newsdesk: Newsdesk) -> None:
        self._client = client
        self._feeds = newsdesk.feeds
        self._ownership = newsdesk.ownership
        self._now = newsdesk.now
        self._presence = newsdesk.corpus.presence
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._busy: set[str] = set()  # hosts whose feeds are being polled
        self._resting: dict[int, datetime] = {}  # until when feeds are left alone that could not even be failed

    async def run(self) -> None:
        """Look until cancelled. A fault is logged and the next look tries again."""
        await self._client.wait_until_ready()
        async with asyncio.TaskGroup() as polling:
            while True:
                returns = self._presence.returns
                await guarded(self._start(polling), "looking for feeds that are due")
                await self._presence.pause(LOOK_SECONDS, returns)

    async def tick(self) -> None:
        """Poll everything that is due now, and wait for it."""
        async with asyncio.TaskGroup() as polling:
            await self._start(polling)

    async def _start(self, polling: asyncio.TaskGroup) -> None:
        hosts: defaultdict[str, list[Feed]] = defaultdict(list)
        self._resting = {feed_id: until for feed_id, until in self._resting.items() if until > self._now()}
        for feed in await self._feeds.due():
            if feed.id in self._resting or not self._ownership.owns(feed.guild):
                continue
            hosts[host_of(feed.url)].append(feed)
        for host, feeds in hosts.items():
            if host not in self._busy:
                self._busy.add(host)
                polling.create_task(self._poll_all(host, feeds), name="feeds")

    async def _poll_all(self, host: str, feeds: Sequence[Feed]) -> None:
        try:
            async with self._turns:
                for feed in filter(lambda one: self._ownership.owns(one.guild), feeds):  # it may have changed hands
                    returns = self._presence.returns
                    is_done = await guarded(self._poll(feed), f"feed {feed.id}")
                    was_there = self._presence.returns == returns and not self._presence.is_away
                    if was_there and not is_done:
                        self._resting[feed.id] = self._now() + POLL_EVERY
        finally:
            self._busy.discard(host)

    async def _poll(self, feed: Feed) -> None:
        polled = await self._feeds.poll(feed.id)
        if polled is not None and polled.channel_id is not None and await self._feeds.claim_fault(polled):
            await self._tell(polled, polled.channel_id)

    async def _tell(self, feed: Feed, channel_id: int) -> None:
        """Say that a feed is dead; where that may not have arrived, it is said after the next failure."""
        said = False
        try:
            said = await self._say(feed, channel_id)
        finally:
            if not said:
                await self._feeds.release_fault(feed)

    async def _say(self, feed: Feed, channel_id: int) -> bool:
        channel = self._client.get_partial_messageable(channel_id, guild_id=feed.guild)
        card = dead_card(feed)
        try:
            async with asyncio.timeout(POST_SECONDS):
                await channel.send(
                    view=card.view, allowed_mentions=discord.AllowedMentions.none(), nonce=f"feed-{feed.id}"
                )
        except discord.HTTPException as error:
            _log.warning("that feed %d is dead could not be said: HTTP %d", feed.id, error.status)
            return error.status < 500 and error.status not in (401, 429)  # never will be: /feed list shows it
        except Faults as error:
            _log.warning("that feed %d is dead could not be said: %s", feed.id, type(error).__name__)
            return False
        return True
