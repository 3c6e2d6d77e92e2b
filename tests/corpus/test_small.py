"""Small libraries read whole: what the changes since the beginning say, and nothing where more is to be considered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.corpus import Corpus, Prepared, View
from bot.corpus.small import Whole
from bot.corrections import Correction
from bot.desks.preparing import prepare
from bot.model import SHARED, Article, Document
from bot.tallies import Changes, unpack_entries

NOW = datetime(2026, 5, 12, 8, 30, tzinfo=UTC)
ONE, OTHER = 5, 6
SAID = "“The ferry sails at noon today,” said Ana Ruiz."


def made(text: str) -> Prepared:
    return prepare(Document("typed", "Untitled", text))


async def add(corpus: Corpus, library: int, text: str) -> Article:
    return (await corpus.articles.add(library, made(text), added_by=1, now=NOW)).article


async def whole(corpus: Corpus, library: int = ONE) -> Whole | None:
    return await corpus.look(lambda view: view.whole(library))


async def since_the_beginning(corpus: Corpus, library: int = ONE) -> Changes:
    """The changes as one."""
    found = [one async for one in corpus.changes.since(library, -1)]
    filed = [one for changes in found for one in changes.filed]
    return replace(found[0], filed=filed, entries=[packed for changes in found for packed in changes.entries])


async def state(corpus: Corpus, library: int) -> tuple[int, int]:
    return (await corpus.changes.revisions([library])).get(library, (0, 0))


async def test_it_is_what_changed_since_the_beginning(corpus: Corpus) -> None:
    await add(corpus, ONE, "The ferry of Zelenskyy is gone.")
    await add(corpus, ONE, SAID)
    await add(corpus, OTHER, "The mast and the rope.")
    await add(corpus, ONE, "The tide turns.")
    await corpus.articles.remove(ONE, 1, by=1, now=NOW)
    read, every = await whole(corpus), await since_the_beginning(corpus)
    assert read is not None
    assert (read.changes.revision, read.changes.stamp) == (every.revision, every.stamp)
    assert read.changes.filed == every.filed
    assert [dict(one.speakers) for one in read.changes.filed] == [{0: "Ana Ruiz"}, {}]
    assert {*unpack_entries(read.changes.entries[0])} == {*unpack_entries(every.entries[0])}
    assert len(read.changes.changed) == 0


async def test_the_state_of_the_shared_library_comes_with_it(corpus: Corpus) -> None:
    await add(corpus, ONE, "The tide turns.")
    for _ in range(2):
        read = await whole(corpus)
        assert read is not None
        assert read.shared == await state(corpus, SHARED)
        await add(corpus, SHARED, "The ferry sails.")


async def test_of_a_library_that_was_never_written_to_there_is_nothing(corpus: Corpus) -> None:
    read = await whole(corpus, 77)
    assert read is not None
    changes = read.changes
    assert (changes.revision, changes.stamp, changes.filed, changes.entries) == (0, 0, (), ())


async def test_of_a_library_that_was_emptied_there_are_the_state_and_the_terms(corpus: Corpus) -> None:
    await add(corpus, ONE, "The tide turns.")
    await corpus.articles.remove(ONE, 1, by=1, now=NOW)
    read = await whole(corpus)
    assert read is not None
    assert (read.changes.revision, read.changes.stamp) == await state(corpus, ONE)
    assert read.changes.filed == []
    assert read.changes.entries != []


@pytest.mark.parametrize(("articles", "terms", "is_small"), [(3, 6, True), (2, 6, False), (3, 5, False)])
async def test_a_library_of_many_articles_or_terms_is_not_read(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch, articles: int, terms: int, is_small: bool
) -> None:
    monkeypatch.setattr("bot.corpus.small.SMALL_ARTICLES", articles)
    monkeypatch.setattr("bot.corpus.small.SMALL_TERMS", terms)
    for number in range(3):
        await add(corpus, ONE, f"Ferry w{number} tide.")
    assert (await whole(corpus) is not None) == is_small


@pytest.mark.parametrize("corrected", [ONE, SHARED])
async def test_a_library_that_sees_corrections_is_not_read(corpus: Corpus, corrected: int) -> None:
    await add(corpus, ONE, "The tide turns.")
    article = await add(corpus, corrected, SAID)
    (speech,) = (await corpus.speeches.of(corrected, [article.id]))[article.id]
    correction = Correction(speech.span, "Bo Berg")
    await corpus.corrections.add(corrected, article, correction, subject="a quotation", by=1, now=NOW)
    assert await whole(corpus) is None
    assert (await whole(corpus, OTHER) is None) == (corrected == SHARED)
    for reader in (ONE, OTHER):

        def is_corrected(view: View, reader: int = reader) -> bool:
            view.whole(reader)
            return view.is_corrected(reader)

        assert await corpus.look(is_corrected) == (corrected in (reader, SHARED))
