"""Passages: whole sentences of one block."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.language.blocks import blocks
from bot.language.normal import clean
from bot.language.passages import passages
from bot.language.sentences import sentences
from bot.language.speech import speeches
from bot.model import Kind, Passage


def read(text: str) -> list[Passage]:
    found = blocks(text)
    return passages(text, found, speeches(text, found))


def words(passage: Passage, text: str) -> list[str]:
    return passage.span.of(text).split()


def test_short_sentences_are_packed_by_three_and_long_ones_stand_alone() -> None:
    text = "One here. Two here. Three here. Four here. " + "Word " * 70 + "end. Five here."
    found = [passage.span.of(text) for passage in read(text)]
    assert found[:2] == ["One here. Two here. Three here.", "Four here."]
    assert len(found[2].split()) == 71
    assert found[3] == "Five here."


def test_a_passage_stays_within_its_block_and_about_sixty_words() -> None:
    sentence = "Norland " + "and " * 23 + "left."
    text = f"{sentence} {sentence} {sentence}\nAnother paragraph."
    assert [len(words(passage, text)) for passage in read(text)] == [50, 25, 2]


def test_a_quotation_over_several_sentences_is_kept_together() -> None:
    text = (
        "The room was full. It was late. “We will not leave. We will stay here,” Senator Dana Ruiz said. Nobody left."
    )
    assert [passage.span.of(text)[:12] for passage in read(text)] == ["The room was", "“We will not"]


def test_the_speaker_is_the_only_one_who_speaks_inside() -> None:
    text = "“We will stay here,” Dana Ruiz said.\n“We stay too,” Dana Ruiz said. “But we do not,” Bo Vale said."
    assert [passage.speaker for passage in read(text)] == ["Dana Ruiz", None]


def test_a_passage_has_no_speaker_where_another_may_speak_inside() -> None:
    text = "“We will stay here,” Dana Ruiz said. “They will go,” officials said."
    assert [passage.speaker for passage in read(text)] == [None]
    text = "George Vale came.\n\nIt rained.\n\n“We will stay here for long,” he said."
    assert [passage.speaker for passage in read(text)] == [None, None, None]


def test_a_quotation_over_two_passages_is_its_speaker_s_in_both() -> None:
    sentence = "We will stay here " + "and stay " * 15 + "on."
    text = f"Dana Ruiz said: “{sentence} {sentence} {sentence} {sentence}”"
    assert {passage.speaker for passage in read(text)} == {"Dana Ruiz"}
    assert len(read(text)) > 1


def test_answers_carry_speaker_and_question_and_questions_are_no_passages() -> None:
    text = "# Talk\nAna Ruiz: Why?\nBo Vale: Because.\nRuiz: Really?\nVale: Yes.\nComments"
    found = read(text)
    told = [(p.kind, p.speaker, p.span.of(text), p.question and p.question.of(text)) for p in found]
    assert told == [
        (Kind.ANSWER, "Bo Vale", "Because.", "Why?"),
        (Kind.ANSWER, "Bo Vale", "Yes.", "Really?"),
    ]


def test_no_passage_of_the_original_documents_is_boilerplate_or_a_question(documents_dir: Path) -> None:
    for path in documents_dir.glob("*.txt"):
        text = clean(path.read_text(encoding="utf-8"))
        for passage in read(text):
            assert passage.kind.quotable
            assert not passage.span.of(text).startswith(("Comments", "By ", "Read ", "-", "Shuster"))


@given(data=st.data())
def test_passages_of_any_text_are_whole_sentences_of_quotable_blocks(
    any_text: st.SearchStrategy[str], data: st.DataObject
) -> None:
    text = data.draw(any_text)
    found = blocks(text)
    position = 0
    for passage in passages(text, found, speeches(text, found)):
        block = next(block for block in found if block.span.holds(passage.span))
        assert block.kind is passage.kind
        assert passage.kind.quotable
        inside = [s for s in sentences(text, block.span) if passage.span.holds(s)]
        assert 1 <= len(inside) <= 3
        assert (inside[0].start, inside[-1].end) == (passage.span.start, passage.span.end)
        assert position <= passage.span.start
        position = passage.span.end
