"""The indexes in memory: always what is in the database now, whoever changed it and whatever goes on meanwhile."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rank_bm25 import BM25Okapi

from bot.corpus import View, small
from bot.corpus.changes import LibraryChanges
from bot.corpus.small import Whole
from bot.corrections import Correction
from bot.desks import indexes
from bot.desks.indexes import IDLE_SECONDS, Indexes
from bot.errors import CorpusError
from bot.language.tokens import terms
from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from bot.search import postings
from bot.search.shelf import Shelf
from tests.sizes import cases

NEWSROOM, RIVAL = 101, 202


class Watch:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def url(library_url: str) -> str:
    return library_url


@pytest.fixture
async def newsdesk(url: str) -> AsyncIterator[Newsdesk]:
    async with Newsdesk.open(url, bot=True) as opened:
        yield opened


@pytest.fixture
def not_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """No library counts as small, to be read in one trip, unless nothing was ever in it."""
    monkeypatch.setattr(small, "SMALL_ARTICLES", 0)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch, not_small: None) -> None:
    """Every library counts as large, so that a snapshot of it is kept."""
    monkeypatch.setattr(indexes, "LARGE_PASSAGES", 1)


@pytest.fixture
def short_tail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few postings are enough to compact for."""
    monkeypatch.setattr(postings, "_LONG_TAIL", 12)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Every reading of changes from the database: (library, since which revision), of those that have an article."""
    seen: list[tuple[int, int]] = []
    since, whole = LibraryChanges.since, View.whole

    def spied(self: LibraryChanges, of: int, revision: int) -> Any:
        seen.append((of, revision))
        return since(self, of, revision)

    def spied_whole(self: View, library: int) -> Whole | None:
        read = whole(self, library)
        if read is not None and read.changes.filed:
            seen.append((library, -1))
        return read

    monkeypatch.setattr(LibraryChanges, "since", spied)
    monkeypatch.setattr(View, "whole", spied_whole)
    return seen


def document(text: str, title: str = "Untitled") -> Document:
    return Document("typed", title, text, title_in_text=True)


async def texts(newsdesk: Newsdesk, asked: str, library: int = NEWSROOM) -> set[str]:
    return {hit.article.text for hit in await newsdesk.search(library, newsdesk.query(asked), 500)}


async def is_exact(newsdesk: Newsdesk, asked: str, library: int = NEWSROOM) -> None:
    """Plain scores are rank-bm25's over what can be read now."""
    visible = await newsdesk.corpus.articles.visible(library)
    sought = terms(asked)
    scores = BM25Okapi([terms(article.text) for article in visible]).get_scores(sought)
    expected = {
        article.id: score
        for article, score in zip(visible, scores, strict=True)
        if set(terms(article.text)) & set(sought)
    }
    found = await newsdesk.search(library, newsdesk.query(asked), 500, ranking="plain")
    assert {hit.article.id: hit.score for hit in found} == pytest.approx(expected, abs=1e-9)
    catalogue = await newsdesk.indexes.catalogue(library)
    for answers in (catalogue.quotes, catalogue.articles):
        assert {one.article_id for one in answers(newsdesk.query(asked), 500)} == set(expected)


def snapshots_of(newsdesk: Newsdesk) -> list[str]:
    folder = newsdesk.corpus.folder
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


# What is in memory


async def test_what_is_in_memory_is_counted_and_grows_and_goes(newsdesk: Newsdesk) -> None:
    held = newsdesk.indexes.in_memory
    assert (held().libraries, held().passages, held().size_bytes) == (0, 0, 0)
    await newsdesk.add(NEWSROOM, document("The ferry sails at noon."))
    assert held().libraries == 0  # nobody has asked for it
    await texts(newsdesk, "ferry")
    first = held()
    assert (first.libraries, first.passages) == (1, 1)
    await newsdesk.add(NEWSROOM, document("The harbour office closes in winter."))
    assert held().passages == 2
    assert held().size_bytes > first.size_bytes > 0
    await newsdesk.indexes.forget(NEWSROOM)
    assert held().passages == 0


# Right after a change


async def test_what_is_added_is_found_by_the_next_question(newsdesk: Newsdesk) -> None:
    assert await texts(newsdesk, "ferry") == set()
    await newsdesk.add(NEWSROOM, document("The ferry sails."))
    assert await texts(newsdesk, "ferry") == {"The ferry sails."}
    await newsdesk.add(SHARED, document("A ferry waits."))
    assert await texts(newsdesk, "ferry") == {"The ferry sails.", "A ferry waits."}
    assert await texts(newsdesk, "ferry", RIVAL) == {"A ferry waits."}


async def test_what_another_process_adds_and_removes_is_seen_by_the_next_question(newsdesk: Newsdesk, url: str) -> None:
    await newsdesk.add(NEWSROOM, document("The ferry sails."))
    assert len(await texts(newsdesk, "ferry")) == 1
    async with Newsdesk.open(url, bot=False) as beside:
        await beside.add(NEWSROOM, document("A second ferry."))
        assert len(await texts(newsdesk, "ferry")) == len(await texts(beside, "ferry")) == 2
        await newsdesk.remove(NEWSROOM, "1")
        assert await texts(beside, "ferry") == {"A second ferry."}
        await beside.restore(NEWSROOM, "1")
        await is_exact(newsdesk, "ferry second")


@pytest.fixture
async def beside(newsdesk: Newsdesk, url: str) -> AsyncIterator[Newsdesk]:
    """A second process on the library, as the command line is."""
    async with Newsdesk.open(url, bot=False) as opened:
        yield opened


async def test_of_what_another_process_did_only_what_is_new_is_read(
    newsdesk: Newsdesk, beside: Newsdesk, reads: list[tuple[int, int]]
) -> None:
    await beside.add(NEWSROOM, document("The ferry sails."))
    for _ in range(2):
        await texts(newsdesk, "ferry")
        assert reads == [(NEWSROOM, -1)]
    await beside.add(NEWSROOM, document("The tide turns."))
    await beside.remove(NEWSROOM, "1")
    for _ in range(2):
        assert await texts(newsdesk, "tide ferry") == {"The tide turns."}
        assert reads == [(NEWSROOM, -1), (NEWSROOM, 1)]


async def test_own_changes_and_those_of_another_process_add_up_in_any_order(
    newsdesk: Newsdesk, beside: Newsdesk
) -> None:
    chance = random.Random(3)
    for number in range(40):
        one, other = chance.sample((newsdesk, beside), 2)
        await one.add(NEWSROOM, document(f"The ferry made crossing w{number} {'at dawn ' * (number % 4)}."))
        if chance.random() < 0.3:
            await is_exact(other, f"ferry dawn w{number}")
        if chance.random() < 0.3:
            await one.remove(NEWSROOM, str(number + 1))
        if chance.random() < 0.3:
            await is_exact(one, f"ferry dawn w{number}")
    for each in (newsdesk, beside):
        await is_exact(each, "ferry dawn w7")


async def test_many_questions_at_once_read_a_library_once(newsdesk: Newsdesk, reads: list[tuple[int, int]]) -> None:
    await newsdesk.add(NEWSROOM, document("The ferry sails."))
    answers = await asyncio.gather(*(texts(newsdesk, "ferry") for _ in range(50)))
    assert all(len(answer) == 1 for answer in answers)
    assert reads == [(NEWSROOM, -1)]


async def test_instalments_of_a_large_library_make_one_index(
    newsdesk: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.corpus.changes._TALLIES_AT_ONCE", 3)
    monkeypatch.setattr(indexes, "_ARTICLES_AT_ONCE", 7)
    for number in range(20):
        await newsdesk.add(NEWSROOM, document(f"The ferry made crossing w{number} at dawn {'and ' * (number % 3)}."))
    await is_exact(newsdesk, "ferry w7 dawn")
    assert len(await texts(newsdesk, "ferry")) == 20


# Small libraries, read in one trip


async def test_a_small_library_is_opened_and_asked_in_one_trip(
    newsdesk: Newsdesk, monkeypatch: pytest.MonkeyPatch, reads: list[tuple[int, int]]
) -> None:
    await newsdesk.add(NEWSROOM, document("The ferry sails."))
    await newsdesk.add(SHARED, document("A ferry waits."))
    assert await texts(newsdesk, "ferry", RIVAL) == {"A ferry waits."}  # the shared library is in memory now
    trips: list[str] = []
    with monkeypatch.context() as patched:
        for way in ("look", "read"):
            real = getattr(newsdesk.corpus._database, way)

            def noted(*given: Any, way: str = way, real: Any = real) -> Any:
                trips.append(way)
                return real(*given)

            patched.setattr(newsdesk.corpus._database, way, noted)
        assert await texts(newsdesk, "ferry") == {"The ferry sails.", "A ferry waits."}
    assert (trips, reads) == (["look"], [(SHARED, -1), (NEWSROOM, -1)])
    await is_exact(newsdesk, "ferry sails waits")


async def test_a_small_library_is_read_with_what_is_new_in_the_shared_one(newsdesk: Newsdesk, beside: Newsdesk) -> None:
    await newsdesk.add(NEWSROOM, document("The ferry sails."))
    await beside.add(SHARED, document("A ferry waits."))
    await texts(newsdesk, "ferry", RIVAL)
    await beside.add(SHARED, document("A ferry is late."))
    assert await texts(newsdesk, "ferry") == {"The ferry sails.", "A ferry waits.", "A ferry is late."}
    await is_exact(newsdesk, "ferry sails waits")


async def test_a_small_library_is_read_without_what_was_removed_and_a_shared_text_it_holds_too(
    newsdesk: Newsdesk, beside: Newsdesk
) -> None:
    await beside.add(SHARED, document("A ferry waits."))
    await newsdesk.add(NEWSROOM, document("The ferry sails."))
    await newsdesk.add(NEWSROOM, document("The old ferry is gone."))
    await beside.add(SHARED, document("The ferry sails."))
    await newsdesk.remove(NEWSROOM, "2")
    assert await texts(newsdesk, "ferry") == {"A ferry waits.", "The ferry sails."}
    hits = await newsdesk.search(NEWSROOM, newsdesk.query("ferry sails"))
    assert [hit.article.library for hit in hits] == [NEWSROOM, SHARED]
    await is_exact(newsdesk, "ferry sails old")


async def test_a_small_library_is_read_with_what_was_corrected_in_it(newsdesk: Newsdesk, beside: Newsdesk) -> None:
    said = "“The ferry sails at noon today,” said Ana Ruiz."
    await newsdesk.add(NEWSROOM, document(said))
    article = await newsdesk.article(NEWSROOM, "1")
    (speech,) = await newsdesk.spoken.of(NEWSROOM, article)
    correction = Correction(speech.span, "Bo Berg")
    await newsdesk.corpus.corrections.add(
        NEWSROOM, article, correction, subject="a quotation", by=1, now=datetime.now(UTC)
    )
    for name, expected in (("Ana Ruiz", []), ("Bo Berg", [said])):
        for one in (newsdesk, beside):
            found = await one.search(NEWSROOM, one.query("ferry", speaker=name))
            assert [hit.article.text for hit in found] == expected


async def test_damaged_counts_of_a_small_library_are_told(newsdesk: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    await newsdesk.add(NEWSROOM, document("The ferry sails."))
    whole = View.whole

    def damaged(self: View, library: int) -> Whole | None:
        read = whole(self, library)
        if read is None:
            return None
        cut = [replace(one, counts=one.counts[:-1]) for one in read.changes.filed]
        return read._replace(changes=replace(read.changes, filed=cut))

    monkeypatch.setattr(View, "whole", damaged)
    with pytest.raises(CorpusError, match="newsdesk reread"):
        await texts(newsdesk, "ferry")


# Idle libraries


async def test_of_too_many_indexes_the_one_that_was_not_asked_for_longest_leaves_memory(
    newsdesk: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "MOST_HELD", 4)
    held = newsdesk.indexes._held
    for library in (1, 2, 3, 1):
        await texts(newsdesk, "ferry", library)
    assert set(held) == {SHARED, 1, 2, 3}
    await texts(newsdesk, "ferry", 4)
    assert set(held) == {SHARED, 1, 3, 4}
    await newsdesk.add(2, document("The ferry sails."))
    assert await texts(newsdesk, "ferry", 2) == {"The ferry sails."}
    assert set(held) == {SHARED, 1, 2, 4}


async def test_an_index_in_use_stays_in_memory_where_there_are_too_many(
    newsdesk: Newsdesk, short_tail: None, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "MOST_HELD", 2)
    held = newsdesk.indexes._held
    await texts(newsdesk, "ferry")
    for number in range(20):
        await newsdesk.add(NEWSROOM, crossing(number))
        await texts(newsdesk, "ferry")
    task = await compacting(newsdesk)
    for library in (1, 2):
        await texts(newsdesk, "ferry", library)
    assert set(held) == {SHARED, 2, NEWSROOM}
    gate.set()
    await task
    async with held[NEWSROOM].turn:
        await texts(newsdesk, "ferry", 3)
        assert NEWSROOM in held
    await texts(newsdesk, "ferry", 4)
    assert set(held) == {SHARED, 4}


async def test_a_large_index_that_makes_room_is_kept_as_a_snapshot(
    newsdesk: Newsdesk, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "MOST_HELD", 2)
    await newsdesk.add(NEWSROOM, document("The ferry sails."))
    await texts(newsdesk, "ferry")
    await texts(newsdesk, "ferry", RIVAL)
    assert sorted(newsdesk.indexes._held) == [SHARED, RIVAL]
    assert snapshots_of(newsdesk) == [f"{NEWSROOM}.snapshot"]


async def test_an_index_that_nobody_asks_leaves_memory_and_comes_back(
    newsdesk: Newsdesk, reads: list[tuple[int, int]]
) -> None:
    watch = Watch()
    held = Indexes(newsdesk.corpus, clock=watch)
    await newsdesk.add(NEWSROOM, document("The ferry sails."))
    await newsdesk.add(RIVAL, document("The tide turns."))
    await held.catalogue(NEWSROOM)
    watch.seconds += IDLE_SECONDS
    await held.catalogue(RIVAL)
    await held.tidy()
    assert sorted(held._held) == [SHARED, NEWSROOM, RIVAL]
    watch.seconds += 1
    await held.tidy()
    assert sorted(held._held) == [SHARED, RIVAL]
    catalogue = await held.catalogue(NEWSROOM)
    assert len(catalogue.articles(newsdesk.query("ferry"), 9)) == 1
    assert reads.count((NEWSROOM, -1)) == 2


async def test_a_large_index_that_leaves_memory_is_kept_as_a_snapshot(
    newsdesk: Newsdesk, large: None, tmp_path: Path, reads: list[tuple[int, int]]
) -> None:
    watch = Watch()
    held = Indexes(newsdesk.corpus, tmp_path / "kept", watch)
    await newsdesk.add(NEWSROOM, document("The ferry sails."))
    await held.catalogue(NEWSROOM)
    watch.seconds += IDLE_SECONDS + 1
    await held.tidy()
    assert [path.name for path in (tmp_path / "kept").iterdir()] == [f"{NEWSROOM}.snapshot"]
    reads.clear()
    catalogue = await held.catalogue(NEWSROOM)
    assert len(catalogue.articles(newsdesk.query("ferry"), 9)) == 1
    assert reads == []


async def test_tidying_twice_at_once_does_no_harm(newsdesk: Newsdesk) -> None:
    watch = Watch()
    held = Indexes(newsdesk.corpus, clock=watch)
    await held.catalogue(NEWSROOM)
    watch.seconds += IDLE_SECONDS + 1
    await asyncio.gather(held.tidy(), held.tidy(), held.tidy())
    assert not held._held


# Snapshots


@pytest.fixture
async def kept(url: str, large: None) -> Path:
    """A library that was closed with a snapshot; the path of its database."""
    async with Newsdesk.open(url, bot=True) as newsdesk:
        await newsdesk.add(NEWSROOM, document("The ferry sails."))
        await newsdesk.add(NEWSROOM, document("The tide turns."))
        await texts(newsdesk, "ferry")
        assert snapshots_of(newsdesk) == []
        path = newsdesk.corpus.folder
    assert [file.name for file in path.iterdir()] == [f"{NEWSROOM}.snapshot"]
    return path.parent / "newsdesk.db"


def snapshot(database: Path) -> Path:
    return database.parent / "newsdesk.db.indexes" / f"{NEWSROOM}.snapshot"


async def test_a_small_library_keeps_no_snapshot(url: str) -> None:
    async with Newsdesk.open(url, bot=True) as newsdesk:
        await newsdesk.add(NEWSROOM, document("The ferry sails."))
        await texts(newsdesk, "ferry")
    assert snapshots_of(newsdesk) == []


@pytest.mark.sqlite
async def test_a_snapshot_is_used_at_the_next_start_without_reading_a_tally(
    kept: Path, url: str, reads: list[tuple[int, int]]
) -> None:
    before = snapshot(kept).stat().st_mtime_ns
    async with Newsdesk.open(url, bot=True) as newsdesk:
        assert await texts(newsdesk, "ferry") == {"The ferry sails."}
        await is_exact(newsdesk, "ferry tide")
        assert reads == []
    assert snapshot(kept).stat().st_mtime_ns == before  # nothing changed: not written again


async def test_a_library_grows_on_from_its_snapshot(kept: Path, url: str, reads: list[tuple[int, int]]) -> None:
    async with Newsdesk.open(url, bot=True) as newsdesk:
        await texts(newsdesk, "ferry")
        await newsdesk.add(NEWSROOM, document("The ferry and the tide and a gull."))
        await is_exact(newsdesk, "ferry tide gull")
        await newsdesk.remove(NEWSROOM, "1")
        await is_exact(newsdesk, "ferry tide gull")
    assert (NEWSROOM, -1) not in reads


async def test_a_stale_snapshot_is_not_used_and_replaced(kept: Path, url: str, reads: list[tuple[int, int]]) -> None:
    async with Newsdesk.open(url, bot=True) as newsdesk:
        await newsdesk.add(NEWSROOM, document("A gull cries."))
        await is_exact(newsdesk, "gull ferry")
        assert reads == [(NEWSROOM, -1)]
    reads.clear()
    async with Newsdesk.open(url, bot=True) as newsdesk:
        assert await texts(newsdesk, "gull") == {"A gull cries."}
    assert reads == []


@pytest.mark.sqlite
@pytest.mark.parametrize("damage", ["cut", "flipped", "emptied", "other"])
async def test_a_damaged_snapshot_is_not_used_and_replaced(
    kept: Path, url: str, reads: list[tuple[int, int]], damage: str
) -> None:
    whole = snapshot(kept).read_bytes()
    middle = len(whole) - 40
    snapshot(kept).write_bytes(
        {
            "cut": whole[: len(whole) // 2],
            "flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
            "emptied": b"",
            "other": b"not a snapshot",
        }[damage]
    )
    async with Newsdesk.open(url, bot=True) as newsdesk:
        await is_exact(newsdesk, "ferry tide")
    assert reads == [(NEWSROOM, -1)]
    reads.clear()
    async with Newsdesk.open(url, bot=True) as newsdesk:
        await is_exact(newsdesk, "ferry tide")
    assert reads == []


@pytest.mark.sqlite
async def test_a_snapshot_of_another_history_with_the_same_revision_is_not_used(
    kept: Path, url: str, large: None, tmp_path: Path
) -> None:
    """A backup was put back and went on: its revision counts as far as the snapshot's, and means something else."""
    copy = tmp_path / "backup.db"
    with closing(sqlite3.connect(kept)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    async with Newsdesk.open(url, bot=True) as newsdesk:
        await newsdesk.add(NEWSROOM, document("The gull was here."))
        await texts(newsdesk, "gull")
    shutil.copy(copy, kept)
    async with Newsdesk.open(url, bot=True) as newsdesk:
        await newsdesk.add(NEWSROOM, document("The mast is here."))
        assert await texts(newsdesk, "mast gull") == {"The mast is here."}
        await is_exact(newsdesk, "mast gull ferry")


async def test_where_no_snapshot_can_be_kept_the_library_closes_all_the_same(url: str, large: None) -> None:
    async with Newsdesk.open(url, bot=True) as newsdesk:
        newsdesk.corpus.folder.write_text("a file in its place")
        await newsdesk.add(NEWSROOM, document("The ferry sails."))
        assert len(await texts(newsdesk, "ferry")) == 1
    assert newsdesk.corpus.folder.read_text() == "a file in its place"


# Another history while it runs


@pytest.mark.parametrize("later", [0, 1, 2])
async def test_a_library_replaced_by_a_backup_while_it_runs_is_read_anew(
    newsdesk: Newsdesk, beside: Newsdesk, tmp_path: Path, later: int
) -> None:
    """Its revision may then be lower than that in memory, or as high again after so many later changes."""
    path, copy = tmp_path / "newsdesk.db", tmp_path / "backup.db"
    await newsdesk.add(NEWSROOM, document("The ferry sails."))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    await newsdesk.add(NEWSROOM, document("The gull was here."))
    await newsdesk.add(NEWSROOM, document("The tide turned."))
    assert len(await texts(newsdesk, "gull")) == 1
    with closing(sqlite3.connect(copy)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    for number in range(later):
        await beside.add(NEWSROOM, document(f"The mast w{number} is here."))
    await is_exact(newsdesk, "gull ferry tide mast w1")
    await newsdesk.add(NEWSROOM, document("A rope is there."))
    await is_exact(newsdesk, "gull ferry tide mast w1 rope")


# Compaction


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Compactions in the background wait until this is set."""
    event, compacted = threading.Event(), Shelf.compacted
    waiting = indexes.Indexes._compact

    async def gated(self: Indexes, held: Any) -> None:
        begun = held.shelf

        def slow(shelf: Shelf) -> Shelf:
            if shelf is begun:
                assert event.wait(20)
            return compacted(shelf)

        monkeypatch.setattr(Shelf, "compacted", slow)
        await waiting(self, held)

    monkeypatch.setattr(Indexes, "_compact", gated)
    yield event
    event.set()


async def compacting(newsdesk: Newsdesk, library: int = NEWSROOM) -> asyncio.Task[None]:
    """The compaction that goes on."""
    task = newsdesk.indexes._held[library].compaction
    assert task is not None
    await asyncio.sleep(0.01)
    assert not task.done()
    return task


def crossing(number: int) -> Document:
    return document(f"The ferry made crossing w{number}. It was dawn.")


async def test_a_compaction_keeps_what_came_and_went_meanwhile(
    newsdesk: Newsdesk, short_tail: None, gate: threading.Event
) -> None:
    for number in range(10):
        await newsdesk.add(NEWSROOM, crossing(number))
    await texts(newsdesk, "ferry")  # the first reading is sorted at once
    for number in range(10, 14):
        await newsdesk.add(NEWSROOM, crossing(number))
        await texts(newsdesk, "ferry")
    task = await compacting(newsdesk)
    await newsdesk.add(NEWSROOM, crossing(14))
    await newsdesk.remove(NEWSROOM, "2")
    await newsdesk.remove(NEWSROOM, "12")
    await is_exact(newsdesk, "ferry w14 w12 w3")
    gate.set()
    await task
    await is_exact(newsdesk, "ferry w14 w12 w3")
    await newsdesk.restore(NEWSROOM, "12")
    await is_exact(newsdesk, "ferry w14 w11 w12 w3")


async def test_a_compaction_keeps_what_came_in_bulk_meanwhile(
    newsdesk: Newsdesk, beside: Newsdesk, short_tail: None, gate: threading.Event
) -> None:
    """So much that it is sorted in at once, before the compaction that began earlier is done."""
    for number in range(10):
        await newsdesk.add(NEWSROOM, crossing(number))
    await texts(newsdesk, "ferry")
    for number in range(10, 14):
        await newsdesk.add(NEWSROOM, crossing(number))
        await texts(newsdesk, "ferry")
    task = await compacting(newsdesk)
    for number in range(14, 60):
        await beside.add(NEWSROOM, crossing(number))
    await is_exact(newsdesk, "ferry w40")
    gate.set()
    await task
    await is_exact(newsdesk, "ferry w40")
    assert await texts(newsdesk, "w40") == {"The ferry made crossing w40. It was dawn."}


async def test_closing_waits_for_a_compaction_and_keeps_its_outcome(
    url: str, short_tail: None, large: None, gate: threading.Event, reads: list[tuple[int, int]]
) -> None:
    async with Newsdesk.open(url, bot=True) as newsdesk:
        for number in range(10):
            await newsdesk.add(NEWSROOM, crossing(number))
        await texts(newsdesk, "ferry")
        for number in range(10, 14):
            await newsdesk.add(NEWSROOM, crossing(number))
            await texts(newsdesk, "ferry")
        task = await compacting(newsdesk)
        asyncio.get_running_loop().call_later(0.05, gate.set)
    assert task.done()
    assert snapshots_of(newsdesk) == [f"{NEWSROOM}.snapshot"]
    reads.clear()
    async with Newsdesk.open(url, bot=True) as again:
        await is_exact(again, "ferry w13")
        assert reads == []


@pytest.mark.many
async def test_questions_while_articles_come_and_the_index_is_compacted(
    newsdesk: Newsdesk, short_tail: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    compactions: list[int] = []
    compact = Indexes._compact

    async def noted(self: Indexes, held: Any) -> None:
        compactions.append(held.library)
        await compact(self, held)

    monkeypatch.setattr(Indexes, "_compact", noted)

    async def add(number: int) -> None:
        await newsdesk.add((NEWSROOM, SHARED)[number % 2], crossing(number))
        assert await texts(newsdesk, f"w{number}") == {f"The ferry made crossing w{number}. It was dawn."}

    async def ask(number: int) -> None:
        for _ in range(3):
            found = await newsdesk.search(NEWSROOM, newsdesk.query(f"ferry dawn w{number}"), 100)
            assert len({hit.article.id for hit in found}) == len(found)

    last = cases(58, few=28)
    for number in range(8):  # sorted at the first reading, so that what comes is no more than that
        await newsdesk.add((NEWSROOM, SHARED)[number % 2], crossing(number))
    await texts(newsdesk, "ferry")
    await asyncio.gather(*(task for number in range(8, last) for task in (add(number), ask(number))))
    assert set(compactions) == {NEWSROOM, SHARED}
    assert len(await texts(newsdesk, "ferry")) == last
    await is_exact(newsdesk, "ferry dawn w7 w8")


# Faults


@asynccontextmanager
async def broken(monkeypatch: pytest.MonkeyPatch, method: str) -> AsyncIterator[None]:
    """The database cannot be read for a while."""
    with monkeypatch.context() as patched:

        async def failing(*_: object) -> Any:
            raise CorpusError("The disk is gone.")
            yield

        async def refusing(*_: object) -> Any:
            raise CorpusError("The disk is gone.")

        patched.setattr(LibraryChanges, method, failing if method == "since" else refusing)
        yield


@pytest.mark.parametrize("method", ["since", "revisions"])
async def test_a_library_that_could_not_be_read_can_be_asked_later(
    newsdesk: Newsdesk, beside: Newsdesk, not_small: None, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    await newsdesk.add(NEWSROOM, document("The ferry sails."))
    async with broken(monkeypatch, method):
        for _ in range(2):
            with pytest.raises(CorpusError, match="disk is gone"):
                await texts(newsdesk, "ferry")
    assert await texts(newsdesk, "ferry") == {"The ferry sails."}
    async with broken(monkeypatch, method):
        await beside.add(NEWSROOM, document("A second ferry."))
        with pytest.raises(CorpusError, match="disk is gone"):
            await texts(newsdesk, "ferry")
    await is_exact(newsdesk, "ferry second")


async def test_a_small_library_that_could_not_be_read_can_be_asked_later(
    newsdesk: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await newsdesk.add(NEWSROOM, document("The ferry sails."))
    with monkeypatch.context() as patched:

        def failing(*_: object) -> Any:
            raise CorpusError("The disk is gone.")

        patched.setattr(View, "whole", failing)
        for _ in range(2):
            with pytest.raises(CorpusError, match="disk is gone"):
                await texts(newsdesk, "ferry")
    assert await texts(newsdesk, "ferry") == {"The ferry sails."}
    await is_exact(newsdesk, "ferry sails")


async def test_a_question_that_is_given_up_leaves_the_index_askable(newsdesk: Newsdesk) -> None:
    await newsdesk.add(NEWSROOM, document("The ferry sails."))
    for delay in (0, 0, 0.001, 0.002, 0.005):
        asking = asyncio.create_task(texts(newsdesk, "ferry"))
        await asyncio.sleep(delay)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    await newsdesk.add(NEWSROOM, document("A second ferry."))
    await is_exact(newsdesk, "ferry second")


async def test_a_compaction_that_fails_does_not_keep_the_library_from_answering_and_closing(
    url: str, short_tail: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Newsdesk.open(url, bot=True) as newsdesk:
        for number in range(10):
            await newsdesk.add(NEWSROOM, crossing(number))
        await texts(newsdesk, "ferry")
        with monkeypatch.context() as patched:

            def full(_: Shelf) -> Shelf:
                raise MemoryError

            patched.setattr(Shelf, "compacted", full)
            for number in range(10, 13):
                await newsdesk.add(NEWSROOM, crossing(number))
                await texts(newsdesk, "ferry")
            await asyncio.sleep(0.05)
            await is_exact(newsdesk, "ferry w11")


async def test_a_cancelled_question_leaves_the_index_whole(
    newsdesk: Newsdesk, beside: Newsdesk, short_tail: None
) -> None:
    """A thread that changes the vocabulary goes on when its question is cancelled, and nobody may begin beside it."""
    chance = random.Random(7)
    for number in range(40):
        await beside.add(NEWSROOM, crossing(number))
        question = asyncio.create_task(texts(newsdesk, f"w{number}"))
        for _ in range(chance.randrange(30)):
            await asyncio.sleep(0)
        await asyncio.sleep(chance.uniform(0, 0.004))
        question.cancel()
        with suppress(asyncio.CancelledError):
            await question
    await is_exact(newsdesk, "ferry w1 w20 w39")
    assert [len(await texts(newsdesk, f"w{number}")) for number in range(40)] == [1] * 40
