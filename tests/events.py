"""Invented events and reports on them: each report has most of its event's facts, in words of its own order."""

from __future__ import annotations

import random

from bot.dates import PartialDate
from bot.model import Document
from tests.bench.text import word

PEOPLE = ["Erik Moe", "Siri Dahl", "Ines Duarte", "Omar Haddad", "Tomas Weil", "Greta Lund", "Paulo Reis", "Anna Kolb"]
PLACES = ["Hvaler", "Lillesand", "Porto Santo", "Karpathos", "Bremerhaven", "Visby", "Aveiro", "Szentes"]
_OPENINGS = [
    "It was clear to",
    "Nobody in the",
    "As many as",
    "Before the end",
    "Later that day",
    "With the",
    "Even so",
]
_WORDS_AN_EVENT, _WORDS_A_SENTENCE = 40, 8


def reports(event: int, count: int, day: str | None) -> list[Document]:
    """``count`` reports on event number ``event``, of the day ``day`` or of none, each by an outlet of its own."""
    chance = random.Random(event)
    person, place = PEOPLE[event % len(PEOPLE)], PLACES[event % len(PLACES)]
    own = [word(1_000 + event * _WORDS_AN_EVENT + number) for number in range(_WORDS_AN_EVENT)]
    facts = [(opening, chance.sample(own, _WORDS_A_SENTENCE), f"of {place}") for opening in _OPENINGS]
    facts.append((f"In {place} the", chance.sample(own, 6), f"as {person} said on Tuesday"))
    made = []
    for number in range(count):
        outlet = word(number).title()
        told = [
            f"{opening} {' '.join(chance.sample(words, len(words)))} {end}."
            for opening, words, end in chance.sample(facts, len(facts) - 1)
        ]
        made.append(
            Document(
                f"{event}-{number}",
                f"{own[0].title()} of {own[1]} as {outlet} has it",
                " ".join(told),
                outlet=outlet,
                published=PartialDate.parse(day) if day else None,
            )
        )
    return made
