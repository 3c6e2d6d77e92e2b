"""The words of a message that somebody has picked from its menu, wherever in the message they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import discord

from bot.errors import Refused
from bot.reading.links import first_link

_MOST_CHARS = 6_000


def words_of(message: discord.Message) -> str:
    """The text of a message: its content, its embeds and what its cards show. Raises `Refused` where it has none."""
    text = "\n".join(_parts(message)).strip()
    if not text:
        raise Refused("There are no words in this message: pick one that has some.")
    return text[:_MOST_CHARS]


def link_in(message: discord.Message) -> str | None:
    """The first link of a message, or of what it shows of another page; None where there is none."""
    embedded = [embed.url for one in _shown(message) for embed in one.embeds if embed.url]
    return first_link([*_parts(message), *embedded])


def files_of(message: discord.Message) -> list[discord.Attachment]:
    """The files of a message, and those of the messages forwarded in it."""
    return [file for one in _shown(message) for file in one.attachments]


def _shown(message: discord.Message) -> list[discord.Message | discord.MessageSnapshot]:
    """A message and those it forwards."""
    return [message, *message.message_snapshots]


def _parts(message: discord.Message) -> Iterator[str]:
    for one in _shown(message):
        embeds = (part for embed in one.embeds for part in (embed.title, embed.description))
        yield from filter(None, (one.content, *embeds, *_displays(one.components)))


def _displays(components: Iterable[Any]) -> Iterator[str]:
    for component in components:
        if isinstance(component, discord.TextDisplay):
            yield component.content
        yield from _displays(getattr(component, "children", ()))
