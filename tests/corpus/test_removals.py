"""Removals: thirty days to bring an article back, and then, or by a purge, no readable copy in the database's files."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from bot.corpus import Corpus, DeliveryState
from bot.corpus.audit import record
from bot.corrections import Correction
from bot.desks.preparing import prepare
from bot.doctor.index import examine_indexes
from bot.errors import CorpusError
from bot.model import SHARED, Article, Document
from bot.search.shelf import Shelf
from tests.corpus.test_changes import query, since

HERE, ELSEWHERE = 5, 7
NOW = datetime(2026, 5, 12, 8, 30, tzinfo=UTC)
MONTH = timedelta(days=30)

# Words that nothing else in the database uses: of a title, of texts, of names.
SECRET = ("Zeppelinfahrt", "Quillfeather", "Brontosaurier", "Xylophonist", "Novgorodian", "Wolkenkuckuck", "marzipan")
TITLE = "Zeppelinfahrt to Novgorodian fields"
FIRST = (
    "“The Brontosaurier sleeps at noon,” said Ada Quillfeather.\n\nA Xylophonist played on.\n\n" + "Filler here. " * 900
)
SECOND = "“The marzipan is gone,” said Ada Quillfeather.\n\nWolkenkuckuck is the word, and the harbour is old."


@pytest.fixture(autouse=True)
async def others(corpus: Corpus) -> None:
    """Articles that stay, some of whose words the purged ones use too."""
    text = "The harbour number {} is old. “We wait,” said Omar Haddad.\n\nPlayed on at noon: word {}."
    many = [prepare(Document("typed", f"Harbour {n}", text.format(n, n))) for n in range(30)]
    await corpus.articles.add_all(HERE, many, added_by=3, now=NOW)


async def add(corpus: Corpus, text: str, title: str = TITLE, library: int = HERE) -> Article:
    document = Document("typed", title, text, outlet="Wolkenkuckuck Post", authors=("Ada Quillfeather",))
    document = document if title == TITLE else Document("typed", title, text)
    return (await corpus.articles.add(library, prepare(document), added_by=3, now=NOW)).article


@pytest.fixture
async def secret(corpus: Corpus) -> Article:
    """An article that was revised once, with all that may hold words of it."""
    first = await add(corpus, FIRST)
    made = prepare(Document("typed", TITLE, SECOND, outlet="Wolkenkuckuck Post", authors=("Ada Quillfeather",)))
    article = await corpus.revisions.revise(first, made, (), by=3, now=NOW)
    made_up = Correction(made.analysis.speeches[0].span, "Ada Zeppelinfahrt")
    await corpus.corrections.add(HERE, article, made_up, subject=f"q-{article.ref}-0abc", by=3, now=NOW)
    await corpus.aliases.set(HERE, "Ada Quillfeather", "Quillfeather of Wolkenkuckuck", by=3, now=NOW)
    await corpus.answers.save(HERE, 3, "check", f'{{"text": "{FIRST[:50]}"}}', now=NOW)
    async with corpus._database.write() as begun:
        await record(
            begun, HERE, "article edited", article.ref, who=3, at=NOW, details={"title": ["Xylophonist", TITLE]}
        )
    schedule = await corpus.schedules.add(
        HERE, channel_id=9, at="08:30", zone="UTC", period="today", created_by=3, now=NOW
    )
    payload = f'{{"parts": ["**{TITLE}** `#{article.ref}`", "Rising: Brontosaurier"]}}'
    for day, state in ((12, DeliveryState.SENT), (13, DeliveryState.READY)):
        (planned,) = await corpus.deliveries.plan(schedule.id, date(2026, 5, day), [payload], channel_id=9, now=NOW)
        if state is DeliveryState.SENT:
            await corpus.deliveries.claim(planned.id, now=NOW)
            await corpus.deliveries.mark(planned.id, state, now=NOW, message_id=8)
    return article


def copies(path: Path) -> dict[str, list[str]]:
    """The files beside the database that hold a secret word, in any case, by word."""
    files = [file for file in path.parent.rglob("*") if file.is_file()]
    held = {file.name: file.read_bytes().lower() for file in files}
    found = {word: [name for name, data in held.items() if word.lower()[:9].encode() in data] for word in SECRET}
    return {word: names for word, names in found.items() if names}


async def test_a_removed_article_is_listed_with_who_and_when_for_thirty_days(corpus: Corpus, secret: Article) -> None:
    await corpus.articles.remove(HERE, 1, by=8, now=NOW)
    await corpus.articles.remove(HERE, secret.number, by=9, now=NOW + timedelta(hours=1))
    listed = await corpus.removals.list(HERE, NOW - timedelta(days=1))
    assert [(one.number, one.by) for one in listed] == [(secret.number, 9), (1, 8)]
    assert listed[0].title == TITLE
    assert await corpus.removals.list(ELSEWHERE, NOW - timedelta(days=1)) == []
    assert [one.number for one in await corpus.removals.list(HERE, NOW)] == [secret.number]
    assert await corpus.articles.restore(HERE, 1, by=1, now=NOW + MONTH, since=NOW) is None
    assert await corpus.articles.restore(HERE, secret.number, by=1, now=NOW + MONTH, since=NOW) is not None


@pytest.mark.parametrize("was_removed", [False, True])
async def test_a_purge_leaves_no_readable_copy_in_any_file(
    corpus: Corpus, path: Path, secret: Article, was_removed: bool
) -> None:
    assert set(copies(path)) == set(SECRET), "the test would find nothing that could be left"
    if was_removed:
        await corpus.articles.remove(HERE, secret.number, by=3, now=NOW)
    assert await corpus.removals.purge(HERE, secret.number, by=3, now=NOW)
    await corpus.removals.wipe()
    assert copies(path) == {}
    assert await corpus.integrity() == []


@pytest.mark.many
async def test_of_many_purged_among_many_no_word_is_left_between_the_rows(corpus: Corpus, path: Path) -> None:
    """SQLite leaves copies in the pages whose rows it moves: see `bot.corpus.sqlite.rewrite`."""
    words = {number: made_up_words(number) for number in range(31, 131)}
    many = []
    for own in words.values():
        text = f"{' '.join(own)}. “{' '.join(own[:6])},” said the harbour office."
        many.append(prepare(Document("typed", " ".join(own[6:9]), text)))
    await corpus.articles.add_all(HERE, many, added_by=3, now=NOW)
    gone = Random(1).sample(sorted(words), 50)
    for number in gone:
        assert await corpus.removals.purge(HERE, number, by=3, now=NOW)
    await corpus.removals.wipe()
    left = words_in(path)
    assert [word for number in gone for word in words[number] if word in left] == []
    assert all(word in left for number in words.keys() - set(gone) for word in words[number])


def words_in(path: Path) -> set[str]:
    """Every run of lower-case letters that looks made up here, wherever in the file it stands."""
    return {found.decode() for found in re.findall(rb"(?:[bdfgklmnprtvz][aou]){6}k", path.read_bytes())}


def made_up_words(seed: int) -> list[str]:
    """Forty words that no other seed gives."""
    dice = Random(seed)
    return ["".join(dice.choice("bdfgklmnprtvz") + dice.choice("aou") for _ in range(6)) + "k" for _ in range(40)]


async def test_a_purged_number_names_nothing_any_more_and_is_not_given_again(corpus: Corpus, secret: Article) -> None:
    number = secret.number
    assert await corpus.removals.purge(HERE, number, by=3, now=NOW)
    assert await corpus.articles.find(HERE, number) is None
    assert await corpus.articles.restore(HERE, number, by=3, now=NOW) is None
    assert not await corpus.removals.purge(HERE, number, by=3, now=NOW)
    assert await corpus.removals.list(HERE, NOW - MONTH) == []
    assert (await add(corpus, FIRST)).number == number + 1
    events, _ = await corpus.audit.of_article(HERE, number, limit=50, offset=0)
    assert events[0].what == "article purged"
    assert {event.what for event in events} > {"article added", "article revised", "article edited"}
    assert all(not event.details for event in events)


async def test_a_purge_takes_no_word_and_no_article_of_others(corpus: Corpus, path: Path, secret: Article) -> None:
    theirs = await add(corpus, FIRST, library=ELSEWHERE)
    before = {article.id for article in await corpus.articles.visible(HERE)} - {secret.id}
    await corpus.removals.purge(HERE, secret.number, by=3, now=NOW)
    assert {article.id for article in await corpus.articles.visible(HERE)} == before
    assert (await corpus.articles.find(ELSEWHERE, 1)) == theirs
    assert "brontosauri" in {term for (term,) in query(path, "SELECT term FROM vocabulary WHERE library = 7")}
    kept = {term for (term,) in query(path, "SELECT term FROM vocabulary WHERE library = 5")}
    assert {"harbour", "noon", "plai"} <= kept or {"harbour", "noon", "play"} <= kept
    found = [one async for one in examine_indexes(corpus, Random(1))]
    assert {finding.state for finding in found} == {"ok"}


async def test_the_index_is_sound_after_a_purge_and_learns_the_words_anew(corpus: Corpus, secret: Article) -> None:
    shelf = Shelf.empty().after(await since(corpus, HERE, -1))
    await corpus.removals.purge(HERE, secret.number, by=3, now=NOW)
    shelf = shelf.after(await since(corpus, HERE, shelf.revision))
    assert shelf.articles.size == 30
    await add(corpus, FIRST)
    afresh = Shelf.empty().after(await since(corpus, HERE, -1))
    assert afresh.articles.size == 31
    assert afresh.vocabulary.id_of("brontosauri") is not None
    assert len(afresh.vocabulary) == max(number for _, number in afresh.vocabulary.items()) + 1


async def test_a_purged_article_is_not_read_anew_for_ever(corpus: Corpus, secret: Article) -> None:
    await corpus.removals.purge(HERE, secret.number, by=3, now=NOW)
    assert await corpus.changes.outdated() == 0


async def test_a_digest_that_waits_and_names_it_is_not_posted(corpus: Corpus, secret: Article) -> None:
    await corpus.removals.purge(HERE, secret.number, by=3, now=NOW)
    (schedule,) = await corpus.schedules.all()
    last = await corpus.deliveries.last(schedule.id)
    assert last is not None
    assert (last.state, last.payload) == (DeliveryState.SKIPPED, "")
    assert "purged before it was posted" in (last.reason or "")


async def test_what_was_removed_long_ago_goes_for_good_by_itself(corpus: Corpus, path: Path, secret: Article) -> None:
    await add(corpus, "What the host removed.", "Host", library=SHARED)
    await corpus.articles.remove(SHARED, 1, by=None, now=NOW)
    await corpus.articles.remove(HERE, 1, by=3, now=NOW + timedelta(days=2))
    await corpus.articles.remove(HERE, secret.number, by=3, now=NOW)
    later = NOW + timedelta(days=31)
    assert await corpus.removals.purge_removed(later - MONTH, now=later) == {HERE: 1}
    assert await corpus.removals.purge_removed(later - MONTH, now=later) == {}
    assert await corpus.removals.forget_digests(later - MONTH) == 1
    await corpus.answers.forget_before(later - MONTH)
    (schedule,) = await corpus.schedules.all()  # the digest that still waits is given up by the deliverer after hours
    (waiting,) = await corpus.deliveries.of_day(schedule.id, date(2026, 5, 13))
    await corpus.deliveries.mark(waiting.id, DeliveryState.SKIPPED, now=NOW, reason="late")
    assert await corpus.removals.forget_digests(later - MONTH) == 1
    await corpus.removals.wipe()
    assert copies(path) == {}
    assert await corpus.articles.restore(HERE, 1, by=3, now=later) is not None
    assert await corpus.articles.restore(SHARED, 1, by=None, now=later) is not None


async def test_the_texts_of_a_revised_article_stay_while_it_stays(corpus: Corpus, secret: Article) -> None:
    later = NOW + timedelta(days=400)
    assert await corpus.removals.purge_removed(later, now=later) == {}
    assert [one.article.text for one in await corpus.revisions.earlier(secret)] == [FIRST.strip()]


@pytest.fixture
async def reader(path: Path) -> AsyncIterator[Corpus]:
    async with Corpus.open(f"sqlite+aiosqlite:///{path}", bot=False) as opened:
        yield opened


async def test_a_log_that_another_program_reads_is_cut_once_it_is_done(
    corpus: Corpus, reader: Corpus, path: Path, secret: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with corpus._database.write() as begun:
        await begun.connection.exec_driver_sql("PRAGMA busy_timeout=50")
    async with reader._database.read() as begun:
        await begun.connection.exec_driver_sql("SELECT count(*) FROM article")
        await corpus.removals.purge(HERE, secret.number, by=3, now=NOW)
        with pytest.raises(CorpusError, match="read by another program"):
            await corpus.removals.wipe()
    await corpus.removals.wipe()
    assert copies(path) == {}
