"""Headings in memory: every article a server sees without its text, for lists and for what is offered as people type.

    corpus -> `Shelf` of a library, kept up with its changes -> `Headings`, over a server's own and the shared one

Nothing is read anew when an article comes in or goes: only what changed since the last time.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from heapq import merge
from typing import Final

from bot.corpus import Corpus, Heading
from bot.corpus.articles import HeadingChanges
from bot.desks.keeping import drop_unused
from bot.desks.second import Second, answered_by_second
from bot.language.tokens import words
from bot.model import SHARED, Article, parse_ref
from bot.tallies import Changes, Filed, is_another_history

MANY: Final = 500
"""So many changes are sorted in with all the others in a thread; fewer one by one, 10 microseconds each."""
_TYPED_CHARS: Final = 100

Key = tuple[int, int]
"""The day and the row id, both below zero: ascending, the newest comes first."""
Item = tuple[Key, Heading]


class Shelf:
    """The headings of one library, newest first, and all their words as one text that is searched as fast as `str` can.

    A row of that text is a line feed, then, each after a space, the folded words of title, outlet and id, then a tab
    and the row id of the article.
    """

    def __init__(self) -> None:
        self.state = (0, 0)
        self._keys: list[Key] = []
        self._rows: list[str] = []
        self._items: dict[int, Item] = {}
        self._joined: str | None = None  # the rows; None where they have changed since
        self.texts: Counter[str] = Counter()  # the fingerprints of what is here

    def take(self, changes: HeadingChanges) -> None:
        """Bring the shelf up to date."""
        for article_id in changes.changed:
            self._drop(article_id)
        if len(changes.headings) > MANY:
            self._put_many(changes.headings)
        else:
            for heading in changes.headings:
                self._put(heading)
        self.state = changes.state
        self._joined = None

    def items(self) -> Iterator[Item]:
        """Every heading with its key, newest first."""
        return (self._items[-newness] for _, newness in self._keys)

    def holding(self, needles: Sequence[str]) -> Iterator[Item]:
        """The headings whose row holds all of ``needles``, newest first."""
        if self._joined is None:
            self._joined = "".join(self._rows)
        joined = self._joined
        first = max(needles, key=len)  # the longest is the rarest, as a rule
        others = [needle for needle in needles if needle != first]
        at = joined.find(first)
        while at >= 0:
            start, end = joined.rfind("\n", 0, at + 1), joined.find("\n", at + 1)
            end = len(joined) if end < 0 else end
            tab = joined.find("\t", start, end)
            if at <= tab and all(joined.find(needle, start, tab + 1) >= 0 for needle in others):
                yield self._items[int(joined[tab + 1 : end])]
            at = joined.find(first, end)

    def _drop(self, article_id: int) -> None:
        item = self._items.pop(article_id, None)
        if item is not None:
            self.texts[item[1].fingerprint] -= 1
            place = bisect_left(self._keys, item[0])
            del self._keys[place], self._rows[place]

    def _put(self, heading: Heading) -> None:
        key = self._note(heading)
        place = bisect_left(self._keys, key)
        self._keys.insert(place, key)
        self._rows.insert(place, _row(heading))

    def _put_many(self, headings: Sequence[Heading]) -> None:
        new = [(self._note(heading), _row(heading)) for heading in headings]
        every = sorted([*zip(self._keys, self._rows, strict=True), *new])
        self._keys, self._rows = [key for key, _ in every], [row for _, row in every]

    def _note(self, heading: Heading) -> Key:
        key = _key(heading)
        self._items[heading.id] = (key, heading)
        self.texts[heading.fingerprint] += 1
        return key


class Headings:
    """Shared by all libraries. Methods raise `CorpusError`."""

    def __init__(self, corpus: Corpus, second: Second) -> None:
        self._corpus = corpus
        self._second = second
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
            merged = self._merged[library] = (state, await asyncio.to_thread(_merge, columns))
        return merged[1]

    @answered_by_second
    async def find(self, library: int, typed: str, limit: int, own: bool = False) -> list[Heading]:
        """The first headings whose title, outlet or id hold all words of ``typed``, also in the middle of a word.

        First the article that is called so by its id, then those whose title begins so, then those of which each word
        typed begins a word, then the others; the newest first among each. ``own``: without the shared library's.
        """
        shelves = await self._current(library)
        return _find(shelves[:1] if own else shelves, typed, limit, library)

    def take(self, library: int, changes: Changes, articles: Iterable[Article]) -> None:
        """Bring a shelf in memory up to date with ``articles`` that this process has added: they need not be read.

        Where somebody else has changed the library, or is reading it, whoever asks next brings it up to date.
        """
        shelf = self._shelves.get(library)
        if shelf is None or shelf.state[0] != changes.revision - 1 or self._turns[library].locked():
            return
        filed = {one.article_id: one for one in changes.filed}
        headings = [heading_of(article, filed[article.id]) for article in articles if article.id in filed]
        shelf.take(HeadingChanges((changes.revision, changes.stamp), (), headings))

    def tidy(self) -> None:
        """Forget what nobody has asked for since the last time."""
        self._shelves = {library: shelf for library, shelf in self._shelves.items() if library in self._asked_for}
        self._merged = {library: merged for library, merged in self._merged.items() if library in self._asked_for}
        drop_unused(self._turns, self._asked_for)
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
            if shelf is None or is_another_history(shelf.state[0], state[0]):
                shelf = Shelf()
            changes = await self._corpus.articles.heading_changes(library, shelf.state[0])
            if len(changes.headings) > MANY:
                shelf = await asyncio.to_thread(_renewed, shelf, changes)
            else:
                shelf.take(changes)
            self._shelves[library] = shelf
            return shelf


def _renewed(shelf: Shelf, changes: HeadingChanges) -> Shelf:
    """What a shelf becomes, beside it: others search the one there is meanwhile."""
    new = Shelf()
    new.take(HeadingChanges(shelf.state, (), [heading for _, heading in shelf.items()]))
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
        yield _newest_first(shelves, [shelf.items() for shelf in shelves])
        return
    if place is not None:
        ref = [f" {_ref(*place)}\t"]
        yield (heading for heading in _holding(shelves, ref) if (heading.library, heading.number) == place)
    yield _holding(shelves, [f"\n {' '.join(words_typed)}"])
    yield _holding(shelves, [f" {word}" for word in words_typed])
    yield _holding(shelves, words_typed)


def _holding(shelves: Sequence[Shelf], needles: Sequence[str]) -> Iterator[Heading]:
    return _newest_first(shelves, [shelf.holding(needles) for shelf in shelves])


def _newest_first(shelves: Sequence[Shelf], found: Sequence[Iterable[Item]]) -> Iterator[Heading]:
    """What was found on each shelf, in its order; a shared text that is here as one's own is left out."""
    own = shelves[0]
    for _, heading in merge(*found, key=lambda item: item[0]):
        if heading.library == SHARED and len(shelves) > 1 and own.texts[heading.fingerprint]:
            continue
        yield heading


def _merge(columns: Sequence[Sequence[Item]]) -> list[Heading]:
    """The same of everything on the shelves."""
    own = {heading.fingerprint for _, heading in columns[0]}
    shared = [item for column in columns[1:] for item in column if item[1].fingerprint not in own]
    return [heading for _, heading in sorted([*columns[0], *shared], key=lambda item: item[0])]


def heading_of(article: Article, filed: Filed) -> Heading:
    """The heading of an article that was just added."""
    about = (article.library, article.number, article.title, article.outlet, article.published, article.added_at)
    return Heading(*about, article.id, filed.filed.isoformat(), filed.fingerprint)


def _key(heading: Heading) -> Key:
    filed = date.fromisoformat(heading.filed)
    return -filed.toordinal(), -heading.id


def _row(heading: Heading) -> str:
    spoken = " ".join(_folded(f"{heading.title} {heading.outlet or ''}"))
    return f"\n {spoken} {_ref(heading.library, heading.number)}\t{heading.id}"


def _ref(library: int, number: int) -> str:
    return f"s{number}" if library == SHARED else str(number)


def _folded(text: str) -> list[str]:
    """The words of a text as they are compared; those that are marks or emoji alone as they are."""
    return [token.term for token in words(text)] or text.casefold().split()
