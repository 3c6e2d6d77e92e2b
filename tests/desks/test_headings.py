"""Headings in memory: what a person may pick as they type, the same as the database says after every change."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.dates import PartialDate
from bot.desks import headings
from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from tests.sizes import cases

HERE, ELSEWHERE = 7, 8


@pytest.fixture
async def desk(library_url: str) -> AsyncIterator[Newsdesk]:
    async with Newsdesk.open(library_url, bot=True) as opened:
        yield opened


def document(title: str, *, outlet: str | None = None, year: int = 2025, text: str = "") -> Document:
    return Document("a.txt", title, text or f"{title} {outlet} {year}.", outlet=outlet, published=PartialDate(year))


async def found(desk: Newsdesk, typed: str, *, own: bool = False) -> list[str]:
    return [heading.title for heading in await desk.find_headings(HERE, typed, own=own)]


async def test_an_article_is_found_by_any_words_of_its_title_and_outlet(desk: Newsdesk) -> None:
    await desk.add(HERE, document("The ferry sails all winter", outlet="Harbour Gazette"))
    await desk.add(SHARED, document("Market to close", outlet="Evening Post"))
    for typed in ("winter", "sails ferry", "gazette FERRY", "harb wint", "  all ", "inte"):
        assert await found(desk, typed) == ["The ferry sails all winter"], typed
    assert await found(desk, "market winter") == []
    assert await found(desk, "Ferry") == await found(desk, "fërry")


async def test_what_begins_so_comes_first_and_the_newest_first_among_each(desk: Newsdesk) -> None:
    for title, year in (
        ("Report on ports", 2021),
        ("Airport closed", 2025),
        ("Port strike ends", 2022),
        ("Port strike begins", 2023),
        ("The old port", 2024),
    ):
        await desk.add(HERE, document(title, year=year))
    expected = ["Port strike begins", "Port strike ends", "The old port", "Report on ports", "Airport closed"]
    assert await found(desk, "port") == expected


async def test_an_id_finds_its_article_first(desk: Newsdesk) -> None:
    for number in range(1, 13):
        await desk.add(HERE, document(f"Report {number % 3} of 12", year=2000 + number))
    await desk.add(SHARED, document("Shared"))
    assert [one.ref for one in await desk.find_headings(HERE, "#2", 1)] == ["2"]
    assert [one.ref for one in await desk.find_headings(HERE, "s1", 1)] == ["S1"]


async def test_nothing_typed_offers_the_newest(desk: Newsdesk) -> None:
    for year in (2020, 2024, 2022):
        await desk.add(HERE if year % 4 else SHARED, document(f"Of {year}", year=year))
    assert await found(desk, "") == ["Of 2024", "Of 2022", "Of 2020"]
    assert await found(desk, " ", own=True) == ["Of 2022"]
    assert [one.title for one in await desk.find_headings(HERE, "of", 1)] == ["Of 2024"]


@pytest.mark.parametrize("typed", ["\n", "\x00", "🎉", "(", "a" * 5_000, "the " * 1_000, "“", "#", "S", "-1"])
async def test_whatever_is_typed_is_answered(desk: Newsdesk, typed: str) -> None:
    await desk.add(HERE, document("The ferry"))
    assert await found(desk, typed) in ([], ["The ferry"])


async def test_a_title_of_marks_alone_is_found_by_them(desk: Newsdesk) -> None:
    await desk.add(HERE, document("🎉 🎉"))
    assert await found(desk, "🎉") == ["🎉 🎉"]


@pytest.mark.many
@pytest.mark.parametrize("many", [500, 3])
async def test_after_any_changes_it_says_what_the_database_says(
    desk: Newsdesk, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(headings, "MANY", many)  # 3: most changes are sorted in beside
    dice = random.Random(5)
    for turn in range(cases(25, few=8)):
        for _ in range(dice.randint(1, 10)):
            library = dice.choice([HERE, HERE, SHARED, ELSEWHERE])
            text = f"Text {dice.randint(0, 99)}."
            if dice.random() < 0.7:
                await desk.add(library, document(f"Title {turn}", year=dice.randint(2019, 2025), text=text))
            else:
                act = dice.choice([desk.corpus.articles.remove, desk.corpus.articles.restore])
                await act(library, dice.randint(1, 9), by=None, now=datetime.now(UTC))
        for reader in (HERE, SHARED):
            visible = [(one.library, one.number, one.title) for one in await desk.corpus.articles.visible(reader)]
            assert [(one.library, one.number, one.title) for one in await desk.headings(reader)] == visible
            offered = await desk.find_headings(reader, "title", 1_000)
            assert [(one.library, one.number, one.title) for one in offered] == visible


async def test_a_database_that_was_put_back_is_read_anew(desk: Newsdesk, tmp_path: Path) -> None:
    shelves = desk._headings
    await desk.add(HERE, document("Kept"))
    await desk.headings(HERE)
    shelves._shelves[HERE].state = (99, 1)  # as if the file had been of a longer history
    assert await found(desk, "kept") == ["Kept"]
    shelves._shelves[HERE].state = (1, 1)
    assert await found(desk, "kept") == ["Kept"]
    assert len(await desk.headings(HERE)) == 1


async def test_what_nobody_asks_for_leaves_memory(desk: Newsdesk) -> None:
    await desk.add(HERE, document("Kept"))
    await desk.headings(HERE)
    await desk.tidy()
    assert HERE in desk._headings._shelves
    await desk.tidy()
    assert not desk._headings._shelves
    assert not desk._headings._turns
