"""Entries are recognised by any mark they keep, and what is new is new once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.corpus.recognising import Known, Seen, recognise

MARKS = st.integers(0, 5)
ENTRIES = st.lists(
    st.builds(
        lambda key, url, text: Seen(f"k{key}", None if url == 0 else f"u{url}", None if text == 0 else f"t{text}"),
        MARKS,
        MARKS,
        MARKS,
    ),
    max_size=8,
)


class Table:
    """What the corpus keeps of one feed: a row an entry, as `FeedStore.polled` writes it."""

    def __init__(self) -> None:
        self.rows: dict[int, Known] = {}

    def poll(self, entries: list[Seen]) -> list[Seen]:
        found = recognise(entries, self.rows.values())
        for row_id, seen in found.again.items():
            was = self.rows[row_id]
            self.rows[row_id] = Known(row_id, seen.key, seen.url_key or was.url_key, seen.text_key or was.text_key)
        for entry in (*found.new, *found.same):
            row_id = len(self.rows) + 1
            self.rows[row_id] = Known(row_id, entry.key, entry.url_key, entry.text_key)
        return found.new


def shares(one: Seen, other: Seen) -> bool:
    """Whether two entries have a mark in common."""
    marks = {one.url_key, one.text_key} & {other.url_key, other.text_key} - {None}
    return one.key == other.key or bool(marks)


@given(st.lists(ENTRIES, max_size=5))
def test_what_shares_a_mark_with_the_poll_before_is_never_new(polls: list[list[Seen]]) -> None:
    table, before = Table(), list[Seen]()
    for entries in polls:
        new = table.poll(entries)
        assert not [one for one in new if any(shares(one, other) for other in before)]
        before = list({entry.key: entry for entry in reversed(entries)}.values())


@given(st.lists(ENTRIES, max_size=5))
def test_no_two_rows_have_one_key_and_a_poll_again_finds_nothing(polls: list[list[Seen]]) -> None:
    table = Table()
    for entries in polls:
        table.poll(entries)
        assert table.poll(entries) == []
        keys = [row.key for row in table.rows.values()]
        assert len(set(keys)) == len(keys)
        assert {entry.key for entry in entries} <= set(keys)


@given(ENTRIES)
def test_of_a_new_feed_everything_unlike_the_rest_is_new(entries: list[Seen]) -> None:
    new = Table().poll(entries)
    for entry in entries:
        others = [other for other in entries if other is not entry]
        if not any(shares(entry, other) for other in others):
            assert entry in new
    assert not [one for at, one in enumerate(new) if any(shares(one, other) for other in new[:at])]


def test_two_new_ids_of_a_known_link_are_one_entry() -> None:
    found = recognise([Seen("b", "u", None), Seen("c", "u", None)], [Known(1, "a", "u", None)])
    assert (found.new, [one.key for one in found.same], found.again[1].key) == ([], ["c"], "b")
