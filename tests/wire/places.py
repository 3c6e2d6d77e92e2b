"""The servers' channels, threads and forums, what the bot may do in each, and what was said there.

State without sockets: `tests.wire.rest` routes requests here; `tests.wire.double` tells the gateway of changes.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.wire import objects, permissions
from tests.wire.objects import BOT, GUILD, MEMBER, Json
from tests.wire.refusals import Refusal, no_access, no_permission, unknown_channel, unknown_message
from tests.wire.servers import Servers

TEXT, PRIVATE, PUBLIC_THREAD, FORUM = 0, 1, 11, 15
NONCE_SECONDS = 180.0  # "the past few minutes"
MOST_MESSAGES = 100  # that one look into the history gives
_REQUIRE_TAG = 1 << 4  # a forum's flag


@dataclass
class Place:
    """A channel, a thread or a forum. ``messages`` are in the order in which they were sent.

    ``guild`` is its server, None where somebody and the bot are alone.
    """

    id: str
    kind: int
    name: str
    parent: Place | None = None
    guild: str | None = GUILD
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
        if self.guild is None:  # it is named by whom it is with
            return named | {"recipients": [objects.user(self.name)]}
        named |= {"guild_id": self.guild, "name": self.name}
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


def channel_of(guild: str) -> str:
    """The id of the text channel that a server begins with."""
    return str(int(guild) + 1)


class Places:
    """All places by id. Each server has a text channel to begin with, in which people give commands.

    That of a populated server is kept from the moment that somebody asks for it.
    """

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self._places: dict[str, Place] = {}
        self._in: defaultdict[str | None, dict[str, Place]] = defaultdict(dict)
        self._keep(_first_channel(GUILD))
        self.nonce_seconds = NONCE_SECONDS

    def add(self, kind: int, name: str, parent: Place | None = None, *, guild: str = GUILD) -> Place:
        """Make a channel (`TEXT`, `FORUM`), or a thread (`PUBLIC_THREAD`) in one."""
        return self._keep(Place(objects.new_id(), kind, name, parent, parent.guild if parent else guild))

    def private(self, user_id: str) -> Place:
        """The channel in which somebody and the bot are alone: one for each."""
        known = (one for one in self.of(None) if one.name == user_id)
        return next(known, None) or self._keep(Place(objects.new_id(), PRIVATE, user_id, guild=None))

    def remove(self, place: Place) -> list[Place]:
        """Delete a place with its threads; returns the threads."""
        threads = [one for one in self.of(place.guild) if one.parent is place]
        for one in (place, *threads):
            del self._places[one.id], self._in[one.guild][one.id]
        return threads

    def of(self, guild: str | None) -> list[Place]:
        """The places of a server; those of none are private."""
        if guild is not None and self.is_untouched(guild):
            return [_first_channel(guild)]
        return list(self._in.get(guild, {}).values())

    def is_untouched(self, guild: str) -> bool:
        """Whether a server is as it was populated: nobody has asked for a place in it yet."""
        return guild not in self._in and self.servers.exists(guild)

    def __iter__(self) -> Iterator[Place]:
        """Every place but those of untouched servers."""
        return iter(list(self._places.values()))

    def __getitem__(self, place_id: str) -> Place:
        """Raises `Refusal` where there is none, or where the bot cannot see it."""
        if (place := self._places.get(place_id) or self._populated(place_id)) is None:
            raise unknown_channel()
        if not place.may(permissions.VIEW_CHANNEL) or (place.guild is not None and place.guild not in self.servers):
            raise no_access()
        return place

    def _populated(self, place_id: str) -> Place | None:
        """The channel that an untouched server begins with, kept from now on."""
        guild = str(int(place_id) - 1)
        return self._keep(_first_channel(guild)) if self.is_untouched(guild) else None

    def _keep(self, place: Place) -> Place:
        if place.guild is not None and self.is_untouched(place.guild) and place.id != channel_of(place.guild):
            self._keep(_first_channel(place.guild))
        self._places[place.id] = self._in[place.guild][place.id] = place
        return place

    def channels(self, guild: str = GUILD) -> list[Json]:
        """Channels of a server as the gateway tells of them."""
        return [place.as_json() for place in self.of(guild) if place.parent is None]

    def threads(self, parent: Place | None = None, *, archived: bool = False, guild: str = GUILD) -> Json:
        """Threads as lists of them are answered; active ones everywhere in a server, or those of one channel."""
        of = self.of(parent.guild if parent else guild)
        found = [place for place in of if place.parent and place.archived is archived]
        shown = [place.as_json() for place in found if parent is None or place.parent is parent]
        return {"threads": shown, "members": [], "has_more": False}

    def server(self, guild: str) -> Json:
        """What a GUILD_CREATE holds of a server."""
        if guild in self.servers.down:
            return {"id": guild, "unavailable": True}
        return objects.guild(guild, self.channels(guild), self.threads(guild=guild)["threads"])

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


def pristine(guild: str) -> Json:
    """What a GUILD_CREATE holds of a server that is as it was populated."""
    return objects.guild(guild, [_first_channel(guild).as_json()], [])


def _first_channel(guild: str) -> Place:
    return Place(channel_of(guild), TEXT, "newsdesk", guild=guild)


def _must_take_messages(place: Place, attachments: Sequence[Json]) -> None:
    if place.kind == FORUM:
        raise Refusal(400, 50008, "Cannot send messages in a non-text channel")
    sending = permissions.SEND_MESSAGES_IN_THREADS if place.parent else permissions.SEND_MESSAGES
    if not place.may(sending) or (attachments and not place.may(permissions.ATTACH_FILES)):
        raise no_permission()
    if place.archived and place.locked:
        raise Refusal(400, 50083, "Thread is archived")
