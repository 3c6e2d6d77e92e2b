"""The four original documents, where they are on this machine: metadata, answers, summaries.

Expectations name a word or two of the right passage, never a sentence of the documents.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.cli.seeds import known_documents
from bot.language.blocks import blocks
from bot.language.sentences import sentences
from bot.model import SHARED, Article, Kind, Quote, Summary
from bot.newsdesk import Length, Newsdesk
from bot.reading.files import find_files

INTERVIEW, BRIEF, ISTANBUL, CALL = "S1", "S2", "S3", "S4"

QUESTIONS = [
    (INTERVIEW, "how many casualties does a kilometer of land cost", "170 casualties"),
    (INTERVIEW, "Is Ukraine losing the war?", "not losing"),
    (INTERVIEW, "How do you assess the balance of forces in the war today?", "not losing"),
    (INTERVIEW, "would the Americans impose a no-fly zone", "hasn’t been fixed"),
    (INTERVIEW, "what happens if Trump is sick of the talks", "would be bad"),
    (INTERVIEW, "free economic zone", "free economic zone"),
    (INTERVIEW, "elections during war Abraham Lincoln", "Lincoln"),
    (INTERVIEW, "what is the timeline for organizing the referendum", "political will"),
    (INTERVIEW, "referendum and election at the same time", "Can that happen"),
    (INTERVIEW, "deal before the midterms", "midterms"),
    (BRIEF, "energy grid strikes and power outages", "power outages"),
    (BRIEF, "how did Zelenskyy describe the call", "very positive and productive"),
    (BRIEF, "bolster air defenses", "air defenses"),
    (BRIEF, "when did the conflict start", "2014"),
    (BRIEF, "who must buy in to an agreement", "International alignment"),
    (BRIEF, "verification and enforcement of a deal", "Verification"),
    (ISTANBUL, "what did Trump demand on social media", "IMMEDIATELY"),
    (ISTANBUL, "why is there no point in prolonging the killings", "prolonging the killings"),
    (ISTANBUL, "DeepState Russian attacks increased", "DeepState"),
    (ISTANBUL, "Zelensky would travel to Turkey on Thursday", "Thursday"),
    (ISTANBUL, "European leaders threatened new sanctions", "threatened new sanctions"),
    (ISTANBUL, "ending the war within 24 hours of taking office", "24 hours"),
    (CALL, "how long did the call last", "hour and a half"),
    (CALL, "what did Hegseth say about the borders before 2014", "unrealistic"),
    (CALL, "root causes of the conflict", "root causes"),
    (CALL, "American teacher released in exchange for a cybercriminal", "cybercriminal"),
    (CALL, "who leads the delegation in Munich", "Munich"),
    (CALL, "what did the United Nations say", "United Nations"),
    (CALL, "European foreign ministers in Paris", "in Paris"),
    (CALL, "will NATO membership be practical", "practical"),
]


@pytest.fixture(scope="module")
def library(documents_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A library of the four documents alone."""
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('documents') / 'newsdesk.db'}"

    async def fill() -> None:
        async with Newsdesk.open(url, bot=False, known=known_documents(None)) as newsdesk:
            async for _ in newsdesk.import_files(SHARED, find_files([documents_dir])):
                pass

    asyncio.run(fill())
    return url


async def _article(url: str, ref: str) -> Article:
    async with Newsdesk.open(url, bot=False) as newsdesk:
        return await newsdesk.article(SHARED, ref)


async def _quotes(url: str, question: str) -> list[Quote]:
    async with Newsdesk.open(url, bot=False) as newsdesk:
        return await newsdesk.quotes(SHARED, newsdesk.query(question))


async def _summary(url: str, ref: str, length: Length) -> Summary:
    async with Newsdesk.open(url, bot=False) as newsdesk:
        return await newsdesk.summary(SHARED, ref, length)


@pytest.mark.parametrize(
    ("ref", "outlet", "authors", "published"),
    [
        (INTERVIEW, "The Atlantic", ("Simon Shuster",), "2026"),
        (BRIEF, None, (), "2025"),
        (ISTANBUL, None, (), "2025-05"),
        (CALL, None, ("Maggie Haberman", "Zolan Kanno-Youngs", "Anton Troianovski"), "2025-02"),
    ],
)
async def test_metadata_is_right_by_dropping_the_documents_in(
    library: str, ref: str, outlet: str | None, authors: tuple[str, ...], published: str
) -> None:
    article = await _article(library, ref)
    assert (article.outlet, article.authors, str(article.published)) == (outlet, authors, published)
    assert 20 < len(article.title) < 100


@pytest.mark.parametrize(("ref", "question", "answer"), QUESTIONS)
async def test_a_readers_question_is_answered_with_the_right_passage_first(
    library: str, ref: str, question: str, answer: str
) -> None:
    quote = (await _quotes(library, question))[0]
    assert quote.article.ref == ref
    assert answer in quote.text


async def test_every_document_has_at_least_five_questions() -> None:
    for ref in (INTERVIEW, BRIEF, ISTANBUL, CALL):
        assert sum(question[0] == ref for question in QUESTIONS) >= 5


@pytest.mark.parametrize("length", ["short", "medium", "long"])
@pytest.mark.parametrize("ref", [INTERVIEW, BRIEF, ISTANBUL, CALL])
async def test_a_summary_is_whole_sentences_without_boilerplate_or_a_lonely_question(
    library: str, ref: str, length: Length
) -> None:
    summary = await _summary(library, ref, length)
    text = summary.article.text
    found = blocks(text)
    whole = {span for block in found for span in sentences(text, block.span)}
    assert set(summary.sentences) <= whole
    kinds = [next(block.kind for block in found if block.span.holds(span)) for span in summary.sentences]
    assert not {Kind.BOILERPLATE, Kind.HEADING} & set(kinds)
    assert all(
        after is Kind.ANSWER for kind, after in zip(kinds, [*kinds[1:], None], strict=True) if kind is Kind.QUESTION
    )
    assert list(summary.sentences) == sorted(summary.sentences)


async def test_the_summary_of_the_interview_carries_its_answers_with_their_speaker(library: str) -> None:
    summary = await _summary(library, INTERVIEW, "medium")
    speakers = [speaker for speaker, _ in summary.lines]
    assert speakers.count("Volodymyr Zelensky") >= 2


async def test_boilerplate_is_kept_in_the_text_and_never_quoted(library: str) -> None:
    article = await _article(library, CALL)
    assert article.text.endswith("Comments")
    assert article.text.startswith("By ")
    for question in ("Comments", "Maggie Haberman byline"):
        assert all("Haberman" not in quote.text for quote in await _quotes(library, question))
