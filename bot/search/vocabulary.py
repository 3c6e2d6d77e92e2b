"""The terms of one library: term -> id, and variant key -> names, in little memory.

A Python dictionary takes some 190 bytes a term. Here the terms are one sorted run of UTF-8 with the place where each
begins (10 to 20 bytes a term) and are found by bisection; those that came since are in a small dictionary.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bot.tallies import Entry, Ints

_MOST_LATE = 5_000  # terms; folding in a hundred thousand takes some 50 ms, so not for every new article


@dataclass(frozen=True, slots=True, eq=False)
class Sorted(Sequence[bytes]):
    """Strings in the order of their UTF-8 bytes, each with a number."""

    text: bytes
    starts: Ints  # one more than there are strings
    numbers: Ints

    @classmethod
    def of(cls, numbered: Iterable[tuple[bytes, int]]) -> Sorted:
        ordered = sorted(numbered)
        starts = np.zeros(len(ordered) + 1, np.int64)
        np.cumsum([len(string) for string, _ in ordered], out=starts[1:])
        text = b"".join(string for string, _ in ordered)
        numbers = np.fromiter((number for _, number in ordered), np.int32, len(ordered))
        return cls(text, starts.astype(np.uint32) if len(text) < 1 << 32 else starts, numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, position: int) -> bytes:  # type: ignore[override] # slices are not needed
        return self.text[self.starts[position] : self.starts[position + 1]]

    def __iter__(self) -> Iterator[bytes]:
        return (self.text[start:end] for start, end in pairwise(self.starts.tolist()))

    def items(self) -> Iterator[tuple[bytes, int]]:
        return zip(self, self.numbers.tolist(), strict=True)

    def find(self, string: bytes) -> int | None:
        """The number of ``string``."""
        position = bisect_left(self, string)
        return int(self.numbers[position]) if position < len(self) and self[position] == string else None

    def starting_with(self, prefix: bytes) -> Iterator[bytes]:
        """What follows ``prefix`` in the strings that begin with it."""
        for position in range(bisect_left(self, prefix), len(self)):
            string = self[position]
            if not string.startswith(prefix):
                return
            yield string[len(prefix) :]


class Vocabulary:
    """Ids are dense from 0 and never change. Terms are only ever added, by one task, while any thread may look up.

    So a reader may meet terms that are newer than the postings it looks them up for: ids those do not know yet.
    """

    def __init__(self, terms: Sorted | None = None, names: Sorted | None = None) -> None:
        self.terms = terms or Sorted.of(())
        self.names = names or Sorted.of(())  # each as "key\0term"
        self._late: dict[str, int] = {}
        self._late_names: dict[str, list[str]] = {}

    def __len__(self) -> int:
        return len(self.terms) + len(self._late)

    def add(self, entries: Iterable[Entry]) -> None:
        """Add terms, or mark terms that are there as names: what has an id that was given before is there."""
        known = len(self)
        for term, number, name_key in entries:
            if number >= known:
                self._late[term] = number
            if name_key is not None:
                self._late_names.setdefault(name_key, []).append(term)
        if len(self._late) + len(self._late_names) > max(_MOST_LATE, len(self.terms) // 10):
            self.settle()

    def settle(self) -> None:
        """Fold what came late into the sorted runs; what is looked up meanwhile is found in one or the other."""
        late = ((_bytes(term), number) for term, number in self._late.items())
        self.terms = Sorted.of([*self.terms.items(), *late])
        named = ((_bytes(f"{key}\0{term}"), 0) for key, terms in self._late_names.items() for term in terms)
        self.names = Sorted.of([*self.names.items(), *named])
        self._late, self._late_names = {}, {}

    def id_of(self, term: str) -> int | None:
        late = self._late.get(term)  # before the sorted run: see `settle`
        return late if late is not None else self.terms.find(_bytes(term))

    def items(self, since: int = 0) -> Iterator[tuple[str, int]]:
        """Every term with its id, from the id ``since`` on, in no order that means anything."""
        late = [(term, number) for term, number in self._late.items() if number >= since]
        terms = self.terms  # one run, should it be exchanged meanwhile
        for position in np.flatnonzero(terms.numbers >= since).tolist():
            yield terms[position].decode(errors="surrogatepass"), int(terms.numbers[position])
        yield from late

    def namesakes(self, name_key: str) -> list[str]:
        """The names with this variant key."""
        late = list(self._late_names.get(name_key, ()))
        settled = self.names.starting_with(_bytes(f"{name_key}\0"))
        return late + [term.decode(errors="surrogatepass") for term in settled]


def _bytes(term: str) -> bytes:
    return term.encode(errors="surrogatepass")  # a query may hold half a character, and so name no term
