"""Tallies and vocabulary entries as they are stored: what goes in comes out, and damage is noticed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tallies import ARTICLE_UNIT, NOTHING, Entry, Tally, pack, pack_entries, unpack, unpack_entries

FREQUENCY = st.integers(1, 300) | st.integers(1, 2**31 - 1)
UNITS = st.lists(st.dictionaries(st.integers(0, 2**31 - 1), FREQUENCY, max_size=6), max_size=6)
TERM = st.text(st.characters(exclude_characters="\t\n", exclude_categories=["Cs"]), min_size=1, max_size=12)
ENTRIES = st.lists(st.builds(Entry, TERM, st.integers(0, 2**31 - 1), st.none() | TERM), max_size=20)


def tally(units: list[dict[int, int]]) -> Tally:
    return Tally(
        np.array([len(unit) for unit in units], np.int32),
        np.array([term for unit in units for term in unit], np.int32),
        np.array([frequency for unit in units for frequency in unit.values()], np.int64),
    )


def lists(tally: Tally) -> tuple[list[int], list[int], list[int]]:
    return tally.sizes.tolist(), tally.terms.tolist(), tally.frequencies.tolist()


@given(units=UNITS)
def test_a_tally_comes_out_as_it_went_in(units: list[dict[int, int]]) -> None:
    assert lists(unpack(pack(tally(units)))) == lists(tally(units))


def test_nothing_comes_out_as_nothing() -> None:
    assert lists(unpack(pack(NOTHING))) == ([], [], [])
    assert lists(unpack(pack(tally([{}, {}])))) == ([0, 0], [], [])


def test_a_term_takes_five_bytes_until_one_is_counted_more_than_255_times() -> None:
    few, many = tally([{1: 255, 2: 1}]), tally([{1: 256, 2: 1}])
    assert len(pack(many)) - len(pack(few)) == 6
    assert lists(unpack(pack(few))) == ([2], [1, 2], [255, 1])
    assert lists(unpack(pack(many))) == ([2], [1, 2], [256, 1])


@given(units=UNITS, data=st.data())
def test_a_tally_that_is_cut_or_has_more_behind_it_is_refused(units: list[dict[int, int]], data: st.DataObject) -> None:
    packed = pack(tally(units))
    cut = packed[: data.draw(st.integers(0, len(packed) - 1))]
    longer = packed + data.draw(st.binary(min_size=1, max_size=30))
    for damaged in (cut, longer):
        with pytest.raises(ValueError, match="tally"):
            unpack(damaged)


@given(units=UNITS.filter(any), data=st.data())
def test_a_tally_whose_sizes_do_not_add_up_is_refused(units: list[dict[int, int]], data: st.DataObject) -> None:
    packed = bytearray(pack(tally(units)))
    at = data.draw(st.integers(0, 5 + 4 * len(units)))
    packed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ValueError, match="tally"):
        unpack(bytes(packed))


@pytest.mark.parametrize("packed", [b"", b"t", b"t1", b"t1\0\0\0", b"t2\0\0\0\0", b"T1\0\0\0\0", b"\0" * 40])
def test_other_bytes_are_no_tally(packed: bytes) -> None:
    with pytest.raises(ValueError, match="no tally"):
        unpack(packed)


def test_a_negative_size_is_refused_although_the_sum_is_right() -> None:
    sizes = np.array([2**32 - 1, 1], "<u4").tobytes()
    with pytest.raises(ValueError, match="tally"):
        unpack(b"t1" + (2).to_bytes(4, "little") + sizes)


@given(units=UNITS.filter(len))
def test_the_units_of_a_tally_are_its_parts(units: list[dict[int, int]]) -> None:
    whole = tally(units)
    parts = [whole.unit(number) for number in range(len(units))]
    assert [lists(part) for part in parts] == [lists(tally([unit])) for unit in units]
    assert lists(Tally.join(parts)) == lists(whole)
    assert lists(whole.rest()) == lists(tally(units[ARTICLE_UNIT + 1 :]))
    assert whole.lengths().tolist() == [sum(unit.values()) for unit in units]


def test_the_tokens_of_many_units_are_counted_past_what_their_width_holds() -> None:
    narrow = unpack(pack(tally([dict.fromkeys(range(1000), 255), {}])))
    assert narrow.lengths().tolist() == [255_000, 0]


def test_joining_no_tallies_is_nothing() -> None:
    assert lists(Tally.join([])) == ([], [], [])


@given(entries=ENTRIES)
def test_entries_come_out_as_they_went_in(entries: list[Entry]) -> None:
    assert list(unpack_entries(pack_entries(entries))) == entries


def test_no_entries_are_an_empty_string() -> None:
    assert pack_entries([]) == ""
    assert list(unpack_entries("")) == []
