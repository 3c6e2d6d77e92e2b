"""Rising terms: what more articles use than before, by Dunning's log-likelihood ratio."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.editions.rising import CANDIDATES, LEAST_G2, g2, likeliest, spelled


def _g2(now: int, articles: int, before: int, articles_before: int) -> float:
    return float(g2(np.array([now]), articles, np.array([before]), articles_before)[0])


def _log_likelihood(table: tuple[int, int, int, int]) -> float:
    """Dunning's 2 (log L(p1) + log L(p2) - 2 log L(p)), from the binomial likelihoods themselves."""
    k1, n1, k2, n2 = table

    def log_l(k: int, n: int, p: float) -> float:
        return (k * math.log(p) if k else 0.0) + ((n - k) * math.log(1 - p) if n - k else 0.0)

    p = (k1 + k2) / (n1 + n2)
    return 2 * (log_l(k1, n1, k1 / n1) + log_l(k2, n2, k2 / n2) - log_l(k1, n1, p) - log_l(k2, n2, p))


@st.composite
def _tables(draw: st.DrawFn) -> tuple[int, int, int, int]:
    n1, n2 = draw(st.integers(5, 400)), draw(st.integers(5, 400))
    return draw(st.integers(3, n1)), n1, draw(st.integers(0, n2)), n2


@given(_tables())
def test_the_ratio_is_that_of_the_likelihoods(table: tuple[int, int, int, int]) -> None:
    now, articles, before, articles_before = table
    expected = _log_likelihood(table) if now * articles_before > before * articles else 0.0
    assert _g2(*table) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("table", "rises"),
    [
        ((8, 20, 0, 20), True),
        ((20, 20, 20, 20), False),  # as common as before
        ((0, 20, 8, 20), False),  # it falls
        ((8, 80, 2, 20), False),  # more articles, the same share of them
        ((2, 5, 0, 400), False),  # two are a chance
        ((4, 4, 0, 20), False),  # too few articles to say
        ((5, 5, 0, 4), False),  # too few to compare with
        ((5, 5, 0, 5), True),
    ],
)
def test_what_rises(table: tuple[int, int, int, int], rises: bool) -> None:
    assert (_g2(*table) >= LEAST_G2) is rises


def test_of_many_the_most_surprising_are_taken_and_those_that_are_equal_to_the_last() -> None:
    surprise = np.array([20.0] * 3 + [15.0] * CANDIDATES + [12.0, 5.0])
    assert likeliest(surprise).tolist() == list(range(3 + CANDIDATES))
    assert likeliest(np.array([5.0, 30.0])).tolist() == [1]


@dataclass(frozen=True)
class Spelled:
    ranked: list[str]
    texts: list[str]
    words: dict[str, str]


SPELLED = {
    "as written most often": Spelled(
        ["drone"], ["Drones came. Two drones fell; the drones burned, one drone did not."], {"drone": "drones"}
    ),
    "a name keeps its capitals": Spelled(["nato"], ["Then NATO met. So NATO said."], {"nato": "NATO"}),
    "without a possessive": Spelled(["quill"], ["In Quill’s view, Quill's view."], {"quill": "Quill"}),
    "first and last name are one": Spelled(
        ["vale", "ada"], ["So Ada Vale came. Vale spoke. Vale left.", "Ada Vale is back."], {"vale": "Ada Vale"}
    ),
    "two names that met once are two": Spelled(
        ["vale", "moe"],
        ["Vale spoke. Moe left. Vale wrote. Moe came, Vale sang. And Vale Moe."],
        {"vale": "Vale", "moe": "Moe"},
    ),
    "what stands in no text is left out": Spelled(["drone", "ferri"], ["The ferry."], {"ferri": "ferry"}),
    "ties by alphabet": Spelled(["sail"], ["It sails. They sail."], {"sail": "sail"}),
}


@pytest.mark.parametrize("case", SPELLED)
def test_terms_are_shown_as_the_texts_write_them(case: str) -> None:
    given_ = SPELLED[case]
    found = spelled(given_.ranked, given_.texts)
    assert found == given_.words
    assert list(found) == list(given_.words)


@given(st.permutations(["Ada Vale came.", "Vale spoke and Ada sang.", "ada", "The Vale of ADA.", "Moe Ada"]))
def test_the_order_of_the_texts_makes_no_difference(texts: list[str]) -> None:
    ranked = ["vale", "ada", "moe"]
    assert spelled(ranked, texts) == spelled(ranked, sorted(texts))
