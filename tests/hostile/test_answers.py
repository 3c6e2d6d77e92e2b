"""Web sites that answer with too much, too slowly, or with nonsense: every fetch ends, and takes next to nothing."""

from __future__ import annotations

import asyncio
import math
import time
import tracemalloc
from typing import Any

import pytest

from bot.errors import CannotFetch
from bot.reading.fetching import Accept, Fetcher, FetchLimits
from tests.hostile.answering import answering
from tests.hostile.beating import MOST_SECONDS, beating
from tests.hostile.net import SITE, Answer, FakeResolver, Net, Request, catalogue, public_internet
from tests.sizes import some
from tests.timing import quickest

ANSWERS: list[dict[str, Any]] = catalogue("answers.toml")["answer"]  # type: ignore[assignment]
MOST_EXTRA_BYTES = 20 << 20
NAMES = {"paper.org": [[SITE]], "other.org": [[SITE]]}


async def fetch(case: dict[str, Any], answer: Answer) -> tuple[str, Net]:
    """ "read", or the sentence that refuses what the site answers."""
    accept = Accept[case.get("asked", "article").upper()]
    limits = FetchLimits(**case.get("limits", {}))
    async with (
        public_internet(answer) as net,
        Fetcher(resolver=FakeResolver(NAMES), limits=limits) as fetcher,
    ):
        try:
            await fetcher.fetch("http://paper.org/", accept=accept)
        except CannotFetch as refused:
            return str(refused), net
    return "read", net


@pytest.mark.parametrize("case", some(ANSWERS, few=20), ids=lambda case: case["name"])
async def test_an_answer_is_read_or_refused_in_time_and_stalls_nobody(case: dict[str, Any]) -> None:
    answer = answering(case)

    async def timed(_: int) -> float:
        async with beating() as heart:
            begun = time.perf_counter()
            said, net = await fetch(case, answer)
            in_time = time.perf_counter() - begun < case.get("within", 2)
        assert net.strayed == []
        assert any(piece in said for piece in case["outcome"].split("|")), said
        assert said == "read" or ("\n" not in said and len(said) < 300)
        return heart.lag_seconds if in_time else math.inf

    assert await quickest(MOST_SECONDS, timed) < MOST_SECONDS


@pytest.mark.parametrize(
    "case",
    some((case for case in ANSWERS if "bomb" in case["name"] or "ndless" in case["name"]), few=7),
    ids=lambda case: case["name"],
)
async def test_a_bomb_takes_next_to_no_memory(case: dict[str, Any]) -> None:
    answer = answering(case)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        await fetch(case, answer)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    body = FetchLimits().pdf_bytes if case["name"] == "an endless PDF" else 0  # not packed, and read up to its limit
    assert most - before < body + MOST_EXTRA_BYTES


async def test_no_cookie_password_or_referrer_goes_from_one_site_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("NETRC", __file__)

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        location = b"Location: http://other.org/\r\n" if request.headers["host"] == "paper.org" else b""
        status = b"302" if location else b"200"
        writer.write(
            b"HTTP/1.1 %s X\r\n%sSet-Cookie: who=me; Domain=org\r\nContent-Length: 0\r\n\r\n" % (status, location)
        )

    async with public_internet(answer) as net, Fetcher(resolver=FakeResolver(NAMES)) as fetcher:
        for _ in range(2):
            await fetcher.fetch("http://paper.org/", etag='"one"', modified="Mon, 02 Mar 2026 12:00:00 GMT")
    assert net.strayed == []
    assert [request.headers["host"] for request in net.requests] == ["paper.org", "other.org"] * 2
    for request in net.requests:
        assert not request.headers.keys() & {"cookie", "authorization", "proxy-authorization", "referer", "origin"}
        assert request.headers["if-none-match"] == '"one"'
        assert request.headers["user-agent"].startswith("Newsdesk/")


async def test_what_a_site_said_is_sent_back_only_if_it_can_be_a_header() -> None:
    async with public_internet() as net, Fetcher(resolver=FakeResolver(NAMES)) as fetcher:
        for value in ("a\r\nX-Evil: 1", "\x00", "é", "a" * 10_000):
            await fetcher.fetch("http://paper.org/", etag=value, modified=value)
    assert not any(
        request.headers.keys() & {"if-none-match", "if-modified-since", "x-evil"} for request in net.requests
    )


@pytest.mark.parametrize(("count", "most"), [(5, 5), (6, 5)])
async def test_five_redirects_are_followed_and_no_more(count: int, most: int) -> None:
    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        number = int(request.path[1:])
        head = b"302 X\r\nLocation: /%d" % (number + 1) if number < count else b"200 X"
        writer.write(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % head)

    async with public_internet(answer) as net, Fetcher(resolver=FakeResolver(NAMES)) as fetcher:
        if count <= most:
            assert (await fetcher.fetch("http://paper.org/0")).url == f"http://paper.org/{count}"
        else:
            with pytest.raises(CannotFetch, match="without end"):
                await fetcher.fetch("http://paper.org/0")
    assert len(net.requests) == most + 1


async def test_an_answer_tells_when_to_ask_again() -> None:
    case = next(case for case in ANSWERS if case["name"] == "too many questions")
    async with public_internet(answering(case)), Fetcher(resolver=FakeResolver(NAMES)) as fetcher:
        with pytest.raises(CannotFetch) as refused:
            await fetcher.fetch("http://paper.org/")
    assert (refused.value.status, refused.value.retry_after_seconds) == (429, 120)


async def test_a_fetch_that_is_cancelled_leaves_no_connection() -> None:
    asked = asyncio.Event()

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<html>")
        asked.set()
        await asyncio.sleep(60)

    async with public_internet(answer), Fetcher(resolver=FakeResolver(NAMES)) as fetcher:
        task = asyncio.create_task(fetcher.fetch("http://paper.org/"))
        await asyncio.wait_for(asked.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert fetcher._session is not None
        assert not fetcher._session.connector._acquired  # type: ignore[union-attr]
