"""Answers: a card's buttons find what they were about, until it is forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.corpus import Corpus, StoredAnswer


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
