"""The vocabulary of a library: every term keeps its id, in the sorted run or among the late ones."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search import vocabulary as module
from bot.search.vocabulary import Sorted, Vocabulary
from bot.tallies import Entry
from tests.threads import at_once

TERMS = st.lists(st.text(min_size=1, max_size=5), unique=True, max_size=30)


def grown(*pieces: list[str], settled: tuple[bool, ...] = ()) -> Vocabulary:
    made = Vocabulary()
    for number, piece in enumerate(pieces):
        known = len(made)
        made.add(Entry(term, known + at) for at, term in enumerate(piece))
        if settled[number : number + 1] == (True,):
            made.settle()
    return made


@given(terms=TERMS, cut=st.integers(0, 30), settled=st.tuples(st.booleans(), st.booleans()))
def test_every_term_keeps_the_id_it_came_with(terms: list[str], cut: int, settled: tuple[bool, bool]) -> None:
    made = grown(terms[:cut], terms[cut:], settled=settled)
    assert len(made) == len(terms)
    assert [made.id_of(term) for term in terms] == list(range(len(terms)))
    assert dict(made.items()) == {term: number for number, term in enumerate(terms)}
    assert dict(made.items(cut)) == {term: number for number, term in enumerate(terms) if number >= cut}


@given(terms=TERMS, other=st.text(max_size=5), settled=st.booleans())
def test_a_term_that_never_came_has_no_id(terms: list[str], other: str, settled: bool) -> None:
    found = grown(terms, settled=(settled,)).id_of(other)
    assert found == (terms.index(other) if other in terms else None)


@pytest.mark.parametrize("hashed", [hash, len, lambda _: 7])  # also where terms have the same hash
@given(terms=TERMS, others=TERMS, cut=st.integers(0, 30))
def test_many_terms_are_found_as_each_of_them_is(
    hashed: Callable[[bytes], int], terms: list[str], others: list[str], cut: int
) -> None:
    made = grown(terms[:cut], terms[cut:], settled=(True, False))
    asked = [*others, *terms, *others]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "hash", hashed, raising=False)
        found = [made.ids_of(asked).tolist()]
        made.settle()
        found.append(made.ids_of(asked).tolist())
    assert found == [[-1 if (known := made.id_of(term)) is None else known for term in asked]] * 2
    assert made.ever == len(terms)


def test_terms_come_in_the_order_of_their_ids_so_that_none_is_missed_meanwhile() -> None:
    made = Vocabulary()
    made.add([Entry("tide", 1), Entry("rope", 2), Entry("ferry", 0)])
    assert list(made.items()) == [("ferry", 0), ("tide", 1), ("rope", 2)]


def test_a_term_that_was_unknown_is_found_once_it_comes() -> None:
    made = Vocabulary()
    assert made.id_of("peace") is made.id_of("talks") is None
    made.fill(["peace\t0\t"])
    assert (made.id_of("peace"), made.id_of("talks")) == (0, None)
    made.add([Entry("talks", 1)])
    assert made.id_of("talks") == 1
    made.settle()
    assert (made.id_of("peace"), made.id_of("talks"), made.id_of("harbour")) == (0, 1, None)


def test_half_a_character_is_a_term_like_any_other() -> None:
    made = grown(["\ud800", "peace"], settled=(True,))
    assert made.id_of("\ud800") == 0
    assert made.id_of("\udfff") is None
    assert dict(made.items()) == {"\ud800": 0, "peace": 1}


def test_a_term_that_comes_again_keeps_its_id_and_may_become_a_name() -> None:
    for settled in (False, True):
        made = grown(["march", "kyiv"], settled=(settled,))
        made.add([Entry("kyiv", 1, "kiev")])
        assert len(made) == 2
        assert made.id_of("kyiv") == 1
        assert made.namesakes("kiev") == ["kyiv"]


def test_the_names_with_a_key_are_found_in_the_sorted_run_and_among_the_late() -> None:
    made = Vocabulary()
    made.add([Entry("kyiv", 0, "kiev"), Entry("march", 1), Entry("kievan", 2, "kievan")])
    made.settle()
    made.add([Entry("kiev", 3, "kiev")])
    assert sorted(made.namesakes("kiev")) == ["kiev", "kyiv"]
    assert made.namesakes("kievan") == ["kievan"]
    assert made.namesakes("kie") == made.namesakes("march") == made.namesakes("") == []


def test_what_comes_late_is_folded_in_once_it_is_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_LATE", 10)
    made = grown([f"t{number:02}" for number in range(10)])
    assert len(made.terms) == 0
    made.add([Entry("t10", 10)])
    assert len(made.terms) == 11
    made.add([Entry("t11", 11)])
    assert (len(made.terms), len(made), made.id_of("t11"), made.id_of("t03")) == (11, 12, 11, 3)


STRING = st.text(st.sampled_from("ab\x7fé停\ud800\udc00𝟚\U0010ffff"), max_size=3)


@given(numbered=st.dictionaries(STRING, st.integers(0, 99), max_size=20), sought=STRING)
def test_a_sorted_run_is_found_by_bisection(numbered: dict[str, int], sought: str) -> None:
    made = Sorted.of(list(numbered), list(numbered.values()))
    wanted = {string.encode(errors="surrogatepass"): number for string, number in numbered.items()}
    prefix = sought.encode(errors="surrogatepass")
    assert list(zip(made, made.numbers.tolist(), strict=True)) == sorted(wanted.items())
    assert made.find(prefix) == wanted.get(prefix)
    begun = sorted(string.removeprefix(prefix) for string in wanted if string.startswith(prefix))
    assert list(made.starting_with(prefix)) == begun


@pytest.mark.many
def test_terms_may_be_listed_while_others_come() -> None:
    made = Vocabulary()
    made.add([Entry("t0", 0)])

    over = threading.Event()

    def add() -> None:
        try:
            for number in range(1, 20_000):
                made.add([Entry(f"t{number}", number)])
        finally:
            over.set()

    def look() -> None:
        while not over.is_set():
            listed = dict(made.items())
            assert all(term == f"t{number}" for term, number in listed.items())

    at_once(add, look)
    assert len(made) == 20_000
