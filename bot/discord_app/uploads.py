"""Files people upload: fetched from Discord, read for what they are, stored, and each reported on a line of its own."""

from __future__ import annotations

from collections.abc import Sequence

import aiohttp
import discord

from bot.corpus import Added, Outcome
from bot.discord_app import markup
from bot.discord_app.cards import Card, byline, note
from bot.discord_app.desk import Interaction, library_of
from bot.discord_app.drafts import added_card
from bot.discord_app.events import story_of
from bot.discord_app.replies import sentence
from bot.errors import NewsdeskError, Refused, UnreadableDocument
from bot.model import Document
from bot.newsdesk import Newsdesk
from bot.reading.documents import too_large
from bot.reading.untrusted import MAX_BYTES_OF_ANY

MAX_FILES = 10
MAX_BYTES_IN_ALL = 25 << 20

_BECAME = {
    Outcome.ADDED: "added",
    Outcome.UNCHANGED: "already in the library",
    Outcome.RESTORED: "back in the library, it had been removed",
    Outcome.REMOVED: "left out, it was removed from the library",
}


async def upload_card(interaction: Interaction, files: Sequence[discord.Attachment]) -> Card:
    """Store ``files``, one after the other; of several, one that cannot be read leaves the rest unharmed.

    Raises `Refused` where they are too much, and what is wrong with a lone one.
    """
    size_bytes = sum(file.size for file in files)
    if size_bytes > MAX_BYTES_IN_ALL and len(files) > 1:
        sizes = f"{size_bytes / (1 << 20):.1f} MiB together; {MAX_BYTES_IN_ALL >> 20} MiB is the most"
        raise Refused(f"These files are {sizes}: send some of them now and the others after.")
    if len(files) == 1:
        added = await _add(interaction, files[0])
        return added_card(added, await story_of(interaction, added.article))
    results = [await _result(interaction, file) for file in files]
    stored = sum(became in (Outcome.ADDED, Outcome.RESTORED) for became, _ in results)
    return note("\n".join(line for _, line in results), title=f"{stored} of {len(files)} files added")


async def read_attachment(newsdesk: Newsdesk, file: discord.Attachment) -> Document:
    """The document in a file that is with Discord. Raises `UnreadableDocument`."""
    return await newsdesk.read(file.filename, await _bytes_of(file))


async def _add(interaction: Interaction, file: discord.Attachment) -> Added:
    newsdesk = interaction.client.newsdesk
    document = await read_attachment(newsdesk, file)
    return await newsdesk.add(library_of(interaction), document, added_by=interaction.user.id)


async def _result(interaction: Interaction, file: discord.Attachment) -> tuple[Outcome | None, str]:
    """What became of one file, and the line that says so."""
    try:
        added = await _add(interaction, file)
    except UnreadableDocument as error:
        return None, f"• **{markup.escape_within(file.filename, 80)}**: {markup.escape_within(error.reason, 240)}"
    except NewsdeskError as error:
        return None, f"• **{markup.escape_within(file.filename, 80)}**: {sentence(interaction, error, most=240)}"
    return added.outcome, f"• {byline(added.article, max_chars=110)}: {_BECAME[added.outcome]}"


async def _bytes_of(file: discord.Attachment) -> bytes:
    if file.size > MAX_BYTES_OF_ANY:
        raise UnreadableDocument(file.filename, too_large(file.size, MAX_BYTES_OF_ANY))
    try:
        return await file.read()
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        raise UnreadableDocument(file.filename, "it could not be fetched from Discord: send it again.") from error
