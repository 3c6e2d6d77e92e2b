"""Digests under the doctor's eyes: schedules that post nothing, deliveries that did not end well."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.corpus import Corpus, DeliveryState, Schedule
from bot.doctor import Finding
from bot.doctor.digests import RECENT, STUCK, channels
from tests.doctor.patient import SERVER, execute, findings

NOW = datetime(2026, 5, 12, 8, 30, tzinfo=UTC)
TODAY = date(2026, 5, 12)
CHANNEL = 77


@pytest.fixture
async def corpus(url: str) -> AsyncIterator[Corpus]:
    async with Corpus.open(url, bot=True) as opened:
        yield opened


async def schedule(corpus: Corpus, zone: str = "Europe/Lisbon", channel: int = CHANNEL) -> Schedule:
    return await corpus.schedules.add(
        SERVER, channel_id=channel, at="07:30", zone=zone, period="24 hours", created_by=None, now=NOW
    )


async def deliver(
    corpus: Corpus, of: Schedule, state: DeliveryState, *, day: date = TODAY, at: datetime = NOW, reason: str = ""
) -> None:
    (planned,) = await corpus.deliveries.plan(of.id, day, ["{}"], channel_id=CHANNEL, now=at)
    assert await corpus.deliveries.claim(planned.id, now=at)
    if state is not DeliveryState.SENDING:
        await corpus.deliveries.mark(planned.id, state, now=at, reason=reason or None)


def found(url: str, about: str) -> list[Finding]:
    return [one for one in findings(url, NOW) if one.about == about]


def only(url: str, about: str) -> tuple[str, str]:
    (finding,) = found(url, about)
    return finding.state, finding.said


@pytest.fixture
async def sound(corpus: Corpus) -> list[Schedule]:
    """Three schedules, of which one is paused."""
    made = [await schedule(corpus) for _ in range(3)]
    await corpus.schedules.pause(SERVER, 3, by=None, now=NOW)
    return made


def test_schedules_that_post_are_counted(sound: list[Schedule], url: str) -> None:
    assert only(url, "schedules") == ("ok", "2 post digests, 1 are paused.")
    assert only(url, "deliveries")[0] == "ok"


@pytest.fixture
async def closed(corpus: Corpus, sound: list[Schedule]) -> None:
    await corpus.schedules.disable(sound[1].id, "the channel no longer exists", now=NOW)


def test_a_schedule_whose_channel_was_closed_is_a_warning(closed: None, url: str) -> None:
    state, said = only(url, "schedules")
    assert state == "warning"
    assert said.startswith("schedule 2 of server 42 posts nothing, since the channel no longer exists:")


def test_a_schedule_in_an_unknown_zone_is_a_warning(sound: list[Schedule], url: str, path: Path) -> None:
    execute(path, "UPDATE schedule SET zone = 'Europe/Atlantis' WHERE number = 1")
    execute(path, "UPDATE schedule SET zone = '/etc/passwd' WHERE number = 2")
    warned = found(url, "schedules")
    assert [one.state for one in warned] == ["warning"] * 2
    assert warned[0].said.startswith("schedule 1 of server 42 is in a zone that is not known here (Europe/Atlantis)")


def test_schedules_that_make_no_sense_do_not_end_the_round(sound: list[Schedule], url: str, path: Path) -> None:
    execute(path, "UPDATE schedule SET quiet = 'loudly'")
    assert only(url, "schedules")[0] == "fault"
    assert only(url, "deliveries")[0] == "ok"


@pytest.fixture
async def troubled(corpus: Corpus, sound: list[Schedule]) -> None:
    for days in (3, 1):
        day = TODAY - timedelta(days=days)
        await deliver(corpus, sound[0], DeliveryState.FAILED, day=day, reason=f"HTTP 40{days}")
    await deliver(corpus, sound[0], DeliveryState.UNCERTAIN)
    await deliver(corpus, sound[1], DeliveryState.SENT)
    await deliver(corpus, sound[1], DeliveryState.FAILED, day=(NOW - RECENT).date() - timedelta(days=1))


def test_deliveries_that_did_not_end_well_are_warnings_by_schedule(troubled: None, url: str) -> None:
    failed, uncertain = found(url, "deliveries")
    assert (failed.state, uncertain.state) == ("warning", "warning")
    assert failed.said.startswith("of schedule 1 of server 42, 2 failed, the last of 2026-05-11 (HTTP 401): /schedule")
    assert uncertain.said.startswith("of schedule 1 of server 42, 1 uncertain, the last of 2026-05-12: look into")


@pytest.fixture
async def stuck(corpus: Corpus, sound: list[Schedule]) -> None:
    await deliver(corpus, sound[0], DeliveryState.SENDING, at=NOW - STUCK)
    await deliver(corpus, sound[1], DeliveryState.SENDING, at=NOW - STUCK - timedelta(seconds=1))


def test_what_has_been_under_way_for_long_is_a_warning(stuck: None, url: str) -> None:
    state, said = only(url, "deliveries")
    assert state == "warning"
    assert said.startswith("of schedule 2 of server 42, 1 sending, the last of 2026-05-12: a running bot finds out")


def test_what_rests_in_a_server_that_the_bot_has_left_is_no_trouble(
    troubled: None, closed: None, url: str, path: Path
) -> None:
    left = "2026-05-12T08:00:00.000000+00:00"
    execute(path, "INSERT INTO library (id, next_number, revision, left_at) VALUES (?, 1, 0, ?)", SERVER, left)
    assert only(url, "schedules") == ("ok", "0 post digests, 0 are paused.")
    assert only(url, "deliveries")[0] == "ok"


async def test_the_channels_to_look_at_are_those_of_schedules_that_post(corpus: Corpus) -> None:
    made = [await schedule(corpus, channel=channel) for channel in (1, 2, 2, 3, 4)]
    await corpus.schedules.pause(SERVER, 1, by=None, now=NOW)
    await corpus.schedules.disable(made[4].id, "it is gone", now=NOW)
    schedules = await corpus.schedules.all()
    assert channels(schedules) == {2: "schedule 3 of server 42", 3: "schedule 4 of server 42"}
