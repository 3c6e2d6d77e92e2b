"""What Discord's HTTP API does with a request of the bot: the state behind the double, without sockets.

It keeps the rules that make a test mean something (their sources are in ``../shared/discord/LIMITS.md``): a first
response within three seconds and one only, follow-ups after it, one message a nonce, no body Discord would refuse.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from tests import contract
from tests.wire import objects
from tests.wire.objects import EPHEMERAL, Json

FIRST_RESPONSE_SECONDS = 3.0
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9  # kinds of first response


class Refusal(Exception):
    """Discord says no: an HTTP status and its own error code."""

    def __init__(self, status: int, code: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.body = {"message": text, "code": code}


@dataclass
class Answer:
    """What the bot answered to an interaction; follow-ups appear in it as they come.

    ``kind`` is that of the first response, ``seconds`` the time it took; ``message`` is what the person sees.
    """

    interaction: Json
    sent_at: float = field(default_factory=time.monotonic)
    kind: int | None = None
    data: Json = field(default_factory=dict)
    seconds: float = 0.0
    message: Json | None = None
    followups: list[Json] = field(default_factory=list)
    given: bool = False

    @property
    def text(self) -> str:
        assert self.message is not None, f"no message was sent: {self.kind}"
        return objects.text(self.message)

    @property
    def ephemeral(self) -> bool:
        assert self.message is not None, f"no message was sent: {self.kind}"
        return bool(self.message["flags"] & EPHEMERAL)


class Rest:
    """The API of one application in one server with one channel. ``channel`` is what everyone sees there."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.commands: list[Json] = []
        self.channel: list[Json] = []
        self.broken: list[str] = []
        self._by_nonce: dict[str, Json] = {}
        self._answers: dict[str, Answer] = {}

    def expect(self, answer: Answer) -> None:
        """From now on the bot may answer this interaction."""
        self._answers[answer.interaction["token"]] = answer

    def delete(self, message: Json) -> None:
        self.channel.remove(message)

    def handle(self, method: str, path: str, body: Json | None, authorization: str | None) -> Json | list[Json]:
        """The body of Discord's answer. Raises `Refusal`; what it says of the body is kept in ``broken``.

        ``path`` begins after the API's version, without a query.
        """
        segments = path.strip("/").split("/")
        if segments[0] not in ("interactions", "webhooks") and authorization != f"Bot {self.token}":
            raise Refusal(401, 0, "401: Unauthorized")
        if complaints := contract.violations(method, path, body):
            self.broken += [f"{method} {path}: {complaint}" for complaint in complaints]
            raise Refusal(400, 50035, "Invalid Form Body")
        found = self._about_us(method, segments, body)
        if found is None and body is not None:
            found = self._said(method, segments, body)
        if found is None:
            self.broken.append(f"{method} {path}: the double does not know this endpoint")
            raise Refusal(404, 0, "404: Not Found")
        return found

    def _about_us(self, method: str, segments: list[str], body: object) -> Json | list[Json] | None:
        match method, segments:
            case "GET", ["users", "@me"]:
                return objects.user(objects.BOT)
            case "GET", ["oauth2", "applications", "@me"]:
                return objects.application()
            case "GET", ["applications", objects.APPLICATION, "commands"]:
                return self.commands
            case "PUT", ["applications", objects.APPLICATION, "commands"]:
                return self._register(body)
        return None

    def _said(self, method: str, segments: list[str], body: Json) -> Json | None:
        match method, segments:
            case "POST", ["channels", channel, "messages"]:
                return self._post(channel, body)
            case "POST", ["interactions", interaction_id, token, "callback"]:
                return self._respond(interaction_id, token, body)
            case "POST", ["webhooks", objects.APPLICATION, token]:
                return self._follow_up(self._answered(token), body)
            case "PATCH", ["webhooks", objects.APPLICATION, token, "messages", "@original"]:
                return self._edit(self._answered(token), body)
        return None

    def _register(self, body: object) -> list[Json]:
        assert isinstance(body, list)
        new = {"application_id": objects.APPLICATION, "version": "1"}
        nothing = {"description": ""}  # what Discord says of a command of a menu, which has none
        self.commands = [{**nothing, **command, "id": objects.new_id(), **new} for command in body]
        return self.commands

    def _post(self, channel: str, body: Json) -> Json:
        """With ``enforce_nonce`` a nonce seen before returns its message, or 10008 where that was deleted since."""
        if channel != objects.CHANNEL:
            raise Refusal(404, 10003, "Unknown Channel")
        nonce = str(body.get("nonce", ""))
        if body.get("enforce_nonce") and (known := self._by_nonce.get(nonce)):
            if known not in self.channel:
                raise Refusal(404, 10008, "Unknown Message")
            return known
        message = objects.message(channel, body)
        self.channel.append(message)
        if nonce:
            self._by_nonce[nonce] = message
        return message

    def _respond(self, interaction_id: str, token: str, body: Json) -> Json:
        answer = self._answers.get(token)
        late = answer is not None and time.monotonic() - answer.sent_at > FIRST_RESPONSE_SECONDS
        if answer is None or late or answer.interaction["id"] != interaction_id:
            raise Refusal(404, 10062, "Unknown interaction")
        if answer.kind is not None:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        answer.kind, answer.data = body["type"], body.get("data") or {}
        answer.seconds = time.monotonic() - answer.sent_at
        answer.given = answer.kind not in (DEFERRED, DEFERRED_UPDATE)
        if answer.kind in (MESSAGE, DEFERRED):
            answer.message = self._show(answer.data)
        elif answer.kind in (UPDATE, DEFERRED_UPDATE):
            answer.message = answer.interaction["message"]
            answer.message |= objects.edited(answer.data)
        return self._receipt(answer)

    def _receipt(self, answer: Answer) -> Json:
        """The body of a callback with ``with_response``, which is how discord.py asks."""
        made: Json = {"id": answer.interaction["id"], "type": answer.interaction["type"]}
        if answer.message is None:
            return {"interaction": made}
        made["response_message_id"] = answer.message["id"]
        made["response_message_loading"] = answer.kind == DEFERRED
        made["response_message_ephemeral"] = answer.ephemeral
        return {"interaction": made, "resource": {"type": answer.kind, "message": answer.message}}

    def _answered(self, token: str) -> Answer:
        answer = self._answers.get(token)
        if answer is None or answer.kind is None:
            raise Refusal(404, 10015, "Unknown Webhook")
        return answer

    def _follow_up(self, answer: Answer, body: Json) -> Json:
        """A new message; while "thinking…" is shown it takes that one's place, and its being ephemeral."""
        if answer.kind == DEFERRED and not answer.given:
            return self._edit(answer, body)
        answer.followups.append(self._show(body))
        return answer.followups[-1]

    def _edit(self, answer: Answer, body: Json) -> Json:
        if answer.message is None:
            raise Refusal(404, 10008, "Unknown Message")
        hidden = answer.message["flags"] & EPHEMERAL
        answer.message |= objects.edited(body)
        answer.message["flags"] = answer.message["flags"] & ~EPHEMERAL | hidden
        answer.given = True
        return answer.message

    def _show(self, body: Json) -> Json:
        message = objects.message(objects.CHANNEL, body)
        if not message["flags"] & EPHEMERAL:
            self.channel.append(message)
        return message
