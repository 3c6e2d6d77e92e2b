"""A stretch of network between a program and PostgreSQL, to be cut, blocked, or cut at one message of a conversation.

    async with Proxy(server) as proxy:
        ... proxy.url(database) ...
        proxy.cut()                       # every connection, at once
        proxy.refuse()                    # as where no server runs; `mend` ends it
        proxy.stall()                     # nothing comes through, and nobody is told; `mend` ends it
        proxy.forget()                    # the same for what is open now, for good, as where a machine was switched off
        proxy.cut_at(7, "before")         # before the server has the 7th message from now on
        proxy.cut_at(7, "after")          # once the server has answered it, and before anybody hears that

Messages are those of the client: https://www.postgresql.org/docs/current/protocol-message-formats.html.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self

from tests.postgres import USER, Server

Side = Literal["before", "after"]

_UNTYPED: Final = {80877103, 80877102, 80877104}  # requests for encryption and to cancel: another first message follows
_ANSWERED: Final = (b"Q", b"S", b"H")  # messages that make the server send what it has to say


class Proxy:
    """Everything runs in the loop that entered it."""

    def __init__(self, server: Server) -> None:
        self._socket = str(Path(server.folder) / f".s.PGSQL.{server.port}")
        self._open: set[_Line] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._news = asyncio.Condition()
        self._is_refusing = False
        self._left: int | None = None
        self._side: Side = "before"
        self.messages = 0
        """How many messages clients have sent."""
        self.connections = 0
        self.cuts = 0
        self.asked_in_vain = 0
        """How often a statement was sent on a connection that was forgotten."""

    async def __aenter__(self) -> Self:
        self._listening = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(self._listening.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.close()
        self.cut()
        self.mend()
        while self._open:
            await asyncio.gather(*(line.ended.wait() for line in list(self._open)))

    def url(self, database: str) -> str:
        """As DATABASE_URL names a database of the server at the other end."""
        return f"postgresql+asyncpg://{USER}@127.0.0.1:{self.port}/{database}?ssl=disable"

    def cut(self) -> None:
        """Cut every connection without a closing word."""
        for line in self._open:
            line.cut()

    def refuse(self) -> None:
        """Cut every connection, and from now on every new one."""
        self._is_refusing = True
        self.cut()

    def stall(self) -> None:
        """Let nothing through any more, in either direction."""
        self._flowing.clear()

    async def until_cuts(self, number: int) -> None:
        """Wait until so many cuts were made at messages."""
        async with self._news:
            await self._news.wait_for(lambda: self.cuts >= number)

    def forget(self) -> None:
        """Let nothing through any more of the connections that are open."""
        for line in self._open:
            line.is_forgotten = True

    def mend(self) -> None:
        """Let everything through that is still waiting, and new connections."""
        self._is_refusing, self._left = False, None
        self._flowing.set()

    def cut_at(self, number: int, side: Side) -> None:
        """Cut every connection at the ``number``-th message from now on, and none later.

        "after" is at the first one from there on that the server answers.
        """
        self._left, self._side = number, side

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self._is_refusing:
            writer.transport.abort()
            return
        line = _Line(self, reader, writer)
        self._open.add(line)
        try:
            await line.run(self._socket)
        finally:
            self._open.discard(line)
            line.ended.set()

    async def flow(self) -> None:
        await self._flowing.wait()

    async def comes(self, kind: bytes) -> Side | None:
        """A message is about to be passed on: where everything is to be cut at this one, on which side of it."""
        self.messages += 1
        if self._left is None:
            return None
        self._left -= 1
        if self._left > 0 or (self._side == "after" and kind not in _ANSWERED):
            return None
        self._left = None
        self.cuts += 1
        async with self._news:
            self._news.notify_all()
        return self._side


class _Line:
    """One connection."""

    def __init__(self, proxy: Proxy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._client = (reader, writer)
        self._writers = [writer]
        self._is_mute = False
        self.is_forgotten = False
        self.ended = asyncio.Event()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def run(self, path: str) -> None:
        with suppress(OSError):
            reader, writer = await asyncio.open_unix_connection(path)
            self._writers.append(writer)
            there = asyncio.create_task(self._there(writer))
            back = asyncio.create_task(self._back(reader))
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({there, back}, timeout=0 if self._is_mute else 0.05)
            for task in (there, back):
                task.cancel()
            await asyncio.gather(there, back, return_exceptions=True)
        self.cut()

    async def _there(self, server: asyncio.StreamWriter) -> None:
        async for kind, message in _messages(self._client[0]):
            await self._proxy.flow()
            if self.is_forgotten:
                self._proxy.asked_in_vain += kind in _ANSWERED
                continue
            side = await self._proxy.comes(kind)
            if side == "before":
                self._proxy.cut()
                return
            self._is_mute = self._is_mute or side == "after"
            server.write(message)
            await server.drain()

    async def _back(self, server: asyncio.StreamReader) -> None:
        client = self._client[1]
        while data := await server.read(65_536):
            if self._is_mute:
                self._proxy.cut()
                return
            await self._proxy.flow()
            if self.is_forgotten:
                continue
            client.write(data)
            await client.drain()


async def _messages(reader: asyncio.StreamReader) -> AsyncIterator[tuple[bytes, bytes]]:
    """The client's messages with their kinds; the first ones have none."""
    with suppress(asyncio.IncompleteReadError, OSError):
        begun = False
        while True:
            kind = await reader.readexactly(1) if begun else b""
            length = await reader.readexactly(4)
            body = await reader.readexactly(struct.unpack("!I", length)[0] - 4)
            begun = begun or struct.unpack("!I", body[:4])[0] not in _UNTYPED
            yield kind, kind + length + body
