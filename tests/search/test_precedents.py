"""Precedents: the earlier article most like a new one, where one is alike at all."""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from bot.language.tokens import terms
from bot.search.catalogue import Catalogue, combined
from bot.search.joint import Link
from bot.search.shelf import Shelf
from tests.quality.test_stories import DATA, DIGEST
from tests.search.shelves import Writer

FIRE = ["fire", "ferry", "berth", "captain", "engine", "exploded"]
TRIAL = ["trial", "captain", "fire", "ferry", "berth", "court"]
BEES = ["bees", "swarm", "garden", "island", "honey"]
OTHERS = [[f"word{n}", f"more{n}", "captain"] for n in range(12)]


def _shelf(*articles: list[str], first: int = 0) -> Shelf:
    writer = Writer()
    writer.articles = first
    return Shelf.empty().after(writer.added(*([article] for article in articles)))


def test_the_nearest_of_the_others_is_found() -> None:
    catalogue = Catalogue([_shelf(FIRE, *OTHERS, TRIAL, BEES)])
    assert catalogue.precedents([14, 15], [14, 15]) == {14: 1}
    assert catalogue.precedents([14], [1, 14]) == {}
    assert catalogue.precedents([], []) == {}
    assert catalogue.precedents([99], []) == {}


def test_an_article_is_no_precedent_of_itself_only_when_it_is_left_out() -> None:
    catalogue = Catalogue([_shelf(FIRE, FIRE, *OTHERS)])
    assert catalogue.precedents([2], [2]) == {2: 1}
    assert catalogue.precedents([1, 2], [1, 2]) == {}


def test_a_precedent_is_found_in_the_smallest_library() -> None:
    assert Catalogue([_shelf(FIRE, FIRE)]).precedents([2], [2]) == {2: 1}


def test_a_removed_article_is_no_precedent() -> None:
    shelf = _shelf(FIRE, *OTHERS, TRIAL).without(np.array([1]))
    assert Catalogue([shelf]).precedents([14], [14]) == {}


@pytest.mark.parametrize("swapped", [False, True])
def test_the_shared_library_is_searched_too(swapped: bool) -> None:
    parts = [_shelf(TRIAL, BEES, first=100), _shelf(*OTHERS, FIRE)]
    own, shared = parts[::-1] if swapped else parts
    catalogue = combined(own, shared, Link(own.vocabulary, shared.vocabulary))
    assert catalogue.precedents([101, 102], [101, 102]) == {101: 13}


def test_terms_are_counted_by_article_and_named_again() -> None:
    own, shared = _shelf(TRIAL, BEES, first=100), _shelf(*OTHERS, FIRE)
    catalogue = combined(own, shared, Link(own.vocabulary, shared.vocabulary))
    uses = catalogue.uses([101, 102, 13, 1])
    found = np.flatnonzero(uses)
    named = dict(zip(catalogue.named(found), uses[found].tolist(), strict=True))
    assert named == dict(Counter([*TRIAL, *BEES, *OTHERS[0], *FIRE]))
    assert catalogue.holding("captain", [101, 102, 13, 99]) == [13, 101]
    assert catalogue.holding("zeppelin", [101]) == []


def test_terms_that_came_late_are_named_too() -> None:
    writer = Writer()
    shelf = Shelf.empty().after(writer.added([FIRE])).after(writer.added([BEES]))
    catalogue = Catalogue([shelf])
    assert sorted(catalogue.named(np.flatnonzero(catalogue.uses([2])))) == sorted(BEES)


def _shares(found: Callable[[list[int], list[int]], dict[int, int]], events: list[str]) -> tuple[float, float]:
    """Of the articles whose event is among the earlier ones and of the others, the share that has a precedent."""
    chance = random.Random(1)
    hits: list[tuple[bool, bool]] = []
    for _ in range(5):
        numbers = list(range(len(events)))
        chance.shuffle(numbers)
        now = numbers[: len(numbers) // 3]
        kinds = sorted(set(events))
        gone = set(chance.sample(kinds, len(kinds) // 2))
        besides = [*now, *(n for n in numbers if events[n] in gone)]
        known = {events[n] for n in numbers if n not in set(besides)}
        precedents = found([n + 1 for n in now], [n + 1 for n in besides])
        hits += [(events[n] in known, n + 1 in precedents) for n in now]
    told, new = [got for has, got in hits if has], [got for has, got in hits if not has]
    return sum(told) / len(told), sum(new) / len(new)


@pytest.mark.many
def test_most_events_that_were_told_before_are_known_and_few_new_ones() -> None:
    """ECB+, whose topics come in twos that are much alike: a third of the articles against half of the events."""
    if not DATA.is_file():
        pytest.skip("the ECB+ texts (../shared/data) are not on this machine")
    data = DATA.read_bytes()
    assert hashlib.sha256(data).hexdigest() == DIGEST, "other data: measure again before comparing with the floors"
    rows = [json.loads(line) for line in data.decode("utf-8").splitlines()]
    catalogue = Catalogue([_shelf(*(terms(row["text"]) for row in rows))])
    told, new = _shares(catalogue.precedents, [row["event"] for row in rows])
    print(f"precedents: {told:.3f} of the articles whose event was there, {new:.3f} of the others")  # noqa: T201
    assert told >= 0.75
    assert new <= 0.10
