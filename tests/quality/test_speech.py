"""How much direct speech is found and how often its speaker is right, on annotated news, by their own scorer's rules.

The annotation holds the quotation marks; a quotation of a word or two is only hit with them, so they are put back here.
"""

from __future__ import annotations

import functools
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.language.blocks import blocks
from bot.language.speech import speeches
from bot.model import Confidence, Speech, SpeechKind

SPEECH = Path(__file__).resolve().parents[3] / "shared" / "data" / "speech"
MARKS = '“”„«»"'
pytestmark = pytest.mark.skipif(
    not SPEECH.is_dir(), reason="the test collections (../shared/data) are not on this machine"
)


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SPEECH / name).read_text(encoding="utf-8").splitlines()]


@functools.cache
def dev() -> list[tuple[dict[str, Any], list[Speech]]]:
    return [(document, quoted(document["text"])) for document in lines("dev.jsonl")]


def quoted(text: str) -> list[Speech]:
    return [speech for speech in speeches(text, blocks(text)) if speech.kind is not SpeechKind.TURN]


def prediction(text: str, speech: Speech) -> dict[str, Any]:
    start, end = speech.span.start, speech.span.end
    start -= text[start - 1 : start] in tuple(MARKS)
    end += text[end : end + 1] in tuple(MARKS)
    mention = speech.mention
    return {
        "start": start,
        "end": end,
        "speaker": [mention.start, mention.end] if mention else None,
        "name": speech.speaker,
    }


def scores(fewest_words: int, kept: Callable[[Speech], bool] = lambda speech: True) -> dict[str, Any]:
    """The scorer's figures for the speech of dev that is ``kept``."""
    spec = importlib.util.spec_from_file_location("speech_score", SPEECH / "score.py")
    assert spec is not None
    assert spec.loader is not None
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    predictions = [
        [prediction(document["text"], speech) for speech in found if kept(speech)] for document, found in dev()
    ]
    result: dict[str, Any] = scorer.score([document for document, _ in dev()], predictions, fewest_words)
    return result


def is_stated(speech: Speech) -> bool:
    return speech.confidence is Confidence.STATED


def test_quotations_are_found() -> None:
    """Five quotations that open with a closing mark (”…”) were not annotated and count as wrong."""
    assert scores(5)["F1"] >= 0.97
    assert scores(1)["F1"] >= 0.935


def test_speakers_of_quotations_are_right() -> None:
    """Speech without a speaker counts as wrong. 0.929 and 0.890 on the training articles."""
    assert scores(5)["e2e_F1"] >= 0.90
    assert scores(1)["e2e_F1"] >= 0.85


def test_stated_speakers_are_right() -> None:
    """0.958 and 0.938 on the training articles. A quarter of all quotations has "he" or "she" as its speaker."""
    stated = scores(5, is_stated)
    assert stated["e2e_P"] >= 0.95
    assert stated["_np"] >= 0.70 * stated["gold"]
    assert scores(1, is_stated)["e2e_P"] >= 0.93


def test_pronouns_are_resolved_to_the_right_name() -> None:
    found = {document["id"]: speech for document, speech in dev()}
    right = 0
    for case in lines("dev_pronouns.jsonl"):
        at_start = [speech for speech in found[case["doc"]] if abs(speech.span.start - case["quote_start"]) <= 3]
        right += any(speech.speaker and speech.speaker.split()[-1] == case["gold_surname"] for speech in at_start)
    assert right >= 32


def test_interview_turns_are_found_with_their_words_and_speakers() -> None:
    found = right = annotated = 0
    for document in lines("interviews_dev.jsonl"):
        text = document["text"]
        wanted = {(name.split()[-1], " ".join(words.split())[:60]) for name, words in document["turns"]}
        turns = [block for block in blocks(text) if block.kind in ("question", "answer")]
        got = {(b.speaker.split()[-1] if b.speaker else "", " ".join(b.span.of(text).split())[:60]) for b in turns}
        found, right, annotated = found + len(got), right + len(got & wanted), annotated + len(wanted)
    assert right / annotated >= 0.99
    assert right / found >= 0.99
