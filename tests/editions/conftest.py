"""Articles made for one test each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

import pytest

from bot.dates import PartialDate
from bot.model import Article

MakeArticle = Callable[..., Article]


def make_article(
    number: int,
    text: str,
    title: str = "",
    *,
    outlet: str | None = None,
    published: str | None = None,
    added_at: datetime = datetime(2026, 3, 1, tzinfo=UTC),
) -> Article:
    """An article of the shared library with that number and row id."""
    return Article(
        id=number,
        library=0,
        number=number,
        title=title,
        outlet=outlet,
        authors=(),
        url=None,
        published=PartialDate.parse(published) if published else None,
        added_at=added_at,
        added_by=None,
        source_id=None,
        words=len(text.split()),
        text=text,
    )


@pytest.fixture
def article() -> MakeArticle:
    """Makes articles with ids 1, 2, 3 ...; only what a test is about needs to be given."""
    numbers = count(1)
    return lambda *given, **named: make_article(next(numbers), *given, **named)
