"""Documents that try to hang, flood or mislead: each ends in time, in one sentence, and stalls nobody meanwhile."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UnreadableDocument
from bot.model import Document
from bot.reading.sniffing import Kind, kind_of
from bot.reading.untrusted import read_untrusted
from tests.hostile.beating import MOST_SECONDS, beating
from tests.hostile.documents import document
from tests.hostile.net import catalogue
from tests.sizes import cases, some
from tests.timing import quickest

DOCUMENTS: list[dict[str, Any]] = catalogue("documents.toml")["document"]  # type: ignore[assignment]
MOST_SECONDS_EACH = 8.0
LEFT_BEHIND = Path("/tmp/newsdesk-hostile")  # what some of the documents would have the bot write


async def read(case: dict[str, Any], data: bytes) -> str:
    """ "read", or the sentence that refuses the document."""
    try:
        found = await read_untrusted(case["file"], data)
    except UnreadableDocument as unreadable:
        return str(unreadable)
    assert case.get("holds", "") in found.text
    assert case.get("lacks", "\x00") not in found.text + found.title
    return "read"


@pytest.mark.parametrize("case", some(DOCUMENTS, few=25), ids=lambda case: case["name"])
async def test_a_document_is_read_or_refused_in_time_and_stalls_nobody(case: dict[str, Any]) -> None:
    data = document(case)

    async def timed(_: int) -> float:
        async with beating() as heart:
            begun = time.perf_counter()
            said = await read(case, data)
            assert time.perf_counter() - begun < MOST_SECONDS_EACH
        assert any(piece in said for piece in case["outcome"].split("|")), said
        assert said == "read" or ("\n" not in said and len(said) < 300 and said.startswith(case["file"]))
        return heart.lag_seconds

    assert await quickest(MOST_SECONDS, timed) < MOST_SECONDS
    assert not LEFT_BEHIND.exists()  # noqa: ASYNC240


async def test_many_at_once_stall_nobody_either() -> None:
    named = {case["name"]: case for case in DOCUMENTS}
    hard = [
        document(named[name])
        for name in ("facts: JSON of open brackets", "PDF: LZW", "Word: deep", "text: towers of accents")
    ]

    async def timed(_: int) -> float:
        async with beating() as heart:
            ended = await asyncio.gather(
                *(read_untrusted("x", data) for data in hard * cases(2, few=1)), return_exceptions=True
            )
        assert {type(one) for one in ended} <= {Document, UnreadableDocument}
        return heart.lag_seconds

    assert await quickest(MOST_SECONDS, timed) < MOST_SECONDS


@given(st.binary(), st.sampled_from(["a.txt", "a.md", "a.html", "a.pdf", "a.docx", "a"]))
def test_any_bytes_are_of_a_kind_that_is_read_or_are_refused(data: bytes, name: str) -> None:
    with suppress(UnreadableDocument):  # and nothing else
        assert kind_of(name, data) in Kind
