"""The double's gateway: sessions, and the sockets on which they are heard.

A session keeps every dispatch under its number. Whoever resumes it is sent what it has not seen, in order, and whoever
asks for a session that is gone is told that it is invalid. A dispatch while nobody is connected waits for that.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.wire import objects
from tests.wire.objects import Json

HEARTBEAT_MS = 41_250  # what Discord says in its HELLO
DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 0, 1, 2, 6, 7, 9, 10, 11
AUTHENTICATION_FAILED = 4004


@dataclass
class Session:
    """What was dispatched so far; the number of a dispatch is its place, from 1."""

    id: str
    sent: list[Json] = field(default_factory=list)


@dataclass(eq=False)
class Connection:
    """A socket, and the session that is heard on it once it has identified itself or resumed one."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport
    session: Session | None = None
    heard: int = 0  # the highest number that a heartbeat named


class Gateway:
    """Where a bot listens. ``token`` says which one is right; ``introduce`` makes what READY is followed by."""

    def __init__(self, token: Callable[[], str], introduce: Callable[[], Json], news: Callable[[], None]) -> None:
        self.address = ""
        self.identified = 0
        self.resumed = 0
        self.heartbeats = 0
        self.acknowledges = True  # heartbeats; False: as a connection that died unnoticed
        self.heartbeat_ms = HEARTBEAT_MS
        self.refuses: int | None = None  # who identifies or resumes is sent away with this close code
        self.broken: list[str] = []
        self._token = token
        self._introduce = introduce
        self._news = news
        self._connections: list[Connection] = []
        self._session: Session | None = None

    async def dispatch(self, event: str, data: Json) -> None:
        """Tell the session of ``event``: at once where it is connected, else when it is resumed."""
        assert self._session is not None, f"nobody has identified: {event} has no one to go to"
        self._session.sent.append({"op": DISPATCH, "t": event, "s": len(self._session.sent) + 1, "d": data})
        for connection in self._connections:
            if connection.session is self._session and not connection.socket.closed:
                await _send(connection, self._session.sent[-1])

    def cut(self) -> None:
        """End every connection without a closing word."""
        for connection in self._connections:
            connection.session = None  # what is dispatched from now on is not for a socket that is gone
            connection.transport.abort()

    def stall(self) -> None:
        """Hear and say nothing more, as when a cable is pulled."""
        for connection in self._connections:
            connection.transport.pause_reading()

    async def ask_to_reconnect(self) -> None:
        await self._tell({"op": RECONNECT, "d": None})

    async def invalidate(self, *, resumable: bool) -> None:
        """Call the session invalid; where it is not resumable it is gone, and what it was not told with it."""
        if not resumable:
            self.forget_session()
        await self._tell({"op": INVALID_SESSION, "d": resumable})

    def forget_session(self) -> None:
        """As when it was away for too long: who asks to resume it must begin anew."""
        self._session = None

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, from HELLO to its end."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        assert request.transport is not None
        connection = Connection(socket, request.transport)
        self._connections.append(connection)
        try:
            await _send(connection, {"op": HELLO, "d": {"heartbeat_interval": self.heartbeat_ms}})
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    said = json.loads(frame.data)
                    await self._hear(connection, said["op"], said["d"])
                    self._news()
        finally:
            self._connections.remove(connection)
        return socket

    async def _hear(self, connection: Connection, op: int, data: Any) -> None:
        if op == HEARTBEAT:
            await self._heartbeat(connection, data)
        elif op in (IDENTIFY, RESUME) and self.refuses:
            await connection.socket.close(code=self.refuses)
        elif op in (IDENTIFY, RESUME) and data["token"] != self._token():
            await connection.socket.close(code=AUTHENTICATION_FAILED, message=b"Authentication failed.")
        elif op == IDENTIFY:
            await self._welcome(connection)
        elif op == RESUME:
            await self._resume(connection, data["session_id"], data["seq"])

    async def _heartbeat(self, connection: Connection, number: int | None) -> None:
        """Acknowledge, and see that the bot names a dispatch that it was sent, and never an earlier one than before."""
        self.heartbeats += 1
        sent = len(connection.session.sent) if connection.session else None
        if sent is not None and not connection.heard <= (number or 0) <= sent:
            self.broken.append(f"a heartbeat named {number}, after {connection.heard} and of {sent} dispatches")
        connection.heard = number or 0
        if self.acknowledges:
            await _send(connection, {"op": HEARTBEAT_ACK})

    async def _welcome(self, connection: Connection) -> None:
        self._session = connection.session = Session(f"session-{self.identified}")
        here = {"v": 10, "session_id": self._session.id, "resume_gateway_url": f"{self.address}/gateway"}
        us = {"user": objects.user(objects.BOT), "application": {"id": objects.APPLICATION, "flags": 0}}
        await self.dispatch("READY", {**here, **us, "guilds": [{"id": objects.GUILD, "unavailable": True}]})
        await self.dispatch("GUILD_CREATE", self._introduce())
        self.identified += 1

    async def _resume(self, connection: Connection, session_id: str, seen: int) -> None:
        session = self._session
        if session is None or session.id != session_id or not 0 <= seen <= len(session.sent):
            await _send(connection, {"op": INVALID_SESSION, "d": False})
            return
        connection.heard = seen
        while seen < len(session.sent):  # what is dispatched meanwhile has its turn too
            seen += 1
            await _send(connection, session.sent[seen - 1])
        connection.session = session
        await self.dispatch("RESUMED", {})
        self.resumed += 1

    async def _tell(self, payload: Json) -> None:
        for connection in list(self._connections):
            await _send(connection, payload)


async def _send(connection: Connection, payload: Json) -> None:
    """Say it, unless the connection is gone: what it was about is kept in its session."""
    try:
        await connection.socket.send_json(payload)
    except ConnectionError:
        return
