"""Two and four processes on one library at once: every count exact, every number given once, scores as rank-bm25's."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.corpus import Corpus
from bot.doctor.index import examine_indexes
from bot.language.counting import count
from bot.tallies import unpack, unpack_entries
from tests.corpus.beside import LIBRARY

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 12


@pytest.fixture(autouse=True)
def gives_way() -> None:
    """Here others are really in the way."""


async def together(url: str, processes: int) -> list[dict[str, Any]]:
    """What each of so many processes did, begun at one moment."""
    pipe = asyncio.subprocess.PIPE
    started = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.corpus.beside", url, str(seed), str(ROUNDS)),
            stdin=pipe,
            stdout=pipe,
            cwd=ROOT,
        )
        for seed in range(processes)
    ]
    for one in started:
        assert one.stdout is not None
        assert await one.stdout.readline() == b"ready\n"
    told = await asyncio.gather(*(one.communicate(b"go\n") for one in started))
    assert [one.returncode for one in started] == [0] * processes
    return [json.loads(said) for said, _ in told]


@pytest.mark.many
@pytest.mark.parametrize("processes", [2, 4])
async def test_processes_that_write_and_search_at_once_lose_nothing(postgres_url: str, processes: int) -> None:
    did = await together(postgres_url, processes)
    texts = {int(number): text for one in did for number, text in one["added"].items()}
    removed = {number for one in did for number in one["removed"]}
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
