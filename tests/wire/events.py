"""What goes out on the gateway: which server an event is of, who asked for it, and whether it is as Discord makes it.

The document describes the HTTP API alone; the objects in events are those of its answers, by the same names.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests import contract
from tests.wire.objects import Json
from tests.wire.places import PRIVATE

_CHANNEL, _THREAD, _MESSAGE, _MEMBER = (
    "GuildChannelResponse",
    "ThreadResponse",
    "MessageResponse",
    "GuildMemberResponse",
)
_PRIVATE, _USER, _GUILD = "PrivateChannelResponse", "UserResponse", "GuildResponse"
_OF_SERVERS = ("GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE")  # their ``id`` is the server's
_GUILDS, _GUILD_MESSAGES, _DIRECT_MESSAGES = 1 << 0, 1 << 9, 1 << 12  # intents (gateway.mdx, List of Intents)
_DELETED = ("CHANNEL_DELETE", "THREAD_DELETE", "MESSAGE_DELETE")


def server_of(event: str, data: Json) -> str | None:
    """The server that an event is of; None where it is of none."""
    guild: str | None = data.get("id" if event in _OF_SERVERS else "guild_id")
    return guild


def is_asked_for(event: str, data: Json, intents: int) -> bool:
    """Whether Discord tells of an event where these intents were given; of interactions it does always."""
    kind = event.partition("_")[0]
    if kind == "MESSAGE":
        return bool(intents & (_GUILD_MESSAGES if "guild_id" in data else _DIRECT_MESSAGES))
    return kind not in ("GUILD", "CHANNEL", "THREAD") or bool(intents & _GUILDS)


def violations(event: str, data: Json) -> list[str]:
    """Every way in which an object of an event is none that Discord's document knows."""
    return [
        f"the double dispatched {event} wrongly: {name}: {complaint}"
        for name, part in _parts(event, data)
        for complaint in contract.object_violations(name, part)
    ]


def _parts(event: str, data: Json) -> Iterator[tuple[str, Json]]:
    """The objects in an event, each with its name in the document."""
    if event in ("GUILD_CREATE", "GUILD_UPDATE") and not data.get("unavailable"):
        yield _GUILD, data
        yield from ((_CHANNEL, channel) for channel in data.get("channels", []))
        yield from ((_THREAD, thread) for thread in data.get("threads", []))
        yield from ((_MEMBER, member) for member in data.get("members", []))
    elif event.startswith(("CHANNEL_", "THREAD_", "MESSAGE_")) and event not in _DELETED:
        yield {"CHANNEL": _CHANNEL, "THREAD": _THREAD, "MESSAGE": _MESSAGE}[event.partition("_")[0]], data
    elif event == "READY":
        yield "UserPIIResponse", data["user"]
    elif event == "INTERACTION_CREATE":
        yield _channel_name(data["channel"]), data["channel"]
        yield (_MEMBER, data["member"]) if "member" in data else (_USER, data["user"])
        if "message" in data:
            yield _MESSAGE, data["message"]


def _channel_name(channel: Json) -> str:
    if channel["type"] == PRIVATE:
        return _PRIVATE
    return _THREAD if "thread_metadata" in channel else _CHANNEL
