"""Writes on PostgreSQL that meet others: each is done again until it is let through, and nothing is lost or doubled."""

from __future__ import annotations

import ast
import asyncio
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import bot.corpus
from bot.corpus import HIDDEN, Corpus, DeliveryState, Found, Polled, Seen, postgresql, postgresql_database
from bot.corpus.fixed import FixedInsert, Raw
from bot.corpus.postgresql_database import TRIES
from bot.corpus.schema import metadata, note
from bot.corrections import Correction
from bot.errors import CorpusInUse, Refused
from bot.model import Span
from tests.corpus.conftest import Prepare
from tests.giving_way import CODES, Refusals, giving_way
from tests.postgres import Server

SOURCES = sorted(Path(bot.corpus.__file__).parent.glob("*.py"))
DATABASES = {"database.py", "sqlite_database.py", "postgresql_database.py"}
POINTS = 40
"""More statements than any of the writes here has."""


# Every write can be done again


def methods(source: Path) -> Iterator[tuple[str, ast.AsyncFunctionDef | ast.FunctionDef, bool]]:
    """The functions of a module by name, each with whether it is a method of its own class's."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    of_classes = {id(one) for each in ast.walk(tree) if isinstance(each, ast.ClassDef) for one in each.body}
    for one in ast.walk(tree):
        if isinstance(one, ast.AsyncFunctionDef | ast.FunctionDef):
            yield f"{source.name}: {one.name}", one, id(one) in of_classes


def writes(function: ast.AST) -> list[ast.Call]:
    """Where a function begins a transaction that writes."""
    calls = (one for one in ast.walk(function) if isinstance(one, ast.Call))
    return [one for one in calls if isinstance(one.func, ast.Attribute) and one.func.attr == "write"]


def is_repeatable(function: ast.AsyncFunctionDef | ast.FunctionDef) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "repeatable" for one in function.decorator_list)


def faults(source: Path) -> Iterator[str]:
    """What in a module could be done by halves, or not at all, where a server asks for it to be done again."""
    for name, function, is_method in methods(source):
        begun = writes(function)
        if begun and not (is_method and is_repeatable(function)):
            yield f"{name} writes and is not @repeatable"
        if is_repeatable(function) and len(begun) != 1:
            yield f"{name} is @repeatable and has {len(begun)} transactions that write, not one"
        if any(writes(loop) for loop in ast.walk(function) if isinstance(loop, ast.For | ast.While | ast.AsyncFor)):
            yield f"{name} writes in a loop: what went before would be done again"
        if is_repeatable(function) and any(isinstance(one, ast.Yield) for one in ast.walk(function)):
            yield f"{name} is @repeatable and gives something away before it is stored"


def test_every_method_that_writes_can_be_done_again() -> None:
    assert [fault for source in SOURCES if source.name not in DATABASES for fault in faults(source)] == []
    assert sum(is_repeatable(one) for source in SOURCES for _, one, _ in methods(source)) > 40


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("async def add(self):\n  async with self._database.write() as begun: ...", "is not @repeatable"),
        ("@repeatable\nasync def add(self):\n  for one in all:\n    async with d.write() as begun: ...", "in a loop"),
        ("@repeatable\nasync def add(self):\n  return 1", "has 0 transactions"),
        ("@repeatable\nasync def add(self):\n  async with d.write(): ...\n  yield 1", "gives something away"),
    ],
)
def test_a_method_that_could_not_is_found(tmp_path: Path, code: str, fault: str) -> None:
    source = tmp_path / "store.py"
    source.write_text("class Store:\n" + "\n".join("  " + line for line in code.splitlines()))
    assert any(fault in found for found in faults(source))


# Refused at each of its statements in turn, and at the commit


async def use(corpus: Corpus, prepare: Prepare, now: datetime) -> list[Any]:
    """Something of every store, and what it answers."""
    here, later = 5, now + timedelta(minutes=1)
    one, two = (await corpus.articles.add_all(here, [prepare(), prepare("Two.")], added_by=1, now=now)).added
    await corpus.articles.add_all(here, [prepare(), prepare("Three.")], added_by=1, now=now)
    revised = await corpus.revisions.revise(two.article, prepare("Four.", "Four"), (), by=2, now=now)
    edited = await corpus.revisions.edit(revised, prepare("Four.", "For"), by=2, now=now)
    said = Correction(Span(0, 5), "Ines Duarte")
    await corpus.corrections.add(here, one.article, said, subject="q-1", by=1, now=now)
    await corpus.aliases.set(here, "I. Duarte", "Ines Duarte", by=1, now=now)
    await corpus.articles.remove(here, 3, by=1, now=now)
    when: Any = {"channel_id": 7, "at": "08:00", "zone": "UTC", "period": "all", "created_by": 1}
    schedule = await corpus.schedules.add(here, now=now, **when)
    planned = await corpus.deliveries.plan(schedule.id, now.date(), ["{}", "{}"], channel_id=7, now=now)
    claims = [await corpus.deliveries.claim(one.id, now=now) for one in [*planned, *planned]]
    marks = [await corpus.deliveries.mark(one.id, DeliveryState.SENT, now=now) for one in [*planned, *planned]]
    watch = await corpus.watches.add(here, 1, query="ferry", speaker=None, source=None, channel_id=None, now=now)
    await corpus.notices.found([Found(watch.id, one.article.id, Span(0, 5))], one.article.id, now=now)
    (target,) = await corpus.notices.targets()
    taken = [len(await corpus.notices.claim(await corpus.notices.waiting(target, 9), now=now)) for _ in range(2)]
    seen = [Seen(f"{number}", None, None, "text") for number in range(3)]
    found = Polled("https://a.example/feed", seen[:2], "Feed")
    feed = await corpus.feeds.add(here, found, passed=(), channel_id=None, added_by=1, now=now)
    new = await corpus.feeds.polled(feed.id, Polled(feed.url, seen), due_at=later, now=later)
    dead = [await corpus.feeds.claim_fault(feed.id, now=now) for _ in range(2)]
    await corpus.notes.set("a", "b")
    await corpus.answers.save(here, 1, "quote", "{}", now=now)
    purged = [await corpus.removals.purge(here, 1, by=1, now=now) for _ in range(2)]
    await corpus.leaving.note_left(9, now=now)
    counts = replace(await corpus.articles.counts(here))
    return [edited.number, claims, marks, taken, new, dead, purged, counts, corpus.watches.version > 0]


_OWN_TO_A_RUN = {"stamp", "id", "article_id", "revises", "schedule_id", "feed_id", "watch_id", "payload", "value"}


async def stored(corpus: Corpus) -> dict[str, list[str]]:
    """All rows but for row ids, in which an attempt that was refused leaves a gap, and what is drawn by chance."""
    found = {}
    async with corpus._database.read() as begun:
        for table in metadata.sorted_tables:
            kept = [column for column in table.c if column.name not in _OWN_TO_A_RUN or str(column) == "vocabulary.id"]
            rows = [row._asdict() for row in await begun.execute(select(*kept))]
            found[table.name] = sorted(repr([_plain(value) for value in row.values()]) for row in rows)
    return found


def _plain(value: Any) -> Any:
    """A value without the row id in it that earlier texts and purged ones have."""
    if isinstance(value, int) and value >= HIDDEN:
        return HIDDEN
    return re.sub(r"[. ]\d+$", "", value) if isinstance(value, str) else value


@pytest.mark.many
async def test_refused_at_every_statement_and_commit_all_is_stored_as_if_it_had_not_been(
    postgres: Server, postgres_url: str, prepare: Prepare, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_database, "TRIES", POINTS + 2)
    monkeypatch.setattr(postgresql, "pauses", lambda tries, _draw: iter([0.0] * (tries - 1)))
    other = await asyncio.to_thread(postgres.create)
    async with Corpus.open(postgres_url, bot=True) as corpus, Corpus.open(postgres.url(other), bot=True) as refused:
        wanted = await use(corpus, prepare, now), await stored(corpus)
        with giving_way(monkeypatch, Refusals(random.Random(1), range(POINTS))) as refusals:
            answered = await use(refused, prepare, now)
        assert answered == wanted[0]
        assert await stored(refused) == wanted[1]
    await asyncio.to_thread(postgres.drop, other)
    assert set(CODES) == {code for code, _ in refusals.made}
    assert {-1, *range(10)} <= {point for _, point in refusals.made}


async def test_what_is_refused_for_ever_is_one_sentence_and_not_stored(
    postgres_url: str, prepare: Prepare, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Corpus.open(postgres_url, bot=True) as corpus:
        with giving_way(monkeypatch, Refusals(random.Random(1), [0] * TRIES)) as refusals:
            with pytest.raises(CorpusInUse, match="try again"):
                await corpus.articles.add(5, prepare(), added_by=1, now=now)
            assert len(refusals.made) == TRIES
            with pytest.raises(CorpusInUse, match="try again"):
                await corpus._database.change(_insert)
        assert await corpus.articles.total() == 0


def _insert(connection: Raw) -> None:
    FixedInsert(note).run(connection, [{"key": "a", "value": "b"}])


async def test_what_a_person_did_wrong_is_not_tried_again(
    postgres_url: str, prepare: Prepare, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Corpus.open(postgres_url, bot=True) as corpus:
        article = (await corpus.articles.add(5, prepare(), added_by=1, now=now)).article
        with giving_way(monkeypatch, Refusals(random.Random(1), [POINTS])) as refusals:
            with pytest.raises(Refused, match="has already"):
                await corpus.revisions.revise(article, prepare(), (), by=1, now=now)
            assert refusals.made == []


@pytest.fixture(autouse=True)
def gives_way() -> None:
    """Nothing but what a test says."""
