"""A double of Discord on a loopback socket: HTTP API, gateway, and faults on request.

    async with Double() as discord:           # http://127.0.0.1:PORT, see launch.py
        await discord.ready()                 # the bot has identified and knows its server
        answer = await discord.command("quote", query="peace")
        await discord.press(answer, "Next")
        discord.fail("POST", "/channels/*", status=502, carried_out=True)

`rest.Rest` holds what the API does. Leaving the block without an error asserts that Discord would have taken every
request the bot made.
"""

from __future__ import annotations

import asyncio
import fnmatch
import json
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import WSMsgType, web

from tests.wire import objects
from tests.wire.objects import MEMBER, Json
from tests.wire.rest import Answer, Refusal, Rest

TOKEN = "no-token-of-anyone-just.double.of-the-shape-they-have"
PATIENCE_SECONDS = 30.0  # no test waits longer than this for what takes a second or two on an idle machine
HEARTBEAT_MS = 41_250  # what Discord says in its HELLO
DISPATCH, HEARTBEAT, IDENTIFY, RESUME, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 0, 1, 2, 6, 9, 10, 11
COMMAND, COMPONENT, FORM = 2, 3, 5  # types of interaction
ROW, BUTTON, LABEL = 1, 2, 18  # types of component

T = TypeVar("T")


def respond(body: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON response whose content type names no charset: discord.py reads any other as text."""
    content = json.dumps(body).encode()
    return web.Response(body=content, status=status, content_type="application/json", headers=headers)


@dataclass(frozen=True)
class Request:
    """A request of the bot; ``status`` is what it was answered, 0 where the connection was dropped."""

    method: str
    path: str
    body: Any
    status: int


@dataclass
class Fault:
    """See `Double.fail`."""

    method: str
    path_glob: str
    status: int
    code: int
    times: int
    drop: bool
    delay_seconds: float
    retry_after_seconds: float
    carried_out: bool

    def takes(self, method: str, path: str) -> bool:
        return self.times > 0 and method == self.method and fnmatch.fnmatchcase(path, self.path_glob)

    def response(self) -> web.Response:
        """A 429 of Discord itself has ``Via``; one without it comes from Cloudflare, and discord.py gives up."""
        if self.status != 429:
            return respond({"message": "a fault was asked for", "code": self.code}, self.status)
        body = {"message": "You are being rate limited.", "retry_after": self.retry_after_seconds, "global": False}
        return respond(body, 429, {"Via": "1.1 google"})


class Double:
    """Discord, as far as the bot can tell. Everything runs in the loop that entered it."""

    def __init__(self, token: str = TOKEN) -> None:
        self.rest = Rest(token)
        self.requests: list[Request] = []
        self.identified = 0
        self.resumed = 0
        self._faults: list[Fault] = []
        self._news = asyncio.Event()
        self._sockets: list[tuple[web.WebSocketResponse, asyncio.Transport]] = []
        self._sequence = 0
        app = web.Application()
        app.router.add_get("/gateway{_:/?}", self._gateway)
        app.router.add_route("*", "/api/v10/{path:.*}", self._api)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.lose_gateway()
        await self._runner.cleanup()
        if error is None:
            assert not self.rest.broken, "requests Discord would refuse:\n" + "\n".join(self.rest.broken)

    # What a test asks for

    def fail(
        self,
        method: str,
        path_glob: str,
        *,
        status: int = 500,
        code: int = 0,
        times: int = 1,
        drop: bool = False,
        delay_seconds: float = 0,
        retry_after_seconds: float = 0,
        carried_out: bool = False,
    ) -> None:
        """Answer the next ``times`` such requests with ``status`` (0: as usual), or drop the connection instead.

        ``path_glob`` is matched after the API's version; the gateway is GET /gateway. ``carried_out``: Discord does
        what was asked all the same.
        """
        fault = Fault(
            method, path_glob, status, code, times, drop, delay_seconds, retry_after_seconds, carried_out or not status
        )
        self._faults.append(fault)

    def lose_gateway(self) -> None:
        """Cut every gateway connection without a closing word."""
        for _, transport in self._sockets:
            transport.abort()

    def stall_gateway(self) -> None:
        """Hear and say nothing more on the gateway, as when a cable is pulled."""
        for _, transport in self._sockets:
            transport.pause_reading()

    async def ready(self) -> None:
        """Wait until a bot has identified itself and has been told of its server."""
        await self.until(lambda: self.identified)

    def sent(self, method: str, path_glob: str) -> list[Request]:
        """The answered requests so far, in order."""
        return [one for one in self.requests if one.method == method and fnmatch.fnmatchcase(one.path, path_glob)]

    async def until(self, holds: Callable[[], T]) -> T:
        """Wait until something the bot does makes ``holds`` true, and return that."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (found := holds()):
                self._news.clear()
                await self._news.wait()
        return found

    # What a person does

    async def command(self, line: str, *, by: str = MEMBER, **options: Any) -> Answer:
        """Give the slash command ``line`` ("quote", "article list")."""
        return await self.interact(COMMAND, objects.command_data(self.rest.commands, line, options), by)

    async def press(self, answer: Answer, label: str, *, by: str = MEMBER) -> Answer:
        """Press the button of that label under an answer."""
        assert answer.message is not None
        buttons = [one for one in objects.walk(answer.message["components"]) if one["type"] == BUTTON]
        (button,) = [one for one in buttons if one["label"] == label]
        assert not button.get("disabled"), f"the button {label} is disabled"
        data = {"custom_id": button["custom_id"], "component_type": BUTTON, "id": button["id"]}
        return await self.interact(COMPONENT, data, by, message=answer.message)

    async def submit(self, answer: Answer, values: dict[str, str], *, by: str = MEMBER) -> Answer:
        """Send the form that ``answer`` opened, filled in by label; what is not named stays empty."""
        labels = [one for one in answer.data["components"] if one["type"] == LABEL]
        inputs = [
            {"type": LABEL, "component": {**one["component"], "value": values.get(one["label"], "")}} for one in labels
        ]
        return await self.interact(FORM, {"custom_id": answer.data["custom_id"], "components": inputs}, by)

    async def interact(self, kind: int, data: Json, by: str, *, message: Json | None = None) -> Answer:
        """Send an INTERACTION_CREATE and wait for the bot's answer: its message, form or choices."""
        interaction = objects.interaction(kind, data, by)
        if message is not None:
            interaction["message"] = message
        answer = Answer(interaction)
        self.rest.expect(answer)
        await self._dispatch("INTERACTION_CREATE", interaction)
        await self.until(lambda: answer.given)
        return answer

    # The HTTP API

    async def _api(self, request: web.Request) -> web.StreamResponse:
        path = "/" + request.match_info["path"]
        body = await request.json() if request.can_read_body else None
        fault = await self._fault(request.method, path)
        response = web.Response()
        if fault is None or fault.carried_out:
            response = self._handled(request, path, body)
        if fault is not None and fault.status:
            response = fault.response()
        dropped = fault is not None and fault.drop
        if dropped and request.transport is not None:
            request.transport.abort()
        self.requests.append(Request(request.method, path, body, 0 if dropped else response.status))
        self._news.set()
        return response

    async def _fault(self, method: str, path: str) -> Fault | None:
        fault = next((fault for fault in self._faults if fault.takes(method, path)), None)
        if fault is not None:
            fault.times -= 1
            await asyncio.sleep(fault.delay_seconds)
        return fault

    def _handled(self, request: web.Request, path: str, body: Json | None) -> web.Response:
        try:
            answer = self.rest.handle(request.method, path, body, request.headers.get("Authorization"))
        except Refusal as refusal:
            return respond(refusal.body, refusal.status)
        return respond(answer)

    # The gateway

    async def _gateway(self, request: web.Request) -> web.StreamResponse:
        if fault := await self._fault(request.method, "/gateway"):
            return fault.response()
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        assert request.transport is not None
        self._sockets.append(connection := (socket, request.transport))
        try:
            await socket.send_json({"op": HELLO, "d": {"heartbeat_interval": HEARTBEAT_MS}})
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    said = json.loads(frame.data)
                    await self._hear(socket, said["op"], said["d"])
        finally:
            self._sockets.remove(connection)
        return socket

    async def _hear(self, socket: web.WebSocketResponse, op: int, data: Any) -> None:
        if op == HEARTBEAT:
            await socket.send_json({"op": HEARTBEAT_ACK})
        elif op in (IDENTIFY, RESUME) and data["token"] != self.rest.token:
            await socket.close(code=4004, message=b"Authentication failed.")
        elif op == IDENTIFY:
            await self._welcome()
            self.identified += 1
        elif op == RESUME:
            await self._dispatch("RESUMED", {})
            self.resumed += 1
        self._news.set()

    async def _welcome(self) -> None:
        here = {"v": 10, "session_id": "session", "resume_gateway_url": f"{self.address}/gateway"}
        us = {"user": objects.user(objects.BOT), "application": {"id": objects.APPLICATION, "flags": 0}}
        await self._dispatch("READY", {**here, **us, "guilds": [{"id": objects.GUILD, "unavailable": True}]})
        await self._dispatch("GUILD_CREATE", objects.guild())

    async def _dispatch(self, event: str, data: Json) -> None:
        self._sequence += 1
        socket, _ = self._sockets[-1]
        await socket.send_json({"op": DISPATCH, "t": event, "s": self._sequence, "d": data})
