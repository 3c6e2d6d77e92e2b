"""The terms of each article, by article: the same however they came, and whatever was compacted meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.search.index import Index, Part, Weighted
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
    """Whatever is asked for at once, and in whatever order."""
    every = list(range(len(documents)))
    for numbers in (every, every[::-1], *([number] for number in every)):
        found = vectors.entries(np.array(numbers, np.int64))
        for place, number in enumerate(numbers):
            own = found.among(np.array([place]))
            assert dict(zip(own.terms.tolist(), own.frequencies.tolist(), strict=True)) == documents[number]


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


def test_the_vector_of_an_article_is_its_bm25_weights() -> None:
    documents = [["peace", "peace", "talks"], ["vote"], ["line", "vote"], ["kyiv"], ["moscow"]]
    one, other = Collection(), Collection()
    one.do("add", documents[:3])
    other.do("add", documents[3:])
    parts = [Part(c.shelf.vocabulary, c.shelf.articles, c.shelf.vectors) for c in (one, other)]
    index = Index(parts, [Link(one.vocabulary, other.vocabulary)])
    whole = Index.of(documents)
    vectors = index.vectors(np.array([4, 0]))
    own = vectors.owners == 1
    weights = [whole.get_scores([term])[0] for term in Counter(documents[0])]
    assert np.allclose(vectors.weights[own] * (index.k1 + 1), weights)
    assert np.allclose(vectors.units()[own], np.array(weights) / np.linalg.norm(weights))
    assert np.allclose(vectors.units()[~own], [1])
    numbers, asked = np.array([4, 0, 1]), Weighted(np.unique(vectors.ids[own]), np.ones(2))
    scores = index.scores_of(asked, index.entries(numbers), numbers)
    assert np.allclose(scores, whole.get_scores(["peace", "talks"])[numbers])
    nothing = index.scores_of(Weighted(asked.ids, np.zeros(2)), index.entries(numbers), numbers)
    assert not nothing.any()
