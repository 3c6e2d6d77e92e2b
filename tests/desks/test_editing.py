"""Editing, asked directly: what a purge takes from memory and the disk, and what only its own library may do."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.desks import indexes
from bot.errors import CorpusError, NotFound, Refused
from bot.model import Document
from bot.newsdesk import Newsdesk
from bot.quote_ids import quote_id
from bot.search.checks import Verdict
from tests.clock import Clock

NEWSROOM, RIVAL = 101, 202
SECRET = "The Brontosaurier sleeps in Novgorod. “Marzipan forever, and no more of that,” said Ada Quillfeather."
OTHER = "The market hall closes for repairs in spring. Ninety traders will move to the old bus depot."


@pytest.fixture
async def newsdesk(library_url: str, clock: Clock) -> AsyncIterator[Newsdesk]:
    async with Newsdesk.open(library_url, bot=True, now=clock, chance=random.Random(1)) as opened:
        await opened.add(NEWSROOM, Document("typed", "Secret", SECRET), added_by=1)
        await opened.add(NEWSROOM, Document("typed", "Market", OTHER), added_by=1)
        yield opened


async def titles(newsdesk: Newsdesk, asked: str) -> list[str]:
    return [hit.article.title for hit in await newsdesk.search(NEWSROOM, newsdesk.query(asked))]


def held(folder: Path, word: str) -> list[str]:
    """The files of a folder that hold a word."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [file.name for file in files if word.encode() in file.read_bytes().lower()]


async def test_a_purge_takes_the_words_from_the_snapshot_and_the_index(
    newsdesk: Newsdesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexes, "LARGE_PASSAGES", 1)
    assert await titles(newsdesk, "brontosaurier") == ["Secret"]
    await newsdesk.indexes.close()
    assert "101.snapshot" in await asyncio.to_thread(held, tmp_path, "brontosaur")
    await newsdesk.editing.purge(NEWSROOM, 1, by=1)
    assert await asyncio.to_thread(held, tmp_path, "brontosaur") == []
    assert await titles(newsdesk, "brontosaurier") == []
    assert await titles(newsdesk, "market traders") == ["Market"]
    await newsdesk.indexes.close()
    assert await asyncio.to_thread(held, tmp_path, "brontosaur") == []


async def test_a_purged_word_is_found_again_when_it_comes_again(newsdesk: Newsdesk) -> None:
    assert await titles(newsdesk, "brontosaurier") == ["Secret"]
    await newsdesk.editing.purge(NEWSROOM, 1, by=1)
    await newsdesk.add(NEWSROOM, Document("typed", "Anew", SECRET), added_by=1)
    assert await titles(newsdesk, "brontosaurier") == ["Anew"]
    assert await newsdesk.suggest(NEWSROOM, newsdesk.query("brontosaurer")) == ["Brontosaurier"]


async def test_a_purged_name_is_offered_nowhere(newsdesk: Newsdesk) -> None:
    assert [person.name for person in await newsdesk.spoken.people(NEWSROOM)] == ["Ada Quillfeather"]
    await newsdesk.editing.purge(NEWSROOM, 1, by=1)
    assert await newsdesk.spoken.people(NEWSROOM) == []
    assert await newsdesk.suggest(NEWSROOM, newsdesk.query("brontosaurer")) == []


@pytest.mark.sqlite
async def test_a_log_that_could_not_be_cut_is_cut_later(
    newsdesk: Newsdesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy() -> None:
        raise CorpusError("newsdesk.db is read by another program: try again.")

    with monkeypatch.context() as patch:
        patch.setattr(newsdesk.corpus.removals, "wipe", busy)
        assert not await newsdesk.editing.purge(NEWSROOM, 1, by=1)
    assert await asyncio.to_thread(held, tmp_path, "brontosaur") == ["newsdesk.db-wal"]
    await newsdesk.tidy()
    assert await asyncio.to_thread(held, tmp_path, "brontosaur") == []


async def test_only_its_own_library_can_change_an_article(newsdesk: Newsdesk) -> None:
    for work in (
        newsdesk.own_article(RIVAL, "1"),
        newsdesk.editing.purge(RIVAL, 1, by=1),
        newsdesk.restore(RIVAL, "1", by=1),
    ):
        with pytest.raises(NotFound):
            await work
    article = await newsdesk.article(NEWSROOM, "1")
    with pytest.raises(Refused):
        await newsdesk.editing.last_revision(RIVAL, article.id)
    await newsdesk.remove(NEWSROOM, "1", by=1)
    assert await newsdesk.editing.removed(RIVAL) == []
    assert await newsdesk.editing.history(RIVAL, 1, 0) == ([], 0)


async def test_what_a_revision_took_out_no_check_finds(newsdesk: Newsdesk) -> None:
    article = await newsdesk.article(NEWSROOM, "1")
    (said,) = await newsdesk.spoken.of(NEWSROOM, article)
    words = said.span.of(article.text)
    await newsdesk.editing.revise(await newsdesk.editing.compare(article, f"Retracted. {OTHER}"), by=1)
    (checked,) = await newsdesk.check(NEWSROOM, f"“{words}”")
    assert checked.verdict is Verdict.NOT_FOUND
    assert await titles(newsdesk, "brontosaurier") == []
    with pytest.raises(NotFound, match="Article 1 was revised on 12 May 2026"):
        await newsdesk.spoken.recall(NEWSROOM, quote_id(article, said.span))
    with pytest.raises(NotFound, match="There is no quotation"):
        await newsdesk.spoken.recall(RIVAL, quote_id(article, said.span))


async def test_what_was_removed_thirty_days_ago_goes_by_itself_and_nothing_else(
    newsdesk: Newsdesk, clock: Clock, tmp_path: Path
) -> None:
    await newsdesk.remove(NEWSROOM, "1", by=1)
    clock.now += timedelta(days=29)
    await newsdesk.editing.purge_removed()
    assert [one.title for one in await newsdesk.editing.removed(NEWSROOM)] == ["Secret"]
    clock.now += timedelta(days=1, seconds=1)
    await newsdesk.editing.purge_removed()
    assert await newsdesk.editing.removed(NEWSROOM) == []
    assert await asyncio.to_thread(held, tmp_path, "brontosaur") == []
    assert await titles(newsdesk, "market") == ["Market"]


async def test_an_article_can_be_changed_by_many_at_once_and_stays_one(newsdesk: Newsdesk) -> None:
    article = await newsdesk.article(NEWSROOM, "2")
    revisions = [await newsdesk.editing.compare(article, f"{OTHER} Version {number}.") for number in range(6)]
    work = [newsdesk.editing.revise(one, by=1) for one in revisions]
    done = await asyncio.gather(*work, newsdesk.remove(NEWSROOM, "2", by=1), return_exceptions=True)
    assert sum(not isinstance(one, Exception) for one in done) >= 1
    assert len([one for one in await newsdesk.headings(NEWSROOM) if one.number == 2]) <= 1
    assert len(await newsdesk.headings(NEWSROOM)) + len(await newsdesk.editing.removed(NEWSROOM)) == 2
