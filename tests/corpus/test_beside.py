"""Two and four processes on one library at once: every count exact, every number given once, scores as rank-bm25's."""

from __future__ import annotations

import asyncio
import random
from contextlib import ExitStack

import pytest

from bot.corpus import Corpus
from bot.doctor.index import examine_indexes
from bot.language.counting import count
from bot.tallies import unpack, unpack_entries
from tests.corpus.beside import LIBRARY, add_and_remove
from tests.forks import talking
from tests.sizes import cases

ROUNDS = cases(12, few=4)


@pytest.fixture(autouse=True)
def gives_way() -> None:
    """Here others are really in the way."""


async def together(url: str, processes: int) -> list[tuple[dict[int, str], list[int]]]:
    """What each of so many processes added and removed, begun at one moment."""
    with ExitStack() as started:
        others = [started.enter_context(talking(add_and_remove, url, seed, ROUNDS)) for seed in range(processes)]
        for told, _ in others:
            assert await asyncio.to_thread(told.recv) == "ready"
        for told, _ in others:
            told.send("go")
        did = await asyncio.gather(*(asyncio.to_thread(told.recv) for told, _ in others))
        for _, process in others:
            await asyncio.to_thread(process.join)
            assert process.exitcode == 0
    return did


@pytest.mark.many
@pytest.mark.parametrize("processes", [2, 4])
async def test_processes_that_write_and_search_at_once_lose_nothing(postgres_url: str, processes: int) -> None:
    did = await together(postgres_url, processes)
    texts = {number: text for added, _ in did for number, text in added.items()}
    removed = {number for _, its in did for number in its}
    assert sorted(texts) == list(range(1, processes * ROUNDS + 1)), "numbers are unique, and without a hole"
    async with Corpus.open(postgres_url, bot=True) as corpus:
        there = await corpus.articles.visible(LIBRARY)
        assert {one.number: one.text for one in there} == {n: text for n, text in texts.items() if n not in removed}
        (revision, _) = (await corpus.changes.revisions([LIBRARY]))[LIBRARY]
        assert revision == len(texts) + len(removed)
        changes = [one async for one in corpus.changes.since(LIBRARY, -1)]
        entries = [entry for one in changes for packed in one.entries for entry in unpack_entries(packed)]
        assert sorted(entry.id for entry in entries) == list(range(len(entries))), "each term has one number"
        assert len({entry.term for entry in entries}) == len(entries)
        terms = {entry.id: entry.term for entry in entries}
        by_id = {one.id: one for one in there}
        for filed in (filed for one in changes for filed in one.filed):
            article = by_id[filed.article_id]
            tally = unpack(filed.counts)
            size = int(tally.sizes[0])
            stored = {terms[int(i)]: int(n) for i, n in zip(tally.terms[:size], tally.frequencies[:size], strict=True)}
            fresh = count(article.title, article.text, ())
            assert stored == dict(zip(fresh.terms, fresh.tally.frequencies[: len(fresh.terms)].tolist(), strict=True))
        findings = [one async for one in examine_indexes(corpus, random.Random(1))]
        assert [one.state for one in findings] == ["ok"], findings
