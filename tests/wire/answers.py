"""Interactions as Discord keeps them: a first response within three seconds and one only, follow-ups after it.

The numbers and their sources are in ``../shared/discord/LIMITS.md``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.wire import objects
from tests.wire.objects import EPHEMERAL, Json
from tests.wire.refusals import Refusal, unknown_message

FIRST_RESPONSE_SECONDS = 3.0
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9  # kinds of first response

Show = Callable[[str, Json], None]


@dataclass
class Answer:
    """What the bot answered to an interaction; follow-ups appear in it as they come.

    ``kind`` is that of the first response, ``seconds`` the time it took, ``given_seconds`` that until there was more
    than "thinking…" to see; ``message`` is what the person sees.
    """

    interaction: Json
    sent_at: float = field(default_factory=time.monotonic)
    kind: int | None = None
    data: Json = field(default_factory=dict)
    seconds: float = 0.0
    message: Json | None = None
    followups: list[Json] = field(default_factory=list)
    given_seconds: float | None = None

    @property
    def given(self) -> bool:
        return self.given_seconds is not None

    @property
    def text(self) -> str:
        assert self.message is not None, f"no message was sent: {self.kind}"
        return objects.text(self.message)

    @property
    def ephemeral(self) -> bool:
        assert self.message is not None, f"no message was sent: {self.kind}"
        return bool(self.message["flags"] & EPHEMERAL)

    @property
    def choices(self) -> list[str]:
        """The names of the choices offered while somebody typed."""
        assert self.kind == CHOICES, f"no choices were sent: {self.kind}"
        return [choice["name"] for choice in self.data.get("choices", [])]


class Answers:
    """The interactions that may be answered. ``show`` puts a message that is for everyone into its channel."""

    def __init__(self, show: Show) -> None:
        self._show_everyone = show
        self._answers: dict[str, Answer] = {}

    def expect(self, answer: Answer) -> None:
        """From now on the bot may answer this interaction."""
        self._answers[answer.interaction["token"]] = answer

    def respond(self, interaction_id: str, token: str, body: Json, attachments: Sequence[Json] = ()) -> Json:
        answer = self._answers.get(token)
        late = answer is not None and time.monotonic() - answer.sent_at > FIRST_RESPONSE_SECONDS
        if answer is None or late or answer.interaction["id"] != interaction_id:
            raise Refusal(404, 10062, "Unknown interaction")
        if answer.kind is not None:
            raise Refusal(400, 40060, "Interaction has already been acknowledged.")
        answer.kind, answer.data = body["type"], body.get("data") or {}
        answer.seconds = time.monotonic() - answer.sent_at
        if answer.kind not in (DEFERRED, DEFERRED_UPDATE):
            answer.given_seconds = answer.seconds
        if answer.kind in (MESSAGE, DEFERRED):
            answer.message = self._show(answer, answer.data, attachments)
        elif answer.kind in (UPDATE, DEFERRED_UPDATE):
            answer.message = answer.interaction["message"]
            answer.message |= objects.edited(answer.data, attachments)
        return _receipt(answer)

    def follow_up(self, token: str, body: Json, attachments: Sequence[Json] = ()) -> Json:
        """A new message; while "thinking…" is shown it takes that one's place, and its being ephemeral."""
        answer = self._answered(token)
        if answer.kind == DEFERRED and not answer.given:
            return self.edit(token, body, attachments)
        answer.followups.append(self._show(answer, body, attachments))
        return answer.followups[-1]

    def edit(self, token: str, body: Json, attachments: Sequence[Json] = ()) -> Json:
        answer = self._answered(token)
        if answer.message is None:
            raise unknown_message()
        hidden = answer.message["flags"] & EPHEMERAL
        answer.message |= objects.edited(body, attachments)
        answer.message["flags"] = answer.message["flags"] & ~EPHEMERAL | hidden
        if answer.given_seconds is None:
            answer.given_seconds = time.monotonic() - answer.sent_at
        return answer.message

    def _answered(self, token: str) -> Answer:
        answer = self._answers.get(token)
        if answer is None or answer.kind is None:
            raise Refusal(404, 10015, "Unknown Webhook")
        return answer

    def _show(self, answer: Answer, body: Json, attachments: Sequence[Json]) -> Json:
        place = answer.interaction["channel_id"]
        message = objects.message(place, body, attachments)
        if not message["flags"] & EPHEMERAL:
            self._show_everyone(place, message)
        return message


def _receipt(answer: Answer) -> Json:
    """The body of a callback with ``with_response``, which is how discord.py asks."""
    made: Json = {"id": answer.interaction["id"], "type": answer.interaction["type"]}
    if answer.message is None:
        return {"interaction": made}
    made["response_message_id"] = answer.message["id"]
    made["response_message_loading"] = answer.kind == DEFERRED
    made["response_message_ephemeral"] = answer.ephemeral
    shown = {"resource": {"type": answer.kind, "message": answer.message}} if answer.kind in (MESSAGE, UPDATE) else {}
    return {"interaction": made, **shown}
