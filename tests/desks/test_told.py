"""Which articles are on the event of one, as of now: whatever the order in which they came, and for whom."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.desks import told
from bot.editions.stories import gather
from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from tests.events import reports
from tests.sizes import cases

HERE, ELSEWHERE = 7, 8
EVENTS = [
    *reports(0, 3, "2026-03-02"),
    *reports(1, 3, "2026-03-02"),
    *reports(1, 4, "2026-03-20")[3:],  # of the same people, weeks later
    *reports(2, 2, None),
    *reports(3, 1, "2026-03-03"),
]


@pytest.fixture
async def newsdesk(library_url: str) -> AsyncIterator[Newsdesk]:
    async with Newsdesk.open(library_url, bot=True) as opened:
        yield opened


async def add(newsdesk: Newsdesk, documents: Sequence[Document], library: int = HERE) -> None:
    for document in documents:
        await newsdesk.add(library, document)


async def story(newsdesk: Newsdesk, ref: str, library: int = HERE) -> list[str]:
    found = await newsdesk.story(library, await newsdesk.article(library, ref))
    return [article.ref for article in found.articles]


async def stories(newsdesk: Newsdesk, library: int = HERE) -> dict[str, frozenset[str]]:
    """By name of each article, the names of those in its story."""
    found = {}
    for article in await newsdesk.corpus.articles.visible(library):
        told_of = await newsdesk.story(library, article)
        found[article.title] = frozenset(other.title for other in told_of.articles)
    return found


async def test_an_article_joins_the_story_of_its_event(newsdesk: Newsdesk) -> None:
    first, second, third = reports(0, 3, "2026-03-02")
    await add(newsdesk, [first, *reports(1, 1, "2026-03-02")])
    assert await story(newsdesk, "1") == ["1"]
    await add(newsdesk, [second, third])
    for ref in ("1", "3", "4"):
        assert sorted(await story(newsdesk, ref)) == ["1", "3", "4"]
    assert await story(newsdesk, "2") == ["2"]


async def test_a_story_says_how_many_tell_it_and_what_they_share(newsdesk: Newsdesk) -> None:
    await add(newsdesk, reports(0, 2, "2026-03-02"))
    await add(newsdesk, [document for event in range(1, 8) for document in reports(event, 1, "2026-03-02")])
    found = await newsdesk.story(HERE, await newsdesk.article(HERE, "1"))
    assert found.sources in (1, 2)
    assert {"Erik Moe", "Hvaler"} <= set(found.shared)


async def test_reports_too_far_apart_are_two_stories(newsdesk: Newsdesk) -> None:
    first, second = reports(0, 2, "2026-03-02")[0], reports(0, 2, "2026-03-09")[1]
    await add(newsdesk, [first, second])
    assert await story(newsdesk, "1") == ["1"]


async def test_an_article_that_was_removed_is_in_no_story(newsdesk: Newsdesk) -> None:
    await add(newsdesk, reports(0, 2, "2026-03-02"))
    removed = await newsdesk.remove(HERE, "2")
    assert await story(newsdesk, "1") == ["1"]
    assert (await newsdesk.story(HERE, removed)).articles == (removed,)
    await newsdesk.restore(HERE, "2")
    assert sorted(await story(newsdesk, "1")) == ["1", "2"]


async def test_another_servers_articles_are_in_no_story_and_change_none(newsdesk: Newsdesk) -> None:
    mine, theirs = reports(0, 3, "2026-03-02")[:2], reports(0, 3, "2026-03-02")[2]
    await add(newsdesk, [*mine, *reports(1, 2, "2026-03-02")])
    before = await newsdesk.story(HERE, await newsdesk.article(HERE, "1"))
    await add(newsdesk, [theirs, *reports(5, 3, "2026-03-02")], ELSEWHERE)
    assert await newsdesk.story(HERE, await newsdesk.article(HERE, "1")) == before
    assert await story(newsdesk, "1", ELSEWHERE) == ["1"]


async def test_the_shared_library_is_told_with_ones_own_for_each_server(newsdesk: Newsdesk) -> None:
    first, second = reports(0, 2, "2026-03-02")
    await add(newsdesk, [first], SHARED)
    await add(newsdesk, [second], HERE)
    assert sorted(await story(newsdesk, "1")) == ["1", "S1"]
    assert sorted(await story(newsdesk, "S1")) == ["1", "S1"]
    assert await story(newsdesk, "S1", ELSEWHERE) == ["S1"]


@pytest.mark.many
async def test_a_story_is_linked_as_if_the_whole_library_were(newsdesk: Newsdesk) -> None:
    await add(newsdesk, [document for event in range(20) for document in reports(event, 1 + event % 4, "2026-03-02")])
    catalogue = await newsdesk.indexes.catalogue(HERE)
    articles = {article.id: article for article in await newsdesk.corpus.articles.visible(HERE)}
    placed = [one for one in map(catalogue.placed, articles) if one is not None]
    numbered = await newsdesk._told._numbered(catalogue, placed, articles)
    whole = sorted(numbered.values(), key=lambda one: one.bag.order)
    bags = [one.bag for one in whole]
    expected = {
        frozenset(articles[bags[place].article_id].title for place in places)
        for places in gather(bags, told._vectors(catalogue, whole))
    }
    assert set((await stories(newsdesk)).values()) == expected
    assert max(map(len, expected)) > 1


async def _found(blank_library: Path, documents: Sequence[Document]) -> dict[str, frozenset[str]]:
    """The stories of a new library to which these were added one by one."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{shutil.copy(blank_library, Path(folder) / 'newsdesk.db')}"
        async with Newsdesk.open(url, bot=True) as newsdesk:
            for document in documents:
                added = await newsdesk.add(HERE, document)
                await newsdesk.story(HERE, added.article)  # what is asked on the way must leave nothing behind
            return await stories(newsdesk)


@pytest.fixture(scope="module")
def in_order(blank_library: Path) -> dict[str, frozenset[str]]:
    return asyncio.run(_found(blank_library, EVENTS))


@settings(max_examples=cases(5, few=2), phases=[Phase.generate])
@given(order=st.permutations(EVENTS))
def test_the_order_of_a_day_makes_no_difference(
    blank_library: Path, in_order: dict[str, frozenset[str]], order: list[Document]
) -> None:
    assert asyncio.run(_found(blank_library, order)) == in_order


def test_what_is_in_a_story_is_in_the_same_story_seen_from_each_of_its_articles(
    in_order: dict[str, frozenset[str]],
) -> None:
    assert sorted(map(len, set(in_order.values()))) == [1, 1, 2, 3, 3]
    assert all(in_order[other] == together for together in in_order.values() for other in together)


async def test_a_library_on_one_event_alone_is_one_story(newsdesk: Newsdesk) -> None:
    await add(newsdesk, reports(0, 30, None))
    assert len(await story(newsdesk, "30")) == 30
    (only,) = await newsdesk.stories(HERE)
    assert len(only.articles) == 30


async def test_bags_in_memory_are_made_anew_for_another_index(newsdesk: Newsdesk) -> None:
    await add(newsdesk, reports(0, 2, "2026-03-02"))
    before = await story(newsdesk, "1")
    kept = {row: one.bag for row, one in newsdesk._told._kept.items()}
    assert await story(newsdesk, "1") == before
    assert all(newsdesk._told._kept[row].bag is bag for row, bag in kept.items())
    newsdesk.indexes._held.clear()  # the index is read anew: its terms may have other ids
    assert await story(newsdesk, "1") == before
    assert all(newsdesk._told._kept[row].bag is not bag for row, bag in kept.items())


async def test_only_so_many_bags_stay_in_memory(newsdesk: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "_MOST_KEPT", 3)
    await add(newsdesk, [document for event in range(6) for document in reports(event, 2, None)])
    assert len(await stories(newsdesk)) == 12
    assert len(newsdesk._told._kept) <= 3


async def test_bags_leave_memory_when_nobody_asks(newsdesk: Newsdesk) -> None:
    await add(newsdesk, reports(0, 2, "2026-03-02"))
    before = await story(newsdesk, "1")
    await newsdesk.tidy()
    assert newsdesk._told._kept
    await newsdesk.tidy()
    assert not newsdesk._told._kept
    assert await story(newsdesk, "1") == before
