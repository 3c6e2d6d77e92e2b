"""Any bytes become one document or one reason, and the text is kept whole."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import UnreadableDocument
from bot.language.normal import clean
from bot.reading.documents import MAX_DOCUMENT_BYTES, MAX_TEXT_CHARS, read_document

BOILERPLATE = "Editor’s Note: Read The Gazette’s story.\nBy Jane Roe\nThe council met.\nComments"


def reason_of(data: bytes) -> str:
    with pytest.raises(UnreadableDocument) as caught:
        read_document("a.md", data)
    return caught.value.reason


def test_a_document_with_front_matter_has_its_fields_and_its_text() -> None:
    document = read_document("a.md", b"---\ntitle: T\npublished: 2025-05\n---\n\nBy Jane Roe\n\nThe council met.\n")
    assert (document.name, document.title, str(document.published)) == ("a.md", "T", "2025-05")
    assert document.authors == ("Jane Roe",)
    assert document.text == "By Jane Roe\n\nThe council met."


def test_every_line_stays_in_the_text() -> None:
    document = read_document("a.txt", BOILERPLATE.encode())
    assert document.text == BOILERPLATE
    assert (document.outlet, document.authors) == ("The Gazette", ("Jane Roe",))


def test_the_content_decides_and_not_the_name() -> None:
    data = b"---\ntitle: T\n---\nText."
    assert read_document("a.txt", data).title == read_document("a.md", data).title == "T"


def test_the_file_s_name_makes_the_title_where_nothing_else_does() -> None:
    assert read_document("in/01_the_tram.txt", b"The council met on Monday.").title == "The tram"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty."),
        (b"---\ntitle: T\n---\n \n", "there is no text in it, only metadata or white space."),
        ("\u200b\u202e".encode(), "there is no text in it, only metadata or white space."),
        (b"---\npublished: 2025-02-30\n---\nText.", "front matter, line 2, published: “2025-02-30” is not a date"),
        (b"a" * (MAX_DOCUMENT_BYTES + 1), "the file is 5.0 MiB; 5 MiB is the most: split it up."),
        (b"a" * (MAX_TEXT_CHARS + 1), "the text has 1,000,001 characters; 1,000,000 is the most: split it up."),
    ],
)
def test_what_is_no_document_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    assert reason_of(data).startswith(reason)


pieces = st.sampled_from(
    [
        b"---\n",
        b"title: x\n",
        b"published: 2025\n",
        b"# H\n",
        b"By A B\n",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\x00",
        b"\xe9",
        b"\n",
    ]
)


@given(st.one_of(st.binary(max_size=200), st.lists(st.one_of(pieces, st.binary(max_size=8))).map(b"".join)))
@example(b"---\n? \n---\nx")
@example(b'---\ntitle: "\\ud800"\n---\nText')
@example(b"\xff\xfe\x00\xd8a\x00")
def test_any_bytes_are_a_document_or_a_reason(data: bytes) -> None:
    with contextlib.suppress(UnreadableDocument):
        document = read_document("a.md", data)
        assert document.title.strip()
        assert document.text.strip()
        assert clean(document.text) == document.text
        str(document.title).encode()
