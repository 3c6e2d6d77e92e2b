"""Discord's JSON objects as its API sends them: the cast of the double, and messages and interactions in it.

One server with one channel, a member and an admin. Ids are snowflakes as strings, as on the wire.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

APPLICATION, BOT, GUILD, CHANNEL, MEMBER, ADMIN = (str(1_300_000_000_000_000_000 + number) for number in range(6))
_EVERYONE_PERMISSIONS = 1 << 10 | 1 << 11 | 1 << 16 | 1 << 31  # view, send, read history, use commands
_MANAGE_GUILD = 1 << 5
_ids = itertools.count(1_400_000_000_000_000_000)

EPHEMERAL = 1 << 6
TEXT_DISPLAY, BUTTON = 10, 2


def new_id() -> str:
    return str(next(_ids))


def now() -> str:
    return datetime.now(UTC).isoformat()


def user(user_id: str) -> Json:
    names = {BOT: "newsdesk", MEMBER: "member", ADMIN: "admin"}
    named: Json = {"id": user_id, "username": names[user_id], "discriminator": "0", "global_name": None}
    return {**named, "avatar": None, "bot": user_id == BOT, "public_flags": 0}


def application() -> Json:
    named = {"id": APPLICATION, "name": "Newsdesk", "description": "", "icon": None, "verify_key": "", "flags": 0}
    return {**named, "bot_public": False, "bot_require_code_grant": False, "owner": user(ADMIN), "team": None}


def member(user_id: str) -> Json:
    timed = {"joined_at": "2025-01-01T00:00:00+00:00", "premium_since": None, "pending": False}
    return {"roles": [], "nick": None, "avatar": None, "deaf": False, "mute": False, "flags": 0, **timed} | {
        "user": user(user_id)
    }


def channel() -> Json:
    placed: Json = {"id": CHANNEL, "type": 0, "guild_id": GUILD, "position": 0, "parent_id": None}
    return {**placed, "name": "newsdesk", "topic": None, "nsfw": False, "permission_overwrites": [], "flags": 0}


def guild() -> Json:
    """What a GUILD_CREATE holds of the server."""
    shown = {"color": 0, "hoist": False, "managed": False, "mentionable": False, "position": 0, "flags": 0}
    everyone = {"id": GUILD, "name": "@everyone", "permissions": str(_EVERYONE_PERMISSIONS), **shown}
    people = {"owner_id": ADMIN, "roles": [everyone], "members": [member(BOT)], "member_count": 3, "large": False}
    levels = {"verification_level": 1, "default_message_notifications": 1, "explicit_content_filter": 0, "mfa_level": 0}
    empty: Json = {key: [] for key in ("emojis", "stickers", "features", "threads", "voice_states", "presences")}
    more = {"preferred_locale": "en-US", "nsfw_level": 0, "system_channel_flags": 0, "unavailable": False}
    return {"id": GUILD, "name": "The newsroom", "channels": [channel()], **people, **levels, **empty, **more}


def message(channel_id: str, body: Json) -> Json:
    """The message that ``body`` makes, with the components numbered as Discord does."""
    made = {"id": new_id(), "channel_id": channel_id, "author": user(BOT), "timestamp": now(), "type": 0}
    plain = {"tts": False, "mention_everyone": False, "pinned": False, "edited_timestamp": None}
    empty: Json = {key: [] for key in ("mentions", "mention_roles", "attachments", "embeds")}
    return {**made, **plain, **empty, "content": "", "flags": 0, "components": []} | edited(body)


def edited(body: Json) -> Json:
    """What of a request's body goes into the message."""
    kept = {key: body[key] for key in ("content", "embeds", "flags", "nonce") if body.get(key) is not None}
    return kept | ({"components": _numbered(body["components"], itertools.count(1))} if "components" in body else {})


def _numbered(components: list[Json], ids: Iterator[int]) -> list[Json]:
    numbered: list[Json] = []
    for component in components:
        with_id = {**component, "id": next(ids)}
        if "components" in component:
            with_id["components"] = _numbered(component["components"], ids)
        numbered.append(with_id)
    return numbered


def interaction(kind: int, data: Json, by: str) -> Json:
    """An INTERACTION_CREATE of ``by`` in the channel; ``token`` is new."""
    permissions = _EVERYONE_PERMISSIONS | (_MANAGE_GUILD if by == ADMIN else 0)
    here = {"guild_id": GUILD, "channel_id": CHANNEL, "channel": channel(), "guild": {"id": GUILD, "locale": "en-US"}}
    rights: Json = {"entitlements": [], "authorizing_integration_owners": {"0": GUILD}, "context": 0}
    who = {"member": {**member(by), "permissions": str(permissions)}, "locale": "en-US", "guild_locale": "en-US"}
    new = {"id": new_id(), "token": f"interaction-token-{new_id()}-{'x' * 60}", "version": 1}
    more = {"app_permissions": str(_EVERYONE_PERMISSIONS), "attachment_size_limit": 10_485_760}
    return {**new, "application_id": APPLICATION, "type": kind, "data": data, **here, **who, **rights, **more}


def command_data(commands: list[Json], line: str, options: Json) -> Json:
    """What Discord's client sends for ``/line`` with ``options``; a command that is not registered is a KeyError."""
    first, *path = line.split()
    command = {command["name"]: command for command in commands}[first]
    return {"id": command["id"], "name": first, "type": 1, "options": _given(command, path, options)}


def _given(node: Json, path: list[str], options: Json) -> list[Json]:
    known = {option["name"]: option for option in node.get("options", [])}
    if path:
        inner = known[path[0]]
        return [{"name": path[0], "type": inner["type"], "options": _given(inner, path[1:], options)}]
    return [{"name": name, "type": known[name]["type"], "value": value} for name, value in options.items()]


def walk(components: list[Json]) -> Iterator[Json]:
    """Every component, nested ones included, in reading order."""
    for component in components:
        yield component
        yield from walk(component.get("components", []))


def text(message: Json) -> str:
    """All that a message shows, as Markdown."""
    shown = [component["content"] for component in walk(message["components"]) if component["type"] == TEXT_DISPLAY]
    return "\n".join([message["content"], *shown]).strip()
