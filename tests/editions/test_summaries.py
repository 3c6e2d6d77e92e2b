"""Summaries are whole sentences of an article, in its order, that can be read without the rest."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.editions.context import is_question
from bot.editions.salience import quotable_sentences
from bot.editions.summaries import LENGTHS, best_sentence, possible_choices, summarize
from bot.language.blocks import blocks
from bot.language.boilerplate import before_text
from bot.language.sentences import sentences
from bot.model import Kind, Span
from tests.sizes import cases

if TYPE_CHECKING:
    from bot.model import Article, Summary
    from tests.editions.conftest import MakeArticle

REPORT = """Harbour in Lillesand to close for a year

By Siri Dahl

The council of Lillesand voted on Monday to close the inner harbour for a year so that divers can clear 40 \
wrecks from the sea bed.

“The wrecks leak oil into the bay,” said mayor Anna Lund. “But nobody paid for their removal until now.” \
She had asked the state for money since 2019.

He calls the plan too costly. Fishermen led by Erik Moe asked the council to keep one pier open during the \
winter season, when cod is landed in Lillesand.

However, the council refused. Engineers from Bergen will lift the first wreck in March with a floating \
crane, the council said in its plan for the harbour.

Several questions remain:

- Insurance: the owners of eleven wrecks are unknown, and the council may have to pay for all of them.
- Traffic: ferries to Hvaler will sail from the outer harbour, which has no road for heavy trucks.

The state pays half of the cost, which engineers put at 90 million kroner. Oil from the wrecks has killed \
seabirds on the islands outside Lillesand every winter since 2016.

Comments"""

INTERVIEW = """Anna Lund, mayor of Lillesand, spoke to us about the closed harbour in her office on Friday.

Ada Lee: Thank you for your time. Why did the council of Lillesand close the harbour?

Anna Lund: Because oil leaks from forty wrecks into the bay. Divers need a year to clear the sea bed, and \
no ship may pass while they work below.

Lee: How so?

Lund: It is a matter of safety. The crane that lifts the wrecks from the harbour is wider than the channel \
between the two piers.

Lee: What will the fishermen of Lillesand do during the winter?

Lund: They will land cod in Hvaler. Are they happy? No. The council of Lillesand pays for the longer way \
by road until the harbour opens again next spring.

Lee: Who will pay for the removal of the wrecks?

Lund: The state pays half of the cost of clearing the harbour. We asked for all of it. Our own share is 45 \
million kroner, more than the town spends on its schools in a year."""


def _sentences(summary: Summary) -> list[str]:
    return [span.of(summary.article.text) for span in summary.sentences]


def _are_whole(summary: Summary) -> bool:
    """Whether all lines are sentences of what may be quoted, or of a question; without a dateline before them."""
    text = summary.article.text
    found = set()
    for block in blocks(text):
        if block.kind.quotable:
            skipped = 0 if block.kind is Kind.ANSWER else before_text(block.span.of(text))
            found |= set(sentences(text, Span(block.span.start + skipped, block.span.end)))
        if block.question:
            found |= set(sentences(text, block.question))
    return set(summary.sentences) <= found


@pytest.fixture
def report(article: MakeArticle) -> Article:
    return article(REPORT, "Harbour in Lillesand to close for a year")


@pytest.fixture
def interview(article: MakeArticle) -> Article:
    return article(INTERVIEW, "Mayor Anna Lund on the closed harbour")


@pytest.mark.parametrize("length", LENGTHS)
def test_sentences_stand_in_the_order_of_the_document(report: Article, length: str) -> None:
    summary = summarize(report, length)
    assert list(summary.sentences) == sorted(set(summary.sentences))


@pytest.mark.parametrize("length", LENGTHS)
def test_a_summary_keeps_to_its_words(report: Article, length: str) -> None:
    summary = summarize(report, length)
    assert summary.words == len(" ".join(_sentences(summary)).split()) <= LENGTHS[length]


def test_a_summary_begins_with_the_news(report: Article) -> None:
    assert _sentences(summarize(report, "short"))[0].startswith("The council of Lillesand voted")


def test_a_summary_is_at_most_half_of_the_article(report: Article) -> None:
    assert summarize(report, "long").words <= report.words / 2


@pytest.mark.parametrize("length", LENGTHS)
def test_headings_and_boilerplate_are_left_out(report: Article, length: str) -> None:
    told = " ".join(_sentences(summarize(report, length)))
    assert "By Siri Dahl" not in told
    assert "Comments" not in told
    assert "to close for a year" not in told


@pytest.mark.parametrize("length", LENGTHS)
def test_no_sentence_leans_on_one_left_out(report: Article, length: str) -> None:
    told = _sentences(summarize(report, length))
    assert not any(sentence.startswith("He calls") for sentence in told)
    assert "Several questions remain:" not in told
    for leaning, before in [("However", "He calls"), ("She had", "“But nobody"), ("“But nobody", "“The wrecks leak")]:
        for at, sentence in enumerate(told):
            if sentence.startswith(leaning):
                assert at
                assert told[at - 1].startswith(before)


def test_a_text_of_sixty_words_is_its_own_summary(article: MakeArticle) -> None:
    short = article("The pier in Hvaler is new. It cost a million. Ferries use it from May.")
    summary = summarize(short)
    assert summary.too_short
    assert _sentences(summary) == ["The pier in Hvaler is new.", "It cost a million.", "Ferries use it from May."]


def test_a_longer_text_is_not_too_short(report: Article) -> None:
    assert not summarize(report).too_short


def test_nothing_to_quote_gives_an_empty_summary(article: MakeArticle) -> None:
    summary = summarize(article(""))
    assert (summary.sentences, summary.words, summary.too_short) == ((), 0, True)


def test_a_first_sentence_longer_than_the_length_comes_alone(article: MakeArticle) -> None:
    summary = summarize(article("The list of ships in port names " + "Nordlys and " * 60 + "the tug."), "short")
    assert len(summary.sentences) == 1
    assert summary.words > LENGTHS["short"]


def test_an_unknown_length_is_an_error(report: Article) -> None:
    with pytest.raises(KeyError):
        summarize(report, "endless")


@pytest.mark.parametrize("length", LENGTHS)
def test_an_interview_is_told_by_its_answers(interview: Article, length: str) -> None:
    answers = [block.span for block in blocks(interview.text) if block.kind is Kind.ANSWER]
    chosen = [span for span in summarize(interview, length).sentences if any(a.holds(span) for a in answers)]
    assert chosen


@pytest.mark.parametrize("length", LENGTHS)
def test_a_question_never_comes_without_its_answer(interview: Article, length: str) -> None:
    _assert_questions_answered(summarize(interview, length))


@pytest.mark.parametrize("length", LENGTHS)
def test_an_answer_that_leans_on_its_question_comes_with_it(interview: Article, length: str) -> None:
    told = _sentences(summarize(interview, length))
    for at, sentence in enumerate(told):
        if sentence.startswith("Because oil"):
            assert told[at - 1] == "Why did the council of Lillesand close the harbour?"
        assert not sentence.startswith(("It is a matter", "How so", "They will land", "No."))


def _assert_questions_answered(summary: Summary) -> None:
    text = summary.article.text
    parts = blocks(text)
    asked = [block.span for block in parts if block.kind is Kind.QUESTION]
    for at, span in enumerate(summary.sentences):
        if any(question.holds(span) for question in asked):
            following = summary.sentences[at + 1]
            block = next(block for block in parts if block.span.holds(following))
            assert block.kind is Kind.ANSWER
            assert block.question is not None
            assert block.question.holds(span)


def _choosable(text: str) -> list[str]:
    """The sentences of ``text`` that a summary may choose for themselves."""
    found = quotable_sentences(text)
    return [found[choice.place].text for choice in possible_choices(text, found)]


def test_a_question_somebody_puts_to_himself_is_not_chosen() -> None:
    text = "Lund: The pier of Hvaler is old.\n\nWill the town build a new one? The town of Lillesand has no money."
    assert "Will the town build a new one?" not in _choosable(text)


def test_the_answer_to_a_question_in_the_text_brings_the_question() -> None:
    text = "Will the town of Hvaler build a pier? The town of Lillesand has no money."
    found = quotable_sentences(text)
    assert [choice.with_it for choice in possible_choices(text, found)] == [frozenset({0, 1})]


def test_a_sentence_that_announces_a_list_is_not_chosen() -> None:
    assert _choosable("Several questions about the harbour remain open:") == []


def test_captions_are_not_chosen() -> None:
    told = ["The harbour of Lillesand is shut.", "Divers clear the wrecks from the sea bed."]
    captions = ["Landmark: The old pier of Hvaler in May.", "Anna Lund (pictured) closed the harbour on Monday."]
    assert _choosable("\n\n".join([*told, *captions])) == told


def test_where_most_paragraphs_open_with_a_slug_that_is_how_it_is_written() -> None:
    told = ["Money: The state pays half of the cost.", "Traffic: Ferries sail from the outer harbour."]
    assert _choosable("\n\n".join(told)) == told


def test_a_dateline_and_a_credit_in_the_line_are_left_out(article: MakeArticle) -> None:
    text = "OSLO, Norway (AP) — The harbour is shut. It opens in May. (Reporting by Bo Li; editing by Ana Ruiz)"
    assert _sentences(summarize(article(text))) == ["The harbour is shut.", "It opens in May."]


@pytest.mark.parametrize("length", LENGTHS)
def test_a_point_of_a_list_is_quoted_without_its_mark(report: Article, length: str) -> None:
    for line in _sentences(summarize(report, length)):
        assert not line.startswith(("-", "Several questions"))


def test_the_introduction_leaves_room_for_the_answers(article: MakeArticle) -> None:
    introduction = " ".join(
        f"Anna Lund closed harbour number {n} of Lillesand in the year {1980 + n}." for n in range(6)
    )
    made = article(f"{introduction}\n\n{INTERVIEW}", "Anna Lund closed the harbour of Lillesand")
    told = _sentences(summarize(made, "medium"))
    words = sum(len(sentence.split()) for sentence in told if sentence in introduction)
    assert 0 < words <= 0.4 * LENGTHS["medium"]


def test_each_sentence_of_an_interview_is_given_its_speaker(interview: Article) -> None:
    for speaker, span in summarize(interview, "long").lines:
        said = span.of(interview.text)
        expected = None if said.startswith("Anna Lund, mayor") else "Ada Lee" if is_question(said) else "Anna Lund"
        assert speaker == expected


def test_the_best_sentence_is_the_news(report: Article) -> None:
    assert best_sentence(report).of(report.text).startswith("The council of Lillesand voted")


def test_the_best_sentence_of_nothing_is_empty(article: MakeArticle) -> None:
    assert len(best_sentence(article(""))) == 0


_OPENINGS = (
    "He said",
    "But the pier",
    "“Why",
    "Lund: Yes",
    "Lee: What",
    "- Point",
    "By Siri Dahl",
    "The town",
    "OSLO (AP) — The town",
    "Landmark: The pier",
    "Scroll down for",
    "\x00\ud800",
)
_STRANGE = st.lists(
    st.tuples(st.sampled_from(_OPENINGS), st.text(max_size=60), st.sampled_from([".", "?", ".”", ":", "", "\n"]))
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=cases(60, few=15))
@given(parts=_STRANGE, length=st.sampled_from(list(LENGTHS)), title=st.text(max_size=20))
def test_any_text_has_a_summary_of_whole_sentences(
    article: MakeArticle, parts: list[tuple[str, str, str]], length: str, title: str
) -> None:
    made = article(
        "\n".join(f"{opening} {text}{end} The harbour of Lillesand is shut." for opening, text, end in parts), title
    )
    summary = summarize(made, length)
    assert _are_whole(summary)
    assert list(summary.sentences) == sorted(set(summary.sentences))
    assert summary.too_short or len(summary.sentences) == 1 or summary.words <= LENGTHS[length]
    _assert_questions_answered(summary)


@pytest.mark.many
@pytest.mark.parametrize(
    "text", ["A. " * 100_000, "x" * 1_000_000, "“" * 300_000, "Oh no? " * 50_000, "\ud800\x00 " * 100_000]
)
def test_a_megabyte_of_anything_is_summarised_in_seconds(article: MakeArticle, text: str) -> None:
    start = time.process_time()
    summarize(article(text))
    assert time.process_time() - start < 5


@pytest.mark.parametrize("length", LENGTHS)
def test_the_four_documents_are_summarised_without_boilerplate(
    documents_dir: Path, article: MakeArticle, length: str
) -> None:
    for path in sorted(documents_dir.glob("*.txt")):
        made = article(path.read_text(encoding="utf-8"))
        summary = summarize(made, length)
        told = _sentences(summary)
        assert len(told) >= 2
        assert _are_whole(summary)
        assert not any("Editor’s Note" in s or s.startswith(("By ", "Comments", "Read The")) for s in told)
        assert not is_question(told[-1])
        _assert_questions_answered(summary)
