"""The server of the double: its channels, threads and forums, what the bot may do in each, and what was said there.

State without sockets: `tests.wire.rest` routes requests here; `tests.wire.double` tells the gateway of changes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.wire import objects, permissions
from tests.wire.objects import BOT, CHANNEL, GUILD, MEMBER, Json
from tests.wire.refusals import Refusal, no_access, no_permission, unknown_channel, unknown_message

TEXT, PRIVATE, PUBLIC_THREAD, FORUM = 0, 1, 11, 15
NONCE_SECONDS = 180.0  # "the past few minutes"
MOST_MESSAGES = 100  # that one look into the history gives
_REQUIRE_TAG = 1 << 4  # a forum's flag


@dataclass
class Place:
    """A channel, a thread or a forum. ``messages`` are in the order in which they were sent."""

    id: str
    kind: int
    name: str
    parent: Place | None = None
    denied: int = 0  # the bot's overwrite here; a thread has its parent's
    archived: bool = False
    locked: bool = False
    requires_tag: bool = False
    messages: list[Json] = field(default_factory=list)
    sent: int = 0
    nonces: dict[str, tuple[float, Json]] = field(default_factory=dict)

    @property
    def allowed(self) -> int:
        return permissions.EVERYONE & ~(self.parent.denied if self.parent else self.denied)

    def may(self, permission: int) -> bool:
        return bool(self.allowed & permission)

    def as_json(self) -> Json:
        named: Json = {"id": self.id, "type": self.kind, "flags": 0}
        named["last_message_id"] = self.messages[-1]["id"] if self.messages else None
        if self.kind == PRIVATE:  # it is named by whom it is with
            return named | {"recipients": [objects.user(self.name)]}
        named |= {"guild_id": GUILD, "name": self.name}
        return named | (self._as_thread(self.parent) if self.parent else self._as_channel())

    def _as_channel(self) -> Json:
        overwrites = [{"id": BOT, "type": 1, "allow": "0", "deny": str(self.denied)}] if self.denied else []
        placed: Json = {"position": 0, "parent_id": None, "topic": None, "nsfw": False, "rate_limit_per_user": 0}
        tags: Json = {"available_tags": [], "flags": _REQUIRE_TAG if self.requires_tag else 0}
        return {**placed, "permission_overwrites": overwrites} | (tags if self.kind == FORUM else {})

    def _as_thread(self, parent: Place) -> Json:
        state = {"archived": self.archived, "locked": self.locked, "auto_archive_duration": 1440}
        counted = {"message_count": len(self.messages), "member_count": 1, "total_message_sent": self.sent}
        timed = {"archive_timestamp": objects.now()}
        return {"parent_id": parent.id, "owner_id": BOT, "thread_metadata": state | timed, **counted}

    def remember(self, nonce: str, message: Json) -> None:
        self.nonces[nonce] = time.monotonic(), message

    def of_nonce(self, nonce: str, remembered_seconds: float) -> Json | None:
        """The message of a nonce that is not forgotten yet."""
        at, message = self.nonces.get(nonce, (0.0, None))
        return message if message is not None and time.monotonic() - at < remembered_seconds else None


class Places:
    """All places of the server by id. There is a text channel to begin with, in which people give commands."""

    def __init__(self) -> None:
        self._places = {CHANNEL: Place(CHANNEL, TEXT, "newsdesk")}
        self.nonce_seconds = NONCE_SECONDS

    def add(self, kind: int, name: str, parent: Place | None = None) -> Place:
        """Make a channel (`TEXT`, `FORUM`), or a thread (`PUBLIC_THREAD`) in one."""
        place = Place(objects.new_id(), kind, name, parent)
        self._places[place.id] = place
        return place

    def private(self, user_id: str) -> Place:
        """The channel in which somebody and the bot are alone: one for each."""
        known = (one for one in self if one.kind == PRIVATE and one.name == user_id)
        return next(known, None) or self.add(PRIVATE, user_id)

    def remove(self, place: Place) -> list[Place]:
        """Delete a place with its threads; returns the threads."""
        threads = [one for one in self if one.parent is place]
        for one in (place, *threads):
            del self._places[one.id]
        return threads

    def __iter__(self) -> Iterator[Place]:
        return iter(list(self._places.values()))

    def __getitem__(self, place_id: str) -> Place:
        """Raises `Refusal` where there is none, or where the bot cannot see it."""
        if (place := self._places.get(place_id)) is None:
            raise unknown_channel()
        if not place.may(permissions.VIEW_CHANNEL):
            raise no_access()
        return place

    def channels(self) -> list[Json]:
        """Channels as the gateway tells of them."""
        return [place.as_json() for place in self if place.parent is None and place.kind != PRIVATE]

    def threads(self, parent: Place | None = None, *, archived: bool = False) -> Json:
        """Threads as lists of them are answered; active ones everywhere, or those of one channel."""
        found = [place for place in self if place.parent and place.archived is archived]
        shown = [place.as_json() for place in found if parent is None or place.parent is parent]
        return {"threads": shown, "members": [], "has_more": False}

    def forget_nonces(self) -> None:
        """As when minutes have passed."""
        for place in self:
            place.nonces.clear()

    def post(self, place: Place, body: Json, attachments: Sequence[Json] = ()) -> Json:
        """With ``enforce_nonce`` a nonce seen before returns its message, or 10008 where that was deleted since."""
        _must_take_messages(place, attachments)
        nonce = str(body.get("nonce", ""))
        if body.get("enforce_nonce") and (known := place.of_nonce(nonce, self.nonce_seconds)):
            if known not in place.messages:
                raise unknown_message()
            return known
        place.archived = False  # sending to an archived thread opens it again
        message = objects.message(place.id, body, attachments)
        place.messages.append(message)
        place.sent += 1
        if nonce:
            place.remember(nonce, message)
        return message

    def say(self, place: Place, text: str, by: str = MEMBER) -> Json:
        """Somebody else writes there."""
        message = objects.message(place.id, {"content": text}) | {"author": objects.user(by)}
        place.messages.append(message)
        return message

    def history(self, place: Place, query: dict[str, str]) -> list[Json]:
        """Newest first; ``after`` gives the first ones after it. Nobody says so where it may not be read: it is empty.

        A message's nonce is for who sent it, at once: it is not in the history.
        """
        if not place.may(permissions.READ_MESSAGE_HISTORY):
            return []
        limit = int(query.get("limit", "50"))
        if not 1 <= limit <= MOST_MESSAGES:
            raise Refusal(400, 50035, "Invalid Form Body")
        found = place.messages
        if before := query.get("before"):
            found = [one for one in found if int(one["id"]) < int(before)]
        if after := query.get("after"):
            found = [one for one in found if int(one["id"]) > int(after)][:limit]
        return [{key: value for key, value in one.items() if key != "nonce"} for one in reversed(found[-limit:])]

    def open_thread(self, forum: Place, body: Json, attachments: Sequence[Json] = ()) -> Json:
        """A new post in a forum, or a thread in a channel; with ``message``, its first one."""
        first = body.get("message")
        needed = permissions.SEND_MESSAGES if forum.kind == FORUM else permissions.CREATE_PUBLIC_THREADS
        if not forum.may(needed):
            raise no_permission()
        if forum.kind == FORUM and first is None:
            raise Refusal(400, 50035, "Invalid Form Body")
        if forum.requires_tag and not body.get("applied_tags"):
            raise Refusal(400, 40067, "A tag is required to create a forum post in this channel")
        thread = self.add(PUBLIC_THREAD, body["name"], forum)
        if first is None:
            return thread.as_json()
        message = objects.message(thread.id, first, attachments) | {"id": thread.id}  # they share the id
        thread.messages.append(message)
        thread.sent = 1
        return thread.as_json() | {"message": message}

    def change(self, place: Place, body: Json) -> Json:
        """Rename a place, or close a thread and open it again; a locked one only who manages threads."""
        if place.parent is None or not place.may(permissions.SEND_MESSAGES_IN_THREADS):
            raise no_permission()
        if (place.locked or "locked" in body) and not place.may(permissions.MANAGE_THREADS):
            raise no_permission()
        place.archived = body.get("archived", place.archived)
        place.locked = body.get("locked", place.locked)
        place.name = body.get("name", place.name)
        return place.as_json()


def _must_take_messages(place: Place, attachments: Sequence[Json]) -> None:
    if place.kind == FORUM:
        raise Refusal(400, 50008, "Cannot send messages in a non-text channel")
    sending = permissions.SEND_MESSAGES_IN_THREADS if place.parent else permissions.SEND_MESSAGES
    if not place.may(sending) or (attachments and not place.may(permissions.ATTACH_FILES)):
        raise no_permission()
    if place.archived and place.locked:
        raise Refusal(400, 50083, "Thread is archived")
