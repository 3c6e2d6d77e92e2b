"""What several articles tell about one thing: whole sentences, each told once, with its source, in order of time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.editions.context import leans_back
from bot.editions.salience import quotable_sentences
from bot.editions.summaries import LENGTHS
from bot.editions.topics import MOST_ARTICLES, Found, TopicSummary, sum_up
from bot.language.tokens import terms
from tests.sizes import cases

if TYPE_CHECKING:
    from bot.model import Article
    from tests.editions.conftest import MakeArticle

COUNCIL = """The council of Lillesand voted on Monday to close the inner harbour for a year.

He calls the plan too costly. Divers will lift forty wrecks from the sea bed of the harbour.

The town has a new library with a garden on its roof."""
FERRIES = """Ferries to Hvaler sail from another pier while the harbour of Lillesand is closed.

Fishermen asked the council for a pier of their own during the winter."""
WRECKS = """Oil from the wrecks in the harbour killed seabirds on the islands every winter.

The state pays half of what clearing the harbour of Lillesand costs."""
INTERVIEW = """Ada Lee: Why was the harbour of Lillesand closed?

Anna Lund: Because oil leaks from forty wrecks into the harbour. We ask for patience.

Lee: Who pays?

Lund: The state pays half of the cost of the harbour."""


def _told(summary: TopicSummary) -> list[str]:
    return [line.span.of(line.article.text) for line in summary.lines]


def _sum_up(articles: list[Article], asked: str = "harbour Lillesand", length: str = "long") -> TopicSummary:
    found: list[Found] = [(article, 10.0 - place) for place, article in enumerate(articles)]
    return sum_up(asked, found, [(term,) for term in terms(asked)], length)


@pytest.fixture
def three(article: MakeArticle) -> list[Article]:
    return [
        article(COUNCIL, "Harbour to close", published="2025-05-12"),
        article(FERRIES, "Ferries move", published="2025-06-01"),
        article(WRECKS, "Oil in the bay", published="2025-03"),
    ]


def test_lines_come_from_several_articles_in_order_of_time(three: list[Article]) -> None:
    summary = _sum_up(three)
    assert [article.title for article in summary.articles] == ["Oil in the bay", "Harbour to close", "Ferries move"]
    council = [line.span for line in summary.lines if line.article is three[0]]
    assert len(council) == 2
    assert council == sorted(council)


def test_only_sentences_about_it_are_told(three: list[Article]) -> None:
    told = " ".join(_told(_sum_up(three)))
    assert "library" not in told
    assert "pier of their own" not in told


def test_where_no_sentence_has_the_words_the_articles_are_told_all_the_same(three: list[Article]) -> None:
    assert _told(_sum_up(three, "zeppelin"))


def test_a_sentence_that_leans_on_another_is_not_told(three: list[Article]) -> None:
    assert not any(leans_back(line) for line in _told(_sum_up(three)))
    assert "He calls the plan too costly." not in _told(_sum_up(three, "plan costly"))


@pytest.mark.parametrize("length", LENGTHS)
def test_the_words_are_those_of_the_length_at_most(three: list[Article], length: str) -> None:
    summary = _sum_up(three, length=length)
    assert 0 < summary.words <= LENGTHS[length]
    assert summary.words == sum(len(line.split()) for line in _told(summary))


def test_a_sentence_longer_than_the_length_comes_alone(article: MakeArticle) -> None:
    summary = _sum_up([article("The harbour of Lillesand holds " + "one wreck and " * 80 + "a tug.")], length="short")
    assert len(summary.lines) == 1


def test_copies_of_a_text_are_told_once_with_the_others_named(article: MakeArticle) -> None:
    first, copy = article(COUNCIL, "Ours"), article(f"{COUNCIL}\n\nMore soon.", "Theirs")
    summary = _sum_up([first, copy])
    assert summary.articles == [first]
    assert all(line.also == (copy,) for line in summary.lines)


def test_a_sentence_that_two_articles_print_is_told_once_with_the_other_named(article: MakeArticle) -> None:
    shared = "Divers will lift forty wrecks from the sea bed of the harbour."
    first = article(f"{shared}\n\n{FERRIES}")
    other = article(f"{WRECKS}\n\n{shared}")
    summary = _sum_up([first, other])
    (line,) = [line for line in summary.lines if line.span.of(line.article.text) == shared]
    assert {line.article.id, *(one.id for one in line.also)} == {first.id, other.id}


def test_the_same_statement_in_other_words_is_told_once(article: MakeArticle) -> None:
    first = article("The council of Lillesand closes the harbour for a year.")
    other = article("On Monday, the council of Lillesand voted to close the harbour there for a year, it wrote.")
    assert len(_sum_up([first, other]).lines) == 1


def test_what_matches_far_worse_is_left_out(three: list[Article]) -> None:
    found = [(three[0], 10.0), (three[1], 9.0), (three[2], 1.0)]
    assert three[2] not in sum_up("harbour", found, [("harbour",)], "long").articles


@pytest.mark.parametrize("score", [0.0, -1.0])
def test_scores_of_a_small_library_that_are_not_positive_leave_nobody_out(three: list[Article], score: float) -> None:
    assert len(sum_up("harbour", [(one, score) for one in three], [("harbour",)], "long").articles) == 3


def test_no_more_than_so_many_articles_are_quoted_and_none_takes_all_the_room(article: MakeArticle) -> None:
    things = ["cranes for timber", "old wooden piers", "ferries to islands", "fishing boats of steel"]
    places = ["Bergen", "Oslo", "Hvaler", "Moss", "Horten", "Larvik", "Skien", "Porsgrunn"]
    made = [article("\n\n".join(f"The harbour of {place} has many {thing}." for thing in things)) for place in places]
    summary = _sum_up(made, "harbour")
    assert len(summary.articles) <= MOST_ARTICLES
    assert all(sum(line.article is one for line in summary.lines) <= 3 for one in summary.articles)


def test_an_answer_comes_with_its_question_or_stands_alone(article: MakeArticle) -> None:
    made = article(INTERVIEW)
    summary = _sum_up([made])
    by_answer = {line.span.of(made.text): line for line in summary.lines}
    because = by_answer["Because oil leaks from forty wrecks into the harbour."]
    assert because.question is not None
    assert because.question.of(made.text) == "Why was the harbour of Lillesand closed?"
    pays = by_answer["The state pays half of the cost of the harbour."]
    assert (pays.question, pays.speaker) == (None, "Anna Lund")


@pytest.mark.parametrize("text", ["", "Comments", "# Harbour of Lillesand\n\n# Closed"])
def test_articles_without_a_sentence_to_quote_give_no_line(article: MakeArticle, text: str) -> None:
    assert _sum_up([article(text)]).lines == ()


def test_nothing_found_gives_no_line() -> None:
    assert sum_up("harbour", [], [("harbour",)]) == TopicSummary("harbour", (), 0, 0)


@pytest.mark.many
@pytest.mark.parametrize("text", ["A. " * 100_000, "x" * 1_000_000, "Lee: Why?\nLund: The pier is shut.\n" * 10_000])
def test_megabytes_of_anything_are_summed_up_in_seconds(article: MakeArticle, text: str) -> None:
    made = [article(f"{text} {place}") for place in ("Oslo", "Bergen", "Moss")]
    start = time.process_time()
    _sum_up(made, "pier shut")
    assert time.process_time() - start < 20


_TEXT = st.lists(
    st.tuples(
        st.sampled_from(["The harbour", "He said", "“Why", "Lund: Yes", "Lee: What", "- Pier", "OSLO (AP) — The pier"]),
        st.text(max_size=40),
        st.sampled_from([".", "?", ".”", ":", "\n", " of Lillesand is shut."]),
    ),
    max_size=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=cases(60, few=15))
@given(
    texts=st.lists(_TEXT, max_size=4),
    scores=st.lists(st.floats(-5, 50), min_size=4, max_size=4),
    asked=st.sampled_from(["harbour", "Lillesand pier", "", "zeppelin"]),
    length=st.sampled_from(list(LENGTHS)),
)
def test_every_line_of_any_texts_is_a_sentence_of_its_article_told_once_within_the_words(
    article: MakeArticle, texts: list[list[tuple[str, str, str]]], scores: list[float], asked: str, length: str
) -> None:
    made = [article("\n".join(f"{a} {b}{c} The harbour {b} is shut." for a, b, c in parts)) for parts in texts]
    found = sorted(zip(made, scores, strict=False), key=lambda pair: -pair[1])
    summary = sum_up(asked, found, [(term,) for term in terms(asked)], length)
    for line in summary.lines:
        assert line.span in {sentence.span for sentence in quotable_sentences(line.article.text)}
        assert line.question is None or line.question.end <= line.span.start
    keys = [(line.article.published, line.article.id, line.span) for line in summary.lines]
    assert [key[1:] for key in keys] == sorted({key[1:] for key in keys})
    assert len({line.casefold() for line in _told(summary)}) == len(summary.lines)
    assert len(summary.lines) <= 1 or summary.words <= LENGTHS[length]
