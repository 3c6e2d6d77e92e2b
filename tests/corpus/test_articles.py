"""Articles: what is stored comes back, once per text, under a number of its own, to those it belongs to."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.corpus import Corpus, Outcome, Prepared
from bot.dates import PartialDate
from bot.desks.headings import Headings
from bot.desks.second import Second
from bot.errors import Refused
from bot.language.analysis import Analysis
from bot.language.counting import count
from bot.model import SHARED, Article, Confidence, Document, Kind, Method, Passage, Span, Speech, SpeechKind
from bot.tallies import NOTHING, pack, unpack_entries
from tests.sizes import cases
from tests.stored import passages_of, revision

Prepare = Callable[..., Prepared]
HERE, ELSEWHERE = 2**63 - 1, 7


@pytest.fixture
def add(corpus: Corpus, prepare: Prepare, now: datetime) -> Callable[..., Any]:
    """Add a text to a library: ``await add(HERE, "text", title=...)`` returns what `Articles.add` does."""

    async def add(library: int, text: str, *, at: datetime = now, restore: bool = True, **fields: Any) -> Any:
        prepared = prepare(text, **fields)
        return await corpus.articles.add(library, prepared, added_by=2**63 - 1, now=at, restore=restore)

    return add


async def titles(corpus: Corpus, library: int) -> list[str]:
    return [article.title for article in await corpus.articles.visible(library)]


async def test_an_article_comes_back_as_it_was_added(corpus: Corpus, prepare: Prepare, now: datetime) -> None:
    prepared = prepare(
        published="2025-05",
        outlet="Harbour Post",
        authors=("Ana Li", "Bo “B” Å"),
        url="https://a.example/1",
        source_id="x1",
    )
    article, outcome, _ = await corpus.articles.add(HERE, prepared, added_by=2**63 - 1, now=now)
    assert outcome is Outcome.ADDED
    assert article == Article(
        id=article.id,
        library=HERE,
        number=1,
        title="Ferry",
        outlet="Harbour Post",
        authors=("Ana Li", "Bo “B” Å"),
        url="https://a.example/1",
        published=PartialDate(2025, 5),
        added_at=now,
        added_by=2**63 - 1,
        source_id="x1",
        words=prepared.words,
        text=prepared.document.text,
    )
    assert await corpus.articles.find(HERE, 1) == article
    assert await corpus.articles.get([article.id, article.id, 999]) == {article.id: article}


async def test_passages_and_speech_come_back_in_order(corpus: Corpus, prepare: Prepare, now: datetime) -> None:
    prepared = prepare()
    article = (await corpus.articles.add(HERE, prepared, added_by=None, now=now)).article
    [(found, stored)] = await passages_of(corpus, HERE)
    assert found == article
    assert tuple(one.passage for one in stored) == prepared.analysis.passages
    assert {one.article_id for one in stored} == {article.id}
    assert await corpus.speeches.of(HERE, [article.id]) == {article.id: list(prepared.analysis.speeches)}


async def test_the_same_text_is_added_once(corpus: Corpus, add: Callable[..., Any]) -> None:
    first = await add(HERE, "One text.")
    again = await add(HERE, "One text.", title="Another title")
    assert again == (first.article, Outcome.UNCHANGED, None)
    assert await titles(corpus, HERE) == ["Ferry"]
    assert await revision(corpus, HERE) == 1


async def test_a_text_of_the_shared_library_is_not_added_to_a_server(corpus: Corpus, add: Callable[..., Any]) -> None:
    shared = await add(SHARED, "One text.")
    assert await add(HERE, "One text.") == (shared.article, Outcome.UNCHANGED, None)
    assert await revision(corpus, HERE) == 0


async def test_two_servers_may_add_the_same_text(corpus: Corpus, add: Callable[..., Any]) -> None:
    assert (await add(HERE, "One text.")).outcome is Outcome.ADDED
    assert (await add(ELSEWHERE, "One text.")).outcome is Outcome.ADDED
    assert (await add(SHARED, "One text.")).outcome is Outcome.ADDED


async def test_adding_a_removed_text_again_restores_it_under_its_number(
    corpus: Corpus, add: Callable[..., Any], now: datetime
) -> None:
    first = await add(HERE, "One text.")
    await corpus.articles.remove(HERE, 1, by=1, now=now)
    assert await add(HERE, "One text.") == (first.article, Outcome.RESTORED, None)
    assert await corpus.articles.find(HERE, 1) == first.article
    assert (await corpus.articles.counts(HERE)).passages == 1


async def test_a_removed_text_stays_removed_when_asked(corpus: Corpus, add: Callable[..., Any], now: datetime) -> None:
    await add(SHARED, "One text.")
    await corpus.articles.remove(SHARED, 1, by=1, now=now)
    before = await corpus.changes.revisions([HERE, SHARED])
    assert (await add(SHARED, "One text.", restore=False)).outcome is Outcome.REMOVED
    assert await titles(corpus, HERE) == []
    assert await corpus.changes.revisions([HERE, SHARED]) == before


async def test_the_readable_copy_counts_before_the_removed_one(
    corpus: Corpus, add: Callable[..., Any], now: datetime
) -> None:
    await add(HERE, "One text.")
    await corpus.articles.remove(HERE, 1, by=1, now=now)
    shared = await add(SHARED, "One text.")
    assert await add(HERE, "One text.") == (shared.article, Outcome.UNCHANGED, None)


async def test_a_text_that_was_removed_from_the_shared_library_can_be_added_to_a_server(
    corpus: Corpus, add: Callable[..., Any], now: datetime
) -> None:
    await add(SHARED, "One text.")
    await corpus.articles.remove(SHARED, 1, by=1, now=now)
    assert (await add(HERE, "One text.")).outcome is Outcome.ADDED


async def test_numbers_count_up_per_library_and_are_never_used_twice(
    corpus: Corpus, add: Callable[..., Any], now: datetime
) -> None:
    refs = [(await add(library, text)).article.ref for library, text in ((HERE, "a"), (SHARED, "b"), (HERE, "c"))]
    assert refs == ["1", "S1", "2"]
    await corpus.articles.remove(HERE, 2, by=1, now=now)
    assert (await add(HERE, "d")).article.number == 3


async def test_adding_at_once_gives_each_its_own_number(corpus: Corpus, add: Callable[..., Any]) -> None:
    added = await asyncio.gather(*(add(HERE, f"Text {index}.") for index in range(40)))
    assert sorted(one.article.number for one in added) == list(range(1, 41))
    assert await revision(corpus, HERE) == 40


async def test_adding_one_text_many_times_at_once_stores_it_once(corpus: Corpus, add: Callable[..., Any]) -> None:
    added = await asyncio.gather(*(add(HERE, "One text.") for _ in range(20)))
    assert sorted(one.outcome for one in added) == [Outcome.ADDED] + [Outcome.UNCHANGED] * 19


async def test_no_server_sees_what_another_added(corpus: Corpus, add: Callable[..., Any], now: datetime) -> None:
    theirs = (await add(ELSEWHERE, "“Secret,” she said.", title="Theirs", outlet="Theirs")).article
    await add(SHARED, "For all.", title="Shared", outlet="Shared")
    articles = corpus.articles
    assert await titles(corpus, HERE) == ["Shared"]
    assert [heading.title for heading in await Headings(corpus, Second()).all(HERE)] == ["Shared"]
    assert [article.title for article in await articles.added_between(HERE, None, None)] == ["Shared"]
    assert [article.title for article, _ in await passages_of(corpus, HERE)] == ["Shared"]
    assert await articles.find(HERE, theirs.number) is None
    assert await articles.remove(HERE, theirs.number, by=1, now=now) is None
    assert await articles.restore(HERE, theirs.number, by=1, now=now) is None
    counts = await articles.counts(HERE)
    assert (counts.articles, counts.passages, counts.speeches, counts.words, counts.outlets) == (1, 1, 0, 2, 1)


async def test_the_shared_library_sees_no_server(corpus: Corpus, add: Callable[..., Any]) -> None:
    await add(HERE, "Ours.")
    assert await titles(corpus, SHARED) == []


async def test_a_removed_article_is_in_no_answer_and_comes_back_whole(
    corpus: Corpus, prepare: Prepare, now: datetime
) -> None:
    articles = corpus.articles
    article = (await articles.add(HERE, prepare(), added_by=None, now=now)).article
    before = (
        await articles.counts(HERE),
        await passages_of(corpus, HERE),
        await corpus.speeches.of(HERE, [article.id]),
    )
    assert await articles.remove(HERE, 1, by=1, now=now) == article
    assert await articles.find(HERE, 1) is None
    assert await articles.get([article.id]) == {}
    assert await corpus.speeches.of(HERE, [article.id]) == {}
    assert await passages_of(corpus, HERE) == []
    assert await Headings(corpus, Second()).all(HERE) == []
    assert (await articles.counts(HERE)).articles == (await articles.counts(HERE)).passages == 0
    assert await articles.remove(HERE, 1, by=1, now=now) is None
    assert await articles.restore(HERE, 1, by=1, now=now) == article
    assert await articles.restore(HERE, 1, by=1, now=now) is None
    assert (
        await articles.counts(HERE),
        await passages_of(corpus, HERE),
        await corpus.speeches.of(HERE, [article.id]),
    ) == before


async def test_the_revision_counts_every_change_of_its_own_library_only(
    corpus: Corpus, add: Callable[..., Any], now: datetime
) -> None:
    assert await corpus.changes.revisions([HERE, SHARED, ELSEWHERE]) == {}
    await add(HERE, "a")
    await add(SHARED, "b")
    await corpus.articles.remove(HERE, 1, by=1, now=now)
    await corpus.articles.restore(HERE, 1, by=1, now=now)
    await corpus.articles.remove(HERE, 99, by=1, now=now)
    assert (await revision(corpus, HERE), await revision(corpus, SHARED)) == (3, 1)
    assert await revision(corpus, ELSEWHERE) == 0


async def test_the_newest_comes_first_by_its_day_then_by_its_id(corpus: Corpus, add: Callable[..., Any]) -> None:
    for text, published in (("a", "2026-05-11"), ("b", "2026-05"), ("c", None), ("d", "2025"), ("e", "2026-05-11")):
        await add(HERE, text, title=text, published=published)
    assert await titles(corpus, HERE) == ["b", "c", "e", "a", "d"]
    assert [heading.title for heading in await Headings(corpus, Second()).all(HERE)] == ["b", "c", "e", "a", "d"]
    page = await corpus.articles.visible(HERE, limit=2, offset=1)
    assert [article.title for article in page] == ["c", "e"]


async def test_a_heading_says_what_its_article_says(corpus: Corpus, add: Callable[..., Any]) -> None:
    article = (await add(SHARED, "a", published="2025", outlet="Post")).article
    [heading] = await Headings(corpus, Second()).all(HERE)
    assert heading.ref == article.ref == "S1"
    for name in ("library", "number", "title", "outlet", "published", "added_at"):
        assert getattr(heading, name) == getattr(article, name)


async def test_a_period_begins_with_since_and_ends_before_until(
    corpus: Corpus, add: Callable[..., Any], now: datetime
) -> None:
    for hours in range(4):
        await add(HERE if hours % 2 else SHARED, f"{hours}", title=f"{hours}", at=now + timedelta(hours=hours))
    since = (now + timedelta(hours=1)).astimezone(timezone(timedelta(hours=9)))
    until = (now + timedelta(hours=3)).astimezone(timezone(timedelta(hours=-5)))

    async def found(since: datetime | None, until: datetime | None) -> list[str]:
        return [article.title for article in await corpus.articles.added_between(HERE, since, until)]

    assert await found(since, until) == ["2", "1"]
    assert await found(since, None) == ["3", "2", "1"]
    assert await found(None, until) == ["2", "1", "0"]


async def test_every_change_is_audited_in_its_transaction(
    corpus: Corpus, add: Callable[..., Any], path: Path, now: datetime
) -> None:
    await add(HERE, "One text.")
    await corpus.articles.remove(HERE, 1, by=3, now=now)
    await corpus.articles.restore(HERE, 1, by=4, now=now)
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT library, who, what, subject FROM audit ORDER BY id").fetchall()
    changes = ((2**63 - 1, "article added"), (3, "article removed"), (4, "article restored"))
    assert rows == [(HERE, who, what, "1") for who, what in changes]


async def test_an_article_with_a_broken_part_is_not_stored_at_all(
    corpus: Corpus, prepare: Prepare, now: datetime
) -> None:
    good = prepare()
    broken = replace(good, analysis=replace(good.analysis, passages=(Passage(Span(9, 2), Kind.PROSE),)))
    with pytest.raises(Exception, match="ck_passage_span"):
        await corpus.articles.add(HERE, broken, added_by=None, now=now)
    assert await titles(corpus, HERE) == []
    assert (await corpus.articles.add(HERE, good, added_by=None, now=now)).article.number == 1


async def test_half_a_character_is_refused(corpus: Corpus, add: Callable[..., Any]) -> None:
    with pytest.raises(Refused, match="surrogate"):
        await add(HERE, "One text.", title="broken \ud83d")
    assert await titles(corpus, HERE) == []


@pytest.mark.many
async def test_more_articles_than_a_statement_takes_are_read_and_the_loop_runs_on(
    corpus: Corpus, path: Path, now: datetime
) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"INSERT INTO library (id, next_number, revision) VALUES ({HERE}, 1501, 1500)")
        connection.executemany(
            "INSERT INTO article (id, library, number, title, authors, filed, added_at, words, fingerprint, text)"
            f" VALUES (?1, {HERE}, ?1, 'T', '[]', '2026-05-12', ?2, 1, ?1, 'x')",
            [(number, now.isoformat(timespec="microseconds")) for number in range(1, 1501)],
        )
        connection.executemany(
            "INSERT INTO tally VALUES (?, 1, ?)", [(number, pack(NOTHING)) for number in range(1, 1501)]
        )
        connection.executemany(
            f"INSERT INTO vocabulary VALUES ({HERE}, ?, ?, 'w', NULL, 1)",
            [(f"term{number}", number) for number in range(40_000)],
        )
    async with longest_pause() as pauses:
        began = time.perf_counter()
        found = [changes async for changes in corpus.changes.since(HERE, -1)]
        whole = time.perf_counter() - began
    assert [filed.article_id for changes in found for filed in changes.filed] == list(range(1, 1501))
    assert sum(len(list(unpack_entries(packed))) for changes in found for packed in changes.entries) == 40_000
    assert max(pauses) < whole / 3
    assert len(await corpus.articles.get(range(40_000))) == 1500


@asynccontextmanager
async def longest_pause() -> AsyncIterator[list[float]]:
    """Times in seconds that other tasks had to wait while the block ran."""
    pauses: list[float] = []

    async def tick() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0)
            pauses.append(time.perf_counter() - began)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    yield pauses
    ticking.cancel()


any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
spans = st.tuples(st.integers(0, 2**31), st.integers(0, 2**31)).map(lambda pair: Span(*sorted(pair)))
dates = st.dates().flatmap(
    lambda day: st.sampled_from([PartialDate.of(day), PartialDate(day.year, day.month), PartialDate(day.year)])
)
documents = st.builds(
    Document,
    name=any_text,
    title=any_text,
    text=any_text,
    outlet=st.none() | any_text,
    authors=st.lists(any_text, max_size=3).map(tuple),
    url=st.none() | any_text,
    published=st.none() | dates,
    source_id=st.none() | any_text,
)
passages = st.lists(
    st.builds(Passage, spans, st.sampled_from(Kind), st.none() | any_text, st.none() | spans), max_size=4
).map(tuple)
speeches = st.lists(
    st.builds(
        Speech,
        spans,
        st.sampled_from(SpeechKind),
        st.sampled_from(Confidence),
        st.none() | st.sampled_from(Method),
        st.none() | any_text,
        mention=st.none() | spans,
        cue=st.none() | spans,
        evidence=st.none() | spans,
    ),
    max_size=3,
).map(tuple)


@settings(max_examples=cases(15, few=5), deadline=None)
@given(st.lists(st.tuples(documents, passages, speeches), min_size=1, max_size=4))
async def test_any_document_comes_back_as_it_was(
    blank_library: Path,
    rounds: list[tuple[Document, tuple[Passage, ...], tuple[Speech, ...]]],
) -> None:
    with TemporaryDirectory() as folder:
        path = shutil.copy(blank_library, folder)
        async with Corpus.open(f"sqlite+aiosqlite:///{path}", bot=True) as corpus:
            for index, (document, some_passages, some_speeches) in enumerate(rounds):
                counted = count(document.title, document.text, some_passages)
                analysis = Analysis(some_passages, some_speeches, counted)
                prepared = Prepared(document, f"{index}", index, analysis)
                added = await corpus.articles.add(HERE, prepared, added_by=None, now=datetime.now(UTC))
                assert (await corpus.articles.get([added.article.id]))[added.article.id] == added.article
                for name in ("title", "text", "outlet", "authors", "url", "published", "source_id"):
                    assert getattr(added.article, name) == getattr(document, name)
                speech = await corpus.speeches.of(HERE, [added.article.id])
                assert tuple(speech.get(added.article.id, ())) == some_speeches
            stored = await passages_of(corpus, HERE)
            assert [tuple(one.passage for one in its) for _, its in stored] == [one for _, one, _ in rounds]
