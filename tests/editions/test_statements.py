"""What one person said: repeats folded, bounds of time, bars of months and years."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dates import PartialDate
from bot.editions.charts import bar_chart, in_words
from bot.editions.repeats import grouped
from bot.editions.statements import MOST_BARS, about, bars, between, folded, record
from bot.model import Confidence, Person, Span, Speech, SpeechKind, Statement

DAWN = "We sail at dawn whatever the weather brings to the islands"
PNG = b"\x89PNG\r\n\x1a\n"


def statement(text: str = DAWN, day: str = "2025-05-12", article: int = 1) -> Statement:
    published = PartialDate.parse(day)
    speech = Speech(Span(0, len(text)), SpeechKind.QUOTATION, Confidence.STATED, speaker="Elena Marsh")
    return Statement(article, published.last_day, published, None, speech, text)


def test_a_part_of_a_statement_is_its_repetition_and_the_fullest_is_kept() -> None:
    part = " ".join(DAWN.split()[:7])
    found = folded([statement(part, article=1), statement(article=2), statement("Nobody asked us", article=3)])
    assert [(one.article_id, one.repeats) for one in found] == [(2, (1,)), (3, ())]


def test_what_only_begins_alike_is_no_repetition() -> None:
    other = "We sail at dawn and then we shall all have breakfast on the pier with the mayor"
    assert grouped([DAWN, other]) == [0, 1]


def test_short_words_repeat_only_themselves() -> None:
    assert grouped(["No.", "no", "Not now"]) == [0, 0, 2]


@given(st.lists(st.text(alphabet="ab ", max_size=30), max_size=12))
def test_every_text_belongs_to_one_that_stands_for_itself(texts: list[str]) -> None:
    groups = grouped(texts)
    assert all(groups[group] == group for group in groups)


def test_a_record_knows_its_first_and_latest() -> None:
    said = [statement("Third and last words of hers", "2025-06"), statement(DAWN, "2025-05"), statement("One", "2024")]
    made = record(Person("Elena Marsh", ("Elena Marsh",), 3), said)
    assert (made.latest.text, made.first.text, made.quoted) == ("Third and last words of hers", "One", 3)


def test_a_bound_keeps_what_may_lie_within_it() -> None:
    said = [statement("a", "2025-06-01"), statement("b", "2025-05"), statement("c", "2025")]
    assert [one.text for one in between(said, date(2025, 5, 20), date(2025, 5, 25))] == ["b", "c"]


def test_about_prefers_what_satisfies_all() -> None:
    said = [statement("the boat at dawn"), statement("the boat"), statement("nothing")]
    has_boat, has_dawn = (lambda text: "boat" in text), (lambda text: "dawn" in text)
    assert [one.text for one in about(said, [has_boat, has_dawn])] == ["the boat at dawn"]
    assert [one.text for one in about(said[1:], [has_boat, has_dawn])] == ["the boat"]


def test_months_without_a_word_have_a_bar_of_none() -> None:
    said = [statement(day="2025-05-12"), statement(day="2025-03"), statement(day="2025-05-30")]
    assert bars(said) == (("Mar 2025", 1), ("Apr 2025", 0), ("May 2025", 2))


def test_many_months_become_years() -> None:
    said = [statement(day="2025-05-12"), statement(day="2022-01-01")]
    assert bars(said) == (("2022", 1), ("2023", 0), ("2024", 0), ("2025", 1))


def test_a_year_alone_is_no_month() -> None:
    assert bars([statement(day="2025")]) == ()


@given(st.lists(st.dates(), max_size=20))
def test_there_are_never_more_bars_than_can_be_read(days: list[date]) -> None:
    found = bars([statement(day=f"{day:%Y-%m-%d}".rjust(10, "0")) for day in days])
    assert len(found) <= MOST_BARS
    assert bar_chart(found).startswith(PNG)


@pytest.mark.parametrize("counts", [[], [0], [1], [1, 0, 999_999], list(range(MOST_BARS))])
def test_a_chart_is_a_png_of_any_numbers(counts: list[int]) -> None:
    made = bar_chart([(f"May {2000 + number}", count) for number, count in enumerate(counts)])
    assert made.startswith(PNG)
    assert len(made) < 20_000


def test_the_numbers_of_a_chart_are_said_in_words() -> None:
    assert in_words([("May 2025", 3), ("Jun 2025", 0)]) == "May 2025: 3, Jun 2025: 0"
