"""A public internet of one machine: names, a web site on loopback that every public address leads to, and a canary.

The product's own rules stay in force: names stand for real addresses at port 80, and where the loop would connect a
socket to one of the site's, it is led to the loopback server. A connection to any other address is one that hostile
input brought about: it is noted in `Net.strayed`, and refused.
"""

from __future__ import annotations

import asyncio
import socket
import tomllib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp.abc import AbstractResolver, ResolveResult

HERE = Path(__file__).parent
SITE = "93.184.216.34"
PAGE = b"<!doctype html><title>A story</title><p>The bridge reopens in spring, the minister said.</p>"

_TLS = b"\x16"  # how a client begins that wants TLS, which is not spoken here

Names = Mapping[str, Sequence[Sequence[str]]]
Answer = Callable[["Request", asyncio.StreamWriter], Awaitable[None]]


def catalogue(name: str) -> dict[str, object]:
    """The cases in a TOML file of this folder."""
    with (HERE / name).open("rb") as file:
        return tomllib.load(file)


class FakeResolver(AbstractResolver):
    """Answers from a table: a list of addresses for each time it is asked, the last one for good."""

    def __init__(self, names: Names, port: int | None = None) -> None:
        self.names = names
        self.port = port
        self.asked: list[str] = []
        self.closed = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        answers = self.names.get(host.removesuffix("."))
        if answers is None:
            raise OSError(socket.EAI_NONAME, "Name or service not known")
        addresses = answers[min(self.asked.count(host), len(answers) - 1)]
        self.asked.append(host)
        return [
            ResolveResult(hostname=host, host=address, port=self.port or port, family=0, proto=0, flags=0)
            for address in addresses
        ]

    async def close(self) -> None:
        self.closed = True


@dataclass(frozen=True, slots=True)
class Request:
    """What the site was asked: ``path`` with its query, and the headers by lower-case name."""

    path: str
    headers: Mapping[str, str]


@dataclass(slots=True)
class Net:
    """What was dialled, and what the site was asked."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    dialled: list[str] = field(default_factory=list)
    strayed: list[str] = field(default_factory=list)


def redirect_to(url: str, status: int = 302) -> str:
    """A page of the site that redirects to ``url``, whatever is in it."""
    return f"http://paper.org/to/{status}/{urlsafe_b64encode(url.encode('utf-8', 'surrogatepass')).decode()}"


async def plain_site(request: Request, writer: asyncio.StreamWriter) -> None:
    """A page at every path, but for ``/to/`` and ``/again``, which redirect."""
    parts = request.path.split("/")
    if parts[1] == "to":
        _redirect(writer, int(parts[2]), urlsafe_b64decode(parts[3]))
    elif parts[1] == "again":
        _redirect(writer, 302, f"http://{request.headers['host']}/story".encode())
    else:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE)


def _redirect(writer: asyncio.StreamWriter, status: int, url: bytes) -> None:
    writer.write(b"HTTP/1.1 %d Elsewhere\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, url))


@asynccontextmanager
async def serving(answer: Answer, net: Net) -> AsyncIterator[int]:
    """A web server on loopback; yields its port. What it cannot write as the client has gone, it does not."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first = await reader.readexactly(1)
            if first == _TLS:
                return
            request = _request(first + await reader.readuntil(b"\r\n\r\n"))
            net.requests.append(request)
            await answer(request, writer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for _ in range(3):
            await asyncio.sleep(0)


def _request(head: bytes) -> Request:
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines) if name}
    return Request(first.split(" ")[1], headers)


@asynccontextmanager
async def public_internet(answer: Answer = plain_site) -> AsyncIterator[Net]:
    """Until it ends, the loop's connections to the site lead to a server that answers with ``answer``."""
    loop = asyncio.get_running_loop()
    connect = loop.sock_connect
    net = Net()

    async def dial(sock: socket.socket, address: tuple[str, int]) -> None:
        net.dialled.append(address[0])
        if address not in ((SITE, 80), (SITE, 443)):
            net.strayed.append(f"{address[0]} port {address[1]}")
            raise ConnectionRefusedError
        await connect(sock, ("127.0.0.1", net.port))

    async with serving(answer, net) as net.port:
        loop.sock_connect = dial  # type: ignore[method-assign, assignment]
        try:
            yield net
        finally:
            del loop.sock_connect
