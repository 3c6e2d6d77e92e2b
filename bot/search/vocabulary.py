"""The terms of one library: term -> id, and variant key -> names, in little memory.

A Python dictionary takes some 190 bytes a term. Here the terms are one sorted run of UTF-8 with the place where each
begins (10 to 20 bytes a term) and are found by bisection; those that came since are in a small dictionary.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from operator import attrgetter, le

import numpy as np

from bot.tallies import Entry, Ints

_MOST_LATE = 5_000  # terms; folding in a hundred thousand takes some 50 ms, so not for every new article
_MOST_MET = 10_000  # terms, of some 100 bytes; texts repeat their words, and bisection takes thirty times as long

_UNKNOWN = -1


@dataclass(frozen=True, slots=True, eq=False)
class Sorted(Sequence[bytes]):
    """Strings in the order of their UTF-8 bytes, each with a number."""

    text: bytes
    starts: Ints  # one more than there are strings
    numbers: Ints

    @classmethod
    def of(cls, strings: Sequence[str], numbers: Sequence[int]) -> Sorted:
        """``strings`` with the number beside each, in any order; quick where they are sorted already."""
        if not all(map(le, strings, islice(strings, 1, None))):  # code points order strings as their UTF-8 does
            order = sorted(range(len(strings)), key=strings.__getitem__)
            strings, numbers = [strings[place] for place in order], [numbers[place] for place in order]
        text = _bytes("".join(strings))
        one_byte_a_character = len(text) == sum(map(len, strings))
        lengths = map(len, strings) if one_byte_a_character else (len(_bytes(string)) for string in strings)
        starts = np.zeros(len(strings) + 1, np.int64)
        np.cumsum(np.fromiter(lengths, np.int64, len(strings)), out=starts[1:])
        return cls(text, starts.astype(np.uint32) if len(text) < 1 << 32 else starts, np.array(numbers, np.int32))

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, position: int) -> bytes:  # type: ignore[override] # slices are not needed
        return self.text[self.starts[position] : self.starts[position + 1]]

    def __iter__(self) -> Iterator[bytes]:
        return (self.text[start:end] for start, end in pairwise(self.starts.tolist()))

    def strings(self) -> list[str]:
        """All of them, in their order."""
        return [string.decode(errors="surrogatepass") for string in self]

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


@dataclass(frozen=True, slots=True, eq=False)
class _Hashed:
    """Where the strings of a run are, by their hashes: to find many of them, in a fifth of the time."""

    run: Sorted
    hashes: Ints  # ascending
    positions: Ints

    @classmethod
    def of(cls, run: Sorted) -> _Hashed:
        """All strings of a run: 0.15 s for half a million, and 12 bytes each."""
        hashes = _hashes(run, len(run))
        order = np.argsort(hashes)
        return cls(run, hashes[order], order.astype(np.int32))

    def find(self, strings: Sequence[bytes]) -> Ints:
        """The number of each of ``strings``, or -1."""
        found = np.full(len(strings), -1, np.int32)
        wanted = _hashes(strings, len(strings))
        at = self.hashes.searchsorted(wanted)
        at[at == len(self.hashes)] = 0
        for place in np.flatnonzero(self.hashes[at] == wanted).tolist() if len(self.hashes) else ():
            string, position = strings[place], int(self.positions[at[place]])
            number = int(self.run.numbers[position]) if self.run[position] == string else self.run.find(string)
            found[place] = -1 if number is None else number
        return found


class Vocabulary:
    """Ids are dense from 0 and never change. Terms are only ever added, by one task, while any thread may look up.

    So a reader may meet terms that are newer than the postings it looks them up for: ids those do not know yet.
    """

    def __init__(self, terms: Sorted | None = None, names: Sorted | None = None) -> None:
        self.terms = Sorted.of((), ()) if terms is None else terms
        self.names = Sorted.of((), ()) if names is None else names  # each as "key\0term"
        self._late: dict[str, int] = {}
        self._late_names: dict[str, list[str]] = {}
        self._met: dict[str, int] = {}  # what bisection found, or that it found nothing
        self._hashed: _Hashed | None = None

    @property
    def ever(self) -> int:
        """One more than the highest id given."""
        late, terms = self._late.copy(), self.terms  # in this order: see `settle`
        return 1 + max(int(terms.numbers.max(initial=-1)), max(late.values(), default=-1))

    def __len__(self) -> int:
        return len(self.terms) + len(self._late)

    def add(self, entries: Iterable[Entry]) -> None:
        """Add terms, or mark terms that are there as names."""
        # In the order of their ids: whoever looks up meanwhile, and knows how many there were, misses none.
        for term, number, name_key in sorted(entries, key=attrgetter("id")):
            if self.id_of(term) is None:
                self._late[term] = number
            if name_key is not None:
                self._late_names.setdefault(name_key, []).append(term)
        if len(self._late) + len(self._late_names) > max(_MOST_LATE, len(self.terms) // 10):
            self.settle()

    def fill(self, packed: Iterable[str]) -> None:
        """`add` for a vocabulary that is empty: many entries, packed (`bot.tallies.pack_entries`)."""
        fields = [field for piece in packed if piece for line in piece.split("\n") for field in line.split("\t")]
        terms, numbers, keys = fields[0::3], fields[1::3], fields[2::3]
        self.terms = Sorted.of(terms, list(map(int, numbers)))
        self._met = {}
        named = [f"{key}\0{term}" for key, term in zip(keys, terms, strict=True) if key]
        self.names = Sorted.of(named, [0] * len(named))

    def settle(self) -> None:
        """Fold what came late into the sorted runs; what is looked up meanwhile is found in one or the other."""
        terms, names = self.terms, self.names
        self.terms = Sorted.of([*terms.strings(), *self._late], [*terms.numbers.tolist(), *self._late.values()])
        named = [f"{key}\0{term}" for key, its in self._late_names.items() for term in its]
        self.names = Sorted.of([*names.strings(), *named], [0] * (len(names) + len(named)))
        self._met = {}  # before the others: whoever finds a term no longer there must not find that it is unknown
        self._late, self._late_names = {}, {}

    def id_of(self, term: str) -> int | None:
        """The id of a term; None where it is not in the vocabulary."""
        late = self._late.get(term)  # before the sorted run: see `settle`
        if late is not None:
            return late
        met = self._met  # the same to the end: what is learnt of a run must not be noted of the next
        number = met.get(term)
        if number is None:
            found = self.terms.find(_bytes(term))
            number = _UNKNOWN if found is None else found
            if len(met) >= _MOST_MET:
                met.clear()
            met[term] = number
        return None if number == _UNKNOWN else number

    def ids_of(self, terms: Sequence[str]) -> Ints:
        """The ids of many terms, -1 for what is not in the vocabulary."""
        late, run = self._late, self.terms  # in this order: see `settle`
        hashed = self._hashed
        if hashed is None or hashed.run is not run:
            hashed = self._hashed = _Hashed.of(run)
        found = hashed.find([_bytes(term) for term in terms])
        if late:
            for place, term in enumerate(terms):
                found[place] = late.get(term, found[place])
        return found

    def items(self, since: int = 0) -> Iterator[tuple[str, int]]:
        """Every term with its id, from the id ``since`` on, in no order that means anything."""
        late = [(term, number) for term, number in self._late.copy().items() if number >= since]
        terms = self.terms  # one run, should it be exchanged meanwhile
        for position in np.flatnonzero(terms.numbers >= since).tolist():
            yield terms[position].decode(errors="surrogatepass"), int(terms.numbers[position])
        yield from late

    def named(self, numbers: Collection[int]) -> Iterator[tuple[int, str]]:
        """The terms of these ids, each with its id."""
        late = [(number, term) for term, number in self._late.copy().items() if number in numbers]
        terms = self.terms  # one run, should it be exchanged meanwhile
        for position in np.flatnonzero(np.isin(terms.numbers, list(numbers))).tolist():
            yield int(terms.numbers[position]), terms[position].decode(errors="surrogatepass")
        yield from late

    def namesakes(self, name_key: str) -> list[str]:
        """The names with this variant key."""
        late = list(self._late_names.get(name_key, ()))
        settled = self.names.starting_with(_bytes(f"{name_key}\0"))
        return late + [term.decode(errors="surrogatepass") for term in settled]


def _hashes(strings: Iterable[bytes], number: int) -> Ints:
    return np.fromiter(map(hash, strings), np.int64, number)


def _bytes(term: str) -> bytes:
    return term.encode(errors="surrogatepass")  # a query may hold half a character, and so name no term
