"""Floors for checks: the share of right verdicts on claims made from real sentences by known edits.

The settings were chosen on claims from PolNeAR's development part and ECB+; here the library is of other texts, TIME
1963 and PolNeAR's training part, and foreign sentences are from CNN/DailyMail. ``pytest -s`` prints the figures.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.model import SHARED, Document
from bot.newsdesk import Newsdesk
from bot.search.checks import Checked, Verdict
from bot.search.names import same_person
from tests.quality.edited import Edited, Generator, Said
from tests.sizes import cases
from tests.stored import store_many

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
TEXTS = {
    "search/time/docs.jsonl": cases(120, few=40),
    "speech/train.jsonl": cases(120, few=40),
}  # how many of each are in the library
FOREIGN = "summaries/cnndm_dev.jsonl"
EACH = cases(40, few=20)
SEED = 20_261
FLOOR = 0.98
FLOOR_OF_A_KIND = 0.9

Answers = dict[str, list[tuple[Edited, Checked]]]


@pytest.fixture(scope="module")
def texts() -> tuple[list[str], list[str]]:
    """What is in the library and what is not."""
    if not all((DATA / name).is_file() for name in (*TEXTS, FOREIGN)):
        pytest.skip("the texts that claims are made from (../shared/data) are not on this machine")
    return [text for name, many in TEXTS.items() for text in _texts(name)[:many]], _texts(FOREIGN)


@pytest.fixture
async def answers(texts: tuple[list[str], list[str]], tmp_path: Path) -> AsyncIterator[Answers]:
    async with Newsdesk.open(f"sqlite+aiosqlite:///{tmp_path / 'newsdesk.db'}", bot=True) as newsdesk:
        named = (Document(f"{number}.txt", f"Article {number}", text) for number, text in enumerate(texts[0]))
        await store_many(newsdesk, SHARED, list(named))
        articles = await newsdesk.corpus.articles.visible(SHARED)
        generator = Generator(SEED, [article.text for article in articles], texts[1], await _said(newsdesk))
        given: Answers = defaultdict(list)
        for edited in generator.claims(EACH):
            given[edited.kind].append((edited, (await newsdesk.check(SHARED, edited.typed)).checked[0]))
        yield given


async def test_verdicts_are_right(answers: Answers) -> None:
    right = {kind: sum(one.verdict is edited.verdict for edited, one in its) for kind, its in answers.items()}
    for kind, many in right.items():
        others = Counter(one.verdict.value for edited, one in answers[kind] if one.verdict is not edited.verdict)
        print(f"\n{kind:24} {many / EACH:.3f} {dict(others) or ''}", end="")  # noqa: T201
    share = sum(right.values()) / (EACH * len(right))
    print(f"\nchecks, {EACH * len(right)} claims: {share:.4f} right")  # noqa: T201
    assert share >= FLOOR
    assert min(right.values()) >= FLOOR_OF_A_KIND * EACH
    _assert_changes_are_never_exact(answers)


def _assert_changes_are_never_exact(answers: Answers) -> None:
    for edited, one in (pair for its in answers.values() for pair in its):
        if edited.verdict in (Verdict.NEAR, Verdict.NOT_FOUND):
            assert one.verdict is not Verdict.EXACT, edited
    distant = [one for kind, its in answers.items() if kind.startswith("distant") for _, one in its]
    reported = sum(one.found is not None and bool(one.found.splices) for one in distant) / len(distant)
    print(f"distant sentences joined: {reported:.3f} reported with what is passed over")  # noqa: T201
    assert reported >= FLOOR


def _texts(name: str) -> list[str]:
    rows: list[dict[str, Any]] = [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]
    return [row.get("text") or "\n".join(row["sents"]) for row in rows]


async def _said(newsdesk: Newsdesk) -> list[Said]:
    """What the library gives to named speakers, each with the name of another."""
    chance = random.Random(SEED)
    articles = {article.id: article for article in await newsdesk.corpus.articles.visible(SHARED)}
    speeches = await newsdesk.corpus.speeches.of(SHARED, list(articles))
    named = [(articles[id_], one) for id_, its in speeches.items() for one in its if one.is_named]
    names = sorted({one.speaker for _, one in named if one.speaker})
    drawn = ((article, one, chance.choice(names)) for article, one in named)
    return [
        Said(" ".join(one.span.of(article.text).split()), one.speaker, other)
        for article, one, other in drawn
        if one.speaker and not same_person(one.speaker, other)
    ]
