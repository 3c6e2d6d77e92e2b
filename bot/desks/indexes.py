"""The indexes in memory: each library's shelf, opened on first use, kept up with its changes, dropped when unused.

    corpus.changes -> `Shelf` of a library -> `Catalogue` of what a server sees

Whoever asks gets what is in the database now, whether this bot changed it or a CLI verb beside it. Compaction runs in
a thread meanwhile, and questions go on being answered from what it replaces.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from concurrent.futures import Executor
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

from bot.corpus import View
from bot.corpus.changes import LibraryChanges
from bot.corpus.corrections import Corrections
from bot.corpus.database import finish
from bot.errors import CorpusError
from bot.model import SHARED
from bot.search import snapshots
from bot.search.catalogue import Catalogue, combined
from bot.search.joint import Link
from bot.search.shelf import Shelf
from bot.tallies import Changes, is_another_history

_log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

IDLE_SECONDS = 30 * 60
LARGE_PASSAGES = 50_000  # of so many on, reading a snapshot saves time that is noticed
_ARTICLES_AT_ONCE = 16_000  # unpacked and sorted in together: some 60 MB of tallies
_EVERYTHING = -1


class Look(Protocol):
    """`Corpus.look`."""

    def __call__(self, work: Callable[[View], T], /) -> Awaitable[T]:
        """What ``work`` makes of a view of the database."""
        ...


class _Held:
    """The shelf of a library, and what is going on with it."""

    def __init__(self, library: int) -> None:
        self.library = library
        self.shelf = Shelf.empty()
        self.turn = asyncio.Lock()  # of whoever changes the shelf
        self.compaction: asyncio.Task[None] | None = None
        self.saved: tuple[int, int] | None = None  # the state of its snapshot
        self.used = 0.0
        self.has_corrections = False  # of its own
        self.catalogue: tuple[Shelf, Shelf, Catalogue] | None = None  # of this library's server, and made of which
        self.link: Link | None = None


@dataclass(frozen=True, slots=True)
class InMemory:
    """How much of all libraries is in memory to be searched."""

    libraries: int
    passages: int
    size_bytes: int  # of the postings


class Indexes:
    """Every library's index; `close` it at the end."""

    def __init__(
        self,
        changes: LibraryChanges,
        corrections: Corrections,
        thread: Executor,
        folder: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``folder`` is where snapshots of large indexes are kept; it is made when there is one to keep.

        ``thread`` is for `think`: that of `ask`, `Corpus.thread`. It should be one: several at work on Python keep the
        event loop waiting, and are no faster, since they wait for one another.
        """
        self._changes = changes
        self._corrections = corrections
        self.thread = thread
        self._folder = folder
        self._clock = clock
        self._held: dict[int, _Held] = {}

    async def catalogue(self, library: int) -> Catalogue:
        """What ``library``'s server can search now. Raises `CorpusError`."""
        states = await self._changes.revisions(sorted({library, SHARED}))
        own = await self._current(library, states.get(library, (0, 0)))
        shared = own if library == SHARED else await self._current(SHARED, states.get(SHARED, (0, 0)))
        own = self._holder(own, shared)
        async with own.turn:
            made = own.catalogue
            if made is None or made[:2] != (own.shelf, shared.shelf):
                made = own.catalogue = (own.shelf, shared.shelf, await self._combine(own, shared))
            return made[2]

    async def ask(self, look: Look, library: int, work: Callable[[Catalogue, View], T]) -> T:
        """Do ``work`` with what ``library``'s server can search and with the corpus, both as they are now.

        That is one trip where the index in memory is found to be current. Raises `CorpusError`.
        """
        ready = self._ready(library)
        if ready is not None:
            catalogue, states = ready

            def at_once(view: View) -> tuple[T] | None:
                now = view.revisions(list(states))
                if any(now.get(one, (0, 0)) != state for one, state in states.items()):
                    return None
                return (work(catalogue, view),)

            if (done := await look(at_once)) is not None:
                return done[0]
        followed = await self.catalogue(library)
        return await look(lambda view: work(followed, view))

    def _ready(self, library: int) -> tuple[Catalogue, dict[int, tuple[int, int]]] | None:
        """The catalogue in memory, and what state of which library it is of."""
        own, shared = self._held.get(library), self._held.get(SHARED)
        if own is None or shared is None:
            return None
        own.used = shared.used = self._clock()
        states = {held.library: (held.shelf.revision, held.shelf.stamp) for held in (own, shared)}
        holder = self._holder(own, shared)
        made = holder.catalogue
        if made is None or made[0] is not holder.shelf or made[1] is not shared.shelf:
            return None
        return made[2], states

    def _holder(self, own: _Held, shared: _Held) -> _Held:
        """Who has the catalogue of a library: there is one for all who have nothing of their own."""
        return own if own.shelf.articles.size or own.has_corrections else shared

    async def think(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Do what takes a millisecond or a few of them, such as answering from a catalogue, in the thread for it."""
        return await asyncio.get_running_loop().run_in_executor(self.thread, partial(work, *arguments, **named))

    async def take(self, library: int, changes: Changes) -> None:
        """Bring an index in memory up to date with a change that this process has made: it need not be read again.

        Where the index is busy, being read say, nobody waits: whoever asks next brings it up to date.
        """
        held = self._held.get(library)
        if held is not None and held.shelf.revision and not held.turn.locked():
            await finish(self._take(held, changes))

    async def _take(self, held: _Held, changes: Changes) -> None:
        async with held.turn:
            if held.shelf.revision == changes.revision - 1:
                self._put(held, await self.think(held.shelf.after, changes))

    async def freshen(self, libraries: Collection[int]) -> None:
        """Bring those of these libraries that are in memory up to date, whoever changed them: nobody need wait then."""
        held = [library for library in libraries if library in self._held and self._held[library].shelf.revision]
        if held:
            states = await self._changes.revisions(held)
            for library in held:
                used = self._held[library].used if library in self._held else self._clock()
                (await self._current(library, states.get(library, (0, 0)))).used = used

    async def tidy(self) -> None:
        """Forget what nobody has asked for `IDLE_SECONDS`."""
        before = self._clock() - IDLE_SECONDS
        for held in list(self._held.values()):
            if held.used >= before:
                continue
            async with held.turn:
                await self._save(held)
                if held.used < before and held.compaction is None and self._held.get(held.library) is held:
                    del self._held[held.library]
                    _log.info("the index of library %d was unused and has left memory", held.library)

    def in_memory(self) -> InMemory:
        """Without reading anything: what is there now."""
        shelves = [held.shelf for held in self._held.values() if held.shelf.revision]
        passages = sum(shelf.passages.size for shelf in shelves)
        return InMemory(len(shelves), passages, sum(shelf.size_bytes for shelf in shelves))

    async def forget(self, library: int) -> None:
        """Drop the index of a library and its snapshot: it has the words of articles that were purged, or deleted.

        Whoever asks next has it read anew.
        """
        held = self._held.get(library) or _Held(library)
        if held.compaction is not None:
            await held.compaction
        async with held.turn:
            held.shelf, held.catalogue, held.link, held.saved = Shelf.empty(), None, None, None
            if path := self._path(library):
                for file in (path, path.with_name(path.name + ".part")):
                    await asyncio.to_thread(file.unlink, missing_ok=True)
            self._held.pop(library, None)

    async def close(self) -> None:
        """Let what is being compacted end, and keep what is large for the next start."""
        for held in list(self._held.values()):
            if held.compaction is not None:
                await held.compaction
            async with held.turn:
                await self._save(held)

    async def _current(self, library: int, state: tuple[int, int]) -> _Held:
        """The shelf of a library as it was at ``state`` or later."""
        held = self._held.get(library) or self._held.setdefault(library, _Held(library))
        held.used = self._clock()
        if (held.shelf.revision, held.shelf.stamp) != state:
            # To its end, whoever is cancelled: a thread that changes the vocabulary cannot be stopped half way.
            await finish(self._follow(held, state))
        return held

    async def _follow(self, held: _Held, state: tuple[int, int]) -> None:
        async with held.turn:
            await self._bring_to(held, state)

    async def _bring_to(self, held: _Held, state: tuple[int, int]) -> None:
        shelf = held.shelf
        if shelf.revision > state[0]:  # somebody else was faster, or the database was replaced by a backup
            state = await self._state(held.library)
        if (shelf.revision, shelf.stamp) == state:
            return
        if is_another_history(shelf.revision, state[0]):
            shelf = Shelf.empty()
        if shelf.revision == 0:
            kept = await asyncio.to_thread(self._from_snapshot, held, state)
            shelf = await self._read(held.library) if kept is None else kept
        else:
            shelf = await self._apply(shelf, held.library, shelf.revision)
        held.has_corrections = await self._corrections.any_of(held.library)
        self._put(held, shelf)

    def _put(self, held: _Held, shelf: Shelf) -> None:
        held.shelf = shelf
        if shelf.needs_compaction and held.compaction is None:
            held.compaction = asyncio.create_task(self._compact(held), name=f"compaction {held.library}")

    async def _state(self, library: int) -> tuple[int, int]:
        return (await self._changes.revisions([library])).get(library, (0, 0))

    async def _read(self, library: int) -> Shelf:
        """The shelf made from all tallies of a library."""
        begun = time.perf_counter()
        shelf = await self._apply(Shelf.empty(), library, _EVERYTHING)
        shelf = await asyncio.to_thread(shelf.compacted)
        _log.info("the index of library %d was read in %.1f s", library, time.perf_counter() - begun)
        return shelf

    async def _apply(self, shelf: Shelf, library: int, since: int) -> Shelf:
        """``shelf`` with the changes after revision ``since``."""
        waiting: list[Changes] = []
        async with aclosing(self._changes.since(library, since)) as instalments:
            async for changes in instalments:
                waiting.append(changes)
                if sum(len(one.filed) for one in waiting) >= _ARTICLES_AT_ONCE:
                    shelf, waiting = await asyncio.to_thread(_after, shelf, waiting), []
        return await asyncio.to_thread(_after, shelf, waiting)

    async def _compact(self, held: _Held) -> None:
        """Compact a shelf; what is added and removed meanwhile is kept."""
        begun = held.shelf
        try:
            compacted = await asyncio.to_thread(begun.compacted)
            async with held.turn:
                if held.shelf.continues(begun):
                    held.shelf = compacted.catch_up(begun, held.shelf)
        finally:
            held.compaction = None

    async def _combine(self, own: _Held, shared: _Held) -> Catalogue:
        spoken = await self._corrections.speakers(own.library)
        if own is shared:
            return Catalogue([shared.shelf.with_speakers(spoken)])
        if own.link is None or own.link.joins != (own.shelf.vocabulary, shared.shelf.vocabulary):
            own.link = Link(own.shelf.vocabulary, shared.shelf.vocabulary)
        return await self.think(combined, own.shelf, shared.shelf, own.link, spoken)

    def _path(self, library: int) -> Path | None:
        return None if self._folder is None else self._folder / f"{library}.snapshot"

    def _from_snapshot(self, held: _Held, state: tuple[int, int]) -> Shelf | None:
        path = self._path(held.library)
        shelf = None if path is None else snapshots.load(path, held.library, *state)
        held.saved = None if shelf is None else state
        return shelf

    async def _save(self, held: _Held) -> None:
        """Keep a snapshot of a large shelf, unless it is kept already."""
        path, state = self._path(held.library), (held.shelf.revision, held.shelf.stamp)
        if path is None or held.saved == state or held.shelf.passages.size < LARGE_PASSAGES:
            return
        try:
            path.parent.mkdir(exist_ok=True)
            await asyncio.to_thread(snapshots.save, path, held.library, held.shelf)
            held.saved = state
        except OSError as error:
            _log.warning("no snapshot of library %d could be kept (%s)", held.library, error.strerror)


def _after(shelf: Shelf, instalments: Sequence[Changes]) -> Shelf:
    """The shelf with all of these changes, compacted where most of it is new: many copies of a long tail cost more."""
    if instalments:
        first, last = instalments[0], instalments[-1]
        filed = [one for changes in instalments for one in changes.filed]
        try:
            shelf = shelf.after(Changes(last.revision, last.stamp, first.changed, filed, first.entries))
        except ValueError as error:  # of a tally
            raise CorpusError("The counts of an article are damaged: run `newsdesk reread`.") from error
    return shelf.compacted() if shelf.is_mostly_new else shelf
