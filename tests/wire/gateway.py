"""The double's gateway: sessions, each of one shard, and the sockets on which they are heard.

A session keeps every dispatch to its shard under its number. Whoever resumes it is sent what it has not seen, in order,
and whoever asks for a session that is gone is told that it is invalid. A dispatch while nobody is connected waits for
that. Several sessions of one shard are heard side by side, as Discord allows (gateway.mdx, Sharding).

    IDENTIFY -> `Starts` -> `Session` -> READY, GUILD_CREATE of its servers -> every dispatch that is its shard's
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from aiohttp import WSMsgType, web

from tests.wire import events, objects
from tests.wire.objects import Json
from tests.wire.places import pristine
from tests.wire.rest import Rest
from tests.wire.servers import Shard

HEARTBEAT_MS = 41_250  # what Discord says in its HELLO
DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 0, 1, 2, 6, 7, 9, 10, 11
AUTHENTICATION_FAILED, ALREADY_AUTHENTICATED, INVALID_SHARD, SHARDING_REQUIRED = 4004, 4005, 4010, 4011
GOING_AWAY = (1000, 1001)  # who closes with these ends the session too (gateway.mdx, Initiating a Disconnect)
RESUMABLE_SECONDS = 180.0  # "a few minutes"
_BREATH = 50  # servers that are told of before others have their turn

Made = Callable[[], Json]
"""Makes the data of a dispatch, the same each time: that of a server in which nothing happened is not kept."""


class Dispatch(NamedTuple):
    event: str
    data: Made


@dataclass(eq=False)
class Session:
    """What was dispatched so far; the number of a dispatch is its place, from 1."""

    id: str
    shard: Shard
    intents: int
    by: str = ""  # the process that began it
    sent: list[Dispatch] = field(default_factory=list)
    connection: Connection | None = None
    lost_at: float | None = None
    introduced: bool = False  # it was told of all its servers

    def payload(self, number: int) -> Json:
        event, data = self.sent[number - 1]
        return {"op": DISPATCH, "t": event, "s": number, "d": data()}


@dataclass(eq=False)
class Connection:
    """A socket, and the session that is heard on it once it has identified itself or resumed one."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport
    by: str = ""
    session: Session | None = None
    heard: int = 0  # the highest number that a heartbeat named


class Gateway:
    """Where a bot listens. A ``shard`` of a method is the one that is meant, None for all."""

    def __init__(self, rest: Rest, news: Callable[[], None]) -> None:
        self.address = ""
        self.identified = 0
        self.resumed = 0
        self.heartbeats = 0
        self.acknowledges = True  # heartbeats; False: as a connection that died unnoticed
        self.heartbeat_ms = HEARTBEAT_MS
        self.refuses: int | None = None  # who identifies or resumes is sent away with this close code
        self.resumable_seconds = RESUMABLE_SECONDS
        self.unheard: list[str] = []  # events of shards that no session was of: they are lost
        self.broken: list[str] = []
        self._rest = rest
        self._news = news
        self._connections: list[Connection] = []
        self._sessions: dict[str, Session] = {}

    def connected(self, by: str | None = None) -> Counter[Shard]:
        """How many sessions of each shard are heard now and know all their servers; all, or those of a process."""
        heard = (one for one in self._sessions.values() if one.introduced and one.connection)
        return Counter(one.shard for one in heard if by in (None, one.by))

    async def dispatch(self, event: str, data: Json) -> None:
        """Tell the sessions of the event's shard: at once where they are connected, else when they are resumed."""
        assert self.identified, f"nobody has identified: {event} has no one to go to"
        self.broken += events.violations(event, data) if self._rest.is_held() else []
        guild, self._sessions = events.server_of(event, data), {one.id: one for one in self._living()}
        told = [session for session in self._sessions.values() if session.shard.has(guild)]
        if not told:
            self.unheard.append(event)
        for session in told:
            if events.is_asked_for(event, data, session.intents):
                await self._say(session, event, lambda: data)

    def cut(self, shard: Shard | None = None) -> None:
        """End connections without a closing word."""
        for connection in self._of(shard):
            _part(connection)  # what is dispatched from now on is not for a socket that is gone
            connection.transport.abort()

    def stall(self, shard: Shard | None = None) -> None:
        """Hear and say nothing more, as when a cable is pulled."""
        for connection in self._of(shard):
            connection.transport.pause_reading()

    async def ask_to_reconnect(self, shard: Shard | None = None) -> None:
        for connection in self._of(shard):
            await _send(connection, {"op": RECONNECT, "d": None})

    async def invalidate(self, *, resumable: bool, shard: Shard | None = None) -> None:
        """Call sessions invalid; where one is not resumable it is gone, and what it was not told with it."""
        told = self._of(shard)
        if not resumable:
            self.forget_session(shard)
        for connection in told:
            await _send(connection, {"op": INVALID_SESSION, "d": resumable})

    def forget_session(self, shard: Shard | None = None) -> None:
        """As when it was away for too long: who asks to resume it must begin anew."""
        for session in [one for one in self._sessions.values() if shard in (None, one.shard)]:
            self._forget(session)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, from HELLO to its end."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        assert request.transport is not None
        connection = Connection(socket, request.transport, request.match_info.get("by", ""))
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
            session = _part(connection)
            if session is not None and socket.close_code in GOING_AWAY:
                self._forget(session)
            self._news()
        return socket

    async def _hear(self, connection: Connection, op: int, data: Any) -> None:
        if op == HEARTBEAT:
            await self._heartbeat(connection, data)
        elif op in (IDENTIFY, RESUME):
            if code := self._refusal(connection, data):
                await connection.socket.close(code=code)
            elif op == IDENTIFY:
                await self._identify(connection, data)
            else:
                await self._resume(connection, data["session_id"], data["seq"])

    def _refusal(self, connection: Connection, data: Json) -> int | None:
        """The close code with which an IDENTIFY or RESUME is sent away, by what both have in common."""
        if self.refuses:
            return self.refuses
        if data["token"] != self._rest.token:
            return AUTHENTICATION_FAILED
        known = connection.session is not None and connection.session.id in self._sessions
        return ALREADY_AUTHENTICATED if known else None

    async def _heartbeat(self, connection: Connection, number: int | None) -> None:
        """Acknowledge, and see that the bot names a dispatch that it was sent, and never an earlier one than before."""
        self.heartbeats += 1
        sent = len(connection.session.sent) if connection.session else None
        if sent is not None and not connection.heard <= (number or 0) <= sent:
            self.broken.append(f"a heartbeat named {number}, after {connection.heard} and of {sent} dispatches")
        connection.heard = number or 0
        if self.acknowledges:
            await _send(connection, {"op": HEARTBEAT_ACK})

    async def _identify(self, connection: Connection, data: Json) -> None:
        starts, shard = self._rest.starts, Shard(*data.get("shard", ()))
        if not 0 <= shard.id < shard.count:
            await connection.socket.close(code=INVALID_SHARD, message=b"Invalid shard.")
        elif starts.needs_more_shards(shard):
            await connection.socket.close(code=SHARDING_REQUIRED, message=b"Sharding required.")
        elif not starts.remaining:  # Discord resets the token then, and ends every session
            self.broken.append(f"more than {starts.total} sessions were begun in a day: Discord resets the token")
            await connection.socket.close(code=AUTHENTICATION_FAILED, message=b"Authentication failed.")
        elif not starts.take(shard):
            await _send(connection, {"op": INVALID_SESSION, "d": False})
        else:
            session = Session(objects.new_id(), shard, data["intents"], connection.by)
            await self._welcome(connection, session, names_shard="shard" in data)

    async def _welcome(self, connection: Connection, session: Session, *, names_shard: bool) -> None:
        """READY, and then each server of the shard; whoever else is told something meanwhile is not kept waiting."""
        self._sessions[session.id] = session
        _join(connection, session)
        servers = self._rest.servers.of(session.shard)
        ready = partial(self._ready, session, servers, names_shard)
        self.broken += events.violations("READY", ready())
        await self._say(session, "READY", ready)
        for number, guild in enumerate(servers):
            if number % _BREATH == _BREATH - 1:
                await asyncio.sleep(0)
            if guild in self._rest.servers:
                await self._say(session, "GUILD_CREATE", self._introduction(guild))
        session.introduced = True
        self.identified += 1

    def _ready(self, session: Session, servers: Sequence[str], names_shard: bool) -> Json:
        resumed_at = "/".join(filter(None, (self.address, session.by, "gateway")))
        here = {"v": 10, "session_id": session.id, "resume_gateway_url": resumed_at}
        us = {"user": objects.this_user(), "application": {"id": objects.APPLICATION, "flags": 0}}
        shard = {"shard": [session.shard.id, session.shard.count]} if names_shard else {}
        return {**here, **us, **shard, "guilds": [{"id": guild, "unavailable": True} for guild in servers]}

    def _introduction(self, guild: str) -> Made:
        """A server as it is now. One in which nothing happened is made again for whoever resumes."""
        made = self._rest.places.server(guild)
        self.broken += events.violations("GUILD_CREATE", made)
        is_pristine = self._rest.places.is_untouched(guild) and not made.get("unavailable")
        return partial(pristine, guild) if is_pristine else lambda: made

    async def _say(self, session: Session, event: str, data: Made) -> None:
        session.sent.append(Dispatch(event, data))
        if session.connection is not None and not session.connection.socket.closed:
            await _send(session.connection, session.payload(len(session.sent)))

    async def _resume(self, connection: Connection, session_id: str, seen: int) -> None:
        self._sessions = {one.id: one for one in self._living()}
        session = self._sessions.get(session_id)
        if session is None or not 0 <= seen <= len(session.sent):
            await _send(connection, {"op": INVALID_SESSION, "d": False})
            return
        connection.heard = seen
        while seen < len(session.sent):  # what is dispatched meanwhile has its turn too
            seen += 1
            await _send(connection, session.payload(seen))
        _join(connection, session)
        await self._say(session, "RESUMED", dict)
        self.resumed += 1

    def _of(self, shard: Shard | None) -> list[Connection]:
        """The connections of a shard; of all, those too that nobody has identified on."""
        return [one for one in self._connections if shard is None or (one.session and one.session.shard == shard)]

    def _living(self) -> Iterator[Session]:
        """The sessions that are heard, or may still be resumed."""
        gone = time.monotonic() - self.resumable_seconds
        return (one for one in self._sessions.values() if one.lost_at is None or one.lost_at > gone)

    def _forget(self, session: Session) -> None:
        self._sessions.pop(session.id, None)


def _join(connection: Connection, session: Session) -> None:
    """From now on a session is heard on this connection and no other."""
    if session.connection is not None:
        _part(session.connection)
    connection.session, session.connection, session.lost_at = session, connection, None


def _part(connection: Connection) -> Session | None:
    """A session is not heard on its connection any more; returns it."""
    session, connection.session = connection.session, None
    if session is not None:
        session.connection, session.lost_at = None, time.monotonic()
    return session


async def _send(connection: Connection, payload: Json) -> None:
    """Say it, unless the connection is gone: what it was about is kept in its session."""
    try:
        await connection.socket.send_json(payload)
    except ConnectionError:
        return
