"""Which names are one person's, by the rules and by what admins say."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.language.people import people
from tests.strangeness import any_text


def joined(*names: str, told: dict[str, str] | None = None) -> list[tuple[str, ...]]:
    """Who is who of these names, each quoted once, in alphabetical order."""
    return sorted(person.names for person in people(dict.fromkeys(names, 1), told))


def test_spellings_of_one_name_are_one_person() -> None:
    assert joined("Volodymyr Zelensky", "Volodymyr Zelenskyy", "volodymyr zelenskiy") == [
        ("Volodymyr Zelensky", "Volodymyr Zelenskyy", "volodymyr zelenskiy")
    ]


def test_titles_initials_and_suffixes_do_not_part_a_person() -> None:
    assert len(joined("Elena Marsh", "Mayor Elena Marsh", "Elena B. Marsh", "Elena Marsh Jr.")) == 1


def test_a_surname_is_the_one_who_bears_it_in_full() -> None:
    assert joined("Elena Marsh", "Marsh") == [("Elena Marsh", "Marsh")]


def test_a_surname_that_two_bear_stays_alone() -> None:
    assert joined("Elena Marsh", "Tom Marsh", "Marsh") == [("Elena Marsh",), ("Marsh",), ("Tom Marsh",)]


def test_different_first_names_are_different_people() -> None:
    assert len(joined("Elena Marsh", "Ines Marsh")) == 2


def test_a_person_is_called_by_the_fullest_name_used_most_and_counted_over_all() -> None:
    (person,) = people({"Marsh": 9, "Elena Marsh": 1, "Mayor Elena Marsh": 3})
    assert (person.name, person.uses) == ("Mayor Elena Marsh", 13)


def test_the_most_quoted_come_first() -> None:
    assert [person.name for person in people({"Ines Duarte": 2, "Elena Marsh": 5, "Bo Vale": 5})] == [
        "Bo Vale", "Elena Marsh", "Ines Duarte"
    ]  # fmt: skip


def test_an_admin_joins_what_no_rule_would() -> None:
    assert joined("Elena Marsh", "Nell Storm", told={"Nell Storm": "Elena Marsh"}) == [("Elena Marsh", "Nell Storm")]
    assert people({"Elena Marsh": 1, "Nell Storm": 8}, {"Nell Storm": "Elena Marsh"})[0].name == "Elena Marsh"


def test_an_admin_parts_what_the_rules_join() -> None:
    assert joined("Elena Marsh", "Marsh", told={"Marsh": "Marsh"}) == [("Elena Marsh",), ("Marsh",)]


def test_a_name_can_be_joined_to_somebody_who_is_not_quoted_under_it() -> None:
    (person,) = people({"Nell Storm": 2}, {"Nell Storm": "Elena Marsh"})
    assert (person.name, person.names) == ("Elena Marsh", ("Nell Storm",))


@given(st.dictionaries(any_text(max_size=40), st.integers(1, 9), max_size=12))
def test_every_name_is_one_persons_and_nothing_is_lost(uses: dict[str, int]) -> None:
    found = people(uses)
    assert sorted(name for person in found for name in person.names) == sorted(uses)
    assert sum(person.uses for person in found) == sum(uses.values())
