"""PDFs: paragraphs instead of lines, no page furniture, and one sentence for what cannot be read."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter

from bot.errors import UnreadableDocument
from bot.reading.pdfs import read_pdf
from tests.reading.made import pdf

STORY = [
    "The harbour of Port Eddard was closed on Monday after a barge ran aground in",
    "the narrow channel, and no ferry left before noon. The harbour master said inter-",
    "national rules left him no choice. A well-known pilot disagreed with him.",
    '"We could have passed," she said.',
    "By the evening two tugs had pulled the barge free, and the first of the ferries",
]
REST = [
    "left with four hundred people on board, most of whom had waited since the morn-",
    "ing. The owner of the barge, a well-",
    "known haulier, gave no comment.",
]


def test_lines_become_paragraphs_over_the_end_of_a_page_and_broken_words_are_joined() -> None:
    first, second = read_pdf("harbour.pdf", pdf([STORY, REST])).text.split("\n\n")
    assert first == (
        "The harbour of Port Eddard was closed on Monday after a barge ran aground in the narrow channel, and no ferry "
        "left before noon. The harbour master said international rules left him no choice. A well-known pilot "
        'disagreed with him. "We could have passed," she said.'
    )
    assert second == (
        "By the evening two tugs had pulled the barge free, and the first of the ferries left with four hundred people "
        "on board, most of whom had waited since the morning. The owner of the barge, a well-known haulier, gave no "
        "comment."
    )


def test_running_heads_and_page_numbers_are_left_out() -> None:
    towns = ["Port Eddard", "Novgorod", "Lindholm", "Karvala"]
    pages = [
        ["The Gazette", f"The harbour of {town}", f"was closed by {town} itself.", str(page)]
        for page, town in enumerate(towns, 1)
    ]
    assert read_pdf("harbour.pdf", pdf(pages)).text.split("\n\n") == [
        f"The harbour of {town} was closed by {town} itself." for town in towns
    ]


def test_a_number_that_stands_on_one_page_alone_stays() -> None:
    text = read_pdf("harbour.pdf", pdf([["1848", *STORY]])).text
    assert text.startswith("1848")


def test_list_items_stay_apart() -> None:
    text = read_pdf("list.pdf", pdf([["What is open:", "- the northern quay", "- the ferry house", *STORY]])).text
    assert "- the northern quay\n\n- the ferry house" in text


def test_the_files_own_title_counts_where_its_text_has_it() -> None:
    lines = ["A barge closes the harbour", "", *STORY]
    assert read_pdf("x.pdf", pdf([lines], title="A Barge closes the Harbour")).title == "A Barge closes the Harbour"
    assert read_pdf("x.pdf", pdf([lines], title="Template of the board")).title == "A barge closes the harbour"


def test_a_locked_pdf_is_explained() -> None:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf([STORY]))))
    writer.encrypt("secret", algorithm="RC4-128")
    locked = BytesIO()
    writer.write(locked)
    with pytest.raises(UnreadableDocument, match=r"x\.pdf: the PDF is locked with a password"):
        read_pdf("x.pdf", locked.getvalue())


def test_a_scan_without_text_is_explained() -> None:
    with pytest.raises(UnreadableDocument, match="text recognition"):
        read_pdf("x.pdf", pdf([[], []]))


@pytest.mark.parametrize("data", [b"%PDF-1.4\n", b"%PDF-1.4\n1 0 obj\n<< >>\nendobj", b"", pdf([STORY])[:200]])
def test_a_damaged_pdf_is_explained(data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match=r"^x\.pdf: the PDF "):
        read_pdf("x.pdf", data)


def test_a_pdf_of_too_many_pages_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match="501 pages"):
        read_pdf("x.pdf", pdf([["word"]] * 501))
