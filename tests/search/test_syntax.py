"""What is typed is taken apart as people mean it, and nothing is an error."""

from __future__ import annotations

from datetime import date

import pytest

from bot.search.syntax import MOST_OPERATORS, Typed, take_apart

TODAY = date(2026, 5, 13)


def read(text: str) -> Typed:
    return take_apart(text, TODAY)


def words(text: str) -> list[str]:
    """The plain words of ``text``; it must hold nothing else."""
    typed = read(text)
    assert typed == Typed(sought=typed.sought)
    assert not any(is_phrase for _, is_phrase in typed.sought)
    return " ".join(piece for piece, _ in typed.sought).split()


def phrases(text: str) -> list[str]:
    return [piece.strip() for piece, is_phrase in read(text).sought if is_phrase]


@pytest.mark.parametrize(
    "text",
    [
        *('"peace talks"', "“peace talks”", "„peace talks“", "”peace talks”", "„peace talks”", "＂peace talks＂"),
        *("«peace talks»", "»peace talks«", "« peace talks »", "‹peace talks›", "「peace talks」", "『peace talks』"),
        *('“peace talks"', '"peace talks”', '("peace talks")', 'ended,"peace talks"now', 'pre-"peace talks"'),
    ],
)
def test_a_phrase_may_stand_in_the_quotes_of_any_keyboard(text: str) -> None:
    assert phrases(text) == ["peace talks"]


def test_a_phrase_stands_between_words_in_the_order_typed() -> None:
    assert read('the "peace talks" in Istanbul').sought == [
        ("the", False),
        ("peace talks", True),
        ("in Istanbul", False),
    ]


@pytest.mark.parametrize(
    "text", ['"peace talks', "peace talks”", "“peace", "»peace", '12" vinyl, 7" single', "5'10\" tall"]
)
def test_a_quote_never_closed_or_inside_a_word_is_no_quote(text: str) -> None:
    assert phrases(text) == []
    assert words(text)


def test_a_phrase_is_found_in_a_script_without_blanks() -> None:
    assert phrases("他说“停火”了") == phrases("彼は「停火」と") == ["停火"]


@pytest.mark.parametrize("minus", ["-", "–", "−", "‐", "－", "(-"])
def test_a_minus_before_a_word_or_phrase_leaves_it_out(minus: str) -> None:
    assert read(f'talks {minus}football {minus}"cup final"').excluded == ["football", "cup final"]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2022-2023",
            "cease-fire",
            "talks -",
            "- talks",
            "talks - war",
            "--talks",
            "---",
            "-",
            "–",
            "-–talks",
            "foo-",
        ),
        *("—talks", "2020 –2022", "−5 degrees"),
    ],
)
def test_other_dashes_leave_nothing_out(text: str) -> None:
    assert words(text) == text.split()


def test_a_hyphen_after_a_phrase_leaves_nothing_out() -> None:
    assert read('"peace"-talks').excluded == []


def test_of_a_quote_never_closed_the_minus_leaves_out_the_first_word() -> None:
    typed = read('-"cup final')
    assert (typed.excluded, typed.sought) == (["cup"], [("final", False)])


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("source:Reuters talks", "Reuters"),
        ("SOURCE:reuters talks", "reuters"),
        ("talks source: Reuters", "Reuters"),
        ("(source:Reuters) talks", "Reuters"),
        ("source：Reuters, talks", "Reuters"),
        ('source:"New York Times" talks', "New York Times"),
        ("talks source: “New York Times”", "New York Times"),
        ('source:"Reuters talks', "Reuters"),
        ("source:AP talks source:Reuters", "Reuters"),
        ("talks source:nytimes.com.", "nytimes.com"),
    ],
)
def test_an_outlet_may_be_typed_in_the_text(text: str, source: str) -> None:
    typed = read(text)
    assert typed.source == source
    assert [piece for piece, _ in typed.sought] in (["talks"], ["talks", ""])


def test_a_speaker_may_be_typed_in_the_text() -> None:
    assert read("speaker:zelensk").speaker == "zelensk"
    assert read("Speaker: “Mike Johnson” budget").speaker == "Mike Johnson"


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("since:2025 x", "2025-01-01", None),
        ("until:2025 x", None, "2025-12-31"),
        ("after:2025 x", "2026-01-01", None),
        ("before:2025 x", None, "2024-12-31"),
        ("since:last week x", "2026-05-04", None),
        ("x until:last week.", None, "2026-05-10"),
        ('since:"last week" x', "2026-05-04", None),
        ("since: 12 May 2025 x", "2025-05-12", None),
        ("since:May 12, 2025 x", "2025-05-12", None),
        ("since:March 2025 until:April 2025 x", "2025-03-01", "2025-04-30"),
        ("since:the last 10 days x", "2026-05-03", None),
        ("UNTIL:3 days ago x", None, "2026-05-10"),
        ("since:2024 x since:2025", "2025-01-01", None),
        ("since:yesterday -y x", "2026-05-12", None),
    ],
)
def test_dates_may_be_typed_in_the_text(text: str, since: str | None, until: str | None) -> None:
    typed = read(text)
    assert [day and day.isoformat() for day in (typed.since, typed.until)] == [since, until]
    assert [piece for piece, _ in typed.sought] == ["x"]


@pytest.mark.parametrize(
    "text",
    [
        *("since:never", "since: we last met", "until:2025-02-31", "after:9999", "before:0001", "since:", "until: "),
        *("source:", "source: https://example.org", "speaker:🗞", "source:-x", "source:://", "speaker::x", "source :x"),
        *(
            "12:30",
            "https://example.org/a?b=c",
            "foo:bar",
            "title:peace",
            "resource:x",
            "::",
            "re: talks",
            "ſince:2025",
        ),
    ],
)
def test_what_makes_no_sense_as_an_operator_is_words(text: str) -> None:
    assert words(text) == text.split()


def test_an_operator_without_a_value_before_another_is_a_word() -> None:
    typed = read("source: since:2025")
    assert (typed.source, typed.since, typed.sought) == (None, date(2025, 1, 1), [("source:", False)])


def test_a_date_in_quotes_that_is_none_is_words_and_no_phrase() -> None:
    assert words('since:"the flood" came') == ['since:"the', 'flood"', "came"]


def test_so_many_operators_are_tried_and_no_more() -> None:
    assert read("source:a " * MOST_OPERATORS + "source:b").source == "a"
    assert read("since:x " * MOST_OPERATORS + "source:b").source is None
