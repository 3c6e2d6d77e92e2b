"""What a new text does to quotations: every one of either text is told of once, and how it differs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.language.analysis import analyse
from bot.model import Confidence, Method, Span, Speech, SpeechKind
from bot.search.differences import EditKind
from bot.search.revisions import Revised, Reworded, compare

SAIL = "We sail at dawn whatever the weather brings"
STAY = "Nobody asked the ministers about the lighthouse"
BOAT = "A second boat is what four villages need"


def text_of(*quotes: str, speaker: str = "Elena Marsh") -> str:
    return "\n\n".join(f"“{quote},” said {speaker}." for quote in quotes)


def revised(before: str, after: str) -> Revised:
    return compare(before, analyse("", before).speeches, after, analyse("", after).speeches)


def written(text: str, said: Sequence[Speech]) -> list[str]:
    return [one.span.of(text).rstrip(",") for one in said]


def edits(one: Reworded, before: str, after: str) -> list[tuple[EditKind, str, str]]:
    return [(edit.kind, edit.claimed.of(before), edit.stored.of(after)) for edit in one.edits]


def test_quotations_are_the_same_changed_added_or_removed() -> None:
    before, after = text_of(SAIL, STAY), text_of(BOAT, SAIL.replace("dawn", "noon"))
    found = revised(before, after)
    assert found.same == ()
    (changed,) = found.changed
    assert edits(changed, before, after) == [
        (EditKind.SAME, "We sail at", "We sail at"),
        (EditKind.CHANGED, "dawn", "noon"),
        (EditKind.SAME, "whatever the weather brings", "whatever the weather brings"),
    ]
    assert written(after, found.added) == [BOAT]
    assert written(before, found.removed) == [STAY]
    assert written(before, found.gone) == [SAIL, STAY]


def test_a_quotation_at_another_place_or_in_other_lines_is_the_same() -> None:
    before, after = text_of(SAIL, STAY), "A new beginning.\n\n" + text_of(STAY, SAIL.replace(" ", "  "))
    found = revised(before, after)
    assert [(one.span.start, SAIL in one.span.of(before)) for one, _ in found.same] == [(1, True), (67, False)]
    assert not found.changed + found.added + found.removed
    assert found.gone == []


def test_a_quotation_printed_twice_is_counted_twice() -> None:
    found = revised(text_of(SAIL, STAY, SAIL), text_of(SAIL, STAY))
    assert len(found.same) == 2
    assert len(found.removed) == 1


def test_words_added_at_either_end_are_shown() -> None:
    before, after = text_of(SAIL), text_of(f"Listen, {SAIL}, and at noon")
    (changed,) = revised(before, after).changed
    assert [stored for kind, _, stored in edits(changed, before, after) if kind is not EditKind.SAME] == [
        "Listen, ",
        ", and at noon,",
    ]


def test_a_change_of_signs_alone_is_shown_as_one() -> None:
    before, after = text_of(SAIL), text_of(f"{SAIL}!").replace("!,”", "!”")
    (changed,) = revised(before, after).changed
    assert edits(changed, before, after) == [(EditKind.CHANGED, f"{SAIL},", f"{SAIL}!")]


def test_another_speaker_of_the_same_words_is_told_but_not_where_an_admin_said_so() -> None:
    before, after = text_of(SAIL), text_of(SAIL, speaker="Omar Haddad")
    ((was, now),) = revised(before, after).respoken
    assert (was.speaker, now.speaker) == ("Elena Marsh", "Omar Haddad")
    corrected = [replace(one, speaker="Bo Vale", method=Method.CORRECTED) for one in analyse("", before).speeches]
    assert compare(before, corrected, after, analyse("", after).speeches).respoken == []


def test_an_answer_of_a_thousand_words_is_compared_to_its_end() -> None:
    words = " ".join(f"word{number}" for number in range(1_000))
    before, after = f"Ines Duarte: {words}", f"Ines Duarte: {words} more"
    turn = Speech(Span(13, len(before)), SpeechKind.TURN, Confidence.STATED, Method.TURN, "Ines Duarte")
    (changed,) = compare(before, [turn], after, [replace(turn, span=Span(13, len(after)))]).changed
    *_, last = edits(changed, before, after)
    assert last[0] is EditKind.CHANGED
    assert last[2].endswith("word999 more")


def test_hundreds_of_quotations_take_a_moment() -> None:
    before = text_of(*(f"Number {n} of {n * 7} was said on the {n}th day of the talks in Geneva" for n in range(400)))
    after = text_of(*(f"Number {n} of {n * 7} was never said on day {n} of the talks in Geneva" for n in range(400)))
    said, there = analyse("", before).speeches, analyse("", after).speeches
    begun = time.thread_time()
    found = compare(before, said, after, there)
    assert time.thread_time() - begun < 2
    assert len(found.changed) >= 190


quotes = st.lists(st.sampled_from([SAIL, STAY, BOAT, f"{SAIL} again", "No", "It is so", ""]), max_size=6)


@given(quotes, quotes)
def test_every_quotation_of_either_text_is_told_of_once(one: list[str], other: list[str]) -> None:
    before, after = text_of(*one), text_of(*other)
    found = revised(before, after)
    was = [pair[0] for pair in found.same] + [pair.before for pair in found.changed] + list(found.removed)
    is_now = [pair[1] for pair in found.same] + [pair.after for pair in found.changed] + list(found.added)
    assert sorted(one.span for one in was) == sorted(one.span for one in analyse("", before).speeches)
    assert sorted(one.span for one in is_now) == sorted(one.span for one in analyse("", after).speeches)
