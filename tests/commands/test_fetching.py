"""/article fetch from end to end: a real fetcher, the sandbox, and pages on a loopback server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.model import Document
from bot.newsdesk import Newsdesk
from bot.reading.documents import read_document
from bot.reading.fetching import Fetcher
from tests.commands.conftest import World, button, shown
from tests.hostile.net import SITE, FakeResolver, Request, public_internet
from tests.reading.made import pdf

PAGES = Path(__file__).parents[1] / "quality" / "pages"
NAMES = {"paper.org": [[SITE]], "www.paper.org": [[SITE]]}
SLOW_SECONDS = 2.0


async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
    """A page of tests/quality by its name; /slow/NAME takes a while, /old/NAME redirects."""
    first, _, rest = request.path.strip("/").partition("/")
    if first == "old":
        head = f"HTTP/1.1 301 Moved\r\nLocation: http://www.paper.org/{rest}\r\nContent-Length: 0\r\n\r\n"
        writer.write(head.encode())
        return
    if first == "slow":
        await asyncio.sleep(SLOW_SECONDS)
    name = (rest or first).partition("?")[0]
    body = pdf([["The council of Brenna met on Tuesday."]]) if name == "minutes" else _page(name)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def _page(name: str) -> bytes:
    return (PAGES / f"{name}.html").read_bytes()


def wanted(name: str) -> Document:
    return read_document(f"{name}.md", (PAGES / f"{name}.md").read_bytes())


@pytest.fixture
async def online(newsdesk: Newsdesk) -> AsyncIterator[Newsdesk]:
    """Newsdesk with a real fetcher, on an internet that is one server on loopback."""
    async with public_internet(answer), Fetcher(resolver=FakeResolver(NAMES)) as fetcher:
        newsdesk._fetcher = fetcher
        yield newsdesk


@pytest.mark.parametrize("name", ["news_site_related_links", "right_to_left_hebrew", "german", "japanese"])
async def test_a_page_comes_through_the_fetcher_and_the_sandbox_as_it_is(online: Newsdesk, name: str) -> None:
    found = await online.fetch(f"http://paper.org/old/{name}")
    assert (found.title, found.text) == (wanted(name).title, wanted(name).text)
    assert found.url == f"http://www.paper.org/{name}"  # not what the page claims: that is another site's


async def test_a_pdf_behind_a_link_is_read(online: Newsdesk) -> None:
    found = await online.fetch("http://paper.org/minutes?utm_source=x")
    assert (found.text, found.url) == ("The council of Brenna met on Tuesday.", "http://paper.org/minutes")


@pytest.mark.parametrize("speed", ["", "slow/"])
async def test_a_page_is_fetched_shown_and_saved(world: World, online: Newsdesk, speed: str) -> None:
    link = f"http://paper.org/{speed}interview"
    preview = await world.admin.slash(world.channel, "article fetch", url=link)
    assert "a talk with Oriel Tamm" in shown(preview)
    assert preview.response is not None
    assert preview.ephemeral
    await world.admin.click(preview.response, custom_id=button(preview, "Save"))
    assert "Added to this server's library" in shown(preview)
    assert await online.by_link(world.guild.id, link) is not None


async def test_a_private_address_is_not_asked(world: World, online: Newsdesk) -> None:
    refused = await world.admin.slash(world.channel, "article fetch", url="http://169.254.169.254/latest/meta-data/")
    assert "is not a public web site" in shown(refused)
