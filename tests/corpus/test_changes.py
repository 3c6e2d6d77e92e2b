"""What search counts, written and read: increments add up to the whole, ids stay dense, old counts are made anew."""

from __future__ import annotations

import asyncio
import hashlib
import random
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi
from sqlalchemy import select

from bot.corpus import Corpus, Outcome, Prepared
from bot.corpus.migrate import FOLDER, Migrations
from bot.corpus.schema import REVISION, vocabulary
from bot.desks.preparing import prepare
from bot.language.analysis import ANALYSIS_VERSION, analyse
from bot.language.tokens import terms
from bot.model import SHARED, Document, Passage, Span
from bot.newsdesk import Newsdesk
from bot.search.index import Index, Part
from bot.search.shelf import Shelf
from bot.tallies import Changes, unpack, unpack_entries
from tests.sizes import cases

NOW = datetime(2026, 5, 12, 8, 30, tzinfo=UTC)
ONE, OTHER = 5, 6
WORDS = ["ferry", "harbour", "tide", "Kyiv", "Zelenskyy", "vote", "rope", "gull", "mast", "line"]


def made(*words: str, title: str = "Untitled") -> Prepared:
    return prepare(Document("typed", title, f"{' '.join(words)}."))


async def add(corpus: Corpus, library: int, prepared: Prepared) -> int:
    return (await corpus.articles.add(library, prepared, added_by=1, now=NOW)).article.id


async def since(corpus: Corpus, library: int, revision: int) -> Changes:
    """The changes after a revision as one."""
    found = [one async for one in corpus.changes.since(library, revision)]
    filed = [one for changes in found for one in changes.filed]
    entries = [packed for changes in found for packed in changes.entries]
    return replace(found[0], filed=filed, entries=entries)


async def state(corpus: Corpus, library: int) -> tuple[int, int]:
    return (await corpus.changes.revisions([library])).get(library, (0, 0))


def new_terms(changes: Changes) -> set[str]:
    return {entry.term for packed in changes.entries for entry in unpack_entries(packed)}


def query(path: Path, sql: str, *values: object) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(sql, values).fetchall()


# What changed


async def test_what_was_added_is_a_change_with_its_new_terms(corpus: Corpus) -> None:
    first = await add(corpus, ONE, made("ferry", "harbour"))
    revision, stamp = await state(corpus, ONE)
    second = await add(corpus, ONE, made("ferry", "tide"))
    changes = await since(corpus, ONE, revision)
    assert (changes.changed.tolist(), [one.article_id for one in changes.filed]) == ([second], [second])
    assert new_terms(changes) == {"tide"}
    assert (changes.revision, changes.stamp) == await state(corpus, ONE) != (revision, stamp)
    everything = await since(corpus, ONE, -1)
    assert [one.article_id for one in everything.filed] == [first, second]
    assert new_terms(everything) == {"untitl", "ferri", "harbour", "tide"}


async def test_what_was_removed_is_changed_and_not_there(corpus: Corpus) -> None:
    first, second = await add(corpus, ONE, made("ferry")), await add(corpus, ONE, made("tide"))
    revision, _ = await state(corpus, ONE)
    await corpus.articles.remove(ONE, 1, by=1, now=NOW)
    changes = await since(corpus, ONE, revision)
    assert (changes.changed.tolist(), list(changes.filed)) == ([first], [])
    assert [one.article_id for one in (await since(corpus, ONE, -1)).filed] == [second]


async def test_what_was_restored_is_changed_and_there_again(corpus: Corpus) -> None:
    first = await add(corpus, ONE, made("ferry"))
    await corpus.articles.remove(ONE, 1, by=1, now=NOW)
    revision, _ = await state(corpus, ONE)
    await corpus.articles.restore(ONE, 1, by=1, now=NOW)
    changes = await since(corpus, ONE, revision)
    assert (changes.changed.tolist(), [one.article_id for one in changes.filed]) == ([first], [first])


async def test_a_change_of_one_library_is_none_of_another(corpus: Corpus) -> None:
    await add(corpus, ONE, made("ferry"))
    await add(corpus, OTHER, made("tide"))
    before = await state(corpus, OTHER)
    await add(corpus, ONE, made("harbour"))
    assert await state(corpus, OTHER) == before
    assert new_terms(await since(corpus, OTHER, -1)) == {"untitl", "tide"}
    assert len((await since(corpus, OTHER, -1)).filed) == 1


async def test_a_library_that_was_never_written_to_has_no_changes(corpus: Corpus) -> None:
    changes = await since(corpus, 77, -1)
    assert (changes.revision, changes.stamp, changes.changed.tolist(), changes.filed, changes.entries) == (
        0, 0, [], [], [],
    )  # fmt: skip
    assert await corpus.changes.revisions([77]) == {}


async def test_the_largest_library_is_that_of_most_articles(corpus: Corpus) -> None:
    assert await corpus.changes.largest() == 0
    for library, word in [(ONE, "ferry"), (OTHER, "tide"), (OTHER, "rope"), (OTHER, "gull")]:
        await add(corpus, library, made(word))
    assert await corpus.changes.largest() == 3


async def test_adding_a_known_text_is_no_change(corpus: Corpus) -> None:
    await add(corpus, ONE, made("ferry"))
    before = await state(corpus, ONE)
    await add(corpus, ONE, made("ferry"))
    assert await state(corpus, ONE) == before


async def test_a_term_that_becomes_a_name_is_a_change(corpus: Corpus) -> None:
    await add(corpus, ONE, made("the", "zelenskyy", "line"))
    revision, _ = await state(corpus, ONE)
    await add(corpus, ONE, made("so", "Zelenskyy", "voted"))
    entries = [e for packed in (await since(corpus, ONE, revision)).entries for e in unpack_entries(packed)]
    assert ("zelenskyy", "zelenski") in [(entry.term, entry.name_key) for entry in entries]
    assert await corpus.changes.words([ONE], ["zelenskyy"]) == {"zelenskyy": "Zelenskyy"}


async def test_many_articles_come_in_instalments_that_name_every_change_once(
    corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.corpus.changes._TALLIES_AT_ONCE", 3)
    monkeypatch.setattr("bot.corpus.changes._ENTRIES_AT_ONCE", 2)
    added = [await add(corpus, ONE, made("ferry", f"w{n}")) for n in range(8)]
    parts = [one async for one in corpus.changes.since(ONE, -1)]
    assert [len(one.filed) for one in parts] == [3, 3, 2]
    assert [one.article_id for part in parts for one in part.filed] == added
    assert [sorted(part.changed.tolist()) for part in parts] == [added, [], []]
    listed = [entry.id for part in parts for packed in part.entries for entry in unpack_entries(packed)]
    assert sorted(listed) == list(range(10))


async def test_what_a_second_corpus_stores_is_a_change(corpus: Corpus, url: str) -> None:
    await add(corpus, ONE, made("ferry", "tide"))
    revision, _ = await state(corpus, ONE)
    async with Corpus.open(url, bot=False) as beside:
        await asyncio.gather(
            *(add(which, ONE, made("ferry", f"w{n}")) for n in range(10) for which in [(corpus, beside)[n % 2]])
        )
        await beside.articles.remove(ONE, 1, by=None, now=NOW)
        changes = await since(corpus, ONE, revision)
    assert (len(changes.filed), len(changes.changed)) == (10, 11)
    assert new_terms(changes) == {f"w{n}" for n in range(10)}
    async with corpus._database.read() as begun:
        stored = (await begun.execute(select(vocabulary.c.id).order_by(vocabulary.c.id))).scalars().all()
    assert stored == list(range(13))


# Increments and the whole


ARTICLE = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(tuple)
STEP = (
    st.tuples(st.just("add"), ARTICLE)
    | st.tuples(st.just("remove"), st.integers(0, 9))
    | st.tuples(st.just("restore"), st.integers(0, 9))
    | st.tuples(st.just("read"), st.none())
)


def index(shelf: Shelf) -> Index:
    return Index([Part(shelf.vocabulary, shelf.passages)])


def as_documents(shelf: Shelf, asked: list[str]) -> list[float]:
    return sorted(float(score) for score in index(shelf).get_scores(asked))


@settings(max_examples=cases(25, few=8), deadline=None)
@given(steps=st.lists(STEP, max_size=14), asked=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3))
def test_increments_add_up_to_the_whole(blank_library: Path, steps: list[tuple[str, object]], asked: list[str]) -> None:
    async def run(path: Path) -> None:
        async with Corpus.open(f"sqlite+aiosqlite:///{path}", bot=True) as corpus:
            grown, numbers = Shelf.empty(), 0
            for what, value in [*steps, ("read", None)]:
                if what == "add":
                    assert isinstance(value, tuple)
                    numbers += (
                        await corpus.articles.add(ONE, made(*value), added_by=1, now=NOW)
                    ).outcome is Outcome.ADDED
                elif what == "read":
                    grown = grown.after(await since(corpus, ONE, grown.revision or -1))
                else:
                    act = corpus.articles.remove if what == "remove" else corpus.articles.restore
                    assert isinstance(value, int)
                    await act(ONE, value % (numbers + 1), by=1, now=NOW)
            whole = Shelf.empty().after(await since(corpus, ONE, -1))
            texts = [article.text for article in await corpus.articles.visible(ONE)]
            sought = [term for word in asked for term in terms(word)]
            assert as_documents(grown, sought) == pytest.approx(as_documents(whole, sought), abs=1e-9)
            expected = BM25Okapi([terms(text) for text in texts]).get_scores(sought) if texts else []
            assert as_documents(grown, sought) == pytest.approx(sorted(expected), abs=1e-9)
            assert sorted(grown.vocabulary.items()) == sorted(whole.vocabulary.items())

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(shutil.copy(blank_library, folder))))


# Numbers


async def test_fifty_adds_at_once_number_every_term_once_and_densely(corpus: Corpus, path: Path) -> None:
    prepared = [made("ferry", f"w{n}", f"w{n + 1}", title=f"Title {n}") for n in range(50)]
    added = await asyncio.gather(*(add(corpus, (ONE, OTHER)[n % 2], one) for n, one in enumerate(prepared)))
    for library in (ONE, OTHER):
        stored = query(path, "SELECT id, term FROM vocabulary WHERE library = ? ORDER BY id", library)
        assert [id_ for id_, _ in stored] == list(range(len(stored)))
        assert query(path, "SELECT terms FROM library WHERE id = ?", library) == [(len(stored),)]
        names = dict(stored)
        for filed in (await since(corpus, library, -1)).filed:
            tally = unpack(filed.counts).unit(0)
            said = Counter({names[i]: n for i, n in zip(tally.terms.tolist(), tally.frequencies.tolist(), strict=True)})
            article = (await corpus.articles.get([filed.article_id]))[filed.article_id]
            assert said == Counter(terms(article.title) + terms(article.text))
    assert len(set(added)) == 50


async def test_an_article_that_cannot_be_stored_leaves_no_tally_no_terms_and_no_revision(
    corpus: Corpus, path: Path
) -> None:
    await add(corpus, ONE, made("ferry"))
    before = query(path, "SELECT * FROM vocabulary"), query(path, "SELECT * FROM tally"), await state(corpus, ONE)
    good = made("tide", "rope")
    analysis = good.analysis
    passages = (*analysis.passages, Passage(Span(9, 3), analysis.passages[0].kind))
    broken = replace(good, analysis=replace(analysis, passages=passages))
    with pytest.raises(Exception, match="CHECK constraint"):
        await add(corpus, ONE, broken)
    assert before == (
        query(path, "SELECT * FROM vocabulary"), query(path, "SELECT * FROM tally"), await state(corpus, ONE)
    )  # fmt: skip
    await add(corpus, ONE, good)
    assert [id_ for (id_,) in query(path, "SELECT id FROM vocabulary ORDER BY id")] == [0, 1, 2, 3]


async def test_a_tally_that_cannot_be_stored_leaves_no_article(corpus: Corpus, path: Path) -> None:
    good = made("tide", "rope")
    counted = good.analysis.counted
    unspelled = replace(counted, words=(None, *counted.words[1:]))  # type: ignore[arg-type]
    broken = replace(good, analysis=replace(good.analysis, counted=unspelled))
    with pytest.raises(Exception, match="NOT NULL constraint"):
        await add(corpus, ONE, broken)
    for table in ("article", "passage", "tally", "vocabulary", "library"):
        assert query(path, f"SELECT count(*) FROM {table}") == [(0,)]


# Counting anew


@pytest.fixture
async def counted(url: str, path: Path) -> Path:
    """A database of 120 articles in two libraries, all counted by other rules; one of them was removed."""
    async with Corpus.open(url, bot=True) as corpus:
        for library in (ONE, SHARED):
            many = [made("ferry", f"w{number}") for number in range(120) if library == (ONE, SHARED)[number % 2]]
            await corpus.articles.add_all(library, many, added_by=1, now=NOW)
        await corpus.articles.remove(ONE, 1, by=1, now=NOW)
    query(path, "UPDATE tally SET version = 0, counts = x'00'")
    return path


async def found(newsdesk: Newsdesk, asked: str) -> set[str]:
    return {hit.article.text for hit in await newsdesk.search(ONE, newsdesk.query(asked), 500)}


async def test_articles_counted_by_other_rules_are_counted_anew_when_the_library_opens(counted: Path, url: str) -> None:
    told: list[tuple[int, int]] = []
    async with Newsdesk.open(url, bot=True, watch=lambda done, total: told.append((done, total))) as newsdesk:
        assert len(await found(newsdesk, "ferry")) == 119
        assert await found(newsdesk, "w77") == {"ferry w77."}
        assert await found(newsdesk, "w0") == set()
        await newsdesk.corpus.articles.restore(ONE, 1, by=None, now=NOW)
        assert await found(newsdesk, "w0") == {"ferry w0."}
    assert told == [(50, 120), (100, 120), (120, 120)]
    assert query(counted, "SELECT DISTINCT version FROM tally") == [(ANALYSIS_VERSION,)]


async def test_where_all_is_counted_nothing_is_told(counted: Path, url: str) -> None:
    told: list[tuple[int, int]] = []
    for _ in range(2):
        told.clear()
        async with Newsdesk.open(url, bot=True, watch=lambda done, total: told.append((done, total))):
            pass
    assert told == []


async def test_counting_anew_goes_on_where_it_was_broken_off(counted: Path, url: str) -> None:
    async with Corpus.open(url, bot=True) as corpus:
        assert await corpus.changes.outdated() == 120
        rereading = corpus.changes.reread(analyse)
        async for some in rereading:
            assert some == 50
            break
        await cast("AsyncGenerator[int]", rereading).aclose()
        assert await corpus.changes.outdated() == 70
        assert [some async for some in corpus.changes.reread(analyse)] == [50, 20]
        assert await corpus.changes.outdated() == 0
        assert len((await since(corpus, SHARED, -1)).filed) == 60


async def test_an_index_in_memory_follows_what_is_counted_anew(corpus: Corpus, path: Path) -> None:
    await add(corpus, ONE, made("ferry", "tide"))
    shelf = Shelf.empty().after(await since(corpus, ONE, -1))
    query(path, "UPDATE tally SET version = 0")

    async for _ in corpus.changes.reread(lambda title, text: analyse(title, f"{text} lighthouse")):
        pass
    shelf = shelf.after(await since(corpus, ONE, shelf.revision))
    assert Index([Part(shelf.vocabulary, shelf.articles)]).document_frequency("lighthous") == 1
    assert shelf.articles.size == 1


async def test_a_title_in_the_text_is_counted_once_when_counted_anew(corpus: Corpus, path: Path) -> None:
    text = "Lighthouse lit again\n\nIt shone."
    await add(corpus, ONE, prepare(Document("a.txt", "Lighthouse lit again", text, title_in_text=True)))
    await add(corpus, ONE, prepare(Document("b.txt", "Lighthouse lit again", f"{text} Bright.")))
    before = query(path, "SELECT counts FROM tally ORDER BY article_id")
    await corpus.changes.outdate()
    assert await corpus.changes.outdated() == 2
    async for _ in corpus.changes.reread(analyse):
        pass
    assert query(path, "SELECT counts FROM tally ORDER BY article_id") == before


async def test_a_sample_is_so_many_of_the_articles_that_are_there(corpus: Corpus) -> None:
    for number in range(12):
        await add(corpus, ONE, made("ferry", f"w{number}"))
    await corpus.articles.remove(ONE, 3, by=1, now=NOW)
    some = await corpus.changes.sample(ONE, 5, random.Random(1))
    assert len({one.filed.article_id for one in some.articles}) == 5
    everything = await corpus.changes.sample(ONE, 50, random.Random(1))
    assert {one.text for one in everything.articles} == {f"ferry w{n}." for n in range(12) if n != 2}
    assert set(everything.terms.values()) == {"untitl", "ferri", *(f"w{n}" for n in range(12))}
    assert await corpus.changes.libraries() == [ONE]


# The first schema


@pytest.fixture
async def first_schema(url: str, path: Path, tmp_path: Path) -> Path:
    """A database of revision 0001 with 60 articles in two libraries, one removed."""
    await asyncio.to_thread(path.unlink)
    folder = tmp_path / "first"
    folder.mkdir()
    source = (FOLDER / "versions" / "r0001_first.py").read_text(encoding="utf-8")
    (folder / "r0001_first.py").write_text(source, encoding="utf-8")
    async with Corpus.open(url, bot=True, migrations=Migrations((folder,), "0001")):
        pass
    rows = [
        {
            "library": (ONE, SHARED)[number % 2],
            "number": number,
            "title": f"Title {number}",
            "authors": "[]",
            "filed": "2026-05-12",
            "added_at": "2026-05-12T08:00:00.000000+00:00",
            "words": 5,
            "fingerprint": hashlib.sha256(str(number).encode()).hexdigest(),
            "text": f"The ferry carried cargo{number} home.",
        }
        for number in range(1, 61)
    ]
    columns = ", ".join(rows[0])
    values = ", ".join(f":{column}" for column in rows[0])
    with closing(sqlite3.connect(path)) as connection, connection:
        for library in (ONE, SHARED):
            connection.execute("INSERT INTO library (id, next_number, revision) VALUES (?, 99, 60)", (library,))
        connection.executemany(f"INSERT INTO article ({columns}) VALUES ({values})", rows)
        connection.execute(
            "INSERT INTO passage (article_id, position, start_char, end_char, kind)"
            " SELECT id, 0, 0, length(text), 'prose' FROM article"
        )
        connection.execute("UPDATE article SET deleted_at = added_at WHERE id = 2")
    return path


async def test_a_library_of_the_first_schema_is_searchable_after_it_is_opened(first_schema: Path, url: str) -> None:
    told: list[tuple[int, int]] = []
    async with Newsdesk.open(url, bot=True, watch=lambda done, total: told.append((done, total))) as newsdesk:
        assert len(await found(newsdesk, "ferry")) == 59
        assert await found(newsdesk, "cargo7 title") >= {"The ferry carried cargo7 home."}
        assert await found(newsdesk, "cargo2") == set()
        assert len(await newsdesk.quotes(ONE, newsdesk.query("cargo8"))) == 1
        await newsdesk.add(ONE, Document("new.txt", "New", "The ferry carried cargo61 home."))
        assert await found(newsdesk, "cargo61") == {"The ferry carried cargo61 home."}
    assert told == [(50, 60), (60, 60)]


@pytest.mark.parametrize("bot", [True, False])
async def test_a_library_of_the_first_schema_keeps_a_copy_from_before(
    first_schema: Path, url: str, *, bot: bool
) -> None:
    async with Newsdesk.open(url, bot=bot) as newsdesk:
        assert len(await found(newsdesk, "ferry")) == 59
    assert query(first_schema.with_name(f"newsdesk.db.before-{REVISION}.db"), "SELECT count(*) FROM article") == [(60,)]
