"""What each paragraph is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.blocks import blocks
from bot.language.boilerplate import before_text, is_boilerplate
from bot.language.normal import clean
from bot.model import Block, Kind

INTERVIEW = """The senator met us on Monday.
Ana Ruiz: What has changed?
Senator Tom Vale: Everything has.
We did not expect it.
Ruiz: And now?
Vale: Now we wait."""


def kinds(text: str) -> list[tuple[Kind, str]]:
    return [(block.kind, block.span.of(text)) for block in blocks(text)]


def original(folder: Path, number: str) -> tuple[str, list[Block]]:
    text = clean(next(folder.glob(f"{number}_*.txt")).read_text(encoding="utf-8"))
    return text, blocks(text)


def test_an_interview_gives_turns_with_full_names_and_their_question() -> None:
    found = blocks(INTERVIEW)
    told = [(b.kind.value, b.speaker, b.span.of(INTERVIEW), b.question and b.question.of(INTERVIEW)) for b in found]
    assert told == [
        ("prose", None, "The senator met us on Monday.", None),
        ("question", "Ana Ruiz", "What has changed?", None),
        ("answer", "Tom Vale", "Everything has.", "What has changed?"),
        ("answer", "Tom Vale", "We did not expect it.", "What has changed?"),
        ("question", "Ana Ruiz", "And now?", None),
        ("answer", "Tom Vale", "Now we wait.", "And now?"),
    ]


def test_a_paragraph_that_tells_of_the_speaker_is_not_their_answer() -> None:
    assert blocks(INTERVIEW + "\nVale then left the room.")[-1].kind is Kind.PROSE


@pytest.mark.parametrize("text", ["Q: Why?\nA: Because it rained.", "**Q:** Why?\n\n**A:** Because it rained."])
def test_question_and_answer_letters_name_nobody(text: str) -> None:
    question, answer = blocks(text)
    assert (question.kind, question.speaker, question.span.of(text)) == (Kind.QUESTION, None, "Why?")
    assert (answer.kind, answer.speaker, answer.span.of(text)) == (Kind.ANSWER, None, "Because it rained.")
    assert answer.question == question.span


def test_the_letter_q_asks_even_where_only_the_answer_is_a_question() -> None:
    assert [block.kind for block in blocks("Q: Tell me.\nA: Why me?")] == [Kind.QUESTION, Kind.ANSWER]


def test_bold_labels_are_turns() -> None:
    text = "**Ana Ruiz:** Why?\n\n**Tom Vale:** Rain.\n\n**Ruiz:** Still?\n\n**Vale:** Yes."
    assert [block.speaker for block in blocks(text)] == ["Ana Ruiz", "Tom Vale"] * 2


def test_list_items_lose_their_markers_even_on_a_line_of_their_own() -> None:
    text = "The plan has parts:\n-\nA truce.\n-\nA swap of prisoners.\n* Elections.\n• Aid.\n2. Money."
    assert [words for kind, words in kinds(text) if kind is Kind.ITEM] == [
        "A truce.",
        "A swap of prisoners.",
        "Elections.",
        "Aid.",
        "Money.",
    ]


def test_labels_inside_list_items_are_no_turns() -> None:
    text = "- Money: it is short.\n- Time: it is short.\n- Money: still short."
    assert {kind for kind, _ in kinds(text)} == {Kind.ITEM}


def test_headings_are_told_from_paragraphs() -> None:
    text = "Talks Resume Now\nThey did.\n## What now ##\nNobody knows.\nWhat comes next\nA vote does.\nThe end"
    assert [words for kind, words in kinds(text) if kind is Kind.HEADING] == [
        "Talks Resume Now",
        "What now",
        "What comes next",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Editor’s Note: This text was changed.",
        "By Ana Ruiz, Tom Vale and Bo Li",
        "By Ana Ruiz",
        "Comments",
        "12 Comments",
        "Advertisement",
        "Share this article",
        "Read more: the plan",
        "Tuesday, September 1, 2015",
        "Photo: Bo Li/AFP",
        "© 2025 The Daily",
        "Published May 3, 2025 at 4:15 p.m. ET",
        "https://example.com/story",
        "Reuters",
        "This interview has been edited for clarity.",
        "KYIV, Ukraine (AP) —",
        "By",
        "PUBLISHED:",
        "Last updated at 3:31 PM on 19th July 2011.",
        "By . Ana Ruiz . PUBLISHED: . 07:21 EST, 28 December 2012 . | . UPDATED: . 07:32 EST, 29 December 2012 .",
        "Scroll down for video.",
        "SCROLL DOWN FOR VIDEO",
        "Click here for a map of the harbour.",
        "Watch the video above.",
        "VIDEO Harbour reopens after the storm.",
        "Follow Ana Ruiz on Twitter @anaruiz",
        "Follow @newsdesk",
        "For more on the harbour, visit our website.",
        "The opinions expressed in this commentary are solely those of Ana Ruiz.",
        "Note to readers: names have been changed.",
        "Divers clear the wreck on Monday. (AP Photo/Bo Li)",
        "Divers clear the wreck. Two of them were hurt. Photo: Bo Li",
        "The Daily’s Bo Li contributed to this report.",
    ],
)
def test_what_a_publication_adds_is_boilerplate(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize(
    "line",
    [
        "By Monday, Norland had agreed.",
        "By Friday the talks had ended",
        "More than 20 people died.",
        "Image matters to him.",
        "Readers follow the story.",
        "Share prices fell.",
        "May 3 was a good day.",
        "Comments by the minister angered many.",
        "This story is about a dog.",
        "Watch how the market moves.",
        "“Follow me,” she said, and led us to the harbour.",
        "“Share this bread,” he told them.",
        "For more than a year, visitors had stayed away.",
        "VIDEO GAMES BANNED IN SCHOOLS",
        "There was only one picture: a view of the harbour.",
        "The weather has also contributed to the growth of the town.",
        "Scrolls from the library were saved.",
        "Byron was here.",
    ],
)
def test_sentences_of_the_article_are_not_boilerplate(line: str) -> None:
    assert not is_boilerplate(line)


@pytest.mark.parametrize(
    "before",
    [
        "OSLO, Norway (AP) — ",
        "LONDON (Reuters) - ",
        "NEW YORK, Nov. 19 (UPI) — ",
        "Lillesand (AFP) – ",
        "(CNN) -- ",
        "(CNN)",
        "BERGEN — ",
        "ST. LOUIS, Mo. - ",
        "By . Ana Ruiz . PUBLISHED: . 07:21 EST, 28 December 2012 . | . UPDATED: . 07:32 EST, 29 December 2012 . ",
        "Last updated at 3:31 PM on 19th July 2011. ",
        "Thursday, May 7, 2015 ",
        "Oslo (CNN)",
        "NEW YORK (CNNMoney)  -- ",
        "By . Ana Ruiz . and Tom Vale . Follow @@anaruiz . ",
        "By . Ana Ruiz, Editor . Follow @@anaruiz . PUBLISHED: . 10:30 EST, 4 December 2012 . LILLESAND (AP) — ",
        "By Ana Ruiz | ",
        "Editor’s note: Ana Ruiz writes on harbours. The opinions expressed are her own. (CNN) -- ",
    ],
)
def test_what_stands_before_the_text_in_its_line_is_passed_over(before: str) -> None:
    assert before_text(f"{before}The harbour of Lillesand is shut.") == len(before)


@pytest.mark.parametrize(
    "line",
    [
        "The World Fishing Office (WFO) Director left.",
        "A new pier (NP) said so.",
        "Published on 3 May 2025, the report says so.",
        "May 7, 2015 was a Thursday.",
        "NATO - an alliance - met.",
        "Lund – The mayor – left.",
        "The harbour is shut.",
    ],
)
def test_an_article_that_begins_at_once_is_left_whole(line: str) -> None:
    assert before_text(line) == 0


def test_the_points_a_site_puts_above_its_article_are_boilerplate() -> None:
    text = "STORY HIGHLIGHTS\n\n- The harbour is shut.\n- Divers are at work.\n\nThe harbour was shut.\n\n- It is deep."
    assert [kind for kind, _ in kinds(text)] == [*[Kind.BOILERPLATE] * 3, Kind.PROSE, Kind.ITEM]


def test_the_original_interview_is_read_turn_by_turn(documents_dir: Path) -> None:
    text, found = original(documents_dir, "000")
    assert [block.kind.value for block in found[:6]] == ["boilerplate", *["prose"] * 4, "question"]
    assert {block.kind for block in found[5:]} == {Kind.QUESTION, Kind.ANSWER}
    lines = text.split("\n")
    surnames = {"Shuster": "Simon Shuster", "Zelensky": "Volodymyr Zelensky"}
    for block, line in zip(found[5:], lines[-len(found[5:]) :], strict=True):
        label = line.partition(":")[0].split()[-1]
        assert block.span.of(text) in line
        assert block.speaker == surnames.get(label, "Volodymyr Zelensky")
        assert (block.question is None) is (block.kind is Kind.QUESTION)


def test_the_original_brief_has_its_items_and_headings(documents_dir: Path) -> None:
    text, found = original(documents_dir, "001")
    kinds_found = [block.kind for block in found]
    assert kinds_found.count(Kind.ITEM) == 8
    assert kinds_found.count(Kind.HEADING) == 3
    assert kinds_found.count(Kind.PROSE) == 7
    assert not any(block.span.of(text).startswith("-") for block in found)


def test_the_original_reports_lose_their_headline_byline_and_comments(documents_dir: Path) -> None:
    _, report = original(documents_dir, "002")
    assert [block.kind for block in report] == [Kind.HEADING, *[Kind.PROSE] * 16]
    _, report = original(documents_dir, "003")
    assert [block.kind for block in report] == [Kind.BOILERPLATE, *[Kind.PROSE] * 25, Kind.BOILERPLATE]


@given(data=st.data())
def test_blocks_of_any_text_are_in_range_ordered_and_apart(
    any_text: st.SearchStrategy[str], data: st.DataObject
) -> None:
    text = data.draw(any_text)
    position = 0
    for block in blocks(text):
        assert position <= block.span.start < block.span.end <= len(text)
        assert block.span.of(text).strip() == block.span.of(text)
        position = block.span.end
