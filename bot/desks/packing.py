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

# `newsdesk import` of the file, or of its folder, brings the articles and each once: a text alone is the same article,
# and what was removed stays so.
_README = """\
articles.jsonl  the articles, one a line
removed.json    articles that were removed and are still kept
texts/          the texts alone, by number
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
        lines: list[str] = []
        removed: list[Record] = []
        async for some in corpus.extracts.articles(guild):
            removed += [record for was_removed, record in some if was_removed]
            await asyncio.to_thread(_add, packed, [record for was_removed, record in some if not was_removed], lines)
            if file.tell() > max_bytes:
                raise _too_large(guild, max_bytes)
        packed.writestr("README.md", _README)
        packed.writestr("library.json", _as_json(await corpus.extracts.server(guild)))
        await asyncio.to_thread(packed.writestr, "articles.jsonl", "".join(lines))
        await asyncio.to_thread(packed.writestr, "removed.json", _as_json(removed))
    if file.tell() > max_bytes:
        raise _too_large(guild, max_bytes)
    return file.getvalue()


def _add(packed: zipfile.ZipFile, some: list[Record], lines: list[str]) -> None:
    for record in some:
        lines.append(json.dumps(record, ensure_ascii=False) + "\n")
        packed.writestr(f"texts/{record['number']:05}.txt", f"{record['text']}\n")


def _as_json(kept: Record | list[Record]) -> bytes:
    return json.dumps(kept, ensure_ascii=False, indent=2, default=str).encode()


def _too_large(guild: int, max_bytes: int) -> Refused:
    return Refused(
        f"This library is larger than the {max_bytes >> 20} MB that Discord takes as one file: "
        f"ask the bot's host for it, who can write it to a folder with newsdesk export FOLDER --server {guild}."
    )
