"""A web site on the loopback interface that serves feeds and pages as real ones do, faults and all.

Any host name leads to it (`Site.fetcher`); what it serves and what it was asked is for a test to set and to read.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.metering import UNMETERED, Meter
from bot.reading.fetching import Fetcher, FetchLimits

HOST = "news.example.org"


@dataclass
class Answer:
    """What is served at a path. ``after_seconds`` is how long it takes."""

    body: str | bytes = b""
    status: int = 200
    content_type: str = "application/rss+xml"
    headers: dict[str, str] = field(default_factory=dict)
    after_seconds: float = 0.0


@dataclass
class Asked:
    host: str
    path: str
    headers: dict[str, str]
    began: float
    ended: float = 0.0


class Site:
    """``answers`` by path; anything else is 404. It knows ETag and If-Modified-Since."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[Asked] = []
        self.port = 0

    def fetcher(self, *, meter: Meter = UNMETERED, **limits: float) -> Fetcher:
        """One for which every name is this site."""
        given = FetchLimits(**limits)  # type: ignore[arg-type]
        return Fetcher(resolver=_Everywhere(self.port), may_dial=lambda _host, _port: True, limits=given, meter=meter)

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [asked.path for asked in self.asked]

    async def answer(self, request: web.Request) -> web.Response:
        asked = Asked(request.host, request.path_qs, dict(request.headers), time.monotonic())
        self.asked.append(asked)
        found = self.answers.get(request.path_qs, Answer("no such page", 404, "text/plain"))
        try:
            await asyncio.sleep(found.after_seconds)
        finally:
            asked.ended = time.monotonic()
        body = found.body.encode() if isinstance(found.body, str) else found.body
        for condition, mark in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
            if mark in found.headers and request.headers.get(condition) == found.headers[mark]:
                return web.Response(status=304, headers=found.headers)
        return web.Response(
            body=body, status=found.status, headers={"Content-Type": found.content_type, **found.headers}
        )


class _Everywhere(AbstractResolver):
    def __init__(self, port: int) -> None:
        self._port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host="127.0.0.1", port=self._port, family=socket.AF_INET, proto=0, flags=0)
        ]

    async def close(self) -> None:
        """Nothing is held."""


@asynccontextmanager
async def serving() -> AsyncIterator[Site]:
    """The site, up until the block ends."""
    site = Site()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", site.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    listening = web.TCPSite(runner, "127.0.0.1", 0)
    await listening.start()
    site.port = runner.addresses[0][1]
    try:
        yield site
    finally:
        await runner.cleanup()


def story(number: int, sentences: int = 24) -> str:
    """An article's text of its own, some ten words a sentence."""
    return "\n\n".join(
        f"Sentence {at} of story {number}: the harbour office counted {number * 100 + at} boats at the quay."
        for at in range(sentences)
    )


def item(
    number: int, *, text: str | None = None, guid: str | None = None, link: str | None = None, day: int = 1
) -> str:
    """An RSS item of a story, whole unless ``text`` says otherwise."""
    body = "".join(f"<p>{escape(part)}</p>" for part in (text or story(number)).split("\n\n"))
    return (
        f"<item><title>Story {number}</title><link>{link or f'http://{HOST}/story/{number}'}</link>"
        f"<guid isPermaLink='false'>{guid or f'story-{number}'}</guid>"
        f"<pubDate>{day:02} May 2025 {number // 60 % 24:02}:{number % 60:02}:00 +0000</pubDate>"
        f"<description>{escape(body)}</description></item>"
    )


def rss(items: Iterable[str], title: str = "Harbour News") -> str:
    """An RSS 2.0 feed."""
    head = f"<title>{escape(title)}</title><link>http://{HOST}/</link>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'


def page(number: int, sentences: int = 24) -> str:
    """The web page of a story."""
    text = "".join(f"<p>{escape(part)}</p>" for part in story(number, sentences).split("\n\n"))
    return (
        f"<!doctype html><html><head><title>Story {number}</title></head><body><nav>Home</nav>"
        f"<article><h1>Story {number}</h1>{text}</article></body></html>"
    )
