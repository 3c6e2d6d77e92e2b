"""Messages over a pipe: whole ones come out, however what carried them was cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.frames import Frames, packed


@given(st.lists(st.one_of(st.text(), st.binary(), st.tuples(st.integers(), st.none()))), st.data())
def test_messages_come_out_as_they_went_in(messages: list[object], data: st.DataObject) -> None:
    carried = b"".join(packed(message) for message in messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(carried)), max_size=5)))
    frames, found = Frames(), list[object]()
    for start, end in zip([0, *cuts], [*cuts, len(carried)], strict=True):
        found += frames.feed(carried[start:end])
    assert found == messages


def test_a_message_that_has_not_ended_is_waited_for() -> None:
    frames, carried = Frames(), packed("whole")
    assert frames.feed(carried[:-1]) == []
    assert frames.feed(carried[-1:]) == ["whole"]
