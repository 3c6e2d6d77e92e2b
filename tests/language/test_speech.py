"""Who says what, and how far the article says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.blocks import blocks
from bot.language.normal import clean
from bot.language.speech import speeches
from bot.model import Confidence, Method, Span, Speech, SpeechKind
from tests.sizes import some

STATED, RESOLVED, UNATTRIBUTED = Confidence.STATED, Confidence.RESOLVED, Confidence.UNATTRIBUTED
INTRODUCTION = "Senator Dana Ruiz met Prime Minister Bo Vale on Monday.\n"


def found(text: str) -> list[Speech]:
    return speeches(text, blocks(text))


def said(text: str) -> list[tuple[str | None, str]]:
    return [(speech.speaker, speech.span.of(text)) for speech in found(text)]


def of(span: Span | None, text: str) -> str | None:
    return span.of(text) if span else None


@pytest.mark.parametrize(
    "sentence",
    [
        "“The talks will go on,” Ruiz said.",
        "“The talks will go on,” said Ruiz, a senator from Norland.",
        "“The talks will go on,” Sen. Dana Ruiz (R-Ohio) said Monday.",
        "“The talks will go on,” committee chair Dana Ruiz told reporters.",
        "“The talks will go on,” Ruiz, 45, of Eastport, has repeatedly said.",
        "“The talks will go on,” beamed Ruiz.",
        "“The talks will go on?” Ruiz pressed.",
        "Ruiz told reporters that “The talks will go on,” and left.",
        "Ruiz said: “The talks will go on,”",
        "Ruiz: “The talks will go on,”",
        "“The talks will go on,” according to Ruiz.",
        "According to Ruiz, “The talks will go on,” come what may.",
        "Ruiz, who leads the committee, wrote in a post: “The talks will go on,”",
        "Ruiz repeatedly insisted “The talks will go on,”",
        "Ruiz said she was well, adding that “The talks will go on,”",
        "With Vale absent, Ruiz spoke at length, saying “The talks will go on,”",
        "Whether “The talks will go on,” is not yet known, Ruiz said on Monday.",
        "Vale left early because of Ruiz, who said, “The talks will go on,”",
        '"The talks will go on," Ruiz said.',
        "«The talks will go on,» Ruiz said.",
        "„The talks will go on,“ Ruiz said.",
        "• “The talks will go on,” Ruiz said.",
    ],
)
def test_a_named_speaker_beside_a_quotation_is_its_speaker_in_full(sentence: str) -> None:
    text = INTRODUCTION + sentence
    (speech,) = found(text)
    assert (speech.speaker, speech.span.of(text)[:-1]) == ("Dana Ruiz", "The talks will go on")
    assert speech.method is Method.CUE
    assert "Ruiz" in (of(speech.evidence, text) or "")


def test_mention_cue_and_evidence_are_what_to_read() -> None:
    text = INTRODUCTION + "“We will talk,” Sen. Ruiz told reporters on Monday."
    (speech,) = found(text)
    assert of(speech.mention, text) == "Sen. Ruiz"
    assert of(speech.cue, text) == "told"
    assert of(speech.evidence, text) == "Sen. Ruiz told"
    assert speech.confidence is STATED


def test_a_quotation_goes_on_in_the_next_sentence_and_after_the_speaker() -> None:
    text = INTRODUCTION + "“We will talk,” Vale said. “It takes time to agree.”"
    assert said(text) == [("Bo Vale", "We will talk,"), ("Bo Vale", "It takes time to agree.")]
    assert [speech.method for speech in found(text)] == [Method.CUE, Method.CONTINUED]
    text = INTRODUCTION + "“We will talk,” Vale said, “until all of us agree.”"
    assert said(text) == [("Bo Vale", "We will talk,"), ("Bo Vale", "until all of us agree.")]


def test_a_quotation_left_open_goes_on_in_the_next_paragraph() -> None:
    text = INTRODUCTION + "“We will talk,” Vale said. “It takes time.\n\n“And it takes patience from all of us.”"
    assert said(text)[-1] == ("Bo Vale", "And it takes patience from all of us.")
    assert found(text)[-1].confidence is RESOLVED


def test_a_paragraph_that_ends_in_a_colon_announces_the_next() -> None:
    text = INTRODUCTION + "Ruiz then told the crowd:\n\n“It takes patience from all of us.”"
    assert said(text) == [("Dana Ruiz", "It takes patience from all of us.")]


@pytest.mark.parametrize(
    "text",
    [
        "It was late.\n\n“I felt it was all a waste of time.”\n\n— Maria Lopez, a voter",
        "It was late.\n\n“I felt it was all a waste of time.” — Maria Lopez",
        "It was late.\n\n“I felt it was all a waste of time.” ―\xa0Maria Lopez.",
        "It was late.\n\n”I felt it was all a waste of time.” ― Maria Lopez",
        "It was late.\n\n“I felt it was all a waste of time.”\n\nMaria Lopez, 25, Eastport",
        "It was late.\n\nMaria Lopez, 25\n\n“I felt it was all a waste of time.”",
    ],
)
def test_a_quotation_that_stands_alone_is_whose_name_stands_under_or_over_it(text: str) -> None:
    assert said(text) == [("Maria Lopez", "I felt it was all a waste of time.")]


def test_a_heading_that_names_no_person_says_nothing() -> None:
    assert said("It was late.\n\nWhite House\n\n“I felt it was all a waste of time.”")[0][0] is None


def test_labels_inside_the_marks_of_a_transcript_are_its_speakers() -> None:
    text = INTRODUCTION + "Partial transcript as follows:\n\n“RUIZ: Will you go on?\n\n“VALE: We will go on.”"
    assert said(text) == [("Dana Ruiz", "Will you go on?"), ("Bo Vale", "We will go on.")]


def test_who_reports_what_another_says_leaves_it_open_whose_words_they_are() -> None:
    text = INTRODUCTION + "Orlov said Ruiz called it “a bad joke for all of us.”"
    assert [speech.confidence for speech in found(text)] == [RESOLVED]


def test_nested_quotation_marks_belong_to_who_quotes_them() -> None:
    text = INTRODUCTION + "“Ruiz told me ‘never again’ and left,” Vale said."
    assert said(text) == [("Bo Vale", "Ruiz told me ‘never again’ and left,")]


def test_several_fragments_of_a_sentence_are_its_speaker_s() -> None:
    text = INTRODUCTION + "Ruiz described it as “a very good day,” adding that “more of them will come.”"
    assert said(text) == [("Dana Ruiz", "a very good day,"), ("Dana Ruiz", "more of them will come.")]
    text = INTRODUCTION + "Ruiz called the plan “unrealistic” and “a bad joke.”"
    assert said(text) == [("Dana Ruiz", "unrealistic"), ("Dana Ruiz", "a bad joke.")]


def test_a_few_words_with_a_speaker_are_a_fragment_and_a_short_sentence_is_not() -> None:
    text = INTRODUCTION + "Ruiz called the plan “unrealistic.” “No,” Vale said."
    assert [speech.kind for speech in found(text)] == [SpeechKind.FRAGMENT, SpeechKind.QUOTATION]


@pytest.mark.parametrize(
    "sentence",
    [
        "Ruiz spoke of “free trade” with Vale.",
        "The “experts” were late again.",
        "Ruiz said on “Good Morning Norland Today” that she was well.",
        "Ruiz and Vale appeared on “Good Morning Norland” again.",
        "His first novel, “The Long Way Home,” sold well.",
        "The talks will go on, Ruiz said.",
    ],
)
def test_irony_and_titles_of_works_are_not_speech(sentence: str) -> None:
    assert found(INTRODUCTION + sentence) == []


@pytest.mark.parametrize(
    ("sentence", "mention"),
    [
        ("“The talks will go on,” officials said.", "officials"),
        ("“The talks will go on,” said a spokesman.", "a spokesman"),
        ("A friend of Ruiz said “the talks will go on.”", "A friend of Ruiz"),
        ("Ruiz’s lawyer said “the talks will go on.”", "Ruiz’s lawyer"),
        ("Ruiz and Vale said “the talks will go on.”", "Ruiz and Vale"),
        ("“The talks will go on,” a senior aide to Vale said.", "a senior aide to Vale"),
    ],
)
def test_who_is_not_named_is_mentioned_and_has_no_name(sentence: str, mention: str) -> None:
    text = INTRODUCTION + sentence
    (speech,) = found(text)
    assert (speech.speaker, of(speech.mention, text)) == (None, mention)
    assert not speech.is_named


def test_a_sentence_in_quotation_marks_that_nobody_is_tied_to_is_unattributed() -> None:
    text = "The hall was dark.\n\n“Nobody will ever find us in this place.”\n\nThen it rained."
    (speech,) = found(text)
    assert (speech.speaker, speech.mention, speech.method, speech.confidence) == (None, None, None, UNATTRIBUTED)


def test_a_full_stop_before_a_name_parts_it_from_the_quotation() -> None:
    (speech,) = found(INTRODUCTION + "“The talks will go on for long.” Ruiz said nothing.")
    assert speech.confidence is UNATTRIBUTED


def test_he_is_resolved_and_never_against_the_evidence() -> None:
    text = "George Vale met Mary Ruiz.\n\nIt was late.\n\n“We will talk,” he said."
    (speech,) = found(text)
    assert (speech.speaker, speech.confidence, of(speech.mention, text)) == ("George Vale", RESOLVED, "he")
    assert (of(speech.evidence, text) or "").startswith("Vale met Mary")
    text = "Mary Ruiz arrived.\n\n“We will talk,” he said."
    (speech,) = found(text)
    assert (speech.speaker, speech.confidence, of(speech.mention, text)) == (None, UNATTRIBUTED, "he")


def test_he_is_stated_after_his_own_words_in_the_paragraph() -> None:
    text = "“We will talk,” George Vale said. Mary Ruiz nodded. “It takes time,” he added."
    assert [(speech.speaker, speech.confidence) for speech in found(text)] == [("George Vale", STATED)] * 2


def test_a_title_is_resolved_to_its_name() -> None:
    text = INTRODUCTION + "“We will talk for a long time,” the prime minister said."
    (speech,) = found(text)
    assert (speech.speaker, speech.confidence) == ("Bo Vale", RESOLVED)


def test_organisations_speak_under_their_own_name() -> None:
    text = "The French Foreign Ministry said it stood “in the way of war.”"
    assert said(text) == [("French Foreign Ministry", "in the way of war.")]


def test_the_ministry_s_statement_is_the_ministry_s() -> None:
    text = (
        "The French Foreign Ministry spoke up on Monday.\n\n"
        "“We are on the way,” the ministry said in a statement. “It will be a long one.”"
    )
    assert said(text) == [
        ("French Foreign Ministry", "We are on the way,"),
        ("French Foreign Ministry", "It will be a long one."),
    ]
    assert {speech.confidence for speech in found(text)} == {RESOLVED}


def test_what_a_statement_says_its_author_says() -> None:
    text = INTRODUCTION + "Vale’s statement says: “We are on the way to a deal.”"
    assert said(text) == [("Bo Vale", "We are on the way to a deal.")]


def test_the_one_who_reports_it_goes_before_the_one_reported() -> None:
    text = INTRODUCTION + "Vale told Ruiz that “the time for a deal has come,” Orlov said."
    assert said(text) == [("Orlov", "the time for a deal has come,")]


def test_every_answer_is_one_speech_with_its_label_as_evidence() -> None:
    text = "Ana Ruiz: Why?\nBo Vale: Because.\nAnd so on.\nRuiz: Really?\nVale: Yes."
    assert [(s.speaker, s.span.of(text), of(s.evidence, text), s.method, s.kind) for s in found(text)] == [
        ("Bo Vale", "Because.\nAnd so on.", "Bo Vale", Method.TURN, SpeechKind.TURN),
        ("Bo Vale", "Yes.", "Vale", Method.TURN, SpeechKind.TURN),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "**Ana Ruiz:** Why?\n\n**Bo Vale:** Because.\n\n**Ruiz:** Really?\n\n**Vale:** Yes.",
        "**Ana Ruiz**: Why?\n\n**Bo Vale**: Because.\n\n**Ruiz**: Really?\n\n**Vale**: Yes.",
        "Ana Ruiz: Why?\n\nBo Vale: Because.\n\nRuiz: Really?\n\nVale: Yes.",
    ],
)
def test_turns_of_names_in_bold_or_plain_are_read_alike(text: str) -> None:
    assert said(text) == [("Bo Vale", "Because."), ("Bo Vale", "Yes.")]


@pytest.mark.parametrize(
    "text", ["Q: Why?\nA: Because.\nQ: Really?\nA: Yes.", "Q. Why?\nA. Because.\nQ. Really?\nA. Yes."]
)
def test_answers_of_letters_have_words_and_no_name(text: str) -> None:
    found_blocks = blocks(text)
    assert [block.question and block.question.of(text) for block in found_blocks if block.kind == "answer"] == [
        "Why?",
        "Really?",
    ]
    assert all(speech.speaker is None for speech in speeches(text, found_blocks))


def last_names(text: str) -> list[str | None]:
    return [speech.speaker.split()[-1] if speech.speaker else None for speech in found(text)]


def test_speakers_of_the_original_documents_are_right(documents_dir: Path) -> None:
    texts = {path.name[:3]: clean(path.read_text(encoding="utf-8")) for path in sorted(documents_dir.glob("*.txt"))}
    assert last_names(texts["000"]) == ["Zelensky"] * 21
    assert last_names(texts["001"]) == ["Zelenskyy"] * 4
    assert last_names(texts["002"]) == ["Trump", "Trump", None, "Zelensky", "Zelensky"]
    assert last_names(texts["003"]) == [
        "Trump", "Trump", "Trump", "Zelenskyy", "Trump", "Trump", "Peskov", "Peskov", "Hegseth", "Trump", "Trump",
        "Trump", "Trump", "Trump", "Trump", "Trump", "Zelenskyy", "Haq", "Ministry", "Ministry", "Ministry",
    ]  # fmt: skip


def test_the_original_documents_say_how_far_they_name_a_speaker(documents_dir: Path) -> None:
    (path,) = documents_dir.glob("003*.txt")
    text = clean(path.read_text(encoding="utf-8"))
    resolved = [speech for speech in found(text) if speech.confidence is RESOLVED]
    assert [of(speech.mention, text) for speech in resolved] == ["The president", "the ministry", "the ministry"]
    fragments = [speech for speech in found(text) if speech.kind is SpeechKind.FRAGMENT]
    assert [len(speech.span.of(text).split()) for speech in fragments] == [3, 1, 2, 1, 1]


@given(data=st.data())
def test_speech_of_any_text_is_in_range_and_apart(any_text: st.SearchStrategy[str], data: st.DataObject) -> None:
    text = data.draw(any_text)
    position = 0
    for speech in found(text):
        for span in (speech.span, speech.mention, speech.cue, speech.evidence):
            assert span is None or 0 <= span.start < span.end <= len(text)
        assert position <= speech.span.start
        position = speech.span.end
        assert speech.confidence is UNATTRIBUTED or speech.mention
        assert not speech.is_named or speech.evidence


@pytest.mark.many
@pytest.mark.parametrize(
    "piece",
    some(
        [
            "“a,” he said, ",
            "said ",
            "“x” and ",
            "Vale, ",
            "the president said “a b c d e.” ",
            "A. ",
            "who ",
            "(a) ",
            "of the ",
        ],
        few=3,
    ),
)
def test_a_long_paragraph_of_anything_takes_linear_time(piece: str) -> None:
    text = "George Vale said “no.” " + piece * (100_000 // len(piece))
    assert found(text)
