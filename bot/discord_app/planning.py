"""Planning: what has fallen due, and what is frozen to be posted for it.

schedules, clock -> **planning** -> rows of `bot.corpus.deliveries` -> delivery. Every date on which a schedule was due
gets its rows here: the cards to post, the reason why nothing is posted, or after a restore that it is to be looked for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final, NamedTuple

from bot.corpus import Clockwork, Delivery, DeliveryState, Quiet, Schedule
from bot.corpus.parts import in_batches
from bot.discord_app.cards import Card
from bot.discord_app.digest_cards import digest_cards
from bot.discord_app.times import Timetable, day_start
from bot.newsdesk import Newsdesk, as_period

_log = logging.getLogger(__name__)

CATCH_UP: Final = timedelta(hours=6)
"""A digest that is later than this is skipped, with the reason."""
TOO_LATE: Final = "the bot was not running when it was due, nor in the six hours after"
NOTHING_NEW: Final = "nothing was added, and this schedule stays silent then"

_AT_ONCE: Final = 250
"""Schedules that are looked at without letting anybody else have a turn: some ten milliseconds."""
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)

SINCE_LAST: Final = "since the last digest"
"""A schedule's period that leaves nothing out, also when a digest was skipped."""


def timetable(schedule: Schedule) -> Timetable:
    """When a schedule is due."""
    return Timetable(time.fromisoformat(schedule.at), schedule.zone, schedule.days)


class Rendered:
    """What schedules would post at about this moment, frozen: made once for all that ask for the same of a library.

    For one round of planning. A digest of a hundred thousand passages takes half a second of the processor, and many
    are due at the same minute. What a library has changed since is made anew.
    """

    def __init__(self, newsdesk: Newsdesk) -> None:
        self._newsdesk = newsdesk
        self._made: dict[object, tuple[object, list[str]]] = {}

    async def of(self, schedule: Schedule, now: datetime) -> list[str]:
        """The cards of ``schedule``, as `Card.freeze` made them; none where it would stay silent."""
        state = await self._newsdesk.corpus.changes.state(schedule.guild)
        since, begun = await _last_told(self._newsdesk, schedule, now), day_start(schedule.zone, now)
        asked = (schedule.guild, schedule.period, schedule.topic, schedule.quiet, begun, since)
        made = self._made.get(asked)
        if made is None or made[0] != state:
            cards = await render(self._newsdesk, schedule, now)
            made = self._made[asked] = (state, [card.freeze() for card in cards])
        return made[1]


class _Settled(NamedTuple):
    """There is nothing to plan for a schedule before ``until``, as long as it falls due at the same times."""

    times: int
    until: datetime


class Planner:
    """Plans poll after poll, and remembers what is settled: a poll of ten thousand schedules reads one short list.

    Of each schedule it keeps when to look at it again, and no more. Those of servers that are another process's are
    left to that.
    """

    def __init__(self, newsdesk: Newsdesk) -> None:
        self._newsdesk = newsdesk
        self._schedules = newsdesk.corpus.schedules
        self._deliveries = newsdesk.corpus.deliveries
        self._ownership = newsdesk.ownership
        self._settled: dict[int, _Settled] = {}
        self._times: dict[int, int] = {}  # of those that are not settled, as they were last read
        self._version = self._ownership.version
        self._read_at = _LONG_AGO

    async def unsettled(self) -> AsyncIterator[Schedule]:
        """The schedules to `plan`: those of which a date has come since the last time, or that have changed.

        Whoever has planned one says so to `settle`: else it comes again.
        """
        now = self._newsdesk.now()
        if now < self._read_at:
            self.forget()
        if self._version != self._ownership.version:  # servers may have become this process's
            self._settled = {id_: one for id_, one in self._settled.items() if one.until is not _NEVER}
        self._version, self._read_at = self._ownership.version, now
        live = await self._schedules.live()
        self._times = self._sift(live, now)
        for some in in_batches(self._times, _AT_ONCE):
            for schedule in await self._with_something_owed(some, now):
                yield schedule

    def settle(self, schedule: Schedule) -> None:
        """All of a schedule is planned that was due when it was read."""
        self._settle(schedule.id, timetable(schedule).next_due(self._read_at))

    def forget(self) -> None:
        """Look at every schedule again: dates have lost their rows, or the clock was set back."""
        self._settled.clear()

    def _sift(self, live: Sequence[Clockwork], now: datetime) -> dict[int, int]:
        """Keep what is known of those that are settled; the others, which are this process's to see to."""
        known, self._settled = self._settled, {}
        unsettled, foreign = dict[int, int](), dict[int, _Settled]()
        for one in live:
            held, times = known.get(one.id), hash(one.when)
            if held is not None and held.times == times and now < held.until:
                self._settled[one.id] = held
            elif self._ownership.owns(one.guild):
                unsettled[one.id] = times
            else:
                foreign[one.id] = _Settled(times, _NEVER)
        if self._ownership.is_current:  # else nothing is known of whose they are
            self._settled |= foreign
        return unsettled

    async def _with_something_owed(self, ids: Sequence[int], now: datetime) -> list[Schedule]:
        """Those of which the latest date may lack its rows; the others are settled."""
        found = await self._schedules.get(ids)
        latest = {one.id: timetable(one).latest_due(now) for one in found.values() if one.is_live}
        dates = {id_: day for id_, (day, due) in latest.items() if due >= found[id_].since}
        owed = dates.keys() - await self._deliveries.planned(dates)
        for id_ in latest.keys() - owed:
            self._settle(id_, timetable(found[id_]).next_due(now))
        return [found[id_] for id_ in sorted(owed)]

    def _settle(self, id_: int, until: datetime) -> None:
        self._settled[id_] = _Settled(self._times[id_], until)


async def plan(newsdesk: Newsdesk, schedule: Schedule, rendered: Rendered | None = None) -> None:
    """Give every date on which ``schedule`` fell due, and that has no rows yet, its rows.

    ``rendered`` is of this round.
    """
    now, deliveries, table = newsdesk.now(), newsdesk.corpus.deliveries, timetable(schedule)
    latest, _ = table.latest_due(now)
    last = await deliveries.last(schedule.id, until=latest)
    dues = table.dues(last.local_date if last else None, schedule.since, now)
    doubt, in_time = await deliveries.in_doubt_until() or _LONG_AGO, now - CATCH_UP
    doubtful = [(day, due) for day, due in dues if due <= doubt]
    late = [day for day, due in dues if doubt < due < in_time]
    wanted = [day for day, due in dues if due > doubt and due >= in_time]
    # In the order of the dates: what is left out when this is broken off is what comes after the last one with rows.
    for day, due in doubtful:
        await deliveries.look_for(schedule.id, day, channel_id=schedule.channel_id, due=due)
    await deliveries.skip(schedule.id, late, TOO_LATE, channel_id=schedule.channel_id, now=now)
    for day in late:
        _log.warning("digest of schedule %d for %s skipped: %s", schedule.id, day, TOO_LATE)
    for day in wanted:
        if frozen := await (rendered or Rendered(newsdesk)).of(schedule, now):
            await deliveries.plan(schedule.id, day, frozen, channel_id=schedule.channel_id, now=now)
        else:
            await deliveries.skip(schedule.id, [day], NOTHING_NEW, channel_id=schedule.channel_id, now=now)
            _log.info("digest of schedule %d for %s skipped: %s", schedule.id, day, NOTHING_NEW)


async def plan_lost(newsdesk: Newsdesk, schedule: Schedule, lost: Delivery) -> bool:
    """Freeze the digest in the place of one that surely was not posted; False where there is nothing to tell."""
    now = newsdesk.now()
    cards = await render(newsdesk, schedule, now)
    if cards:
        await newsdesk.corpus.deliveries.plan_lost(lost, [card.freeze() for card in cards], now=now)
    return bool(cards)


async def render(newsdesk: Newsdesk, schedule: Schedule, now: datetime) -> list[Card]:
    """The digest that ``schedule`` would post now, a card a message; none where it would stay silent."""
    digest = await newsdesk.digest(
        schedule.guild,
        as_period(schedule.period),
        topic=schedule.topic,
        day_start=day_start(schedule.zone, now),
        since=await _last_told(newsdesk, schedule, now),
    )
    if digest.is_quiet and schedule.quiet is Quiet.STAY_SILENT:
        return []
    return await asyncio.to_thread(digest_cards, digest, archive=schedule.quiet is Quiet.FROM_THE_ARCHIVE)


async def _last_told(newsdesk: Newsdesk, schedule: Schedule, now: datetime) -> datetime | None:
    """When the last digest that was posted was made; before the first one, the due time before the latest.

    None for a schedule whose period does not begin there.
    """
    if schedule.period != SINCE_LAST:
        return None
    sent = await newsdesk.corpus.deliveries.recent(schedule.id, [DeliveryState.SENT], 1)
    if sent and sent[0].planned_at < now:
        return sent[0].planned_at
    table = timetable(schedule)
    _, due = table.latest_due(now)
    return table.latest_due(due - timedelta(seconds=1))[1]


def stamped(card: Card, schedule: Schedule, reference: str = "") -> Card:
    """The card with its last line: whose it is, and the ``reference`` by which it is found in the channel."""
    return card.text(" · ".join(filter(None, [f"-# Posted by schedule {schedule.number}", reference])))
