"""Bytes become text, or one reason that says what to do."""

from __future__ import annotations

import codecs
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UnreadableDocument
from bot.reading.decoding import decode

TEXT = "Zelenskyy said “no” – naïve? Київ."


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16 little-endian", "utf-16 big-endian"],
)
def test_text_is_the_same_in_every_accepted_encoding(data: bytes) -> None:
    assert decode("a.txt", data) == TEXT


def test_line_ends_of_all_systems_become_one() -> None:
    assert decode("a.txt", b"one\r\ntwo\rthree\nfour") == "one\ntwo\nthree\nfour"


@pytest.mark.parametrize("data", [b"", b" \n\t\n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE + " \n".encode("utf-16-le")])
def test_nothing_but_white_space_is_empty(data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match=r"^a\.txt: the file is empty\.$"):
        decode("a.txt", data)


@pytest.mark.parametrize("data", [b"text\x00text", b"\x01\x02\x03\x04 text", "a\0b".encode("utf-16")])
def test_zero_bytes_and_many_controls_are_binary(data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="binary data"):
        decode("a.txt", data)


def test_one_stray_control_character_is_no_reason_to_refuse_a_text() -> None:
    assert decode("a.txt", b"word " * 100 + b"\x1b").startswith("word")


def test_another_encoding_is_refused_with_the_byte_and_its_line() -> None:
    with pytest.raises(UnreadableDocument) as caught:
        decode("a.txt", "one\ntwo caf\u00e9s".encode("latin-1"))
    assert caught.value.reason == "byte 12 (0xE9, line 2) is not UTF-8: save the file as UTF-8."


def test_the_byte_is_counted_with_the_byte_order_mark() -> None:
    with pytest.raises(UnreadableDocument, match=r"byte 6 \(0xE9, line 1\)"):
        decode("a.txt", codecs.BOM_UTF8 + b"ab\xe9 cd")


def test_half_a_character_of_utf_16_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match="is not UTF-16"):
        decode("a.txt", codecs.BOM_UTF16_LE + b"a\x00b")


def test_utf_32_is_named() -> None:
    with pytest.raises(UnreadableDocument, match="UTF-32"):
        decode("a.txt", "some text".encode("utf-32"))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04....", "a Word document"),
        (b"{\\rtf1 text}", "rich-text"),
        (b"\n<!DOCTYPE html><p>text", "a web page"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
    ],
)
def test_another_format_is_named_whatever_the_file_is_called(data: bytes, kind: str) -> None:
    with pytest.raises(UnreadableDocument, match=kind):
        decode("notes.txt", data)


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_a_reason(data: bytes) -> None:
    with contextlib.suppress(UnreadableDocument):
        text = decode("a.txt", data)
        assert text.strip()
        assert "\r" not in text
