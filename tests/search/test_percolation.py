"""Percolation finds what search would, the other way round."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.desks.preparing import prepare
from bot.language.analysis import analyse
from bot.model import Article, Document, Span
from bot.newsdesk import Newsdesk
from bot.search.percolation import Incoming, Percolator, marks
from bot.search.query import Query
from tests.sizes import cases

TODAY = date(2026, 5, 12)
GUILD = 7
FERRY = (
    "The ferry to the islands will run all winter, the harbour office said.\n\n"
    "“We could not leave four villages without a doctor,” said Ines Duarte, who runs the line.\n\n"
    "Peace talks on the harbour dues begin on Thursday in Kyiv."
)


def asked(text: str, **limits: str) -> Query:
    return Query.of(text, today=TODAY, **limits)


def incoming(
    text: str = FERRY, title: str = "Ferry keeps running", outlet: str | None = "The Harbour Post"
) -> Incoming:
    article = Article(
        1, GUILD, 1, title, outlet, (), None, None, datetime(2026, 5, 12, tzinfo=UTC), None, None, 9, text
    )
    return Incoming(article, analyse(title, text).passages)


def found(query: Query, article: Incoming, frequency: Iterable[str] = ()) -> list[Span]:
    known = list(frequency)
    return [match.span for match in Percolator({1: query}, known.count).matches(article)]


@pytest.mark.parametrize(
    "text",
    [
        "ferry",
        "FERRIES islands",
        '"four villages"',
        '"without a doctor" ferry',
        '"keeps running the ferry"',  # from the title into the text, as in search
        "ferry -plane",
        'ferry -"run all summer"',
        "source:harbour",
        "speaker:duarte",
        "ferry source:post speaker:ines",
        "Kiev",
        '"the"',
        '"who"',
    ],
)
def test_what_an_article_holds_is_found(text: str) -> None:
    assert len(found(asked(text), incoming())) == 1


@pytest.mark.parametrize(
    "text",
    [
        "ferry plane",
        '"villages four"',
        "ferry -doctor",
        "talks -Kiev",
        'ferry -"four villages"',
        "ferry source:herald",
        "ferry speaker:vale",
        '"Kiev"',  # in quotation marks, word for word
        '"herself"',
    ],
)
def test_what_an_article_lacks_is_not(text: str) -> None:
    assert found(asked(text), incoming()) == []


def test_an_article_without_an_outlet_is_from_none() -> None:
    assert found(asked("source:harbour"), incoming(outlet=None)) == []


def test_an_article_of_headings_alone_has_nothing_to_show() -> None:
    article = incoming("Ferry", "Ferry")
    assert found(asked("ferry"), Incoming(article.article, ())) == []


def test_the_passage_shown_holds_most_of_what_is_asked_for() -> None:
    (span,) = found(asked('"peace talks" harbour ferry'), incoming())
    assert span.of(FERRY).startswith("Peace talks")


def test_the_passage_shown_is_by_the_speaker_asked_for() -> None:
    (span,) = found(asked("harbour", speaker="Duarte"), incoming())
    assert "four villages" in span.of(FERRY)


def test_words_are_marked_in_their_other_spellings_too() -> None:
    span = Span(FERRY.index("Peace"), len(FERRY))
    assert [mark.of(FERRY) for mark in marks(FERRY, span, asked('Kiev "harbour dues" talk'))] == [
        "talks",
        "harbour dues",
        "Kyiv",
    ]


def test_a_query_is_looked_at_only_where_its_rarest_term_stands() -> None:
    common = {"ferri": 900, "harbour": 5, "plane": 1}
    percolator = Percolator({1: asked("ferry plane"), 2: asked("ferry harbour")}, lambda term: common.get(term, 0))
    assert set(percolator._by_term) == {"plane", "harbour"}


def test_many_queries_are_found_each_by_its_id() -> None:
    queries = {number: asked(text) for number, text in enumerate(["ferry", "plane", "speaker:duarte", "talks"], 10)}
    found_ids = [match.id for match in Percolator(queries, lambda _: 0).matches(incoming())]
    assert found_ids == [10, 12, 13]


# Against search itself

_WORDS = (
    "peace",
    "talks",
    "Zelensky",
    "Zelenskyy",
    "zelensky",
    "Kyiv",
    "Kiev",
    "the",
    "who",
    "re-election",
    "U.S.",
    "us",
)
_word = st.sampled_from(_WORDS)
_phrase = st.lists(_word, min_size=1, max_size=3).map(lambda some: f'"{" ".join(some)}"')
_exclusion = st.one_of(_word, _phrase).map(lambda some: f"-{some}")
_limit = st.sampled_from(["source:post", "source:herald", "speaker:duarte", "speaker:zelensky", 'speaker:"Ines Du"'])
_queries = st.lists(st.one_of(_word, _word, _phrase, _exclusion, _limit), min_size=1, max_size=5).map(" ".join)
_sentence = st.lists(_word, min_size=1, max_size=6).map(lambda some: f"Then {' '.join(some)} again.")
_said = st.sampled_from(
    ["“We want peace talks in Kyiv,” said Ines Duarte, the mayor.", "“No talks,” said Volodymyr Zelenskyy of Kyiv."]
)
_texts = st.lists(st.one_of(_sentence, _sentence, _said), min_size=1, max_size=4).map("\n\n".join)
_titles = st.lists(_word, min_size=1, max_size=3).map(" ".join)
_outlets = st.sampled_from([None, "The Harbour Post", "Evening Herald"])


async def searched(newsdesk: Newsdesk, query: Query) -> bool:
    """Whether `/search` finds the only article for every word of ``query`` with the rest of it."""
    in_phrases = {term for phrase in query.phrases for term in phrase.terms}
    words = [term for term in dict.fromkeys(query.terms) if term not in in_phrases]
    each = [replace(query, terms=(word,)) for word in words] or [query]
    return all([bool(await newsdesk.search(GUILD, one)) for one in each])


async def both(blank: Path, document: Document, query: Query) -> tuple[bool, bool]:
    with TemporaryDirectory() as folder:
        path = shutil.copy(blank, Path(folder) / "one.db")
        async with Newsdesk.open(f"sqlite+aiosqlite:///{path}", bot=True) as newsdesk:
            prepared = await asyncio.to_thread(prepare, document)
            stored = (await newsdesk.store(GUILD, prepared)).article
            title_in_text = prepared.document.title_in_text
            article = Incoming(stored, prepared.analysis.passages, title_in_text=title_in_text)
            return bool(found(query, article)), await searched(newsdesk, query)


@settings(max_examples=cases(60, few=15))
@given(text=_texts, title=_titles, outlet=_outlets, in_text=st.booleans(), typed=_queries)
@example(text="Then Zelenskyy spoke.", title="Kyiv", outlet=None, in_text=False, typed="Zelensky -Kiev")
@example(text="Then Zelenskyy spoke.", title="Kyiv", outlet=None, in_text=True, typed="zelensky kyiv")
@example(text="Then talks.", title="peace", outlet=None, in_text=False, typed='"peace then"')
def test_a_watch_finds_what_search_finds_in_a_library_of_one_article(
    blank_library: Path, text: str, title: str, outlet: str | None, in_text: bool, typed: str
) -> None:
    query = asked(typed)
    if not query.terms:  # limits or common words alone: search ranks nothing
        return
    document = Document("a.txt", title, text, outlet=outlet, title_in_text=in_text)
    percolated, by_search = asyncio.run(both(blank_library, document, query))
    assert percolated == by_search
