"""One numbering of terms over several vocabularies: what statistics over a server's own and the shared library need."""

from __future__ import annotations

import threading
from functools import cached_property

import numpy as np

from bot.search.vocabulary import Vocabulary
from bot.tallies import Ints


class Link:
    """The ids of one vocabulary as those of another: what statistics over both need. It grows as they do."""

    def __init__(self, first: Vocabulary, second: Vocabulary) -> None:
        self.joins = self._first, self._second = first, second
        self._ids = np.zeros(0, np.int32)
        self._seen = 0, 0
        self._turn = threading.Lock()

    def ids(self) -> Ints:
        """By id of the second vocabulary, the id in the first, or -1. Any thread may ask."""
        with self._turn:
            return self._extended()

    def _extended(self) -> Ints:
        seen_first, seen_second = self._seen
        of_first = dict(self._first.items(seen_first))
        ids = np.full(self._second.ever, -1, np.int32)
        ids[:seen_second] = self._ids
        numbers = np.fromiter(of_first.values(), np.int32, len(of_first))
        found = self._second.ids_of(list(of_first))
        linked = (found >= 0) & (found < len(ids))  # what the second learns from here on is linked the next time
        ids[found[linked]] = numbers[linked]
        if seen_first:
            for term, number in self._second.items(seen_second):
                if number < len(ids) and (id_ := self._first.id_of(term)) is not None:
                    ids[number] = id_
        self._ids, self._seen = ids, (seen_first + len(of_first), len(ids))
        return ids


class Joint:
    """One numbering of the terms of all parts: ``ids`` by part and id there; ``frequencies`` in living documents."""

    def __init__(self, ids: list[Ints], frequencies: Ints) -> None:
        self.ids, self.frequencies = ids, frequencies

    @cached_property
    def known(self) -> list[Ints]:
        """By part and joint id, the id in the part, or -1."""
        found = []
        for ids in self.ids:
            known = np.full(len(self.frequencies), -1)
            known[ids] = np.arange(len(ids))
            found.append(known)
        return found
