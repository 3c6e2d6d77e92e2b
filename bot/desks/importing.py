"""Many documents in: read one after the other, taken apart side by side, stored some at a time.

    read_file -> is its text there already? -> prepare (in processes) -> stored in one transaction -> `Imported`

Results come in the order of the documents, and each when its transaction is on the disk: what is said to be added
stays. A text that is there already is recognised by its fingerprint and not taken apart again, so that an import that
was broken off goes on where it was when it is started again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bot.corpus.articles import Added, Articles
from bot.desks.preparing import prepare_all
from bot.desks.workers import Workers, workers
from bot.errors import Refused, UnreadableDocument
from bot.language.normal import fingerprint
from bot.language.prepared import Prepared
from bot.model import Document
from bot.tasks import end

TOGETHER: Final = 32
"""Documents stored in one transaction: some 40 ms, in which nobody else can write."""
_CHARS_TOGETHER: Final = 400_000  # or fewer, where they are long
_FEW: Final = 4  # batches that are read in this process: starting another takes as long

Read = Document | UnreadableDocument
Store = Callable[[Sequence[Prepared]], Awaitable[Sequence[Added]]]
"""Stores prepared documents, durably; what became of each."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one document of an import: ``added`` or the ``fault`` that kept it out."""

    name: str
    source_id: str | None = None
    added: Added | None = None
    fault: str | None = None


@dataclass(slots=True)
class _Item:
    """A document on its way: what is known of it so far."""

    path: Path
    read: Read
    fingerprint: str = ""
    prepared: Prepared | None = None
    added: Added | None = None
    fault: str | None = None

    def imported(self) -> Imported:
        if isinstance(self.read, UnreadableDocument):
            return Imported(self.read.name, fault=self.read.reason)
        return Imported(self.read.name, self.read.source_id, self.added, self.fault)


class Importing:
    """One import into ``library``; ``restore``: bring back what was removed there."""

    def __init__(self, articles: Articles, store: Store, library: int, *, restore: bool) -> None:
        self._articles = articles
        self._store = store
        self._library = library
        self._restore = restore
        self._in_step = False

    async def run(self, reading: Iterator[tuple[Path, Read]]) -> AsyncGenerator[tuple[Path, Imported], None]:
        """What became of each document, and the file that it came from. Raises `CorpusError`, `WorkersEnded`."""
        self._in_step = await self._articles.is_untouched(self._library)
        async with workers() as beside:
            waiting: deque[asyncio.Task[list[_Item]]] = deque()
            batches = 0
            try:
                while items := await asyncio.to_thread(_take, reading):
                    new = await self._recognise(items)
                    batches += bool(new)
                    waiting.append(asyncio.create_task(_prepare(items, new, beside if batches > _FEW else None)))
                    if len(waiting) > (beside.count if batches > _FEW else 0):
                        for item in await self._settle(await waiting.popleft()):
                            yield item.path, item.imported()
                while waiting:
                    for item in await self._settle(await waiting.popleft()):
                        yield item.path, item.imported()
            finally:
                await end(waiting)

    async def _recognise(self, items: Sequence[_Item]) -> list[_Item]:
        """Settle what needs no reading, as its text is there already; returns the others that can be read."""
        readable = [item for item in items if isinstance(item.read, Document)]
        known = await self._articles.by_text(self._library, [item.fingerprint for item in readable])
        for item in readable:
            found = known.get(item.fingerprint)
            self._keep_step(item, found)
            if found and (found.is_there or not self._restore):
                item.added = found
        return [item for item in readable if item.added is None]

    def _keep_step(self, item: _Item, found: Added | None) -> None:
        """Whether articles of an export come under the numbers they had: as long as all that is there has them.

        That is so in an empty library, and in one where an import of the same export was broken off.
        """
        if not isinstance(item.read, Document) or item.read.origin is None:
            return
        if found is not None and found.article.library == self._library:
            self._in_step = found.article.number == item.read.origin.number
        elif not self._in_step:
            item.read = replace(item.read, origin=None)

    async def _settle(self, items: list[_Item]) -> list[_Item]:
        """Store what was prepared."""
        new = [(item, item.prepared) for item in items if item.prepared is not None]
        added = await self._store([prepared for _, prepared in new]) if new else ()
        for (item, _), one in zip(new, added, strict=True):
            item.added = one
        return items


def _take(reading: Iterator[tuple[Path, Read]]) -> list[_Item]:
    """The next documents, with their fingerprints."""
    items: list[_Item] = []
    chars = 0
    while len(items) < TOGETHER and chars < _CHARS_TOGETHER:
        path, read = next(reading, (None, None))
        if path is None or read is None:
            break
        item = _Item(path, read)
        if isinstance(read, Document):
            item.fingerprint = fingerprint(read.text)
            chars += len(read.text)
        items.append(item)
    return items


async def _prepare(items: list[_Item], new: list[_Item], beside: Workers | None) -> list[_Item]:
    documents = [item.read for item in new if isinstance(item.read, Document)]
    if beside is None or not documents:
        prepared = await asyncio.to_thread(prepare_all, documents)
    else:
        prepared = await beside.call(prepare_all, documents)
    for item, one in zip(new, prepared, strict=True):
        if isinstance(one, Refused):
            item.fault = str(one)
        else:
            item.prepared = one
    return items
