"""Whom a mention stands for."""

from __future__ import annotations

import pytest

from bot.language.coreference import People, Person
from bot.model import Span

INTRODUCTION = (
    "Prime Minister Bo Vale met Senator Dana Ruiz at the Norland Trade Ministry on Monday.\n"
    "Ruiz, a lawyer from Eastport, brought her own plan."
)


def name(person: Person | None) -> str | None:
    return person.name if person else None


def by_pronoun(text: str, pronoun: str) -> Person | None:
    return People(text).by_pronoun(pronoun, text.rindex(pronoun))


@pytest.mark.parametrize(
    ("mention", "full"),
    [
        ("Ruiz", "Dana Ruiz"),
        ("Sen. Ruiz", "Dana Ruiz"),
        ("Prime Minister Vale", "Bo Vale"),
        ("Norland Trade Ministry", "Norland Trade Ministry"),
        ("Orlov", "Orlov"),
        ("Republicans", None),
        ("President", None),
    ],
)
def test_a_name_stands_for_the_fullest_of_the_article(mention: str, full: str | None) -> None:
    assert People(INTRODUCTION).named(mention) == full


def test_a_pronoun_stands_for_the_last_of_its_gender() -> None:
    text = "Senator Dana Ruiz met George Vale. Ruiz spoke of her plan. George Vale listened. "
    assert name(by_pronoun(text + "she", "she")) == "Dana Ruiz"
    assert name(by_pronoun(text + "he", "he")) == "George Vale"


def test_the_subject_of_a_sentence_goes_before_the_one_it_speaks_of() -> None:
    assert name(by_pronoun("George Vale spoke with Peter Orlov. Then he left the room.", "he")) == "George Vale"


def test_who_spoke_last_goes_before_who_was_only_named() -> None:
    text = "Peter Orlov agreed with George Vale, said Peter Orlov. Then he left the room."
    people = People(text)
    people.spoke("Peter Orlov", people._mentions[-1].span)
    assert name(people.by_pronoun("he", text.rindex("he"))) == "Peter Orlov"


def test_a_pronoun_is_plain_only_where_its_paragraph_or_the_one_before_names_one_it_can_be() -> None:
    near = by_pronoun("George Vale arrived with Mary Orlov. Then he left the room.", "he")
    assert near is not None
    assert near.near
    before = by_pronoun("George Vale arrived.\n\nIt was late. Then he left the room.", "he")
    assert before is not None
    assert before.near
    far = by_pronoun("George Vale arrived.\n\nIt was late.\n\nThen he left the room.", "he")
    assert far is not None
    assert not far.near
    either = by_pronoun("George Vale arrived with Peter Orlov. Then he left the room.", "he")
    assert either is not None
    assert not either.near


@pytest.mark.parametrize("pronoun", ["they", "it", "we", "I"])
def test_other_pronouns_stand_for_nobody(pronoun: str) -> None:
    assert by_pronoun("George Vale arrived. Then " + pronoun, pronoun) is None


def test_a_pronoun_stands_for_nobody_where_nobody_fits() -> None:
    assert by_pronoun("Mary Orlov arrived. Then he left the room.", "he") is None


@pytest.mark.parametrize(
    ("mention", "full"),
    [
        ("the prime minister", "Bo Vale"),
        ("the senator", "Dana Ruiz"),
        ("the lawyer", "Dana Ruiz"),
        ("the ministry", "Norland Trade Ministry"),
        ("the officials", None),
        ("the governor", None),
        ("a senator", None),
    ],
)
def test_a_title_stands_for_the_one_name_that_goes_with_it(mention: str, full: str | None) -> None:
    text = f"{INTRODUCTION}\n{mention}"
    assert name(People(text).by_title(mention, text.rindex(mention))) == full


def test_a_title_of_two_people_stands_for_the_one_of_its_paragraph_or_nobody() -> None:
    text = "President Bo Vale met President Ana Orlov.\nIt rained. The president left."
    assert People(text).by_title("The president", text.index("The president")) is None
    text = "President Bo Vale met President Ana Orlov.\nOrlov said it rained. The president left."
    assert name(People(text).by_title("The president", text.index("The president"))) == "Ana Orlov"


def test_names_inside_quotations_are_not_whom_a_pronoun_means() -> None:
    text = "George Vale spoke. “Peter Orlov was wrong,” he said."
    people = People(text, quoted=[Span(text.index("“") + 1, text.index("”"))])
    assert name(people.by_pronoun("he", text.rindex("he said"))) == "George Vale"
