"""Revisions: an article gets another text under its number in one transaction, and what refers to it follows."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.corpus import Corpus, Outcome, Overtaken, Prepared, revisions
from bot.corpus.articles import HIDDEN
from bot.corrections import Correction
from bot.dates import PartialDate
from bot.desks.preparing import prepare as prepared_of
from bot.errors import Refused
from bot.model import SHARED, Article, Document, Facts, Span, parse_ref
from bot.search.shelf import Shelf
from tests.corpus.test_changes import since
from tests.corpus.test_kill import kill_one, zygote
from tests.sizes import cases
from tests.stored import passages_of

Prepare = Callable[..., Prepared]
HERE, ELSEWHERE = 5, 7
FIRST = "“We sail at dawn,” said Ines Duarte.\nThe ferry is old."
SECOND = "The ferry is new.\n“We sail at dawn,” said Ines Duarte."
ROUNDS = cases(25, few=6)


@pytest.fixture
async def first(corpus: Corpus, prepare: Prepare, now: datetime) -> Article:
    """The article that the tests revise: 1 of HERE."""
    prepared = prepare(
        FIRST, outlet="Harbour Post", authors=("Ana Li",), published="2025-05", url="https://a.example/1"
    )
    return (await corpus.articles.add(HERE, prepared, added_by=3, now=now)).article


def with_text(prepare: Prepare, article: Article, text: str) -> Prepared:
    fields: dict[str, Any] = {"outlet": article.outlet, "authors": article.authors, "url": article.url}
    return prepare(text, title=article.title, published=str(article.published), **fields)


async def revise(corpus: Corpus, prepare: Prepare, of: Article, text: str, now: datetime, **more: Any) -> Article:
    same = more.pop("same", ())
    return await corpus.revisions.revise(of, with_text(prepare, of, text), same, by=4, now=now, **more)


async def test_a_revised_article_keeps_its_number_and_all_that_is_said_of_it(
    corpus: Corpus, prepare: Prepare, first: Article, now: datetime
) -> None:
    revised = await revise(corpus, prepare, first, SECOND, now + timedelta(days=1))
    assert revised == replace(first, id=revised.id, text=SECOND, words=len(SECOND.split()))
    assert revised.id != first.id
    assert await corpus.articles.find(HERE, 1) == revised
    assert await corpus.articles.visible(HERE) == [revised]
    assert await corpus.articles.get([first.id]) == {}
    [(_, stored)] = await passages_of(corpus, HERE)
    assert [one.passage.span.of(SECOND) for one in stored] == SECOND.split("\n")


async def test_the_text_before_is_kept_under_a_number_nobody_can_name(
    corpus: Corpus, prepare: Prepare, first: Article, now: datetime
) -> None:
    later = now + timedelta(days=1)
    revised = await revise(corpus, prepare, first, SECOND, later)
    (earlier,) = await corpus.revisions.earlier(revised)
    assert earlier.article == first
    assert earlier.until == later
    assert [one.span.of(FIRST) for one in earlier.speeches] == ["We sail at dawn,"]
    assert parse_ref(str(HIDDEN + first.id), HERE) is None
    assert await corpus.articles.restore(HERE, HIDDEN + first.id, by=1, now=now) is None
    assert await corpus.removals.list(HERE, now - timedelta(days=99)) == []


async def test_the_next_article_gets_the_next_number(
    corpus: Corpus, prepare: Prepare, first: Article, now: datetime
) -> None:
    await revise(corpus, prepare, first, SECOND, now)
    added = await corpus.articles.add(HERE, prepare("Another text."), added_by=None, now=now)
    assert added.article.number == 2


async def test_an_index_in_memory_follows_a_revision(
    corpus: Corpus, prepare: Prepare, first: Article, now: datetime
) -> None:
    shelf = Shelf.empty().after(await since(corpus, HERE, -1))
    revised = await revise(corpus, prepare, first, SECOND, now)
    shelf = shelf.after(await since(corpus, HERE, shelf.revision))
    assert shelf.cards.ids[shelf.articles.living].tolist() == [revised.id]
    afresh = Shelf.empty().after(await since(corpus, HERE, -1))
    assert afresh.cards.ids[afresh.articles.living].tolist() == [revised.id]


async def test_an_article_can_be_revised_back_to_what_it_was(
    corpus: Corpus, prepare: Prepare, first: Article, now: datetime
) -> None:
    second = await revise(corpus, prepare, first, SECOND, now)
    third = await revise(corpus, prepare, second, FIRST, now)
    assert (await corpus.articles.find(HERE, 1)) == third
    assert [one.article.text for one in await corpus.revisions.earlier(third)] == [SECOND, FIRST]


async def test_the_text_it_had_before_is_known_as_that_article(
    corpus: Corpus, prepare: Prepare, first: Article, now: datetime
) -> None:
    second = await revise(corpus, prepare, first, SECOND, now)
    third = await revise(corpus, prepare, second, "A third text.", now)
    assert await corpus.articles.add(HERE, prepare(FIRST), added_by=1, now=now) == (third, Outcome.UNCHANGED, None)
    await corpus.articles.remove(HERE, 1, by=1, now=now)
    assert (await corpus.articles.add(HERE, prepare(FIRST), added_by=1, now=now, restore=False)).outcome == "removed"
    assert (await corpus.articles.add(HERE, prepare(FIRST), added_by=1, now=now)).outcome is Outcome.RESTORED
    assert await corpus.articles.visible(HERE) == [third]
    assert (await corpus.articles.add(ELSEWHERE, prepare(FIRST), added_by=1, now=now)).outcome is Outcome.ADDED


async def test_a_text_that_is_there_already_is_refused_and_nothing_changes(
    corpus: Corpus, prepare: Prepare, first: Article, now: datetime
) -> None:
    await corpus.articles.add(HERE, prepare("Two."), added_by=1, now=now)
    await corpus.articles.add(HERE, prepare("Three."), added_by=1, now=now)
    await corpus.articles.remove(HERE, 3, by=1, now=now)
    before = await corpus.changes.revisions([HERE])
    for text, said in ((FIRST, "has already"), ("Two.", "article 2"), ("Three.", "was removed")):
        with pytest.raises(Refused, match=said):
            await revise(corpus, prepare, first, text, now)
    assert await corpus.articles.find(HERE, 1) == first
    assert await corpus.changes.revisions([HERE]) == before


async def test_corrections_stay_with_quotations_whose_words_are_the_same(
    corpus: Corpus, prepare: Prepare, first: Article, now: datetime
) -> None:
    was, is_now = Span(1, 17), Span(SECOND.index("We"), SECOND.index("”"))
    assert was.of(FIRST) == is_now.of(SECOND)
    await corpus.corrections.add(HERE, first, Correction(was, "Bo Vale"), subject="q", by=1, now=now)
    await corpus.corrections.add(ELSEWHERE, first, Correction(was, "Cy Stranger"), subject="q", by=1, now=now)
    revised = await revise(corpus, prepare, first, SECOND, now, same=[(was, is_now)])
    (said,) = (await corpus.speeches.of(HERE, [revised.id]))[revised.id]
    assert (said.speaker, said.span) == ("Bo Vale", is_now)
    (elsewhere,) = (await corpus.speeches.of(ELSEWHERE, [revised.id]))[revised.id]
    assert elsewhere.speaker == "Ines Duarte"


async def test_corrections_go_with_words_that_are_gone(
    corpus: Corpus, prepare: Prepare, first: Article, now: datetime
) -> None:
    await corpus.corrections.add(HERE, first, Correction(Span(1, 17), "Bo Vale"), subject="q", by=1, now=now)
    revised = await revise(corpus, prepare, first, "“We stay ashore,” said Ines Duarte.", now)
    (said,) = (await corpus.speeches.of(HERE, [revised.id]))[revised.id]
    assert said.speaker == "Ines Duarte"


async def test_who_comes_second_is_told_and_changes_nothing(
    corpus: Corpus, prepare: Prepare, first: Article, now: datetime
) -> None:
    second = await revise(corpus, prepare, first, SECOND, now)
    with pytest.raises(Overtaken, match="Article 1 was changed or removed"):
        await revise(corpus, prepare, first, "A third text.", now)
    await corpus.articles.remove(HERE, 1, by=1, now=now)
    with pytest.raises(Overtaken):
        await corpus.revisions.edit(second, with_text(prepare, second, SECOND), by=1, now=now)


async def test_two_revisions_at_once_are_one(corpus: Corpus, prepare: Prepare, first: Article, now: datetime) -> None:
    texts = [f"Text {number}." for number in range(8)]
    done = await asyncio.gather(*(revise(corpus, prepare, first, text, now) for text in texts), return_exceptions=True)
    assert sum(isinstance(one, Article) for one in done) == 1
    assert sum(isinstance(one, Overtaken) for one in done) == 7
    assert len(await corpus.articles.visible(HERE)) == 1


async def test_a_fault_between_the_two_halves_leaves_the_article_as_it_was(
    corpus: Corpus, prepare: Prepare, first: Article, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise OSError("the disk is gone")

    for half in ("write_articles", "carry", "record"):
        with monkeypatch.context() as patch:
            patch.setattr(revisions, half, broken)
            with pytest.raises(OSError, match="disk"):
                await revise(corpus, prepare, first, SECOND, now)
        assert await corpus.articles.find(HERE, 1) == first
        assert await corpus.revisions.earlier(first) == []


async def everything(url: str) -> tuple[list[Article], int, list[str]]:
    async with Corpus.open(url, bot=True) as corpus:
        visible = await corpus.articles.visible(9)
        earlier = len(await corpus.revisions.earlier(visible[0], most=100_000)) if visible else 0
        return visible, earlier, await corpus.integrity()


def test_kills_at_any_moment_leave_one_whole_article(url: str, path: Path) -> None:
    dice = random.Random(4)
    reading, writing = os.pipe()
    try:
        with zygote(url, writing, "revise") as process:
            said = b"".join(kill_one(process, reading, number, dice) for number in range(ROUNDS))
    finally:
        os.close(reading)
        os.close(writing)
    last = said.decode().split("\n")[-2]
    visible, earlier, problems = asyncio.run(everything(url))
    assert problems == []
    assert [article.number for article in visible] == [1]
    assert len({line.split()[0] for line in said.decode().split("\n")[:-1]}) == ROUNDS
    with closing(sqlite3.connect(path)) as connection:
        rows, live = connection.execute("SELECT count(*), sum(deleted_at IS NULL) FROM article").fetchone()
        (bare,) = connection.execute(
            "SELECT count(*) FROM article WHERE id NOT IN (SELECT article_id FROM passage)"
            " OR id NOT IN (SELECT article_id FROM tally)"
        ).fetchone()
    assert (live, earlier, bare) == (1, rows - 1, 0)
    told = tuple(map(int, last.split()))
    stored = tuple(map(int, visible[0].title.split()))
    assert stored >= told or stored[0] == told[0], "a revision that was acknowledged is lost"


# Editing


def said_of(article: Article, facts: Facts) -> Document:
    return Document("typed", facts.title, article.text, facts.outlet, facts.authors, facts.url, facts.published)


async def test_an_edited_article_says_what_it_was_told(
    corpus: Corpus, first: Article, now: datetime, path: Path
) -> None:
    facts = Facts("Old ferry", None, ("Bo Å",), None, PartialDate(2024, 2, 29))
    edited = await corpus.revisions.edit(first, prepared_of(said_of(first, facts)), by=4, now=now)
    assert Facts.of(edited) == facts
    assert await corpus.articles.find(HERE, 1) == edited
    shelf = Shelf.empty().after(await since(corpus, HERE, -1))
    assert shelf.outlets.all() == []
    assert PartialDate(2024, 2, 29).last_day.toordinal() in shelf.cards.last_day
    events, total = await corpus.audit.of_article(HERE, 1, limit=1, offset=0)
    assert (total, events[0].what, events[0].who) == (2, "article edited", 4)
    assert events[0].details["title"] == ["Ferry", "Old ferry"]
    assert events[0].details["date"] == ["May 2025", "29 February 2024"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT filed FROM article").fetchall() == [("2024-02-29",)]


async def test_an_index_in_memory_follows_an_edit(corpus: Corpus, first: Article, now: datetime) -> None:
    shelf = Shelf.empty().after(await since(corpus, HERE, -1))
    facts = replace(Facts.of(first), title="Zeppelin", outlet="The Gazette")
    await corpus.revisions.edit(first, prepared_of(said_of(first, facts)), by=4, now=now)
    shelf = shelf.after(await since(corpus, HERE, shelf.revision))
    assert shelf.articles.size == 1
    assert shelf.vocabulary.id_of("zeppelin") is not None
    assert "The Gazette" in shelf.outlets.all()


async def test_history_is_of_one_article_of_one_library(
    corpus: Corpus, prepare: Prepare, first: Article, now: datetime
) -> None:
    for number in range(11):  # 12 must not be told of as 1
        await corpus.articles.add(HERE, prepare(f"Text {number}."), added_by=1, now=now)
    await corpus.articles.add(ELSEWHERE, prepare("Theirs."), added_by=1, now=now)
    await corpus.articles.add(SHARED, prepare("Everybody's."), added_by=1, now=now)
    await corpus.corrections.add(HERE, first, Correction(Span(1, 17), "Bo"), subject="q-1-abc", by=2, now=now)
    await corpus.corrections.add(HERE, first, Correction(Span(1, 17), "Bo"), subject="q-12-abc", by=2, now=now)
    events, total = await corpus.audit.of_article(HERE, 1, limit=10, offset=0)
    assert [(event.what, event.subject) for event in events] == [
        ("speaker corrected", "q-1-abc"),
        ("article added", "1"),
    ]
    assert total == 2
