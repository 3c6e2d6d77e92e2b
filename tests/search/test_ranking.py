"""The best ranking: BM25 first, and each step on top of it does what it says."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search import ranking
from bot.search.index import Index, Part, Spellings
from bot.search.joint import Link
from bot.search.ranking import best_articles
from tests.search.shelves import Collection

Documents = Sequence[Sequence[str]]
WORDS = ["peace", "talks", "line", "vote", "kyiv", "moscow", "harbour", "ferry", "tide", "gull", "rope", "mast"]
DOCUMENT = st.lists(st.sampled_from(WORDS), min_size=1, max_size=12)
DOCUMENTS = st.lists(DOCUMENT, min_size=1, max_size=25)
QUERY = st.lists(st.sampled_from([*WORDS, "unheard"]), max_size=4)
FILLER = [[f"a{n}", f"b{n}", f"c{n}", f"d{n}"] for n in range(30)]


def part(documents: Documents) -> Part:
    made = Collection()
    made.do("add", documents)
    return Part(made.shelf.vocabulary, made.shelf.articles, made.shelf.vectors)


def index(documents: Documents) -> Index:
    return Index([part(documents)])


def ask(*terms: str) -> dict[Spellings, float]:
    return {(term,): float(count) for term, count in Counter(terms).items()}


def order(documents: Documents, *terms: str, limit: int = 50) -> list[int]:
    numbers: list[int] = best_articles(index(documents), ask(*terms), limit).numbers.tolist()
    return numbers


def synthetic(count: int, seed: int = 5) -> list[list[str]]:
    """Articles of a few themes over a vocabulary with long tail."""
    chance = random.Random(seed)
    themes = [[f"t{theme}w{n}" for n in range(12)] for theme in range(6)]
    common = [f"c{n}" for n in range(300)]
    return [chance.choices(chance.choice(themes), k=12) + chance.choices(common, k=20) for _ in range(count)]


# What is ranked


@given(documents=DOCUMENTS, query=QUERY)
def test_only_articles_that_share_a_term_are_ranked_each_once(documents: list[list[str]], query: list[str]) -> None:
    expected = [number for number, words in enumerate(documents) if set(words) & set(query)]
    assert sorted(order(documents, *query)) == expected


@given(documents=DOCUMENTS, query=QUERY)
def test_scores_fall_along_the_ranking(documents: list[list[str]], query: list[str]) -> None:
    scores = best_articles(index(documents), ask(*query), 50).scores
    assert (np.diff(scores) <= 1e-9).all()
    assert np.isfinite(scores).all()


@given(documents=DOCUMENTS, query=QUERY, limit=st.integers(1, 30))
def test_a_lower_limit_gives_the_beginning(documents: list[list[str]], query: list[str], limit: int) -> None:
    assert order(documents, *query, limit=limit) == order(documents, *query)[:limit]


def test_scores_are_of_the_size_of_bm25s() -> None:
    documents = synthetic(300)
    made = index(documents)
    asked = ask("t0w1", "t0w2")
    first = max(score for _, score in made.best(["t0w1", "t0w2"], 10))
    best = best_articles(made, asked, 10).scores[0]
    assert best == pytest.approx(first, rel=0.25)


def test_nothing_asked_or_nothing_there_finds_nothing() -> None:
    assert order([["peace"]], "vote") == []
    assert order([["peace"]]) == []
    assert best_articles(Index.of([]), ask("peace"), 5).numbers.tolist() == []


@pytest.mark.parametrize(
    "documents", [[["vote"]], [["vote"], ["vote", "line"]], [["vote"], ["line", "vote"], ["vote"]]]
)
def test_a_tiny_library_keeps_the_order_of_bm25(documents: Documents) -> None:
    made = index(documents)
    expected = made.best(["vote"], 10)
    assert best_articles(made, ask("vote"), 10).pairs() == expected


def test_only_accepted_articles_are_ranked_and_learnt_from() -> None:
    documents = [["vote", "tide", "tide"], ["vote", "gull", "gull"], ["tide", "vote", "x", "y"], *FILLER]
    accepted = np.ones(len(documents), np.bool_)
    accepted[0] = False
    found = best_articles(index(documents), ask("vote"), 9, accepted=accepted)
    assert sorted(found.numbers.tolist()) == [1, 2]
    alone = best_articles(index(documents), ask("vote"), 9)
    assert found.scores.tolist() != alone.scores.tolist()[1:]


def test_equal_articles_come_newest_first() -> None:
    documents = [*FILLER, ["vote", "tide"], ["vote", "tide"], ["vote", "tide"]]
    assert order(documents, "vote") == [30, 31, 32]
    newest = best_articles(index(documents), ask("vote"), 9, newest=lambda numbers: numbers)
    assert newest.numbers.tolist() == [32, 31, 30]


def test_behind_the_candidates_the_order_is_that_of_bm25(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = synthetic(200)
    asked = ["t0w1", "t1w2", "c3"]
    monkeypatch.setattr(ranking, "CANDIDATES", 10)
    plain = [number for number, _ in index(documents).best(asked, 500)]
    found = best_articles(index(documents), ask(*asked), 500)
    assert len(plain) > 60
    assert found.numbers.tolist()[10:] == plain[10:]
    assert sorted(found.numbers.tolist()[:10]) == sorted(plain[:10])
    scores = [score for _, score in index(documents).best(asked, 500)]
    assert found.scores[9] - found.scores[10] == pytest.approx(scores[9] - scores[10])
    assert (np.diff(found.scores) <= 1e-9).all()


def test_more_may_be_asked_for_than_are_ranked_anew() -> None:
    documents = [["vote", *words] for words in synthetic(250)] + synthetic(100, seed=6)
    found = order(documents, "vote", "t0w1", limit=240)
    assert len(found) == len(set(found)) == 240
    assert found[:100] == order(documents, "vote", "t0w1", limit=100)


# The steps


def test_a_term_asked_for_again_counts_ever_less() -> None:
    """Of "vote vote vote tide", tide is not drowned: (k3 + 1) n / (k3 + n) is 1.8 for 3."""
    made = index([*FILLER, ["vote", "x"], ["tide", "y"]])
    weights: dict[Spellings, float] = {("vote",): 3 * 3 / 5, ("tide",): 1.0}
    expected = made.matches(weights)
    bare = best_articles(made, {("vote",): 3.0, ("tide",): 1.0}, 9)
    assert bare.numbers.tolist() == [30, 31]
    assert bare.scores[0] / expected.scores[0] == pytest.approx(1, rel=0.1)
    assert bare.scores[0] < made.best(["vote"] * 3, 1)[0][1]


def test_an_article_that_holds_all_that_was_asked_for_counts_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "_with_feedback", lambda _index, head, _entries: head.scores / head.scores[0])
    monkeypatch.setattr(ranking, "ALIKE_SHARE", 0.0)
    long = ["line", *(f"r{number}" for number in range(30))]
    documents = [*FILLER, ["vote", "vote", "vote", "p", "p"], ["vote", "line", *"qrstuv"], long, long]
    made = index(documents)
    plain = made.best(["vote", "line"], 9)
    assert [number for number, _ in plain] == [30, 31, 32, 33]
    assert plain[0][1] < 1.15 * plain[1][1]
    assert order(documents, "vote", "line") == [31, 30, 32, 33]
    assert order(documents, "vote") == [30, 31]
    monkeypatch.setattr(ranking, "WHOLE_BONUS", 0.0)
    assert order(documents, "vote", "line") == [30, 31, 32, 33]


def test_articles_gain_by_the_words_of_the_first_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both match "vote" alike, and one speaks of ballots like the articles that are mostly about it."""
    about = [["vote", "vote", "ballot", "booth"], ["vote", "vote", "ballot", "count"]]
    documents = [*FILLER, *about, ["vote", "recipe", "butter", "x"], ["vote", "ballot", "z", "y"]]
    monkeypatch.setattr(ranking, "ALIKE_SHARE", 0.0)
    assert order(documents, "vote")[2:] == [33, 32]
    monkeypatch.setattr(ranking, "FEEDBACK_TERMS", 1)  # "vote" alone is learnt
    assert order(documents, "vote")[2:] == [32, 33]


def test_the_first_article_teaches_most() -> None:
    documents = [*FILLER, ["vote"] * 4 + ["gull"] * 4, ["vote"] * 3 + ["tide"] * 4, ["vote", "tide"], ["vote", "gull"]]
    assert order(documents, "vote")[2:] == [33, 32]


def test_articles_that_are_like_the_first_ones_gain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "_with_feedback", lambda _index, head, _entries: head.scores / head.scores[0])
    about = [["vote", "ballot", "booth", "count"]] * 4
    documents = [*FILLER, ["vote", "recipe", "butter", "x"], *about]
    assert order(documents, "vote") == [31, 32, 33, 34, 30]
    monkeypatch.setattr(ranking, "ALIKE_SHARE", 0.0)
    assert order(documents, "vote") == [30, 31, 32, 33, 34]


def test_likeness_gains_no_more_than_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "_with_feedback", lambda _index, head, _entries: head.scores / head.scores[0])
    documents = synthetic(150)
    made = index(documents)
    plain = dict(made.matches(ask("t0w1")).pairs())
    most = max(plain.values())
    gains = {n: score / most - plain[n] / most for n, score in best_articles(made, ask("t0w1"), 100).pairs()}
    assert max(gains.values()) <= ranking.ALIKE_SHARE + 1e-9
    assert sum(gain > 1e-9 for gain in gains.values()) <= ranking.ALIKE_ARTICLES


def test_an_article_that_is_like_no_other_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "_with_feedback", lambda _index, head, _entries: head.scores / head.scores[0])
    documents = [*FILLER, ["vote", "ballot"], ["vote", "ballot"], ["tide", "tide", "moon"]]
    made = index(documents)
    asked: dict[Spellings, float] = {("vote",): 1.0, ("tide",): 1.0}
    plain, found = dict(made.matches(asked).pairs()), dict(best_articles(made, asked, 9).pairs())
    assert found[32] == pytest.approx(plain[32])
    assert found[30] / plain[30] > 1.01


# Two parts


@given(documents=DOCUMENTS, query=QUERY, cut=st.integers(0, 25))
def test_two_parts_give_the_ranking_of_one(documents: list[list[str]], query: list[str], cut: int) -> None:
    parts = [part(documents[:cut]), part(documents[cut:])]
    both = Index(parts, [Link(parts[0].vocabulary, parts[1].vocabulary)])
    one, two = best_articles(index(documents), ask(*query), 50), best_articles(both, ask(*query), 50)
    assert dict(two.pairs()) == pytest.approx(dict(one.pairs()), abs=1e-9)


def test_two_parts_give_the_ranking_of_one_where_much_is_learnt() -> None:
    documents = synthetic(300)
    parts = [part(documents[1::2]), part(documents[::2])]
    both = Index(parts, [Link(parts[0].vocabulary, parts[1].vocabulary)])
    place = np.concatenate((np.arange(1, 300, 2), np.arange(0, 300, 2)))  # of the documents of both, in the one list
    for asked in (["t0w1"], ["t1w2", "c7"], ["t2w3", "t2w4", "t3w1"]):
        one = best_articles(index(documents), ask(*asked), 30, newest=np.negative)
        two = best_articles(both, ask(*asked), 30, newest=lambda numbers: -place[numbers])
        assert two.scores == pytest.approx(one.scores, abs=1e-9)
        assert place[two.numbers].tolist() == one.numbers.tolist()
