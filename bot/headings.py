"""Headings in memory: every article a server sees without its text, for lists and for what is offered as people type.

    corpus -> `Shelf` of a library, kept up with its changes -> `Headings`, over a server's own and the shared one

Nothing is read anew when an article comes in or goes: only what changed since the last time.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from heapq import merge
from itertools import accumulate
from typing import Final

from bot.corpus import Corpus, Heading
from bot.corpus.articles import HeadingChanges
from bot.language.tokens import words
from bot.model import SHARED, parse_ref

_MANY: Final = 500
"""So many changes are sorted in with all the others in a thread; fewer one by one, 10 microseconds each."""
_TYPED_CHARS: Final = 100

Key = tuple[int, int]
"""Ascending, the newest comes first."""


class Shelf:
    """The headings of one library, newest first, and all their words as one text that is searched as fast as `str` can.

    A row of that text is a line feed, then, each after a space, the folded words of title, outlet and id, then a tab.
    """

    def __init__(self) -> None:
        self.state = (0, 0)
        self._keys: list[Key] = []
        self.headings: list[Heading] = []
        self._rows: list[str] = []
        self._by_id: dict[int, Key] = {}
        self.texts: Counter[str] = Counter()  # the fingerprints of what is here
        self._joined: str | None = ""
        self._ends: list[int] = []

    def take(self, changes: HeadingChanges) -> None:
        """Bring the shelf up to date."""
        for article_id in changes.changed:
            self._drop(article_id)
        if len(changes.headings) > _MANY:
            self._put_many(changes.headings)
        else:
            for heading in changes.headings:
                self._put(heading)
        self.state = changes.state
        self._joined = None
        self._join()

    def rows(self, needles: Sequence[str]) -> Iterator[int]:
        """The places of the headings whose row holds all of ``needles``, newest first."""
        joined = self._join()
        first = max(needles, key=len)  # the longest is the rarest, as a rule
        others = [needle for needle in needles if needle != first]
        at = joined.find(first)
        while at >= 0:
            place = bisect_right(self._ends, at)
            start, end = self._ends[place - 1] if place else 0, self._ends[place]
            if all(joined.find(needle, start, end) >= 0 for needle in others):
                yield place
            at = joined.find(first, end)

    def key(self, place: int) -> Key:
        return self._keys[place]

    def shown(self) -> frozenset[str]:
        """The fingerprints of the texts that are here."""
        return frozenset(heading.fingerprint for heading in self.headings)

    def items(self) -> Iterator[tuple[Key, Heading]]:
        return zip(self._keys, self.headings, strict=True)

    def _drop(self, article_id: int) -> None:
        key = self._by_id.pop(article_id, None)
        if key is not None:
            place = bisect_left(self._keys, key)
            self.texts[self.headings[place].fingerprint] -= 1
            del self._keys[place], self.headings[place], self._rows[place]

    def _put(self, heading: Heading) -> None:
        key = _key(heading)
        place = bisect_left(self._keys, key)
        self._keys.insert(place, key)
        self.headings.insert(place, heading)
        self._rows.insert(place, _row(heading))
        self._note(heading, key)

    def _put_many(self, headings: Sequence[Heading]) -> None:
        new = [(_key(heading), heading, _row(heading)) for heading in headings]
        every = sorted([*zip(self._keys, self.headings, self._rows, strict=True), *new], key=lambda one: one[0])
        self._keys, self.headings, self._rows = (list(column) for column in zip(*every, strict=True))
        for key, heading, _ in new:
            self._note(heading, key)

    def _note(self, heading: Heading, key: Key) -> None:
        self._by_id[heading.id] = key
        self.texts[heading.fingerprint] += 1

    def _join(self) -> str:
        if self._joined is None:
            self._joined = "".join(self._rows)
            self._ends = list(accumulate(map(len, self._rows)))
        return self._joined


class Headings:
    """Shared by all libraries. Methods raise `CorpusError`."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._shelves: dict[int, Shelf] = {}
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._merged: dict[int, tuple[tuple[tuple[int, int], ...], list[Heading]]] = {}
        self._asked_for: set[int] = set()

    async def all(self, library: int) -> list[Heading]:
        """Everything ``library`` can see, newest first."""
        shelves = await self._current(library)
        state = tuple(shelf.state for shelf in shelves)
        merged = self._merged.get(library)
        if merged is None or merged[0] != state:
            columns = [list(shelf.items()) for shelf in shelves]  # as of now: a shelf changes where it stands
            merged = self._merged[library] = (state, await asyncio.to_thread(_merge, columns, shelves[0].shown()))
        return merged[1]

    async def find(self, library: int, typed: str, limit: int, *, own: bool = False) -> list[Heading]:
        """The first headings whose title, outlet or id hold all words of ``typed``, also in the middle of a word.

        First the article that is called so by its id, then those whose title begins so, then those of which each word
        typed begins a word, then the others; the newest first among each. ``own``: without the shared library's.
        """
        shelves = await self._current(library)
        return _find(shelves[:1] if own else shelves, typed, limit, library)

    def tidy(self) -> None:
        """Forget what nobody has asked for since the last time."""
        self._shelves = {library: shelf for library, shelf in self._shelves.items() if library in self._asked_for}
        self._merged = {library: merged for library, merged in self._merged.items() if library in self._asked_for}
        self._asked_for.clear()

    async def _current(self, library: int) -> list[Shelf]:
        """The shelf of a library and, for a server, the shared one behind it, as of now."""
        wanted = list(dict.fromkeys((library, SHARED)))
        self._asked_for.update(wanted)
        states = await self._corpus.changes.revisions(wanted)
        return [await self._follow(one, states.get(one, (0, 0))) for one in wanted]

    async def _follow(self, library: int, state: tuple[int, int]) -> Shelf:
        shelf = self._shelves.get(library)
        if shelf is not None and shelf.state == state:
            return shelf
        async with self._turns[library]:
            shelf = self._shelves.get(library)
            if shelf is not None and shelf.state == state:
                return shelf
            if shelf is not None and shelf.state[0] > state[0]:  # somebody else was faster
                state = (await self._corpus.changes.revisions([library])).get(library, (0, 0))
                if shelf.state == state:
                    return shelf
            # Of another history (a backup was put back, say) nothing can be kept.
            if shelf is None or shelf.state[0] >= state[0]:
                shelf = Shelf()
            changes = await self._corpus.articles.heading_changes(library, shelf.state[0])
            if len(changes.headings) > _MANY:
                shelf = await asyncio.to_thread(_renewed, shelf, changes)
            else:
                shelf.take(changes)
            self._shelves[library] = shelf
            return shelf


def _renewed(shelf: Shelf, changes: HeadingChanges) -> Shelf:
    """What a shelf becomes, beside it: others search the one there is meanwhile."""
    new = Shelf()
    new.take(HeadingChanges(shelf.state, (), shelf.headings))
    new.take(changes)
    return new


def _find(shelves: Sequence[Shelf], typed: str, limit: int, library: int) -> list[Heading]:
    found: dict[int, Heading] = {}
    for rows in _ways(shelves, typed[:_TYPED_CHARS], parse_ref(typed, library)):
        for heading in rows:
            found.setdefault(heading.id, heading)
            if len(found) >= limit:
                return list(found.values())
    return list(found.values())


def _ways(shelves: Sequence[Shelf], typed: str, place: tuple[int, int] | None) -> Iterator[Iterator[Heading]]:
    """The headings that hold what is typed, as the best, the next best and the least way to hold it.

    ``place`` is the article whose id it may be.
    """
    words_typed = _folded(typed)
    if not words_typed:
        yield _newest_first(shelves, [range(len(shelf.headings)) for shelf in shelves])
        return
    if place is not None:
        ref = [f" {_ref(*place)}\t"]
        yield (heading for heading in _holding(shelves, ref) if (heading.library, heading.number) == place)
    yield _holding(shelves, [f"\n {' '.join(words_typed)}"])
    yield _holding(shelves, [f" {word}" for word in words_typed])
    yield _holding(shelves, words_typed)


def _holding(shelves: Sequence[Shelf], needles: Sequence[str]) -> Iterator[Heading]:
    return _newest_first(shelves, [shelf.rows(needles) for shelf in shelves])


def _newest_first(shelves: Sequence[Shelf], places: Sequence[Iterable[int]]) -> Iterator[Heading]:
    """The headings at ``places`` of each shelf, which ascend; a shared text that is here as one's own is left out."""
    own = shelves[0]
    keyed = (_keyed(shelf, its) for shelf, its in zip(shelves, places, strict=True))
    for _, heading in merge(*keyed, key=lambda item: item[0]):
        if heading.library == SHARED and len(shelves) > 1 and own.texts[heading.fingerprint]:
            continue
        yield heading


def _keyed(shelf: Shelf, places: Iterable[int]) -> Iterator[tuple[Key, Heading]]:
    return ((shelf.key(place), shelf.headings[place]) for place in places)


def _merge(columns: Sequence[Sequence[tuple[Key, Heading]]], own: frozenset[str]) -> list[Heading]:
    """As `_newest_first`, of everything; ``own`` are the texts of the first column."""
    shared = [item for column in columns[1:] for item in column if item[1].fingerprint not in own]
    return [heading for _, heading in sorted([*columns[0], *shared], key=lambda item: item[0])]


def _key(heading: Heading) -> Key:
    filed = date.fromisoformat(heading.filed)
    return -filed.toordinal(), -heading.id


def _row(heading: Heading) -> str:
    spoken = " ".join(_folded(f"{heading.title} {heading.outlet or ''}"))
    return f"\n {spoken} {_ref(heading.library, heading.number)}\t"


def _ref(library: int, number: int) -> str:
    return f"s{number}" if library == SHARED else str(number)


def _folded(text: str) -> list[str]:
    """The words of a text as they are compared; those that are marks or emoji alone as they are."""
    return [token.term for token in words(text)] or text.casefold().split()
