"""Discord's JSON objects as its API sends them: the cast of the double, and messages and interactions in it.

A member and an admin, who are in every server; the channels are in `tests.wire.places`. Ids are snowflakes as strings,
as on the wire, and tell when they were made, as Discord's do.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.wire import permissions

Json = dict[str, Any]

APPLICATION, BOT, GUILD, CHANNEL, MEMBER, ADMIN = (str(1_300_000_000_000_000_000 + number) for number in range(6))
_EPOCH_MS = 1_420_070_400_000  # where Discord's snowflakes begin: 2015

EPHEMERAL = 1 << 6
TEXT_DISPLAY, BUTTON = 10, 2
CHANNEL_OPTION = 7  # the type of a command's option

_last_id = 0


def new_id() -> str:
    """A snowflake of this moment, higher than any before."""
    global _last_id  # noqa: PLW0603 - ids are one sequence for everything, as Discord's are
    _last_id = max(_last_id + 1, time.time_ns() // 1_000_000 - _EPOCH_MS << 22)
    return str(_last_id)


def now() -> str:
    return datetime.now(UTC).isoformat()


def user(user_id: str) -> Json:
    names = {BOT: "newsdesk", MEMBER: "member", ADMIN: "admin"}
    named: Json = {"id": user_id, "username": names[user_id], "discriminator": "0", "global_name": None}
    return {**named, "avatar": None, "bot": user_id == BOT, "public_flags": 0, "flags": 0, "primary_guild": None}


def this_user() -> Json:
    """What the bot is told of itself."""
    return user(BOT) | {"mfa_enabled": True, "locale": "en-US"}


def application() -> Json:
    named = {"id": APPLICATION, "name": "Newsdesk", "description": "", "icon": None, "verify_key": "", "type": None}
    owned: Json = {"owner": user(ADMIN), "team": None, "bot_public": False, "bot_require_code_grant": False}
    nowhere: Json = {"redirect_uris": [], "interactions_endpoint_url": None, "role_connections_verification_url": None}
    counted = {f"approximate_{what}_count": 1 for what in ("guild", "user_install", "user_authorization")}
    more: Json = {"flags": 0, "flags_new": "0", "explicit_content_filter": 0, "eligible_oauth2_scopes": ["bot"]}
    return {**named, **owned, **nowhere, **counted, **more}


def member(user_id: str) -> Json:
    timed = {"joined_at": "2025-01-01T00:00:00+00:00", "premium_since": None, "communication_disabled_until": None}
    state = {"roles": [], "deaf": False, "mute": False, "flags": 0, "pending": False}
    return {"user": user(user_id), "nick": None, "avatar": None, "banner": None, **state, **timed}


def server(guild_id: str) -> Json:
    """A server as the HTTP API tells of it."""
    here = {"id": guild_id, "name": "The newsroom", "owner_id": ADMIN, "roles": [_everyone(guild_id)]}
    levels = {"verification_level": 1, "default_message_notifications": 1, "explicit_content_filter": 0, "mfa_level": 0}
    numbers = {"afk_timeout": 300, "nsfw_level": 0, "premium_tier": 0, "premium_subscription_count": 0}
    most = {"presences": None, "members": 500_000, "stage_video_channel_users": 50, "video_channel_users": 25}
    flags = {"system_channel_flags": 0, "premium_progress_bar_enabled": False, "widget_enabled": False, "nsfw": False}
    lists: Json = {key: [] for key in ("emojis", "stickers", "features")}
    limits = {f"max_{what}": value for what, value in most.items()}
    words = {"region": "us-east", "preferred_locale": "en-US", "incidents_data": None}
    return {**dict.fromkeys(_UNSET_IN_SERVERS), **here, **levels, **numbers, **limits, **flags, **lists, **words}


_UNSET_IN_SERVERS = (
    *("icon", "description", "home_header", "splash", "discovery_splash", "banner", "application_id"),
    *("vanity_url_code", "widget_channel_id"),
    *(f"{which}_channel_id" for which in ("afk", "system", "rules", "safety_alerts", "public_updates")),
)


def _everyone(guild_id: str) -> Json:
    colour = {"color": 0, "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None}}
    shown = {"hoist": False, "managed": False, "mentionable": False, "position": 0, "flags": 0}
    named = {"id": guild_id, "name": "@everyone", "permissions": str(permissions.EVERYONE)}
    return {**named, **colour, **shown, "icon": None, "unicode_emoji": None}


def guild(guild_id: str, channels: list[Json], threads: list[Json]) -> Json:
    """What a GUILD_CREATE holds of a server."""
    people = {"members": [member(BOT)], "member_count": 3, "large": False, "voice_states": [], "presences": []}
    return {**server(guild_id), **people, "channels": channels, "threads": threads, "unavailable": False}


def message(channel_id: str, body: Json, attachments: Sequence[Json] = ()) -> Json:
    """The message that ``body`` makes, with the components numbered as Discord does."""
    made = {"id": new_id(), "channel_id": channel_id, "author": user(BOT), "timestamp": now(), "type": 0}
    plain = {"tts": False, "mention_everyone": False, "pinned": False, "edited_timestamp": None}
    empty: Json = {key: [] for key in ("mentions", "mention_roles", "attachments", "embeds")}
    return {**made, **plain, **empty, "content": "", "flags": 0, "components": []} | edited(body, attachments)


def edited(body: Json, attachments: Sequence[Json] = ()) -> Json:
    """What of a request's body goes into the message. ``attachments`` are those of the files that came with it."""
    kept = {key: body[key] for key in ("content", "embeds", "flags", "nonce") if body.get(key) is not None}
    if "components" in body:
        addresses = {f"attachment://{one['filename']}": one["url"] for one in attachments}
        kept["components"] = _numbered(body["components"], itertools.count(1), addresses)
    return kept | ({"attachments": list(attachments)} if attachments or "attachments" in body else {})


def attachment(name: str, size_bytes: int, description: str | None) -> Json:
    """The attachment that an uploaded file becomes."""
    address = f"https://cdn.example.org/attachments/{new_id()}/{name}"
    described = {} if description is None else {"description": description}
    return {"id": new_id(), "filename": name, "size": size_bytes, "url": address, "proxy_url": address, **described}


def _numbered(components: list[Json], ids: Iterator[int], addresses: dict[str, str]) -> list[Json]:
    """Components with their numbers, and with addresses where they name files of the same request."""
    numbered: list[Json] = []
    for component in components:
        made = {**component, "id": next(ids)}
        if "components" in component:
            made["components"] = _numbered(component["components"], ids, addresses)
        if "accessory" in component:
            (made["accessory"],) = _numbered([component["accessory"]], ids, addresses)
        if "items" in component:
            made["items"] = [{**item, "media": _unfurled(item["media"], addresses)} for item in component["items"]]
        for holder in ("media", "file"):
            if holder in component:
                made[holder] = _unfurled(component[holder], addresses)
        numbered.append(made)
    return numbered


def _unfurled(media: Json, addresses: dict[str, str]) -> Json:
    address = addresses.get(media["url"], media["url"])
    return {"id": new_id(), "url": address, "proxy_url": address}


def interaction(kind: int, data: Json, by: str, channel: Json) -> Json:
    """An INTERACTION_CREATE of ``by`` in a channel, that of a server or a private one; ``token`` is new."""
    place = {"channel_id": channel["id"], "channel": channel, "locale": "en-US"}
    new = {"id": new_id(), "token": f"interaction-token-{new_id()}-{'x' * 60}", "version": 1, "entitlements": []}
    more = {"app_permissions": str(permissions.EVERYONE), "attachment_size_limit": 10_485_760}
    there = _in_private(by) if "guild_id" not in channel else _in_server(channel["guild_id"], by)
    return {**new, "application_id": APPLICATION, "type": kind, "data": data, **place, **there, **more}


def _in_server(guild_id: str, by: str) -> Json:
    allowed = permissions.EVERYONE | (permissions.MANAGE_GUILD if by == ADMIN else 0)
    here = {"guild_id": guild_id, "guild": {"id": guild_id, "locale": "en-US", "features": []}, "guild_locale": "en-US"}
    who = {"member": {**member(by), "permissions": str(allowed)}}
    return {**here, **who, "authorizing_integration_owners": {"0": guild_id}, "context": 0}


def _in_private(by: str) -> Json:
    return {"user": user(by), "authorizing_integration_owners": {"0": "0"}, "context": 1}


def command_data(
    commands: list[Json], line: str, options: Json, channels: dict[str, Json], focused: str | None = None
) -> Json:
    """What Discord's client sends for ``/line`` with ``options``; a command that is not registered is a KeyError.

    ``channels`` are those that an option may name by id; ``focused`` is the option that is being typed.
    """
    first, *path = line.split()
    command = {command["name"]: command for command in commands}[first]
    given = _given(command, path, options, focused)
    named = [one["value"] for one in _leaves(given) if one["type"] == CHANNEL_OPTION]
    resolved = {"resolved": {"channels": {one: channels[one] for one in named}}} if named else {}
    return {"id": command["id"], "name": first, "type": 1, "options": given, **resolved}


def _given(node: Json, path: list[str], options: Json, focused: str | None) -> list[Json]:
    known = {option["name"]: option for option in node.get("options", [])}
    if path:
        inner = known[path[0]]
        return [{"name": path[0], "type": inner["type"], "options": _given(inner, path[1:], options, focused)}]
    return [
        {"name": name, "type": known[name]["type"], "value": value} | ({"focused": True} if name == focused else {})
        for name, value in options.items()
    ]


def _leaves(given: list[Json]) -> Iterator[Json]:
    for one in given:
        yield from _leaves(one["options"]) if "options" in one else [one]


def walk(components: list[Json]) -> Iterator[Json]:
    """Every component, nested ones included, in reading order."""
    for component in components:
        yield component
        yield from walk(component.get("components", []))


def text(message: Json) -> str:
    """All that a message shows, as Markdown."""
    shown = [component["content"] for component in walk(message["components"]) if component["type"] == TEXT_DISPLAY]
    return "\n".join([message["content"], *shown]).strip()
