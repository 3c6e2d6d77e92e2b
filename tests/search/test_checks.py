"""The verdict on a claim: exact, near, said by someone else or not there; and which of several places is shown."""

from __future__ import annotations

import pytest

from bot.search.checks import Verdict
from bot.search.names import same_person
from tests.search.claimed import FERRY, article, checked

EXACT, NEAR, OTHER, NOT_FOUND = Verdict.EXACT, Verdict.NEAR, Verdict.OTHER_SPEAKER, Verdict.NOT_FOUND
WORDS = "We could not leave four villages without a doctor"


@pytest.mark.parametrize(
    ("typed", "verdict"),
    [
        (f"“{WORDS}”", EXACT),
        (f"“{WORDS},” said Ines Duarte.", EXACT),
        (f"“{WORDS}” — Duarte", EXACT),
        (f"“{WORDS},” said Omar Haddad.", OTHER),
        ("“We could not leave five villages without a doctor,” said Ines Duarte.", NEAR),
        ("“We could not leave five villages without a doctor,” said Omar Haddad.", OTHER),
        ("“We will not strand any settlement lacking medical care,” said Ines Duarte.", NOT_FOUND),
        ("“The parliament dissolved itself on Friday night,” said Ines Duarte.", NOT_FOUND),
        ("“Two crossings a day are planned until March,” said Omar Haddad.", EXACT),
    ],
)
def test_the_verdict_is_about_the_words_and_about_who_is_named(typed: str, verdict: Verdict) -> None:
    assert checked(typed, article(FERRY)).verdict is verdict


def test_someone_elses_words_come_with_their_speaker_and_how_they_differ() -> None:
    one = checked("“We could not leave five villages without a doctor,” said Omar Haddad.", article(FERRY))
    assert one.claim.speaker == "Omar Haddad"
    assert one.found is not None
    assert (one.found.speaker, one.found.is_exact, one.speaker_agrees) == ("Ines Duarte", False, False)


def test_words_that_are_nobodys_are_never_said_to_be_another_persons() -> None:
    one = checked("“Two crossings a day are planned until March,” said Omar Haddad.", article(FERRY))
    assert one.found is not None
    assert (one.found.speaker, one.found.speech, one.speaker_agrees) == (None, None, None)


def test_exact_words_come_before_near_ones_however_new() -> None:
    older = article(FERRY, 1, "2020-01-01")
    newer = article(FERRY.replace("four villages", "five villages"), 2, "2026-01-01")
    one = checked(f"“{WORDS}”", newer, older)
    assert one.found is not None
    assert (one.verdict, one.found.quote.article.id, one.found.also_in) == (EXACT, 1, ())


def test_the_place_of_the_speaker_who_is_named_comes_first_then_any_speech_then_the_newest() -> None:
    prose = article(f"Everybody says: {WORDS.lower()} here.", 1, "2026-04")
    said = article(f"“{WORDS},” said Ines Duarte.", 2, "2020")
    other = article(f"“{WORDS},” said Omar Haddad.", 3, "2024")
    everywhere = (prose, said, other)

    def shown(typed: str) -> tuple[Verdict, int, set[int]]:
        one = checked(typed, *everywhere)
        assert one.found is not None
        return one.verdict, one.found.quote.article.id, {article.id for article in one.found.also_in}

    assert shown(f"“{WORDS},” said Ines Duarte.") == (EXACT, 2, {1, 3})
    assert shown(f"“{WORDS}”") == (EXACT, 3, {1, 2})
    assert shown(f"“{WORDS},” said Mara Lind.") == (OTHER, 3, {1, 2})


@pytest.mark.parametrize("words", ["harbour", "the harbour", "it is what it is", "nobody at all", "57"])
def test_short_claims_and_common_words_are_there_word_for_word_or_not_at_all(words: str) -> None:
    text = f"She said that {words} of course."
    assert checked(words, article(text)).verdict is EXACT
    assert checked(words, article(text.replace(words, words[::-1]))).verdict is NOT_FOUND


def test_a_word_in_another_form_is_not_the_word() -> None:
    assert checked("harbours", article(FERRY)).verdict is NOT_FOUND
    assert checked("a harbour", article(FERRY)).verdict is NOT_FOUND


def test_the_span_found_is_of_the_words_and_the_runs_lie_in_it() -> None:
    one = checked("We could not leave … without a doctor", article(FERRY))
    assert one.found is not None
    quote = one.found.quote
    assert quote.text == "We could not leave four villages without a doctor"
    assert all(quote.passage.span.holds(part) for part in quote.matched)


def test_the_exact_place_of_several_in_an_article_is_taken_where_somebody_says_it() -> None:
    text = f"{WORDS}, the sign says.\n\n“{WORDS},” said Ines Duarte, who runs the line."
    one = checked(f"“{WORDS}”", article(text))
    assert one.found is not None
    assert (one.found.speaker, one.found.quote.passage.span.start) == ("Ines Duarte", text.index("“") + 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zelensky", "Volodymyr Zelenskyy"),
        ("President Zelenskyy", "Volodymyr Zelenskiy"),
        ("Volodymyr Zelenskiy", "Zelensky"),
        ("Ines Duarte", "Mayor Duarte"),
        ("J. Ruiz", "Juan Carlos Ruiz"),
        ("John F. Kennedy", "John Kennedy"),
        ("the Foreign Ministry", "French Foreign Ministry"),
    ],
)
def test_names_of_one_person_agree(one: str, other: str) -> None:
    assert same_person(one, other)
    assert same_person(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ines Duarte", "Omar Haddad"), ("Donald Trump", "Melania Trump"), ("Haddad", "Omar Duarte")],
)
def test_names_of_two_people_do_not(one: str, other: str) -> None:
    assert not same_person(one, other)
