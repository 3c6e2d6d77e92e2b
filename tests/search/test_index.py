"""The index is rank-bm25's Okapi function, whatever was added, removed, compacted and reopened before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from bot.search.index import Index, top
from bot.search.joint import Link
from tests.search.shelves import Collection

WORDS = st.sampled_from(["peace", "talks", "line", "vote", "kyiv", "moscow", "élan", "和平"])
DOCUMENT = st.lists(WORDS, max_size=8)
DOCUMENTS = st.lists(DOCUMENT, max_size=12)
QUERY = st.lists(WORDS | st.just("unheard"), max_size=5)
CHANGES = st.lists(
    st.tuples(st.just("add"), st.lists(DOCUMENT, min_size=1, max_size=4))
    | st.tuples(st.just("remove"), st.integers(0, 30))
    | st.tuples(st.sampled_from(["compact", "compact beside", "settle", "reopen"]), st.none()),
    max_size=20,
)


def agree(index: Index, living: Sequence[Sequence[str]], query: Sequence[str]) -> None:
    """Scores, statistics and the ten best are those of a fresh BM25Okapi over the same documents."""
    assert index.corpus_size == len(living)
    if not any(living):
        assert not index.get_scores(query).any()
        return
    expected = BM25Okapi(living)
    scores = index.get_scores(query)
    assert scores == pytest.approx(expected.get_scores(query), abs=1e-9, rel=0)
    every = np.arange(index.documents_ever)[::-1]
    assert index.scores_among(query, every).tolist() == index.all_scores(query)[every].tolist()
    assert index.average_idf == pytest.approx(expected.average_idf, abs=1e-9)
    assert index.avgdl == expected.avgdl
    for term in query:
        assert index.idf_of(term) == pytest.approx(expected.idf.get(term, 0), abs=1e-9)
    wanted = sorted(
        (expected.get_scores(query)[i] for i, words in enumerate(living) if set(words) & set(query)), reverse=True
    )
    assert [score for _, score in index.best(query, 10)] == pytest.approx(wanted[:10], abs=1e-9)


@given(documents=DOCUMENTS, query=QUERY)
def test_scores_are_those_of_rank_bm25(documents: list[list[str]], query: list[str]) -> None:
    agree(Index.of(documents), documents, query)


@given(changes=CHANGES, query=QUERY)
def test_scores_stay_those_of_a_fresh_rank_bm25_whatever_is_done(
    changes: list[tuple[str, object]], query: list[str]
) -> None:
    collection = Collection()
    for change, value in changes:
        collection.do(change, value)
        agree(collection.index(), collection.living(), query)


@given(first=CHANGES, second=CHANGES, query=QUERY)
def test_two_parts_score_as_one_index_over_both(
    first: list[tuple[str, object]], second: list[tuple[str, object]], query: list[str]
) -> None:
    one, other = Collection(), Collection()
    link = Link(one.vocabulary, other.vocabulary)
    for mine, theirs in zip([*first, *[("settle", None)] * 20], [*second, *[("settle", None)] * 20], strict=False):
        one.do(*mine)
        other.do(*theirs)
        if link.joins != (one.vocabulary, other.vocabulary):
            link = Link(one.vocabulary, other.vocabulary)
        index = Index([one.part(), other.part()], [link])
        agree(index, [*one.living(), *other.living()], query)


@pytest.mark.parametrize("documents", [[], [[]], [[], []]])
def test_a_collection_without_words_answers_nothing(documents: list[list[str]]) -> None:
    index = Index.of(documents)
    assert index.best(["peace"], 10) == []
    assert list(index.get_scores(["peace"])) == [0.0] * len(documents)


def test_a_match_is_returned_although_its_score_is_zero_or_less() -> None:
    found = Index.of([["peace"], ["peace", "talks"], ["peace"]]).best(["peace"], 10)
    assert {number for number, _ in found} == {0, 1, 2}
    assert max(score for _, score in found) <= 0


def test_a_document_without_a_match_is_never_returned() -> None:
    assert [number for number, _ in Index.of([["peace"], ["talks"], ["vote"]]).best(["vote"], 10)] == [2]


def test_equal_scores_keep_the_order_of_the_documents() -> None:
    documents = [["other"], ["vote"], ["vote"], ["vote"], ["filler", "words"], ["more"], ["still"], ["yet"]]
    assert [number for number, _ in Index.of(documents).best(["vote"], 2)] == [1, 2]


def test_only_accepted_documents_are_found_with_the_statistics_of_all() -> None:
    index = Index.of([["vote", "kyiv"], ["vote"], ["line"], ["talks"], ["peace"]])
    found = index.matches(["vote"], np.array([False, True, True, True, True]))
    assert found.numbers.tolist() == [1]
    assert found.scores.tolist() == [index.get_scores(["vote"])[1]]


def test_several_spellings_count_as_one_term() -> None:
    spelled = [["kyiv", "vote"], ["kiev"], ["kiev", "kyiv"], ["line"], ["talks"], ["peace"], ["vote"]]
    one = [["kyiv" if word == "kiev" else word for word in document] for document in spelled]
    found = top(Index.of(spelled).matches({("kyiv", "kiev"): 1.0, ("vote",): 2.0}), 10)
    expected = top(Index.of(one).matches({("kyiv",): 1.0, ("vote",): 2.0}), 10)
    assert found.numbers.tolist() == expected.numbers.tolist()
    assert found.scores == pytest.approx(expected.scores)


def test_the_library_s_own_way_of_asking_works() -> None:
    documents = [["peace", "talks"], ["vote"], ["vote", "kyiv", "kyiv"], ["line"]]
    index, expected = Index.of(documents), BM25Okapi(documents)
    assert isinstance(index, BM25Okapi)
    assert index.get_top_n(["kyiv", "vote"], documents, 2) == expected.get_top_n(["kyiv", "vote"], documents, 2)
    assert index.get_batch_scores(["vote"], [2, 1]) == pytest.approx(expected.get_batch_scores(["vote"], [2, 1]))
