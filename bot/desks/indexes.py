"""The indexes in memory: each library's shelf, opened on first use, kept up with its changes, dropped when unused.

    corpus.changes -> `Shelf` of a library -> `Catalogue` of what a server sees

Whoever asks gets what is in the database now, whether this bot changed it or a CLI verb beside it. A small library is
read and asked in one trip to the thread of looks; a larger one in instalments, or from its snapshot. Compaction runs in
a thread meanwhile, and questions go on being answered from what it replaces.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final, Generic, ParamSpec, TypeVar

from bot.corpus import Corpus, View
from bot.corpus.database import finish
from bot.desks.second import Second
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
MOST_HELD: Final = 2_000
"""Libraries in memory: small ones, of some 40 kB each, take 80 MB together. Beyond that the one that nobody has asked
for longest goes; one that is small is read again in a few milliseconds."""
LARGE_PASSAGES = 50_000  # of so many on, reading a snapshot saves time that is noticed
_ARTICLES_AT_ONCE = 16_000  # unpacked and sorted in together: some 60 MB of tallies
_EVERYTHING = -1


class _Held:
    """The shelf of a library, and what is going on with it."""

    def __init__(self, library: int) -> None:
        self.library = library
        self.shelf = Shelf.empty()
        self.was_opened = False  # or found to be too large for `Indexes._open`
        self.turn = asyncio.Lock()  # of whoever changes the shelf
        self.compaction: asyncio.Task[None] | None = None
        self.saved: tuple[int, int] | None = None  # the state of its snapshot
        self.used = 0.0
        self.has_corrections = False  # of its own
        self.catalogue: tuple[Shelf, Shelf, Catalogue] | None = None  # of this library's server, and made of which
        self.link: Link | None = None

    @property
    def state(self) -> tuple[int, int]:
        """What its library was when its shelf was made."""
        return self.shelf.revision, self.shelf.stamp


@dataclass(frozen=True, slots=True)
class _Opened(Generic[T]):
    """A small library that was read, the catalogue of its server and what was done with that, where it could be."""

    shelf: Shelf
    link: Link | None = None
    catalogue: tuple[Shelf, Shelf, Catalogue] | None = None
    done: tuple[T] | None = None


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
        corpus: Corpus,
        folder: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        second: Second | None = None,
    ) -> None:
        """``folder`` is where snapshots of large indexes are kept; it is made when there is one to keep.

        What is forgotten here is forgotten by ``second``, too.
        """
        self._corpus = corpus
        self._second = second or Second()
        self._folder = folder
        self._clock = clock
        self._held: dict[int, _Held] = {}  # what was asked for last stands last

    async def catalogue(self, library: int) -> Catalogue:
        """What ``library``'s server can search now. Raises `CorpusError`."""
        return await self.ask(library, lambda catalogue, _view: catalogue)

    async def ask(self, library: int, work: Callable[[Catalogue, View], T]) -> T:
        """Do ``work`` with what ``library``'s server can search and with the corpus, both as they are now.

        That is one trip where the index in memory is found to be current, or where the library is small and was not in
        memory. Raises `CorpusError`.
        """
        if library != SHARED:
            await self._open(SHARED, lambda _catalogue, _view: None)
        done = await self._open(library, work) or await self._at_once(library, work)
        if done is not None:
            return done[0]
        followed = await self._followed(library)
        return await self._corpus.look(lambda view: work(followed, view))

    async def _open(self, library: int, work: Callable[[Catalogue, View], T]) -> tuple[T] | None:
        """Read a small library that is not in memory, and do ``work`` with it; None where that is not done so."""
        held = self._hold(library)
        if held.was_opened:
            return None
        async with held.turn:
            if held.was_opened:
                return None
            opened = await self._corpus.look(partial(_opened, library, self._hold(SHARED).shelf, work))
            held.was_opened = True
            if opened is not None:
                self._put(held, opened.shelf)
                held.catalogue, held.link = opened.catalogue, opened.link
        await self._make_room()
        return None if opened is None else opened.done

    async def _at_once(self, library: int, work: Callable[[Catalogue, View], T]) -> tuple[T] | None:
        """Do ``work`` where the index in memory is current; None where it is not."""
        own, shared = self._hold(library), self._hold(SHARED)
        states = {held.library: held.state for held in (own, shared)}
        holder = self._holder(own, shared)
        made = holder.catalogue
        if made is None or made[0] is not holder.shelf or made[1] is not shared.shelf:
            return None
        catalogue = made[2]

        def done(view: View) -> tuple[T] | None:
            now = view.revisions(list(states))
            if any(now.get(one, (0, 0)) != state for one, state in states.items()):
                return None
            return (work(catalogue, view),)

        return await self._corpus.look(done)

    async def _followed(self, library: int) -> Catalogue:
        """What ``library``'s server can search now, brought up to date."""
        states = await self._corpus.changes.revisions(sorted({library, SHARED}))
        own = await self._current(self._hold(library), states.get(library, (0, 0)))
        shared = await self._current(self._hold(SHARED), states.get(SHARED, (0, 0)))
        own = self._holder(own, shared)
        async with own.turn:
            made = own.catalogue
            if made is None or made[:2] != (own.shelf, shared.shelf):
                made = own.catalogue = (own.shelf, shared.shelf, await self._combine(own, shared))
            return made[2]

    def _hold(self, library: int) -> _Held:
        """A library as it is in memory, for somebody who asks for it."""
        held = self._held.pop(library) if library in self._held else _Held(library)
        self._held[library] = held
        held.used = self._clock()
        return held

    def _holder(self, own: _Held, shared: _Held) -> _Held:
        """Who has the catalogue of a library: there is one for all who have nothing of their own."""
        return own if own.shelf.articles.size or own.has_corrections else shared

    async def think(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """Do what takes a millisecond or a few of them, such as answering from a catalogue, in the thread of looks.

        It is one: several at work on Python keep the event loop waiting, and are no faster, since they wait for one
        another.
        """
        call = partial(work, *arguments, **named)
        return await asyncio.get_running_loop().run_in_executor(self._corpus.thread, call)

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
        held = [self._held[one] for one in libraries if one in self._held and self._held[one].shelf.revision]
        if held:
            states = await self._corpus.changes.revisions([one.library for one in held])
            for one in held:
                await self._current(one, states.get(one.library, (0, 0)))

    async def tidy(self) -> None:
        """Forget what nobody has asked for `IDLE_SECONDS`."""
        before = self._clock() - IDLE_SECONDS
        for held in list(self._held.values()):
            if held.used < before:
                await self._let_go(held, "was unused")

    async def _make_room(self) -> None:
        """Forget what nobody has asked for longest, where there is more than `MOST_HELD`; what is in use stays."""
        for held in list(islice(self._held.values(), max(0, len(self._held) - MOST_HELD))):
            if not held.turn.locked():
                await self._let_go(held, "made room for others")

    async def _let_go(self, held: _Held, why: str) -> None:
        """Keep the snapshot of an index and forget it, unless somebody asks for it meanwhile."""
        used = held.used
        async with held.turn:
            await self._save(held)
            if held.used == used and held.compaction is None and self._held.get(held.library) is held:
                del self._held[held.library]
                _log.info("the index of library %d %s and has left memory", held.library, why)

    def in_memory(self) -> InMemory:
        """Without reading anything: what is there now."""
        shelves = [held.shelf for held in self._held.values() if held.shelf.revision]
        passages = sum(shelf.passages.size for shelf in shelves)
        return InMemory(len(shelves), passages, sum(shelf.size_bytes for shelf in shelves))

    async def forget(self, library: int) -> None:
        """Drop the index of a library and its snapshot: it has the words of articles that were purged, or deleted.

        Whoever asks next has it read anew.
        """
        self._second.forget(library)
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

    async def _current(self, held: _Held, state: tuple[int, int]) -> _Held:
        """The shelf of a library as it was at ``state`` or later."""
        if held.state != state:
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
        held.has_corrections = await self._corpus.corrections.any_of(held.library)
        self._put(held, shelf)

    def _put(self, held: _Held, shelf: Shelf) -> None:
        held.shelf = shelf
        if shelf.needs_compaction and held.compaction is None:
            held.compaction = asyncio.create_task(self._compact(held), name=f"compaction {held.library}")

    async def _state(self, library: int) -> tuple[int, int]:
        return (await self._corpus.changes.revisions([library])).get(library, (0, 0))

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
        async with aclosing(self._corpus.changes.since(library, since)) as instalments:
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
        spoken = await self._corpus.corrections.speakers(own.library)
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
        path, state = self._path(held.library), held.state
        if path is None or held.saved == state or held.shelf.passages.size < LARGE_PASSAGES:
            return
        try:
            path.parent.mkdir(exist_ok=True)
            await asyncio.to_thread(snapshots.save, path, held.library, held.shelf)
            held.saved = state
        except OSError as error:
            _log.warning("no snapshot of library %d could be kept (%s)", held.library, error.strerror)


def _opened(library: int, shared: Shelf, work: Callable[[Catalogue, View], T], view: View) -> _Opened[T] | None:
    """What `Indexes._open` reads and does; None for a library that is not small, or has corrections to lay over it.

    ``shared`` is the shared library as it is in memory.
    """
    whole = view.whole(library)
    if whole is None:
        return None
    own = _after(Shelf.empty(), [whole.changes]).compacted()
    if library == SHARED:
        link, shared, catalogue = None, own, Catalogue([own])
    elif not own.articles.size or whole.shared != (shared.revision, shared.stamp):
        return _Opened(own)  # its catalogue is the shared library's, or waits for what is new there
    else:
        link = Link(own.vocabulary, shared.vocabulary)
        catalogue = combined(own, shared, link)
    return _Opened(own, link, (own, shared, catalogue), (work(catalogue, view),))


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
