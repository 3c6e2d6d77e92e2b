"""Names of outlets and people are found by what people type of them."""

from __future__ import annotations

import pytest

from bot.search.names import name_key, named_by, part_of


@pytest.mark.parametrize(
    ("source", "outlet", "within"),
    [
        ("times", "The New York Times", True),
        ("york tim", "The New York Times", True),
        ("LE MONDE", "Le Monde", True),
        ("el pais", "El País", True),
        ("O'Globo", "O’Globo", True),
        ("🗞", "🗞", True),
        ("!!!", "Reuters", False),
        ("times", "Reuters", False),
    ],
)
def test_a_source_is_part_of_the_outlets_name(source: str, outlet: str, within: bool) -> None:
    assert part_of(source)(name_key(outlet)) is within


@pytest.mark.parametrize(
    ("speaker", "name", "speaks"),
    [
        ("zelensk", "Volodymyr Zelensky", True),
        ("zelensk volo", "Volodymyr Zelensky", True),
        ("ensky", "Volodymyr Zelensky", False),
        ("zelenskyy", "Volodymyr Zelensky", True),
        ("zelensky", "Volodymyr Zelenskyy", True),
        ("kim", "Volodymyr Zelensky", False),
        ("erdogan", "Recep Tayyip Erdoğan", True),
        ("o'brien", "Keir O’Brien", True),
        ("al-sharaa", "Ahmed al-Sharaa", True),
        ("rubio", "Marco Rubio’s office", True),
        ("rubio lula", "Marco Rubio", False),
        ("!!!", "Marco Rubio", False),
    ],
)
def test_every_word_of_a_speaker_begins_a_word_of_the_name(speaker: str, name: str, speaks: bool) -> None:
    assert named_by(speaker)(name_key(name)) is speaks
