"""The terms of each article, by article: the same however they came, and whatever was compacted meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.search.index import Index, Part
from bot.search.joint import Link
from bot.search.vectors import Vectors
from bot.tallies import Tally
from tests.search.shelves import Collection

DOCUMENTS = st.lists(st.dictionaries(st.integers(0, 9), st.integers(1, 400), max_size=5), max_size=5)
STEPS = st.lists(DOCUMENTS | st.just("compact") | st.just("compact beside"), max_size=8)


def tally(documents: Sequence[dict[int, int]]) -> Tally:
    return Tally(
        np.array([len(one) for one in documents], np.int32),
        np.array([term for one in documents for term in one], np.int32),
        np.array([count for one in documents for count in one.values()], np.int32),
    )


def agree(vectors: Vectors, documents: Sequence[dict[int, int]]) -> None:
    for number, document in enumerate(documents):
        terms, counts = vectors.get(number)
        assert dict(zip(terms.tolist(), counts.tolist(), strict=True)) == document


@given(steps=STEPS)
def test_every_document_keeps_its_terms(steps: list[list[dict[int, int]] | str]) -> None:
    vectors, documents = Vectors.empty(), list[dict[int, int]]()
    for step in steps:
        if step == "compact":
            vectors = vectors.compacted()
            assert len(vectors.chunks) == 1
        elif step == "compact beside":
            begun, late = vectors, [{7: 1}, {8: 300}]
            vectors = begun.compacted().catch_up(begun, begun.added(tally(late), len(documents)))
            documents += late
        else:
            assert not isinstance(step, str)
            vectors = vectors.added(tally(step), len(documents))
            documents += step
        agree(vectors, documents)


def test_adding_leaves_what_somebody_is_reading_as_it_was() -> None:
    begun = Vectors.empty().added(tally([{1: 1}]), 0)
    begun.added(tally([{2: 2}]), 1)
    assert begun.firsts == (0, 0)
    agree(begun, [{1: 1}])


def test_small_frequencies_take_a_byte_each() -> None:
    few, many = Vectors.empty().added(tally([{1: 255}]), 0), Vectors.empty().added(tally([{1: 256}]), 0)
    assert few.chunks[1].frequencies.itemsize == 1
    assert many.chunks[1].frequencies.itemsize == 2


def test_the_vector_of_an_article_is_its_bm25_weights_with_length_1() -> None:
    documents = [["peace", "peace", "talks"], ["vote"], ["line", "vote"], ["kyiv"], ["moscow"]]
    one, other = Collection(), Collection()
    one.do("add", documents[:3])
    other.do("add", documents[3:])
    parts = [Part(c.shelf.vocabulary, c.shelf.articles, c.shelf.vectors) for c in (one, other)]
    index = Index(parts, [Link(one.vocabulary, other.vocabulary)])
    whole = Index.of(documents)
    vectors = index.vectors(np.array([0, 4]))
    assert vectors.sizes.tolist() == [2, 1]
    weights = [whole.get_scores([term])[0] for term in Counter(documents[0])]
    assert np.allclose(vectors.weights[:2], np.array(weights) / np.linalg.norm(weights))
    assert np.allclose(vectors.weights[2:], [1])
