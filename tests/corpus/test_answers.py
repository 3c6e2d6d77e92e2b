"""Answers: a card's buttons find what they were about, until it is forgotten."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.corpus import Corpus, StoredAnswer
from bot.corpus.answers import _MOST_IN_MEMORY
from bot.corpus.database import Database, Work
from bot.errors import CorpusError


async def test_an_answer_is_found_by_its_short_id_after_a_restart(url: str, now: datetime) -> None:
    async with Corpus.open(url, bot=True) as corpus:
        answer_id = await corpus.answers.save(2**63 - 1, 2**63 - 2, "quote", '{"page": 1}', now=now)
    assert len(answer_id) <= 12
    async with Corpus.open(url, bot=True) as corpus:
        stored = await corpus.answers.load(answer_id)
    assert stored == StoredAnswer(answer_id, 2**63 - 1, 2**63 - 2, "quote", '{"page": 1}', now)


@pytest.mark.parametrize("answer_id", ["", "unknown", "\ud83d", "x" * 100_000])
async def test_an_unknown_id_is_no_answer(corpus: Corpus, answer_id: str) -> None:
    assert await corpus.answers.load(answer_id) is None


async def test_old_answers_are_forgotten_and_counted(corpus: Corpus, now: datetime) -> None:
    ids = [await corpus.answers.save(1, 2, "quote", "{}", now=now + timedelta(days=day)) for day in range(4)]
    assert await corpus.answers.forget_before(now + timedelta(days=2)) == 2
    assert [await corpus.answers.load(answer_id) is not None for answer_id in ids] == [False, False, True, True]


async def test_an_instant_without_a_time_zone_is_a_programming_error(corpus: Corpus, now: datetime) -> None:
    with pytest.raises(Exception, match="time zone"):
        await corpus.answers.save(1, 2, "quote", "{}", now=now.replace(tzinfo=None))


async def test_answers_saved_side_by_side_are_all_kept_in_a_few_transactions(
    corpus: Corpus, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = corpus._database
    change, begun = database.change, list[Database]()

    async def counted(work: Work[None]) -> None:
        begun.append(database)
        await change(work)

    monkeypatch.setattr(database, "change", counted)
    ids = await asyncio.gather(*(corpus.answers.save(1, 2, "quote", str(n), now=now) for n in range(50)))
    kept = [await corpus.answers.load(answer_id) for answer_id in ids]
    assert [one.payload for one in kept if one] == [str(number) for number in range(50)]
    assert 1 <= len(begun) <= 2


async def test_an_answer_that_cannot_be_stored_takes_no_other_with_it(corpus: Corpus, now: datetime) -> None:
    saved = await asyncio.gather(
        *(
            corpus.answers.save(1, 2, "quote", str(n), now=now.replace(tzinfo=None) if n == 3 else now)
            for n in range(9)
        ),
        return_exceptions=True,
    )
    assert [isinstance(one, BaseException) for one in saved] == [n == 3 for n in range(9)]
    assert all([await corpus.answers.load(one) for one in saved if isinstance(one, str)])
    assert await corpus.answers.save(1, 2, "quote", "{}", now=now)


async def test_who_is_cancelled_while_saving_takes_no_other_with_it(corpus: Corpus, now: datetime) -> None:
    tasks = [asyncio.create_task(corpus.answers.save(1, 2, "quote", str(n), now=now)) for n in range(9)]
    await asyncio.sleep(0)  # the first has the turn, and the others wait
    tasks[0].cancel()
    tasks[5].cancel()
    saved = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(one, asyncio.CancelledError) for one in saved] == [n in (0, 5) for n in range(9)]
    assert all([await corpus.answers.load(one) for one in saved if isinstance(one, str)])


async def _full(work: Work[None]) -> None:
    raise CorpusError("The disk is full.")


async def test_answers_that_cannot_be_stored_are_kept_in_memory_a_few_of_them_until_they_can(
    corpus: Corpus, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(corpus._database, "change", _full)
        ids = [await corpus.answers.save(1, 2, "quote", str(n), now=now) for n in range(_MOST_IN_MEMORY + 1)]
        assert [await corpus.answers.load(one) is not None for one in ids] == [False] + [True] * _MOST_IN_MEMORY
        await corpus.answers.forget(ids[-1])
        assert await corpus.answers.load(ids[-1]) is None
    await corpus.answers.save(1, 2, "quote", "{}", now=now)
    assert not corpus.answers._in_memory
    assert await corpus.answers.load(ids[-2]) is not None


async def test_what_is_only_in_memory_can_be_forgotten(
    corpus: Corpus, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(corpus._database, "change", _full)
        kept = await corpus.answers.save(1, 2, "quote", "{}", now=now)
    corpus.answers.forget_unstored()
    await corpus.answers.save(1, 2, "quote", "{}", now=now)
    assert await corpus.answers.load(kept) is None
