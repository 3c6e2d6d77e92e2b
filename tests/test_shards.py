"""Shards: every server is in one, and what is written of them is read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SettingsError
from bot.settings import load, read
from bot.shards import ONE_SHARD, Shards, written
from bot.shards import read as read_ids
from tests.test_settings import NOWHERE

COUNTS = st.integers(1, 40)


@given(guild=st.integers(1, 2**63 - 1), count=COUNTS)
def test_a_server_is_in_one_shard_of_all(guild: int, count: int) -> None:
    holding = [shard for shard in range(count) if Shards(count, frozenset({shard})).hold(guild)]
    assert len(holding) == 1
    assert Shards.all_of(count).hold(guild)
    assert ONE_SHARD.hold(guild)


@given(st.data())
def test_what_is_written_is_read_again(data: st.DataObject) -> None:
    count = data.draw(COUNTS)
    ids = data.draw(st.frozensets(st.integers(0, count - 1), min_size=1))
    assert read_ids(written(ids), count) == ids


def test_they_are_written_as_runs() -> None:
    assert written({8, 0, 1, 2, 3}) == "0-3,8"
    assert Shards(10, read_ids(" 0 - 3, 8 ,", 10)).absent == {4, 5, 6, 7, 9}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"SHARD_IDS": "0"}, "SHARD_IDS: needs SHARD_COUNT, which says how many shards all processes have together."),
        (
            {"SHARD_COUNT": "8", "SHARD_IDS": "0-8"},
            "SHARD_IDS: names shard 8, but of 8 shards the last is 7",
        ),
        ({"SHARD_COUNT": "8", "SHARD_IDS": "0-999999999"}, "SHARD_IDS: names shard 999999999, but of 8 shards"),
        ({"SHARD_COUNT": "8", "SHARD_IDS": "one"}, "SHARD_IDS: must be shards and runs of shards, such as 0-3,8, and"),
        ({"SHARD_COUNT": "8", "SHARD_IDS": "3-0"}, "SHARD_IDS: must be shards and runs of shards, such as 0-3,8, and"),
        (
            {"SHARD_COUNT": "8", "SHARD_IDS": "0-3,7"},
            "SHARD_IDS: leaves shards 4-6 to other processes",
        ),
        ({"SHARD_COUNT": "0", "SHARD_IDS": "0"}, "SHARD_COUNT: "),
        ({"SHARD_COUNT": "many"}, "SHARD_COUNT: "),
    ],
)
def test_a_wrong_share_is_one_sentence(given: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(NOWHERE, given)
    (line,) = str(caught.value).splitlines()[1:]
    assert told in line
    assert len(read(NOWHERE, given).faults) == 1


def test_a_share_follows_from_the_settings() -> None:
    assert load(NOWHERE, {"SHARD_COUNT": "", "SHARD_IDS": " "}).shards is None
    assert load(NOWHERE, {"SHARD_COUNT": "4"}).shards == Shards.all_of(4)
    assert load(NOWHERE, {"SHARD_COUNT": "4", "SHARD_IDS": "3,0-2"}).shards == Shards.all_of(4)
