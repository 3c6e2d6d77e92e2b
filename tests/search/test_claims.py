"""What a text claims: its quotations with the speaker it names, or itself; bounded, whatever is typed."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings

from bot.language.normal import clean
from bot.search.claims import MOST_CHARS, MOST_WORDS, claims_in
from tests.search.hostile import hostile_queries
from tests.sizes import some
from tests.strangeness import any_text


def said(text: str) -> list[tuple[str, str | None]]:
    return [(claim.span.of(text), claim.speaker) for claim in claims_in(text)]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("“The ferry runs all winter.”", "The ferry runs all winter"),
        ('He said: "The ferry runs all winter!"', "The ferry runs all winter"),
        ("«The ferry runs all winter»", "The ferry runs all winter"),
        ("„The ferry runs all winter“", "The ferry runs all winter"),
        ("She said ‘the ferry won’t run all winter’ then.", "the ferry won’t run all winter"),
        ("The ferry runs all winter.", "The ferry runs all winter"),
        ("> The ferry runs all winter.", "The ferry runs all winter"),
        ("“The ferry runs all winter", "The ferry runs all winter"),
    ],
)
def test_a_quotation_is_a_claim_whatever_its_marks_and_a_text_without_any_is_one(typed: str, words: str) -> None:
    assert [claimed for claimed, _ in said(typed)] == [words]


def test_every_quotation_of_a_text_is_a_claim_of_its_own() -> None:
    text = "“The ferry runs all winter,” said Ines Duarte. Omar Haddad said: “Nobody asked any of us.”"
    assert said(text) == [
        ("The ferry runs all winter", "Ines Duarte"),
        ("Nobody asked any of us", "Omar Haddad"),
    ]


@pytest.mark.parametrize(
    "typed",
    [
        "“The ferry runs all winter,” said Ines Duarte.",
        '"The ferry runs all winter" - Ines Duarte',
        "“The ferry runs all winter.” — Ines Duarte, who runs the line",
        '"The ferry runs all winter": Ines Duarte',
        "Ines Duarte: “The ferry runs all winter”",
        "**Ines Duarte**: “The ferry runs all winter”",
        "The ferry runs all winter.\n— Ines Duarte",
        "The ferry runs all winter. - Ines Duarte, mayor",
        "Ines Duarte: The ferry runs all winter",
        "“The ferry runs all winter,” said Mayor Ines Duarte.",
    ],
)
def test_the_speaker_is_who_the_text_names_beside_the_words(typed: str) -> None:
    assert said(typed) == [("The ferry runs all winter", "Ines Duarte")]


@pytest.mark.parametrize(
    "typed",
    [
        "“The ferry runs all winter,” said an official.",
        "The ferry runs all winter - two crossings a day",
        "WINTER FERRY: the boats will run",
        "“The ferry runs all winter.” This is new.",
    ],
)
def test_no_speaker_is_made_up(typed: str) -> None:
    assert [speaker for _, speaker in said(typed)] == [None]


def test_a_name_of_a_label_or_a_signature_is_not_among_the_words() -> None:
    assert said("Duarte: we run")[0] == ("we run", "Duarte")


@pytest.mark.parametrize("mark", ["…", "...", "[...]", "[…]", "(...)", ". . ."])
def test_an_ellipsis_is_a_gap_between_two_words(mark: str) -> None:
    text = f"The ferry {mark} all winter"
    (claim,) = claims_in(text)
    assert [(gap.before, gap.span.of(text)) for gap in claim.gaps] == [(2, mark)]


def test_an_ellipsis_at_either_end_is_no_gap_and_a_remark_is_no_word() -> None:
    (claim,) = claims_in("“… the fery [sic] runs all winter …”")
    assert claim.gaps == ()
    assert [word.term for word in claim.words] == ["the", "fery", "runs", "all", "winter"]


def test_a_claim_ends_after_so_many_words_and_says_so() -> None:
    text = "ferry " * (MOST_WORDS + 20)
    (claim,) = claims_in(text)
    assert (len(claim.words), claim.is_cut) == (MOST_WORDS, True)
    assert claim.span.end == MOST_WORDS * len("ferry ") - 1


@pytest.mark.parametrize("text", ["", "…", "“”", "!?", "👍", "- - -", '""""""'])
def test_a_text_without_a_word_claims_nothing(text: str) -> None:
    assert claims_in(text) == []


@settings(deadline=None)
@given(any_text(max_size=MOST_CHARS, surrogates=True))
def test_any_text_has_claims_with_their_words_at_their_places(typed: str) -> None:
    text = clean(typed)
    for claim in claims_in(text):
        assert claim.words
        assert (claim.words[0].span.start, claim.words[-1].span.end) == (claim.span.start, claim.span.end)
        assert all(0 <= word.span.start < word.span.end <= len(text) for word in claim.words)
        assert all(0 < gap.before < len(claim.words) for gap in claim.gaps)


@pytest.mark.many
def test_no_hostile_text_takes_long_to_read() -> None:
    for typed in some(hostile_queries(), few=40):
        text = clean(typed[:MOST_CHARS])
        begun = time.process_time()
        claims_in(text)
        assert time.process_time() - begun < 2, typed[:60]  # the longest takes some 20 ms
