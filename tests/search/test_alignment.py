"""How a claim is set against the words of an article: what is the same, left out, added, changed, moved, skipped."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.language.normal import clean
from bot.language.tokens import words
from bot.search.checks import places
from bot.search.claims import MOST_CHARS, claims_in
from bot.search.differences import EditKind
from tests.bench.text import word
from tests.search.claimed import FERRY, article, edits, found, rarity
from tests.strangeness import any_text

LEFT_OUT, ADDED, CHANGED, MOVED = EditKind.LEFT_OUT, EditKind.ADDED, EditKind.CHANGED, EditKind.MOVED

LONG = "\n\n".join(
    f"In {word(number + 600)} the harbour office counts the crates of herring, and the clerk {word(number + 1_600)} "
    f"signs for them. The weather at pier {word(number + 2_600)} was mild, as the keeper wrote down in the evening."
    for number in range(400)
)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("We could not leave villages without a doctor", [(LEFT_OUT, "", "four")]),
        ("We could not ever leave four villages without a doctor", [(ADDED, "ever", "")]),
        ("We could not leave three villages without a doctor", [(CHANGED, "three", "four")]),
        ("Nobody at the harbour knows yet what the coming winter will bring", [(CHANGED, "the coming", "next")]),
        ("We could not leave villages four without a doctor", [(MOVED, "", "four"), (MOVED, "four", "")]),
        (
            "We could not doctor four villages without a leave",
            [(MOVED, "doctor", "leave"), (MOVED, "leave", "")],
        ),
        ("A ticket for the season costs 1,100 crowns", [(CHANGED, "1,100", "1,000")]),
        ("Dogs travel free, and a goat pays €5", [(CHANGED, "€5", "$5")]),
        ("Dogs travel free, and a goat pays 5", [(CHANGED, "5", "$5")]),
        ("[She] could not leave four villages without a doctor", [(ADDED, "She", "")]),
    ],
)
def test_every_difference_is_shown_with_both_its_sides(typed: str, wanted: list[tuple[EditKind, str, str]]) -> None:
    assert edits(typed, FERRY) == wanted


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("WE COULD NOT LEAVE FOUR VILLAGES", "“We could not leave four villages,” she said."),
        ("we  could\nnot leave four villages", "“We could not leave four villages,” she said."),
        ("a ticket costs 1000 crowns", "A ticket costs 1,000 crowns."),
        ("the U.S. cease-fire held till noon", "The US ceasefire held till noon."),
        ("their well-being comes before the timetable", "Their wellbeing comes before the timetable."),
        ("We don't know; it's the café's turn", "We don’t know – it’s the cafe’s turn."),
        ("rates rose by 5 % in one year", "Rates rose by 5% in one year."),
    ],
)
def test_what_is_only_written_otherwise_is_the_same(typed: str, stored: str) -> None:
    assert edits(typed, stored) == []
    assert found(typed, stored)[0].is_exact


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("we will see how the winter goes", "We’ll see how the winter goes."),
        ("we see how the winter goes", "We’ll see how the winter goes."),
        ("the harbour plan is good for all", "The harbour’s plan is good for all."),
        ("rates rose by 5 in one year", "Rates rose by 5% in one year."),
        ("it was 12 degrees at the pier", "It was -12 degrees at the pier."),
        ("a ticket costs 10000 crowns now", "A ticket costs 1,000 crowns now."),
        ("some 3.4 tonnes of herring came in", "Some 34 tonnes of herring came in."),
    ],
)
def test_what_folding_takes_away_is_a_difference_all_the_same(typed: str, stored: str) -> None:
    assert not found(typed, stored)[0].is_exact


def test_an_ellipsis_within_a_sentence_is_reported_and_exact() -> None:
    typed = "We could not leave … without a doctor"
    (place,) = found(typed, FERRY)
    (splice,) = place.differences.splices
    assert place.is_exact
    assert (splice.stored.of(FERRY), splice.words, splice.sentences_apart) == ("four villages", 2, 0)
    assert splice.claimed is not None
    assert splice.claimed.of(typed) == "…"
    assert [part.of(FERRY) for part in place.differences.parts] == ["We could not leave", "without a doctor"]


def test_an_ellipsis_to_the_next_sentence_is_exact_and_one_to_a_distant_sentence_is_not() -> None:
    (near,) = found("Freight goes … travel free", FERRY)
    (far,) = found("The ferry to the islands will run all winter … Dogs travel free", FERRY)
    assert (near.is_exact, near.differences.splices[0].sentences_apart) == (True, 1)
    assert (far.is_exact, far.differences.splices[0].sentences_apart) == (False, 5)


def test_distant_sentences_spliced_without_a_mark_show_what_is_left_out_between() -> None:
    typed = "The ferry to the islands will run all winter. A ticket for the season costs 1,000 crowns."
    ((kind, claimed, stored),) = edits(typed, FERRY)
    (splice,) = found(typed, FERRY)[0].differences.splices
    assert (kind, claimed) == (LEFT_OUT, "")
    assert stored.startswith("the harbour office said")
    assert stored.endswith("a goat pays $5")
    assert (splice.claimed, splice.sentences_apart) == (None, 6)


def test_sentences_in_the_other_order_are_marked_as_moved() -> None:
    typed = "A ticket for the season costs 1,000 crowns. The ferry to the islands will run all winter."
    (place,) = found(typed, FERRY)
    assert not place.is_exact
    assert edits(typed, FERRY) == [(MOVED,) + ("The ferry to the islands will run all winter",) * 2]
    assert place.differences.splices[0].sentences_apart is None


def test_the_articles_own_words_inside_a_quotation_need_not_be_repeated() -> None:
    typed = "We could not leave four villages without a doctor. That would have been wrong."
    (place,) = found(typed, FERRY)
    assert place.is_exact
    assert edits(typed, FERRY) == [(EditKind.ASIDE, "", "said Ines Duarte, who runs the line")]


def test_a_claim_is_found_deep_in_a_long_text_and_with_its_halves_far_apart() -> None:
    clerk, pier, other = word(1_600 + 371), word(2_600 + 371), word(1_600 + 12)
    whole = found(f"the clerk {clerk} signs for them. The weather at pier {pier} was mild", LONG)
    apart = found(f"herring, and the clerk {other} signs for them … The weather at pier {pier} was mild", LONG)
    assert whole[0].is_exact
    assert [part.of(LONG) for part in apart[0].differences.parts] == [
        f"herring, and the clerk {other} signs for them",
        f"The weather at pier {pier} was mild",
    ]


def test_a_sign_that_folds_to_several_words_moves_no_others() -> None:
    text = "On Jan. 5 \ufdfa 新聞によると、市長は辞任した。"
    (claim,) = claims_in("新聞によると、市長は辞任した。")
    (place,) = places("新聞によると、市長は辞任した。", claim, rarity(claim), [article(text)])
    assert place.is_exact
    assert place.span.of(text) == "新聞によると、市長は辞任した"


@pytest.mark.parametrize("typed", ["café", "the café", "The Cafe", "Müller", "¹", "¼ inch"])
def test_words_too_few_to_be_compared_are_found_with_their_accents(typed: str) -> None:
    (place,) = found(typed, "In the café sat Müller.¹ ¼ inch")
    assert place.is_exact


@settings(deadline=None)
@given(st.data())
def test_unchanged_words_of_a_text_are_exact_and_stand_at_their_place(data: st.DataObject) -> None:
    text = clean(data.draw(st.just(FERRY) | any_text(max_size=2_000)))
    known = words(text)
    if len(known) < 3:
        return
    first = data.draw(st.integers(0, len(known) - 3))
    last = data.draw(st.integers(first + 2, min(len(known) - 1, first + 60)))
    start, end = known[first].span.start, known[last].span.end
    while start and not text[start - 1].isspace():  # a currency's sign belongs to its number
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    if re.match(r"\s*[%‰°€£¥₹₽₴]", text[end:]):  # which belongs to it across a blank, too
        return
    typed = text[start:end]
    claims = claims_in(typed)
    if len(claims) != 1 or claims[0].speaker or claims[0].gaps or claims[0].is_cut:
        return
    claim = claims[0]
    assert any(
        place.is_exact and [word.term for word in words(text, place.span)] == [word.term for word in claim.words]
        for place in places(typed, claim, rarity(claim), [article(text)])
    )


@settings(deadline=None)
@given(any_text(max_size=MOST_CHARS, surrogates=True), any_text(max_size=3_000))
def test_any_claim_against_any_text_has_valid_spans_and_all_its_words(typed: str, stored: str) -> None:
    typed, stored = clean(typed), clean(stored)
    for claim in claims_in(typed)[:3]:
        for place in places(typed, claim, rarity(claim), [article(stored), article(FERRY, 2)]):
            text = place.article.text
            claimed = [edit.claimed for edit in place.differences.edits if len(edit.claimed)]
            known = [one for span in claimed for one in words(typed, span)]
            assert [one for one in known if one in claim.words] == list(claim.words)
            for edit in place.differences.edits:
                assert 0 <= edit.claimed.start <= edit.claimed.end <= len(typed)
                assert 0 <= edit.stored.start <= edit.stored.end <= len(text)


@pytest.mark.parametrize(
    "typed",
    ["ferry " * 1_000, "the " * 1_500, "a " * 3_000, "x" * 6_000, "ferry … " * 700, "1 " * 3_000, "字" * 6_000],
)
@pytest.mark.parametrize("stored", [LONG, "ferry " * 20_000, "a the 1 " * 10_000, "x" * 100_000, "字" * 50_000])
def test_hostile_claims_and_texts_take_bounded_time(typed: str, stored: str) -> None:
    (claim,) = claims_in(clean(typed))
    begun = time.process_time()
    places(clean(typed), claim, rarity(claim), [article(stored)])
    assert time.process_time() - begun < 2  # some 30 ms; ten times as much under coverage
