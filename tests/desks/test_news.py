"""What is new in a library: topics, what was there before, rising terms, who added what; only what a server may see."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.dates import PartialDate
from bot.model import SHARED, Article, Contribution, Digest, Document
from bot.newsdesk import Newsdesk
from tests.clock import Clock
from tests.stored import store_many
from tests.timing import quickest

NEWSROOM, RIVAL = 101, 202  # two servers
WEEK = timedelta(days=7)
PLACES = [
    *("Bergen", "Oslo", "Narvik", "Molde", "Halden", "Moss", "Hamar", "Horten"),
    *("Larvik", "Skien", "Lom", "Bodo", "Vadso", "Alta", "Voss", "Floro"),
]


class Desk:
    """A library to add articles to, each so long ago."""

    def __init__(self, newsdesk: Newsdesk, clock: Clock) -> None:
        self.newsdesk, self.clock = newsdesk, clock
        self.start = clock.now

    async def add(
        self, text: str, *, ago: float = 0, into: int = NEWSROOM, by: int | None = None, **fields: Any
    ) -> Article:
        self.clock.now = self.start - timedelta(days=ago)
        document = Document("typed", fields.pop("title", text[:40]), text, **fields)
        added = await self.newsdesk.add(into, document, added_by=by)
        self.clock.now = self.start
        return added.article

    async def add_many(self, documents: Sequence[Document], *, ago: float, into: int = NEWSROOM) -> None:
        self.clock.now = self.start - timedelta(days=ago)
        await store_many(self.newsdesk, into, documents)
        self.clock.now = self.start

    async def digest(self, period: Any = "7 days", library: int = NEWSROOM, **more: Any) -> Digest:
        return await self.newsdesk.digest(library, period, **more)

    async def on(self, topic: str, **more: Any) -> set[str]:
        """The titles of the articles that a digest on ``topic`` tells of."""
        made = await self.digest(topic=topic, **more)
        told = {article.title for story in made.stories for article in story.articles}
        assert len(told) == made.article_count
        return told


@pytest.fixture
async def desk(library_url: str) -> AsyncIterator[Desk]:
    clock = Clock()
    async with Newsdesk.open(library_url, bot=True, now=clock, chance=random.Random(1)) as opened:
        yield Desk(opened, clock)


# Topics


@pytest.fixture
async def four(desk: Desk) -> Desk:
    await desk.add("The ferry to Bergen has a new captain.", title="Ferry", outlet="Posten")
    await desk.add("Peace talks on the ferry strike go on in Oslo.", title="Strike", outlet="Bladet")
    await desk.add("The talks on fishing rights ended in peace.", title="Fishing", outlet="Posten")
    await desk.add("The museum shows whaling photographs.", title="Museum", published=PartialDate(2026, 5, 2))
    await desk.add("A ferry of last year.", title="Old ferry", ago=20)
    return desk


@pytest.mark.parametrize(
    ("topic", "titles"),
    [
        ("ferry", {"Ferry", "Strike"}),
        ("FERRIES captain", {"Ferry", "Strike"}),  # any of the words, however written
        ('"peace talks"', {"Strike"}),
        ("peace talks", {"Strike", "Fishing"}),
        ("ferry -strike", {"Ferry"}),
        ('talks -"fishing rights"', {"Strike"}),
        ("source:posten", {"Ferry", "Fishing"}),
        ("-ferry", {"Fishing", "Museum"}),
        ("since:2026-05-01 until:2026-05-03", {"Museum"}),
        ("strike museum", {"Strike", "Museum"}),  # in the title, too
        ('"of the"', set()),
        ("zeppelin", set()),
        ("the of", set()),
        ("  ", {"Ferry", "Strike", "Fishing", "Museum"}),
    ],
)
async def test_a_topic_is_a_query_and_any_article_that_it_matches_is_told(
    four: Desk, topic: str, titles: set[str]
) -> None:
    assert await four.on(topic) == titles


async def test_a_topic_is_kept_as_it_was_typed(four: Desk) -> None:
    assert (await four.digest(topic=' "peace talks" ')).topic == '"peace talks"'
    assert (await four.digest(topic="zeppelin")).topic == "zeppelin"
    assert (await four.digest(topic=" ")).topic is None


async def test_a_quiet_topic_offers_what_the_archive_has_on_it(four: Desk) -> None:
    four.clock.now += timedelta(days=9)
    made = await four.digest(topic='"peace talks"')
    assert made.is_quiet
    assert made.archive is not None
    assert made.archive.article.title == "Strike"
    assert made.archive.line.of(made.archive.article.text) == "Peace talks on the ferry strike go on in Oslo."
    assert (await four.digest(topic="zeppelin")).archive is None
    assert (await four.digest(topic='"ferry talks"')).archive is None


async def test_a_quiet_period_offers_what_was_published_on_the_same_day_of_whoever_asks(desk: Desk) -> None:
    for day in (11, 12, 13):
        await desk.add(f"The ferry of day {day}.", ago=30, title=f"Day {day}", published=PartialDate(2024, 5, day))
    await desk.add_many([Document("typed", place, f"The bridge of {place}.") for place in PLACES], ago=30)
    days = {"UTC": 12, "Asia/Tokyo": 12, "America/New_York": 12, "Pacific/Honolulu": 11, "Pacific/Kiritimati": 12}
    for zone, day in days.items():
        began = desk.clock.now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0)
        made = await desk.digest("today", day_start=began)
        assert made.archive is not None
        told = made.archive.article.title, made.archive.why
        assert told == (f"Day {day}", "published on this day 2 years ago"), zone


# Before


async def _wire(desk: Desk) -> None:
    """What every server reads about, so that a likeness is more than a common word."""
    texts = [f"{place} plans {place}bridge and {place}school with {n} rooms." for n, place in enumerate(PLACES)]
    await desk.add_many([Document("typed", text[:40], text) for text in texts], ago=40, into=SHARED)


FIRE = "A fire destroyed the Nordlys ferry at its berth in Fredrikstad. Captain Erik Moe said the engine had exploded."
FIRE_LATER = "Captain Erik Moe faces trial over the fire that destroyed the Nordlys ferry at its berth in Fredrikstad."


async def test_a_story_goes_on_from_the_earlier_article_most_like_it_and_comes_behind_a_new_one(desk: Desk) -> None:
    await _wire(desk)
    first = await desk.add(FIRE, ago=30, title="Fire")
    await desk.add(FIRE_LATER, title="Trial")
    await desk.add("Beekeepers count swarms of bees in gardens on the island of Senja.", ago=1, title="Bees")
    made = await desk.digest()
    assert [story.lead.title for story in made.stories] == ["Bees", "Trial"]
    assert [story.earlier for story in made.stories] == [None, first]


async def test_an_article_of_the_same_period_is_nothing_earlier(desk: Desk) -> None:
    await _wire(desk)
    await desk.add(FIRE, ago=2, title="Fire", published=PartialDate(2026, 3, 1))
    await desk.add(FIRE_LATER, title="Trial", published=PartialDate(2026, 5, 11))
    made = await desk.digest()
    assert [story.earlier for story in made.stories] == [None, None]
    on_topic = await desk.digest(topic="trial")
    assert [story.earlier for story in on_topic.stories] == [None]


async def test_an_earlier_article_of_another_server_is_not_known(desk: Desk) -> None:
    await _wire(desk)
    await desk.add(FIRE, ago=30, title="Fire", into=RIVAL)
    await desk.add(FIRE_LATER, title="Trial")
    (story,) = (await desk.digest()).stories
    assert story.earlier is None


async def _rising_desk(desk: Desk, into: int = NEWSROOM) -> None:
    before, since = list[Document](), list[Document]()
    for number, place in enumerate(PLACES):
        before.append(Document("typed", place, f"{place} counts {number} boats. The harbour there is calm."))
        drones = f"There Ada Vale counts {number} drones over {place}." if number < 10 else ""
        since.append(Document("typed", place, f"{place} counts {number} cranes. The harbour is calm. {drones}"))
    await desk.add_many(before, ago=9, into=into)
    await desk.add_many(since, ago=2, into=into)


async def test_words_that_more_articles_use_than_before_rise_as_they_are_written(desk: Desk) -> None:
    await _rising_desk(desk)
    made = await desk.digest()
    assert [(one.word, one.articles, one.before) for one in made.rising] == [
        ("cranes", 16, 0),
        ("Ada Vale", 10, 0),
        ("drones", 10, 0),
    ]
    assert (await desk.digest("all")).rising == ()
    assert (await desk.digest("24 hours")).rising == ()


async def test_nothing_rises_where_there_is_too_little_to_compare_with(desk: Desk) -> None:
    for number, place in enumerate(PLACES):
        await desk.add(f"{place} counts {number} cranes.", ago=2)
        if number < 4:
            await desk.add(f"{place} counts {number} boats.", ago=9)
    assert (await desk.digest()).rising == ()


async def test_the_words_of_a_topic_do_not_rise_in_it(desk: Desk) -> None:
    await _rising_desk(desk)
    made = await desk.digest(topic="harbour cranes")
    assert [one.word for one in made.rising] == ["Ada Vale", "drones"]


async def test_copies_of_one_text_make_no_word_rise(desk: Desk) -> None:
    await _rising_desk(desk)
    text = "The observatory on Svalbard measured an aurora brighter than any since its telescopes were built."
    copies = [
        Document("typed", "Aurora", f"{text} {place}.", outlet=f"Outlet {n}") for n, place in enumerate(PLACES[:12])
    ]
    await desk.add_many(copies, ago=1)
    made = await desk.digest()
    assert not {"aurora", "Aurora", "observatory"} & {one.word for one in made.rising}
    assert "drones" in {one.word for one in made.rising}


async def test_what_another_server_had_before_does_not_change_what_rises(desk: Desk) -> None:
    await _rising_desk(desk)
    before = (await desk.digest()).rising
    texts = [f"Ada Vale saw drones and cranes in place {number}." for number in range(20)]
    await desk.add_many([Document("typed", text, text) for text in texts], ago=9, into=RIVAL)
    assert (await desk.digest()).rising == before
    assert (await desk.digest(library=RIVAL)).is_quiet


# Who and when


async def test_who_added_what_is_counted_by_person(desk: Desk) -> None:
    for by, into, count in ((7, NEWSROOM, 1), (8, NEWSROOM, 2), (None, NEWSROOM, 1), (None, SHARED, 3), (9, RIVAL, 1)):
        for number in range(count):
            await desk.add(f"Boat {by} {into} {number} sails.", by=by, into=into)
    assert (await desk.digest()).added == (
        Contribution(8, False, 2),
        Contribution(7, False, 1),
        Contribution(None, True, 3),
        Contribution(None, False, 1),
    )
    assert (await desk.digest(library=RIVAL)).added == (Contribution(9, False, 1), Contribution(None, True, 3))


async def test_a_week_from_two_outlets_has_its_days(desk: Desk) -> None:
    for number, (ago, outlet) in enumerate([(0, "Posten"), (2, "Bladet"), (2, "Posten"), (20, "Avisa")]):
        await desk.add(f"Boat {number} sails.", ago=ago, outlet=outlet)
    inflow = (await desk.digest()).inflow
    assert inflow is not None
    assert inflow.outlets == ("Posten", "Bladet")
    assert [label for label, _ in inflow.columns] == [f"{day} May" for day in range(5, 13)]
    assert (await desk.digest("24 hours")).inflow is None
    everything = (await desk.digest("all")).inflow
    assert everything is not None
    assert sum(everything.totals) == 4


async def test_articles_are_read_some_at_a_time_and_none_is_lost(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(23):
        await desk.add(f"Boat {number} sails to {PLACES[number % 7]}.", ago=number / 4, outlet=f"Outlet {number % 2}")
    whole = await desk.digest()
    monkeypatch.setattr("bot.desks.news._AT_ONCE", 5)
    assert await desk.digest() == whole
    assert (await desk.digest("all")).article_count == whole.article_count == 23


@pytest.mark.many
async def test_a_digest_of_a_busy_week_is_quick(desk: Desk) -> None:
    """Sixty articles of 300 words beside 160 earlier ones: a tenth of what may take a second and a half.

    What counts is the work, in seconds of the processor: others may be at work on the machine.
    """
    chance = random.Random(5)
    words = [f"{place.lower()}{ending}" for place in PLACES for ending in ("bridge", "school", "boat", "pier", "gull")]
    texts = (" ".join(" ".join(chance.choices(words, k=12)).capitalize() + "." for _ in range(25)) for _ in range(220))
    made = [Document("typed", f"Part {number}", text) for number, text in enumerate(texts)]
    for number in range(0, 160, 40):
        await desk.add_many(made[number : number + 40], ago=8 + number / 100)
    await desk.add_many(made[160:], ago=1)

    async def timed(_: int) -> float:
        begun = time.process_time()
        assert (await desk.digest()).article_count == 60
        return time.process_time() - begun

    assert await quickest(1.0, timed) < 1.0
