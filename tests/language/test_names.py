"""Names inside one article."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.names import full_names, without_titles


@pytest.mark.parametrize(
    ("text", "surname", "full"),
    [
        ("President Dana Ruiz left. Ruiz was late.", "Ruiz", "Dana Ruiz"),
        ("Norlandian Prime Minister Bo Vale left.", "Vale", "Bo Vale"),
        ("Secretary of State Marla Stone and Vice President JD Bell came.", "Stone", "Marla Stone"),
        ("Secretary of State Marla Stone and Vice President JD Bell came.", "Bell", "JD Bell"),
        ("Dana Ruiz left; Dana M. Ruiz came back.", "Ruiz", "Dana M. Ruiz"),
        ("He met Ursula von der Berg.", "Berg", "Ursula von der Berg"),
    ],
)
def test_a_surname_stands_for_the_fullest_name_of_the_article(text: str, surname: str, full: str) -> None:
    assert full_names(text)[surname] == full


def test_a_surname_of_two_people_stays_open() -> None:
    assert "Ruiz" not in full_names("Dana Ruiz met Tom Ruiz at noon.")


@pytest.mark.parametrize(
    "text", ["Vale Ready To Accept New Talks", "He left the Foreign Ministry for Ruiz Tower.", "On Monday Ruiz left."]
)
def test_headlines_institutions_and_days_are_no_names(text: str) -> None:
    assert full_names(text) == {}


def test_titles_are_taken_off_and_organisations_kept_whole() -> None:
    assert without_titles("former Sen. Dana Ruiz’s") == "Dana Ruiz"
    assert without_titles("the French Foreign Ministry") == "French Foreign Ministry"


@given(st.text(st.characters(codec=None), max_size=200))
def test_any_text_has_names(text: str) -> None:
    assert all(full_names(text).values())


def test_a_word_in_the_middle_of_a_word_begins_a_name() -> None:
    known = full_names("The iDana Ruiz left and l’Éva Moe came.")
    assert known == {"Dana Ruiz": "Dana Ruiz", "Ruiz": "Dana Ruiz", "Éva Moe": "Éva Moe", "Moe": "Éva Moe"}


@pytest.mark.parametrize("piece", ["市長辞任新聞", "aÉ", "É’"])
def test_a_word_without_end_is_looked_through_once(piece: str) -> None:
    """Chinese is written without blanks: what is tried from every letter on takes minutes for an article."""
    started = time.process_time()
    assert full_names(piece * 20_000) == {}
    assert time.process_time() - started < 0.5  # fifty times what it takes, for slow machines
