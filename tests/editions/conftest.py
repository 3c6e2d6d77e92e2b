"""Articles made for one test each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from bot.dates import PartialDate
from bot.model import Article

MakeArticle = Callable[..., Article]


@pytest.fixture
def article() -> MakeArticle:
    """Makes articles with ids 1, 2, 3 ...; only what a test is about needs to be given."""
    made = 0

    def make(text: str, title: str = "", *, outlet: str | None = None, published: str | None = None) -> Article:
        nonlocal made
        made += 1
        return Article(
            id=made,
            library=0,
            number=made,
            title=title,
            outlet=outlet,
            authors=(),
            url=None,
            published=PartialDate.parse(published) if published else None,
            added_at=datetime(2026, 3, 1, tzinfo=UTC),
            added_by=None,
            source_id=None,
            words=len(text.split()),
            text=text,
        )

    return make
