"""Packing: what a person or a server is given of what is kept, as one file of theirs.

corpus.extracts -> **packing** -> an attachment of `/data export`, or a file of `newsdesk export`
"""

from __future__ import annotations

import asyncio
import json
import zipfile
from io import BytesIO
from typing import Final

from bot.corpus import Corpus
from bot.corpus.extracts import Record
from bot.errors import Refused

LEAST_RATIO: Final = 12
"""No news text is packed to less than a twelfth: what would still be too large is refused before it is read."""

_README = """\
articles.jsonl  the articles, one a line; `newsdesk import` reads it
removed.jsonl   articles that were removed and can still be restored
articles/       the texts alone, by number
library.json    schedules, digests, feeds, corrections, names, what changed when, and how many watches there are
"""


async def pack_person(corpus: Corpus, guild: int, user_id: int) -> bytes:
    """What is a person's own in a server, as JSON."""
    kept = await corpus.extracts.person(guild, user_id)
    return await asyncio.to_thread(_as_json, kept)


async def pack_library(corpus: Corpus, guild: int, *, max_bytes: int) -> bytes:
    """The library of a server as a .zip. Raises `Refused` where that would be larger than ``max_bytes``."""
    if await corpus.extracts.chars(guild) > LEAST_RATIO * max_bytes:
        raise _too_large(guild, max_bytes)
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        lines: dict[bool, list[str]] = {False: [], True: []}
        async for some in corpus.extracts.articles(guild):
            await asyncio.to_thread(_add, packed, some, lines)
            if file.tell() > max_bytes:
                raise _too_large(guild, max_bytes)
        packed.writestr("README.txt", _README)
        packed.writestr("library.json", _as_json(await corpus.extracts.server(guild)))
        await asyncio.to_thread(packed.writestr, "articles.jsonl", "".join(lines[False]))
        await asyncio.to_thread(packed.writestr, "removed.jsonl", "".join(lines[True]))
    if file.tell() > max_bytes:
        raise _too_large(guild, max_bytes)
    return file.getvalue()


def _add(packed: zipfile.ZipFile, some: list[tuple[bool, Record]], lines: dict[bool, list[str]]) -> None:
    for removed, record in some:
        lines[removed].append(json.dumps(record, ensure_ascii=False) + "\n")
        if not removed:
            packed.writestr(f"articles/{record['number']:05}.txt", f"{record['title']}\n\n{record['text']}\n")


def _as_json(record: Record) -> bytes:
    return json.dumps(record, ensure_ascii=False, indent=2, default=str).encode()


def _too_large(guild: int, max_bytes: int) -> Refused:
    return Refused(
        f"This library is larger than the {max_bytes >> 20} MB that Discord takes as one file: "
        f"ask the bot's host for it, who can write it to a folder with newsdesk export --server {guild}."
    )
