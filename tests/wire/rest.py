"""Which request does what: Discord's HTTP API over the state of the double, without sockets.

Every request and every answer is held against Discord's OpenAPI document; see `tests.contract` for its rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from tests import contract
from tests.wire import objects
from tests.wire.answers import Answer, Answers
from tests.wire.objects import CHANNEL, Json
from tests.wire.places import Place, Places
from tests.wire.refusals import Refusal
from tests.wire.servers import Servers, Starts

Body: TypeAlias = Json | list[Json]

_CREATED = ("POST", "threads")  # answered with 201; everything else with 200


class Rest:
    """The API of one application. ``broken`` is what Discord would refuse, or never say."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.commands: list[Json] = []
        self.broken: list[str] = []
        self.holds_one_in = (
            1  # of so many messages, one is held against Discord's document: a third of the double's work
        )
        self._held = 0
        self.gateway_url = "wss://gateway.example.org"
        self.servers = Servers()
        self.starts = Starts(self.servers)
        self.places = Places(self.servers)
        self._answers = Answers(lambda place, message: self.places[place].messages.append(message))

    @property
    def channel(self) -> list[Json]:
        """What everyone sees in the channel where commands are given."""
        return self.places[CHANNEL].messages

    def is_held(self) -> bool:
        """Whether what comes or goes now is to be held against Discord's document."""
        self._held += 1
        return self._held % self.holds_one_in == 0

    def expect(self, answer: Answer) -> None:
        """From now on the bot may answer this interaction."""
        self._answers.expect(answer)

    def delete(self, message: Json) -> None:
        self.places[message["channel_id"]].messages.remove(message)

    def handle(
        self,
        method: str,
        path: str,
        body: Json | None,
        authorization: str | None,
        query: dict[str, str] | None = None,
        attachments: Sequence[Json] = (),
    ) -> tuple[int, Body]:
        """Status and body of Discord's answer, refusals included. What it says of either is kept in ``broken``.

        ``path`` begins after the API's version, without a query.
        """
        try:
            answer = self._answer(method, path.strip("/").split("/"), body, authorization, query or {}, attachments)
            status = 201 if (method, path.rpartition("/")[2]) == _CREATED else 200
        except Refusal as refusal:
            status, answer = refusal.status, refusal.body
        complaints = contract.response_violations(method, path, status, answer) if self.is_held() else []
        self.broken += [f"the double answered {method} {path} wrongly: {complaint}" for complaint in complaints]
        return status, answer

    def _answer(
        self,
        method: str,
        segments: list[str],
        body: Json | None,
        authorization: str | None,
        query: dict[str, str],
        attachments: Sequence[Json],
    ) -> Body:
        path = "/" + "/".join(segments)
        if (
            segments[0] not in ("interactions", "webhooks")
            and path != "/gateway"
            and authorization != f"Bot {self.token}"
        ):
            raise Refusal(401, 0, "401: Unauthorized")
        if self.is_held() and (complaints := contract.violations(method, path, body)):
            self.broken += [f"{method} {path}: {complaint}" for complaint in complaints]
            raise Refusal(400, 50035, "Invalid Form Body")
        found = self._read(method, segments, query)
        if found is None and body is not None:
            found = self._written(method, segments, body, attachments)
        if found is None:
            self.broken.append(f"{method} {path}: the double does not know this endpoint")
            raise Refusal(404, 0, "404: Not Found")
        return found

    def _read(self, method: str, segments: list[str], query: dict[str, str]) -> Body | None:
        match method, segments:
            case "GET", ["gateway"]:
                return {"url": self.gateway_url}
            case "GET", ["gateway", "bot"]:
                return self.starts.as_json(self.gateway_url)
            case "GET", ["users", "@me"]:
                return objects.this_user()
            case "GET", ["applications", "@me"] | ["oauth2", "applications", "@me"]:
                return objects.application()
            case "GET", ["applications", objects.APPLICATION, "commands"]:
                return self.commands
            case "GET", ["channels", channel]:
                return self.places[channel].as_json()
            case "GET", ["channels", channel, "messages"]:
                return self.places.history(self.places[channel], query)
            case "GET", ["channels", channel, "threads", "archived", "public"]:
                return self.places.threads(self.places[channel], archived=True)
            case "GET", ["guilds", guild, *rest]:
                self.servers.must_know(guild)
                return self._read_server(guild, rest)
        return None

    def _read_server(self, guild: str, segments: list[str]) -> Body | None:
        match segments:
            case []:
                return objects.server(guild)
            case ["channels"]:
                return self.places.channels(guild)
            case ["members", (objects.MEMBER | objects.ADMIN | objects.BOT) as user_id]:
                return objects.member(user_id)
            case ["threads", "active"]:
                return self.places.threads(guild=guild)
        return None

    def _written(self, method: str, segments: list[str], body: Json, attachments: Sequence[Json]) -> Body | None:
        match method, segments:
            case "PUT", ["applications", objects.APPLICATION, "commands"]:
                return self._register(body)
            case "POST", ["users", "@me", "channels"]:
                return self.places.private(str(body["recipient_id"])).as_json()
            case "POST", ["channels", channel, "messages"]:
                return self.places.post(self.places[channel], body, attachments)
            case "POST", ["channels", channel, "threads"]:
                return self.places.open_thread(self.places[channel], body, attachments)
            case "PATCH", ["channels", channel]:
                return self.places.change(self.places[channel], body)
            case "POST", ["interactions", interaction_id, token, "callback"]:
                return self._answers.respond(interaction_id, token, body, attachments)
            case "POST", ["webhooks", objects.APPLICATION, token]:
                return self._answers.follow_up(token, body, attachments)
            case "PATCH", ["webhooks", objects.APPLICATION, token, "messages", "@original"]:
                return self._answers.edit(token, body, attachments)
        return None

    def _register(self, body: object) -> list[Json]:
        assert isinstance(body, list)
        self.commands = [_registered(command) for command in body]
        return self.commands


def _registered(command: Json) -> Json:
    """A command as Discord tells of it. One of a menu has a description too, and it is empty."""
    known: Json = {"application_id": objects.APPLICATION, "version": "1", "id": objects.new_id(), "description": ""}
    allowed = command.get("default_member_permissions")
    return known | command | {"default_member_permissions": None if allowed is None else str(allowed)}


def texts_of(place: Place) -> list[str]:
    """What everyone reads in a place, message by message."""
    return [objects.text(message) for message in place.messages]
