"""The index is rank-bm25's Okapi function, without its traps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from bot.search.index import Index, best

WORDS = st.sampled_from(["peace", "talks", "line", "vote", "kyiv", "moscow"])
DOCUMENTS = st.lists(st.lists(WORDS, max_size=8), max_size=12)


@given(documents=DOCUMENTS, query=st.lists(WORDS, max_size=5))
def test_scores_are_those_of_rank_bm25(documents: list[list[str]], query: list[str]) -> None:
    scores = Index(documents).scores(query)
    if not any(documents):
        assert scores == {}
        return
    expected = BM25Okapi(documents).get_scores(query)
    assert set(scores) == {number for number, words in enumerate(documents) if set(words) & set(query)}
    for number, score in scores.items():
        assert score == pytest.approx(expected[number], abs=1e-9)


@pytest.mark.parametrize("documents", [[], [[]], [[], []]])
def test_a_collection_without_words_answers_nothing(documents: list[list[str]]) -> None:
    assert Index(documents).scores(["peace"]) == {}
    assert len(Index(documents)) == len(documents)


def test_a_match_is_returned_although_its_score_is_zero_or_less() -> None:
    documents = [["peace"], ["peace", "talks"], ["peace"]]
    scores = Index(documents).scores(["peace"])
    assert set(scores) == {0, 1, 2}
    assert max(scores.values()) <= 0


def test_a_document_without_a_match_is_never_returned() -> None:
    found = best(Index([["peace"], ["talks"], ["vote"]]).scores(["vote"]), 10)
    assert [number for number, _ in found] == [2]


def test_equal_scores_keep_the_order_of_the_documents() -> None:
    documents = [["other"], ["vote"], ["vote"], ["vote"], ["filler", "words"], ["more"], ["still"], ["yet"]]
    assert [number for number, _ in best(Index(documents).scores(["vote"]), 2)] == [1, 2]


def test_only_accepted_documents_are_scored_with_the_statistics_of_all() -> None:
    documents = [["vote", "kyiv"], ["vote"], ["line"], ["talks"], ["peace"]]
    everything = Index(documents).scores(["vote"])
    assert Index(documents).scores(["vote"], lambda number: number == 1) == {1: everything[1]}
