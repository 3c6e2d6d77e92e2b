"""What people attach to a command: fetched from Discord, within the limit of a document."""

from __future__ import annotations

import aiohttp
import discord

from bot.errors import UnreadableDocument
from bot.reading.documents import MAX_DOCUMENT_BYTES, too_large


async def data_of(file: discord.Attachment) -> bytes:
    """The bytes of an attached file. Raises `UnreadableDocument`."""
    if file.size > MAX_DOCUMENT_BYTES:
        raise UnreadableDocument(file.filename, too_large(file.size))
    try:
        return await file.read()
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        raise UnreadableDocument(file.filename, "it could not be fetched from Discord: send it again.") from error
