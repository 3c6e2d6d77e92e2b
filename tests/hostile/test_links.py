"""Links that try to lead the bot to where it must not go: nothing but the public site is ever dialled."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

import pytest
from aiohttp import TCPConnector
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import CannotFetch
from bot.reading.addresses import is_public, may_dial
from bot.reading.fetching import Fetcher
from bot.reading.targets import target
from tests.hostile.net import FakeResolver, Net, catalogue, plain_site, public_internet, redirect_to, serving

LINKS: list[dict[str, Any]] = catalogue("links.toml")["link"]  # type: ignore[assignment]
NAMES: dict[str, list[list[str]]] = catalogue("names.toml")  # type: ignore[assignment]
ADDRESSES: dict[str, dict[str, list[str]]] = catalogue("addresses.toml")  # type: ignore[assignment]
STATUSES = (301, 302, 303, 307, 308)


def all_addresses(kind: str) -> list[str]:
    return [address for addresses in ADDRESSES[kind].values() for address in addresses]


def written(case: dict[str, Any]) -> str:
    url: str = case["url"]
    return url.encode().decode("unicode_escape") if case.get("escaped") else url


def bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


async def fetch(url: str, names: dict[str, list[list[str]]] = NAMES) -> tuple[str, Net]:
    """ "read", or the sentence that refuses ``url``; and what was dialled meanwhile."""
    async with public_internet() as net, Fetcher(resolver=FakeResolver(names)) as fetcher:
        try:
            fetched = await fetcher.fetch(url)
        except CannotFetch as refused:
            return str(refused), net
    assert fetched.status == 200
    return "read", net


def check(case: dict[str, Any], said: str, net: Net) -> None:
    assert net.strayed == []
    assert any(piece in said for piece in case["outcome"].split("|")), said
    assert said == "read" or (said.count("\n") == 0 and len(said) < 300)


@pytest.mark.parametrize("case", LINKS, ids=lambda case: case["name"])
async def test_a_link_is_read_or_refused_as_the_catalogue_says(case: dict[str, Any]) -> None:
    check(case, *await fetch(written(case)))


@pytest.mark.parametrize(
    ("case", "status"),
    [(case, STATUSES[at % 5]) for at, case in enumerate(LINKS) if case.get("redirected", True)],
    ids=lambda value: value["name"] if isinstance(value, dict) else str(value),
)
async def test_a_redirect_leads_no_further_than_the_link_itself(case: dict[str, Any], status: int) -> None:
    said, net = await fetch(redirect_to(written(case), status))
    assert net.strayed == []
    assert net.requests[0].path.startswith("/to/")
    if case["outcome"] == "read":
        assert said == "read"
    elif any(sign in written(case) for sign in "\r\n\t\\ "):
        assert said != "read" or net.requests[-1].headers["host"] == "paper.org"
    elif not written(case).startswith("//"):
        check(case, said, net)


@pytest.mark.parametrize("address", all_addresses("refused"))
async def test_an_address_that_is_not_public_is_not_dialled_by_any_way(address: str) -> None:
    link = f"http://{bracketed(address)}/"
    names = NAMES | {"named.org": [[address]]}
    for url in (link, redirect_to(link), "http://named.org/", redirect_to("http://named.org/")):
        said, net = await fetch(url, names)
        assert "not a public web site" in said, url
        assert net.strayed == []
    assert not may_dial(address, 80)


@pytest.mark.parametrize("address", all_addresses("public"))
async def test_a_public_address_is_dialled_at_the_ports_of_the_web_alone(address: str) -> None:
    said, net = await fetch("http://named.org/", {"named.org": [[address]]})
    assert net.strayed == [f"{address} port 80"]  # led nowhere here, so that this says it was let through
    assert "cannot be reached" in said
    assert may_dial(address, 443)
    assert not any(may_dial(address, port) for port in (0, 22, 25, 53, 79, 81, 444, 3306, 6379, 8080, 8443))


@pytest.mark.parametrize("address", all_addresses("refused"))
async def test_the_gate_alone_keeps_an_address_from_being_dialled(address: str) -> None:
    """What a resolver says after it was checked, as in DNS rebinding, meets the gate that makes the socket."""
    async with public_internet() as net:
        fetcher = Fetcher()
        unchecked = FakeResolver({"named.org": [[address]]})
        async with fetcher:
            connector = fetcher._session.connector if fetcher._session else None
            assert isinstance(connector, TCPConnector)
            connector._resolver = unchecked
            with pytest.raises(CannotFetch, match="not a public web site"):
                await fetcher.fetch("http://named.org/")
        assert unchecked.asked == ["named.org"]
        assert net.dialled == []


async def test_no_name_leads_to_a_real_socket_that_listens_beside_the_site() -> None:
    site, beside = Net(), Net()
    async with serving(plain_site, site) as port, serving(plain_site, beside) as canary:
        names = {"paper.org": [["127.0.0.1"]]}
        async with Fetcher(resolver=FakeResolver(names, port), may_dial=lambda _, at: at == port) as fetcher:
            assert (await fetcher.fetch("http://paper.org/")).status == 200
        for way in (lambda _, at: at == port, may_dial):
            async with Fetcher(resolver=FakeResolver(names, canary), may_dial=way) as fetcher:
                with pytest.raises(CannotFetch, match="not a public"):
                    await fetcher.fetch("http://paper.org/")
    assert len(site.requests) == 1
    assert beside.requests == []


async def test_a_name_is_asked_for_once_and_dialled_as_it_was_checked() -> None:
    names = {"paper.org": [["93.184.216.34"], ["127.0.0.1"]]}
    resolver = FakeResolver(names)
    async with public_internet() as net, Fetcher(resolver=resolver) as fetcher:
        await fetcher.fetch("http://paper.org/")
        with pytest.raises(CannotFetch, match="not a public"):
            await fetcher.fetch("http://paper.org/")
    assert net.strayed == []
    assert resolver.asked == ["paper.org", "paper.org"]
    assert resolver.closed


async def test_many_at_once_are_each_checked_by_themselves() -> None:
    urls = [written(case) for case in LINKS] * 2
    async with public_internet() as net, Fetcher(resolver=FakeResolver(NAMES)) as fetcher:
        found = await asyncio.gather(*map(fetcher.fetch, urls), return_exceptions=True)
    assert net.strayed == []
    assert {type(one).__name__ for one in found} == {"Fetched", "CannotFetch"}


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1))
def test_no_address_that_carries_another_is_public(inner: int, rest: int) -> None:
    carriers = (
        0xFFFF << 32 | inner,
        inner,
        0x64FF9B << 96 | inner,
        0x2002 << 112 | inner << 80 | rest,
        0x20010000 << 96 | inner << 64 | rest,
        0x2A001450 << 96 | 0x5EFE << 32 | inner,
    )
    assert not any(is_public(ip_address(value.to_bytes(16))) for value in carriers)


@given(st.integers(0, 2**32 - 1))
def test_what_ipaddress_calls_private_is_never_public(value: int) -> None:
    address = ip_address(value.to_bytes(4))
    if address.is_private or address.is_multicast or address.is_reserved or not address.is_global:
        assert not is_public(address)


@given(st.one_of(st.text(), st.text("htps:/\\@#?[]%.0x127a١。 \t"), st.text().map("http://".__add__)))
def test_whatever_is_written_is_a_target_or_refused(link: str) -> None:
    with suppress(CannotFetch):  # and nothing else
        found = target(link)
        assert found.scheme in ("http", "https")
        assert found.port in (80, 443)
        assert found.raw_host
        assert found.user is None
