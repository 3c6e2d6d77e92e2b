"""Word documents: what stands in them in order, and one sentence for what cannot be read."""

from __future__ import annotations

import pytest

from bot.errors import UnreadableDocument
from bot.language.blocks import blocks
from bot.model import Kind
from bot.reading.word import MAX_PART_BYTES, read_docx
from tests.reading.made import docx, paragraph

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def test_paragraphs_headings_and_lists_come_in_order() -> None:
    data = docx(
        [
            paragraph("A barge closes the harbour", style="Titel"),
            "The harbour of Port Eddard was closed on Monday.",
            paragraph("What is open", style="berschrift2"),
            paragraph("the northern quay", list_id=7),
            paragraph("the ferry house", list_id=7),
            "In this order:",
            paragraph("tugs", list_id=8),
            paragraph("ferries", list_id=8),
        ]
    )
    document = read_docx("harbour.docx", data)
    assert document.title == "A barge closes the harbour"
    assert document.text == (
        "# A barge closes the harbour\n\nThe harbour of Port Eddard was closed on Monday.\n\n## What is open\n\n"
        "- the northern quay\n- the ferry house\n\nIn this order:\n\n1. tugs\n2. ferries"
    )
    kinds = [block.kind for block in blocks(document.text)]
    assert kinds[:4] == [Kind.HEADING, Kind.PROSE, Kind.HEADING, Kind.ITEM]


def test_what_was_struck_out_is_left_out_and_what_was_put_in_is_read() -> None:
    changed = (
        "<w:p><w:r><w:t>The ferry left </w:t></w:r><w:del><w:r><w:delText>late</w:delText></w:r></w:del>"
        '<w:ins><w:r><w:t xml:space="preserve">on time</w:t></w:r></w:ins><w:r><w:br/><w:t>with all.</w:t></w:r></w:p>'
    )
    assert read_docx("x.docx", docx([changed])).text == "The ferry left on time\nwith all."


def test_tables_are_read_cell_by_cell() -> None:
    table = f"<w:tbl><w:tr><w:tc>{paragraph('Quay')}</w:tc><w:tc>{paragraph('Open')}</w:tc></w:tr></w:tbl>"
    assert read_docx("x.docx", docx(["Quays today.", table])).text == "Quays today.\n\nQuay\n\nOpen"


def test_the_files_own_title_counts_where_its_text_has_it() -> None:
    words = ["A barge closes the harbour", "The harbour was closed on Monday after a barge had run aground in it."]
    assert read_docx("x.docx", docx(words, title="A Barge closes the Harbour")).title == "A Barge closes the Harbour"
    assert read_docx("x.docx", docx(words, title="Normal.dotm")).title == "A barge closes the harbour"


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 nothing",
        docx(["words"])[:300],
        docx([], document="<not xml"),
        docx([], document='<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'),
    ],
)
def test_a_damaged_document_is_explained(data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match=r"^x\.docx: the Word document is damaged"):
        read_docx("x.docx", data)


def test_another_zip_is_no_word_document() -> None:
    data = docx(["words"]).replace(b"word/document.xml", b"word/documend.xml")
    with pytest.raises(UnreadableDocument, match=r"only \.docx can be read"):
        read_docx("x.docx", data)


def test_a_bomb_is_refused_by_its_unpacked_size() -> None:
    data = docx([], document=f'<w:document xmlns:w="{_W}">{" " * MAX_PART_BYTES}</w:document>')
    assert len(data) < 100_000
    with pytest.raises(UnreadableDocument, match="40 MiB unpacked"):
        read_docx("x.docx", data)


def test_one_without_words_is_explained() -> None:
    with pytest.raises(UnreadableDocument, match="no text"):
        read_docx("x.docx", docx([""]))
