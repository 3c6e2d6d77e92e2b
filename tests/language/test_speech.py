"""Who says what, where the text says it plainly."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.blocks import blocks
from bot.language.normal import clean
from bot.language.speech import speeches
from bot.model import Method

INTRODUCTION = "Senator Dana Ruiz met Prime Minister Bo Vale on Monday.\n"


def said(text: str) -> list[tuple[str, str]]:
    return [(speech.speaker, speech.span.of(text)) for speech in speeches(text, blocks(text))]


@pytest.mark.parametrize(
    "sentence",
    [
        "“The talks will go on,” Ruiz said.",
        "“The talks will go on,” said Ruiz, a senator from Norland.",
        "“The talks will go on,” Sen. Dana Ruiz (R-Ohio) said Monday.",
        "“The talks will go on,” committee chair Dana Ruiz told reporters.",
        "Ruiz told reporters that “The talks will go on,” and left.",
        "Ruiz said: “The talks will go on,”",
        "“The talks will go on,” according to Ruiz.",
        "According to Ruiz, “The talks will go on,” come what may.",
        "Ruiz, who leads the committee, wrote in a post: “The talks will go on,”",
        "Ruiz repeatedly insisted “The talks will go on,”",
        '"The talks will go on," Ruiz said.',
        "«The talks will go on,» Ruiz said.",
        "„The talks will go on,“ Ruiz said.",
        "• “The talks will go on,” Ruiz said.",
    ],
)
def test_a_named_speaker_beside_a_quotation_is_its_speaker_in_full(sentence: str) -> None:
    text = INTRODUCTION + sentence
    assert said(text) == [("Dana Ruiz", "The talks will go on,")]
    (speech,) = speeches(text, blocks(text))
    assert speech.method is Method.CUE
    assert "Ruiz" in speech.evidence.of(text)


def test_a_quotation_goes_on_in_the_next_sentence_and_after_the_speaker() -> None:
    text = INTRODUCTION + "“We will talk,” Vale said. “It takes time to agree.”"
    assert said(text) == [("Bo Vale", "We will talk,"), ("Bo Vale", "It takes time to agree.")]
    text = INTRODUCTION + "“We will talk,” Vale said, “until all of us agree.”"
    assert said(text) == [("Bo Vale", "We will talk,"), ("Bo Vale", "until all of us agree.")]


def test_adding_that_goes_on_with_the_same_speaker() -> None:
    text = INTRODUCTION + "Ruiz described it as “a very good day,” adding that “more of them will come.”"
    assert said(text) == [("Dana Ruiz", "a very good day,"), ("Dana Ruiz", "more of them will come.")]


@pytest.mark.parametrize(
    "sentence",
    [
        "“The talks will go on,” he said.",
        "“The talks will go on,” officials said.",
        "“The talks will go on,” the minister said, after Ruiz left.",
        "“The talks will go on,” said a spokesman.",
        "“The talks will go on.” Ruiz said nothing.",
        "A friend of Ruiz said “the talks will go on.”",
        "Ruiz’s lawyer said “the talks will go on.”",
        "Ruiz and Vale said “the talks will go on.”",
        "Ruiz spoke of “free trade” with Vale.",
        "Ruiz said on “Good Morning Norland Today” that she was well.",
        "The talks will go on, Ruiz said.",
    ],
)
def test_what_is_not_plainly_somebody_s_speech_is_left_out(sentence: str) -> None:
    assert said(INTRODUCTION + sentence) == []


def test_organisations_speak_under_their_own_name() -> None:
    text = "The French Foreign Ministry said it stood “in the way of war.”"
    assert said(text) == [("French Foreign Ministry", "in the way of war.")]


def test_every_answer_is_speech_with_its_label_as_evidence() -> None:
    text = "Ana Ruiz: Why?\nBo Vale: Because.\nAnd so on.\nRuiz: Really?\nVale: Yes."
    found = speeches(text, blocks(text))
    assert [(s.speaker, s.span.of(text), s.evidence.of(text), s.method) for s in found] == [
        ("Bo Vale", "Because.", "Bo Vale", Method.TURN),
        ("Bo Vale", "And so on.", "Bo Vale", Method.TURN),
        ("Bo Vale", "Yes.", "Vale", Method.TURN),
    ]


def test_plain_attributions_of_the_original_documents_are_right(documents_dir: Path) -> None:
    counts = {}
    for path in sorted(documents_dir.glob("*.txt")):
        text = clean(path.read_text(encoding="utf-8"))
        found = speeches(text, blocks(text))
        counts[path.name[:3]] = [speech.speaker.split()[-1] for speech in found]
        assert all(speech.speaker.split()[-1] in speech.evidence.of(text) for speech in found)
    assert counts["000"] == ["Zelensky"] * 24
    assert counts["001"] == ["Zelenskyy"] * 2
    assert counts["002"] == ["Trump", "Trump", "Zelensky"]
    assert counts["003"] == [
        "Trump", "Trump", "Trump", "Zelenskyy", "Trump", "Trump", "Peskov", "Peskov", "Trump", "Trump", "Zelenskyy",
        "Haq", "Ministry",
    ]  # fmt: skip


@given(data=st.data())
def test_speech_of_any_text_is_in_range_and_has_evidence(any_text: st.SearchStrategy[str], data: st.DataObject) -> None:
    text = data.draw(any_text)
    for speech in speeches(text, blocks(text)):
        assert 0 <= speech.span.start < speech.span.end <= len(text)
        assert speech.evidence.of(text)
        assert speech.speaker
