"""Which articles are near to one, by what the index holds alone: by day, by likeness, over both shelves."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from bot.dates import PartialDate
from bot.search.catalogue import Catalogue
from tests.search.test_catalogue import Library

FERRY = ["ferry", "rocks", "hvaler", "captain"]
DAY = date(2026, 5, 4), date(2026, 5, 12)


def near(catalogue: Catalogue, row: int, *, limit: int = 10, least: float = 0.0, day: bool = False) -> set[int]:
    placed = catalogue.placed(row)
    assert placed is not None
    asked = dict.fromkeys(FERRY, 1.0)
    return {one.article_id for one in catalogue.near(placed, asked, DAY if day else None, limit, least=least)}


@pytest.fixture
def library() -> Library:
    made = Library()
    made.fill()
    return made


def test_what_shares_a_term_is_near_the_article_itself_among_it(library: Library) -> None:
    first, second = library.add(FERRY), library.add([*FERRY, "engine"])
    other = library.add(["museum", "glass"])
    assert near(library.alone(), first) == {first, second}
    assert other not in near(library.alone(), second)


def test_days_leave_out_what_is_of_another_day_for_certain(library: Library) -> None:
    first = library.add(FERRY, published=PartialDate(2026, 5, 8))
    edge = library.add(FERRY, published=PartialDate(2026, 5, 12))
    later = library.add(FERRY, published=PartialDate(2026, 5, 13))
    month, undated = library.add(FERRY, published=PartialDate(2026, 5)), library.add(FERRY, published=None)
    assert near(library.alone(), first, day=True) == {first, edge, month, undated}
    assert later in near(library.alone(), first)


def test_what_is_hardly_alike_is_left_out(library: Library) -> None:
    first, far = library.add(FERRY), library.add(["ferry", *(f"else{n}" for n in range(40))])
    assert near(library.alone(), first) == {first, far}
    assert near(library.alone(), first, least=0.2) == {first}


def test_all_that_are_as_near_as_the_last_are_there(library: Library) -> None:
    rows = {library.add(FERRY) for _ in range(5)}
    assert near(library.alone(), min(rows), limit=2) == rows


def test_what_was_removed_is_neither_near_nor_placed(library: Library) -> None:
    first, second = library.add(FERRY), library.add(FERRY)
    library.remove(second)
    assert near(library.alone(), first) == {first}
    assert library.alone().placed(second) is None


def test_both_shelves_are_looked_through_and_counted_as_one(library: Library) -> None:
    shared = Library(first=1_000)
    shared.fill()
    own, other = library.add(["only", *FERRY]), shared.add([*FERRY, "rocks"])
    catalogue = library.beside(shared)
    assert near(catalogue, own) == {own, other}
    placed = [catalogue.placed(row) for row in (own, other)]
    assert [one.shelf for one in placed if one] == [0, 1]
    for shelf in (0, 1):
        ids = catalogue.numbered(shelf, ["ferry", "rocks", "unheard"])
        assert ids[2] == -1
        numbers, frequencies = catalogue.counted(shelf, ids)
        assert frequencies.tolist() == [2, 2, 0]
        assert numbers[:2].tolist() == catalogue.counted(0, catalogue.numbered(0, ["ferry", "rocks"]))[0].tolist()
    assert catalogue.article_frequency("ferry") == 2
    assert catalogue.size == 2 + 2 * 8 - 8  # a text that stands on both shelves is one


def test_likeness_is_the_cosine_of_damped_counts_and_idf(library: Library) -> None:
    first, second = library.add(["a1", "a1", "b1"]), library.add(["a1", "c1"])
    catalogue = library.alone()
    one, other = catalogue.placed(first), catalogue.placed(second)
    assert one is not None
    assert other is not None
    both, alone = np.log1p(10 / 2), np.log1p(10 / 1)
    a, b = (1 + np.log(2)) * both, alone
    expected = a * both / np.hypot(a, b) / np.hypot(both, alone)
    index = catalogue._articles
    assert index.alike(one.number, np.array([one.number, other.number])) == pytest.approx([1, expected])
