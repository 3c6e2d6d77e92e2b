"""A double of Discord on a loopback socket: HTTP API, gateway, and faults on request.

    async with Double() as discord:           # http://127.0.0.1:PORT, see launch.py
        await discord.ready()                 # the bot has identified and knows its server
        answer = await discord.command("quote", query="peace")
        await discord.press(answer, "Next")
        discord.fail("POST", "/channels/*", status=502, carried_out=True)
        discord.plan(FaultPlan(seed=7, share=0.3))

    discord.populate(10_000)                  # many servers; their shards are told of what happens in them, no other
    await discord.ready(Shard(0, 4), Shard(1, 4))
    await discord.command("help", where=channel_of(guild))

A request goes through `api` to `rest`, which answers from `places` (channels, messages) and `answers` (interactions);
events go out through `gateway`. Leaving the block without an error asserts that Discord would have taken every request
the bot made, and that the double answered as Discord's document says.
"""

from __future__ import annotations

import asyncio
import fnmatch
import logging
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from tests.wire import objects
from tests.wire.answers import Answer
from tests.wire.api import REQUEST_BYTES, Api, Request
from tests.wire.buckets import Buckets
from tests.wire.faults import Fault, FaultPlan, Faults
from tests.wire.gateway import Gateway
from tests.wire.objects import CHANNEL, MEMBER, Json
from tests.wire.places import PUBLIC_THREAD, TEXT, Place
from tests.wire.rest import Rest
from tests.wire.servers import Shard

_log = logging.getLogger(__name__)

TOKEN = "no-token-of-anyone-just.double.of-the-shape-they-have"
PATIENCE_SECONDS = 30.0  # no test waits longer than this for what takes a second or two on an idle machine
COMMAND, COMPONENT, TYPING, FORM = 2, 3, 4, 5  # types of interaction
BUTTON, LABEL = 2, 18  # types of component

T = TypeVar("T")


class Double:
    """Discord, as far as the bot can tell. Everything runs in the loop that entered it."""

    def __init__(self, token: str = TOKEN) -> None:
        self.rest = Rest(token)
        self.places = self.rest.places
        self.servers = self.rest.servers
        self.starts = self.rest.starts
        self.buckets = Buckets()
        self.gateway = Gateway(self.rest, self._announce)
        self._faults = Faults()
        self._api = Api(self.rest, self._faults, self.buckets, self._announce)
        self._news = asyncio.Event()
        app = web.Application(client_max_size=REQUEST_BYTES + 1024 * 1024)
        for process in ("", "/{by}"):  # see `address_of`
            app.router.add_get(f"{process}/gateway{{_:/?}}", self._enter_gateway)
            app.router.add_route("*", f"{process}/api/v10/{{path:.*}}", self._api.answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.address = self.gateway.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.rest.gateway_url = f"{self.address.replace('http', 'ws', 1)}/gateway"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.lose_gateway()
        await self._runner.cleanup()
        if error is not None:
            if self._faults.plan is not None:
                error.add_note(f"What went wrong by chance: {self._faults.plan}")
            return
        broken = self.rest.broken + self.gateway.broken
        assert not broken, "what Discord would refuse, or never say:\n" + "\n".join(broken)

    def address_of(self, process: str) -> str:
        """The address for one of several processes, by which its requests and sessions are told from the others'."""
        return f"{self.address}/{process}"

    @property
    def requests(self) -> list[Request]:
        return self._api.requests

    @property
    def identified(self) -> int:
        return self.gateway.identified

    @property
    def resumed(self) -> int:
        return self.gateway.resumed

    # What a test asks for

    def fail(self, method: str, path_glob: str, *, status: int = 500, carried_out: bool = False, **more: Any) -> Fault:
        """Let the next such request meet the `Fault`: answered with ``status`` (0: as usual), or as ``more`` says.

        ``path_glob`` is matched after the API's version; the gateway is GET /gateway. ``carried_out``: Discord does
        what was asked all the same.
        """
        return self._faults.add(Fault(method, path_glob, status, carried_out=carried_out or not status, **more))

    def heal(self) -> None:
        """No request meets a fault that was asked for before."""
        self._faults.clear()

    def plan(self, plan: FaultPlan | None) -> None:
        """From now on requests meet faults by chance; those asked for come first. A test that fails shows the plan."""
        _log.warning("faults by chance: %s", plan)
        self._faults.plan = plan

    def populate(self, number: int) -> list[str]:
        """Let the bot be in so many servers more, each with a text channel (`places.channel_of`); their ids.

        They are told of to whoever identifies from now on.
        """
        return self.servers.populate(number)

    def lose_gateway(self) -> None:
        """Cut every gateway connection without a closing word."""
        self.gateway.cut()

    def stall_gateway(self) -> None:
        """Hear and say nothing more on the gateway, as when a cable is pulled."""
        self.gateway.stall()

    async def ready(self, *shards: Shard, by: str | None = None) -> None:
        """Wait until a bot has identified itself and has been told of its servers.

        Where ``shards`` are named each is to be connected now, by the process ``by`` where that is.
        """
        await self.until(lambda: self.identified and self.gateway.connected(by).keys() >= set(shards))

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

    # What happens in the server

    async def forbid(self, place: Place, permissions: int) -> None:
        """Take permissions from the bot in a channel, and in its threads; 0 gives all back."""
        place.denied = permissions
        await self.gateway.dispatch("CHANNEL_UPDATE", place.as_json())

    async def delete_channel(self, place: Place) -> None:
        gone = place.as_json()
        self.places.remove(place)
        await self.gateway.dispatch("THREAD_DELETE" if place.kind == PUBLIC_THREAD else "CHANNEL_DELETE", gone)

    async def archive(self, thread: Place, *, locked: bool = False) -> None:
        thread.archived, thread.locked = True, locked
        await self.gateway.dispatch("THREAD_UPDATE", thread.as_json())

    async def expel(self, guild: str) -> None:
        """Remove the bot from a server."""
        self.servers.leave(guild)
        await self.gateway.dispatch("GUILD_DELETE", {"id": guild})

    # What a person does

    async def command(self, line: str, *, by: str = MEMBER, where: str = CHANNEL, **options: Any) -> Answer:
        """Give the slash command ``line`` ("quote", "article list")."""
        return await self.interact(COMMAND, self._command_data(line, options, where), by, where=where)

    async def type(self, line: str, focused: str, *, by: str = MEMBER, where: str = CHANNEL, **options: Any) -> Answer:
        """Type in the option ``focused`` of a slash command; the answer has the choices that are offered."""
        return await self.interact(TYPING, self._command_data(line, options, where, focused), by, where=where)

    async def press(self, answer: Answer, label: str, *, by: str = MEMBER) -> Answer:
        """Press the button of that label under an answer."""
        assert answer.message is not None
        buttons = [one for one in objects.walk(answer.message["components"]) if one["type"] == BUTTON]
        (button,) = [one for one in buttons if one["label"] == label]
        assert not button.get("disabled"), f"the button {label} is disabled"
        data = {"custom_id": button["custom_id"], "component_type": BUTTON, "id": button["id"]}
        return await self.interact(COMPONENT, data, by, message=answer.message, where=answer.interaction["channel_id"])

    async def submit(self, answer: Answer, values: dict[str, str], *, by: str = MEMBER) -> Answer:
        """Send the form that ``answer`` opened, filled in by label; what is not named stays empty."""
        labels = [one for one in answer.data["components"] if one["type"] == LABEL]
        inputs = [
            {"type": LABEL, "component": {**one["component"], "value": values.get(one["label"], "")}} for one in labels
        ]
        data = {"custom_id": answer.data["custom_id"], "components": inputs}
        return await self.interact(FORM, data, by, where=answer.interaction["channel_id"])

    async def interact(
        self, kind: int, data: Json, by: str, *, message: Json | None = None, where: str = CHANNEL
    ) -> Answer:
        """Send an INTERACTION_CREATE and wait for the bot's answer: its message, form or choices."""
        answer = await self.ask(kind, data, by, message=message, where=where)
        await self.until(lambda: answer.given)
        return answer

    async def ask(self, kind: int, data: Json, by: str, *, message: Json | None = None, where: str = CHANNEL) -> Answer:
        """Send an INTERACTION_CREATE; the answer fills as the bot gives it."""
        interaction = objects.interaction(kind, data, by, self.places[where].as_json())
        if message is not None:
            interaction["message"] = message
        answer = Answer(interaction)
        self.rest.expect(answer)
        await self.gateway.dispatch("INTERACTION_CREATE", interaction)
        return answer

    def _command_data(self, line: str, options: Json, where: str = CHANNEL, focused: str | None = None) -> Json:
        there = self.places.of(self.places[where].guild)
        allowed = {place.id: place.as_json() | {"permissions": str(place.allowed)} for place in there}
        return objects.command_data(self.rest.commands, line, options, allowed, focused)

    # The socket's two sides

    async def _enter_gateway(self, request: web.Request) -> web.StreamResponse:
        if fault := self._faults.of(request.method, "/gateway", request.match_info.get("by", "")):
            await asyncio.sleep(fault.delay_seconds)
            status, body, headers = fault.answer()
            return web.json_response(body, status=status, headers=headers)
        return await self.gateway.serve(request)

    def _announce(self) -> None:
        self._news.set()


def text_channels(discord: Double, number: int) -> list[Place]:
    """So many more text channels in the double's server."""
    return [discord.places.add(TEXT, f"desk-{one}") for one in range(number)]
