"""Sentence boundaries measured on hand-marked cases and on annotated texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.language.sentences import sentences

SENTENCES = Path(__file__).resolve().parents[3] / "shared" / "data" / "sentences"
pytestmark = pytest.mark.skipif(
    not SENTENCES.is_dir(), reason="the test collections (../shared/data) are not on this machine"
)


def test_all_marked_news_cases_are_split_as_marked() -> None:
    lines = (SENTENCES / "golden.txt").read_text(encoding="utf-8").splitlines()
    cases = [[part.strip() for part in line.split("‖")] for line in lines if line and not line.startswith("#")]
    texts = [" ".join(case) for case in cases]
    wrong = [
        text for text, case in zip(texts, cases, strict=True) if [span.of(text) for span in sentences(text)] != case
    ]
    assert len(cases) == 44
    assert wrong == []


def test_annotated_sentences_are_found_with_both_ends_right() -> None:
    found = right = annotated = 0
    for line in (SENTENCES / "gum_dev.jsonl").read_text(encoding="utf-8").splitlines():
        for paragraph in json.loads(line)["paragraphs"]:
            wanted = {tuple(span) for span in paragraph["sents"]}
            got = {(span.start, span.end) for span in sentences(paragraph["text"])}
            found, right, annotated = found + len(got), right + len(got & wanted), annotated + len(wanted)
    assert 2 * right / (found + annotated) >= 0.955  # nupunkt 0.8 on the same paragraphs: 0.854
