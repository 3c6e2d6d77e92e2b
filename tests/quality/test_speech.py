"""How often the speaker of extracted speech is right, on annotated news articles, with their own scorer's rules."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from bot.language.blocks import blocks
from bot.language.speech import speeches

SPEECH = Path(__file__).resolve().parents[3] / "shared" / "data" / "speech"
pytestmark = pytest.mark.skipif(
    not SPEECH.is_dir(), reason="the test collections (../shared/data) are not on this machine"
)


def scores(documents: list[dict[str, Any]], predictions: list[list[dict[str, Any]]]) -> dict[str, Any]:
    spec = importlib.util.spec_from_file_location("speech_score", SPEECH / "score.py")
    assert spec is not None
    assert spec.loader is not None
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    result: dict[str, Any] = scorer.score(documents, predictions, 3)
    return result


def predictions(text: str) -> list[dict[str, Any]]:
    return [
        {"start": s.span.start, "end": s.span.end, "speaker": [s.evidence.start, s.evidence.end], "name": s.speaker}
        for s in speeches(text, blocks(text))
    ]


def test_speakers_of_extracted_speech_are_right() -> None:
    documents = [json.loads(line) for line in (SPEECH / "dev.jsonl").read_text(encoding="utf-8").splitlines()]
    result = scores(documents, [predictions(document["text"]) for document in documents])
    assert result["e2e_P"] >= 0.96
    assert result["e2e_R"] >= 0.47


def test_interview_turns_are_found_with_their_words() -> None:
    found = right = annotated = 0
    for line in (SPEECH / "interviews_dev.jsonl").read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        text = document["text"]
        wanted = {" ".join(words.split())[:60] for _, words in document["turns"]}
        got = {" ".join(b.span.of(text).split())[:60] for b in blocks(text) if b.kind in ("question", "answer")}
        found, right, annotated = found + len(got), right + len(got & wanted), annotated + len(wanted)
    assert right / annotated >= 0.98
    assert right / found >= 0.9
