"""A real database for each test, and articles to put into it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.corpus import Corpus, Prepared
from bot.dates import PartialDate
from bot.language.analysis import Analysis
from bot.language.counting import count
from bot.model import Confidence, Document, Kind, Method, Passage, Span, Speech, SpeechKind
from tests.giving_way import Refusals, giving_way

Prepare = Callable[..., Prepared]

FERRY = (
    "The ferry to the islands will run all winter, the harbour office said.\n\n"
    "“We could not leave four villages without a doctor,” said Ines Duarte, who runs the line.\n\n"
    "- Two crossings a day until March\n- Freight on Thursdays"
)


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 5, 12, 8, 30, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file, for a test of SQLite alone."""
    return tmp_path / "newsdesk.db"


@pytest.fixture
def url(library_url: str) -> str:
    return library_url


@pytest.fixture
async def corpus(url: str) -> AsyncIterator[Corpus]:
    async with Corpus.open(url, bot=True) as opened:
        yield opened


@pytest.fixture
def prepare() -> Prepare:
    """Make what language would make of a text: a passage per line, and the first line in curly quotes as speech."""

    def prepare(text: str = FERRY, title: str = "Ferry", published: str | None = None, **fields: object) -> Prepared:
        when = PartialDate.parse(published) if published else None
        document = Document("ferry.txt", title, text, published=when, **fields)  # type: ignore[arg-type]
        lines = [Span(text.index(line), text.index(line) + len(line)) for line in text.split("\n") if line.strip()]
        passages = tuple(
            Passage(span, Kind.PROSE, question=lines[0] if i == 2 else None) for i, span in enumerate(lines)
        )
        start, end = text.find("“"), text.find("”")
        evidence = Span(end, end + 1)
        said = Speech(
            Span(start + 1, end),
            SpeechKind.QUOTATION,
            Confidence.STATED,
            Method.CUE,
            "Ines Duarte",
            mention=evidence,
            evidence=evidence,
        )
        return Prepared(
            document,
            fingerprint=hashlib.sha256(text.encode()).hexdigest(),
            words=len(text.split()),
            analysis=Analysis(passages, (said,) if 0 <= start < end else (), count(title, text, passages)),
        )

    return prepare


@pytest.fixture(autouse=True)
def gives_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """On PostgreSQL every write of these tests is refused once, at a statement or at its commit, and done again."""
    if "postgres" not in request.node.name:
        yield
        return
    with giving_way(monkeypatch, Refusals(random.Random(request.node.name))):
        yield
