"""Floors for summaries: ROUGE against people's, beside LEAD-3 at the same length.

ROUGE-N F1 (Lin 2004): of the runs of N words (lower case letters and digits, Snowball stems) in summary and reference,
those in both, counted as often as in the one that has fewer, over the mean of both numbers of runs. LEAD-3 is the first
three quotable sentences; ours may use as many words as those. Settings were chosen on the first half of the CNN/Daily
Mail texts; floors hold for the second half and for Wikinews (GUM), half a point below what was reached.
``pytest -s`` prints the figures.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import Stemmer

from bot.editions.salience import quotable_sentences
from bot.editions.summaries import choose
from bot.model import Article

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "summaries"
DIGESTS = {
    "cnndm_dev": "1d0d14e1fc8b40199ca1355ba2e2762af1fcb0b9d25a75c209732367022fa72b",
    "gum_dev": "be8227516582125856bdd515c5e7c78ef9ae24a98eb3db80181a319d26c39514",
}
FLOORS = {"cnndm_dev": (36.1, 15.2), "gum_dev": (38.2, 16.8)}
_DATELINE = re.compile(r"\w+day, \w+ \d{1,2}, \d{4}$")
_stem = Stemmer.Stemmer("english").stemWords

Pairs = list[tuple[Article, str]]
Scores = tuple[float, float]


def _rows(name: str) -> list[dict[str, Any]]:
    path = FOLDER / f"{name}.jsonl"
    if not path.is_file():
        pytest.skip("the summaries (../shared/data) are not on this machine")
    data = path.read_bytes()
    assert hashlib.sha256(data).hexdigest() == DIGESTS[name], (
        "other data: measure again before comparing with the floors"
    )
    return [json.loads(line) for line in data.decode("utf-8").splitlines()]


def _pairs(name: str) -> Pairs:
    """Articles and the summaries people wrote of them."""
    if name == "gum_dev":
        return [(_article(_gum_text(row), row["title"]), row["summary"]) for row in _rows(name)]
    second_half = _rows(name)[50:]
    return [(_article("\n\n".join(row["sents"]), ""), row["summary"].replace("\n", " ")) for row in second_half]


def _gum_text(row: dict[str, Any]) -> str:
    """The paragraphs without title and date line, interview turns labelled as Wikinews prints them."""
    paragraphs = [(part["speakers"][0], part["text"]) for part in row["paragraphs"][1:]]
    return "\n\n".join(f"{who}: {text}" if who else text for who, text in paragraphs if not _DATELINE.match(text))


def _article(text: str, title: str) -> Article:
    added = datetime(2026, 1, 1, tzinfo=UTC)
    return Article(1, 0, 1, title, None, (), None, None, added, None, None, len(text.split()), text)


def _runs(text: str, length: int) -> Counter[tuple[str, ...]]:
    words = _stem(re.findall(r"[a-z0-9]+", text.lower()))
    return Counter(zip(*(words[at:] for at in range(length)), strict=False))


def _rouge(summary: str, reference: str, length: int) -> float:
    ours, theirs = _runs(summary, length), _runs(reference, length)
    return 200 * (ours & theirs).total() / max(1, ours.total() + theirs.total())


def _mean(summaries: list[str], references: list[str]) -> Scores:
    one, two = (
        sum(_rouge(ours, theirs, length) for ours, theirs in zip(summaries, references, strict=True)) / len(summaries)
        for length in (1, 2)
    )
    return one, two


def _measure(pairs: Pairs) -> tuple[Scores, Scores]:
    """ROUGE-1 and -2 of LEAD-3 and of ours, in hundredths."""
    leads, ours = [], []
    for article, _ in pairs:
        found = quotable_sentences(article.text)
        lead = " ".join(sentence.text for sentence in found[:3])
        leads.append(lead)
        ours.append(" ".join(span.of(article.text) for span in choose(article, found, len(lead.split()))))
    references = [reference for _, reference in pairs]
    return _mean(leads, references), _mean(ours, references)


@pytest.mark.parametrize("name", FLOORS)
def test_summaries_beat_the_first_three_sentences(name: str) -> None:
    lead, ours = _measure(_pairs(name))
    print(f"\nsummaries, {name}: ROUGE-1/2 {ours[0]:.1f}/{ours[1]:.1f}, LEAD-3 {lead[0]:.1f}/{lead[1]:.1f}")  # noqa: T201
    assert ours[0] > lead[0]
    assert ours[1] >= lead[1]
    assert ours[0] >= FLOORS[name][0]
    assert ours[1] >= FLOORS[name][1]


def test_rouge_counts_the_stems_two_texts_share() -> None:
    assert _mean(["The piers are new."], ["the pier are new"]) == (100.0, 100.0)
    one, two = _mean(["The pier sank"], ["The pier opened today"])
    assert (round(one, 6), round(two, 6)) == (round(400 / 7, 6), 40.0)
