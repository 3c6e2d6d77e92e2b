"""The words of a message that somebody has picked from its menu, wherever in the message they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import discord

from bot.errors import Refused

_MOST_CHARS = 6_000


def words_of(message: discord.Message) -> str:
    """The text of a message: its content, its embeds and what its cards show. Raises `Refused` where it has none."""
    embeds = (part for embed in message.embeds for part in (embed.title, embed.description))
    parts = (message.content, *embeds, *_displays(message.components))
    text = "\n".join(part for part in parts if part).strip()
    if not text:
        raise Refused("There are no words in this message: pick one that has some.")
    return text[:_MOST_CHARS]


def _displays(components: Iterable[Any]) -> Iterator[str]:
    for component in components:
        if isinstance(component, discord.TextDisplay):
            yield component.content
        yield from _displays(getattr(component, "children", ()))
